/**
 * The x87 part of an FXSAVE image (SDM Vol. 1, table 10-2; its first 160 bytes) from and to the state of a thread, which has
 * the same layout but for the order of the registers: R0 to R7 in the state, ST(0) to ST(7) in the image.
 */
import { X87, X87_REGISTERS } from "./state.ts";

export const X87_IMAGE_BYTES = 160;
const STATUS = 2;
const REGISTERS = X87_REGISTERS - X87;
const REGISTER_BYTES = 16;

/** Offset of the register ST(i) among R0 to R7, by the status word of `bytes` (an image, or the state from X87 on). */
function registerOffset(bytes: Uint8Array, at: number, i: number): number {
  const top = (bytes[at + STATUS + 1] >> 3) & 7;
  return REGISTERS + ((top + i) & 7) * REGISTER_BYTES;
}

/** Copies the x87 state of `state` (STATE_SIZE bytes) to the start of `image`. */
export function saveX87(state: Uint8Array, image: Uint8Array): void {
  image.set(state.subarray(X87, X87_REGISTERS));
  for (let i = 0; i < 8; i++) {
    const from = X87 + registerOffset(state, X87, i);
    image.set(state.subarray(from, from + REGISTER_BYTES), REGISTERS + i * REGISTER_BYTES);
  }
}

/** The way back. Bits that do not exist are ignored, and ES and B follow from the exceptions, as FXRSTOR has it. */
export function loadX87(image: Uint8Array, state: Uint8Array): void {
  state.set(image.subarray(0, REGISTERS), X87);
  const view = new DataView(state.buffer, state.byteOffset + X87, 8);
  const control = (view.getUint16(0, true) & 0x1f3f) | 0x40;
  const status = view.getUint16(STATUS, true) & 0x7f7f;
  view.setUint16(0, control, true);
  view.setUint16(STATUS, status & ~control & 0x3f ? status | 0x8080 : status, true);
  state[X87 + 5] = 0;
  state[X87 + 7] &= 7;
  for (let i = 0; i < 8; i++) {
    const to = X87 + registerOffset(image, 0, i);
    const from = REGISTERS + i * REGISTER_BYTES;
    state.set(image.subarray(from, from + 10), to);
    state.fill(0, to + 10, to + REGISTER_BYTES);
  }
}
