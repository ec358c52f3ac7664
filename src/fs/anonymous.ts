/** Inodes without a name: of pipes, sockets, epoll, eventfd and their kin. */
import { ENXIO, Errno } from "../abi/errno.ts";
import { O_DIRECT, O_RDONLY, O_WRONLY } from "../abi/fcntl.ts";
import { S_IFIFO } from "../abi/stat.ts";
import { ANON_INODE_FS_MAGIC, PIPEFS_MAGIC, SOCKFS_MAGIC, type StatFsFields } from "../abi/statfs.ts";
import type { Block } from "../wait/queue.ts";
import type { File } from "./file.ts";
import { FileSystem } from "./filesystem.ts";
import { Inode } from "./inode.ts";
import type { Location } from "./mount.ts";
import { Pipe, PipeFile } from "./pipe.ts";
import { TmpFile } from "./tmpfs/file.ts";
import { Tmpfs } from "./tmpfs/tmpfs.ts";
import type { Caller, FsEnvironment } from "./types.ts";
import { usageOf } from "./usage.ts";

/** A file system that is not mounted anywhere and only numbers its inodes (pipefs, sockfs, anon_inodefs). */
export class AnonymousFileSystem extends FileSystem {
  readonly #magic: number;

  constructor(environment: FsEnvironment, type: string, magic: number) {
    super(environment, type);
    this.#magic = magic;
  }

  override get root(): never {
    throw new Errno(ENXIO);
  }

  override statfs(): StatFsFields {
    return { type: this.#magic, blockSize: 4096, blocks: 0, free: 0, files: 0, filesFree: 0, nameLength: 255 };
  }

  inode(mode: number): AnonymousInode {
    return new AnonymousInode(this, this.nextIno(), mode);
  }
}

/** An inode that is opened when it is made, and through /proc/self/fd only if its kind allows that. */
export class AnonymousInode extends Inode {
  override open(_caller: Caller, _flags: number, _location: Location | null): File | Block {
    throw new Errno(ENXIO);
  }
}

/** A pipe's inode: opening /proc/self/fd/N gives another end. */
export class PipeInode extends AnonymousInode {
  readonly pipe = new Pipe(usageOf(this.fileSystem.environment));

  override open(_caller: Caller, flags: number, location: Location | null): File {
    return new PipeFile(this.pipe, this, flags, location);
  }
}

/** What a machine needs to make files that have no name. */
export class AnonymousFiles {
  readonly pipes: AnonymousFileSystem;
  readonly sockets: AnonymousFileSystem;
  readonly others: AnonymousFileSystem;
  /** Files of memfd_create(2). */
  readonly memory: Tmpfs;

  constructor(environment: FsEnvironment) {
    this.pipes = new AnonymousFileSystem(environment, "pipefs", PIPEFS_MAGIC);
    this.sockets = new AnonymousFileSystem(environment, "sockfs", SOCKFS_MAGIC);
    this.others = new AnonymousFileSystem(environment, "anon_inodefs", ANON_INODE_FS_MAGIC);
    this.memory = new Tmpfs(environment);
  }

  /** A pipe and its inode; no side is open. */
  pipe(caller: { fsuid: number; fsgid: number } = { fsuid: 0, fsgid: 0 }): { pipe: Pipe; inode: PipeInode } {
    const inode = new PipeInode(this.pipes, this.pipes.nextIno(), S_IFIFO | 0o600);
    inode.uid = caller.fsuid;
    inode.gid = caller.fsgid;
    return { pipe: inode.pipe, inode };
  }

  /** The two descriptions of pipe2(2): `flags` may have O_NONBLOCK and, for the writing one, O_DIRECT. */
  pipeFiles(caller: Caller, flags: number): { reader: PipeFile; writer: PipeFile } {
    const { pipe, inode } = this.pipe(caller);
    return {
      reader: new PipeFile(pipe, inode, (flags & ~O_DIRECT) | O_RDONLY),
      writer: new PipeFile(pipe, inode, flags | O_WRONLY),
    };
  }

  /** The inode of a memory file: no names, sealable as asked (memfd_create(2)). */
  memoryFile(caller: Caller, name: string, mode: number, seals: number): TmpFile {
    const file = new TmpFile(this.memory, this.memory.nextIno(), mode);
    file.uid = caller.fsuid;
    file.gid = caller.fsgid;
    file.nlink = 0;
    file.seals = seals;
    file.pages.label = `/memfd:${name} (deleted)`;
    return file;
  }
}
