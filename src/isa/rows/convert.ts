/** Integer widening: MOVZX, MOVSX, MOVSXD, CBW and CWD with their wider forms. */
import { RAX } from "../../cpu/state.ts";
import type { Bits, Builder, Val } from "../builder.ts";
import type { Meaning, Row } from "../types.ts";

/** A zero- or sign-extended value of `from` bits as an operand value of `to` bits. */
function extend(b: Builder, from: Bits, to: Bits, value: Val, signed: boolean): Val {
  if (to === 64) return signed ? b.toI64S(from, value) : b.toI64(from, value);
  return signed ? b.signExtend(from, value) : value;
}

const move =
  (signed: boolean): Meaning =>
  (b, destination, source) =>
    destination.write(extend(b, source.bits, destination.bits, source.read(), signed));

/** rAX from its own lower half. */
const widenAccumulator: Meaning = (b, accumulator) => {
  const half = (accumulator.bits / 2) as Bits;
  accumulator.write(extend(b, half, accumulator.bits, b.readReg(RAX, half), true));
};

/** rDX filled with the sign of rAX. */
const signOfAccumulator: Meaning = (b, data, accumulator) => {
  const value = b.signExtend(accumulator.bits, accumulator.read());
  data.write(b.shrS(value, b.constLike(value, accumulator.bits - 1)));
};

const row = (name: string, encoding: string, operands: string, meaning: Meaning, frequency: number): Row => ({
  name,
  encoding,
  operands,
  meaning,
  feature: "base",
  frequency,
});

export const convertRows: readonly Row[] = [
  row("MOVZX", "0F B6 /r", "=Gv,Eb", move(false), 16),
  row("MOVZX", "0F B7 /r", "=Gv,Ew", move(false), 4),
  row("MOVSX", "0F BE /r", "=Gv,Eb", move(true), 3),
  row("MOVSX", "0F BF /r", "=Gv,Ew", move(true), 0.5),
  // With a 16-bit operand size Intel's processors read 16 bits, AMD's 32; the low 16 are written.
  row("MOVSXD", "63 /r", "=Gv,Ed", move(true), 6),
  row("CBW/CWDE/CDQE", "98", "+rAX", widenAccumulator, 2),
  row("CWD/CDQ/CQO", "99", "=rDX,rAX", signOfAccumulator, 1),
];
