/**
 * What the encoder must know about the generated handlers: a custom section of interpreter.wasm, so that the two cannot
 * disagree. Little-endian u16s: number of rows, of handlers, of entries, of fused pairs; then the attributes of each
 * handler; each entry (form key, four handler numbers); each fused pair (form key, condition | indexed << 4 | flags live << 5, number).
 */
import type { InstructionBuffer } from "../../isa/decoder.ts";
import { formKey } from "../microop.ts";

export const METADATA_SECTION = "binlet.handlers";

export interface Metadata {
  readonly rows: number;
  readonly attributes: readonly number[];
  /** Numbers: [indexed, flags live], [not indexed, live], [indexed, flags dead], [not indexed, dead]. */
  readonly entries: readonly { readonly key: number; readonly numbers: readonly number[] }[];
  readonly fused: readonly FusedEntry[];
}

export interface FusedEntry {
  readonly key: number;
  readonly indexed: boolean;
  /** The flags are stored too. */
  readonly live: boolean;
  readonly cc: number;
  readonly number: number;
}

export function encodeMetadata(m: Metadata): Uint8Array {
  const words = [m.rows, m.attributes.length, m.entries.length, m.fused.length, ...m.attributes];
  for (const e of m.entries) words.push(e.key, ...e.numbers);
  for (const f of m.fused) words.push(f.key, f.cc | (f.indexed ? 16 : 0) | (f.live ? 32 : 0), f.number);
  if (words.some((w) => w < 0 || w > 0xffff)) throw new Error("handler metadata does not fit 16 bits");
  return new Uint8Array(new Uint16Array(words).buffer);
}

export const NO_HANDLER = 0xffff;
/** Index in `HandlerTable.numbers`, to be added to four times the form key. */
export const SHORT = 1;
export const DEAD_FLAGS = 2;

/** The metadata as the encoder uses it. */
export interface HandlerTable {
  /** Attributes (microop.ts) of each handler. */
  readonly attributes: Uint16Array;
  /** Handler numbers at `formKey * 4 + (SHORT) + (DEAD_FLAGS)`; NO_HANDLER where there is no such form. */
  readonly numbers: Uint16Array;
  /** Handler numbers of fused pairs by fusedKey. */
  readonly fused: ReadonlyMap<number, number>;
}

/** Attributes (microop.ts) of the handlers of an instruction. */
export const attributesOf = ({ attributes, numbers }: HandlerTable, i: InstructionBuffer): number =>
  attributes[numbers[formKey(i.rowId, i.size, i.isMemory) * 4]];

export const fusedKey = (key: number, indexed: boolean, live: boolean, cc: number): number =>
  key * 64 + (live ? 32 : 0) + (indexed ? 16 : 0) + cc;

/** Reads the section of a compiled interpreter. Throws if it was generated from another table. */
export function readMetadata(module: WebAssembly.Module, rows: number): HandlerTable {
  const [section] = WebAssembly.Module.customSections(module, METADATA_SECTION);
  if (!section) throw new Error("not an interpreter: it has no handler table");
  const words = new Uint16Array(section);
  const [rowCount, handlers, entries, pairs] = words;
  if (rowCount !== rows) throw new Error("the interpreter was generated from another instruction table");
  let at = 4 + handlers;
  const attributes = words.slice(4, at);
  const numbers = new Uint16Array(formKey(rows, 16, false) * 4).fill(NO_HANDLER);
  for (let i = 0; i < entries; i++, at += 5) numbers.set(words.subarray(at + 1, at + 5), words[at] * 4);
  const fused = new Map<number, number>();
  for (let i = 0; i < pairs; i++, at += 3) {
    const [key, kind, number] = words.subarray(at, at + 3);
    fused.set(fusedKey(key, (kind & 16) !== 0, (kind & 32) !== 0, kind & 15), number);
  }
  return { attributes, numbers, fused };
}
