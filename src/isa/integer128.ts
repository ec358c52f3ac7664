/** 64 by 64 bits to 128, and 128 by 64 bits: what WebAssembly has no instruction for. */
import type { Builder, Helper, Val } from "./builder.ts";

const LOW = 0xffff_ffff;

/** Upper 64 bits of the unsigned product of two i64 (Hacker's Delight, 8-2). */
export function multiplyHighU(b: Builder, a: Val, c: Val): Val {
  const half = b.i64(32);
  const low = (v: Val): Val => b.and(v, b.i64(LOW));
  const high = (v: Val): Val => b.shrU(v, half);
  const middle = b.add(b.mul(high(a), low(c)), high(b.mul(low(a), low(c))));
  const other = b.add(b.mul(low(a), high(c)), low(middle));
  return b.add(b.add(b.mul(high(a), high(c)), high(middle)), high(other));
}

/**
 * (high, low) / divisor for high < divisor: quotient and remainder, unsigned. Knuth's algorithm D with two 32-bit digits
 * (The Art of Computer Programming, Vol. 2, 4.3.1).
 */
export const divide128: Helper = {
  name: "divide128",
  params: ["i64", "i64", "i64"],
  results: ["i64", "i64"],
  build(b, high, low, divisor) {
    const half = b.i64(32);
    const lowHalf = (v: Val): Val => b.and(v, b.i64(LOW));
    const shift = b.clz(divisor);
    const d = b.shl(divisor, shift);
    const dHigh = b.shrU(d, half);
    const dLow = lowHalf(d);
    // The dividend shifted alike; (low >> 1) >> (63 - shift) is low >> (64 - shift) for shift = 0 too.
    const carried = b.shrU(b.shrU(low, b.i64(1)), b.sub(b.i64(63), shift));
    const upper = b.or(b.shl(high, shift), carried);
    const lower = b.shl(low, shift);

    /** One digit: (rest * 2^32 + digit) / d. The estimate is at most 2 too large. */
    const step = (rest: Val, digit: Val): { quotient: Val; rest: Val } => {
      const estimate = b.local(b.op("i64.div_u", [rest, dHigh]));
      const remainder = b.local(b.op("i64.rem_u", [rest, dHigh]));
      for (let i = 0; i < 2; i++) {
        // A remainder of 2^32 or more ends the correction; the digit then is right.
        const tooBig = b.or(
          b.gtU(estimate.get(), b.i64(LOW)),
          b.gtU(b.mul(estimate.get(), dLow), b.or(b.shl(remainder.get(), half), digit)),
        );
        b.if(b.and(b.leU(remainder.get(), b.i64(LOW)), tooBig), () => {
          estimate.set(b.sub(estimate.get(), b.i64(1)));
          remainder.set(b.add(remainder.get(), dHigh));
        });
      }
      const quotient = estimate.get();
      return { quotient, rest: b.sub(b.or(b.shl(rest, half), digit), b.mul(quotient, d)) };
    };
    const first = step(upper, b.shrU(lower, half));
    const second = step(first.rest, lowHalf(lower));
    return [b.or(b.shl(first.quotient, half), second.quotient), b.shrU(second.rest, shift)];
  },
};
