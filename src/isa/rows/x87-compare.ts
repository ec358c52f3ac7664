/**
 * x87: comparison and classification (SDM Vol. 1, 8.3.6). Condition codes and flags are written even if an exception is
 * unmasked, as processors do; only popping depends on it. (SDM Vol. 2 says otherwise of FCOM with an invalid operand.)
 */
import type { Builder, Helper, Operand, Val } from "../builder.ts";
import {
  C1,
  denormalFlag,
  flagIf,
  IE,
  isDenormal,
  isInfinite,
  isNan,
  isNormal,
  isUnsupported,
  isZero,
  nanOperands,
  normalise,
  type Result,
  SF,
  signOf,
} from "../floatx80.ts";
import { ARITH, type FlagEffect, type Meaning, type Row } from "../types.ts";
import { integerOperand, realOperand } from "./x87-arithmetic.ts";
import {
  ALIAS,
  C0,
  C2,
  C3,
  pop,
  raise,
  stack,
  stackTop,
  statusWord,
  waiting,
  writeStatus,
  x87Row,
} from "./x87-stack.ts";

/** The three answers as bits, and all of them for unordered; CF, ZF and PF of FCOMI are the same. */
const LESS = 1;
const EQUAL = 2;
const UNORDERED = 7;

/** Compares two values: the relation and flags. Quiet NaNs raise IE only when `ordered` (i32, 0 or 1) is 1. */
const compare: Helper = {
  name: "f80_compare",
  params: ["i32", "i64", "i32", "i64", "i32"],
  results: ["i32", "i32"],
  build(b, se1, sig1, se2, sig2, ordered) {
    const relation = b.local(b.i32(UNORDERED));
    const flags = b.local(b.i32(0));
    const [found, , , raised] = b.call(nanOperands, se1, sig1, se2, sig2);
    b.if(
      found,
      () => flags.set(b.or(raised, flagIf(b, ordered, IE))),
      () => {
        flags.set(b.or(denormalFlag(b, se1, sig1), denormalFlag(b, se2, sig2)));
        // Normalised, magnitudes are in the order of (exponent, significand); an infinity has the greatest exponent.
        const [exponent1, s1] = b.call(normalise, se1, sig1);
        const [exponent2, s2] = b.call(normalise, se2, sig2);
        const sameExponent = b.eq(exponent1, exponent2);
        const sameMagnitude = b.and(sameExponent, b.eq(s1, s2));
        const smaller = b.or(b.ltS(exponent1, exponent2), b.and(sameExponent, b.ltU(s1, s2)));
        const negative = b.ne(signOf(b, se1), b.i32(0));
        const sameSign = b.eq(signOf(b, se1), signOf(b, se2));
        const zeros = b.and(b.eqz(sig1), b.eqz(sig2));
        const equal = b.or(zeros, b.and(sameSign, sameMagnitude));
        const less = b.select(sameSign, b.select(negative, b.eqz(smaller), smaller), negative);
        relation.set(b.select(equal, b.i32(EQUAL), b.mul(less, b.i32(LESS))));
      },
    );
    return [relation.get(), flags.get()];
  },
};

/** The same for operands that may be missing: (se, sig, flags) twice, and `ordered`. */
const compareOperands: Helper = {
  name: "x87_compare",
  params: ["i32", "i64", "i32", "i32", "i64", "i32", "i32"],
  results: ["i32", "i32"],
  build(b, se1, sig1, flags1, se2, sig2, flags2, ordered) {
    const relation = b.local(b.i32(UNORDERED));
    const given = b.or(flags1, flags2);
    const flags = b.local(b.i32(IE | SF));
    b.if(b.eqz(b.and(given, b.i32(SF))), () => {
      const [r, raised] = b.call(compare, se1, sig1, se2, sig2, ordered);
      relation.set(r);
      flags.set(b.or(raised, b.select(b.eq(r, b.i32(UNORDERED)), b.i32(0), given)));
    });
    return [relation.get(), flags.get()];
  },
};

const compared = (b: Builder, x: Result, y: Result, ordered: boolean): [relation: Val, flags: Val] => {
  const [relation, flags] = b.call(compareOperands, x.se, x.sig, x.flags, y.se, y.sig, y.flags, b.i32(ordered ? 1 : 0));
  return [relation, flags];
};

/** Bits of C3 C2 C0 from LESS, EQUAL and UNORDERED. */
const conditionCode = (b: Builder, relation: Val): Val => {
  const less = flagIf(b, b.and(relation, b.i32(1)), C0);
  const equal = flagIf(b, b.and(b.shrU(relation, b.i32(1)), b.i32(1)), C3);
  const unordered = flagIf(b, b.shrU(relation, b.i32(2)), C2);
  return b.or(less, b.or(equal, unordered));
};
const writeConditionCode = (b: Builder, code: Val, mask = C0 | C2 | C3): void =>
  writeStatus(b, b.or(b.and(statusWord(b), b.i32(0xffff & ~mask)), code));

type Source = (b: Builder, src: Operand) => Result;
const stackOperand: Source = (b, src) => stack(b, src.read());
const second: Source = (b) => stack(b, b.i32(1));

const compareTop = (source: Source, pops: 0 | 1 | 2, ordered = true): Meaning =>
  waiting((b, src) => {
    const y = source(b, src);
    const [relation, flags] = compared(b, stackTop(b), y, ordered);
    const [proceeds] = b.call(raise, flags);
    writeConditionCode(b, conditionCode(b, relation));
    b.if(proceeds, () => {
      for (let i = 0; i < pops; i++) pop(b);
    });
  });

const test: Meaning = waiting((b) => {
  const zero = { se: b.i32(0), sig: b.i64(0), flags: b.i32(0) };
  const [relation, flags] = compared(b, stackTop(b), zero, true);
  b.call(raise, flags);
  writeConditionCode(b, conditionCode(b, relation));
});

/** FCOMI and FUCOMI set ZF, PF and CF as COMISD does. */
const compareIntoFlags = (ordered: boolean, pops: boolean): Meaning =>
  waiting((b, src) => {
    const [relation, flags] = compared(b, stackTop(b), stack(b, src.read()), ordered);
    const [proceeds] = b.call(raise, flags);
    b.setFlags({
      bits: 32,
      cf: () => b.and(relation, b.i32(1)),
      zf: () => b.and(b.shrU(relation, b.i32(1)), b.i32(1)),
      pf: () => b.shrU(relation, b.i32(2)),
      of: () => b.i32(0),
      sf: () => b.i32(0),
      af: () => b.i32(0),
    });
    if (pops) b.if(proceeds, () => pop(b));
  });

const FLAGS: Partial<Row> = { flags: { write: ARITH } satisfies FlagEffect };

/** FXAM: C3 C2 C0 by the kind of ST(0), C1 its sign (SDM Vol. 2, table 3-42). */
const examine: Meaning = waiting((b) => {
  const { se, sig, flags } = stackTop(b);
  const when = (condition: Val, code: number, otherwise: Val): Val => b.select(condition, b.i32(code), otherwise);
  const kind = when(
    b.and(flags, b.i32(SF)),
    C3 | C0,
    when(
      isZero(b, se, sig),
      C3,
      when(
        isDenormal(b, se, sig),
        C3 | C2,
        when(
          isNormal(b, se, sig),
          C2,
          when(
            isInfinite(b, se, sig),
            C2 | C0,
            when(isNan(b, se, sig), C0, when(isUnsupported(b, se, sig), 0, b.i32(0))),
          ),
        ),
      ),
    ),
  );
  const sign = flagIf(b, b.ne(signOf(b, se), b.i32(0)), C1);
  writeConditionCode(b, b.or(kind, sign), C0 | C1 | C2 | C3);
});

export const x87CompareRows: readonly Row[] = [
  x87Row("FCOM", "D8 /2", "Md", compareTop(realOperand, 0)),
  x87Row("FCOM", "D8 /2", "ST", compareTop(stackOperand, 0)),
  x87Row("FCOM", "DC /2", "Mq", compareTop(realOperand, 0)),
  x87Row("FCOMP", "D8 /3", "Md", compareTop(realOperand, 1)),
  x87Row("FCOMP", "D8 /3", "ST", compareTop(stackOperand, 1)),
  x87Row("FCOMP", "DC /3", "Mq", compareTop(realOperand, 1)),
  x87Row("FCOM", "DC /2", "ST", compareTop(stackOperand, 0), ALIAS),
  x87Row("FCOMP", "DC /3", "ST", compareTop(stackOperand, 1), ALIAS),
  x87Row("FCOMP", "DE /2", "ST", compareTop(stackOperand, 1), ALIAS),
  x87Row("FCOMPP", "DE D9", "", compareTop(second, 2)),
  x87Row("FICOM", "DA /2", "Md", compareTop(integerOperand, 0)),
  x87Row("FICOM", "DE /2", "Mw", compareTop(integerOperand, 0)),
  x87Row("FICOMP", "DA /3", "Md", compareTop(integerOperand, 1)),
  x87Row("FICOMP", "DE /3", "Mw", compareTop(integerOperand, 1)),
  x87Row("FUCOM", "DD /4", "ST", compareTop(stackOperand, 0, false)),
  x87Row("FUCOMP", "DD /5", "ST", compareTop(stackOperand, 1, false)),
  x87Row("FUCOMPP", "DA E9", "", compareTop(second, 2, false)),
  x87Row("FCOMI", "DB /6", "ST", compareIntoFlags(true, false), FLAGS),
  x87Row("FCOMIP", "DF /6", "ST", compareIntoFlags(true, true), FLAGS),
  x87Row("FUCOMI", "DB /5", "ST", compareIntoFlags(false, false), FLAGS),
  x87Row("FUCOMIP", "DF /5", "ST", compareIntoFlags(false, true), FLAGS),
  x87Row("FTST", "D9 E4", "", test),
  x87Row("FXAM", "D9 E5", "", examine),
];
