/** Multiplication and division: MUL, IMUL, DIV, IDIV. */
import { RAX, RDX, VECTOR_DE } from "../../cpu/state.ts";
import type { Bits, Builder, Operand, Val } from "../builder.ts";
import { divide128, multiplyHighU } from "../integer128.ts";
import { AF, ARITH, type FlagEffect, type Meaning, PF, type Row, SF, ZF } from "../types.ts";

/** CF and OF say whether the upper half is significant; the others are undefined. */
const PRODUCT_FLAGS: FlagEffect = { write: ARITH, undefined: ZF | SF | PF | AF };
const QUOTIENT_FLAGS: FlagEffect = { write: ARITH, undefined: ARITH };

/** Upper 64 bits of the signed product. */
function multiplyHighS(b: Builder, a: Val, c: Val): Val {
  const sign = (v: Val): Val => b.shrS(v, b.i64(63));
  const correction = b.add(b.and(sign(a), c), b.and(sign(c), a));
  return b.sub(multiplyHighU(b, a, c), correction);
}

function overflowFlags(b: Builder, bits: Bits, overflow: () => Val): void {
  b.setFlags({ bits, cf: overflow, of: () => b.shl(overflow(), b.i32(31)) });
}

/** Writes a double-width value: AX for bytes, else rDX:rAX. */
function writePair(b: Builder, bits: Bits, low: Val, high: Val): void {
  if (bits === 8) {
    b.writeReg(RAX, 16, b.or(b.zeroExtend(8, low), b.shl(high, b.i32(8))));
  } else {
    b.writeReg(RAX, bits, low);
    b.writeReg(RDX, bits, high);
  }
}

/** rDX:rAX = rAX * operand. */
const widening =
  (signed: boolean): Meaning =>
  (b, operand) => {
    const { bits } = operand;
    const c = operand.read();
    const a = b.readReg(RAX, bits);
    let low: Val;
    let high: Val;
    if (bits === 64) {
      low = b.mul(a, c);
      high = signed ? multiplyHighS(b, a, c) : multiplyHighU(b, a, c);
    } else {
      const extend = (v: Val): Val => (signed ? b.toI64S(bits, v) : b.toI64(bits, v));
      const product = b.mul(extend(a), extend(c));
      low = b.fromI64(bits, product);
      high = b.fromI64(bits, b.shrU(product, b.i64(bits)));
    }
    writePair(b, bits, low, high);
    overflowFlags(b, bits, () => {
      if (!signed) return b.eqz(b.eqz(high));
      const signs = b.shrS(b.signExtend(bits, low), b.constLike(low, 63));
      return b.ne(b.signExtend(bits, high), signs);
    });
  };

/** Destination = a * c, of their own size; CF and OF say whether the signed product did not fit. */
function multiplyInto(b: Builder, destination: Operand, a: Val, c: Val): void {
  const { bits } = destination;
  if (bits === 64) {
    const product = b.mul(a, c);
    destination.write(product);
    overflowFlags(b, bits, () => b.ne(multiplyHighS(b, a, c), b.shrS(product, b.i64(63))));
    return;
  }
  const result = b.mul(a, c);
  destination.write(result);
  overflowFlags(b, bits, () => {
    const product = b.mul(b.toI64S(bits, a), b.toI64S(bits, c));
    return b.ne(product, b.toI64S(bits, result));
  });
}

const div: Meaning = (b, operand) => {
  const { bits } = operand;
  const divisor = operand.read();
  b.raiseIf(b.eqz(divisor), VECTOR_DE);
  if (bits === 64) {
    const high = b.readReg(RDX, 64);
    const low = b.readReg(RAX, 64);
    b.raiseIf(b.geU(high, divisor), VECTOR_DE);
    const quotient = b.local(b.i64(0));
    const remainder = b.local(b.i64(0));
    b.if(
      b.eqz(high),
      () => {
        quotient.set(b.op("i64.div_u", [low, divisor]));
        remainder.set(b.op("i64.rem_u", [low, divisor]));
      },
      () => {
        const [q, r] = b.call(divide128, high, low, divisor);
        quotient.set(q);
        remainder.set(r);
      },
    );
    writePair(b, bits, quotient.get(), remainder.get());
  } else {
    const dividend = readPair(b, bits);
    const wide = b.toI64(bits, divisor);
    const quotient = b.op("i64.div_u", [dividend, wide]);
    b.raiseIf(b.gtU(quotient, b.i64(2 ** bits - 1)), VECTOR_DE);
    writePair(b, bits, b.fromI64(bits, quotient), b.fromI64(bits, b.op("i64.rem_u", [dividend, wide])));
  }
  b.setFlags({ bits });
};

/** The double-width dividend of 8- to 32-bit divisions as an i64. */
function readPair(b: Builder, bits: Bits): Val {
  if (bits === 8) return b.toI64(16, b.readReg(RAX, 16));
  const high = b.shl(b.extendU(b.readReg(RDX, bits)), b.i64(bits));
  return b.or(high, b.toI64(bits, b.readReg(RAX, bits)));
}

const idiv: Meaning = (b, operand) => {
  const { bits } = operand;
  const divisor = operand.read();
  b.raiseIf(b.eqz(divisor), VECTOR_DE);
  if (bits === 64) {
    idiv64(b, divisor);
  } else {
    const dividend = bits === 32 ? readPair(b, 32) : b.signExtend(bits === 8 ? 16 : 32, readPair(b, bits));
    const wide = b.toI64S(bits, divisor);
    // -2^63 / -1 would trap in WebAssembly; it overflows here as well.
    const lowest = b.i64(-(1n << 63n));
    if (bits === 32) b.raiseIf(b.and(b.eq(dividend, lowest), b.eq(wide, b.i64(-1))), VECTOR_DE);
    const quotient = b.op("i64.div_s", [dividend, wide]);
    b.raiseIf(b.ne(quotient, b.signExtend(bits, quotient)), VECTOR_DE);
    writePair(b, bits, b.fromI64(bits, quotient), b.fromI64(bits, b.op("i64.rem_s", [dividend, wide])));
  }
  b.setFlags({ bits });
};

function idiv64(b: Builder, divisor: Val): void {
  const high = b.readReg(RDX, 64);
  const low = b.readReg(RAX, 64);
  const quotient = b.local(b.i64(0));
  const remainder = b.local(b.i64(0));
  const sign = (v: Val): Val => b.shrS(v, b.i64(63));
  const absolute = (v: Val): Val => b.sub(b.xor(v, sign(v)), sign(v));
  const overflows = b.and(b.eq(low, b.i64(-(1n << 63n))), b.eq(divisor, b.i64(-1)));
  b.if(
    b.eq(high, sign(low)),
    () => {
      // After CQO, nearly always.
      b.raiseIf(overflows, VECTOR_DE);
      quotient.set(b.op("i64.div_s", [low, divisor]));
      remainder.set(b.op("i64.rem_s", [low, divisor]));
    },
    () => {
      const negative = sign(high);
      const carry = b.extendU(b.and(b.eqz(low), b.wrap(b.and(negative, b.i64(1)))));
      const lowMagnitude = b.sub(b.xor(low, negative), negative);
      const highMagnitude = b.add(b.xor(high, negative), carry);
      const magnitude = absolute(divisor);
      b.raiseIf(b.geU(highMagnitude, magnitude), VECTOR_DE);
      const [q, r] = b.call(divide128, highMagnitude, lowMagnitude, magnitude);
      const quotientSign = b.xor(negative, sign(divisor));
      const signedQuotient = b.sub(b.xor(q, quotientSign), quotientSign);
      // The magnitude fits if the sign came out right (a zero quotient has none).
      const wrong = b.and(b.ne(sign(signedQuotient), quotientSign), b.ne(q, b.i64(0)));
      b.raiseIf(wrong, VECTOR_DE);
      quotient.set(signedQuotient);
      remainder.set(b.sub(b.xor(r, negative), negative));
    },
  );
  writePair(b, 64, quotient.get(), remainder.get());
}

const group3 = (name: string, digit: number, meaning: Meaning, flags: FlagEffect, frequency: number): Row[] => [
  { name, encoding: `F6 /${digit}`, operands: "Eb", meaning, flags, feature: "base", frequency: frequency / 20 },
  { name, encoding: `F7 /${digit}`, operands: "Ev", meaning, flags, feature: "base", frequency },
];

const imul = (encoding: string, operands: string, meaning: Meaning, frequency: number): Row => ({
  name: "IMUL",
  encoding,
  operands,
  meaning,
  flags: PRODUCT_FLAGS,
  feature: "base",
  frequency,
});

const threeOperands: Meaning = (b, destination, source, factor) =>
  multiplyInto(b, destination, source.read(), factor.read());

export const multiplyRows: readonly Row[] = [
  ...group3("MUL", 4, widening(false), PRODUCT_FLAGS, 1),
  ...group3("IMUL", 5, widening(true), PRODUCT_FLAGS, 0.3),
  ...group3("DIV", 6, div, QUOTIENT_FLAGS, 0.6),
  ...group3("IDIV", 7, idiv, QUOTIENT_FLAGS, 0.3),
  imul(
    "0F AF /r",
    "+Gv,Ev",
    (b, destination, source) => multiplyInto(b, destination, destination.read(), source.read()),
    3,
  ),
  imul("6B /r ib", "=Gv,Ev,sIb", threeOperands, 1),
  imul("69 /r iz", "=Gv,Ev,Iz", threeOperands, 0.7),
];
