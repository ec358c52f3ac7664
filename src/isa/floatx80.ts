/**
 * The double extended-precision format of the x87 FPU in integer operations (SDM Vol. 1, 4.2.2): how values are held and
 * told apart, the NaN rules, and rounding.
 *
 * A value is a pair: `se` (i32), the sign in bit 15 above the biased exponent, and `sig` (i64), the significand with its
 * explicit integer bit. All functions here are pure: what they need of the control word is an argument, and exceptions come
 * back as flags in the layout of the status word. They give the masked response; for an unmasked overflow or underflow, the
 * result with the exponent wrapped (SDM Vol. 1, 8.5.4 and 8.5.5). Whether a result may be stored at all is decided where
 * that is done (rows/x87-stack.ts).
 */
import type { Builder, Helper, Ty, Val, Var } from "./builder.ts";

/** Exceptions, as in the status word; their masks have the same places in the control word (SDM Vol. 1, 8.1.3 and 8.1.5). */
export const IE = 0x01;
export const DE = 0x02;
export const ZE = 0x04;
export const OE = 0x08;
export const UE = 0x10;
export const PE = 0x20;
/** Stack fault: goes with IE. */
export const SF = 0x40;
/** With PE: the result was rounded up in magnitude. With SF: the stack overflowed. */
export const C1 = 0x200;

/** Control word: rounding control, precision control, and the latter's value for 64 bits. */
export const RC_SHIFT = 10;
export const PC_SHIFT = 8;
export const PC_EXTENDED = 0x300;

export const SIGN = 0x8000;
export const EXPONENT = 0x7fff;
export const BIAS = 16383;
/** The greatest exponent of a finite value. */
export const MAX_EXPONENT = 0x7ffe;
/** What is added to the exponent of a result that underflowed, or taken from one that overflowed, unmasked. */
export const WRAP = 24576;

export const INTEGER_BIT = -(1n << 63n);
export const QUIET_BIT = 1n << 62n;
/** The real indefinite: the negative quiet NaN with no other fraction bits. */
export const INDEFINITE_SE = 0xffff;
export const INDEFINITE_SIG = INTEGER_BIT | QUIET_BIT;

/** A value and what computing it raised: the results of most helpers here. */
export interface Result {
  se: Val;
  sig: Val;
  flags: Val;
}
export const RESULT: readonly Ty[] = ["i32", "i64", "i32"];
export const asResult = ([se, sig, flags]: Val[]): Result => ({ se, sig, flags });
export const fromResult = (r: Result): Val[] => [r.se, r.sig, r.flags];

/** A Result that is set in the arms of conditionals. */
export interface ResultVar {
  set(r: Result): void;
  get(): Val[];
  readonly flags: Var;
}

export function resultVar(b: Builder): ResultVar {
  const [se, sig, flags] = [b.local(b.i32(0)), b.local(b.i64(0)), b.local(b.i32(0))];
  return {
    flags,
    set(r) {
      se.set(r.se);
      sig.set(r.sig);
      flags.set(r.flags);
    },
    get: () => [se.get(), sig.get(), flags.get()],
  };
}

export const indefinite = (b: Builder, flags: number): Result => ({
  se: b.i32(INDEFINITE_SE),
  sig: b.i64(INDEFINITE_SIG),
  flags: b.i32(flags),
});

// ---- kinds of values; all answers are i32, 0 or 1

export const exponentOf = (b: Builder, se: Val): Val => b.and(se, b.i32(EXPONENT));
export const signOf = (b: Builder, se: Val): Val => b.and(se, b.i32(SIGN));

/** Normal and finite. */
export const isNormal = (b: Builder, se: Val, sig: Val): Val =>
  b.and(b.ltU(b.sub(exponentOf(b, se), b.i32(1)), b.i32(MAX_EXPONENT)), b.ltS(sig, b.i64(0)));

/** Zero, with any sign. */
export const isZero = (b: Builder, se: Val, sig: Val): Val => b.and(b.eqz(exponentOf(b, se)), b.eqz(sig));

/** Denormal or pseudo-denormal. */
export const isDenormal = (b: Builder, se: Val, sig: Val): Val => b.and(b.eqz(exponentOf(b, se)), b.ne(sig, b.i64(0)));

export const isInfinite = (b: Builder, se: Val, sig: Val): Val =>
  b.and(b.eq(exponentOf(b, se), b.i32(EXPONENT)), b.eq(sig, b.i64(INTEGER_BIT)));

/** A NaN, quiet or signalling. */
export const isNan = (b: Builder, se: Val, sig: Val): Val =>
  b.and(b.eq(exponentOf(b, se), b.i32(EXPONENT)), b.gtU(sig, b.i64(INTEGER_BIT)));

/** Unnormal, pseudo-NaN or pseudo-infinity: formats that processors since the 387 do not support (SDM Vol. 1, 8.2.2). */
export const isUnsupported = (b: Builder, se: Val, sig: Val): Val =>
  b.and(b.ne(exponentOf(b, se), b.i32(0)), b.geS(sig, b.i64(0)));

/** Of a NaN. */
const isQuiet = (b: Builder, sig: Val): Val => b.wrap(b.and(b.shrU(sig, b.i64(62)), b.i64(1)));

/** DE if the value is denormal. */
export const denormalFlag = (b: Builder, se: Val, sig: Val): Val => b.mul(isDenormal(b, se, sig), b.i32(DE));

/** `flags` if the condition (0 or 1) holds, else 0. */
export const flagIf = (b: Builder, condition: Val, flags: number): Val => b.mul(condition, b.i32(flags));

/**
 * What a NaN or an unsupported operand makes of an operation with two operands (SDM Vol. 1, table 4-7): 1 and the result,
 * or 0. Of two NaNs the quiet one, else the one with the larger significand, else the positive one is taken.
 */
export const nanOperands: Helper = {
  name: "f80_nan_operands",
  params: ["i32", "i64", "i32", "i64"],
  results: ["i32", ...RESULT],
  build(b, se1, sig1, se2, sig2) {
    const found = b.local(b.i32(0));
    const result = resultVar(b);
    const nan1 = isNan(b, se1, sig1);
    const nan2 = isNan(b, se2, sig2);
    b.if(
      b.or(isUnsupported(b, se1, sig1), isUnsupported(b, se2, sig2)),
      () => {
        found.set(b.i32(1));
        result.set(indefinite(b, IE));
      },
      () =>
        b.if(b.or(nan1, nan2), () => {
          const quiet1 = isQuiet(b, sig1);
          const quiet2 = isQuiet(b, sig2);
          const larger = b.or(b.gtU(sig1, sig2), b.and(b.eq(sig1, sig2), b.ltU(se1, se2)));
          const first = b.select(b.and(nan1, nan2), b.select(b.eq(quiet1, quiet2), larger, quiet1), nan1);
          const signalling = b.or(b.and(nan1, b.eqz(quiet1)), b.and(nan2, b.eqz(quiet2)));
          found.set(b.i32(1));
          result.set({
            se: b.select(first, se1, se2),
            sig: b.or(b.select(first, sig1, sig2), b.i64(QUIET_BIT)),
            flags: signalling,
          });
        }),
    );
    return [found.get(), ...result.get()];
  },
};

/** The same for an operation with one operand. */
export const nanOperand = (b: Builder, se: Val, sig: Val): Val[] => b.call(nanOperands, se, sig, b.i32(0), b.i64(0));

/** Exponent and significand of a finite value with bit 63 of the significand set; a zero has a significand of 0. */
export const normalise: Helper = {
  name: "f80_normalise",
  params: ["i32", "i64"],
  results: ["i32", "i64"],
  build(b, se, sig) {
    const exponent = b.local(exponentOf(b, se));
    const significand = b.local(sig);
    b.if(b.eqz(exponent.get()), () => {
      const shift = b.clz(sig);
      exponent.set(b.sub(b.i32(1), b.wrap(shift)));
      significand.set(b.shl(sig, shift));
    });
    return [exponent.get(), significand.get()];
  },
};

/** A 128-bit value shifted right by `count` (0 or more); what is shifted out makes the lowest bit 1 if it is not 0. */
export const shiftRightJam: Helper = {
  name: "f80_shift_right_jam",
  params: ["i64", "i64", "i32"],
  results: ["i64", "i64"],
  build(b, high, low, count) {
    const hi = b.local(high);
    const lo = b.local(low);
    const jam = (lost: Val): Val => b.extendU(b.ne(lost, b.i64(0)));
    b.if(b.geU(count, b.i32(64)), () => {
      lo.set(b.or(hi.get(), jam(lo.get())));
      hi.set(b.i64(0));
    });
    b.if(
      b.geU(count, b.i32(128)),
      () => lo.set(jam(lo.get())),
      () => {
        const n = b.extendU(b.and(count, b.i32(63)));
        b.if(b.ne(n, b.i64(0)), () => {
          const back = b.sub(b.i64(0), n);
          const [h, l] = [hi.get(), lo.get()];
          lo.set(b.or(b.or(b.shl(h, back), b.shrU(l, n)), jam(b.shl(l, back))));
          hi.set(b.shrU(h, n));
        });
      },
    );
    return [hi.get(), lo.get()];
  },
};

/**
 * Rounds `high`.`low` (64 + 64 bits, bit 63 of `high` set, the lowest bit of `low` sticky) times 2 to the `exponent`, which
 * is biased so that 1 is the least of a normal number and `maximum` the greatest; the lowest `dropped` bits of `high` are
 * not kept. All rounding to a floating-point format is done here, with its exceptions. Returns the biased exponent (0 for a
 * denormal, `maximum` + 1 for infinity), the significand, and the flags.
 */
export const round: Helper = {
  name: "f80_round",
  params: ["i32", "i32", "i64", "i64", "i32", "i32", "i32"],
  results: ["i32", "i64", "i32"],
  build(b, sign, exponent, high, low, control, dropped, maximum) {
    const [exp, hi, lo, flags] = [b.local(exponent), b.local(high), b.local(low), b.local(b.i32(0))];
    const unit = b.shl(b.i64(1), b.extendU(dropped));
    const kept = b.sub(b.i64(0), unit);
    const mode = b.and(b.shrU(control, b.i32(RC_SHIFT)), b.i32(3));
    /** A directed mode rounds away from zero: down for negative values, up for positive ones. */
    const away = b.eq(mode, b.select(sign, b.i32(1), b.i32(2)));
    const masked = (flag: number): Val => b.and(control, b.i32(flag));

    /** The part below the unit as a fraction of it, and whether it rounds up. */
    const fraction = (h: Val, l: Val): { up: Val; inexact: Val } => {
      const above = b.shl(h, b.extendU(b.sub(b.i32(64), dropped)));
      const f = b.select(dropped, b.or(above, b.extendU(b.ne(l, b.i64(0)))), l);
      const inexact = b.ne(f, b.i64(0));
      const half = b.ltS(f, b.i64(0));
      const more = b.or(b.shl(f, b.i64(1)), b.and(h, unit));
      const nearest = b.and(half, b.ne(more, b.i64(0)));
      return { up: b.select(mode, b.and(away, inexact), nearest), inexact };
    };

    const tiny = b.local(b.i32(0));
    const wrapped = b.local(b.i32(0));
    b.if(b.leS(exponent, b.i32(0)), () => {
      // Tiny unless rounding, with an exponent as if unbounded, carries to the least normal number.
      const carries = b.and(fraction(high, low).up, b.eqz(b.add(b.and(high, kept), unit)));
      tiny.set(b.or(b.ltS(exponent, b.i32(0)), b.eqz(carries)));
      b.if(
        b.and(tiny.get(), b.eqz(masked(UE))),
        () => {
          exp.set(b.add(exponent, b.i32(WRAP)));
          wrapped.set(b.i32(1));
        },
        () => {
          const [h, l] = b.call(shiftRightJam, high, low, b.sub(b.i32(1), exponent));
          hi.set(h);
          lo.set(l);
          exp.set(b.i32(0));
        },
      );
    });

    const { up, inexact } = fraction(hi.get(), lo.get());
    hi.set(b.add(b.and(hi.get(), kept), b.select(up, unit, b.i64(0))));
    b.if(b.and(up, b.eqz(hi.get())), () => {
      hi.set(b.i64(INTEGER_BIT));
      exp.set(b.add(exp.get(), b.i32(1)));
    });
    b.if(b.eqz(exp.get()), () => exp.set(b.wrap(b.shrU(hi.get(), b.i64(63)))));
    const underflow = b.and(tiny.get(), b.or(inexact, b.eqz(masked(UE))));
    flags.set(b.or(b.or(flagIf(b, inexact, PE), flagIf(b, up, C1)), flagIf(b, underflow, UE)));

    b.if(b.and(b.gtS(exp.get(), maximum), b.eqz(wrapped.get())), () =>
      b.if(
        masked(OE),
        () => {
          const infinite = b.select(mode, away, b.i32(1));
          exp.set(b.add(maximum, infinite));
          hi.set(b.select(infinite, b.i64(INTEGER_BIT), kept));
          flags.set(b.or(b.i32(OE | PE), flagIf(b, infinite, C1)));
        },
        () => {
          exp.set(b.sub(exp.get(), b.i32(WRAP)));
          flags.set(b.or(flags.get(), b.i32(OE)));
        },
      ),
    );
    return [exp.get(), hi.get(), flags.get()];
  },
};

/** Bits of the significand that precision control drops: 40, 11 or 0 (SDM Vol. 1, table 8-2; the reserved value is taken for 64 bits). */
const droppedBits = (b: Builder, control: Val): Val => {
  const precision = b.and(b.shrU(control, b.i32(PC_SHIFT)), b.i32(3));
  return b.select(b.eqz(precision), b.i32(40), b.select(b.eq(precision, b.i32(2)), b.i32(11), b.i32(0)));
};

/** Rounds to extended precision, as precision control says, and packs. `sign` is 0 or SIGN. */
export const roundToExtended = (b: Builder, sign: Val, exponent: Val, high: Val, low: Val, control: Val): Result => {
  const limits = [droppedBits(b, control), b.i32(MAX_EXPONENT)];
  const [exp, sig, flags] = b.call(round, sign, exponent, high, low, control, ...limits);
  return { se: b.or(sign, exp), sig, flags };
};
