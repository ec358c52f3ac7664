/** x87: loads, stores, exchanges, constants (SDM Vol. 1, 8.3.3 and 8.3.4). */
import type { Area, Builder, Flag, Operand, Val } from "../builder.ts";
import { C1, OE, PE, RC_SHIFT, UE } from "../floatx80.ts";
import { quieted, toDouble, toInteger, toSingle } from "../floatx80-convert.ts";
import { CF, type FlagEffect, type Meaning, PF, type Row, ZF } from "../types.ts";
import { integerOperand, realOperand } from "./x87-arithmetic.ts";
import {
  ALIAS,
  controlWord,
  orIndefinite,
  pop,
  push,
  raise,
  replace,
  stack,
  stackTop,
  waiting,
  writeStack,
  x87Row,
} from "./x87-stack.ts";

/** Bytes of an extended value in memory. */
export const EXTENDED_BYTES = 10;

export const loadExtended = (image: Area, at: number): { se: Val; sig: Val } => ({
  sig: image.load(at, "i64"),
  se: image.load(at + 8, "i32", 16),
});
export const storeExtended = (image: Area, at: number, { se, sig }: { se: Val; sig: Val }): void => {
  image.store(at, sig);
  image.store(at + 8, se, 16);
};

const loadReal: Meaning = waiting((b, src) => push(b, quieted(b, realOperand(b, src))));
const loadInteger: Meaning = waiting((b, src) => push(b, integerOperand(b, src)));
const loadStack: Meaning = waiting((b, src) => push(b, stack(b, src.read())));
/** Loads all formats as they are, unsupported ones and signalling NaNs too. */
const loadTemporary: Meaning = waiting((b, src) => {
  const value = loadExtended(b.area(EXTENDED_BYTES, src.ea(), "r"), 0);
  push(b, { ...value, flags: b.i32(0) });
});

/** Stores `bits` (i64) and pops, unless an exception is unmasked: all but PE leave a memory operand and the stack alone. */
function storeConverted(b: Builder, dst: Operand, bits: Val, flags: Val, pops: boolean): void {
  const place = b.place(dst.bits, dst.ea(), "w");
  const outOfRange = b.and(b.and(flags, b.i32(OE | UE)), b.xor(controlWord(b), b.i32(OE | UE)));
  const raised = b.select(outOfRange, b.and(flags, b.i32(~(PE | C1))), flags);
  b.if(b.and(b.call(raise, raised)[0], b.eqz(outOfRange)), () => {
    place.store(b.fromI64(dst.bits, bits));
    if (pops) pop(b);
  });
}

const storeReal = (pops: boolean): Meaning =>
  waiting((b, dst) => {
    const { se, sig, flags } = orIndefinite(b, stackTop(b));
    const [bits, raised] = b.call(dst.bits === 32 ? toSingle : toDouble, se, sig, controlWord(b));
    storeConverted(b, dst, bits, b.or(flags, raised), pops);
  });

/** Bits of FCW that make rounding truncate. */
const TRUNCATE = 3 << RC_SHIFT;

const storeInteger = (pops: boolean, truncate = false): Meaning =>
  waiting((b, dst) => {
    const { se, sig, flags } = orIndefinite(b, stackTop(b));
    const control = truncate ? b.or(controlWord(b), b.i32(TRUNCATE)) : controlWord(b);
    const [bits, raised] = b.call(toInteger, se, sig, control, b.i32(dst.bits));
    storeConverted(b, dst, bits, b.or(flags, raised), pops);
  });

const storeTemporary: Meaning = waiting((b, dst) => {
  const image = b.area(EXTENDED_BYTES, dst.ea(), "w");
  const value = orIndefinite(b, stackTop(b));
  b.if(b.call(raise, value.flags)[0], () => {
    storeExtended(image, 0, value);
    image.commit();
    pop(b);
  });
});

const storeStack = (pops: 0 | 1): Meaning =>
  waiting((b, dst) => replace(b, dst.read(), orIndefinite(b, stackTop(b)), pops));

/** Moves ST(0) unless it is empty, and pops, without any exception. */
const moveAndPop: Meaning = waiting((b, dst) => {
  const { se, sig, flags } = stackTop(b);
  b.call(raise, b.i32(0));
  b.if(b.eqz(flags), () => writeStack(b, dst.read(), se, sig));
  pop(b);
});

const exchange: Meaning = waiting((b, other) => {
  const [x, y] = [orIndefinite(b, stackTop(b)), orIndefinite(b, stack(b, other.read()))];
  b.if(b.call(raise, b.or(x.flags, y.flags))[0], () => {
    writeStack(b, b.i32(0), y.se, y.sig);
    writeStack(b, other.read(), x.se, x.sig);
  });
});

const moveIf = (flag: Flag | "BE", holds: boolean): Meaning =>
  waiting((b, src) => {
    const condition = flag === "BE" ? b.or(b.flag("CF"), b.flag("ZF")) : b.flag(flag);
    const [x, y] = [stackTop(b), stack(b, src.read())];
    const flags = b.or(x.flags, y.flags);
    const [yes, no] = holds ? [y, x] : [x, y];
    const chosen = { se: b.select(condition, yes.se, no.se), sig: b.select(condition, yes.sig, no.sig), flags };
    replace(b, b.i32(0), orIndefinite(b, chosen));
  });

const reads = (flags: number): Partial<Row> => ({ flags: { read: flags } satisfies FlagEffect });

const moves: readonly [name: string, encoding: string, flag: Flag | "BE", holds: boolean, read: number][] = [
  ["FCMOVB", "DA /0", "CF", true, CF],
  ["FCMOVE", "DA /1", "ZF", true, ZF],
  ["FCMOVBE", "DA /2", "BE", true, CF | ZF],
  ["FCMOVU", "DA /3", "PF", true, PF],
  ["FCMOVNB", "DB /0", "CF", false, CF],
  ["FCMOVNE", "DB /1", "ZF", false, ZF],
  ["FCMOVNBE", "DB /2", "BE", false, CF | ZF],
  ["FCMOVNU", "DB /3", "PF", false, PF],
];

/** A constant rounded by rounding control: its significand truncated, and whether the nearest is one more. */
const constant = (exponent: number, sig: bigint, nearestIsUp: boolean): Meaning =>
  waiting((b) => {
    const mode = b.and(b.shrU(controlWord(b), b.i32(RC_SHIFT)), b.i32(3));
    const up = b.or(b.eq(mode, b.i32(2)), nearestIsUp ? b.eqz(mode) : b.i32(0));
    push(b, { se: b.i32(exponent), sig: b.add(b.i64(sig), b.extendU(up)), flags: b.i32(0) });
  });
const exactConstant = (exponent: number, sig: bigint): Meaning =>
  waiting((b) => push(b, { se: b.i32(exponent), sig: b.i64(sig), flags: b.i32(0) }));

const constantRows: readonly Row[] = [
  x87Row("FLD1", "D9 E8", "", exactConstant(0x3fff, 1n << 63n)),
  x87Row("FLDL2T", "D9 E9", "", constant(0x4000, 0xd49a_784b_cd1b_8afen, false)),
  x87Row("FLDL2E", "D9 EA", "", constant(0x3fff, 0xb8aa_3b29_5c17_f0bbn, true)),
  x87Row("FLDPI", "D9 EB", "", constant(0x4000, 0xc90f_daa2_2168_c234n, true)),
  x87Row("FLDLG2", "D9 EC", "", constant(0x3ffd, 0x9a20_9a84_fbcf_f798n, true)),
  x87Row("FLDLN2", "D9 ED", "", constant(0x3ffe, 0xb172_17f7_d1cf_79abn, true)),
  x87Row("FLDZ", "D9 EE", "", exactConstant(0, 0n)),
];

const SSE3: Partial<Row> = { feature: "sse3" };

export const x87MoveRows: readonly Row[] = [
  x87Row("FLD", "D9 /0", "Md", loadReal),
  x87Row("FLD", "D9 /0", "ST", loadStack),
  x87Row("FLD", "DD /0", "Mq", loadReal),
  x87Row("FLD", "DB /5", "&M", loadTemporary, { note: "80 bits" }),
  x87Row("FST", "D9 /2", "=Md", storeReal(false)),
  x87Row("FSTP", "D9 /3", "=Md", storeReal(true)),
  x87Row("FST", "DD /2", "=Mq", storeReal(false)),
  x87Row("FST", "DD /2", "=ST", storeStack(0)),
  x87Row("FSTP", "DD /3", "=Mq", storeReal(true)),
  x87Row("FSTP", "DD /3", "=ST", storeStack(1)),
  x87Row("FSTPNCE", "D9 /3", "=ST", moveAndPop, ALIAS),
  x87Row("FSTP", "DF /2", "=ST", storeStack(1), ALIAS),
  x87Row("FSTP", "DF /3", "=ST", storeStack(1), ALIAS),
  x87Row("FSTP", "DB /7", "&M", storeTemporary, { note: "80 bits" }),
  x87Row("FILD", "DF /0", "Mw", loadInteger),
  x87Row("FILD", "DB /0", "Md", loadInteger),
  x87Row("FILD", "DF /5", "Mq", loadInteger),
  x87Row("FIST", "DF /2", "=Mw", storeInteger(false)),
  x87Row("FIST", "DB /2", "=Md", storeInteger(false)),
  x87Row("FISTP", "DF /3", "=Mw", storeInteger(true)),
  x87Row("FISTP", "DB /3", "=Md", storeInteger(true)),
  x87Row("FISTP", "DF /7", "=Mq", storeInteger(true)),
  x87Row("FISTTP", "DF /1", "=Mw", storeInteger(true, true), SSE3),
  x87Row("FISTTP", "DB /1", "=Md", storeInteger(true, true), SSE3),
  x87Row("FISTTP", "DD /1", "=Mq", storeInteger(true, true), SSE3),
  x87Row("FXCH", "D9 /1", "+ST", exchange),
  x87Row("FXCH", "DD /1", "+ST", exchange, ALIAS),
  x87Row("FXCH", "DF /1", "+ST", exchange, ALIAS),
  ...moves.map(([name, encoding, flag, holds, read]) => x87Row(name, encoding, "ST", moveIf(flag, holds), reads(read))),
  ...constantRows,
];
