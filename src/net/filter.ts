/** Socket filters (SO_ATTACH_FILTER): classic BPF programs that decide what a socket receives, and how much (net/core/filter.c). */
import * as bpf from "../abi/bpf.ts";
import { EINVAL, ENOENT, ENOMEM, ENOPROTOOPT, EPERM, Errno } from "../abi/errno.ts";
import { OPTMEM_MAX, SOCK_STREAM } from "../abi/socket.ts";
import { BpfProgram, type BpfSource } from "./bpf.ts";
import { filterSize } from "./bpf-length.ts";
import type { Socket } from "./socket.ts";

/** A packet as filters see it. */
export interface FilterPacket {
  /** From the transport header on, or the message alone where there is none. */
  readonly bytes: Uint8Array;
  /** EtherType, or 0. */
  readonly protocol: number;
  /** The interface that it came in by, or 0. */
  readonly device: number;
}

const LOADS: readonly number[] = [bpf.BPF_LD_W_ABS, bpf.BPF_LD_H_ABS, bpf.BPF_LD_B_ABS];
/** Ancillary data that there is, as offsets from SKF_AD_OFF. */
const ANCILLARY: readonly number[] = [
  bpf.SKF_AD_PROTOCOL,
  bpf.SKF_AD_PKTTYPE,
  bpf.SKF_AD_IFINDEX,
  bpf.SKF_AD_CPU,
  bpf.SKF_AD_ALU_XOR_X,
];

const PACKETS: BpfSource<FilterPacket> = {
  permits: (code, k) => !LOADS.includes(code) || k < bpf.SKF_AD_OFF || ANCILLARY.includes(k - bpf.SKF_AD_OFF),

  load({ bytes, protocol, device }, at, size) {
    if (at + size <= bytes.length) {
      let value = 0;
      for (let i = 0; i < size; i++) value = value * 256 + bytes[at + i];
      return value;
    }
    switch (at - bpf.SKF_AD_OFF) {
      case bpf.SKF_AD_PROTOCOL:
        return protocol;
      case bpf.SKF_AD_IFINDEX:
        return device || -1;
      case bpf.SKF_AD_PKTTYPE: // PACKET_HOST
      case bpf.SKF_AD_CPU:
        return 0;
      default:
        return -1;
    }
  },

  length: ({ bytes }) => bytes.length,
};

/** The filter of one socket. */
export class SocketFilter {
  #program: BpfProgram<FilterPacket> | null = null;
  /** Bytes of it that count against net.core.optmem_max. */
  #size = 0;
  /** SO_LOCK_FILTER: it stays as it is. */
  locked = false;

  get attached(): boolean {
    return this.#program !== null;
  }

  /** The program, as it was attached (SO_GET_FILTER). */
  get bytes(): Uint8Array {
    return this.#program?.bytes ?? new Uint8Array(0);
  }

  /** `program`: an array of struct sock_filter. Throws EPERM, EINVAL; ENOMEM when there is no room for it beside the one before. */
  attach(socket: Socket, program: Uint8Array): void {
    if (this.locked) throw new Errno(EPERM);
    const count = program.length / bpf.BPF_INSTRUCTION_SIZE;
    if (count === 0 || count > bpf.BPF_MAXINSNS) throw new Errno(EINVAL);
    const made = new BpfProgram(program, PACKETS);
    if (socket.type === SOCK_STREAM && socket.protocol !== 0) {
      // There are no segments that it could see.
      socket.network.environment.log("setsockopt SO_ATTACH_FILTER on TCP is refused: ENOPROTOOPT");
      throw new Errno(ENOPROTOOPT);
    }
    const size = filterSize(program);
    const { usage } = socket.network;
    if (this.#size + size >= OPTMEM_MAX || !usage.allows(made.memory)) throw new Errno(ENOMEM);
    this.release(socket);
    usage.charge(made.memory);
    this.#program = made;
    this.#size = size;
  }

  /** The socket has no filter any more. */
  release(socket: Socket): void {
    if (this.#program === null) return;
    socket.network.usage.release(this.#program.memory);
    this.#program = null;
    this.#size = 0;
  }

  /** Throws EPERM, ENOENT. */
  detach(socket: Socket): void {
    if (this.locked) throw new Errno(EPERM);
    if (this.#program === null) throw new Errno(ENOENT);
    this.release(socket);
  }

  /** Throws EPERM when it is locked and would be no more. */
  lock(on: boolean): void {
    if (this.locked && !on) throw new Errno(EPERM);
    this.locked = on;
  }

  /** Bytes of `packet` that the socket receives, `least` or more, or -1 when it does not get it. */
  keeps(packet: FilterPacket, least: number): number {
    if (this.#program === null) return packet.bytes.length;
    const kept = this.#program.run(packet) >>> 0;
    return kept === 0 ? -1 : Math.min(Math.max(kept, least), packet.bytes.length);
  }
}
