import { EINVAL, Errno } from "../../abi/errno.ts";
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from "../../abi/stat.ts";
import { type StatFsFields, TMPFS_MAGIC } from "../../abi/statfs.ts";
import { DeviceInode } from "../device.ts";
import type { OpenDirectory } from "../directory-file.ts";
import { Fifo } from "../fifo.ts";
import { FileSystem } from "../filesystem.ts";
import { type Directory, type Inode, type NewInode, SocketInode, Symlink } from "../inode.ts";
import type { Location } from "../mount.ts";
import type { FsEnvironment } from "../types.ts";
import { usageOf } from "../usage.ts";
import { attributesOf } from "../xattr.ts";
import { TmpDirectory } from "./directory.ts";
import { TmpFile } from "./file.ts";
import { OpenTmpDirectory } from "./open-directory.ts";

/** A file system in memory (tmpfs(5)): contents are frames charged to the machine. */
export class Tmpfs extends FileSystem {
  readonly root: TmpDirectory;
  override readonly hasAttributes = true;

  constructor(environment: FsEnvironment, mode = 0o1777, type = "tmpfs") {
    super(environment, type);
    this.root = this.makeRoot(mode);
  }

  protected makeRoot(mode: number): TmpDirectory {
    return new TmpDirectory(this, this.nextIno(), mode, null, "");
  }

  override statfs(): StatFsFields {
    const { owner } = this.environment;
    const { namesFree } = usageOf(this.environment);
    return {
      type: TMPFS_MAGIC,
      blockSize: this.blockSize,
      blocks: owner.frameLimit,
      free: Math.max(0, owner.frameLimit - owner.frames),
      files: this.lastIno + namesFree,
      filesFree: namesFree,
      nameLength: 255,
    };
  }

  override openDirectory(directory: TmpDirectory, flags: number, location: Location | null): OpenDirectory {
    return new OpenTmpDirectory(directory, flags, location);
  }

  /** An inode that is not yet in a directory. */
  newInode(what: NewInode, parent: Directory, name: string): Inode {
    const ino = this.nextIno();
    const inode = this.#make(what, ino, parent, name);
    inode.uid = what.uid;
    inode.gid = what.gid;
    if (what.acl) attributesOf(inode).setAcl("access", what.acl);
    if (what.defaultAcl) attributesOf(inode).setAcl("default", what.defaultAcl);
    return inode;
  }

  #make(what: NewInode, ino: number, parent: Directory, name: string): Inode {
    const { mode } = what;
    switch (mode & S_IFMT) {
      case S_IFREG:
        return new TmpFile(this, ino, mode);
      case S_IFDIR:
        return new TmpDirectory(this, ino, mode, parent, name);
      case S_IFLNK:
        return new Symlink(this, ino, what.target!);
      case S_IFIFO:
        return new Fifo(this, ino, mode);
      case S_IFSOCK:
        return new SocketInode(this, ino, mode);
      case S_IFCHR:
      case S_IFBLK: {
        const device = new DeviceInode(this, ino, mode);
        device.rdev = what.rdev ?? 0;
        return device;
      }
      default:
        throw new Errno(EINVAL);
    }
  }
}
