/**
 * A case of the differential test: one instruction with the whole state it starts from, and what became of it. Both
 * sides (native.c on the host's processor, guest.ts on Binlet's) run the same cases in the same memory.
 */

/** Bytes at the start of an FXSAVE64 image that are state: x87 and MMX, MXCSR, XMM0 to XMM15 (SDM Vol. 1, table 10-2). */
export const FX_BYTES = 416;
export const FX_MXCSR = 24;
export const FX_MXCSR_MASK = 28;
export const FX_ST = 32;
export const FX_XMM = 160;

export const PAGE = 4096;
/** Two executable pages, full of INT3 but for the case's instruction; the pages around them are not mapped. */
export const CODE = 0x6000_0000;
export const CODE_BYTES = 2 * PAGE;
/** Two writable pages and a read-only one, side by side; the pages around them are not mapped. */
export const DATA = 0x6010_0000;
export const DATA_BYTES = 2 * PAGE;
export const READ_ONLY = DATA + DATA_BYTES;
export const READ_ONLY_BYTES = PAGE;
export const INT3 = 0xcc;

export const READ = 1;
export const WRITE = 2;
export const EXECUTE = 4;

export interface Region {
  address: number;
  rights: number;
  /** What the pages hold between cases. */
  contents: Uint8Array;
}

export interface State {
  /** In encoding order: RAX RCX RDX RBX RSP RBP RSI RDI R8 to R15. */
  gpr: BigUint64Array;
  rip: bigint;
  rflags: number;
  /** Segment bases; 0 says that the case does not use the segment. */
  fs: bigint;
  gs: bigint;
  fx: Uint8Array;
}

export interface Patch {
  address: number;
  bytes: Uint8Array;
}

export interface Case {
  state: State;
  /** The instruction's bytes, at state.rip. */
  code: Uint8Array;
  /** Linear address that the memory operand is meant to have, if there is one. */
  touched?: bigint;
  /** Memory that differs from the regions' contents, the code included. */
  patches: Patch[];
}

export interface Outcome {
  signal: number;
  code: number;
  address: bigint;
  state: State;
  /** Address and new value of each aligned 8 bytes of memory that changed, by ascending address. */
  changes: { address: number; value: bigint }[];
}

const MAGIC = 0x43504e42;
const STATE_BYTES = 20 * 8 + FX_BYTES;
const OUTCOME_BYTES = 24 + STATE_BYTES + 8;

const align = (n: number): number => (n + 7) & ~7;

/** The file that native.c reads; struct names as there. */
export function encodeCases(regions: readonly Region[], cases: readonly Case[]): Uint8Array {
  let size = 16;
  for (const region of regions) size += 16 + region.contents.length;
  for (const c of cases) {
    size += STATE_BYTES + 8;
    for (const patch of c.patches) size += 16 + align(patch.bytes.length);
  }
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, regions.length, true);
  view.setUint32(8, cases.length, true);
  let at = 16;
  for (const region of regions) {
    view.setBigUint64(at, BigInt(region.address), true);
    view.setUint32(at + 8, region.contents.length, true);
    view.setUint32(at + 12, region.rights, true);
    at += 16;
  }
  for (const region of regions) {
    out.set(region.contents, at);
    at += region.contents.length;
  }
  for (const c of cases) {
    for (let i = 0; i < 16; i++) view.setBigUint64(at + i * 8, c.state.gpr[i], true);
    view.setBigUint64(at + 128, c.state.rip, true);
    view.setBigUint64(at + 136, BigInt(c.state.rflags), true);
    view.setBigUint64(at + 144, c.state.fs, true);
    view.setBigUint64(at + 152, c.state.gs, true);
    out.set(c.state.fx, at + 160);
    at += STATE_BYTES;
    view.setUint32(at, c.patches.length, true);
    at += 8;
    for (const patch of c.patches) {
      view.setBigUint64(at, BigInt(patch.address), true);
      view.setUint32(at + 8, patch.bytes.length, true);
      out.set(patch.bytes, at + 16);
      at += 16 + align(patch.bytes.length);
    }
  }
  return out;
}

/** The outcomes in a file that native.c wrote. */
export function decodeOutcomes(file: Uint8Array): Outcome[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const outcomes: Outcome[] = [];
  for (let at = 0; at < file.length; ) {
    const gpr = new BigUint64Array(16);
    const state = at + 24;
    for (let i = 0; i < 16; i++) gpr[i] = view.getBigUint64(state + i * 8, true);
    const outcome: Outcome = {
      signal: view.getUint32(at, true),
      code: view.getInt32(at + 4, true),
      address: view.getBigUint64(at + 8, true),
      state: {
        gpr,
        rip: view.getBigUint64(state + 128, true),
        rflags: Number(view.getBigUint64(state + 136, true)),
        fs: view.getBigUint64(state + 144, true),
        gs: view.getBigUint64(state + 152, true),
        fx: file.slice(state + 160, state + STATE_BYTES),
      },
      changes: [],
    };
    const changes = view.getUint32(state + STATE_BYTES, true);
    at += OUTCOME_BYTES;
    for (let i = 0; i < changes; i++, at += 16) {
      outcome.changes.push({ address: Number(view.getBigUint64(at, true)), value: view.getBigUint64(at + 8, true) });
    }
    outcomes.push(outcome);
  }
  return outcomes;
}
