/**
 * Classic BPF, for sockets (SO_ATTACH_FILTER; net/core/filter.c) and for seccomp(2): checking a program, and running it. What its
 * loads find is the business of those who run it.
 */
import * as bpf from "../abi/bpf.ts";
import { EINVAL, Errno } from "../abi/errno.ts";

const ALU: readonly number[] = [
  bpf.BPF_ADD,
  bpf.BPF_SUB,
  bpf.BPF_MUL,
  bpf.BPF_DIV,
  bpf.BPF_OR,
  bpf.BPF_AND,
  bpf.BPF_LSH,
  bpf.BPF_RSH,
  bpf.BPF_XOR,
];
const LOADS: readonly number[] = [
  bpf.BPF_LD_W_ABS,
  bpf.BPF_LD_H_ABS,
  bpf.BPF_LD_B_ABS,
  bpf.BPF_LD_W_IND,
  bpf.BPF_LD_H_IND,
  bpf.BPF_LD_B_IND,
  bpf.BPF_LDX_B_MSH,
];
const JUMPS: readonly number[] = [bpf.BPF_JEQ, bpf.BPF_JGT, bpf.BPF_JGE, bpf.BPF_JSET];
const PLAIN: readonly number[] = [
  bpf.BPF_LD_W_LEN,
  bpf.BPF_LDX_W_LEN,
  bpf.BPF_LD_IMM,
  bpf.BPF_LDX_IMM,
  bpf.BPF_RET_K,
  bpf.BPF_RET_A,
  bpf.BPF_TAX,
  bpf.BPF_TXA,
  bpf.BPF_NEG,
];
const MEMORY: readonly number[] = [bpf.BPF_LD_MEM, bpf.BPF_LDX_MEM, bpf.BPF_ST, bpf.BPF_STX];

/** Bytes of a program's objects, whatever its length. */
const OVERHEAD = 1024;

/** Bytes of a load, by its size field (BPF_W, BPF_H, BPF_B). */
const SIZES: readonly number[] = [4, 2, 1];

/** What programs run over, and which instructions they may have beyond those that need no data. */
export interface BpfSource<Data> {
  /** Whether the instruction, a load or one of a few rare ones, is allowed. */
  permits(code: number, k: number): boolean;
  /** The `size` bytes at `at`, which may be a SKF_AD_OFF one, as a number; -1 when there are none: the program ends with 0. */
  load(data: Data, at: number, size: number): number;
  length(data: Data): number;
}

export class BpfProgram<Data> {
  readonly #source: BpfSource<Data>;
  /** The program, as it was given: an array of struct sock_filter. */
  readonly bytes: Uint8Array;
  readonly #codes: Uint16Array;
  /** Where a jump goes to, relative, when the condition holds and when not. */
  readonly #jt: Uint8Array;
  readonly #jf: Uint8Array;
  readonly #k: Uint32Array;
  readonly #memory = new Uint32Array(bpf.BPF_MEMWORDS);

  /** `bytes`: an array of struct sock_filter. Throws EINVAL for a program that could fail or go on for ever. */
  constructor(bytes: Uint8Array, source: BpfSource<Data>) {
    this.bytes = bytes;
    this.#source = source;
    const count = bytes.length / bpf.BPF_INSTRUCTION_SIZE;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#codes = new Uint16Array(count);
    this.#jt = new Uint8Array(count);
    this.#jf = new Uint8Array(count);
    this.#k = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const at = i * bpf.BPF_INSTRUCTION_SIZE;
      this.#codes[i] = view.getUint16(at, true);
      this.#jt[i] = bytes[at + 2];
      this.#jf[i] = bytes[at + 3];
      this.#k[i] = view.getUint32(at + 4, true);
      if (!this.#isValid(i, count)) throw new Errno(EINVAL);
    }
    const last = this.#codes[count - 1];
    if (last !== bpf.BPF_RET_K && last !== bpf.BPF_RET_A) throw new Errno(EINVAL);
    this.#checkMemory(count);
  }

  /** Bytes that it takes up, as it was given and as it is run. */
  get memory(): number {
    return OVERHEAD + 2 * this.bytes.length;
  }

  /** EINVAL when a word of memory may be read that no instruction has written (check_load_and_stores). */
  #checkMemory(count: number): void {
    const masks = new Uint16Array(count).fill(0xffff);
    let written = 0;
    for (let i = 0; i < count; i++) {
      written &= masks[i];
      const code = this.#codes[i];
      const k = this.#k[i];
      if (code === bpf.BPF_ST || code === bpf.BPF_STX) {
        written |= 1 << k;
      } else if (code === bpf.BPF_LD_MEM || code === bpf.BPF_LDX_MEM) {
        if ((written & (1 << k)) === 0) throw new Errno(EINVAL);
      } else if (code === bpf.BPF_JA) {
        masks[i + 1 + k] &= written;
        written = 0xffff;
      } else if (JUMPS.includes(code & ~bpf.BPF_X)) {
        masks[i + 1 + this.#jt[i]] &= written;
        masks[i + 1 + this.#jf[i]] &= written;
        written = 0xffff;
      }
    }
  }

  #isValid(i: number, count: number): boolean {
    const code = this.#codes[i];
    const k = this.#k[i];
    const left = count - i - 1;
    const operation = code & ~bpf.BPF_X;
    if (LOADS.includes(code) || operation === bpf.BPF_MOD) {
      return this.#source.permits(code, k) && (code !== bpf.BPF_MOD || k !== 0);
    }
    if (code === bpf.BPF_JA) return k < left;
    if (MEMORY.includes(code)) return k < bpf.BPF_MEMWORDS;
    if (PLAIN.includes(code)) return true;
    if (JUMPS.includes(operation)) return this.#jt[i] < left && this.#jf[i] < left;
    if (!ALU.includes(operation) || code >= 0x100) return false;
    if (code === bpf.BPF_DIV) return k !== 0;
    return (code !== bpf.BPF_LSH && code !== bpf.BPF_RSH) || k < 32;
  }

  /** Runs over `data`; returns what the program does, a signed number. */
  run(data: Data): number {
    const source = this.#source;
    const memory = this.#memory.fill(0);
    let a = 0;
    let x = 0;
    for (let i = 0; ; i++) {
      const code = this.#codes[i];
      const k = this.#k[i];
      switch (code) {
        case bpf.BPF_LD_W_ABS:
        case bpf.BPF_LD_H_ABS:
        case bpf.BPF_LD_B_ABS:
          if (k === bpf.SKF_AD_OFF + bpf.SKF_AD_ALU_XOR_X) a = (a ^ x) >>> 0;
          else a = source.load(data, k, SIZES[(code >>> 3) & 3]);
          if (a < 0) return 0;
          continue;
        case bpf.BPF_LD_W_IND:
        case bpf.BPF_LD_H_IND:
        case bpf.BPF_LD_B_IND:
          a = source.load(data, (x + k) >>> 0, SIZES[(code >>> 3) & 3]);
          if (a < 0) return 0;
          continue;
        case bpf.BPF_LDX_B_MSH: {
          const byte = source.load(data, k, 1);
          if (byte < 0) return 0;
          x = (byte & 15) * 4;
          continue;
        }
        case bpf.BPF_LD_W_LEN:
          a = source.length(data);
          continue;
        case bpf.BPF_LDX_W_LEN:
          x = source.length(data);
          continue;
        case bpf.BPF_LD_IMM:
          a = k;
          continue;
        case bpf.BPF_LDX_IMM:
          x = k;
          continue;
        case bpf.BPF_LD_MEM:
          a = memory[k];
          continue;
        case bpf.BPF_LDX_MEM:
          x = memory[k];
          continue;
        case bpf.BPF_ST:
          memory[k] = a;
          continue;
        case bpf.BPF_STX:
          memory[k] = x;
          continue;
        case bpf.BPF_RET_K:
          return k | 0;
        case bpf.BPF_RET_A:
          return a | 0;
        case bpf.BPF_TAX:
          x = a;
          continue;
        case bpf.BPF_TXA:
          a = x;
          continue;
        case bpf.BPF_NEG:
          a = -a >>> 0;
          continue;
        case bpf.BPF_JA:
          i += k;
          continue;
      }
      const operand = code & bpf.BPF_X ? x : k;
      const operation = code & ~bpf.BPF_X;
      if ((code & 7) === 5) {
        i += holds(operation, a, operand) ? this.#jt[i] : this.#jf[i];
        continue;
      }
      // Division by X = 0 ends the program with 0.
      if ((operation === bpf.BPF_DIV || operation === bpf.BPF_MOD) && operand === 0) return 0;
      a = compute(operation, a, operand);
    }
  }
}

function holds(operation: number, a: number, b: number): boolean {
  switch (operation) {
    case bpf.BPF_JEQ:
      return a === b;
    case bpf.BPF_JGT:
      return a > b;
    case bpf.BPF_JGE:
      return a >= b;
    default:
      return (a & b) !== 0;
  }
}

/** On 32 bits, unsigned. */
function compute(operation: number, a: number, b: number): number {
  switch (operation) {
    case bpf.BPF_ADD:
      return (a + b) >>> 0;
    case bpf.BPF_SUB:
      return (a - b) >>> 0;
    case bpf.BPF_MUL:
      return Math.imul(a, b) >>> 0;
    case bpf.BPF_DIV:
      return Math.floor(a / b);
    case bpf.BPF_MOD:
      return a % b;
    case bpf.BPF_OR:
      return (a | b) >>> 0;
    case bpf.BPF_AND:
      return (a & b) >>> 0;
    case bpf.BPF_LSH:
      return (a << (b & 31)) >>> 0;
    case bpf.BPF_RSH:
      return a >>> (b & 31);
    default:
      return (a ^ b) >>> 0;
  }
}
