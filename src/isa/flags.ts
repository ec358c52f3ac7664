/**
 * Arithmetic flags: which condition reads which, and how the common operations compute them.
 *
 * Notation: `a` and `c` are the operands, `r` the result as computed (not masked to `bits`), all i32 zero-extended up to
 * 32 bits and i64 for 64. Formulas are the carry and overflow chains of Hacker's Delight, 2-13 and 2-16.
 */
import type { Bits, Builder, FlagValues, Val } from "./builder.ts";
import { AF, ARITH, CF, type FlagEffect, OF, PF, SF, ZF } from "./types.ts";

/** Flags read by each condition code; a code and its negation read the same. */
const CONDITION_READS = [OF, CF, ZF, CF | ZF, SF, PF, SF | OF, ZF | SF | OF];
export const conditionReads = (cc: number): number => CONDITION_READS[cc >> 1];

/** Suffixes of Jcc, SETcc and CMOVcc in encoding order. */
export const CONDITION_NAMES = "O NO B AE E NE BE A S NS P NP L GE LE G".split(" ");

/** Flag effects that many rows share. */
export const ARITHMETIC: FlagEffect = { write: ARITH };
export const WITH_CARRY: FlagEffect = { read: CF, write: ARITH };
/** AND, OR, XOR, TEST: CF and OF cleared, AF undefined. */
export const LOGICAL: FlagEffect = { write: ARITH, undefined: AF };
/** INC, DEC. */
export const ALL_BUT_CARRY: FlagEffect = { write: ARITH & ~CF };

/** i32 with the sign bit of a `bits`-bit value in bit 31. */
export function signAt31(b: Builder, bits: Bits, v: Val): Val {
  if (bits === 64) return b.wrap(b.shrU(v, b.i64(32)));
  return bits === 32 ? v : b.shl(v, b.i32(32 - bits));
}

/** i32 0 or 1: the sign bit of a `bits`-bit value. */
export function signBit(b: Builder, bits: Bits, v: Val): Val {
  return b.shrU(signAt31(b, bits, v), b.i32(31));
}

const low = (b: Builder, bits: Bits, v: Val): Val => (bits === 64 ? b.wrap(v) : v);

/** Flags of r = a + c. */
export function addFlags(b: Builder, bits: Bits, a: Val, c: Val, r: Val): FlagValues {
  return {
    bits,
    result: r,
    cf: () => (bits < 32 ? b.shrU(r, b.i32(bits)) : b.ltU(r, a)),
    of: () => signAt31(b, bits, b.and(b.xor(a, r), b.xor(c, r))),
    af: () => low(b, bits, b.xor(b.xor(a, c), r)),
  };
}

/** Flags of r = a + c + carry. */
export function adcFlags(b: Builder, bits: Bits, a: Val, c: Val, r: Val): FlagValues {
  const ones = b.constLike(a, -1);
  return {
    ...addFlags(b, bits, a, c, r),
    cf: () => signBit(b, bits, b.or(b.and(a, c), b.and(b.or(a, c), b.xor(r, ones)))),
  };
}

/** Flags of r = a - c. */
export function subFlags(b: Builder, bits: Bits, a: Val, c: Val, r: Val): FlagValues {
  return {
    bits,
    result: r,
    cf: () => b.ltU(a, c),
    of: () => signAt31(b, bits, b.and(b.xor(a, c), b.xor(a, r))),
    af: () => low(b, bits, b.xor(b.xor(a, c), r)),
    compare: { op: "sub", a, b: c },
  };
}

/** Flags of r = a - c - borrow. */
export function sbbFlags(b: Builder, bits: Bits, a: Val, c: Val, r: Val): FlagValues {
  const notA = b.xor(a, b.constLike(a, -1));
  const { compare: _, ...flags } = subFlags(b, bits, a, c, r);
  return { ...flags, cf: () => signBit(b, bits, b.or(b.and(notA, c), b.and(b.or(notA, c), r))) };
}

/** Flags of a bitwise operation's result. AF is undefined and keeps its value. */
export function logicFlags(b: Builder, bits: Bits, r: Val): FlagValues {
  return { bits, result: r, cf: () => b.i32(0), of: () => b.i32(0) };
}

/** CF alone, all others kept. */
export function carryFlag(b: Builder, cf: Val): void {
  b.setFlags({ bits: 32, cf: () => cf });
}
