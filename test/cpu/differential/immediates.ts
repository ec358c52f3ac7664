/** Immediate operands. */
import { type Form, immediateBytes, type OperandSize } from "../../../src/isa/encoding.ts";
import { integer, type Random } from "./random.ts";
import { isDoubleShift } from "./situations.ts";

/** The bytes of all immediates of an instruction; those of relative jumps are to be replaced. */
export function immediates(form: Form, size: OperandSize, r: Random): Uint8Array {
  const bytes: number[] = [];
  for (const token of form.immediates) {
    const length = immediateBytes(token, size);
    let value = integer(r);
    if (form.zeroCount) value = BigInt(r.pick([0, size === 64 ? 64 : 32]));
    else if (size === 16 && isDoubleShift(form)) value = BigInt(r.below(17) | (r.below(8) << 5));
    else if (token === "iw" && r.chance(0.7)) value = BigInt(r.below(64)); // ENTER, RET: stay near
    bytes.push(...littleEndian(value, length));
  }
  return Uint8Array.from(bytes);
}

export function littleEndian(value: bigint, length: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt.asUintN(64, value), true);
  return new Uint8Array(view.buffer, 0, length);
}
