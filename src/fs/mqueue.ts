/** The file system of POSIX message queues (mq_overview(7)), one an IPC namespace: a flat directory whose files are queues. */
import { EINVAL, EMFILE, ENOMEM, ENOSPC, EOVERFLOW, Errno } from "../abi/errno.ts";
import { SEEK_CUR, SEEK_END, SEEK_SET } from "../abi/fcntl.ts";
import {
  HARD_MSGMAX,
  HARD_MSGSIZEMAX,
  MESSAGE_OVERHEAD,
  MQ_PRIO_MAX,
  MQUEUE_MAGIC,
  PRIORITY_OVERHEAD,
  QUEUE_FILE_SIZE,
} from "../abi/mqueue.ts";
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../abi/poll.ts";
import { isRegular, S_IFREG } from "../abi/stat.ts";
import type { StatFsFields } from "../abi/statfs.ts";
import { SIGEV_SIGNAL } from "../abi/time.ts";
import type { IpcMemory } from "../ipc/memory.ts";
import { PosixQueue } from "../ipc/posix-queue.ts";
import type { Transfer } from "../memory/types.ts";
import type { WaitQueue } from "../wait/queue.ts";
import { File } from "./file.ts";
import { FileSystem } from "./filesystem.ts";
import { Directory, type DirectoryEntry, Inode, type NewInode } from "./inode.ts";
import { bytesOf } from "./name.ts";
import type { Caller, FsEnvironment, Result } from "./types.ts";

/** What the file system asks of the kernel about the process that runs. */
export interface QueueHost {
  readonly pid: number;
  /** Whose RLIMIT_MSGQUEUE its queues count for, and that limit in bytes. */
  readonly uid: number;
  readonly byteLimit: number;
  /** CAP_SYS_RESOURCE: only the hard limits hold. */
  readonly privileged: boolean;
  /** What it calls the process that the kernel knows by `pid`. */
  localPid(pid: number): number;
}

/** fs.mqueue.* (proc_sys_fs(5)). */
export interface QueueLimits {
  queues: number;
  messages: number;
  messageSize: number;
  defaultMessages: number;
  defaultMessageSize: number;
}

/** Attributes of a new queue: most messages, and most bytes of each. */
export interface QueueAttributes {
  readonly maxMessages: number;
  readonly messageSize: number;
}

/** What a name takes up in its directory's st_size (DIRENT_SIZE). */
const ENTRY_SIZE = 20;
/** What a queue takes up in memory without its messages (bytes). */
const SIZE_OF_QUEUE = 2048;

export class QueueFileSystem extends FileSystem {
  readonly root: QueueDirectory;
  readonly limits: QueueLimits = {
    queues: 256,
    messages: 10,
    messageSize: 8192,
    defaultMessages: 10,
    defaultMessageSize: 8192,
  };
  readonly memory: IpcMemory;
  /** Queues that there are, those without a name included. */
  count = 0;
  readonly #host: QueueHost;

  constructor(environment: FsEnvironment, host: QueueHost, memory: IpcMemory) {
    super(environment, "mqueue");
    this.#host = host;
    this.memory = memory;
    this.root = new QueueDirectory(this, this.nextIno(), 0o1777, null, "");
  }

  get host(): QueueHost {
    return this.#host;
  }

  override statfs(): StatFsFields {
    return { type: MQUEUE_MAGIC, blockSize: 4096, blocks: 0, free: 0, files: 0, filesFree: 0, nameLength: 255 };
  }
}

/** The root: names of queues, and nothing else. */
export class QueueDirectory extends Directory {
  declare readonly fileSystem: QueueFileSystem;
  readonly #queues = new Map<string, QueueInode>();

  override get size(): number {
    return this.#queues.size * ENTRY_SIZE;
  }

  override lookup(name: string): QueueInode | null {
    return this.#queues.get(name) ?? null;
  }

  override *entries(): Iterable<DirectoryEntry> {
    for (const [name, { ino, mode }] of this.#queues) yield { name, ino, mode };
  }

  override create(name: string, what: NewInode): Inode {
    return isRegular(what.mode) ? this.createQueue(name, what, null) : super.create(name, what);
  }

  /** A new queue, with the default attributes unless `attributes` says otherwise. Throws ENOSPC, EINVAL, EOVERFLOW, EMFILE, ENOMEM. */
  createQueue(name: string, { mode, uid, gid }: NewInode, attributes: QueueAttributes | null): QueueInode {
    const { limits, count, host } = this.fileSystem;
    if (count >= limits.queues && !host.privileged) throw new Errno(ENOSPC);
    const queue = new QueueInode(this.fileSystem, name, mode, attributes ?? defaults(limits));
    queue.uid = uid;
    queue.gid = gid;
    this.#queues.set(name, queue);
    this.modified();
    return queue;
  }

  /** Nobody is left in the namespace. */
  clear(): void {
    for (const [name, queue] of [...this.#queues]) this.unlink(name, queue);
  }

  override unlink(name: string, inode: Inode): void {
    this.#queues.delete(name);
    this.modified();
    inode.changeLinks(-1);
  }
}

const defaults = (limits: QueueLimits): QueueAttributes => ({
  maxMessages: Math.min(limits.messages, limits.defaultMessages),
  messageSize: Math.min(limits.messageSize, limits.defaultMessageSize),
});

export class QueueInode extends Inode {
  declare readonly fileSystem: QueueFileSystem;
  readonly name: string;
  readonly queue: PosixQueue;
  /** What it counts for, and for whom. */
  readonly #bytes: number;
  readonly #owner: number;
  /** Descriptions of it. */
  #open = 0;
  #evicted = false;

  constructor(fileSystem: QueueFileSystem, name: string, mode: number, attributes: QueueAttributes) {
    super(fileSystem, fileSystem.nextIno(), S_IFREG | (mode & 0o7777));
    const { host, memory, limits } = fileSystem;
    const { maxMessages, messageSize } = attributes;
    const [most, largest] = host.privileged ? [HARD_MSGMAX, HARD_MSGSIZEMAX] : [limits.messages, limits.messageSize];
    if (maxMessages <= 0 || messageSize <= 0 || maxMessages > most || messageSize > largest) throw new Errno(EINVAL);
    this.#bytes =
      maxMessages * (messageSize + MESSAGE_OVERHEAD) + Math.min(maxMessages, MQ_PRIO_MAX) * PRIORITY_OVERHEAD;
    if (this.#bytes > Number.MAX_SAFE_INTEGER) throw new Errno(EOVERFLOW);
    this.#owner = host.uid;
    if (!memory.takeQueue(this.#owner, this.#bytes, host.byteLimit)) throw new Errno(EMFILE);
    if (!memory.take(SIZE_OF_QUEUE)) {
      memory.giveQueue(this.#owner, this.#bytes);
      throw new Errno(ENOMEM);
    }
    this.name = name;
    this.queue = new PosixQueue(maxMessages, messageSize, memory);
    fileSystem.count++;
  }

  override get size(): number {
    return QUEUE_FILE_SIZE;
  }

  override open(_caller: Caller, flags: number): QueueFile {
    this.#open++;
    return new QueueFile(this, flags);
  }

  /** O_TRUNC is accepted and means nothing. */
  override truncate(): void {}

  override changeLinks(delta: number): void {
    super.changeLinks(delta);
    this.#evict();
  }

  /** A description of it is gone. */
  closed(): void {
    this.#open--;
    this.#evict();
  }

  #evict(): void {
    if (this.nlink > 0 || this.#open > 0 || this.#evicted) return;
    this.#evicted = true;
    this.queue.clear();
    const { memory } = this.fileSystem;
    memory.giveQueue(this.#owner, this.#bytes);
    memory.give(SIZE_OF_QUEUE);
    this.fileSystem.count--;
  }

  /** A message has come or gone. */
  used(): void {
    this.atime = this.mtime = this.ctime = this.fileSystem.environment.now();
  }

  /** It has been looked at, or a notification was taken back. */
  touched(): void {
    this.atime = this.ctime = this.fileSystem.environment.now();
  }
}

/** A message queue descriptor. What can be read from it is a line about the queue. */
export class QueueFile extends File {
  declare readonly inode: QueueInode;

  constructor(inode: QueueInode, flags: number) {
    super(inode, flags, null);
  }

  override get label(): string {
    return `/${this.inode.name}${this.inode.nlink === 0 ? " (deleted)" : ""}`;
  }

  override get seekable(): boolean {
    return true;
  }

  override read(_caller: Caller, into: Transfer, offset?: number): Result {
    const { queue, fileSystem } = this.inode;
    const to = queue.notified;
    const field = (value: number, width: number) => String(value).padEnd(width);
    const text = [
      `QSIZE:${field(queue.bytes, 10)}`,
      `NOTIFY:${field(to?.kind ?? 0, 5)}`,
      `SIGNO:${field(to?.kind === SIGEV_SIGNAL ? to.signal : 0, 5)}`,
      `NOTIFY_PID:${field(to === null ? 0 : fileSystem.host.localPid(to.pid), 6)}`,
    ].join(" ");
    const count = into.put(bytesOf(`${text}\n`).subarray(offset ?? this.offset));
    if (offset === undefined) this.offset += count;
    if (count > 0) this.inode.touched();
    return count;
  }

  override seek(offset: number, whence: number): number {
    const base = [0, this.offset, QUEUE_FILE_SIZE];
    if (whence !== SEEK_SET && whence !== SEEK_CUR && whence !== SEEK_END) return -EINVAL;
    const to = base[whence] + offset;
    return to < 0 ? -EINVAL : (this.offset = to);
  }

  override poll(): number {
    const { queue } = this.inode;
    return (queue.count > 0 ? POLLIN | POLLRDNORM : 0) | (queue.full ? 0 : POLLOUT | POLLWRNORM);
  }

  override get pollQueues(): readonly WaitQueue[] {
    const { readable, writable } = this.inode.queue;
    return [readable, writable];
  }

  /** A process that closes any descriptor of the queue is not notified any more. */
  override close(): void {
    const { queue, fileSystem } = this.inode;
    queue.withdraw(fileSystem.host.pid);
    super.close();
  }

  override release(): void {
    this.inode.closed();
  }
}
