/** x87: partial remainders, FSCALE, FXTRACT (SDM Vol. 1, 8.3.5). */
import type { Builder, Val } from "../builder.ts";
import { asResult, C1, flagIf, IE, type Result, SF } from "../floatx80.ts";
import { extract, INCOMPLETE, NO_QUOTIENT, remainder, scale } from "../floatx80-remainder.ts";
import type { Meaning, Row } from "../types.ts";
import {
  C0,
  C2,
  C3,
  controlWord,
  moveTop,
  orIndefinite,
  raise,
  replace,
  stack,
  stackFull,
  stackTop,
  statusWord,
  waiting,
  writeStack,
  writeStatus,
  x87Row,
} from "./x87-stack.ts";

/** The same result, or the real indefinite where one of the operands is missing. */
export const ifPresent = (b: Builder, x: Result, y: Result, result: Result): Result => {
  const missing = b.and(b.or(x.flags, y.flags), b.i32(IE | SF));
  return orIndefinite(b, { ...result, flags: b.select(missing, missing, result.flags) });
};

/**
 * C2 says that the remainder is partial; else C0, C3 and C1 are the quotient's bits 2, 1 and 0. Without a quotient (a NaN, an
 * invalid operation) C0 and C3 keep their values.
 */
const partialRemainder = (nearest: boolean): Meaning =>
  waiting((b) => {
    const [x, y] = [stackTop(b), stack(b, b.i32(1))];
    const rounds = b.i32(nearest ? 1 : 0);
    const [se, sig, flags, kind, quotient] = b.call(remainder, x.se, x.sig, y.se, y.sig, rounds, controlWord(b));
    const result = ifPresent(b, x, y, { se, sig, flags });
    const [proceeds] = b.call(raise, result.flags);
    const present = b.and(proceeds, b.eqz(b.and(result.flags, b.i32(SF))));
    const divided = b.and(present, b.ne(kind, b.i32(NO_QUOTIENT)));
    const bit = (n: number): Val => b.and(b.shrU(quotient, b.i32(n)), b.i32(1));
    const quotientBits = b.or(b.or(flagIf(b, bit(2), C0), flagIf(b, bit(1), C3)), flagIf(b, bit(0), C1));
    const code = b.select(b.eq(kind, b.i32(INCOMPLETE)), b.i32(C2), quotientBits);
    const kept = b.select(divided, b.i32(~(C0 | C1 | C2 | C3)), b.i32(~(C1 | C2)));
    writeStatus(b, b.or(b.and(statusWord(b), kept), b.select(divided, code, b.i32(0))));
    b.if(proceeds, () => writeStack(b, b.i32(0), result.se, result.sig));
  });

const scaleTop: Meaning = waiting((b) => {
  const [x, y] = [stackTop(b), stack(b, b.i32(1))];
  const scaled = asResult(b.call(scale, x.se, x.sig, y.se, y.sig, controlWord(b)));
  replace(b, b.i32(0), ifPresent(b, x, y, scaled));
});

const extractTop: Meaning = waiting((b) => {
  const x = stackTop(b);
  const [e, es, f, fs, flags] = b.call(extract, x.se, x.sig);
  const missing = b.and(x.flags, b.i32(IE | SF));
  const fault = b.select(missing, missing, flagIf(b, stackFull(b), IE | SF | C1));
  const exponent = orIndefinite(b, { se: e, sig: es, flags: b.select(fault, fault, flags) });
  const significand = orIndefinite(b, { se: f, sig: fs, flags: exponent.flags });
  b.if(b.call(raise, exponent.flags)[0], () => {
    writeStack(b, b.i32(0), exponent.se, exponent.sig);
    moveTop(b, -1);
    writeStack(b, b.i32(0), significand.se, significand.sig);
  });
});

export const x87RemainderRows: readonly Row[] = [
  x87Row("FPREM", "D9 F8", "", partialRemainder(false)),
  x87Row("FPREM1", "D9 F5", "", partialRemainder(true)),
  x87Row("FSCALE", "D9 FD", "", scaleTop),
  x87Row("FXTRACT", "D9 F4", "", extractTop),
];
