/** x87: exponential, logarithms, trigonometric functions (SDM Vol. 1, 8.3.7 and 8.3.8). */
import type { Builder, Helper, Val } from "../builder.ts";
import { asResult, BIAS, C1, flagIf, IE, INTEGER_BIT, type Result, SF } from "../floatx80.ts";
import { arctangentOf, exponential, logarithm, logarithmPlusOne } from "../floatx80-transcendental.ts";
import { cosine, isBeyondReduction, sine, sineCosine, tangent } from "../floatx80-trigonometric.ts";
import type { Meaning, Row } from "../types.ts";
import { unary } from "./x87-arithmetic.ts";
import { ifPresent } from "./x87-remainder.ts";
import {
  C2,
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

/** ST(1) = a function of ST(0) and ST(1); pops. */
const binary = (helper: Helper): Meaning =>
  waiting((b) => {
    const [x, y] = [stackTop(b), stack(b, b.i32(1))];
    const result = asResult(b.call(helper, x.se, x.sig, y.se, y.sig, controlWord(b)));
    replace(b, b.i32(1), ifPresent(b, x, y, result), 1);
  });

/** Sets C2 and leaves ST(0) alone when the angle is too large; else clears it and goes on. `fault` comes before that. */
const ofAngle = (b: Builder, x: Result, fault: Val, compute: () => void): void => {
  const beyond = b.and(b.eqz(fault), isBeyondReduction(b, x.se, x.sig));
  const kept = b.and(statusWord(b), b.i32(0xffff & ~(C1 | C2)));
  writeStatus(b, b.or(kept, flagIf(b, beyond, C2)));
  b.if(b.eqz(beyond), compute);
};

const sineOrCosine = (helper: Helper): Meaning =>
  waiting((b) => {
    const x = stackTop(b);
    ofAngle(b, x, x.flags, () => {
      const [se, sig, flags] = b.call(helper, x.se, x.sig, controlWord(b));
      replace(b, b.i32(0), ifPresent(b, x, x, { se, sig, flags }));
    });
  });

/** Replaces ST(0) by one result and pushes the other, for which there must be room. */
const pushing = (compute: (b: Builder, x: Result) => [first: Result, second: Result]): Meaning =>
  waiting((b) => {
    const x = stackTop(b);
    const fault = b.select(x.flags, x.flags, flagIf(b, stackFull(b), IE | SF | C1));
    ofAngle(b, x, fault, () => {
      const [first, second] = compute(b, x);
      const flags = b.select(fault, fault, first.flags);
      const [one, two] = [orIndefinite(b, { ...first, flags }), orIndefinite(b, { ...second, flags })];
      b.if(b.call(raise, flags)[0], () => {
        writeStack(b, b.i32(0), one.se, one.sig);
        moveTop(b, -1);
        writeStack(b, b.i32(0), two.se, two.sig);
      });
    });
  });

const both: Meaning = pushing((b, x) => {
  const [se, sig, se2, sig2, flags] = b.call(sineCosine, x.se, x.sig, controlWord(b));
  return [
    { se, sig, flags },
    { se: se2, sig: sig2, flags },
  ];
});

/** The second result is 1, or the NaN that the first is. */
const tangentAndOne: Meaning = pushing((b, x) => {
  const [se, sig, flags] = b.call(tangent, x.se, x.sig, controlWord(b));
  const nan = b.and(b.eq(b.and(se, b.i32(0x7fff)), b.i32(0x7fff)), b.gtU(sig, b.i64(INTEGER_BIT)));
  const pick = (yes: Val, no: Val): Val => b.select(nan, yes, no);
  return [
    { se, sig, flags },
    { se: pick(se, b.i32(BIAS)), sig: pick(sig, b.i64(INTEGER_BIT)), flags },
  ];
});

const note = "within one unit in the last place";

export const x87TranscendentalRows: readonly Row[] = [
  x87Row(
    "F2XM1",
    "D9 F0",
    "",
    unary((b, x) => asResult(b.call(exponential, x.se, x.sig, controlWord(b)))),
    { note },
  ),
  x87Row("FYL2X", "D9 F1", "", binary(logarithm), { note }),
  x87Row("FPTAN", "D9 F2", "", tangentAndOne, { note }),
  x87Row("FPATAN", "D9 F3", "", binary(arctangentOf), { note }),
  x87Row("FYL2XP1", "D9 F9", "", binary(logarithmPlusOne), { note }),
  x87Row("FSINCOS", "D9 FB", "", both, { note }),
  x87Row("FSIN", "D9 FE", "", sineOrCosine(sine), { note }),
  x87Row("FCOS", "D9 FF", "", sineOrCosine(cosine), { note }),
];
