/** The ways in which mq_notify(2) tells a process that a message has come to an empty queue (ipc/mqueue.c, __do_notify). */
import { NOTIFY_REMOVED, NOTIFY_WOKENUP, SI_MESGQ, SIGEV_THREAD } from "../abi/mqueue.ts";
import { SIGEV_NONE, SIGEV_SIGNAL } from "../abi/time.ts";
import type { QueueNotification } from "../ipc/posix-queue.ts";
import type { NetlinkSocket } from "../net/netlink/socket.ts";
import { localPid } from "./lookup.ts";
import { sendToProcess } from "./signal/send.ts";
import type { Process } from "./task.ts";

/** SIGEV_NONE: nothing happens, but nobody else can be notified. */
export class SilentNotification implements QueueNotification {
  readonly kind: number = SIGEV_NONE;
  readonly signal: number = 0;
  protected readonly process: Process;

  constructor(process: Process) {
    this.process = process;
  }

  get pid(): number {
    return this.process.pid;
  }
  get gone(): boolean {
    return this.process.zombie;
  }

  tell(): void {}
  withdrawn(): void {}
}

/** SIGEV_SIGNAL: a signal to the process. */
export class SignalNotification extends SilentNotification {
  override readonly kind = SIGEV_SIGNAL;
  override readonly signal: number;
  readonly #value: readonly [low: number, high: number];

  constructor(process: Process, signal: number, value: readonly [low: number, high: number]) {
    super(process);
    this.signal = signal;
    this.#value = value;
  }

  override tell(): void {
    if (this.signal === 0) return;
    const sender = this.process.kernel.current!;
    sendToProcess(this.process, {
      signal: this.signal,
      code: SI_MESGQ,
      errno: 0,
      layout: "queue",
      pid: localPid(this.process, sender.process.pid),
      uid: sender.credentials.uid,
      value: this.#value,
    });
  }
}

/** SIGEV_THREAD: a netlink socket gets the cookie that the C library gave, with a last byte that says why. */
export class ThreadNotification extends SilentNotification {
  override readonly kind = SIGEV_THREAD;
  readonly #socket: NetlinkSocket;
  readonly #cookie: Uint8Array;

  constructor(process: Process, socket: NetlinkSocket, cookie: Uint8Array) {
    super(process);
    this.#socket = socket;
    this.#cookie = cookie;
  }

  override tell(): void {
    this.#send(NOTIFY_WOKENUP);
  }
  override withdrawn(): void {
    this.#send(NOTIFY_REMOVED);
  }

  #send(why: number): void {
    if (this.#socket.file === null) return;
    this.#cookie[this.#cookie.length - 1] = why;
    this.#socket.deliver(this.#cookie);
  }
}
