import { EACCES, EEXIST, EINVAL, EISDIR, ELOOP, ENOENT, ENOTDIR, EPERM, Errno, ETXTBSY } from "../abi/errno.ts";
import {
  O_ACCMODE,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOATIME,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_TMPFILE,
  O_TRUNC,
  R_OK,
  W_OK,
  X_OK,
} from "../abi/fcntl.ts";
import { IN_MODIFY, IN_OPEN } from "../abi/inotify.ts";
import {
  isBlockDevice,
  isCharacterDevice,
  isDirectory,
  isRegular,
  isSymlink,
  S_IFCHR,
  S_IFREG,
  S_ISGID,
} from "../abi/stat.ts";
import { MS_NODEV } from "../abi/statfs.ts";
import type { Block } from "../wait/queue.ts";
import { inheritedAcl } from "./acl.ts";
import { AnonymousFiles } from "./anonymous.ts";
import type { FsContext } from "./context.ts";
import { type File, PathFile } from "./file.ts";
import type { FileSystem } from "./filesystem.ts";
import { asDirectory, type Directory, type Inode, type NewInode } from "./inode.ts";
import { LockWaits } from "./locks.ts";
import { Location, Mount } from "./mount.ts";
import { MountNamespace } from "./mount-namespace.ts";
import { MountTrees } from "./mount-tree.ts";
import { notifyCreated, notifyLocation } from "./notify.ts";
import { dropPrivileges, keepsSetGroup, owns, permits, require, requireWritable } from "./permission.ts";
import { requireExpected } from "./protection.ts";
import { Tmpfs } from "./tmpfs/tmpfs.ts";
import type { Caller, FsEnvironment } from "./types.ts";
import { FOLLOW, MAYBE, NAME, NO_SLASH, type Walk, walk } from "./walk.ts";

/** The mounts of a machine, and the operations that start from a path. Paths are byte strings (name.ts). */
export class Vfs {
  readonly environment: FsEnvironment;
  readonly trees = new MountTrees();
  /** That of the first process. */
  readonly namespace: MountNamespace;
  /** The root file system. */
  readonly root: Mount;
  /** Files without a name: pipes, memory files. */
  readonly anonymous: AnonymousFiles;
  /** Where files without a name are when /proc/self/fd leads to them; it is attached nowhere. */
  readonly hidden: Mount;
  /** Who waits for record locks. */
  readonly lockWaits = new LockWaits();

  /** `namespaceId`: of the first mount namespace. */
  constructor(environment: FsEnvironment, root: FileSystem, source: string = root.type, namespaceId = 0) {
    this.environment = environment;
    this.anonymous = new AnonymousFiles(environment);
    this.hidden = new Mount(0, this.anonymous.others, this.anonymous.memory.root, "none", 0);
    const bottom = new Tmpfs(environment, 0o755, "rootfs");
    this.namespace = new MountNamespace(namespaceId, this.trees.create(bottom, "none", 0));
    this.root = this.mount(root, new Location(this.namespace.root, bottom.root), source, 0);
  }

  /** Those of the first namespace. */
  get mounts(): readonly Mount[] {
    return this.namespace.mounts;
  }

  get rootLocation(): Location {
    return new Location(this.root, this.root.root);
  }

  /** Attaches `root` (default: the file system's root) at `at`. */
  mount(fileSystem: FileSystem, at: Location, source: string, flags: number, root: Inode = fileSystem.root): Mount {
    const mount = this.trees.create(fileSystem, source, flags, root);
    this.trees.attach(mount, at);
    return mount;
  }

  /** What `path` names. `follow`: also through a symbolic link in the last component. */
  lookup(caller: Caller, context: FsContext, start: Location, path: string, follow = true): Location {
    const found = walk(caller, context, start, path, follow ? FOLLOW : 0).target!;
    found.mount.expiring = false;
    return found;
  }

  /** The directory and the last component of `path`, for calls that make or remove the name itself. */
  lookupName(caller: Caller, context: FsContext, start: Location, path: string): Walk {
    return walk(caller, context, start, path, MAYBE | NAME);
  }

  /**
   * open(2) from `start`. `mode` is that of a new file before the umask; `resolve` is openat2's. Returns a description with
   * one reference, or Block when a FIFO waits for its other end.
   */
  open(
    caller: Caller,
    context: FsContext,
    start: Location,
    path: string,
    flags: number,
    mode: number,
    resolve = 0,
  ): File | Block {
    if (flags & O_PATH) flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW;
    if ((flags & O_TMPFILE) === O_TMPFILE) return this.#openUnnamed(caller, context, start, path, flags, mode, resolve);
    if (flags & O_CREAT && flags & O_DIRECTORY) throw new Errno(EINVAL);
    const exclusive = (flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL);
    const follow = !(flags & O_NOFOLLOW) && !exclusive;
    const found = walk(
      caller,
      context,
      start,
      path,
      (follow ? FOLLOW : 0) | (flags & O_CREAT ? MAYBE | NAME | NO_SLASH : 0),
      resolve,
    );
    // "./" and its kin are not what a slash is behind: they are there.
    if (flags & O_CREAT && found.slash) throw new Errno(exclusive && found.parent === null ? EEXIST : EISDIR);
    if (found.target) {
      found.target.mount.expiring = false;
      if (exclusive) throw new Errno(EEXIST);
      if (flags & O_CREAT && found.parent) requireExpected(caller, found.parent.inode, found.target.inode);
      return this.openLocation(caller, found.target, flags);
    }
    const inode = this.create(caller, context, found.parent!, found.name, (mode & 0o7777) | S_IFREG);
    const location = new Location(found.parent!.mount, inode, found.parent!.inode as Directory, found.name);
    notifyLocation(location, inode, IN_OPEN);
    return asCreated(inode.open(caller, flags, location));
  }

  /** The second half of open(2): checks rights, then opens what was found. */
  openLocation(caller: Caller, location: Location, flags: number): File | Block {
    const { inode, mount } = location;
    const { mode } = inode;
    if (flags & O_DIRECTORY && !isDirectory(mode)) throw new Errno(ENOTDIR);
    if (flags & O_PATH) return new PathFile(inode, flags, location);
    if (isSymlink(mode)) throw new Errno(ELOOP);
    const access = flags & O_ACCMODE;
    const writes = access !== O_RDONLY || (flags & O_TRUNC) !== 0;
    if (isDirectory(mode) && (flags & O_CREAT || writes)) throw new Errno(EISDIR);
    if ((isCharacterDevice(mode) || isBlockDevice(mode)) && mount.flags & MS_NODEV) throw new Errno(EACCES);
    require(caller, location, (access !== 1 ? R_OK : 0) | (writes ? W_OK : 0));
    if (flags & O_NOATIME && !owns(caller, inode)) throw new Errno(EPERM);
    if (writes && inode.executing > 0) throw new Errno(ETXTBSY);
    const wait = inode.leases?.break(writes, (flags & O_NONBLOCK) !== 0);
    if (wait) return wait;
    const file = inode.open(caller, flags, mount === this.hidden ? null : location);
    if (!("inode" in file)) return file;
    notifyLocation(location, inode, IN_OPEN);
    if (flags & O_TRUNC && isRegular(mode)) {
      inode.truncate(0);
      notifyLocation(location, inode, IN_MODIFY);
      dropPrivileges(caller, inode);
    }
    return file;
  }

  #openUnnamed(
    caller: Caller,
    context: FsContext,
    start: Location,
    path: string,
    flags: number,
    mode: number,
    resolve: number,
  ): File | Block {
    if ((flags & O_ACCMODE) === O_RDONLY || flags & O_CREAT) throw new Errno(EINVAL);
    const at = walk(caller, context, start, path, FOLLOW, resolve).target!;
    const directory = asDirectory(at.inode);
    require(caller, at, W_OK | X_OK);
    const owned = this.owned(caller, directory, (mode & 0o7777) | S_IFREG);
    const inode = directory.createUnnamed(masked(directory, owned, context.umask));
    inode.linkable = !(flags & O_EXCL);
    // The kernel's name for it, under which nobody finds it (d_tmpfile).
    return asCreated(inode.open(caller, flags, new Location(at.mount, inode, directory, `#${inode.ino}`)));
  }

  /**
   * Makes an inode called `name` in `parent`; the umask applies, or the default list. `rdev` for devices, `target` for symbolic links. Throws
   * ENOENT in a removed directory, EACCES, EROFS.
   */
  create(
    caller: Caller,
    context: FsContext,
    parent: Location,
    name: string,
    mode: number,
    rdev = 0,
    target?: string,
  ): Inode {
    const directory = asDirectory(parent.inode);
    requireWritable(parent.mount);
    if (!permits(caller, directory, W_OK | X_OK)) throw new Errno(EACCES);
    if (directory.removed) throw new Errno(ENOENT);
    const owned = { ...this.owned(caller, directory, mode), rdev, target };
    const inode = directory.create(name, target === undefined ? masked(directory, owned, context.umask) : owned);
    notifyCreated(directory, name, inode);
    return inode;
  }

  /** Owner of a new inode: the caller's, and the group of a set-group-ID directory, which subdirectories inherit. */
  owned(caller: Caller, directory: Inode, mode: number): { mode: number; uid: number; gid: number } {
    const uid = caller.fsuid;
    if (!(directory.mode & S_ISGID)) return { mode, uid, gid: caller.fsgid };
    if (isDirectory(mode)) mode |= S_ISGID;
    // An executable would run with a group that its maker is not in.
    else if ((mode & (S_ISGID | 0o010)) === (S_ISGID | 0o010) && !keepsSetGroup(caller, directory)) mode &= ~S_ISGID;
    return { mode, uid, gid: directory.gid };
  }

  /** What rename(2) leaves with RENAME_WHITEOUT: a character device 0:0, which overlayfs knows as the mark of a name that is gone. */
  whiteout(caller: Caller, directory: Inode): NewInode {
    return masked(directory, this.owned(caller, directory, S_IFCHR), 0);
  }

  /**
   * Path of `location` as seen from `root`, a byte string; outside of it from the root of its mounts, after `unreachable`.
   * Deleted things end in " (deleted)", as in /proc/self/fd.
   */
  path(location: Location, root: Location, caller: Caller, unreachable = "(unreachable)"): string {
    const deleted = this.isDeleted(location, caller) ? " (deleted)" : "";
    let { mount, inode } = location;
    let path = "";
    if (!isDirectory(inode.mode) && inode !== mount.root) {
      if (!location.parent) return `/#${inode.ino}${deleted}`;
      path = `/${location.name}`;
      inode = location.parent;
    }
    while (inode !== root.inode || mount !== root.mount) {
      if (inode === mount.root) {
        if (!mount.point) return unreachable + (path || "/") + deleted;
        const { point } = mount;
        mount = point.mount;
        inode = point.inode;
        // Unless it is one file mounted over another.
        if (!isDirectory(inode.mode) && inode !== mount.root) {
          path = `/${point.name}${path}`;
          inode = point.parent!;
        }
        continue;
      }
      const directory: Directory = inode as Directory;
      // It was moved out of what the mount shows, so where it is now is not told (prepend_path).
      if (directory.parent === directory) return `${unreachable}/${deleted}`;
      path = `/${directory.name}${path}`;
      inode = directory.parent;
    }
    return (path || "/") + deleted;
  }

  /** The same as the caller sees it, without a word when it is outside of its root (d_path). */
  displayPath(location: Location, caller: Caller): string {
    return this.path(location, caller.fs?.root ?? this.rootLocation, caller, "");
  }

  /** Nothing names it any more. */
  isDeleted(location: Location, caller: Caller): boolean {
    const { inode } = location;
    if (inode === location.mount.root) return false;
    if (isDirectory(inode.mode)) return (inode as Directory).removed;
    if (location.parent === null) return inode.nlink === 0;
    try {
      // File systems that make inodes anew at each lookup tell them by their keys.
      return location.parent.lookup(location.name, caller)?.key !== inode.key;
    } catch (error) {
      if (error instanceof Errno) return true;
      throw error;
    }
  }
}

/** What open(2) gives for a file that it has made. */
function asCreated(opened: File | Block): File | Block {
  if ("inode" in opened) opened.created = true;
  return opened;
}

/** Permissions of a new inode, symbolic links apart: the directory's default access control list goes before the umask. */
function masked(directory: Inode, what: NewInode, umask: number): NewInode {
  const inherited = directory.attributes?.acl("default") ?? null;
  if (inherited === null) return { ...what, mode: what.mode & ~(umask & 0o777) };
  const { acl, mode } = inheritedAcl(inherited, what.mode);
  return { ...what, mode, acl, defaultAcl: isDirectory(mode) ? inherited : null };
}
