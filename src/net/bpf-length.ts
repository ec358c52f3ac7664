/**
 * How long a classic BPF program is as Linux keeps it, translated into eBPF (bpf_convert_filter of net/core/filter.c): that is
 * what limits on memory and on instructions are about.
 */
import * as bpf from "../abi/bpf.ts";

/** Bytes of struct bpf_prog before its instructions (Linux 6.18), and of an instruction. */
const HEADER = 96;
const INSTRUCTION = 8;
/** At the beginning: A and X are 0, the context is moved to where it stays. */
const PROLOGUE = 3;
/** For programs that look into packets: where the data is, and how much. */
const PACKET_PROLOGUE = 4;
/** Arguments of a call that loads, the call, and the end of the program when it fails. */
const CALL = 8;
const MAX_OFFSET = 0x7fff;

/** Instructions of ancillary loads (convert_bpf_extensions), by offset from SKF_AD_OFF. */
const ANCILLARY = new Map<number, number>([
  [bpf.SKF_AD_PROTOCOL, 2],
  [bpf.SKF_AD_PKTTYPE, 2],
  [bpf.SKF_AD_IFINDEX, 4],
  [bpf.SKF_AD_CPU, 4],
  [bpf.SKF_AD_ALU_XOR_X, 1],
]);

/** A load at a fixed place, of 1, 2 or 4 bytes: by itself where the packet is in one piece, and by a call (convert_bpf_ld_abs). */
function absoluteLoad(k: number, swapped: boolean): number {
  if (k > 0x7fff_ffff) return CALL;
  return 4 + Number(k !== 0) + 2 * Number(k > MAX_OFFSET) + Number(swapped) + CALL;
}

function lengthOf(code: number, jt: number, jf: number, k: number): number {
  switch (code) {
    case bpf.BPF_LD_W_ABS:
    case bpf.BPF_LD_H_ABS:
    case bpf.BPF_LD_B_ABS:
      return ANCILLARY.get(k - bpf.SKF_AD_OFF) ?? absoluteLoad(k, code !== bpf.BPF_LD_B_ABS);
    case bpf.BPF_LD_W_IND:
    case bpf.BPF_LD_H_IND:
    case bpf.BPF_LD_B_IND:
      return CALL + Number(k !== 0);
    case bpf.BPF_LDX_B_MSH:
      return 6 + absoluteLoad(k, false);
    case bpf.BPF_RET_K:
      return 2;
    case bpf.BPF_DIV | bpf.BPF_X:
    case bpf.BPF_MOD | bpf.BPF_X:
      return 5;
  }
  if ((code & 7) !== (bpf.BPF_JA & 7) || code === bpf.BPF_JA) return 1;
  const negative = (code & bpf.BPF_X) === 0 && k > 0x7fff_ffff;
  // Where the next instruction is one of the two ways, one jump will do; but there is none for bits that are not set.
  const single = jf === 0 || (jt === 0 && (code & ~bpf.BPF_X) !== bpf.BPF_JSET);
  return (single ? 1 : 2) + Number(negative);
}

function translated(program: Uint8Array, packets: boolean): number {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  let length = PROLOGUE;
  let loads = false;
  for (let at = 0; at < program.length; at += bpf.BPF_INSTRUCTION_SIZE) {
    const code = view.getUint16(at, true);
    // What filters of system calls load is in front of them; the only loads that they have are these.
    if (!packets && code === bpf.BPF_LD_W_ABS) {
      length++;
      continue;
    }
    const k = view.getUint32(at + 4, true);
    const indirect = code === bpf.BPF_LD_W_IND || code === bpf.BPF_LD_H_IND || code === bpf.BPF_LD_B_IND;
    const absolute = code === bpf.BPF_LD_W_ABS || code === bpf.BPF_LD_H_ABS || code === bpf.BPF_LD_B_ABS;
    loads ||= indirect || code === bpf.BPF_LDX_B_MSH || (absolute && !ANCILLARY.has(k - bpf.SKF_AD_OFF));
    length += lengthOf(code, program[at + 2], program[at + 3], k);
  }
  return length + (loads ? PACKET_PROLOGUE : 0);
}

/** Instructions of a filter of system calls. `program`: a valid array of struct sock_filter. */
export const seccompLength = (program: Uint8Array): number => translated(program, false);

/** Bytes of a socket's filter. `program`: a valid array of struct sock_filter. */
export const filterSize = (program: Uint8Array): number => HEADER + INSTRUCTION * translated(program, true);
