/**
 * Namespaces (namespaces(7)): what a thread sees of the machine as a whole. A set of them is immutable; clone(2), unshare(2)
 * and setns(2) replace it.
 */
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUTS,
} from "../abi/clone.ts";
import type { MountNamespace } from "../fs/mount-namespace.ts";
import type { QueueFileSystem } from "../fs/mqueue.ts";
import type { IpcBackend } from "../ipc/backend.ts";
import { LocalIpc } from "../ipc/local.ts";
import { IpcMemory } from "../ipc/memory.ts";
import { SharedMemory } from "../ipc/shared-memory.ts";
import type { Network } from "../net/network.ts";
import { LocalPids, PidNamespace } from "./pids.ts";
import { TimeNamespace } from "./time-namespace.ts";
import { INITIAL_USER_NAMESPACE, type UserNamespace } from "./user-namespace.ts";

export type NamespaceKind = "cgroup" | "ipc" | "mnt" | "net" | "pid" | "time" | "user" | "uts";

/** What /proc/[pid]/ns/[kind] shows and setns(2) enters. */
export interface Namespace {
  readonly kind: NamespaceKind;
  /** Inode number of its file; a machine gives each out once. */
  readonly id: number;
  /** The user namespace whose capabilities count in it; null for the initial one. */
  owner: object | null;
  /** Effective user id of who made it, which it counts against (namespace-limits.ts). */
  readonly ownerUid: number;
}

/** The user namespace that a namespace belongs to. */
export const ownerOf = ({ owner }: Namespace): UserNamespace =>
  (owner as UserNamespace | null) ?? INITIAL_USER_NAMESPACE;

/** The number of a machine's first namespace (PROC_DYNAMIC_FIRST of Linux). */
const FIRST_ID = 0xf000_0000;

/** Gives out the ids of a machine's namespaces. */
export class NamespaceIds {
  #next = FIRST_ID;

  next(): number {
    return this.#next++;
  }
}

/** uts_namespaces(7): what sethostname(2) and setdomainname(2) change. */
export class UtsNamespace implements Namespace {
  readonly kind = "uts";
  readonly id: number;
  owner: object | null = null;
  ownerUid = 0;
  hostname: string;
  domainname: string;

  constructor(id: number, hostname: string, domainname: string) {
    this.id = id;
    this.hostname = hostname;
    this.domainname = domainname;
  }
}

/** ipc_namespaces(7): the identity that System V objects and POSIX message queues are kept under. */
export class IpcNamespace implements Namespace {
  readonly kind = "ipc";
  readonly id: number;
  owner: object | null = null;
  ownerUid = 0;
  /** What the objects of all namespaces of the machine take up. */
  readonly memory: IpcMemory;
  /** Semaphore sets and message queues; a machine that joins others shares those of its first namespace. */
  objects: IpcBackend;
  /** Shared memory. */
  readonly segments: SharedMemory;
  /** POSIX message queues; made when they are first asked for (mqueue.ts). */
  queues: QueueFileSystem | null = null;
  /** Descriptions of its file (nsfs.ts). */
  openFiles = 0;

  constructor(id: number, memory = new IpcMemory()) {
    this.id = id;
    this.memory = memory;
    this.objects = new LocalIpc(memory);
    this.segments = new SharedMemory(memory);
  }
}

/**
 * network_namespaces(7): the identity that sockets belong to. What is per namespace hangs here: interfaces and their
 * addresses, port tables, abstract names of AF_UNIX, and what /proc/[pid]/net shows. A socket keeps the namespace of the
 * thread that made it. A new namespace has a loopback interface that is down, and no way out of the machine.
 */
export class NetNamespace implements Namespace {
  readonly kind = "net";
  readonly id: number;
  owner: object | null = null;
  ownerUid = 0;
  /** The machine's first one, whose sockets reach the outside. */
  readonly initial: boolean;
  /** Made when it is first asked for (network.ts). */
  network: Network | null = null;

  constructor(id: number, initial: boolean) {
    this.id = id;
    this.initial = initial;
  }
}

/** cgroup_namespaces(7). There is one control group, the root, so that all of them show the same. */
export class CgroupNamespace implements Namespace {
  readonly kind = "cgroup";
  readonly id: number;
  owner: object | null = null;
  ownerUid = 0;

  constructor(id: number) {
    this.id = id;
  }
}

export interface Namespaces {
  readonly uts: UtsNamespace;
  readonly ipc: IpcNamespace;
  readonly net: NetNamespace;
  readonly cgroup: CgroupNamespace;
  /** Its copies are made by unshare.ts, since they change root and working directory too. */
  readonly mnt: MountNamespace;
  /** That of processes to come; a process stays in the one that it was made in. */
  readonly pid: PidNamespace;
  readonly time: TimeNamespace;
  /** That of processes to come, and of this one after execve(2). */
  readonly timeForChildren: TimeNamespace;
}

/** Those of a machine's first process; its mounts come with the file system. */
export function initialNamespaces(ids: NamespaceIds, pid: PidNamespace): Omit<Namespaces, "mnt"> {
  const time = new TimeNamespace(ids.next());
  time.frozen = true;
  return {
    uts: new UtsNamespace(ids.next(), "binlet", "(none)"),
    ipc: new IpcNamespace(ids.next()),
    net: new NetNamespace(ids.next(), true),
    cgroup: new CgroupNamespace(ids.next()),
    pid,
    time,
    timeForChildren: time,
  };
}

/** Those of a process that has memory of its own: it is in the time namespace that was made for it (timens_on_fork). */
export function enterTime(namespaces: Namespaces): Namespaces {
  const { timeForChildren } = namespaces;
  if (namespaces.time === timeForChildren) return namespaces;
  timeForChildren.frozen = true;
  return { ...namespaces, time: timeForChildren };
}

/**
 * Those of a new thread or after unshare(2): new ones as `flags` (CLONE_NEW*) say, which belong to `owner` and count
 * against the user. A new UTS namespace is a copy.
 */
export function renewed(
  old: Namespaces,
  flags: number,
  ids: NamespaceIds,
  owner: UserNamespace,
  ownerUid: number,
): Namespaces {
  const { uts } = old;
  const own = <T extends { owner: object | null; ownerUid: number }>(namespace: T): T => {
    namespace.owner = owner;
    namespace.ownerUid = ownerUid;
    return namespace;
  };
  return {
    ...old,
    uts: flags & CLONE_NEWUTS ? own(new UtsNamespace(ids.next(), uts.hostname, uts.domainname)) : uts,
    ipc: flags & CLONE_NEWIPC ? own(new IpcNamespace(ids.next(), old.ipc.memory)) : old.ipc,
    net: flags & CLONE_NEWNET ? own(new NetNamespace(ids.next(), false)) : old.net,
    cgroup: flags & CLONE_NEWCGROUP ? own(new CgroupNamespace(ids.next())) : old.cgroup,
    timeForChildren:
      flags & CLONE_NEWTIME ? own(new TimeNamespace(ids.next(), old.timeForChildren)) : old.timeForChildren,
    pid: flags & CLONE_NEWPID ? own(new PidNamespace(ids.next(), old.pid, new LocalPids(0))) : old.pid,
  };
}
