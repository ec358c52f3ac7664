/** Addition and subtraction: ADD, ADC, SUB, SBB, CMP, INC, DEC, NEG, XADD, CMPXCHG and its double-width forms. */
import { RAX, RBX, RCX, RDX } from "../../cpu/state.ts";
import type { Bits, Builder, FlagValues, Operand, Val } from "../builder.ts";
import { ALL_BUT_CARRY, ARITHMETIC, adcFlags, addFlags, sbbFlags, subFlags, WITH_CARRY } from "../flags.ts";
import type { FlagEffect, Meaning, Row } from "../types.ts";
import { ARITH, ZF } from "../types.ts";
import { hex } from "./opcode.ts";

/** A two-operand operation: its result (not masked) and its flags. */
export type Binary = (b: Builder, bits: Bits, a: Val, c: Val) => { result: Val; flags: FlagValues };

const carryLike = (b: Builder, a: Val): Val => (a.ty === "i64" ? b.extendU(b.flag("CF")) : b.flag("CF"));

const add: Binary = (b, bits, a, c) => {
  const result = b.add(a, c);
  return { result, flags: addFlags(b, bits, a, c, result) };
};
const sub: Binary = (b, bits, a, c) => {
  const result = b.sub(a, c);
  return { result, flags: subFlags(b, bits, a, c, result) };
};
const adc: Binary = (b, bits, a, c) => {
  const result = b.add(b.add(a, c), carryLike(b, a));
  return { result, flags: adcFlags(b, bits, a, c, result) };
};
const sbb: Binary = (b, bits, a, c) => {
  const result = b.sub(b.sub(a, c), carryLike(b, a));
  return { result, flags: sbbFlags(b, bits, a, c, result) };
};

/** The meaning of `operation destination, source`; `keep` is false for CMP and TEST, which only set flags. */
export function binaryMeaning(operation: Binary, keep: boolean): Meaning {
  return (b, destination, source) => {
    const { result, flags } = operation(b, destination.bits, destination.read(), source.read());
    if (keep) destination.write(result);
    b.setFlags(flags);
  };
}

interface AluOperation {
  name: string;
  /** Opcode of the first of the six forms, and the /digit of the immediate forms. */
  base: number;
  meaning: Meaning;
  flags: FlagEffect;
  /** Of E,G; G,E; immediate forms. */
  frequency: readonly [number, number, number];
  /** CMP and TEST do not write. */
  readOnly?: boolean;
}

/** The nine encodings that the eight classic ALU operations share (SDM Vol. 2, table A-2). */
export function aluRows({ name, base, meaning, flags, frequency, readOnly }: AluOperation): Row[] {
  const to = readOnly ? "" : "+";
  const digit = `/${base >> 3}`;
  const form = (encoding: string, operands: string, often: number, lock = false): Row => ({
    name,
    encoding,
    operands: to + operands,
    meaning,
    flags,
    feature: "base",
    lock: lock && !readOnly,
    frequency: often,
  });
  const [store, load, immediate] = frequency;
  return [
    form(`${hex(base)} /r`, "Eb,Gb", store / 8, true),
    form(`${hex(base + 1)} /r`, "Ev,Gv", store, true),
    form(`${hex(base + 2)} /r`, "Gb,Eb", load / 8),
    form(`${hex(base + 3)} /r`, "Gv,Ev", load),
    form(`${hex(base + 4)} ib`, "AL,Ib", immediate / 8),
    form(`${hex(base + 5)} iz`, "rAX,Iz", immediate / 8),
    form(`80 ${digit} ib`, "Eb,Ib", immediate / 4, true),
    form(`81 ${digit} iz`, "Ev,Iz", immediate / 4, true),
    form(`83 ${digit} ib`, "Ev,sIb", immediate, true),
  ];
}

const stepMeaning =
  (operation: Binary): Meaning =>
  (b, operand) => {
    const a = operand.read();
    const { result, flags } = operation(b, operand.bits, a, b.constLike(a, 1));
    operand.write(result);
    // INC and DEC keep CF, so the comparison that a following condition might use does not hold.
    b.setFlags({ ...flags, cf: undefined, compare: undefined });
  };

const neg: Meaning = (b, operand) => {
  const a = operand.read();
  const zero = b.constLike(a, 0);
  const result = b.sub(zero, a);
  operand.write(result);
  b.setFlags(subFlags(b, operand.bits, zero, a, result));
};

const xadd: Meaning = (b, destination, source) => {
  const old = destination.read();
  const addend = source.read();
  const { result, flags } = add(b, destination.bits, old, addend);
  // With the same register twice the sum is what stays (SDM: DEST is written last).
  if (destination.kind === "mem") destination.write(result);
  source.write(old);
  if (destination.kind !== "mem") destination.write(result);
  b.setFlags(flags);
};

const cmpxchg: Meaning = (b, destination, source) => {
  const { bits } = destination;
  const old = destination.read();
  const accumulator = b.readReg(RAX, bits);
  const wanted = source.read();
  const equal = b.eq(old, accumulator);
  if (destination.kind === "mem") {
    // Written in both cases (SDM: the processor never produces a locked read without a locked write).
    destination.write(b.select(equal, wanted, old));
    b.if(b.eqz(equal), () => b.writeReg(RAX, bits, old));
  } else {
    // A 32-bit register that is not replaced keeps its upper half.
    b.if(
      equal,
      () => destination.write(wanted),
      () => b.writeReg(RAX, bits, old),
    );
  }
  b.setFlags(subFlags(b, bits, accumulator, old, b.sub(accumulator, old)));
};

const cmpxchg8b: Meaning = (b, operand) => {
  const pair = (high: number, low: number): Val =>
    b.or(b.shl(b.extendU(b.readReg(high, 32)), b.i64(32)), b.extendU(b.readReg(low, 32)));
  const place = b.place(64, operand.ea(), "rw");
  const old = place.load();
  const equal = b.eq(old, pair(RDX, RAX));
  place.store(b.select(equal, pair(RCX, RBX), old));
  b.if(b.eqz(equal), () => {
    b.writeReg(RAX, 32, b.wrap(old));
    b.writeReg(RDX, 32, b.wrap(b.shrU(old, b.i64(32))));
  });
  b.setFlags({ bits: 64, zf: () => equal });
};

const cmpxchg16b: Meaning = (b, operand) => {
  const ea = operand.ea();
  b.requireAligned(ea, 16);
  const place = b.place(128, ea, "rw");
  const old = place.load();
  const low = b.op("i64x2.extract_lane", [old], [0]);
  const high = b.op("i64x2.extract_lane", [old], [1]);
  const equal = b.and(b.eq(low, b.readReg(RAX, 64)), b.eq(high, b.readReg(RDX, 64)));
  const fresh = b.op("i64x2.replace_lane", [b.op("i64x2.splat", [b.readReg(RBX, 64)]), b.readReg(RCX, 64)], [1]);
  place.store(b.select(equal, fresh, old));
  b.if(b.eqz(equal), () => {
    b.writeReg(RAX, 64, low);
    b.writeReg(RDX, 64, high);
  });
  b.setFlags({ bits: 64, zf: () => equal });
};

/** A one-operand group form at two opcodes, byte and full size. */
const unary = (
  name: string,
  opcode: number,
  digit: number,
  meaning: Meaning,
  flags: FlagEffect,
  often: number,
): Row[] =>
  (["b", "v"] as const).map((size, i) => ({
    name,
    encoding: `${hex(opcode + i)} /${digit}`,
    operands: `+E${size}`,
    meaning,
    flags,
    feature: "base",
    lock: true,
    frequency: i ? often : often / 8,
  }));

const exchange = (
  name: string,
  opcode: number,
  meaning: (b: Builder, e: Operand, g: Operand) => void,
  g: string,
): Row[] =>
  (["b", "v"] as const).map((size, i) => ({
    name,
    encoding: `0F ${hex(opcode + i)} /r`,
    operands: `+E${size},${g}G${size}`,
    meaning,
    flags: { write: ARITH },
    feature: "base",
    lock: true,
    frequency: 1,
  }));

const doubleWidth = { lock: true, flags: { write: ZF }, note: "only ZF changes" } as const;

export const arithRows: readonly Row[] = [
  ...aluRows({
    name: "ADD",
    base: 0x00,
    meaning: binaryMeaning(add, true),
    flags: ARITHMETIC,
    frequency: [20, 12, 28],
  }),
  ...aluRows({
    name: "ADC",
    base: 0x10,
    meaning: binaryMeaning(adc, true),
    flags: WITH_CARRY,
    frequency: [0.5, 0.3, 0.5],
  }),
  ...aluRows({
    name: "SBB",
    base: 0x18,
    meaning: binaryMeaning(sbb, true),
    flags: WITH_CARRY,
    frequency: [0.5, 0.1, 0.5],
  }),
  ...aluRows({ name: "SUB", base: 0x28, meaning: binaryMeaning(sub, true), flags: ARITHMETIC, frequency: [10, 4, 12] }),
  ...aluRows({
    name: "CMP",
    base: 0x38,
    meaning: binaryMeaning(sub, false),
    flags: ARITHMETIC,
    frequency: [26, 12, 30],
    readOnly: true,
  }),
  ...unary("INC", 0xfe, 0, stepMeaning(add), ALL_BUT_CARRY, 1),
  ...unary("DEC", 0xfe, 1, stepMeaning(sub), ALL_BUT_CARRY, 1),
  ...unary("NEG", 0xf6, 3, neg, ARITHMETIC, 2),
  ...exchange("CMPXCHG", 0xb0, cmpxchg, ""),
  ...exchange("XADD", 0xc0, xadd, "+"),
  { name: "CMPXCHG8B", encoding: "0F C7 /1", operands: "&Mq", meaning: cmpxchg8b, feature: "cx8", ...doubleWidth },
  {
    name: "CMPXCHG16B",
    encoding: "REX.W 0F C7 /1",
    operands: "&Mdq",
    meaning: cmpxchg16b,
    feature: "cx16",
    ...doubleWidth,
  },
];
