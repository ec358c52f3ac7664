/** setns(2): entering namespaces by their files, or those of a process by its pidfd (kernel/nsproxy.c). */
import { CAP_SYS_ADMIN, CAP_SYS_CHROOT } from "../../abi/capability.ts";
import { EINVAL, EPERM, Errno, ESRCH, EUSERS } from "../../abi/errno.ts";
import { Location } from "../../fs/mount.ts";
import type { MountNamespace } from "../../fs/mount-namespace.ts";
import { capableIn, capableInside } from "../capabilities.ts";
import { credentialsIn } from "../credentials.ts";
import { afterIpcChange } from "../ipc.ts";
import { enterTime, type Namespace, type NamespaceKind, type Namespaces, ownerOf } from "../namespaces.ts";
import { CLONE_FLAGS, NamespaceFile } from "../nsfs.ts";
import { PidFile } from "../pidfd.ts";
import { PidNamespace } from "../pids.ts";
import { mayInspect } from "../ptrace-access.ts";
import type { Thread } from "../task.ts";
import { TimeNamespace } from "../time-namespace.ts";
import { UserNamespace } from "../user-namespace.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

const ALL_FLAGS = Object.values(CLONE_FLAGS).reduce((all, flag) => all | flag, 0);

const setns: Handler = (t, fd, type) => {
  const file = t.files.file(fd);
  if (file instanceof NamespaceFile) {
    const { namespace } = file;
    if (type !== 0 && type !== CLONE_FLAGS[namespace.kind]) return -EINVAL;
    enter(t, [namespace]);
    return 0;
  }
  if (!(file instanceof PidFile)) return -EINVAL;
  if (type === 0 || type & ~ALL_FLAGS) return -EINVAL;
  const { process } = file;
  if (process.zombie) return -ESRCH;
  if (!mayInspect(t, process)) return -EPERM;
  const { namespaces, credentials } = process.leader;
  const of: Record<NamespaceKind, Namespace> = {
    ...namespaces,
    pid: process.pidNamespace,
    user: credentials.userNamespace,
  };
  // The user namespace first: it gives the rights to enter the others.
  const wanted = (Object.keys(CLONE_FLAGS) as NamespaceKind[]).filter((kind) => type & CLONE_FLAGS[kind]);
  wanted.sort((a, b) => Number(b === "user") - Number(a === "user"));
  enter(
    t,
    wanted.map((kind) => of[kind]),
  );
  return 0;
};

/** All of them or, with an Errno, none. */
function enter(t: Thread, wanted: readonly Namespace[]): void {
  let credentials = t.credentials;
  let namespaces: Namespaces = t.namespaces;
  let root: Location | null = null;
  for (const namespace of wanted) {
    if (namespace instanceof UserNamespace) {
      requireAlone(t);
      if (namespace === credentials.userNamespace || t.process.threads.size > 1) throw new Errno(EINVAL);
      if (!capableIn(credentials, namespace, CAP_SYS_ADMIN)) throw new Errno(EPERM);
      credentials = credentialsIn(credentials, namespace);
      continue;
    }
    if (namespace.kind === "time" && t.process.threads.size > 1) throw new Errno(EUSERS);
    const allowed =
      capableIn(credentials, ownerOf(namespace), CAP_SYS_ADMIN) && capableInside(credentials, CAP_SYS_ADMIN);
    if (!allowed) throw new Errno(EPERM);
    if (namespace instanceof PidNamespace && !t.process.pidNamespace.contains(namespace)) throw new Errno(EINVAL);
    if (namespace.kind === "mnt") {
      if (!capableInside(credentials, CAP_SYS_CHROOT)) throw new Errno(EPERM);
      requireAlone(t);
      root = topOf(namespace as MountNamespace);
    }
    if (namespace instanceof TimeNamespace) {
      namespaces = enterTime({ ...namespaces, timeForChildren: namespace });
      continue;
    }
    namespaces = { ...namespaces, [namespace.kind]: namespace };
  }
  const { ipc } = t.namespaces;
  t.credentials = credentials;
  t.namespaces = namespaces;
  afterIpcChange(t, ipc);
  if (root !== null) t.fs.root = t.fs.cwd = root;
}

/** EINVAL when another thread has the same root and working directory. */
function requireAlone(t: Thread): void {
  for (const other of t.kernel.threads.values()) if (other !== t && other.fs === t.fs) throw new Errno(EINVAL);
}

/** What one sees at the root of the namespace. */
function topOf({ root }: MountNamespace): Location {
  let mount = root;
  for (let above = mount.children.get(mount.root.key); above; above = mount.children.get(mount.root.key)) mount = above;
  return new Location(mount, mount.root);
}

export const rows: readonly SyscallRow[] = [call(308, "setns", "fd clone-flags", setns)];
