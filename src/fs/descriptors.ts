import { EBADF, EMFILE, Errno } from "../abi/errno.ts";
import { O_PATH } from "../abi/fcntl.ts";
import type { File } from "./types.ts";

/** Told when a descriptor goes, so that POSIX locks of its owner can be released (fcntl(2)). */
type OnClose = (file: File, table: Descriptors) => void;

/**
 * The table of file descriptors of a process (shared with CLONE_FILES). Holds one reference to an open file description
 * for each descriptor.
 */
export class Descriptors {
  readonly #files: (File | null)[] = [];
  readonly #closeOnExec: boolean[] = [];
  #capacity = 64;
  /** No descriptor below it is free. */
  #lowest = 0;
  /** Processes that share it. */
  references = 1;
  readonly #onClose: OnClose;

  constructor(onClose: OnClose = releaseLocks) {
    this.#onClose = onClose;
  }

  /** One more than the highest descriptor in use. */
  get length(): number {
    return this.#files.length;
  }

  /**
   * How many descriptors the table has room for: 64, then powers of two; a copy starts at what it needs. select(2) looks at
   * no bit beyond it (fs/select.c, core_sys_select).
   */
  get capacity(): number {
    return this.#capacity;
  }

  /** Makes room for `fd`, also when nothing is put there in the end. */
  expand(fd: number): void {
    while (this.#capacity <= fd) this.#capacity *= 2;
  }

  /** The description behind `fd`, or null. */
  get(fd: number): File | null {
    return this.#files[fd] ?? null;
  }

  /** The description behind `fd`; throws EBADF. */
  file(fd: number): File {
    const file = this.#files[fd];
    if (!file) throw new Errno(EBADF);
    return file;
  }

  /**
   * Puts `file`, whose reference passes to the table, at the lowest free descriptor that is at least `minimum`. `limit` is
   * RLIMIT_NOFILE; EMFILE (thrown) when it is reached, and then the reference stays with the caller.
   */
  install(file: File, closeOnExec: boolean, limit: number, minimum = 0): number {
    let fd = Math.max(minimum, this.#lowest);
    while (this.#files[fd]) fd++;
    if (fd >= limit) throw new Errno(EMFILE);
    if (minimum <= this.#lowest) this.#lowest = fd + 1;
    this.#put(fd, file, closeOnExec);
    return fd;
  }

  /** EMFILE (thrown) unless `count` more descriptors fit, for calls that must not fail half-way. */
  reserve(count: number, limit: number): void {
    let free = 0;
    for (let fd = this.#lowest; fd < limit; fd++) if (!this.#files[fd] && ++free === count) return;
    throw new Errno(EMFILE);
  }

  /** Puts `file`, whose reference passes to the table, at `fd`, closing what was there (dup2). */
  replace(fd: number, file: File, closeOnExec: boolean): void {
    const old = this.#files[fd];
    this.#put(fd, file, closeOnExec);
    if (fd === this.#lowest) this.#lowest++;
    if (old) this.#closed(old);
  }

  #put(fd: number, file: File, closeOnExec: boolean): void {
    for (let i = this.#files.length; i < fd; i++) {
      this.#files.push(null);
      this.#closeOnExec.push(false);
    }
    this.expand(fd);
    this.#files[fd] = file;
    this.#closeOnExec[fd] = closeOnExec;
  }

  closeOnExec(fd: number): boolean {
    return this.#closeOnExec[fd] ?? false;
  }

  setCloseOnExec(fd: number, on: boolean): void {
    this.file(fd);
    this.#closeOnExec[fd] = on;
  }

  /** Closes `fd`: 0, or -EBADF. */
  close(fd: number): number {
    const file = this.#files[fd];
    if (!file) return -EBADF;
    this.#files[fd] = null;
    if (fd < this.#lowest) this.#lowest = fd;
    let length = this.#files.length;
    while (length > 0 && this.#files[length - 1] === null) length--;
    this.#files.length = this.#closeOnExec.length = length;
    this.#closed(file);
    return 0;
  }

  #closed(file: File): void {
    this.#onClose(file, this);
    file.close();
  }

  /** A copy that shares every description (fork, or CLOSE_RANGE_UNSHARE). */
  copy(): Descriptors {
    const copy = new Descriptors(this.#onClose);
    for (let fd = 0; fd < this.#files.length; fd++) {
      const file = this.#files[fd];
      if (file) file.references++;
      copy.#files.push(file);
      copy.#closeOnExec.push(this.#closeOnExec[fd]);
    }
    copy.#lowest = this.#lowest;
    while (copy.#capacity < this.#files.length) copy.#capacity *= 2;
    return copy;
  }

  /** Closes what execve(2) closes. */
  exec(): void {
    for (let fd = 0; fd < this.#files.length; fd++) if (this.#closeOnExec[fd]) this.close(fd);
  }

  /** A process that shared it ends; the last one closes everything. */
  drop(): void {
    if (--this.references > 0) return;
    for (let fd = this.#files.length - 1; fd >= 0; fd--) this.close(fd);
  }

  *entries(): Iterable<[fd: number, file: File]> {
    for (let fd = 0; fd < this.#files.length; fd++) {
      const file = this.#files[fd];
      if (file) yield [fd, file];
    }
  }
}

/** POSIX: closing any descriptor of a file releases all locks that the owner has on it; one of O_PATH has not opened it. */
function releaseLocks(file: File, table: Descriptors): void {
  if ((file.flags & O_PATH) === 0) file.inode.locks?.releaseOwner(table);
}
