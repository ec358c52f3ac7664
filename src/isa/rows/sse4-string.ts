/**
 * SSE4.2 string comparison: PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM (SDM Vol. 2, 4.1), and CRC32.
 *
 * The immediate, a constant of almost every use, chooses the element (bit 0: words; bit 1: signed), how elements are
 * compared (bits 3:2), what is done with the comparison's result (bits 5:4), and what is returned of it (bit 6).
 */
import { RAX, RCX, RDX } from "../../cpu/state.ts";
import type { Builder, Helper, Operand, Val, Var } from "../builder.ts";
import { splatBytes } from "../float.ts";
import { AF, CF, type Meaning, OF, PF, type Row, SF, ZF } from "../types.ts";
import { BYTE_NUMBERS, imm8, row, swizzle, zero } from "./sse-values.ts";

const XMM0 = 0;

const and = (b: Builder, x: Val, y: Val): Val => b.op("v128.and", [x, y]);
const or = (b: Builder, x: Val, y: Val): Val => b.op("v128.or", [x, y]);

/** What depends on the element's width. Lanes are numbered from 0; `splat(n)` is lane n of x everywhere. */
interface Elements {
  readonly name: "bytes" | "words";
  readonly shape: "i8x16" | "i16x8";
  readonly count: 8 | 16;
  readonly bytes: 1 | 2;
  readonly numbers: readonly number[];
}
const BYTES: Elements = { name: "bytes", shape: "i8x16", count: 16, bytes: 1, numbers: BYTE_NUMBERS };
const WORDS: Elements = {
  name: "words",
  shape: "i16x8",
  count: 8,
  bytes: 2,
  numbers: BYTE_NUMBERS.map((i) => (i % 2 === 0 ? i / 2 : 0)),
};

/** Element `n` (i32) of `x` in all lanes. */
const splatElement = (b: Builder, e: Elements, x: Val, n: Val): Val => {
  const first = b.op("i8x16.splat", [e.bytes === 1 ? n : b.shl(n, b.i32(1))]);
  return swizzle(b, x, e.bytes === 1 ? first : or(b, first, splatBytes(b, [0, 1])));
};

/** Lanes whose number is below `length` (i32, up to e.count). */
const below = (b: Builder, e: Elements, length: Val): Val =>
  b.op(`${e.shape}.lt_s`, [b.v128(e.numbers), b.op(`${e.shape}.splat`, [length])]);

/** Lane `n` of `x` is lane `n + by` of the result's source; lanes from outside are 0. */
const moveDown = (b: Builder, e: Elements, x: Val, by: Val): Val => {
  const bytes = e.bytes === 1 ? by : b.shl(by, b.i32(1));
  return swizzle(b, x, b.op("i8x16.add", [b.v128(BYTE_NUMBERS), b.op("i8x16.splat", [bytes])]));
};

/** Runs `body` with n = 0, step, 2 step, … below `count` (i32). */
const forEach = (b: Builder, count: Val, step: number, body: (n: Val) => void): void => {
  const n = b.local(b.i32(0));
  b.if(count, () =>
    b.loop(() => {
      body(n.get());
      n.set(b.add(n.get(), b.i32(step)));
      return b.ltS(n.get(), count);
    }),
  );
};

/** IntRes1 as lanes of all ones and zeros: `x` is the set, ranges or needle (first operand), `y` the text. */
const aggregate = (b: Builder, e: Elements, x: Val, xLength: Val, y: Val, yLength: Val, control: Val): Val => {
  const result = b.local(zero(b));
  const yValid = below(b, e, yLength);
  const accumulate = (to: Var, lanes: Val): void => to.set(or(b, to.get(), lanes));
  const equalAny = (): void => {
    forEach(b, xLength, 1, (n) => accumulate(result, b.op(`${e.shape}.eq`, [y, splatElement(b, e, x, n)])));
    result.set(and(b, result.get(), yValid));
  };
  const ranges = (): void => {
    // A lone lower bound at the end makes no range.
    const pairs = b.and(xLength, b.i32(-2));
    const inRange = (sign: "s" | "u", n: Val): Val =>
      and(
        b,
        b.op(`${e.shape}.ge_${sign}`, [y, splatElement(b, e, x, n)]),
        b.op(`${e.shape}.le_${sign}`, [y, splatElement(b, e, x, b.add(n, b.i32(1)))]),
      );
    const isSigned = b.and(control, b.i32(2));
    forEach(b, pairs, 2, (n) => accumulate(result, b.select(isSigned, inRange("s", n), inRange("u", n))));
    result.set(and(b, result.get(), yValid));
  };
  const equalEach = (): void => {
    const xValid = below(b, e, xLength);
    const equal = and(b, b.op(`${e.shape}.eq`, [x, y]), and(b, xValid, yValid));
    // Beyond both ends all is equal.
    result.set(or(b, equal, b.op("v128.not", [or(b, xValid, yValid)])));
  };
  const equalOrdered = (): void => {
    result.set(splatBytes(b, [0xff]));
    forEach(b, xLength, 1, (n) => {
      const equal = b.op(`${e.shape}.eq`, [moveDown(b, e, y, n), splatElement(b, e, x, n)]);
      const here = and(b, equal, moveDown(b, e, yValid, n));
      // What would be beyond the register is not compared.
      const beyond = b.op("v128.not", [moveDown(b, e, splatBytes(b, [0xff]), n)]);
      result.set(and(b, result.get(), or(b, here, beyond)));
    });
  };
  const kind = b.and(b.shrU(control, b.i32(2)), b.i32(3));
  b.if(b.eqz(kind), equalAny, () =>
    b.if(b.eq(kind, b.i32(1)), ranges, () => b.if(b.eq(kind, b.i32(2)), equalEach, equalOrdered)),
  );
  return result.get();
};

/** IntRes2 as a bit mask (i32). */
const comparison = (e: Elements): Helper => ({
  name: `string_compare_${e.name}`,
  params: ["v128", "i32", "v128", "i32", "i32"],
  results: ["i32"],
  build: (b, x, xLength, y, yLength, control) => {
    const c = control as Val;
    const lanes = aggregate(b, e, x as Val, xLength as Val, y as Val, yLength as Val, c);
    const bits = b.op(`${e.shape}.bitmask`, [lanes]);
    const all = b.i32(2 ** e.count - 1);
    const valid = b.sub(b.shl(b.i32(1), yLength as Val), b.i32(1));
    // Bits 5:4: 1 complements all, 3 what is inside the text.
    const flipped = b.select(b.and(c, b.i32(0x20)), valid, all);
    return [b.xor(bits, b.select(b.and(c, b.i32(0x10)), flipped, b.i32(0)))];
  },
});

/** A string's length up to its first zero element, at most e.count (i32). */
const implicitLength = (e: Elements): Helper => ({
  name: `string_length_${e.name}`,
  params: ["v128"],
  results: ["i32"],
  build: (b, x) => {
    const zeros = b.op(`${e.shape}.bitmask`, [b.op(`${e.shape}.eq`, [x as Val, zero(b)])]);
    return [b.ctz(b.or(zeros, b.i32(1 << e.count)))];
  },
});

/** Expands a bit mask to lanes of all ones and zeros. */
const expansion = (e: Elements): Helper => ({
  name: `string_mask_${e.name}`,
  params: ["i32"],
  results: ["v128"],
  build: (b, bits) => {
    const weights =
      e.bytes === 1
        ? Array.from({ length: 16 }, (_, i) => 1 << (i % 8))
        : Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? 1 << (i / 2) : 0));
    // Bytes: the low eight lanes test the low byte of the mask, the high eight the high byte.
    const spread = swizzle(
      b,
      b.op("i32x4.splat", [bits as Val]),
      b.v128(Array.from({ length: 16 }, (_, i) => (e.bytes === 1 ? i >> 3 : i % 2 === 0 ? 0 : 16))),
    );
    const w = b.v128(weights);
    return [b.op(`${e.shape}.eq`, [and(b, spread, w), w])];
  },
});

const helpersOf = (e: Elements) => ({
  elements: e,
  compare: comparison(e),
  length: implicitLength(e),
  mask: expansion(e),
});
const HELPERS = { bytes: helpersOf(BYTES), words: helpersOf(WORDS) };

/** |length| in RAX or RDX, at most the number of elements (i32). */
const explicitLength = (b: Builder, register: number, wide: boolean, e: Elements): Val => {
  const v = b.toI64S(wide ? 64 : 32, b.readReg(register, wide ? 64 : 32));
  const magnitude = b.select(b.ltS(v, b.i64(0)), b.sub(b.i64(0), v), v);
  return b.select(b.ltU(magnitude, b.i64(e.count)), b.wrap(magnitude), b.i32(e.count));
};

interface Strings {
  bits: Val;
  xLength: Val;
  yLength: Val;
}

type Lengths = "implicit" | "explicit32" | "explicit64";

const compareStrings = (b: Builder, e: Elements, lengths: Lengths, x: Val, y: Val, control: Val): Strings => {
  const { compare, length } = HELPERS[e.name];
  const of = (v: Val, register: number): Val =>
    lengths === "implicit" ? (b.call(length, v)[0] as Val) : explicitLength(b, register, lengths === "explicit64", e);
  const xLength = of(x, RAX);
  const yLength = of(y, RDX);
  return { bits: b.call(compare, x, xLength, y, yLength, control)[0] as Val, xLength, yLength };
};

/** The index of the least or (bit 6) most significant one; the number of elements when there is none. */
const indexOf = (b: Builder, e: Elements, bits: Val, control: Val): Val => {
  const least = b.ctz(b.or(bits, b.i32(1 << e.count)));
  const most = b.select(bits, b.sub(b.i32(31), b.clz(bits)), b.i32(e.count));
  return b.select(b.and(control, b.i32(0x40)), most, least);
};

const stringMeaning =
  (lengths: Lengths, returns: "index" | "mask"): Meaning =>
  (b, first, second, imm) => {
    const x = first.read();
    const y = second.read();
    const control = imm8(b, imm);
    const bits = b.local(b.i32(0));
    const xShort = b.local(b.i32(0));
    const yShort = b.local(b.i32(0));
    const index = b.local(b.i32(0));
    const mask = b.local(zero(b));
    const compute = (e: Elements): void => {
      const strings = compareStrings(b, e, lengths, x, y, control);
      bits.set(strings.bits);
      xShort.set(b.ltU(strings.xLength, b.i32(e.count)));
      yShort.set(b.ltU(strings.yLength, b.i32(e.count)));
      if (returns === "index") index.set(indexOf(b, e, strings.bits, control));
      else {
        const expanded = b.call(HELPERS[e.name].mask, strings.bits)[0] as Val;
        const plain = b.op("i32x4.replace_lane", [zero(b), strings.bits], [0]);
        mask.set(b.select(b.and(control, b.i32(0x40)), expanded, plain));
      }
    };
    b.if(
      b.and(control, b.i32(1)),
      () => compute(WORDS),
      () => compute(BYTES),
    );
    b.setFlags({
      bits: 32,
      cf: () => b.ne(bits.get(), b.i32(0)),
      zf: () => yShort.get(),
      sf: () => xShort.get(),
      of: () => b.shl(bits.get(), b.i32(31)),
      af: () => b.i32(0),
      pf: () => b.i32(0),
    });
    if (returns === "index") b.writeReg(RCX, 32, index.get());
    else b.writeXmm(XMM0, mask.get());
  };

const flags = { write: CF | PF | AF | ZF | SF | OF };
/** Their memory operand need not be aligned. */
const stringRow = (name: string, encoding: string, meaning: Meaning, note: string): Row =>
  row(name, encoding, "Vdq,Wdq,Ib", meaning, "sse4.2", { flags, unaligned: true, note });

const IN_A_D = "lengths in EAX and EDX";
const IN_RAX_RDX = "lengths in RAX and RDX";
const TO_ECX = "the index goes to ECX";
const TO_XMM0 = "the mask goes to XMM0";

// ---- CRC32: the Castagnoli polynomial, bits reflected (SDM Vol. 2, CRC32)

const POLYNOMIAL = 0x82f6_3b78;

/** What bit `n` of `bits` input bits, already added to the remainder, contributes to the remainder after all of them. */
function contribution(n: number, bits: number): number {
  let remainder = 0;
  for (let i = 0; i < bits; i++) {
    const bit = (remainder ^ (i === n ? 1 : 0)) & 1;
    remainder = (remainder >>> 1) ^ (bit ? POLYNOMIAL : 0);
  }
  return remainder >>> 0;
}

const dwords = (b: Builder, values: readonly number[]): Val =>
  b.v128(values.flatMap((v) => [v & 255, (v >>> 8) & 255, (v >>> 16) & 255, v >>> 24]));

/** The sum of the contributions of the ones in the low bits of `words` (i32 each, low word first), four bits at a time. */
const remainder = (b: Builder, words: readonly Val[], bits: number): Val => {
  let sum = zero(b);
  for (let at = 0; at < bits; at += 4) {
    const word = b.op("i32x4.splat", [words[at >> 5] as Val]);
    const lanes = [0, 1, 2, 3];
    const weights = dwords(
      b,
      lanes.map((i) => (1 << ((at + i) & 31)) >>> 0),
    );
    const isOne = b.op("i32x4.eq", [and(b, word, weights), weights]);
    const contributions = dwords(
      b,
      lanes.map((i) => contribution(at + i, bits)),
    );
    sum = b.op("v128.xor", [sum, and(b, isOne, contributions)]);
  }
  const lane = (n: number): Val => b.op("i32x4.extract_lane", [sum], [n]);
  return b.xor(b.xor(lane(0), lane(1)), b.xor(lane(2), lane(3)));
};

const crc32: Meaning = (b, dst: Operand, src: Operand) => {
  const old = dst.bits === 64 ? b.wrap(dst.read()) : dst.read();
  const data = src.read();
  let sum: Val;
  if (src.bits === 64) {
    const low = b.xor(b.wrap(data), old);
    sum = remainder(b, [low, b.wrap(b.shrU(data, b.i64(32)))], 64);
  } else {
    sum = remainder(b, [b.xor(data, old)], src.bits);
    if (src.bits < 32) sum = b.xor(sum, b.shrU(old, b.i32(src.bits)));
  }
  dst.write(dst.bits === 64 ? b.extendU(sum) : sum);
};

export const sse4StringRows: readonly Row[] = [
  stringRow("PCMPESTRM", "66 REX.0 0F 3A 60 /r ib", stringMeaning("explicit32", "mask"), `${IN_A_D}; ${TO_XMM0}`),
  stringRow("PCMPESTRM", "66 REX.W 0F 3A 60 /r ib", stringMeaning("explicit64", "mask"), `${IN_RAX_RDX}; ${TO_XMM0}`),
  stringRow("PCMPESTRI", "66 REX.0 0F 3A 61 /r ib", stringMeaning("explicit32", "index"), `${IN_A_D}; ${TO_ECX}`),
  stringRow("PCMPESTRI", "66 REX.W 0F 3A 61 /r ib", stringMeaning("explicit64", "index"), `${IN_RAX_RDX}; ${TO_ECX}`),
  stringRow("PCMPISTRM", "66 0F 3A 62 /r ib", stringMeaning("implicit", "mask"), TO_XMM0),
  stringRow("PCMPISTRI", "66 0F 3A 63 /r ib", stringMeaning("implicit", "index"), TO_ECX),
  row("CRC32", "F2 0F 38 F0 /r", "+Gy,Eb", crc32, "sse4.2"),
  row("CRC32", "F2 0F 38 F1 /r", "+Gy,Ev", crc32, "sse4.2"),
];
