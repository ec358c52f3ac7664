/**
 * Shifts and rotates. The count is masked to 5 bits, 6 for 64-bit operands; a masked count of 0 changes no flag. The
 * immediate forms with such a count are rows of their own (`i0`), so that the others set flags unconditionally.
 */
import type { Bits, Builder, FlagValues, Val } from "../builder.ts";
import { signAt31, signBit } from "../flags.ts";
import { AF, ARITH, CF, type FlagEffect, type Meaning, OF, type Row } from "../types.ts";
import { hex } from "./opcode.ts";

/**
 * A shift of `a` (zero-extended) by `n`, an i32 already masked. The flags hold for n != 0. OF is defined for n = 1 only;
 * what is computed for other counts is the same formula.
 */
type Shift = (b: Builder, bits: Bits, a: Val, n: Val) => { result: Val; flags: FlagValues };

/** A count in the type of the value that is shifted. */
const like = (b: Builder, v: Val, n: Val): Val => (v.ty === "i64" ? b.extendU(n) : n);
const bit = (b: Builder, v: Val, at: Val): Val => {
  const shifted = b.and(b.shrU(v, at), b.constLike(v, 1));
  return v.ty === "i64" ? b.wrap(shifted) : shifted;
};

/** Bit n - 1: the last one that a right shift by n moves out. */
const lastOut = (b: Builder, v: Val, n: Val): Val => bit(b, v, like(b, v, b.sub(n, b.i32(1))));

const shl: Shift = (b, bits, a, n) => {
  const result = b.shl(a, like(b, a, n));
  // A byte or word is shifted inside 32 bits, so its carry is just above it.
  const cf = () => (bits < 32 ? bit(b, result, b.i32(bits)) : bit(b, a, like(b, a, b.sub(b.i32(bits), n))));
  return { result, flags: { bits, result, cf, of: () => b.xor(signAt31(b, bits, result), b.shl(cf(), b.i32(31))) } };
};

const shr: Shift = (b, bits, a, n) => {
  const result = b.shrU(a, like(b, a, n));
  const of = () => signAt31(b, bits, b.xor(result, b.shl(result, b.constLike(a, 1))));
  return { result, flags: { bits, result, cf: () => lastOut(b, a, n), of } };
};

const sar: Shift = (b, bits, a, n) => {
  const signed = bits < 32 ? b.signExtend(bits, a) : a;
  const result = b.shrS(signed, like(b, a, n));
  // Counts above 8 or 16 take copies of the sign, which an arithmetic shift of the extended value gives.
  const cf = () => lastOut(b, signed, n);
  return { result, flags: { bits, result, cf, of: () => b.i32(0) } };
};

/** Rotates a zero-extended byte or word left; others have instructions of their own. */
function rotateLeft(b: Builder, bits: Bits, a: Val, n: Val): Val {
  if (bits === 64) return b.rotl(a, b.extendU(n));
  if (bits === 32) return b.rotl(a, n);
  const copies = bits === 16 ? b.or(a, b.shl(a, b.i32(16))) : b.mul(a, b.i32(0x0101_0101));
  return b.zeroExtend(bits, b.rotl(copies, n));
}

const rol: Shift = (b, bits, a, n) => {
  const result = rotateLeft(b, bits, a, n);
  const cf = () => bit(b, result, b.constLike(result, 0));
  return { result, flags: { bits, cf, of: () => b.xor(signAt31(b, bits, result), b.shl(cf(), b.i32(31))) } };
};

const ror: Shift = (b, bits, a, n) => {
  const result = rotateLeft(b, bits, a, b.sub(b.i32(0), n));
  const of = () => signAt31(b, bits, b.xor(result, b.shl(result, b.constLike(result, 1))));
  return { result, flags: { bits, cf: () => signBit(b, bits, result), of } };
};

/** CF and the operand as one number of bits + 1, rotated left by n modulo that. `back` rotates right instead. */
function rotateThroughCarry(b: Builder, bits: Bits, a: Val, n: Val, back: boolean): { result: Val; carry: Val } {
  const carry = b.flag("CF");
  if (bits === 64) {
    // n is 0 to 63. Shifts by 65 - n are done in two steps, since WebAssembly takes counts modulo 64.
    const count = b.extendU(n);
    const one = b.i64(1);
    const rest = b.sub(b.i64(64), count);
    const carryIn = b.extendU(carry);
    const [low, high, middle, out] = back
      ? [b.shrU(a, count), b.shl(b.shl(a, rest), one), b.shl(carryIn, rest), b.sub(count, one)]
      : [b.shl(a, count), b.shrU(b.shrU(a, rest), one), b.shl(carryIn, b.sub(count, one)), rest];
    return {
      result: b.select(n, b.or(b.or(low, high), middle), a),
      carry: b.select(n, bit(b, a, out), carry),
    };
  }
  const width = bits + 1;
  const wide = b.or(b.toI64(bits, a), b.shl(b.extendU(carry), b.i64(bits)));
  const modulo = bits === 32 ? n : b.op("i32.rem_u", [n, b.i32(width)]);
  const left = b.extendU(back ? b.sub(b.i32(width), modulo) : modulo);
  const right = b.extendU(back ? modulo : b.sub(b.i32(width), modulo));
  const turned = b.or(b.shl(wide, left), b.shrU(wide, right));
  return { result: b.fromI64(bits, turned), carry: bit(b, turned, b.i64(bits)) };
}

const rcl: Shift = (b, bits, a, n) => {
  const { result, carry } = rotateThroughCarry(b, bits, a, n, false);
  const of = () => b.xor(signAt31(b, bits, result), b.shl(carry, b.i32(31)));
  return { result, flags: { bits, cf: () => carry, of } };
};

const rcr: Shift = (b, bits, a, n) => {
  const { result, carry } = rotateThroughCarry(b, bits, a, n, true);
  const of = () => signAt31(b, bits, b.xor(result, b.shl(result, b.constLike(result, 1))));
  return { result, flags: { bits, cf: () => carry, of } };
};

const masked = (b: Builder, bits: Bits, n: Val): Val => b.and(n, b.i32(bits === 64 ? 63 : 31));

const byOne =
  (shift: Shift): Meaning =>
  (b, operand) => {
    const { result, flags } = shift(b, operand.bits, operand.read(), b.i32(1));
    operand.write(result);
    b.setFlags(flags);
  };

const byImmediate =
  (shift: Shift): Meaning =>
  (b, operand, count) => {
    const { result, flags } = shift(b, operand.bits, operand.read(), masked(b, operand.bits, count.read()));
    operand.write(result);
    b.setFlags(flags);
  };

const byRegister =
  (shift: Shift): Meaning =>
  (b, operand, count) => {
    const n = masked(b, operand.bits, count.read());
    const { result, flags } = shift(b, operand.bits, operand.read(), n);
    operand.write(result);
    b.if(n, () => b.setFlags(flags));
  };

/** The operand is still read and written: it may fault, and a 32-bit register's upper half is cleared. */
const byZero: Meaning = (_, operand) => operand.write(operand.read());

function formRows(name: string, digit: number, shift: Shift, written: number, frequency: number, carryIn = 0): Row[] {
  const undefinedFlags = written & AF;
  const always: FlagEffect = { read: carryIn, write: written, undefined: undefinedFlags };
  const byCount: FlagEffect = { ...always, undefined: undefinedFlags | OF };
  const maybe: FlagEffect = { ...byCount, kill: 0 };
  return (["b", "v"] as const).flatMap((size, i): Row[] => {
    const often = i ? frequency : frequency / 20;
    const row = { name, feature: "base" } as const;
    const e = `+E${size}`;
    return [
      {
        ...row,
        encoding: `${hex(0xc0 + i)} /${digit} ib`,
        operands: `${e},Ib`,
        meaning: byImmediate(shift),
        flags: byCount,
        frequency: often,
      },
      {
        ...row,
        encoding: `${hex(0xc0 + i)} /${digit} i0`,
        operands: `${e},Ib`,
        meaning: byZero,
        note: "masked count 0",
      },
      {
        ...row,
        encoding: `${hex(0xd0 + i)} /${digit}`,
        operands: `${e},1`,
        meaning: byOne(shift),
        flags: always,
        frequency: often / 3,
      },
      {
        ...row,
        encoding: `${hex(0xd2 + i)} /${digit}`,
        operands: `${e},CL`,
        meaning: byRegister(shift),
        flags: maybe,
        frequency: often / 6,
      },
    ];
  });
}

/** SHLD and SHRD: `n` bits of `c` come in. For words, counts above 16 are undefined (they rotate the pair). */
const doubleShift =
  (left: boolean, c: Val): Shift =>
  (b, bits, a, n) => {
    const of = (result: Val) => () => signAt31(b, bits, b.xor(a, result));
    if (bits === 16) {
      const pair = left ? b.or(b.shl(a, b.i32(16)), c) : b.or(b.shl(c, b.i32(16)), a);
      const turned = left ? b.rotl(pair, n) : b.rotr(pair, n);
      const result = left ? b.shrU(turned, b.i32(16)) : b.zeroExtend(16, turned);
      // The last bit that went round: bit 0 after a rotation to the left, bit 31 to the right.
      const cf = () => (left ? b.and(turned, b.i32(1)) : b.shrU(turned, b.i32(31)));
      return { result, flags: { bits, result, cf, of: of(result) } };
    }
    const count = like(b, a, n);
    const rest = b.sub(b.constLike(a, bits), count);
    const joined = left ? b.or(b.shl(a, count), b.shrU(c, rest)) : b.or(b.shrU(a, count), b.shl(c, rest));
    const result = b.select(n, joined, a);
    const cf = () => (left ? bit(b, a, rest) : lastOut(b, a, n));
    return { result, flags: { bits, result, cf, of: of(result) } };
  };

const doubleRows = [true, false].flatMap((left): Row[] => {
  const opcode = left ? 0xa4 : 0xac;
  const write = { write: ARITH, undefined: AF | OF };
  const row = { name: left ? "SHLD" : "SHRD", feature: "base" } as const;
  const note = "16-bit forms: counts above 16 are undefined";
  const immediate: Meaning = (b, operand, source, count) =>
    byImmediate(doubleShift(left, source.read()))(b, operand, count);
  const register: Meaning = (b, operand, source, count) =>
    byRegister(doubleShift(left, source.read()))(b, operand, count);
  return [
    {
      ...row,
      encoding: `0F ${hex(opcode)} /r ib`,
      operands: "+Ev,Gv,Ib",
      meaning: immediate,
      flags: write,
      frequency: 0.2,
      note,
    },
    { ...row, encoding: `0F ${hex(opcode)} /r i0`, operands: "+Ev,Gv,Ib", meaning: byZero, note: "masked count 0" },
    {
      ...row,
      encoding: `0F ${hex(opcode + 1)} /r`,
      operands: "+Ev,Gv,CL",
      meaning: register,
      flags: { ...write, kill: 0 },
      frequency: 0.1,
      note,
    },
  ];
});

const ROTATE = CF | OF;

export const shiftRows: readonly Row[] = [
  ...formRows("ROL", 0, rol, ROTATE, 1),
  ...formRows("ROR", 1, ror, ROTATE, 0.5),
  ...formRows("RCL", 2, rcl, ROTATE, 0.1, CF),
  ...formRows("RCR", 3, rcr, ROTATE, 0.1, CF),
  ...formRows("SHL", 4, shl, ARITH, 9),
  ...formRows("SHR", 5, shr, ARITH, 7),
  ...formRows("SHL", 6, shl, ARITH, 0),
  ...formRows("SAR", 7, sar, ARITH, 4),
  ...doubleRows,
];
