/** devpts (pts(4)): a directory of the slaves that there are, and ptmx, which makes one. */
import { EACCES, EBUSY, EIO, ENOSPC, EPERM, Errno } from "../../abi/errno.ts";
import { O_NOCTTY } from "../../abi/fcntl.ts";
import { isRegular, S_IFCHR } from "../../abi/stat.ts";
import { DEVPTS_SUPER_MAGIC, type StatFsFields } from "../../abi/statfs.ts";
import { DeviceInode } from "../device.ts";
import type { File } from "../file.ts";
import { FileSystem } from "../filesystem.ts";
import { Directory, type DirectoryEntry, Inode, type NewInode } from "../inode.ts";
import { Location, type Mount } from "../mount.ts";
import type { Caller, FsEnvironment } from "../types.ts";
import { PTMX_DEVICE, slaveDevice } from "./device-numbers.ts";
import type { JobControl } from "./job-control.ts";
import { MasterFile } from "./master.ts";
import { SlaveFile } from "./slave.ts";
import { Terminal } from "./terminal.ts";

/** Most pseudoterminals of a machine (kernel.pty.max is 4096; here each may hold 40 KiB of the isolate's memory). */
const MAX_TERMINALS = 256;
/** What a devpts is mounted with (mount(8)). */
export interface DevPtsOptions {
  /** Of slaves. */
  readonly mode: number;
  /** -1 for those of the process that opens the master. */
  readonly uid: number;
  readonly gid: number;
  /** Of ptmx. */
  readonly ptmxMode: number;
  /** Most terminals. */
  readonly max: number;
}

export const DEVPTS_DEFAULTS: DevPtsOptions = { mode: 0o600, uid: -1, gid: -1, ptmxMode: 0, max: MAX_TERMINALS };
const PTMX_INO = 2;
/** Inode numbers of slaves begin here. */
const FIRST_SLAVE_INO = 3;

export class DevPts extends FileSystem {
  override readonly root: PtsDirectory;
  readonly jobs: JobControl;
  readonly #options: DevPtsOptions;
  /** Numbers in use: of terminals of which a side is open. */
  readonly #used = new Set<number>();

  constructor(environment: FsEnvironment, jobs: JobControl, options: Partial<DevPtsOptions> = {}) {
    super(environment, "devpts");
    this.jobs = jobs;
    this.#options = { ...DEVPTS_DEFAULTS, ...options };
    this.root = new PtsDirectory(this, this.#options.ptmxMode);
  }

  /** A new terminal with the lowest free number. Its slave belongs to `caller`. Throws ENOSPC. */
  create(caller: Caller): Terminal {
    let index = 0;
    while (this.#used.has(index)) index++;
    if (index >= Math.min(this.#options.max, MAX_TERMINALS)) throw new Errno(ENOSPC);
    this.#used.add(index);
    const terminal = new Terminal(index, this.jobs, () => this.#used.delete(index));
    const { mode, uid, gid } = this.#options;
    const slave = new SlaveInode(this, terminal, mode);
    slave.uid = uid === -1 ? caller.fsuid : uid;
    slave.gid = gid === -1 ? caller.fsgid : gid;
    this.root.slaves.set(String(index), slave);
    return terminal;
  }

  /** Opens the ptmx device `inode`, here or beside `mount`. */
  openMaster(caller: Caller, inode: Inode, flags: number, location: Location | null, mount: Mount | null): File {
    return new MasterFile(this.create(caller), inode, flags, location, { devpts: this, mount });
  }

  /** Where the slave is in `mount` while the master is open, else null. */
  locationOf({ index }: Terminal, mount: Mount): Location | null {
    const slave = this.root.slaves.get(String(index));
    return slave === undefined ? null : new Location(mount, slave, this.root, String(index));
  }

  /** The master is closed: the name goes at once, the number when the last slave is closed. */
  remove(terminal: Terminal): void {
    const name = String(terminal.index);
    const slave = this.root.slaves.get(name);
    this.root.slaves.delete(name);
    slave?.changeLinks(-1);
    terminal.masterClosed();
  }

  override statfs(): StatFsFields {
    return { type: DEVPTS_SUPER_MAGIC, blockSize: 4096, blocks: 0, free: 0, files: 0, filesFree: 0, nameLength: 255 };
  }
}

class PtsDirectory extends Directory {
  readonly slaves = new Map<string, SlaveInode>();
  readonly #ptmx: PtmxInode;

  constructor(fileSystem: DevPts, ptmxMode: number) {
    super(fileSystem, fileSystem.nextIno(), 0o755, null, "");
    this.#ptmx = new PtmxInode(fileSystem, PTMX_INO, S_IFCHR | ptmxMode);
    this.#ptmx.rdev = PTMX_DEVICE;
  }

  override lookup(name: string): Inode | null {
    return name === "ptmx" ? this.#ptmx : (this.slaves.get(name) ?? null);
  }

  /** open(2) cannot make files where nothing makes any. */
  override create(_name: string, { mode }: NewInode): never {
    throw new Errno(isRegular(mode) ? EACCES : EPERM);
  }

  override *entries(): Iterable<DirectoryEntry> {
    for (const [name, { ino, mode }] of this.slaves) yield { name, ino, mode };
    yield { name: "ptmx", ino: this.#ptmx.ino, mode: this.#ptmx.mode };
  }
}

/** /dev/pts/ptmx. */
class PtmxInode extends DeviceInode {
  declare readonly fileSystem: DevPts;

  override open(caller: Caller, flags: number, location: Location | null): File {
    return this.fileSystem.openMaster(caller, this, flags, location, location?.mount ?? null);
  }
}

/** /dev/pts/N. */
export class SlaveInode extends Inode {
  readonly terminal: Terminal;

  constructor(fileSystem: DevPts, terminal: Terminal, mode: number) {
    super(fileSystem, FIRST_SLAVE_INO + terminal.index, S_IFCHR | mode);
    this.rdev = slaveDevice(terminal.index);
    this.terminal = terminal;
  }

  /** Throws EIO once the master is closed and while the slave is locked, EBUSY for one that somebody has to himself. */
  override open(caller: Caller, flags: number, location: Location | null): File {
    const { terminal } = this;
    if (terminal.exclusive && !terminal.jobs.privileged(caller)) throw new Errno(EBUSY);
    if (!terminal.masterOpen || terminal.locked) throw new Errno(EIO);
    const file = new SlaveFile(terminal, this, flags, location);
    if (!(flags & O_NOCTTY) && file.readable) terminal.jobs.opened(caller, terminal);
    return file;
  }
}
