/**
 * Process groups and sessions with members in several machines (setpgid(2), setsid(2), credentials(7)). A machine that has members of
 * a group of another's block holds the group's id at the namespace, which tells the others: so each machine knows which of its groups
 * go beyond it, and asks about no other.
 */
import type { Block } from "../wait/queue.ts";
import type { Kernel } from "./kernel.ts";
import type { GroupRecord, SharedIds } from "./namespace-port.ts";
import type { Remote } from "./remote.ts";
import { RemoteCall } from "./remote-call.ts";
import { keepsFromOrphanage } from "./signal/stop.ts";
import type { Thread } from "./task.ts";

export class RemoteGroups {
  readonly #kernel: Kernel;
  readonly #remote: Remote;
  #version = -1;
  /** Ids that other machines use too, and whether these have members that keep the group from being orphaned. */
  #shared = new Map<number, boolean>();
  /** Those groups that are kept so by members here, as the namespace knows it. */
  readonly #anchored = new Set<number>();

  constructor(kernel: Kernel, remote: Remote) {
    this.#kernel = kernel;
    this.#remote = remote;
  }

  /** What other machines have of this one's groups and sessions. */
  receive({ version, ids }: SharedIds, fresh = false): void {
    if (!fresh && version <= this.#version) return;
    this.#version = version;
    this.#shared = new Map(ids.map(({ id, anchored }) => [id, anchored]));
    for (const id of this.#remote.pids.setLent(this.#shared.keys())) this.#kernel.releasePid(id);
    this.update();
  }

  /** A member in another machine keeps the group from being orphaned. */
  anchoredElsewhere(pgid: number): boolean {
    return this.#shared.get(pgid) ?? false;
  }

  /** Members of groups have come or gone, or have another parent: tells the namespace what has changed of those that are shared. */
  update(): void {
    for (const id of this.#anchored) if (!this.#shared.has(id)) this.#anchored.delete(id);
    for (const id of this.#shared.keys()) {
      const anchored = keepsFromOrphanage(this.#kernel, id);
      if (anchored === this.#anchored.has(id)) continue;
      if (anchored) this.#anchored.add(id);
      else this.#anchored.delete(id);
      this.#remote.tell({ op: "anchor", id, anchored });
    }
  }

  /** What is here of a group. */
  record(pgid: number): GroupRecord {
    let sid = 0;
    let stopped = false;
    for (const p of this.#kernel.processes.values()) {
      if (p.pgid !== pgid) continue;
      sid = p.sid;
      stopped ||= p.stopSignal !== 0;
    }
    return { sid, stopped };
  }
}

/** Asks to join a group that has no member here: 0, EPERM unless it is in session `sid`, or a wait. */
export function joinElsewhere(t: Thread, pgid: number, sid: number): number | Block {
  const call = t.saved;
  if (call instanceof RemoteCall) return call.answer === undefined ? call.wait : (call.answer as number);
  const { kernel } = t;
  return kernel.remote!.hold(pgid, sid, ({ queue }) => {
    // The caller was killed in the meantime.
    if (queue.empty) kernel.releasePid(pgid);
  }).wait;
}

/** Whether a group has members in other machines; or a wait. */
export function hasMembersElsewhere(t: Thread, pgid: number): boolean | Block {
  const call = t.saved;
  if (!(call instanceof RemoteCall)) return t.kernel.remote!.call({ op: "group", id: pgid }).wait;
  return call.answer === undefined ? call.wait : (call.answer as GroupRecord).sid !== 0;
}
