/** Path resolution (path_resolution(7)): from bytes to a place in the tree of mounts, without a cache of names. */
import { EACCES, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, Errno, EXDEV } from "../abi/errno.ts";
import {
  NAME_MAX,
  RESOLVE_BENEATH,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
  X_OK,
} from "../abi/fcntl.ts";
import { isDirectory, isSymlink } from "../abi/stat.ts";
import { MS_NOSYMFOLLOW } from "../abi/statfs.ts";
import type { FsContext } from "./context.ts";
import type { Directory, Inode } from "./inode.ts";
import { Location, type Mount } from "./mount.ts";
import { permits } from "./permission.ts";
import { requireFollowable } from "./protection.ts";
import type { Caller } from "./types.ts";

/** Follow a symbolic link in the last component. */
export const FOLLOW = 1;
/** The last component may be missing (`target` is null then). */
export const MAYBE = 2;
/** The caller wants the name itself: a trailing slash does not make a last symbolic link be followed. */
export const NAME = 4;
/** A last component with a slash behind it is EISDIR, whatever it names (open(2) with O_CREAT). */
export const NO_SLASH = 8;

/** Most symbolic links in one walk (MAXSYMLINKS). */
const MAX_LINKS = 40;

export interface Walk {
  /** Directory that holds the last component; null when that is "/", "." or "..". */
  readonly parent: Location | null;
  /** Last component: a name, ".", "..", or "" for "/". */
  readonly name: string;
  readonly target: Location | null;
  /** The path ended with a slash. */
  readonly slash: boolean;
}

/** What is mounted on top of (mount, inode), if anything: the place one sees. */
export function crossMounts(
  mount: Mount,
  inode: Inode,
  parent: Directory | null,
  name: string,
  resolve: number,
): Location {
  let child = mount.children.size > 0 ? mount.children.get(inode.key) : undefined;
  while (child) {
    if (resolve & RESOLVE_NO_XDEV) throw new Errno(EXDEV);
    mount = child;
    inode = child.root;
    child = mount.children.get(inode.key);
  }
  return new Location(mount, inode, parent, name);
}

/** The directory above `at`, not above `root`; at the top, what is mounted there. */
export function parentOf(at: Location, root: Location, resolve = 0): Location {
  let { mount, inode } = at;
  for (;;) {
    const top = inode === root.inode && mount === root.mount;
    if (top || (inode === mount.root && !mount.point)) return crossMounts(at.mount, at.inode, null, "", resolve);
    if (inode !== mount.root) break;
    if (resolve & RESOLVE_NO_XDEV) throw new Errno(EXDEV);
    inode = mount.point!.inode;
    mount = mount.point!.mount;
  }
  const { parent } = inode as Directory;
  return crossMounts(mount, parent, null, "", 0);
}

/**
 * Walks `path` (a byte string) from `start`, or from the root when it is absolute. Throws ENOENT, ENOTDIR, EACCES, ELOOP,
 * ENAMETOOLONG, EXDEV, and what lookups throw.
 */
export function walk(
  caller: Caller,
  context: FsContext,
  start: Location,
  path: string,
  flags: number,
  resolve = 0,
): Walk {
  if (path === "") throw new Errno(ENOENT);
  const root = resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT) ? start : context.root;
  let at = start;
  let rest = path;
  let links = 0;
  let parent: Location | null = null;
  let name = ".";
  let position = 0;
  if (path.charCodeAt(0) === 0x2f) {
    if (resolve & RESOLVE_BENEATH) throw new Errno(EXDEV);
    at = fromRoot(start, root, resolve);
    name = "";
  }
  for (;;) {
    while (rest.charCodeAt(position) === 0x2f) position++;
    if (position >= rest.length) {
      // Only slashes were left: "/", or a trailing slash behind a directory that was entered already.
      return { parent, name, target: at, slash: rest.length > 0 && rest.charCodeAt(rest.length - 1) === 0x2f };
    }
    let end = rest.indexOf("/", position);
    if (end < 0) end = rest.length;
    let next = end;
    while (rest.charCodeAt(next) === 0x2f) next++;
    const last = next >= rest.length;
    const slash = last && next > end;
    name = rest.slice(position, end);
    if (!isDirectory(at.inode.mode)) throw new Errno(ENOTDIR);
    if (!permits(caller, at.inode, X_OK)) throw new Errno(EACCES);
    position = next;
    if (name === "." || name === "..") {
      if (name === "..") {
        if (resolve & RESOLVE_BENEATH && at.same(root)) throw new Errno(EXDEV);
        at = parentOf(at, root, resolve);
      }
      parent = null;
      if (last) return { parent, name, target: at, slash };
      continue;
    }
    if (slash && flags & NO_SLASH) throw new Errno(EISDIR);
    if (name.length > NAME_MAX) throw new Errno(ENAMETOOLONG);
    parent = at;
    const directory = at.inode as Directory;
    const inode = directory.lookup(name, caller);
    if (!inode) {
      if (!last || !(flags & MAYBE)) throw new Errno(ENOENT);
      return { parent, name, target: null, slash };
    }
    const follow = !last || (flags & FOLLOW) !== 0 || (slash && !(flags & NAME));
    if (!follow || !isSymlink(inode.mode)) {
      at = crossMounts(at.mount, inode, directory, name, resolve);
      if (!last) continue;
      if (slash && !(flags & NAME) && !isDirectory(at.inode.mode)) throw new Errno(ENOTDIR);
      return { parent, name, target: at, slash };
    }
    if (++links > MAX_LINKS) throw new Errno(ELOOP);
    if (last) requireFollowable(caller, directory, inode);
    if (resolve & RESOLVE_NO_SYMLINKS || at.mount.flags & MS_NOSYMFOLLOW) throw new Errno(ELOOP);
    const jump = inode.jump(caller);
    if (jump) {
      if (resolve & RESOLVE_NO_MAGICLINKS) throw new Errno(ELOOP);
      if (resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) throw new Errno(EXDEV);
      if (resolve & RESOLVE_NO_XDEV && jump.mount !== at.mount) throw new Errno(EXDEV);
      at = jump;
      if (!last) continue;
      if (slash && !isDirectory(at.inode.mode)) throw new Errno(ENOTDIR);
      return { parent: null, name, target: at, slash };
    }
    const target = inode.readlink(caller);
    inode.accessed(at.mount.flags);
    if (target === "") throw new Errno(ENOENT);
    rest = target + rest.slice(end);
    position = 0;
    if (target.charCodeAt(0) === 0x2f) {
      if (resolve & RESOLVE_BENEATH) throw new Errno(EXDEV);
      at = fromRoot(at, root, resolve);
      parent = null;
      name = "";
    }
  }
}

function fromRoot(at: Location, root: Location, resolve: number): Location {
  if (resolve & RESOLVE_NO_XDEV && at.mount !== root.mount) throw new Errno(EXDEV);
  return root;
}
