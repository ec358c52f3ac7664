/** What the descriptor based mount calls work on: a file system that is being configured, and a mount without a place. */
import { EBUSY, EINVAL, Errno } from "../abi/errno.ts";
import { O_PATH, O_RDWR } from "../abi/fcntl.ts";
import { File, PathFile } from "../fs/file.ts";
import type { FileSystem } from "../fs/filesystem.ts";
import { Location, type Mount } from "../fs/mount.ts";
import { changeOptions, isFileSystemType, newFileSystem, takesOptions } from "./filesystems.ts";
import { hasWriters } from "./mount-use.ts";
import type { Thread } from "./task.ts";

/** fsopen(2) and fspick(2): parameters are collected, then a file system is made, or the one picked is changed. */
export class FileSystemContext extends File {
  readonly #type: string;
  readonly #options = new Map<string, string>();
  #readOnly: boolean | null = null;
  /** Has been made, or was picked. */
  #fileSystem: FileSystem | null;
  /** Made, and not mounted yet: nothing is taken before fsmount(2). */
  #awaitsMount = false;
  source = "none";

  constructor(t: Thread, type: string, picked: FileSystem | null) {
    super(t.kernel.vfs.anonymous.others.inode(0o600), O_RDWR, null);
    this.#type = type;
    this.#fileSystem = picked;
  }

  static isType(type: string): boolean {
    return isFileSystemType(type);
  }

  override get label(): string {
    return "anon_inode:[fscontext]";
  }

  /** A parameter; a flag has no value. Throws EBUSY after the file system was made, EINVAL. */
  set(key: string, value: string | null): void {
    if (this.#awaitsMount) throw new Errno(EBUSY);
    if (value === null && (key === "ro" || key === "rw")) this.#readOnly = key === "ro";
    else if (key === "source") {
      if (value === null || this.source !== "none") throw new Errno(EINVAL);
      this.source = value;
    } else {
      const option = new Map([[key, value ?? ""]]);
      if (!takesOptions(this.#type, option)) throw new Errno(EINVAL);
      this.#options.set(key, value ?? "");
    }
  }

  create(t: Thread): void {
    if (this.#awaitsMount || this.#fileSystem !== null) throw new Errno(EBUSY);
    const fileSystem = newFileSystem(t, this.#type, this.#options);
    if (this.#readOnly === true) fileSystem.readOnly = true;
    this.#fileSystem = fileSystem;
    this.#awaitsMount = true;
  }

  reconfigure(t: Thread): void {
    const fileSystem = this.#fileSystem;
    if (fileSystem === null || this.#awaitsMount) throw new Errno(EBUSY);
    changeOptions(fileSystem, this.#options);
    this.#options.clear();
    if (this.#readOnly === null) return;
    if (this.#readOnly && !fileSystem.readOnly && hasWriters(t.kernel, fileSystem)) throw new Errno(EBUSY);
    fileSystem.readOnly = this.#readOnly;
    this.#readOnly = null;
  }

  /** The file system that was made, once. EINVAL before, EBUSY after. */
  take(): FileSystem {
    if (this.#fileSystem === null) throw new Errno(EINVAL);
    if (!this.#awaitsMount) throw new Errno(EBUSY);
    this.#awaitsMount = false;
    return this.#fileSystem;
  }
}

/** A tree of mounts that is nowhere (fsmount(2), open_tree(2)); it goes with the descriptor unless move_mount(2) places it. */
export class MountFile extends PathFile {
  readonly #release: () => void;

  constructor(t: Thread, mount: Mount) {
    super(mount.root, O_PATH, new Location(mount, mount.root, mount.rootEntry?.parent, mount.rootEntry?.name));
    const { trees } = t.kernel.vfs;
    this.#release = () => {
      if (mount.namespace === null && mount.point === null) trees.dissolve(mount);
    };
  }

  override release(): void {
    this.#release();
  }
}
