/** The file systems that a program can mount, by the names of /proc/filesystems. */
import { EINVAL, ENODEV, Errno } from "../abi/errno.ts";
import type { FileSystem } from "../fs/filesystem.ts";
import type { FILE_SYSTEMS } from "../fs/filesystem-names.ts";
import { parseProcOptions } from "../fs/proc/options.ts";
import { ProcFileSystem } from "../fs/proc/procfs.ts";
import { SysFileSystem } from "../fs/sys/sysfs.ts";
import { Tmpfs } from "../fs/tmpfs/tmpfs.ts";
import { DevPts, type DevPtsOptions } from "../fs/tty/devpts.ts";
import { queuesOf } from "./mqueue.ts";
import { KernelView } from "./proc-view.ts";
import type { Thread } from "./task.ts";
import { TerminalJobs } from "./tty.ts";

/** Options as mount(8) has them: names, some with a value. */
export type MountOptions = ReadonlyMap<string, string>;

interface FileSystemType {
  /** A new instance, or the one that there is. Throws EINVAL for options that it does not know. */
  create(t: Thread, options: MountOptions): FileSystem;
  /** Options that remounting takes. */
  readonly remount: ReadonlySet<string>;
  /** What they change; nothing if it is not there. Throws EINVAL. */
  change?(fileSystem: FileSystem, options: MountOptions): void;
}

/** Sizes are the machine's, so these are accepted and not kept. */
const TMPFS_SIZES = ["size", "nr_inodes", "nr_blocks", "noswap", "inode64", "inode32", "huge", "mpol"];

/** mode, uid and gid of the root (tmpfs(5)). */
function newTmpfs(t: Thread, options: MountOptions): Tmpfs {
  const fileSystem = new Tmpfs(t.kernel.vfs.environment);
  const { root } = fileSystem;
  for (const [name, value] of options) {
    if (name === "mode") root.mode = (root.mode & ~0o7777) | (number(value, 8) & 0o7777);
    else if (name === "uid") root.uid = number(value, 10);
    else if (name === "gid") root.gid = number(value, 10);
    else if (!TMPFS_SIZES.includes(name)) throw new Errno(EINVAL);
    requireSize(name, value);
  }
  return fileSystem;
}

/** Numbers with a suffix (memparse), for `size` also a share of memory in percent. Throws EINVAL for what is none. */
function requireSize(name: string, value: string): void {
  const isNumber = name === "size" || name === "nr_inodes" || name === "nr_blocks";
  const text = name === "size" ? value.replace(/%$/, "") : value;
  if (isNumber && !/^(0x[0-9a-f]+|[0-9]+)[kmgtpe]?$/i.test(text)) throw new Errno(EINVAL);
}

function number(text: string, radix: number): number {
  const value = /^[0-9]+$/.test(text) ? Number.parseInt(text, radix) : Number.NaN;
  if (!Number.isInteger(value)) throw new Errno(EINVAL);
  return value;
}

const tmpfs: FileSystemType = {
  create: newTmpfs,
  remount: new Set([...TMPFS_SIZES, "mode", "uid", "gid"]),
  change(_fileSystem, options) {
    for (const [name, value] of options) requireSize(name, value);
  },
};

/** Options of devpts that are numbers, and in which base. Each mount is an instance of its own. */
const DEVPTS_NUMBERS = {
  mode: ["mode", 8],
  ptmxmode: ["ptmxMode", 8],
  uid: ["uid", 10],
  gid: ["gid", 10],
  max: ["max", 10],
} as const satisfies Record<string, readonly [keyof DevPtsOptions, number]>;

const types: Record<string, FileSystemType> &
  Record<Exclude<(typeof FILE_SYSTEMS)[number], "overlay">, FileSystemType> = {
  tmpfs,
  ramfs: tmpfs,
  proc: {
    create(t, options) {
      const { kernel } = t;
      const view = new KernelView(kernel, t.process.pidNamespace);
      return new ProcFileSystem(kernel.vfs.environment, kernel.vfs, view, parseProcOptions(options));
    },
    remount: new Set(["hidepid", "gid", "subset"]),
    change(fileSystem, options) {
      const proc = fileSystem as ProcFileSystem;
      proc.options = parseProcOptions(options, proc.options);
    },
  },
  sysfs: {
    create(t, options) {
      if (options.size > 0) throw new Errno(EINVAL);
      return new SysFileSystem(t.kernel.vfs.environment, new KernelView(t.kernel, t.process.pidNamespace));
    },
    remount: new Set(),
  },
  mqueue: {
    create(t, options) {
      if (options.size > 0) throw new Errno(EINVAL);
      return queuesOf(t.kernel, t.namespaces.ipc);
    },
    remount: new Set(),
  },
  devpts: {
    create(t, options) {
      const known: Partial<Record<string, readonly [keyof DevPtsOptions, number]>> = DEVPTS_NUMBERS;
      const set: { -readonly [name in keyof DevPtsOptions]?: number } = {};
      for (const [name, value] of options) {
        const entry = known[name];
        if (entry !== undefined) set[entry[0]] = number(value, entry[1]);
        else if (name !== "newinstance") throw new Errno(EINVAL);
      }
      return new DevPts(t.kernel.vfs.environment, new TerminalJobs(t.kernel), set);
    },
    remount: new Set([...Object.keys(DEVPTS_NUMBERS), "newinstance"]),
  },
  devtmpfs: {
    create: (t) => instance(t, "devtmpfs"),
    remount: new Set(["mode", "size", "nr_inodes"]),
  },
};

/** The machine's only one of its type. */
function instance(t: Thread, type: string): FileSystem {
  const mount = t.kernel.vfs.namespace.mounts.find(({ fileSystem }) => fileSystem.type === type);
  if (mount === undefined) throw new Errno(ENODEV);
  return mount.fileSystem;
}

export function isFileSystemType(name: string): boolean {
  return Object.hasOwn(types, name);
}

/** Throws ENODEV for a type that is not there, EINVAL for an option. */
export function newFileSystem(t: Thread, type: string, options: MountOptions): FileSystem {
  if (!isFileSystemType(type)) {
    t.kernel.logOnce("warn", `mount: a ${type} file system is missing: ENODEV`);
    throw new Errno(ENODEV);
  }
  return types[type].create(t, options);
}

/** Whether `type` can be remounted with these options. */
export function takesOptions(type: string, options: MountOptions): boolean {
  const known = Object.hasOwn(types, type) ? types[type].remount : null;
  return [...options.keys()].every((name) => known?.has(name));
}

/** Remounts with options that `takesOptions` has agreed to. Throws EINVAL. */
export function changeOptions(fileSystem: FileSystem, options: MountOptions): void {
  types[fileSystem.type]?.change?.(fileSystem, options);
}

export function parseOptions(text: string): MountOptions {
  const options = new Map<string, string>();
  for (const option of text.split(",")) {
    const [name, value] = option.split(/=(.*)/s, 2);
    if (name !== "") options.set(name, value ?? "");
  }
  return options;
}
