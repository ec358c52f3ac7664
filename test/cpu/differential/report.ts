/** Text for a person who has to find out why a case differs. */
import { Decoder, DecoderOptions, Formatter, FormatterSyntax } from "iced-x86";
import type { Row } from "../../../src/isa/types.ts";
import { type Case, FX_MXCSR, FX_ST, FX_XMM } from "./cases.ts";
import { type Difference, REGISTERS } from "./compare.ts";

const hex = (value: bigint | number, digits: number): string => value.toString(16).padStart(digits, "0");
const dump = (bytes: Uint8Array): string => Array.from(bytes, (byte) => hex(byte, 2)).join(" ");

/** Name, encoding and operands, as in the table: what identifies a row. */
export const rowTitle = (row: Row): string => `${row.name}  ${row.encoding}  ${row.operands}`.trimEnd();

/** The case's instructions, one a line, with their bytes. */
export function disassemble(c: Case): string[] {
  const decoder = new Decoder(64, c.code, DecoderOptions.None);
  const formatter = new Formatter(FormatterSyntax.Intel);
  const lines: string[] = [];
  decoder.ip = c.state.rip;
  for (let at = 0; decoder.canDecode; ) {
    const instruction = decoder.decode();
    const bytes = c.code.subarray(at, at + instruction.length);
    lines.push(`${hex(c.state.rip + BigInt(at), 8)}: ${dump(bytes)}   ${formatter.format(instruction)}`);
    at += instruction.length;
    instruction.free();
  }
  formatter.free();
  decoder.free();
  return lines;
}

function describeX87(fx: Uint8Array): string[] {
  const view = new DataView(fx.buffer, fx.byteOffset);
  const registers = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => {
    const at = FX_ST + i * 16;
    return `st${i} ${hex(view.getUint16(at + 8, true), 4)}_${hex(view.getBigUint64(at, true), 16)}`;
  });
  const words = [0, 2].map((at) => hex(view.getUint16(at, true), 4));
  return [
    `  fcw ${words[0]}  fsw ${words[1]}  tags ${hex(view.getUint8(4), 2)}`,
    `  ${registers.slice(0, 4).join("  ")}`,
    `  ${registers.slice(4).join("  ")}`,
  ];
}

export function describeCase(
  title: string,
  index: number,
  seed: string,
  c: Case,
  differences: readonly Difference[],
): string {
  const { gpr, fx, rflags, fs, gs, rip } = c.state;
  const lines = [`${title}: case ${index} of seed "${seed}"`, ...disassemble(c).map((line) => `  ${line}`)];
  for (let i = 0; i < 16; i += 4) {
    lines.push(`  ${[0, 1, 2, 3].map((j) => `${REGISTERS[i + j].padStart(3)} ${hex(gpr[i + j], 16)}`).join("  ")}`);
  }
  const mxcsr = new DataView(fx.buffer, fx.byteOffset).getUint32(FX_MXCSR, true);
  lines.push(`  rflags ${hex(rflags, 4)}  mxcsr ${hex(mxcsr, 4)}  fs ${hex(fs, 1)}  gs ${hex(gs, 1)}`);
  for (let i = 0; i < 16; i++) {
    if (!new RegExp(`xmm${i}\\b`).test(lines.join())) continue;
    lines.push(`  xmm${i} ${dump(fx.slice(FX_XMM + i * 16, FX_XMM + i * 16 + 16).reverse())}`);
  }
  if (disassemble(c).some((line) => /\bf[a-z]\w+\b|\bmm\d/.test(line))) lines.push(...describeX87(fx));
  for (const patch of c.patches) {
    if (BigInt(patch.address) !== rip) lines.push(`  [${hex(patch.address, 8)}] ${dump(patch.bytes)}`);
  }
  for (const d of differences) lines.push(`  ${d.what}: host ${d.host}, Binlet ${d.binlet}`);
  return lines.join("\n");
}
