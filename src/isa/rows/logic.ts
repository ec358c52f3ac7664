/** Bitwise operations: AND, OR, XOR, NOT, TEST. */
import { LOGICAL, logicFlags } from "../flags.ts";
import type { Meaning, Row } from "../types.ts";
import { aluRows, type Binary, binaryMeaning } from "./arith.ts";

const and: Binary = (b, bits, a, c) => {
  const result = b.and(a, c);
  return { result, flags: { ...logicFlags(b, bits, result), compare: { op: "and", a, b: c } } };
};
const or: Binary = (b, bits, a, c) => {
  const result = b.or(a, c);
  return { result, flags: logicFlags(b, bits, result) };
};
const xor: Binary = (b, bits, a, c) => {
  const result = b.xor(a, c);
  return { result, flags: logicFlags(b, bits, result) };
};

const not: Meaning = (b, operand) => {
  const a = operand.read();
  operand.write(b.xor(a, b.constLike(a, -1)));
};

const test = (encoding: string, operands: string, frequency: number): Row => ({
  name: "TEST",
  encoding,
  operands,
  meaning: binaryMeaning(and, false),
  flags: LOGICAL,
  feature: "base",
  frequency,
});

export const logicRows: readonly Row[] = [
  ...aluRows({ name: "OR", base: 0x08, meaning: binaryMeaning(or, true), flags: LOGICAL, frequency: [4, 3, 3] }),
  ...aluRows({ name: "AND", base: 0x20, meaning: binaryMeaning(and, true), flags: LOGICAL, frequency: [4, 2, 10] }),
  ...aluRows({ name: "XOR", base: 0x30, meaning: binaryMeaning(xor, true), flags: LOGICAL, frequency: [16, 3, 2] }),
  test("84 /r", "Eb,Gb", 8),
  test("85 /r", "Ev,Gv", 32),
  test("A8 ib", "AL,Ib", 1),
  test("A9 iz", "rAX,Iz", 0.5),
  test("F6 /0 ib", "Eb,Ib", 5),
  test("F6 /1 ib", "Eb,Ib", 0),
  test("F7 /0 iz", "Ev,Iz", 1),
  test("F7 /1 iz", "Ev,Iz", 0),
  { name: "NOT", encoding: "F6 /2", operands: "+Eb", meaning: not, feature: "base", lock: true, frequency: 0.2 },
  { name: "NOT", encoding: "F7 /2", operands: "+Ev", meaning: not, feature: "base", lock: true, frequency: 2 },
];
