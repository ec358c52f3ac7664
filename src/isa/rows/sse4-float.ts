/** SSE4.1: rounding to integers and dot products (SDM Vol. 1, 12.8.2 and 12.8.7). */
import type { Builder, Helper, Val } from "../builder.ts";
import {
  anyTrue,
  DOUBLE,
  isNaNLanes,
  isSignallingLanes,
  type Precision,
  roundIn,
  roundingMode,
  SINGLE,
  settled,
  splat,
  splatBytes,
} from "../float.ts";
import { flushed, signalConversion } from "../float-conversions.ts";
import { type Operation, signal, softLanes, unmaskedOf, unusualMode } from "../float-modes.ts";
import type { Meaning, Row } from "../types.ts";
import { scalar, writeScalar } from "./sse-float.ts";
import { imm8, row, shuffle } from "./sse-values.ts";

/** Bit 2 of the immediate takes the mode from MXCSR, else it is in bits 1:0; bit 3 keeps PE from being raised. */
const roundLanes = (b: Builder, p: Precision, operand: Val, control: Val): Val => {
  const x = flushed(b, p, operand);
  const mode = b.select(b.and(control, b.i32(4)), roundingMode(b), b.and(control, b.i32(3)));
  const rounded = roundIn(b, p.lanes, x, mode);
  const nan = isNaNLanes(b, p, x);
  signalConversion(b, anyTrue(b, isSignallingLanes(b, p, x)), () => {
    const changed = b.op("v128.andnot", [b.op(`${p.lanes}.ne`, [rounded, x]), nan]);
    return b.and(anyTrue(b, changed), b.eqz(b.and(control, b.i32(8))));
  });
  const quieted = b.op("v128.or", [x, splatBytes(b, p.quietBit)]);
  return b.op("v128.bitselect", [quieted, rounded, nan]);
};

const round =
  (p: Precision): Meaning =>
  (b, dst, src, imm) =>
    dst.write(roundLanes(b, p, src.read(), imm8(b, imm)));

const scalarRound =
  (p: Precision): Meaning =>
  (b, dst, src, imm) => {
    const rounded = roundLanes(b, p, splat(b, p, scalar(b, p, src)), imm8(b, imm));
    writeScalar(b, p, dst, b.op(`${p.lanes}.extract_lane`, [rounded], [0]));
  };

/** Lanes whose bit is set in the low bits of `bits` (i32). */
const chosenLanes = (b: Builder, p: Precision, bits: Val): Val => {
  const weights = b.v128(
    p === SINGLE ? [1, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 8, 0, 0, 0] : [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0],
  );
  const all = b.op(`${p.ints}.splat`, [p === SINGLE ? bits : b.extendU(bits)]);
  return b.op(`${p.ints}.eq`, [b.op("v128.and", [all, weights]), weights]);
};

/** Neighbouring lanes are exchanged, then halves: each step adds what it exchanges. */
const STEPS = {
  f32x4: [
    [
      [0, 2, 0, 2],
      [1, 3, 1, 3],
    ],
    [
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ],
  ],
  f64x2: [
    [
      [0, 0],
      [1, 1],
    ],
  ],
} as const;

/**
 * Products of the lanes that are already chosen (others are 0), summed by pairs; the sum is in all lanes. Each step raises its
 * exceptions before the next one is done.
 */
const dotHelper = (p: Precision): Helper => ({
  name: `float_dot_${p.lanes}`,
  params: ["v128", "v128"],
  results: ["v128"],
  build: (b, x, y) => {
    const width = p === SINGLE ? 4 : 8;
    const lanes = (v: Val, order: readonly number[]): Val => shuffle(b, width, v, v, order);
    const result = b.local(x as Val);
    b.if(
      unusualMode(b),
      () => {
        const flags = b.local(b.i32(0));
        const step = (op: Operation, v: Val, w: Val): void =>
          b.if(b.eqz(unmaskedOf(b, flags.get())), () => {
            const [value, raised] = softLanes(b, p, op, v, w);
            result.set(value);
            flags.set(b.or(flags.get(), raised));
          });
        step("mul", x as Val, y as Val);
        for (const [first, second] of STEPS[p.lanes]) {
          const v = result.get();
          step("add", lanes(v, first), lanes(v, second));
        }
        signal(b, flags.get());
      },
      () => {
        const step = (op: "mul" | "add", v: Val, w: Val): void =>
          result.set(settled(b, p, v, w, b.op(`${p.lanes}.${op}`, [v, w])));
        step("mul", x as Val, y as Val);
        for (const [first, second] of STEPS[p.lanes]) {
          const v = result.get();
          step("add", lanes(v, first), lanes(v, second));
        }
      },
    );
    return [result.get()];
  },
});

const DOT = { f32x4: dotHelper(SINGLE), f64x2: dotHelper(DOUBLE) };

/** The high half of the immediate chooses lanes that are multiplied, the low half those that get the sum, others get 0. */
const dotProduct =
  (p: Precision): Meaning =>
  (b, dst, src, imm) => {
    const control = imm8(b, imm);
    const taken = chosenLanes(b, p, b.shrU(control, b.i32(4)));
    const chosen = (v: Val): Val => b.op("v128.and", [v, taken]);
    const sum = b.call(DOT[p.lanes], chosen(dst.read()), chosen(src.read()))[0] as Val;
    dst.write(b.op("v128.and", [sum, chosenLanes(b, p, control)]));
  };

const form = (name: string, opcode: string, operands: string, meaning: Meaning, frequency = 0): Row =>
  row(name, `66 0F 3A ${opcode} /r ib`, `${operands},Ib`, meaning, "sse4.1", { frequency });

export const sse4FloatRows: readonly Row[] = [
  form("ROUNDPS", "08", "=Vps,Wps", round(SINGLE)),
  form("ROUNDPD", "09", "=Vpd,Wpd", round(DOUBLE)),
  form("ROUNDSS", "0A", "+Vss,Wss", scalarRound(SINGLE), 0.2),
  form("ROUNDSD", "0B", "+Vsd,Wsd", scalarRound(DOUBLE), 0.5),
  form("DPPS", "40", "+Vps,Wps", dotProduct(SINGLE)),
  form("DPPD", "41", "+Vpd,Wpd", dotProduct(DOUBLE)),
];
