/** x87: addition, subtraction, multiplication, division, square root, signs, rounding (SDM Vol. 1, 8.3.5). */
import type { Builder, Helper, Operand, Val } from "../builder.ts";
import { asResult, IE, indefinite, isNan, RESULT, type Result, resultVar, SF, SIGN, ZE } from "../floatx80.ts";
import { add, divide, multiply, squareRoot } from "../floatx80-arithmetic.ts";
import { fromDouble, fromInteger, fromSingle, roundToIntegral } from "../floatx80-convert.ts";
import type { Meaning, Row } from "../types.ts";
import { controlWord, orIndefinite, replace, stack, stackTop, waiting, x87Row } from "./x87-stack.ts";

/** A memory operand as an extended value, exactly. */
export const realOperand = (b: Builder, src: Operand): Result =>
  asResult(src.bits === 32 ? b.call(fromSingle, b.extendU(src.read())) : b.call(fromDouble, src.read()));
export const integerOperand = (b: Builder, src: Operand): Result =>
  asResult(b.call(fromInteger, b.toI64S(src.bits, src.read())));

/** Two operands whose own flags say whether they are missing (SF) or denormal in a narrower format. */
const binaryHelper = (name: string, compute: Helper, flip: boolean): Helper => ({
  name: `x87_${name}`,
  params: ["i32", "i64", "i32", "i32", "i64", "i32"],
  results: RESULT,
  build(b, se1, sig1, flags1, se2, sig2, flags2) {
    const result = resultVar(b);
    const flags = b.or(flags1, flags2);
    b.if(
      b.and(flags, b.i32(SF)),
      () => result.set(indefinite(b, IE | SF)),
      () => {
        const computed = asResult(b.call(compute, se1, sig1, se2, sig2, b.i32(flip ? SIGN : 0), controlWord(b)));
        // A NaN, whether operand or result, and a division by zero have precedence over a denormal operand.
        const instead = b.or(isNan(b, computed.se, computed.sig), b.and(computed.flags, b.i32(ZE)));
        result.set({ ...computed, flags: b.or(computed.flags, b.select(instead, b.i32(0), flags)) });
      },
    );
    return result.get();
  },
});

const addition = binaryHelper("add", add, false);
const subtraction = binaryHelper("subtract", add, true);
const multiplication = binaryHelper("multiply", multiply, false);
const division = binaryHelper("divide", divide, false);

const apply = (b: Builder, h: Helper, x: Result, y: Result): Result =>
  asResult(b.call(h, x.se, x.sig, x.flags, y.se, y.sig, y.flags));

interface Arithmetic {
  name: string;
  digit: number;
  helper: Helper;
  /** The source is the left operand. */
  reversed?: boolean;
  /** The digit of the forms whose destination is ST(i); there, FSUB and FSUBR, FDIV and FDIVR are exchanged. */
  stackDigit: number;
}
const operations: readonly Arithmetic[] = [
  { name: "ADD", digit: 0, helper: addition, stackDigit: 0 },
  { name: "MUL", digit: 1, helper: multiplication, stackDigit: 1 },
  { name: "SUB", digit: 4, helper: subtraction, stackDigit: 5 },
  { name: "SUBR", digit: 5, helper: subtraction, reversed: true, stackDigit: 4 },
  { name: "DIV", digit: 6, helper: division, stackDigit: 7 },
  { name: "DIVR", digit: 7, helper: division, reversed: true, stackDigit: 6 },
];

const intoTop = ({ helper, reversed }: Arithmetic, source: (b: Builder, src: Operand) => Result): Meaning =>
  waiting((b, src) => {
    const [x, y] = [source(b, src), stackTop(b)];
    replace(b, b.i32(0), reversed ? apply(b, helper, x, y) : apply(b, helper, y, x));
  });

const intoStack = ({ helper, reversed }: Arithmetic, pops: 0 | 1): Meaning =>
  waiting((b, dst) => {
    const [x, y] = [stackTop(b), stack(b, dst.read())];
    replace(b, dst.read(), reversed ? apply(b, helper, x, y) : apply(b, helper, y, x), pops);
  });

const stackOperand = (b: Builder, src: Operand): Result => stack(b, src.read());

const arithmeticRows = operations.flatMap((op): Row[] => [
  x87Row(`F${op.name}`, `D8 /${op.digit}`, "Md", intoTop(op, realOperand)),
  x87Row(`F${op.name}`, `D8 /${op.digit}`, "ST", intoTop(op, stackOperand)),
  x87Row(`F${op.name}`, `DC /${op.digit}`, "Mq", intoTop(op, realOperand)),
  x87Row(`F${op.name}`, `DC /${op.stackDigit}`, "+ST", intoStack(op, 0)),
  x87Row(`F${op.name}P`, `DE /${op.stackDigit}`, "+ST", intoStack(op, 1)),
  x87Row(`FI${op.name}`, `DA /${op.digit}`, "Md", intoTop(op, integerOperand)),
  x87Row(`FI${op.name}`, `DE /${op.digit}`, "Mw", intoTop(op, integerOperand)),
]);

/** Replaces ST(0) by a function of it. */
export const unary = (compute: (b: Builder, x: Result) => Result): Meaning =>
  waiting((b) => {
    const x = stackTop(b);
    const y = compute(b, x);
    replace(b, b.i32(0), orIndefinite(b, { ...y, flags: b.select(b.and(x.flags, b.i32(SF)), x.flags, y.flags) }));
  });

const withControl =
  (helper: Helper) =>
  (b: Builder, x: Result): Result =>
    asResult(b.call(helper, x.se, x.sig, controlWord(b)));

/** Changes the sign alone, of any value. */
const sign = (change: (b: Builder, se: Val) => Val): Meaning => unary((b, x) => ({ ...x, se: change(b, x.se) }));

export const x87ArithmeticRows: readonly Row[] = [
  ...arithmeticRows,
  x87Row(
    "FCHS",
    "D9 E0",
    "",
    sign((b, se) => b.xor(se, b.i32(SIGN))),
  ),
  x87Row(
    "FABS",
    "D9 E1",
    "",
    sign((b, se) => b.and(se, b.i32(~SIGN))),
  ),
  x87Row("FSQRT", "D9 FA", "", unary(withControl(squareRoot))),
  x87Row("FRNDINT", "D9 FC", "", unary(withControl(roundToIntegral))),
];
