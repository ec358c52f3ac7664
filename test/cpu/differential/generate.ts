/** Draws cases for a row of the instruction table. */
import { type Form, impliedBase, type OperandForm, type OperandSize, operandBits } from "../../../src/isa/encoding.ts";
import { rows } from "../../../src/isa/table.ts";
import type { Row } from "../../../src/isa/types.ts";
import { type Case, CODE, CODE_BYTES, PAGE } from "./cases.ts";
import { Draft } from "./draft.ts";
import { type Choice, encode, formOf } from "./encoder.ts";
import { immediates, littleEndian } from "./immediates.ts";
import { patchesAt } from "./memory.ts";
import { integer, type Random } from "./random.ts";
import {
  implicitBytes,
  implicitPointer,
  isBitString,
  isLea,
  isString,
  memoryContents,
  prepareImplicit,
  prepareTarget,
} from "./situations.ts";
import { dataAddress, type Spot } from "./targets.ts";
import { prepareX87 } from "./x87-state.ts";

const FS_PREFIX = 0x64;
const GS_PREFIX = 0x65;
const LOCK = 0xf0;
const MXCSR_DEFAULT = 0x1f80;
const IGNORED_SEGMENTS = [0x26, 0x2e, 0x36, 0x3e];

/** Sticky flags, often set; and in every other case a mode that is not the default one: RC, FTZ, DAZ, unmasked exceptions. */
function mxcsr(r: Random): number {
  let value = MXCSR_DEFAULT;
  if (r.chance(0.4)) value |= r.u32() & 0x3f;
  if (r.chance(0.5)) return value;
  value |= r.below(4) << 13;
  if (r.chance(0.3)) value |= r.pick([0x40, 0x8000, 0x8040]);
  if (r.chance(0.3)) value &= ~r.pick([0x80, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x680, 0x1f80, r.u32() & 0x1f80]);
  return value;
}

/** The operand size for operands that follow it; 64 for near jumps, whatever the prefixes say. */
function chooseSize(form: Form, r: Random): OperandSize {
  return form.row.defaultSize === "f64" ? 64 : r.pick(form.sizes);
}

function operandBytes(operand: OperandForm, form: Form, size: OperandSize): number {
  return implicitBytes(form) ?? operandBits(operand, size) / 8;
}

const distinguished = { "66": new Set<number>(), rexW: new Set<number>() };
for (const row of rows) {
  const form = formOf(row);
  const opcode = (form.map << 8) | form.opcode;
  if (form.prefix) distinguished["66"].add(opcode);
  if (form.rexW >= 0) distinguished.rexW.add(opcode);
}

/** Whether a prefix changes nothing: no operand has its size from it, and it does not choose between rows. */
function ignores(form: Form, prefix: "66" | "rexW"): boolean {
  if (form.sizes.length !== 1 || form.sizes[0] !== 32 || form.row.defaultSize || form.map > 1) return false;
  if (form.operands.some((o) => "vyzJ".includes(o.size || o.code))) return false;
  if (prefix === "66" ? form.prefix !== "" : form.rexW >= 0) return false;
  return !distinguished[prefix].has((form.map << 8) | form.opcode);
}

export function generateCase(row: Row, r: Random): Case {
  const form = formOf(row);
  const size = chooseSize(form, r);
  const d = new Draft(r, form, size);
  if (form.operands.some((o) => "VWU".includes(o.code)) || form.row.feature.startsWith("sse")) d.setMxcsr(mxcsr(r));

  if (form.operands.some((o) => "PQN".includes(o.code)) || row.feature === "mmx") prepareX87(d, "mmx");
  else if (row.feature === "x87" || row.feature === "fxsr" || row.name === "FISTTP") prepareX87(d, "x87");

  const choice: Choice = {
    prefixes: [],
    rexW: form.rexW === 1 || (size === 64 && form.sizes.includes(32)) || (ignores(form, "rexW") && r.chance(0.1)),
    forceRex: r.chance(0.15),
    reg: r.below(16),
    rm: form.rexBClear ? r.below(8) : r.below(16),
    immediate: immediates(form, size, r),
  };
  if (size === 16 || (ignores(form, "66") && r.chance(0.05))) choice.prefixes.push(0x66);

  const inModrm = form.operands.find((o) => "EWMQ".includes(o.code));
  let touched: bigint | undefined;
  const memory = form.memoryForm && inModrm && (!form.registerForm || r.chance(0.65)) ? inModrm : undefined;
  const segment = addPrefixes(form, choice, memory !== undefined, r);
  const address32 = form.address32 || (memory !== undefined && r.chance(0.08));
  if (address32) choice.prefixes.push(0x67);
  shuffle(choice.prefixes, r);

  prepareImplicit(d);
  const spot = codeSpot(r);
  if (memory) {
    const bytes = operandBytes(memory, form, size);
    const aligned = bytes >= 16 && !row.unaligned ? r.chance(0.85) : r.chance(0.4);
    touched = dataAddress(r, Math.max(bytes, 1), aligned ? alignmentOf(bytes) : 1);
    // Whether FXSAVE looks at alignment or at the address first is the processor's own affair.
    if (bytes >= 512 && touched >= 1n << 32n) touched &= ~15n;
    if (isLea(form) && r.chance(0.5)) touched = integer(r);
    const moved = isBitString(form) ? bitOffset(d, choice.reg, bytes) : 0n;
    const base = setSegment(d, segment, address32 ? undefined : touched);
    const offset = BigInt.asUintN(address32 ? 32 : 64, touched - moved - base);
    touched = BigInt.asUintN(64, base + offset + moved);
    const contents = memoryContents(d, bytes, spot);
    if (contents) d.patch(touched, contents);
    choice.address = d.address(offset, address32);
  } else {
    for (const operand of form.operands) {
      if (impliedBase(operand.code) >= 0 && !isString(form) && operand.code !== "B") {
        d.pin(impliedBase(operand.code), dataAddress(r, operandBytes(operand, form, size), 1));
      }
    }
    const pointer = implicitPointer(form);
    if (pointer !== undefined) d.pin(pointer, d.get(pointer) - setSegment(d, segment, d.get(pointer)));
  }
  prepareTarget(d, spot, memory ? undefined : choice.rm);

  const absolute = form.operands.find((o) => o.code === "O");
  if (absolute) {
    const address = dataAddress(r, operandBytes(absolute, form, size), 1);
    choice.immediate = littleEndian(address - setSegment(d, segment, address), address32 ? 4 : 8);
  }

  let code = encode(form, choice);
  const begin = spot.border ? spot.border - r.between(1, code.length) : spot.from;
  const next = BigInt(begin + code.length);
  if (choice.address?.ripRelative) {
    choice.address.displacement = Number(BigInt.asIntN(32, BigInt(choice.address.displacement) - next));
    code = encode(form, choice);
  }
  const relative = form.immediates.find((token) => token === "cb" || token === "cd");
  if (relative) {
    choice.immediate = relativeTarget(relative === "cb" ? 1 : 4, begin, code.length, r);
    code = encode(form, choice);
  }
  d.state.rip = BigInt(begin);
  return { state: d.state, code, touched, patches: [...d.patches, ...patchesAt(d.state.rip, code)] };
}

const alignmentOf = (bytes: number): number => (bytes >= 16 ? 16 : bytes & -bytes || 1);

/** Segment overrides, ignored prefixes and LOCK; returns the segment that counts. */
function addPrefixes(form: Form, choice: Choice, memory: boolean, r: Random): "" | "fs" | "gs" {
  if (form.row.lock && memory ? r.chance(0.25) : r.chance(0.004)) choice.prefixes.push(LOCK);
  if (r.chance(0.03)) choice.prefixes.push(r.pick(IGNORED_SEGMENTS));
  const reads = memory || isString(form) || form.operands.some((o) => o.code === "O" || impliedBase(o.code) >= 0);
  if (!reads || r.chance(0.9)) return "";
  const segment = r.chance(0.6) ? "fs" : "gs";
  choice.prefixes.push(segment === "fs" ? FS_PREFIX : GS_PREFIX);
  return segment;
}

/** Sets the base of a segment that is used; returns the base. Bases are user addresses, as arch_prctl demands. */
function setSegment(d: Draft, segment: "" | "fs" | "gs", address: bigint | undefined): bigint {
  if (!segment) return 0n;
  const { r } = d;
  let base = BigInt(r.between(1, 0x5fff_ffff));
  if (address !== undefined && address < 1n << 32n && r.chance(0.3)) base = address + BigInt(r.between(1, 500));
  d.state[segment] = base;
  return base;
}

/** Puts a bit offset into the register; returns by how many bytes it moves the access (SDM Vol. 2, BT). */
function bitOffset(d: Draft, register: number, bytes: number): bigint {
  const { r } = d;
  const value = r.weighted({ close: 70, far: 15, any: 15 });
  const offset = value === "close" ? BigInt(r.between(-600, 600)) : value === "far" ? BigInt(r.u32() | 0) : integer(r);
  d.pin(register, offset);
  const bits = BigInt.asIntN(bytes * 8, d.get(register));
  return (bits >> BigInt(Math.log2(bytes * 8))) * BigInt(bytes);
}

/** Where the instruction goes: within a page, or so that it crosses into the next one or into nothing. */
function codeSpot(r: Random): Spot {
  const kind = r.weighted({ inside: 85, crossing: 11, end: 4 });
  const border = kind === "inside" ? 0 : kind === "crossing" ? CODE + PAGE : CODE + CODE_BYTES;
  const from = border ? border - 15 : CODE + r.below(PAGE - 15);
  return { from, to: border ? border + 15 : from + 15, border };
}

function relativeTarget(length: number, begin: number, codeLength: number, r: Random): Uint8Array {
  for (;;) {
    const displacement = length === 1 ? r.between(-128, 127) : farDisplacement(begin, r);
    const target = begin + codeLength + displacement;
    if (target < begin || target >= begin + codeLength) return littleEndian(BigInt(displacement), length);
  }
}

function farDisplacement(begin: number, r: Random): number {
  const target = r.weighted({ code: 85, data: 5, unmapped: 5, below0: 5 });
  if (target === "code") return CODE + r.below(CODE_BYTES - 32) - begin;
  if (target === "data") return CODE + 0x10_0000 + r.below(0x3000) - begin;
  if (target === "unmapped") return 0x1000_0000 + r.below(0x1000_0000);
  return -2147483648 + r.below(0x1000_0000);
}

function shuffle(prefixes: number[], r: Random): void {
  for (let i = prefixes.length - 1; i > 0; i--) {
    const j = r.below(i + 1);
    [prefixes[i], prefixes[j]] = [prefixes[j], prefixes[i]];
  }
}
