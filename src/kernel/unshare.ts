/** Which namespaces a thread may make, and taking apart what threads share (unshare(2), kernel/nsproxy.c). */
import { CAP_SYS_ADMIN } from "../abi/capability.ts";
import {
  CLONE_FILES,
  CLONE_FS,
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  CLONE_SIGHAND,
  CLONE_SYSVSEM,
  CLONE_THREAD,
  CLONE_VM,
} from "../abi/clone.ts";
import { EINVAL, ENOSPC, EPERM } from "../abi/errno.ts";
import type { FsContext } from "../fs/context.ts";
import { Location, type Mount } from "../fs/mount.ts";
import { capableInside } from "./capabilities.ts";
import { type Credentials, credentialsIn } from "./credentials.ts";
import { afterIpcChange, dropUndo } from "./ipc.ts";
import { type NamespaceKind, type Namespaces, ownerOf, renewed } from "./namespaces.ts";
import { CLONE_FLAGS } from "./nsfs.ts";
import type { Process, Thread } from "./task.ts";
import { fromKernel, UserNamespace } from "./user-namespace.ts";

export const NAMESPACES =
  CLONE_NEWUTS |
  CLONE_NEWIPC |
  CLONE_NEWNET |
  CLONE_NEWCGROUP |
  CLONE_NEWPID |
  CLONE_NEWNS |
  CLONE_NEWTIME |
  CLONE_NEWUSER;
/** What else unshare(2) takes. */
const SHARED = CLONE_FILES | CLONE_FS | CLONE_SYSVSEM | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM;

/**
 * Why `t` cannot make the namespaces that `flags` ask for: EPERM without privilege, ENOSPC when there are too many, or 0.
 * With a new user namespace comes the privilege to make others.
 */
export function namespaceError(t: Thread, flags: number): number {
  if ((flags & NAMESPACES) === 0) return 0;
  const { namespaceLimits } = t.kernel;
  const { euid, egid, userNamespace } = t.credentials;
  if (flags & CLONE_NEWUSER) {
    if (!namespaceLimits.take(["user"], userNamespace, euid)) return ENOSPC;
    if (fromKernel(userNamespace.uids, euid) < 0 || fromKernel(userNamespace.gids, egid) < 0) return EPERM;
    if (isChrooted(t)) return EPERM;
  } else if (!capableInside(t.credentials, CAP_SYS_ADMIN)) return EPERM;
  // A process whose children are to be elsewhere already cannot decide that again.
  if (flags & CLONE_NEWPID && t.namespaces.pid !== t.process.pidNamespace) return EINVAL;
  return namespaceLimits.take(kindsOf(flags & ~CLONE_NEWUSER), userNamespace, euid) ? 0 : ENOSPC;
}

const kindsOf = (flags: number): NamespaceKind[] =>
  (Object.keys(CLONE_FLAGS) as NamespaceKind[]).filter((kind) => flags & CLONE_FLAGS[kind]);

/** The root directory is not that of the mount namespace (current_chrooted). */
function isChrooted(t: Thread): boolean {
  let { root: mount } = t.namespaces.mnt;
  for (let above = mount.children.get(mount.root.key); above; above = mount.children.get(mount.root.key)) mount = above;
  return t.fs.root.mount !== mount || t.fs.root.inode !== mount.root;
}

/** Credentials of `t`, in a user namespace of its own when `flags` ask for one. Throws ENOSPC. */
export function newCredentials(t: Thread, flags: number): Credentials {
  const { credentials } = t;
  if ((flags & CLONE_NEWUSER) === 0) return credentials;
  const { userNamespace, euid, egid } = credentials;
  return credentialsIn(credentials, new UserNamespace(t.kernel.namespaceIds.next(), userNamespace, euid, egid));
}

/**
 * Those of `t` with new ones as `flags` say. In a new mount namespace `fs`, which is whose that gets it, is where it was
 * before. Throws ENOSPC.
 */
export function newNamespaces(t: Thread, flags: number, fs: FsContext, owner: UserNamespace): Namespaces {
  const { kernel } = t;
  const namespaces = renewed(t.namespaces, flags, kernel.namespaceIds, owner, t.credentials.euid);
  if (flags & CLONE_NEWIPC) kernel.ipcNamespaces.add(namespaces.ipc);
  if ((flags & CLONE_NEWNS) === 0) return namespaces;
  // What is mounted in a less privileged namespace does not come back.
  const isInner = ownerOf(namespaces.mnt) !== owner;
  const copies = new Map<Mount, Mount>();
  const mnt = kernel.vfs.trees.copyNamespace(kernel.namespaceIds.next(), namespaces.mnt, isInner, (from, to) =>
    copies.set(from, to),
  );
  const moved = ({ mount, inode, parent, name }: Location): Location =>
    new Location(copies.get(mount) ?? mount, inode, parent, name);
  mnt.owner = owner;
  mnt.ownerUid = t.credentials.euid;
  fs.root = moved(fs.root);
  fs.cwd = moved(fs.cwd);
  return { ...namespaces, mnt };
}

/** Another process has its signal handlers (CLONE_SIGHAND without CLONE_THREAD). */
function sharesHandlers(p: Process): boolean {
  for (const q of p.kernel.processes.values()) if (q !== p && q.handlers === p.handlers && !q.zombie) return true;
  return false;
}

/** unshare(2): what threads and clones share becomes the caller's own. 0 or a negative errno. */
export function unshare(t: Thread, flags: number): number {
  if ((flags & ~(NAMESPACES | SHARED)) !== 0) return -EINVAL;
  // A process cannot be taken apart.
  if (flags & CLONE_NEWUSER) flags |= CLONE_THREAD | CLONE_FS;
  if (flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM) && t.process.threads.size > 1) return -EINVAL;
  if (flags & CLONE_VM && t.process.memory.users > 1) return -EINVAL;
  if (flags & (CLONE_SIGHAND | CLONE_VM) && sharesHandlers(t.process)) return -EINVAL;
  const error = namespaceError(t, flags);
  if (error !== 0) return -error;
  if (flags & CLONE_SYSVSEM) dropUndo(t);
  const credentials = newCredentials(t, flags);
  if (flags & (CLONE_FS | CLONE_NEWNS)) t.fs = t.fs.copy();
  const { ipc } = t.namespaces;
  t.namespaces = newNamespaces(t, flags, t.fs, credentials.userNamespace);
  afterIpcChange(t, ipc);
  t.credentials = credentials;
  if (flags & CLONE_FILES && t.files.references > 1) {
    const own = t.files.copy();
    t.files.drop();
    t.files = own;
  }
  return 0;
}
