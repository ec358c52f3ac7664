/** x87: partial remainders, FSCALE, FXTRACT (SDM Vol. 1, 8.3.5). */
import type { Builder, Val } from "../builder.ts";
import { asResult, C1, flagIf, IE, type Result, SF } from "../floatx80.ts";
import { extract, remainder, scale } from "../floatx80-remainder.ts";
import type { Meaning, Row } from "../types.ts";
import {
  C0,
  C2,
  C3,
  controlWord,
  orIndefinite,
  push,
  raise,
  replace,
  stack,
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

/** C2 says that the remainder is partial; else C0, C3 and C1 are the quotient's bits 2, 1 and 0. */
const partialRemainder = (nearest: boolean): Meaning =>
  waiting((b) => {
    const [x, y] = [stackTop(b), stack(b, b.i32(1))];
    const rounds = b.i32(nearest ? 1 : 0);
    const [se, sig, flags, incomplete, quotient] = b.call(remainder, x.se, x.sig, y.se, y.sig, rounds, controlWord(b));
    const result = ifPresent(b, x, y, { se, sig, flags });
    b.if(b.call(raise, result.flags)[0], () => {
      const bit = (n: number): Val => b.and(b.shrU(quotient, b.i32(n)), b.i32(1));
      const codes = [flagIf(b, bit(2), C0), flagIf(b, bit(1), C3), flagIf(b, bit(0), C1), flagIf(b, incomplete, C2)];
      const kept = b.and(statusWord(b), b.i32(0xffff & ~(C0 | C1 | C2 | C3)));
      writeStatus(
        b,
        codes.reduce((all, code) => b.or(all, code), kept),
      );
      writeStack(b, b.i32(0), result.se, result.sig);
    });
  });

const scaleTop: Meaning = waiting((b) => {
  const [x, y] = [stackTop(b), stack(b, b.i32(1))];
  const scaled = asResult(b.call(scale, x.se, x.sig, y.se, y.sig, controlWord(b)));
  replace(b, b.i32(0), ifPresent(b, x, y, scaled));
});

const extractTop: Meaning = waiting((b) => {
  const x = stackTop(b);
  const [e, es, f, fs, flags] = b.call(extract, x.se, x.sig);
  const exponent = ifPresent(b, x, x, { se: e, sig: es, flags });
  const significand = orIndefinite(b, { se: f, sig: fs, flags: exponent.flags });
  b.if(b.call(raise, exponent.flags)[0], () => {
    writeStack(b, b.i32(0), exponent.se, exponent.sig);
    push(b, { ...significand, flags: b.and(exponent.flags, b.i32(SF | IE)) });
  });
});

export const x87RemainderRows: readonly Row[] = [
  x87Row("FPREM", "D9 F8", "", partialRemainder(false)),
  x87Row("FPREM1", "D9 F5", "", partialRemainder(true)),
  x87Row("FSCALE", "D9 FD", "", scaleTop),
  x87Row("FXTRACT", "D9 F4", "", extractTop),
];
