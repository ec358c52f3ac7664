/** Bits: BT, BTS, BTR, BTC, BSF, BSR, POPCNT, BSWAP. */
import type { Bits, Builder, Operand, Val } from "../builder.ts";
import { carryFlag } from "../flags.ts";
import { AF, ARITH, CF, type FlagEffect, type Meaning, OF, PF, type Row, SF, ZF } from "../types.ts";
import { hex } from "./opcode.ts";

/** What becomes of the selected bit. */
type Change = ((b: Builder, value: Val, mask: Val) => Val) | null;

const CHANGES: readonly { name: string; digit: number; change: Change }[] = [
  { name: "BT", digit: 4, change: null },
  { name: "BTS", digit: 5, change: (b, value, mask) => b.or(value, mask) },
  { name: "BTR", digit: 6, change: (b, value, mask) => b.and(value, b.xor(mask, b.constLike(mask, -1))) },
  { name: "BTC", digit: 7, change: (b, value, mask) => b.xor(value, mask) },
];

/** Tests bit `index` (any i32 or i64; taken modulo `bits`) of a value; gives the changed value. */
function testBit(b: Builder, bits: Bits, value: Val, index: Val, change: Change): { carry: Val; changed: Val | null } {
  const n = b.and(index, b.constLike(index, bits - 1));
  const one = b.constLike(value, 1);
  const selected = b.and(b.shrU(value, n), one);
  return {
    carry: bits === 64 ? b.wrap(selected) : selected,
    changed: change ? change(b, value, b.shl(one, n)) : null,
  };
}

const bitTest =
  (change: Change, immediate: boolean): Meaning =>
  (b, operand, index) => {
    const value = operand.read();
    const n = index.read();
    const at = immediate && operand.bits === 64 ? b.extendU(n) : n;
    const { carry, changed } = testBit(b, operand.bits, value, at, change);
    if (changed) operand.write(changed);
    carryFlag(b, carry);
  };

/**
 * A register offset is signed and reaches beyond the operand: the word at ea + (offset >> log2 bits) is accessed, where the
 * 67 prefix truncates the sum.
 */
const bitString =
  (change: Change, address32: boolean): Meaning =>
  (b, operand, index) => {
    const { bits } = operand;
    const shift = bits === 64 ? 6 : bits === 32 ? 5 : 4;
    const offset = index.read();
    const words = b.shrS(b.toI64S(bits, offset), b.i64(shift));
    const moved = b.add(operand.offset(), b.mul(words, b.i64(bits / 8)));
    const segmentBase = b.sub(operand.ea(), operand.offset());
    const ea = b.add(segmentBase, address32 ? b.zeroExtend(32, moved) : moved);
    const place = b.place(bits, ea, change ? "rw" : "r");
    const { carry, changed } = testBit(b, bits, place.load(), offset, change);
    if (changed) place.store(changed);
    carryFlag(b, carry);
  };

/** Only CF changes, ZF is kept (SDM Vol. 2, BT); OF, SF, AF and PF are undefined. */
const BIT_TEST: FlagEffect = { write: ARITH & ~ZF, undefined: OF | SF | AF | PF };

const bitTestRows = CHANGES.flatMap(({ name, digit, change }): Row[] => {
  const row = { name, flags: BIT_TEST, feature: "base" } as const;
  const write = change ? "+" : "";
  const opcode = hex(0x83 + digit * 8);
  const often = change ? 0.1 : 1;
  const lock = change !== null;
  const string = { ...row, operands: "&Mv,Gv", lock, note: "bit string" };
  return [
    {
      ...row,
      encoding: `0F ${opcode} /r`,
      operands: `${write}Rv,Gv`,
      meaning: bitTest(change, false),
      frequency: often,
    },
    { ...string, encoding: `0F ${opcode} /r`, meaning: bitString(change, false) },
    { ...string, encoding: `67 0F ${opcode} /r`, meaning: bitString(change, true) },
    {
      ...row,
      encoding: `0F BA /${digit} ib`,
      operands: `${write}Ev,Ib`,
      meaning: bitTest(change, true),
      lock,
      frequency: often,
    },
  ];
});

/** Of a zero source only ZF is defined; the destination keeps its value, its upper half included. */
const scan =
  (find: (b: Builder, bits: Bits, source: Val) => Val): Meaning =>
  (b: Builder, destination: Operand, source: Operand) => {
    const value = source.read();
    b.if(value.ty === "i64" ? b.ne(value, b.i64(0)) : value, () => destination.write(find(b, destination.bits, value)));
    b.setFlags({ bits: destination.bits, zf: () => b.eqz(value) });
  };

const SCAN: FlagEffect = { write: ARITH, undefined: CF | OF | SF | AF | PF };

const popcnt: Meaning = (b, destination, source) => {
  const value = source.read();
  const zero = () => b.i32(0);
  destination.write(b.popcnt(value));
  b.setFlags({ bits: destination.bits, zf: () => b.eqz(value), cf: zero, of: zero, sf: zero, pf: zero, af: zero });
};

/** Byte order reversed. For 16-bit operands the SDM leaves the result undefined; processors give 0. */
const bswap: Meaning = (b, operand) => {
  const { bits } = operand;
  const value = operand.read();
  if (bits === 16) {
    operand.write(b.i32(0));
  } else if (bits === 32) {
    const even = b.and(b.rotl(value, b.i32(8)), b.i32(0x00ff_00ff));
    operand.write(b.or(even, b.and(b.rotr(value, b.i32(8)), b.i32(0xff00_ff00 | 0))));
  } else {
    const swap = (v: Val, by: number, mask: bigint): Val =>
      b.or(b.and(b.shrU(v, b.i64(by)), b.i64(mask)), b.shl(b.and(v, b.i64(mask)), b.i64(by)));
    const words = swap(swap(value, 8, 0x00ff_00ff_00ff_00ffn), 16, 0x0000_ffff_0000_ffffn);
    operand.write(b.rotl(words, b.i64(32)));
  }
};

export const bitsRows: readonly Row[] = [
  ...bitTestRows,
  {
    name: "BSF",
    encoding: "0F BC /r",
    operands: "+Gv,Ev",
    meaning: scan((b, _, v) => b.ctz(v)),
    flags: SCAN,
    feature: "base",
    frequency: 0.5,
    note: "also TZCNT's encoding, as on processors without BMI1",
  },
  {
    name: "BSR",
    encoding: "0F BD /r",
    operands: "+Gv,Ev",
    meaning: scan((b, bits, v) => b.sub(b.constLike(v, bits === 64 ? 63 : 31), b.clz(v))),
    flags: SCAN,
    feature: "base",
    frequency: 0.5,
    note: "also LZCNT's encoding, as on processors without it",
  },
  {
    name: "POPCNT",
    encoding: "F3 0F B8 /r",
    operands: "=Gv,Ev",
    meaning: popcnt,
    flags: { write: ARITH },
    feature: "popcnt",
  },
  {
    name: "BSWAP",
    encoding: "0F C8 +r",
    operands: "+Zv",
    meaning: bswap,
    feature: "base",
    frequency: 0.5,
    note: "16-bit operands: undefined by the SDM, 0 as on processors",
  },
];
