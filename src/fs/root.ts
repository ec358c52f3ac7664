/** What a machine's tree of files begins with. */
import { EEXIST, Errno } from "../abi/errno.ts";
import { isDirectory, S_IFDIR } from "../abi/stat.ts";
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY } from "../abi/statfs.ts";
import type { Manifest } from "../image/format.ts";
import { FsContext } from "./context.ts";
import { DevFileSystem } from "./devtmpfs.ts";
import type { Fetcher } from "./image/fetcher.ts";
import { Overlay } from "./image/overlay.ts";
import type { Directory } from "./inode.ts";
import type { Location } from "./mount.ts";
import { ProcFileSystem } from "./proc/procfs.ts";
import type { SystemView } from "./proc/view.ts";
import { SysFileSystem } from "./sys/sysfs.ts";
import { Tmpfs } from "./tmpfs/tmpfs.ts";
import type { Caller, FsEnvironment } from "./types.ts";
import { Vfs } from "./vfs.ts";
import { crossMounts } from "./walk.ts";

/** Root, for what the kernel does by itself. */
export const KERNEL_CALLER: Caller = {
  fsuid: 0,
  fsgid: 0,
  groups: [],
  pid: 1,
  capable: () => true,
  saved: null,
  fileSizeLimit: Number.POSITIVE_INFINITY,
};

/**
 * The image at `/` with a tmpfs of the machine's own over it (an empty tmpfs without an image), /dev, /dev/shm, /proc, /sys
 * and a writable /tmp. Directories that are missing are made in the upper layer.
 */
export function makeRoot(
  environment: FsEnvironment,
  image: { manifest: Manifest; fetcher: Fetcher } | null,
  system: SystemView,
  namespaceId = 0,
): Vfs {
  const root = image ? new Overlay(environment, image.manifest, image.fetcher) : new Tmpfs(environment, 0o755);
  const vfs = new Vfs(environment, root, root.type, namespaceId);
  vfs.mount(new DevFileSystem(environment), directoryAt(vfs, "/dev", 0o755), "dev", MS_NOSUID);
  vfs.mount(new Tmpfs(environment), directoryAt(vfs, "/dev/shm", 0o1777), "shm", MS_NOSUID | MS_NODEV);
  const proc = new ProcFileSystem(environment, vfs, system);
  vfs.mount(proc, directoryAt(vfs, "/proc", 0o555), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  const sys = new SysFileSystem(environment, system);
  const flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  vfs.mount(sys, directoryAt(vfs, "/sys", 0o555), "sysfs", flags);
  directoryAt(vfs, "/tmp", 0o1777);
  return vfs;
}

/** The directory at an absolute path, made when it is missing together with those above it. */
export function directoryAt(vfs: Vfs, path: string, mode: number): Location {
  const root = vfs.rootLocation;
  let context: FsContext | null = null;
  let at = root;
  for (let start = 0, end = 0; start < path.length; start = end + 1) {
    end = path.indexOf("/", start);
    if (end < 0) end = path.length;
    if (end === start) continue;
    const name = path.slice(start, end);
    const directory = at.inode as Directory;
    let inode = directory.lookup(name, KERNEL_CALLER);
    if (inode === null) {
      context ??= new FsContext(root, root, 0);
      inode = vfs.create(KERNEL_CALLER, context, at, name, S_IFDIR | mode);
    }
    if (isDirectory(inode.mode)) at = crossMounts(at.mount, inode, directory, name, 0);
    else at = vfs.lookup(KERNEL_CALLER, new FsContext(root, root, 0), root, path.slice(0, end));
    if (!isDirectory(at.inode.mode)) throw new Errno(EEXIST);
  }
  return at;
}
