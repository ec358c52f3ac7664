/** SSE and SSE2: floating-point arithmetic, comparison and logic (SDM Vol. 1, 10.4.1 and 11.4.1). */
import type { Builder, Operand, Val } from "../builder.ts";
import { DOUBLE, isNaNLanes, type Precision, SINGLE, splatBytes, unordered } from "../float.ts";
import { arithmeticLanes, arithmeticScalar, compared, comparedLanes, type Operation } from "../float-modes.ts";
import { AF, CF, type Feature, type Meaning, OF, PF, type Row, SF, ZF } from "../types.ts";
import { andNot, binary, imm8, row } from "./sse-values.ts";

/** The low lane of a register, or a memory operand of that size, as a float. */
export const scalar = (b: Builder, p: Precision, o: Operand): Val =>
  o.kind === "xmm"
    ? b.op(`${p.lanes}.extract_lane`, [o.read()], [0])
    : b.op(p === SINGLE ? "f32.reinterpret_i32" : "f64.reinterpret_i64", [o.read()]);

/** Writes the low lane of a register and leaves the others alone. */
export const writeScalar = (b: Builder, p: Precision, dst: Operand, value: Val): void =>
  dst.write(b.op(`${p.lanes}.replace_lane`, [dst.read(), value], [0]));

const arithmetic =
  (p: Precision, op: Operation): Meaning =>
  (b, dst, src) =>
    dst.write(arithmeticLanes(b, p, op, dst.read(), src.read()));

const scalarArithmetic =
  (p: Precision, op: Operation): Meaning =>
  (b, dst, src) =>
    writeScalar(b, p, dst, arithmeticScalar(b, p, op, scalar(b, p, dst), scalar(b, p, src)));

const squareRoot =
  (p: Precision): Meaning =>
  (b, dst, src) =>
    dst.write(arithmeticLanes(b, p, "sqrt", src.read(), src.read()));

const scalarSquareRoot =
  (p: Precision): Meaning =>
  (b, dst, src) => {
    const x = scalar(b, p, src);
    writeScalar(b, p, dst, arithmeticScalar(b, p, "sqrt", x, x));
  };

type Extreme = "min" | "max";

/**
 * MIN is `x < y ? x : y`, MAX is `x > y ? x : y`: with a NaN or two zeros the second operand as it is, and any NaN is
 * invalid. WebAssembly's pmin(a, b) is `b < a ? b : a`, so the operands are swapped.
 */
const extreme =
  (p: Precision, which: Extreme): Meaning =>
  (b, dst, src) => {
    const [x, y] = comparedLanes(b, p, dst.read(), src.read(), b.i32(1));
    dst.write(b.op(`${p.lanes}.p${which}`, [y, x]));
  };

const scalarExtreme =
  (p: Precision, which: Extreme): Meaning =>
  (b, dst, src) => {
    const [x, y] = compared(b, p, scalar(b, p, dst), scalar(b, p, src), b.i32(1));
    const first = b.op(`${p.scalar}.${which === "min" ? "lt" : "gt"}`, [x, y]);
    writeScalar(b, p, dst, b.select(first, x, y));
  };

/**
 * Predicates 0 to 7 are EQ, LT, LE, UNORD and their complements NEQ, NLT, NLE, ORD. `choose` picks by bits 1:0, bit 2
 * complements. LT, LE, NLT and NLE are invalid with a quiet NaN too: those whose bits 1:0 plus 1 have bit 1 set.
 */
const choose = (b: Builder, predicate: Val, equal: Val, less: Val, lessOrEqual: Val, unorderedMask: Val): Val => {
  const odd = b.and(predicate, b.i32(1));
  return b.select(b.and(predicate, b.i32(2)), b.select(odd, unorderedMask, lessOrEqual), b.select(odd, less, equal));
};
const signalsQuiet = (b: Builder, predicate: Val): Val =>
  b.and(b.shrU(b.add(b.and(predicate, b.i32(3)), b.i32(1)), b.i32(1)), b.i32(1));
const complement = (b: Builder, predicate: Val): Val => b.and(b.shrU(predicate, b.i32(2)), b.i32(1));

const compare =
  (p: Precision): Meaning =>
  (b, dst, src, imm) => {
    const predicate = imm8(b, imm);
    const [x, y] = comparedLanes(b, p, dst.read(), src.read(), signalsQuiet(b, predicate));
    const lanes = (name: string): Val => b.op(`${p.lanes}.${name}`, [x, y]);
    const eitherNaN = b.op("v128.or", [isNaNLanes(b, p, x), isNaNLanes(b, p, y)]);
    const mask = choose(b, predicate, lanes("eq"), lanes("lt"), lanes("le"), eitherNaN);
    const inverse = b.op("i32x4.splat", [b.sub(b.i32(0), complement(b, predicate))]);
    dst.write(b.op("v128.xor", [mask, inverse]));
  };

const scalarCompare =
  (p: Precision): Meaning =>
  (b, dst, src, imm) => {
    const predicate = imm8(b, imm);
    const [x, y] = compared(b, p, scalar(b, p, dst), scalar(b, p, src), signalsQuiet(b, predicate));
    const is = (name: string): Val => b.op(`${p.scalar}.${name}`, [x, y]);
    const truth = b.xor(
      choose(b, predicate, is("eq"), is("lt"), is("le"), unordered(b, p, x, y)),
      complement(b, predicate),
    );
    const mask = b.sub(b.i32(0), truth);
    const lane = p === SINGLE ? mask : b.extendS(mask);
    dst.write(b.op(`${p.ints}.replace_lane`, [dst.read(), lane], [0]));
  };

/** COMI and UCOMI: ZF, PF and CF say equal, unordered, less; unordered sets all three (SDM Vol. 2, COMISD). */
const compareToFlags =
  (p: Precision, quietToo: 0 | 1): Meaning =>
  (b, first, second) => {
    const [x, y] = compared(b, p, scalar(b, p, first), scalar(b, p, second), b.i32(quietToo));
    const is = (name: string): Val => b.op(`${p.scalar}.${name}`, [x, y]);
    const clear = (): Val => b.i32(0);
    b.setFlags({
      bits: 32,
      zf: () => b.eqz(b.or(is("lt"), is("gt"))),
      pf: () => unordered(b, p, x, y),
      cf: () => b.eqz(is("ge")),
      of: clear,
      sf: clear,
      af: clear,
    });
  };

const SMALLEST_NORMAL = 2 ** -126;

/**
 * RCP and RSQRT give 1/x and 1/sqrt(x) rounded to nearest, well inside the bound of 1.5 * 2^-12. They raise nothing, take
 * denormals for zeros of their sign, and RCP flushes tiny results to zero, 2^-126 included as AMD has it (SDM Vol. 2, RCPPS and RSQRTPS).
 */
const approximate = (b: Builder, x: Val, root: boolean): Val => {
  const singles = (v: number): Val => b.op("f32x4.splat", [b.f32(v)]);
  const zeroWhere = (tiny: Val, v: Val): Val =>
    b.op("v128.bitselect", [b.op("v128.and", [x, splatBytes(b, SINGLE.signBit)]), v, tiny]);
  const abs = (v: Val): Val => b.op("f32x4.abs", [v]);

  const input = zeroWhere(b.op("f32x4.lt", [abs(x), singles(SMALLEST_NORMAL)]), x);
  // The root of -0 is -0, for which RSQRT gives -infinity too.
  const quotient = b.op("f32x4.div", [singles(1), root ? b.op("f32x4.sqrt", [input]) : input]);
  const result = root ? quotient : zeroWhere(b.op("f32x4.le", [abs(quotient), singles(SMALLEST_NORMAL)]), quotient);
  const invalid = isNaNLanes(b, SINGLE, result);
  const settled = b.op("v128.bitselect", [splatBytes(b, SINGLE.defaultNaN), result, invalid]);
  const quieted = b.op("v128.or", [x, splatBytes(b, SINGLE.quietBit)]);
  return b.op("v128.bitselect", [quieted, settled, isNaNLanes(b, SINGLE, x)]);
};

const approximation =
  (root: boolean): Meaning =>
  (b, dst, src) =>
    dst.write(approximate(b, src.read(), root));

const scalarApproximation =
  (root: boolean): Meaning =>
  (b, dst, src) => {
    const result = approximate(b, b.op("f32x4.splat", [scalar(b, SINGLE, src)]), root);
    writeScalar(b, SINGLE, dst, b.op("f32x4.extract_lane", [result], [0]));
  };

interface Frequencies {
  ps?: number;
  pd?: number;
  ss?: number;
  sd?: number;
}

/** The forms PS, PD, SS and SD of one opcode. `access` is the destination's: "+" or "=" for the packed forms. */
const fourForms = (
  name: string,
  opcode: string,
  access: "+" | "=",
  packed: (p: Precision) => Meaning,
  single: (p: Precision) => Meaning,
  frequency: Frequencies = {},
  immediate = false,
): readonly Row[] => {
  const form = (suffix: "ps" | "pd" | "ss" | "sd", prefix: string, feature: Feature, meaning: Meaning): Row => {
    const destination = suffix.startsWith("s") ? "+" : access;
    return row(
      name + suffix.toUpperCase(),
      `${prefix} 0F ${opcode} /r${immediate ? " ib" : ""}`,
      `${destination}V${suffix},W${suffix}${immediate ? ",Ib" : ""}`,
      meaning,
      feature,
      { frequency: frequency[suffix] ?? 0 },
    );
  };
  return [
    form("ps", "NP", "sse", packed(SINGLE)),
    form("pd", "66", "sse2", packed(DOUBLE)),
    form("ss", "F3", "sse", single(SINGLE)),
    form("sd", "F2", "sse2", single(DOUBLE)),
  ];
};

const binaryForms = (name: string, opcode: string, op: Operation, frequency: Frequencies): readonly Row[] =>
  fourForms(
    name,
    opcode,
    "+",
    (p) => arithmetic(p, op),
    (p) => scalarArithmetic(p, op),
    frequency,
  );
const extremeForms = (name: string, opcode: string, which: Extreme): readonly Row[] =>
  fourForms(
    name,
    opcode,
    "+",
    (p) => extreme(p, which),
    (p) => scalarExtreme(p, which),
    { ss: 0.2, sd: 0.5 },
  );

const logicForms = (name: string, opcode: string, meaning: Meaning, frequency: Frequencies): readonly Row[] => [
  row(`${name}PS`, `NP 0F ${opcode} /r`, "+Vps,Wps", meaning, "sse", { frequency: frequency.ps ?? 0 }),
  row(`${name}PD`, `66 0F ${opcode} /r`, "+Vpd,Wpd", meaning, "sse2", { frequency: frequency.pd ?? 0 }),
];

const COMPARE_FLAGS = CF | PF | AF | ZF | SF | OF;
const flagForms = (name: string, opcode: string, quietToo: 0 | 1, ss: number, sd: number): readonly Row[] => [
  row(`${name}SS`, `NP 0F ${opcode} /r`, "Vss,Wss", compareToFlags(SINGLE, quietToo), "sse", {
    flags: { write: COMPARE_FLAGS },
    frequency: ss,
  }),
  row(`${name}SD`, `66 0F ${opcode} /r`, "Vsd,Wsd", compareToFlags(DOUBLE, quietToo), "sse2", {
    flags: { write: COMPARE_FLAGS },
    frequency: sd,
  }),
];

const note = "within 1.5 * 2^-12 of the exact value; processors differ in the bits, so it is tested by that bound";
const approximationForms = (name: string, opcode: string, root: boolean): readonly Row[] => [
  row(`${name}PS`, `NP 0F ${opcode} /r`, "=Vps,Wps", approximation(root), "sse", { note }),
  row(`${name}SS`, `F3 0F ${opcode} /r`, "+Vss,Wss", scalarApproximation(root), "sse", { note }),
];

export const sseFloatRows: readonly Row[] = [
  ...binaryForms("ADD", "58", "add", { ps: 1, pd: 2, ss: 5, sd: 20 }),
  ...binaryForms("MUL", "59", "mul", { ps: 1, pd: 2, ss: 5, sd: 20 }),
  ...binaryForms("SUB", "5C", "sub", { ps: 0.5, pd: 1, ss: 2.5, sd: 10 }),
  ...binaryForms("DIV", "5E", "div", { pd: 0.2, ss: 1, sd: 5 }),
  ...extremeForms("MIN", "5D", "min"),
  ...extremeForms("MAX", "5F", "max"),
  ...fourForms("SQRT", "51", "=", squareRoot, scalarSquareRoot, { sd: 1 }),
  ...approximationForms("RSQRT", "52", true),
  ...approximationForms("RCP", "53", false),
  ...fourForms("CMP", "C2", "+", compare, scalarCompare, { sd: 0.5 }, true),
  ...flagForms("UCOMI", "2E", 0, 2, 5),
  ...flagForms("COMI", "2F", 1, 2, 8),
  ...logicForms("AND", "54", binary("v128.and"), { ps: 0.5, pd: 2 }),
  ...logicForms("ANDN", "55", andNot, { pd: 0.5 }),
  ...logicForms("OR", "56", binary("v128.or"), { ps: 0.2, pd: 0.5 }),
  ...logicForms("XOR", "57", binary("v128.xor"), { ps: 5, pd: 1 }),
];
