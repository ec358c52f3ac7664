/**
 * Cases of several instructions: what one instruction leaves to the next, flags above all, and what the interpreter makes of
 * neighbours (flags that nobody reads are not computed, a comparison and its branch become one micro-op, blocks link to
 * each other). Some are loops.
 */
import { type Form, type OperandForm, type OperandSize, operandBits } from "../../../src/isa/encoding.ts";
import { rows } from "../../../src/isa/table.ts";
import type { Row } from "../../../src/isa/types.ts";
import { type Case, CODE, DATA, PAGE } from "./cases.ts";
import { Draft } from "./draft.ts";
import { type Address, type Choice, encode, formOf } from "./encoder.ts";
import { immediates } from "./immediates.ts";
import { patchesAt } from "./memory.ts";
import { integer, type Random } from "./random.ts";
import { isBitString, isPlain, isShiftByImmediate } from "./situations.ts";

const RBX = 3;
const RCX = 1;
/** They point into data and are never written; so memory operands stay where they are. */
const BASES = [RBX, 12, 13, 14, 15];
/** What instructions compute with. RCX counts loops, RSP and RBP are left alone. */
const REGISTERS = [0, 2, 6, 7, 8, 9, 10, 11];
const LONGEST = 6;
/** REX, opcode, displacement. */
const JCC_BYTES = 3;

/** A sequence, and which flags are undefined when it stops at an address. */
export interface Sequence {
  case: Case;
  undefinedAt: Map<bigint, number>;
  /** After the last instruction. */
  undefinedFlags: number;
}

/** Rows whose only effects are on the operands they name, flags, and fixed data registers. */
const plain = rows.filter((row) => !row.untested && isPlain(formOf(row)));
const jumps = rows.filter((row) => row.cc !== undefined && row.encoding.endsWith("cb"));
const writesFlags = plain.filter((row) => (row.flags?.write ?? 0) !== 0 && row.feature === "base");
const decrement = rows.find((row) => row.name === "DEC" && row.encoding.startsWith("FF"))!;
const jumpIfNotZero = jumps.find((row) => row.cc === 5)!;

export function generateSequence(r: Random): Sequence {
  for (;;) {
    const sequence = trySequence(r);
    if (sequence) return sequence;
  }
}

function trySequence(r: Random): Sequence | undefined {
  const body = Array.from({ length: r.between(1, LONGEST) }, () => r.pick(r.chance(0.4) ? writesFlags : plain));
  const ending = r.weighted({ none: 3, branch: 5, loop: 2 });
  if (ending === "branch") body.push(r.pick(jumps));
  if (ending === "loop") body.push(decrement, jumpIfNotZero);
  const d = new Draft(r, formOf(body[0]), 64);
  for (const base of BASES) d.pin(base, baseAddress(r));
  d.pin(RCX, ending === "loop" ? BigInt(r.between(1, 12)) : integer(r));

  const start = CODE + r.between(0x100, PAGE - 0x100);
  const codes: Uint8Array[] = [];
  let end = start;
  for (const [i, row] of body.entries()) {
    const form = formOf(row);
    let code: Uint8Array;
    if (row === decrement && i === body.length - 2) code = encode(form, { ...register(RCX, r), rexW: true });
    else if (form.immediates.includes("cb")) {
      const back = ending === "loop" ? start - (end + JCC_BYTES) : r.between(16, 100);
      if (back < -128) return undefined;
      code = encode(form, { ...register(0, r), immediate: Uint8Array.of(back & 255) });
    } else code = encodePlain(form, r);
    codes.push(code);
    end += code.length;
  }

  const undefinedAt = undefinedFlags(body, codes, start, ending === "loop");
  if (!undefinedAt) return undefined;
  const code = new Uint8Array(end - start);
  let at = 0;
  for (const part of codes) {
    code.set(part, at);
    at += part.length;
  }
  d.state.rip = BigInt(start);
  const made: Case = { state: d.state, code, patches: patchesAt(d.state.rip, code) };
  return { case: made, undefinedAt, undefinedFlags: undefinedAt.get(BigInt(end))! };
}

/** Aligned data with room around it; sometimes such that operands cross a page, or are read-only. */
function baseAddress(r: Random): bigint {
  const offset = r.weighted({ inside: 90, crossing: 7, readOnly: 3 });
  if (offset === "inside") return BigInt(DATA + 16 * r.between(16, 480));
  if (offset === "crossing") return BigInt(DATA + PAGE - r.between(1, 16));
  return BigInt(DATA + 2 * PAGE + 16 * r.between(16, 200));
}

const register = (rm: number, r: Random): Choice => ({
  prefixes: [],
  rexW: false,
  forceRex: true,
  reg: r.pick(REGISTERS),
  rm,
  immediate: new Uint8Array(0),
});

function encodePlain(form: Form, r: Random): Uint8Array {
  const size: OperandSize = form.row.defaultSize === "f64" ? 64 : r.pick(form.sizes);
  const inModrm = form.operands.find((o) => "EWM".includes(o.code));
  const inMemory = form.memoryForm && inModrm && (!form.registerForm || r.chance(0.4)) && !isBitString(form);
  // A REX prefix keeps byte registers clear of AH to BH: BH is part of a base.
  const choice = register(number(form.operands, inModrm, r), r);
  choice.reg = form.operands.some((o) => o.code === "V") ? r.below(16) : choice.reg;
  choice.rexW = form.rexW === 1 || (size === 64 && form.sizes.includes(32));
  if (size === 16) choice.prefixes.push(0x66);
  choice.immediate = immediates(form, size, r);
  // A shift by 0 is another row, which leaves the flags alone.
  if (isShiftByImmediate(form) && !form.zeroCount && (choice.immediate[0] & 31) === 0) choice.immediate[0] |= 1;
  if (inMemory && form.row.lock && r.chance(0.2)) choice.prefixes.push(0xf0);
  if (!inMemory) return encode(form, choice);
  const bytes = operandBits(inModrm, size) / 8;
  const displacement = bytes >= 16 ? 16 * r.between(-4, 4) : r.between(-100, 100);
  const address: Address = {
    base: r.pick(BASES),
    index: -1,
    scale: 0,
    displacement,
    ripRelative: false,
    wide: r.chance(0.1),
  };
  return encode(form, { ...choice, address });
}

/** The register of ModRM.rm or of the opcode: any XMM register, or a general one that holds data. */
function number(operands: readonly OperandForm[], inModrm: OperandForm | undefined, r: Random): number {
  const vector = inModrm?.code === "W" || operands.some((o) => o.code === "U");
  return vector ? r.below(16) : r.pick(REGISTERS);
}

/** Flags that are undefined before each instruction and at the end; undefined if one of them is read on the way. */
function undefinedFlags(
  body: readonly Row[],
  codes: readonly Uint8Array[],
  start: number,
  loop: boolean,
): Map<bigint, number> | undefined {
  const at = new Map<bigint, number>();
  let now = 0;
  for (let round = 0; round < (loop ? 2 : 1); round++) {
    let rip = start;
    for (const [i, { flags = {} }] of body.entries()) {
      at.set(BigInt(rip), (at.get(BigInt(rip)) ?? 0) | now);
      if (now & (flags.read ?? 0)) return undefined;
      const defined = (flags.kill ?? flags.write ?? 0) & ~(flags.undefined ?? 0);
      now = (now & ~defined) | (flags.undefined ?? 0);
      rip += codes[i].length;
    }
    at.set(BigInt(rip), now);
  }
  return at;
}
