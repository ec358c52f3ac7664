/** Namespaces as files: what /proc/[pid]/ns leads to, what setns(2) takes, and what ioctl_ns(2) asks (fs/nsfs.c). */
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from "../abi/clone.ts";
import { EINVAL, ENOTTY, EPERM, ESRCH } from "../abi/errno.ts";
import {
  NS_GET_MNTNS_ID,
  NS_GET_NSTYPE,
  NS_GET_OWNER_UID,
  NS_GET_PARENT,
  NS_GET_PID_FROM_PIDNS,
  NS_GET_PID_IN_PIDNS,
  NS_GET_TGID_FROM_PIDNS,
  NS_GET_TGID_IN_PIDNS,
  NS_GET_USERNS,
} from "../abi/ioctl.ts";
import { S_IFREG } from "../abi/stat.ts";
import { NSFS_MAGIC } from "../abi/statfs.ts";
import { AnonymousFileSystem } from "../fs/anonymous.ts";
import { File } from "../fs/file.ts";
import { Inode } from "../fs/inode.ts";
import { Location } from "../fs/mount.ts";
import type { Caller } from "../fs/types.ts";
import type { UserMemory } from "../memory/types.ts";
import { uidShown } from "./credentials.ts";
import { endUnusedIpc } from "./ipc-lifetime.ts";
import type { Kernel } from "./kernel.ts";
import { localPid } from "./lookup.ts";
import { IpcNamespace, type Namespace, type NamespaceKind, ownerOf } from "./namespaces.ts";
import { PidNamespace } from "./pids.ts";
import type { Thread } from "./task.ts";
import { UserNamespace } from "./user-namespace.ts";

/** CLONE_NEW* by kind. */
export const CLONE_FLAGS: Record<NamespaceKind, number> = {
  cgroup: CLONE_NEWCGROUP,
  ipc: CLONE_NEWIPC,
  mnt: CLONE_NEWNS,
  net: CLONE_NEWNET,
  pid: CLONE_NEWPID,
  time: CLONE_NEWTIME,
  user: CLONE_NEWUSER,
  uts: CLONE_NEWUTS,
};

class NamespaceInode extends Inode {
  readonly kernel: Kernel;
  readonly namespace: Namespace;

  constructor(kernel: Kernel, fileSystem: AnonymousFileSystem, namespace: Namespace) {
    super(fileSystem, namespace.id, S_IFREG | 0o444);
    this.kernel = kernel;
    this.namespace = namespace;
  }

  override open(_caller: Caller, flags: number, location: Location | null): File {
    return new NamespaceFile(this, flags, location);
  }
}

export class NamespaceFile extends File {
  declare readonly inode: NamespaceInode;

  constructor(inode: NamespaceInode, flags: number, location: Location | null) {
    super(inode, flags, location);
    const { namespace } = inode;
    if (namespace instanceof IpcNamespace) namespace.openFiles++;
  }

  get namespace(): Namespace {
    return this.inode.namespace;
  }

  override release(): void {
    const { namespace, kernel } = this.inode;
    if (!(namespace instanceof IpcNamespace)) return;
    namespace.openFiles--;
    endUnusedIpc(kernel);
  }

  override get label(): string {
    return namespaceText(this.namespace);
  }

  override ioctl(caller: Caller, memory: UserMemory, request: number, argument: number): number {
    const t = caller as Thread;
    const { namespace } = this;
    switch (request) {
      case NS_GET_USERNS:
        return openUserNamespace(
          t,
          namespace.kind === "user" ? (namespace as UserNamespace).parent : ownerOf(namespace),
        );
      case NS_GET_PARENT: {
        if (namespace instanceof UserNamespace) return openUserNamespace(t, namespace.parent);
        if (!(namespace instanceof PidNamespace)) return -EINVAL;
        const { parent } = namespace;
        return parent !== null && t.process.pidNamespace.contains(parent) ? openNamespace(t, parent) : -EPERM;
      }
      case NS_GET_NSTYPE:
        return CLONE_FLAGS[namespace.kind];
      case NS_GET_OWNER_UID:
        if (!(namespace instanceof UserNamespace)) return -EINVAL;
        memory.setU32(argument, uidShown(t.credentials, namespace.ownerUid));
        return 0;
      case NS_GET_MNTNS_ID:
        if (namespace.kind !== "mnt") return -EINVAL;
        memory.setU64(argument, namespace.id);
        return 0;
      case NS_GET_PID_FROM_PIDNS:
      case NS_GET_TGID_FROM_PIDNS:
      case NS_GET_PID_IN_PIDNS:
      case NS_GET_TGID_IN_PIDNS:
        return namespace instanceof PidNamespace ? translate(t, namespace, request, argument) : -EINVAL;
      default:
        return -ENOTTY;
    }
  }
}

/** From a number in the namespace to the caller's, or the other way round. */
function translate(t: Thread, namespace: PidNamespace, request: number, number: number): number {
  const { kernel, process } = t;
  const from = request === NS_GET_PID_FROM_PIDNS || request === NS_GET_TGID_FROM_PIDNS;
  const known = kernel.pids.resolve(from ? namespace : process.pidNamespace, number);
  const thread = kernel.threads.get(known);
  if (thread === undefined) return -ESRCH;
  const group = request === NS_GET_TGID_FROM_PIDNS || request === NS_GET_TGID_IN_PIDNS;
  const wanted = group ? thread.process.pid : thread.tid;
  const result = from ? localPid(process, wanted) : kernel.pids.numberIn(namespace, wanted);
  return result === 0 ? -ESRCH : result;
}

/** The namespace whose file the inode is, if it is one. */
export const namespaceOfInode = (inode: Inode): Namespace | null =>
  inode instanceof NamespaceInode ? inode.namespace : null;

/** "net:[4026531840]". */
export const namespaceText = ({ kind, id }: Namespace): string => `${kind}:[${id}]`;

/** A machine's file system of namespaces. */
export class NamespaceFiles {
  readonly #kernel: Kernel;
  readonly #fileSystem: AnonymousFileSystem;
  readonly #inodes = new WeakMap<Namespace, NamespaceInode>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#fileSystem = new AnonymousFileSystem(kernel.vfs.environment, "nsfs", NSFS_MAGIC);
  }

  /** The inode of a namespace, the same as long as somebody has it. */
  inode(namespace: Namespace): NamespaceInode {
    let inode = this.#inodes.get(namespace);
    if (inode === undefined) {
      inode = new NamespaceInode(this.#kernel, this.#fileSystem, namespace);
      this.#inodes.set(namespace, inode);
    }
    return inode;
  }
}

function inodeOf(kernel: Kernel, namespace: Namespace): NamespaceInode {
  kernel.namespaceFiles ??= new NamespaceFiles(kernel);
  return kernel.namespaceFiles.inode(namespace);
}

/** Where a link of /proc/[pid]/ns leads. */
export const namespaceLocation = (kernel: Kernel, namespace: Namespace): Location =>
  new Location(kernel.vfs.hidden, inodeOf(kernel, namespace));

/** A new descriptor of the namespace. */
export function openNamespace(t: Thread, namespace: Namespace): number {
  const limit = t.process.limits.openFiles;
  t.files.reserve(1, limit);
  return t.files.install(new NamespaceFile(inodeOf(t.kernel, namespace), 0, null), true, limit);
}

/** EPERM for one outside of the caller's own. */
function openUserNamespace(t: Thread, namespace: UserNamespace | null): number {
  return namespace !== null && t.credentials.userNamespace.contains(namespace) ? openNamespace(t, namespace) : -EPERM;
}

/** The links of /proc/[pid]/ns of a thread. */
export function namespacesOf(t: Thread): [name: string, namespace: Namespace | null][] {
  const { cgroup, ipc, mnt, net, pid, time, timeForChildren, uts } = t.namespaces;
  const active = t.process.pidNamespace;
  return [
    ["cgroup", cgroup],
    ["ipc", ipc],
    ["mnt", mnt],
    ["net", net],
    ["pid", active],
    // Nothing is in it before it has an init.
    ["pid_for_children", pid === active || pid.init !== null ? pid : null],
    ["time", time],
    ["time_for_children", timeForChildren],
    ["user", t.credentials.userNamespace],
    ["uts", uts],
  ];
}
