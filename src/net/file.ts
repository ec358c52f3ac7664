import { EINVAL } from "../abi/errno.ts";
import { O_ASYNC, O_NONBLOCK, O_RDWR } from "../abi/fcntl.ts";
import { POLLOUT } from "../abi/poll.ts";
import { MSG_DONTWAIT, SOCK_STREAM } from "../abi/socket.ts";
import { File } from "../fs/file.ts";
import type { Inode } from "../fs/inode.ts";
import type { Caller, Result } from "../fs/types.ts";
import type { Transfer, UserMemory } from "../memory/types.ts";
import type { WaitQueue } from "../wait/queue.ts";
import { AsyncNotice } from "./async.ts";
import { dropRights, Incoming, Outgoing } from "./message.ts";
import type { Socket } from "./socket.ts";
import type { NetCaller } from "./types.ts";

/** A socket as an open file description. */
export class SocketFile extends File {
  readonly socket: Socket;
  readonly #queues: readonly WaitQueue[];
  #notice: AsyncNotice | null = null;

  /** `flags`: O_NONBLOCK or 0. */
  constructor(socket: Socket, inode: Inode, flags: number) {
    super(inode, flags | O_RDWR, null);
    this.socket = socket;
    this.#queues = [socket.readable, socket.writable];
    socket.file = this;
  }

  override get label(): string {
    return `socket:[${this.inode.ino}]`;
  }

  override get writesAll(): boolean {
    return this.socket.type === SOCK_STREAM;
  }

  /** MSG_DONTWAIT if O_NONBLOCK is set. */
  get waitFlag(): number {
    return this.flags & O_NONBLOCK ? MSG_DONTWAIT : 0;
  }

  override read(caller: Caller, into: Transfer, offset?: number): Result {
    if (offset !== undefined) return -EINVAL;
    if (into.remaining === 0) return 0;
    const message = new Incoming(this.waitFlag);
    const result = this.socket.receive(caller as NetCaller, into, message);
    dropRights(message);
    return result;
  }

  override write(caller: Caller, from: Transfer, offset?: number): Result {
    if (offset !== undefined) return -EINVAL;
    return this.socket.send(caller as NetCaller, from, new Outgoing(this.waitFlag));
  }

  override signalsBrokenPipe(done: number): boolean {
    return done === 0 && this.socket.type === SOCK_STREAM;
  }

  override ioctl(caller: Caller, memory: UserMemory, request: number, argument: number): Result {
    return this.socket.ioctl(caller as NetCaller, memory, request, argument);
  }

  override setFlags(flags: number): number {
    if ((flags & O_ASYNC) !== 0) this.#notice ??= new AsyncNotice(this);
    else if (this.#notice !== null) {
      this.#notice.closed();
      this.#notice = null;
    }
    return super.setFlags(flags);
  }

  override poll(): number {
    const events = this.socket.poll();
    if (this.#notice !== null && (events & POLLOUT) === 0) this.socket.wantsRoom = true;
    return events;
  }

  override get pollQueues(): readonly WaitQueue[] {
    return this.#queues;
  }

  override release(): void {
    this.socket.file = null;
    this.socket.close();
  }
}
