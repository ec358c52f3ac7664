/** x87: packed decimal integers of 18 digits (SDM Vol. 1, 4.7). */
import type { Helper, Val } from "../builder.ts";
import { asResult, IE, SIGN, signOf } from "../floatx80.ts";
import { fromInteger, toInteger } from "../floatx80-convert.ts";
import type { Meaning, Row } from "../types.ts";
import { EXTENDED_BYTES } from "./x87-move.ts";
import { controlWord, orIndefinite, pop, push, raise, stackTop, waiting, x87Row } from "./x87-stack.ts";

const LIMIT = 10n ** 18n;
/** The decimal indefinite. */
const INDEFINITE_LOW = -(1n << 62n);
const INDEFINITE_HIGH = 0xffff;

/** The value of 16 digits in the low 8 bytes and two in `high`; the digits A to F, which are undefined, count 10 to 15. */
const fromDecimal: Helper = {
  name: "x87_from_decimal",
  params: ["i64", "i32"],
  results: ["i64"],
  build(b, low, high) {
    // Digits are added up in pairs: 10 * upper + lower, then 100 *, then 10^4 *, then 10^8 *.
    const pairs = (v: Val, bits: number, mask: bigint, factor: bigint): Val => {
      const upper = b.and(b.shrU(v, b.i64(bits)), b.i64(mask));
      return b.add(b.mul(upper, b.i64(factor)), b.and(v, b.i64(mask)));
    };
    const two = (v: Val): Val => pairs(v, 4, 0x0f0f_0f0f_0f0f_0f0fn, 10n);
    const four = pairs(two(low), 8, 0x00ff_00ff_00ff_00ffn, 100n);
    const eight = pairs(four, 16, 0x0000_ffff_0000_ffffn, 10_000n);
    const sixteen = pairs(eight, 32, 0xffff_ffffn, 100_000_000n);
    return [b.add(sixteen, b.mul(two(b.extendU(high)), b.i64(10n ** 16n)))];
  },
};

/** The 18 digits of a value below 10^18. */
const toDecimal: Helper = {
  name: "x87_to_decimal",
  params: ["i64"],
  results: ["i64", "i32"],
  build(b, value) {
    const digits = b.local(b.i64(0));
    const rest = b.local(value);
    const shift = b.local(b.i64(0));
    const ten = b.i64(10);
    b.loop(() => {
      const digit = b.op("i64.rem_u", [rest.get(), ten]);
      digits.set(b.or(digits.get(), b.shl(digit, shift.get())));
      rest.set(b.op("i64.div_u", [rest.get(), ten]));
      shift.set(b.add(shift.get(), b.i64(4)));
      return b.ltU(shift.get(), b.i64(64));
    });
    const upper = b.op("i64.div_u", [rest.get(), ten]);
    const lower = b.op("i64.rem_u", [rest.get(), ten]);
    return [digits.get(), b.wrap(b.or(b.shl(upper, b.i64(4)), lower))];
  },
};

const load: Meaning = waiting((b, src) => {
  const image = b.area(EXTENDED_BYTES, src.ea(), "r");
  const [low, high] = [image.load(0, "i64"), image.load(8, "i32", 16)];
  const magnitude = b.call(fromDecimal, low, b.and(high, b.i32(0xff)))[0];
  const value = asResult(b.call(fromInteger, magnitude));
  push(b, { ...value, se: b.or(value.se, signOf(b, high)) });
});

const store: Meaning = waiting((b, dst) => {
  const image = b.area(EXTENDED_BYTES, dst.ea(), "w");
  const { se, sig, flags } = orIndefinite(b, stackTop(b));
  const absolute = b.and(se, b.i32(~SIGN));
  // Rounding up and down depends on the sign.
  const [rounded, raised] = b.call(toInteger, se, sig, controlWord(b), b.i32(64));
  const negative = b.shrS(rounded, b.i64(63));
  const magnitude = b.sub(b.xor(rounded, negative), negative);
  const invalid = b.or(b.and(raised, b.i32(IE)), b.geU(magnitude, b.i64(LIMIT)));
  const all = b.or(flags, b.select(invalid, b.i32(IE), raised));
  b.if(b.call(raise, all)[0], () => {
    const [digits, upper] = b.call(toDecimal, b.select(invalid, b.i64(0), magnitude));
    const signed = b.or(upper, b.sub(se, absolute));
    image.store(0, b.select(invalid, b.i64(INDEFINITE_LOW), digits));
    image.store(8, b.select(invalid, b.i32(INDEFINITE_HIGH), signed), 16);
    image.commit();
    pop(b);
  });
});

export const x87DecimalRows: readonly Row[] = [
  x87Row("FBLD", "DF /4", "&M", load),
  x87Row("FBSTP", "DF /6", "&M", store),
];
