/**
 * What the sockets of a machine cost: buffers are JavaScript memory of an isolate with 128 MB for everything, so all of a
 * machine's sockets share one budget, as net.ipv4.tcp_mem bounds those of a Linux system.
 */
import { ENFILE, Errno } from "../abi/errno.ts";
import { WaitQueue } from "../wait/queue.ts";
import { Slabs } from "./slabs.ts";

/** Bytes in all socket buffers of a machine, bookkeeping included. */
const BUFFER_LIMIT = 16 << 20;
/** Sockets of a machine, those in accept queues and in flight included. */
const SOCKET_LIMIT = 8192;

/** struct sk_buff and struct skb_shared_info of x86-64 Linux, aligned. */
const BUFFER_HEADER = 256;
const SHARED_INFO = 320;

/**
 * What a buffer with `length` bytes counts against SO_SNDBUF and SO_RCVBUF (skb->truesize): programs that fill a socket see
 * the same number of messages fit as on Linux.
 */
export function trueSize(length: number): number {
  const wanted = length + SHARED_INFO;
  if (wanted > 8192) return BUFFER_HEADER + ((wanted + 4095) & ~4095);
  let size = 512;
  while (size < wanted) size *= 2;
  return BUFFER_HEADER + size;
}

export class NetUsage {
  #bytes = 0;
  #sockets = 0;
  /** Fires when there is room again after a send found none. */
  readonly freed = new WaitQueue();
  readonly slabs = new Slabs();

  /** Bytes in buffers, and sockets that exist, for /proc/net/sockstat. */
  get bytes(): number {
    return this.#bytes;
  }
  get sockets(): number {
    return this.#sockets;
  }

  /** Whether `bytes` more fit. */
  allows(bytes: number): boolean {
    return this.#bytes + bytes <= BUFFER_LIMIT;
  }

  charge(bytes: number): void {
    this.#bytes += bytes;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
    if (!this.freed.empty) this.freed.wake();
  }

  /** A socket is made. Throws ENFILE. */
  addSocket(): void {
    if (this.#sockets >= SOCKET_LIMIT) throw new Errno(ENFILE);
    this.#sockets++;
  }

  removeSocket(): void {
    this.#sockets--;
  }
}
