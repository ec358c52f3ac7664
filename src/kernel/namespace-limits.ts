/**
 * How many namespaces of a kind a user may have (namespaces(7), /proc/sys/user/max_*_namespaces; kernel/ucount.c). One counts against
 * who made it, in the user namespace that it belongs to, and then against who made that, up to the first one.
 *
 * Namespaces end when nobody has them any more, which nothing tells: they are counted when so many have been made that there may be too many.
 */
import { SocketFile } from "../net/file.ts";
import type { Kernel } from "./kernel.ts";
import { openFiles } from "./mount-use.ts";
import type { Namespace, NamespaceKind } from "./namespaces.ts";
import { NamespaceFile, namespaceOfInode } from "./nsfs.ts";
import { PidNamespace } from "./pids.ts";
import { DEAD } from "./task.ts";
import { INITIAL_USER_NAMESPACE, UserNamespace } from "./user-namespace.ts";

export type NamespaceMaxima = Record<NamespaceKind, number>;

const INT_MAX = 2 ** 31 - 1;

const maxima = (most: number): NamespaceMaxima => ({
  cgroup: most,
  ipc: most,
  mnt: most,
  net: most,
  pid: most,
  time: most,
  user: most,
  uts: most,
});

export class NamespaceLimits {
  readonly #kernel: Kernel;
  /** Those of the first user namespace. */
  readonly #first: NamespaceMaxima;
  readonly #inner = new WeakMap<UserNamespace, NamespaceMaxima>();
  /** Not less than there are, of each kind. */
  readonly #counted = maxima(0);

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    // As Linux has it for init_user_ns: half of kernel.threads-max.
    this.#first = maxima(Math.max(1, Math.floor(kernel.processLimit / 2)));
  }

  /** Those that are set in a user namespace, to be read and changed. */
  of(namespace: UserNamespace): NamespaceMaxima {
    if (namespace === INITIAL_USER_NAMESPACE) return this.#first;
    let own = this.#inner.get(namespace);
    if (own === undefined) this.#inner.set(namespace, (own = maxima(INT_MAX)));
    return own;
  }

  /** Whether `uid` of the user namespace may make one more of each of `kinds`, which are then as good as made. */
  take(kinds: readonly NamespaceKind[], owner: UserNamespace, uid: number): boolean {
    for (const kind of kinds) if (!this.#fits(kind, owner, uid)) return false;
    for (const kind of kinds) this.#counted[kind]++;
    return true;
  }

  #fits(kind: NamespaceKind, owner: UserNamespace, uid: number): boolean {
    let all: Namespace[] | null = null;
    for (const [namespace, user] of chain(owner, uid)) {
      const most = this.of(namespace)[kind];
      if (this.#counted[kind] < most) continue;
      if (all === null) {
        all = [...inUse(this.#kernel)].filter((each) => each.kind === kind && each.owner !== null);
        this.#counted[kind] = all.length;
      }
      if (all.filter((each) => isCharged(each, namespace, user)).length >= most) return false;
    }
    return true;
  }
}

/** Who a namespace counts against that `uid` makes. */
function* chain(owner: UserNamespace, uid: number): Iterable<readonly [UserNamespace, number]> {
  let user = uid;
  for (let at: UserNamespace | null = owner; at !== null; at = at.parent) {
    yield [at, user];
    user = at.ownerUid;
  }
}

function isCharged({ owner, ownerUid }: Namespace, namespace: UserNamespace, uid: number): boolean {
  for (const [at, user] of chain(owner as UserNamespace, ownerUid)) if (at === namespace) return user === uid;
  return false;
}

/** Namespaces that somebody has: threads, descriptors, mounts of their files, sockets, and those that are inside. */
function inUse(kernel: Kernel): Set<Namespace> {
  const found = new Set<Namespace>();
  const add = (namespace: Namespace | null): void => {
    for (let at = namespace; at !== null && !found.has(at); ) {
      found.add(at);
      add(at.owner as UserNamespace | null);
      at = at instanceof PidNamespace || at instanceof UserNamespace ? at.parent : null;
    }
  };
  for (const { pidNamespace } of kernel.processes.values()) add(pidNamespace);
  for (const t of kernel.threads.values()) {
    if (t.state === DEAD) continue;
    for (const namespace of Object.values(t.namespaces)) add(namespace);
    add(t.credentials.userNamespace);
  }
  for (const file of openFiles(kernel)) {
    if (file instanceof NamespaceFile) add(file.namespace);
    else if (file instanceof SocketFile) add(file.socket.network.owner as Namespace | null);
  }
  // A set is walked with what is added on the way.
  for (const namespace of found) {
    if (namespace.kind !== "mnt") continue;
    for (const mount of (namespace as Kernel["namespaces"]["mnt"]).root.tree()) add(namespaceOfInode(mount.root));
  }
  return found;
}
