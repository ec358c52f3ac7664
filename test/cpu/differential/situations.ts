/**
 * What instructions use besides their written operands: the stack, string pointers, CL, the dividend. Without these, random
 * registers would make almost every such case the same fault. Keyed by opcode, because MOVSD and CMPSD are two instructions
 * each.
 */
import type { Form } from "../../../src/isa/encoding.ts";
import { DATA, DATA_BYTES } from "./cases.ts";
import type { Draft } from "./draft.ts";
import { double, integer, type Random, single } from "./random.ts";
import { dataAddress, jumpTarget, type Spot } from "./targets.ts";
import { x87Memory } from "./x87-state.ts";

const RAX = 0;
const RCX = 1;
const RDX = 2;
const RBX = 3;
const RSP = 4;
const RBP = 5;
const RSI = 6;
const RDI = 7;

const within = (n: number, from: number, to: number): boolean => n >= from && n <= to;
const at = (form: Form, map: number, ...opcodes: number[]): boolean =>
  form.map === map && opcodes.includes(form.opcode);

export const isString = (form: Form): boolean =>
  form.map === 0 && (within(form.opcode, 0xa4, 0xa7) || within(form.opcode, 0xaa, 0xaf));
const isFf = (form: Form, ...digits: number[]): boolean => at(form, 0, 0xff) && digits.includes(form.digit);
const isPush = (form: Form): boolean =>
  (form.map === 0 && within(form.opcode, 0x50, 0x57)) ||
  at(form, 0, 0x68, 0x6a, 0x9c, 0xc8, 0xe8) ||
  at(form, 1, 0xa0, 0xa8) ||
  isFf(form, 2, 6);
const isReturn = (form: Form): boolean => at(form, 0, 0xc2, 0xc3);
const isPop = (form: Form): boolean =>
  (form.map === 0 && within(form.opcode, 0x58, 0x5f)) ||
  at(form, 0, 0x8f, 0x9d) ||
  at(form, 1, 0xa1, 0xa9) ||
  isReturn(form);
/** Its operand is the address to go to. */
const isIndirectJump = (form: Form): boolean => isFf(form, 2, 4);
const isFxSave = (form: Form): boolean => at(form, 1, 0xae) && (form.digit === 0 || form.digit === 1);
/** BT, BTS, BTR, BTC whose bit offset is in a register: the memory they touch is not the operand's address. */
export const isBitString = (form: Form): boolean => at(form, 1, 0xa3, 0xab, 0xb3, 0xbb);

/** The register that points to memory without being named, if a segment override applies to it. */
export function implicitPointer(form: Form): number | undefined {
  if (isString(form)) return RSI;
  if (at(form, 0, 0xd7)) return RBX;
  if (at(form, 1, 0xf7)) return RDI;
  return undefined;
}

/** PCMPESTRM, PCMPESTRI, PCMPISTRM, PCMPISTRI. */
const isStringCompare = (form: Form): boolean => at(form, 3, 0x60, 0x61, 0x62, 0x63);

/** 16 bytes of a small alphabet, so that there are matches, and of zeros, so that strings end. */
function text(r: Random): Uint8Array {
  const letters = [...(r.chance(0.6) ? [0] : []), 0x41, 0x42, 0x43, r.below(256)];
  const bytes = Uint8Array.from({ length: 16 }, () => r.pick(letters));
  // Words: the upper halves are mostly 0.
  if (r.chance(0.5)) for (let i = 1; i < 16; i += 2) if (r.chance(0.9)) bytes[i] = 0;
  return bytes;
}

/** Only the address counts, so any will do. */
export const isLea = (form: Form): boolean => at(form, 0, 0x8d);
/** SHLD and SHRD by an immediate. */
export const isDoubleShift = (form: Form): boolean => at(form, 1, 0xa4, 0xac);

export const isShiftByImmediate = (form: Form): boolean => at(form, 0, 0xc0, 0xc1) || isDoubleShift(form);

/** Bytes of the memory operand, where its letters do not say. */
export function implicitBytes(form: Form): number | undefined {
  if (isFxSave(form)) return 512;
  if (form.row.feature !== "x87" || form.operands.some((o) => o.size !== "")) return undefined;
  // FLDENV and FNSTENV, FRSTOR and FNSAVE; FLD, FSTP, FBLD and FBSTP of 80 bits.
  if (at(form, 0, 0xd9)) return 28;
  return at(form, 0, 0xdd) ? 108 : 10;
}

/**
 * Nothing is touched but the operands that are named and data registers: no stack, strings, jumps, system registers; no
 * value that is an approximation, undefined, or depends on flags of MXCSR that are not kept.
 */
export function isPlain(form: Form): boolean {
  const { row } = form;
  if (row.ends || row.rep || isPush(form) || isPop(form) || isString(form) || implicitPointer(form) !== undefined) {
    return false;
  }
  if (row.feature === "x87" || row.feature === "mmx") return false;
  if (form.operands.some((o) => o.code === "O" || o.code === "J")) return false;
  if (at(form, 0, 0xc9, 0xcc) || at(form, 1, 0xae, 0xa5, 0xad)) return false;
  return !/^(R(CP|SQRT)[PS]S|PCMP[EI]STR[IM]|PAUSE|CLD|STD|CLI|STI|HLT|INS?|OUTS?|UD2|LLDT|LTR|LGDT|LIDT|LMSW|INVLPG|SWAPGS|CLTS|SYSRET|INVD|WBINVD|..MSR|RDPMC)$/.test(
    row.name,
  );
}

/** Sets the registers, and the memory they point to, that the instruction uses unnamed. */
export function prepareImplicit(d: Draft): void {
  const { form, r } = d;
  const width = d.size === 16 ? 2 : 8;
  const stackAlignment = r.chance(0.7) ? 8 : 1;
  if (isStringCompare(form)) {
    const length = (): bigint =>
      r.chance(0.8) ? BigInt(r.between(-18, 18)) & 0xffff_ffffn : r.chance(0.5) ? BigInt(r.between(-18, 18)) : r.u64();
    if (form.opcode < 0x62) {
      d.pin(RAX, length());
      d.pin(RDX, length());
    }
    if (r.chance(0.8)) for (let n = 0; n < 16; n++) d.setXmm(n, text(r));
  } else if (isPush(form)) {
    d.pin(RSP, dataAddress(r, width, stackAlignment) + BigInt(width));
    if (form.opcode === 0xc8) d.pin(RBP, dataAddress(r, width, 1));
  } else if (isPop(form)) {
    const stack = dataAddress(r, width, stackAlignment);
    d.pin(RSP, stack);
    if (form.opcode === 0x9d) d.patch(stack, flagsImage(d));
  } else if (at(form, 0, 0xc9)) d.pin(RBP, dataAddress(r, width, stackAlignment));
  else if (isString(form)) prepareString(d);
  else if (at(form, 0, 0xd7)) d.pin(RBX, dataAddress(r, 1, 1) - (d.get(RAX) & 0xffn));
  else if (at(form, 1, 0xf7)) d.pin(RDI, dataAddress(r, 16, 1));
  else if (within(form.opcode, 0xe0, 0xe3) && form.map === 0) d.pin(RCX, r.pick([0n, 1n, 2n, 1n << 32n, 0xffff_ffffn]));
  else if (at(form, 0, 0xd2, 0xd3) || at(form, 1, 0xa5, 0xad)) {
    // For words, SHLD and SHRD by more than 16 are undefined.
    if (form.map === 1 && d.size === 16) d.pin(RCX, (d.get(RCX) & ~0x1fn) | BigInt(r.below(17)));
    else if (r.chance(0.7)) d.pin(RCX, (d.get(RCX) & ~0xffn) | BigInt(r.below(70)));
  } else if (at(form, 0, 0xf6, 0xf7) && form.digit >= 6) prepareDivision(d);
}

/** RFLAGS for POPF. TF would trap after the instruction; setting AC is as good as any other bit. */
function flagsImage(d: Draft): Uint8Array {
  const image = new Uint8Array(8);
  new DataView(image.buffer).setBigUint64(0, d.r.u64() & ~0x100n, true);
  return image;
}

/** A dividend that mostly does not overflow: RDX is 0, or the sign of RAX. */
function prepareDivision(d: Draft): void {
  const { r, form } = d;
  if (r.chance(0.25)) return;
  const signed = form.digit === 7;
  if (form.opcode === 0xf6) {
    const value = BigInt(signed ? r.between(-300, 300) : r.below(600));
    d.pin(RAX, (d.get(RAX) & ~0xffffn) | BigInt.asUintN(16, value));
    return;
  }
  if (r.chance(0.2)) d.pin(RDX, d.get(RDX) & 0xffn);
  else {
    const negative = signed && BigInt.asIntN(d.size, d.get(RAX)) < 0n;
    d.pin(RDX, BigInt.asUintN(64, negative ? -1n : 0n));
  }
  d.pin(RAX, d.get(RAX));
}

function prepareString(d: Draft): void {
  const { r, form } = d;
  const bytes = form.opcode & 1 ? d.size / 8 : 1;
  if (r.chance(0.4)) d.toggleDirection();
  const repeated = form.row.rep !== undefined;
  const garbage = (): bigint => (form.address32 && r.chance(0.5) ? r.u64() & ~0xffff_ffffn : 0n);
  if (repeated) {
    const count = r.weighted({ few: 60, none: 8, some: 20, many: 12 });
    const value =
      count === "few" ? r.between(1, 20) : count === "none" ? 0 : r.between(21, count === "some" ? 300 : 9000);
    const huge = count === "many" && r.chance(0.3);
    d.pin(RCX, huge ? r.u64() | (1n << 40n) : BigInt(value) | garbage());
  }
  const source = dataAddress(r, bytes, 1);
  let target = dataAddress(r, bytes, 1);
  if (r.chance(0.3)) target = source + BigInt(r.between(-40, 40)); // overlapping
  if (r.chance(0.15)) target = BigInt(DATA + r.below(DATA_BYTES));
  const is32 = (v: bigint): bigint => (form.address32 ? (v & 0xffff_ffffn) | garbage() : v);
  d.pin(RSI, is32(source));
  d.pin(RDI, is32(target));
  const compares = [0xa6, 0xa7, 0xae, 0xaf].includes(form.opcode);
  if (compares && r.chance(0.7)) {
    // Runs of equal elements, so that REPE goes on, with a few others in them.
    const run = new Uint8Array(bytes * 24).fill(r.below(256));
    for (let i = r.below(3); i > 0; i--) run[r.below(run.length)] ^= 1 << r.below(8);
    const element = new DataView(new ArrayBuffer(8));
    for (let i = 0; i < bytes; i++) element.setUint8(i, run[i]);
    d.pin(RAX, r.chance(0.7) ? element.getBigUint64(0, true) : d.get(RAX));
    for (const pointer of [source, target]) d.patch(pointer - BigInt(bytes * 12), run);
  }
}

/** What a memory operand holds: what its instruction finds interesting. `undefined` leaves it as it is. */
export function memoryContents(d: Draft, bytes: number, spot: Spot): Uint8Array | undefined {
  const { r, form } = d;
  const image = new Uint8Array(bytes);
  const view = new DataView(image.buffer);
  if (isIndirectJump(form)) {
    view.setBigUint64(0, jumpTarget(r, spot), true);
    return image;
  }
  if (isFxSave(form)) return fxImage(d);
  if (isStringCompare(form) && r.chance(0.8)) return text(r);
  if (form.row.feature === "x87") {
    const contents = x87Memory(form.row, bytes, r);
    if (contents) return contents;
  }
  if (at(form, 1, 0xae) && form.digit === 2) {
    view.setUint32(0, mxcsrImage(d), true);
    return image;
  }
  if (r.chance(0.3)) return undefined;
  if (bytes >= 4 && form.operands.some((o) => "VWU".includes(o.code)) && r.chance(0.7)) {
    if (r.chance(0.5) && bytes >= 8) for (let i = 0; i + 8 <= bytes; i += 8) view.setBigUint64(i, double(r), true);
    else for (let i = 0; i + 4 <= bytes; i += 4) view.setUint32(i, single(r), true);
    return image;
  }
  const value = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < bytes; i += 8) {
    value.setBigUint64(0, integer(r), true);
    image.set(new Uint8Array(value.buffer, 0, Math.min(8, bytes - i)), i);
  }
  // Comparisons that succeed.
  if (at(form, 1, 0xb0, 0xb1) && r.chance(0.5))
    d.pin(RAX, view.byteLength === 8 ? view.getBigUint64(0, true) : low(view));
  if (at(form, 1, 0xc7) && form.digit === 1 && r.chance(0.5)) {
    const half = bytes / 2;
    const part = (offset: number): bigint =>
      half === 8 ? view.getBigUint64(offset, true) : BigInt(view.getUint32(offset, true)) | (r.u64() & ~0xffff_ffffn);
    d.pin(RAX, part(0));
    d.pin(RDX, part(half));
  }
  return image;
}

function low(view: DataView): bigint {
  let value = 0n;
  for (let i = view.byteLength - 1; i >= 0; i--) value = (value << 8n) | BigInt(view.getUint8(i));
  return value;
}

/** A value to load into MXCSR, with reserved bits now and then. Bit 17 is not reserved on AMD's processors. */
const mxcsrImage = (d: Draft): number => (d.r.u32() & (d.r.chance(0.1) ? ~0x2_0000 : 0xffff)) >>> 0;

/** An FXSAVE image that FXRSTOR takes, but for an odd MXCSR now and then. */
function fxImage(d: Draft): Uint8Array {
  const { r } = d;
  const image = new Uint8Array(512);
  const view = new DataView(image.buffer);
  for (let i = 0; i < 512; i += 4) view.setUint32(i, r.u32(), true);
  view.setUint16(0, 0x37f, true);
  view.setUint16(2, r.u32() & 0x7800, true);
  view.setUint16(4, r.u32() & 0xff, true);
  view.setUint16(6, 0, true);
  for (let i = 8; i < 24; i++) image[i] = 0;
  view.setUint32(24, mxcsrImage(d), true);
  return image;
}

/** Where a near return, or a jump through a register, goes. The stack holds it; a register is given it. */
export function prepareTarget(d: Draft, spot: Spot, register: number | undefined): void {
  if (isReturn(d.form)) {
    const image = new Uint8Array(8);
    new DataView(image.buffer).setBigUint64(0, jumpTarget(d.r, spot), true);
    d.patch(d.get(RSP), image);
  } else if (isIndirectJump(d.form) && register !== undefined) d.pin(register, jumpTarget(d.r, spot));
}
