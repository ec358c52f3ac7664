/**
 * Mount propagation (mount_namespaces(7), fs/pnode.c): what is mounted or unmounted in a shared mount is in its peers too, and
 * in their slaves.
 */
import type { Location, Mount } from "./mount.ts";

/** Mounts that share what happens in them. */
export class PeerGroup {
  /** As mountinfo shows it: "shared:1". */
  readonly id: number;
  readonly members = new Set<Mount>();
  /** Mounts that receive from the group and do not send. */
  readonly slaves = new Set<Mount>();

  constructor(id: number) {
    this.id = id;
  }

  add(mount: Mount): void {
    this.members.add(mount);
    mount.peers = this;
  }
}

export type Propagation = "shared" | "slave" | "private" | "unbindable";

/** Changes what `mount` is (mount(2), MS_SHARED …). `group` makes a new group. */
export function setPropagation(mount: Mount, type: Propagation, group: () => PeerGroup): void {
  if (type === "shared") {
    if (mount.peers === null) group().add(mount);
    mount.unbindable = false;
    return;
  }
  leavePeers(mount);
  if (type === "slave") return;
  enslave(mount, null);
  mount.unbindable = type === "unbindable";
}

/** `mount` receives from `master` and nobody else. */
export function enslave(mount: Mount, master: PeerGroup | null): void {
  mount.master?.slaves.delete(mount);
  mount.master = master;
  master?.slaves.add(mount);
}

/** A mount that leaves its peers is a slave of those that are left; the last one leaves its slaves to its own master. */
function leavePeers(mount: Mount): void {
  const group = mount.peers;
  if (group === null) return;
  mount.peers = null;
  group.members.delete(mount);
  if (group.members.size > 0) {
    enslave(mount, group);
    return;
  }
  for (const slave of [...group.slaves]) enslave(slave, mount.master);
}

/** The mount is gone. */
export function leaveAll(mount: Mount): void {
  leavePeers(mount);
  enslave(mount, null);
}

/** How a copy of a mount stands to the original. */
export type CopyRelation = "same" | "slave" | "shared-slave" | "private";

/** Gives `copy` its place beside `original`. */
export function relate(copy: Mount, original: Mount, relation: CopyRelation, group: () => PeerGroup): void {
  if (relation === "private") return;
  if (relation === "same") {
    original.peers?.add(copy);
    enslave(copy, original.master);
    return;
  }
  enslave(copy, original.peers ?? original.master);
  if (relation === "shared-slave") group().add(copy);
}

/** A mount that receives what happens in another, and the copy that it is given. */
export interface Received<T> {
  readonly mount: Mount;
  readonly value: T;
}

const NOTHING_RECEIVED: readonly never[] = [];

/**
 * Visits the attached mounts that `at.mount` propagates to and that show the place `at`. `make` is given the value of the mount that it
 * comes from, and what the copy for this one is to be.
 */
export function propagate<T>(
  at: Location,
  value: T,
  make: (from: T, relation: CopyRelation) => T,
): readonly Received<T>[] {
  if (at.mount.peers === null) return NOTHING_RECEIVED;
  const received: Received<T>[] = [];
  const done = new Set<Mount>([at.mount]);
  const spread = (group: PeerGroup | null, from: T): void => {
    if (group === null) return;
    for (const mount of group.members) {
      if (done.has(mount) || mount.namespace === null) continue;
      done.add(mount);
      if (mount.covers(at)) received.push({ mount, value: make(from, "same") });
    }
    for (const mount of group.slaves) {
      if (done.has(mount) || mount.namespace === null) continue;
      done.add(mount);
      if (!mount.covers(at)) continue;
      const copy = make(from, mount.peers === null ? "slave" : "shared-slave");
      received.push({ mount, value: copy });
      spread(mount.peers, copy);
    }
  };
  spread(at.mount.peers, value);
  return received;
}
