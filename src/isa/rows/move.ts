/** Data movement: MOV in all its forms, LEA, XCHG, CMOVcc, SETcc, XLAT. */
import { R_FS, R_GS, RAX, VECTOR_GP } from "../../cpu/state.ts";
import type { Cond } from "../builder.ts";
import { CONDITION_NAMES, conditionReads } from "../flags.ts";
import type { Meaning, Row } from "../types.ts";
import { hex } from "./opcode.ts";

const mov: Meaning = (_, destination, source) => destination.write(source.read());

const movRow = (encoding: string, operands: string, frequency = 0): Row => ({
  name: "MOV",
  encoding,
  operands,
  meaning: mov,
  feature: "base",
  frequency,
});

const lea: Meaning = (b, destination, memory) => {
  const offset = memory.offset();
  destination.write(destination.bits === 64 ? offset : b.wrap(offset));
};

const xchg: Meaning = (_, destination, source) => {
  const a = destination.read();
  const c = source.read();
  destination.write(c);
  source.write(a);
};

const cmov =
  (cc: Cond): Meaning =>
  (b, destination, source) => {
    // The source is read, and a 32-bit destination's upper half cleared, whether or not the condition holds.
    const taken = source.read();
    destination.write(b.select(b.cond(cc), taken, destination.read()));
  };

const setcc =
  (cc: Cond): Meaning =>
  (b, destination) =>
    destination.write(b.ne(b.cond(cc), b.i32(0)));

/** Conditions by how often compilers use them. */
const CONDITION_WEIGHT = [0, 0, 4, 3, 24, 22, 4, 5, 2, 2, 0.2, 0.2, 3, 2, 4, 3];
const conditionRows = CONDITION_NAMES.flatMap((name, cc): Row[] => [
  {
    name: `CMOV${name}`,
    encoding: `0F ${hex(0x40 + cc)} /r`,
    operands: "+Gv,Ev",
    meaning: cmov(cc as Cond),
    flags: { read: conditionReads(cc) },
    feature: "cmov",
    cc,
    frequency: CONDITION_WEIGHT[cc] / 6,
  },
  {
    name: `SET${name}`,
    encoding: `0F ${hex(0x90 + cc)} /r`,
    operands: "=Eb",
    meaning: setcc(cc as Cond),
    flags: { read: conditionReads(cc) },
    feature: "base",
    cc,
    frequency: CONDITION_WEIGHT[cc] / 8,
  },
]);

/** Selectors that a 64-bit Linux process has (arch/x86/include/asm/segment.h); the segments it may load are null ones. */
const SEGMENTS = [
  { name: "ES", selector: 0 },
  { name: "CS", selector: 0x33 },
  { name: "SS", selector: 0x2b },
  { name: "DS", selector: 0 },
  { name: "FS", selector: 0, base: R_FS },
  { name: "GS", selector: 0, base: R_GS },
];

const readSelector =
  (selector: number): Meaning =>
  (b, destination) =>
    destination.write(destination.bits === 64 ? b.i64(selector) : b.i32(selector));

/** Loads a segment register: null selectors (RPL ignored), and for SS the one that is there. A null FS or GS has base 0. */
const writeSelector =
  (name: string, base: number | undefined): Meaning =>
  (b, source) => {
    const selector = source.read();
    const bad = name === "SS" ? b.ne(selector, b.i32(0x2b)) : b.gtU(selector, b.i32(3));
    b.raiseIf(bad, VECTOR_GP);
    if (base !== undefined) b.writeReg(base, 64, b.i64(0));
  };

const segmentRows = SEGMENTS.flatMap(({ name, selector, base }, digit): Row[] => {
  const read = { name: "MOV", meaning: readSelector(selector), feature: "base", note: `source ${name}` } as const;
  const write = {
    name: "MOV",
    meaning: writeSelector(name, base),
    feature: "base",
    note: `destination ${name}`,
  } as const;
  const untested = "the host's selectors differ, and a load would change the test process's own segment";
  const rows: Row[] = [
    { ...read, encoding: `8C /${digit}`, operands: "=Rv", untested },
    { ...read, encoding: `8C /${digit}`, operands: "=Mw", untested },
  ];
  if (name !== "CS") rows.push({ ...write, encoding: `8E /${digit}`, operands: "Ew", untested });
  return rows;
});

/** AL = [rBX + AL], the sum being truncated by the 67 prefix like any effective address. */
const xlat =
  (address32: boolean): Meaning =>
  (b, memory) => {
    const offset = memory.offset();
    const sum = b.add(offset, b.extendU(b.readReg(RAX, 8)));
    const segmentBase = b.sub(memory.ea(), offset);
    const ea = b.add(segmentBase, address32 ? b.zeroExtend(32, sum) : sum);
    b.writeReg(RAX, 8, b.place(8, ea, "r").load());
  };

export const moveRows: readonly Row[] = [
  movRow("88 /r", "=Eb,Gb", 8),
  movRow("89 /r", "=Ev,Gv", 160),
  movRow("8A /r", "=Gb,Eb", 2),
  movRow("8B /r", "=Gv,Ev", 130),
  movRow("A0", "=AL,Ob"),
  movRow("A1", "=rAX,Ov"),
  movRow("A2", "=Ob,AL"),
  movRow("A3", "=Ov,rAX"),
  movRow("B0 +r ib", "=Zb,Ib", 1),
  movRow("REX.0 B8 +r iz", "=Zv,Iz", 30),
  movRow("REX.W B8 +r io", "=Zq,Iq", 2),
  movRow("C6 /0 ib", "=Eb,Ib", 5),
  movRow("C7 /0 iz", "=Ev,Iz", 20),
  ...segmentRows,
  { name: "LEA", encoding: "8D /r", operands: "=Gv,&M", meaning: lea, feature: "base", frequency: 50 },
  { name: "XCHG", encoding: "86 /r", operands: "+Eb,+Gb", meaning: xchg, feature: "base", lock: true, frequency: 0.2 },
  { name: "XCHG", encoding: "87 /r", operands: "+Ev,+Gv", meaning: xchg, feature: "base", lock: true, frequency: 1 },
  { name: "XCHG", encoding: "90 +r", operands: "+Zv,+rAX", meaning: xchg, feature: "base", frequency: 0.1 },
  { name: "XLAT", encoding: "D7", operands: "&[rBX]b", meaning: xlat(false), feature: "base" },
  { name: "XLAT", encoding: "67 D7", operands: "&[rBX]b", meaning: xlat(true), feature: "base" },
  ...conditionRows,
];
