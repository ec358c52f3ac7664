/**
 * The x87 part of an FXSAVE image (SDM Vol. 1, table 10-2; its first 160 bytes) from and to the state of a thread, which has
 * the same layout but for the order of the registers: R0 to R7 in the state, ST(0) to ST(7) in the image. In words of 32 bits:
 * signal delivery does this twice.
 */
import { X87, X87_REGISTERS } from "./state.ts";

export const X87_IMAGE_BYTES = 160;
// Word indexes.
const START = X87 >> 2;
const REGISTERS = (X87_REGISTERS - X87) >> 2;
/** FCW and FSW are the first word; TOP is bits 11 to 13 of FSW. */
const TOP_SHIFT = 16 + 11;
/** FTW and FOP: what exists of them. */
const TAGS_AND_OPCODE = 0x07ff_00ff;

/** Copies the x87 state of the thread whose state begins at word `state` of `memory` to the start of `image`. */
export function saveX87(memory: Int32Array, state: number, image: Int32Array): void {
  const x87 = state + START;
  for (let i = 0; i < REGISTERS; i++) image[i] = memory[x87 + i];
  const top = memory[x87] >> TOP_SHIFT;
  for (let i = 0; i < 8; i++) {
    const from = x87 + REGISTERS + ((top + i) & 7) * 4;
    const to = REGISTERS + i * 4;
    image[to] = memory[from];
    image[to + 1] = memory[from + 1];
    image[to + 2] = memory[from + 2];
    image[to + 3] = memory[from + 3];
  }
}

/** The way back. Bits that do not exist are ignored, and ES and B follow from the exceptions, as FXRSTOR has it. */
export function loadX87(image: Int32Array, memory: Int32Array, state: number): void {
  const x87 = state + START;
  const control = (image[0] & 0x1f3f) | 0x40;
  const status = (image[0] >>> 16) & 0x7f7f;
  const summary = status & ~control & 0x3f ? 0x8080 : 0;
  memory[x87] = control | ((status | summary) << 16);
  memory[x87 + 1] = image[1] & TAGS_AND_OPCODE;
  for (let i = 2; i < REGISTERS; i++) memory[x87 + i] = image[i];
  const top = image[0] >> TOP_SHIFT;
  for (let i = 0; i < 8; i++) {
    const from = REGISTERS + i * 4;
    const to = x87 + REGISTERS + ((top + i) & 7) * 4;
    memory[to] = image[from];
    memory[to + 1] = image[from + 1];
    memory[to + 2] = image[from + 2] & 0xffff;
    memory[to + 3] = 0;
  }
}
