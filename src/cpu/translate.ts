/**
 * Tier 1, as far as it goes: straight-line code becomes a WebAssembly function from the same table as the interpreter.
 *
 * The module imports the memory and the interpreter's helpers, and exports `block() -> i32`. It runs the instructions with
 * registers and flags in locals and returns how many have retired, with the state complete and RIP where tier 0 goes on:
 * after the last instruction, at a branch's target, or at an instruction that must be left to tier 0. R_PAGE must be set.
 */
import type { Helper, Ty } from "../isa/builder.ts";
import { Decoder } from "../isa/decoder.ts";
import { rows } from "../isa/table.ts";
import { ARITH, type Instruction } from "../isa/types.ts";
import type { CompiledHelper } from "./builder.ts";
import { ALL_FLAGS, type Binding } from "./interpreter/binding.ts";
import { buildHelper, helperExport } from "./interpreter/helper.ts";
import { FunctionEmitter } from "./ir/emit.ts";
import { DISP } from "./microop.ts";
import { NotTranslatable, Tier1Builder } from "./tier1-builder.ts";
import { ModuleBuilder } from "./wasm/module.ts";

export interface Translation {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** Instructions translated. */
  readonly instructions: number;
}

interface Placed {
  readonly instruction: Instruction;
  readonly offset: number;
}

const decoder = new Decoder(rows);

/** Decodes at most `limit` instructions from `offset` of a page. */
function straightLine(page: Uint8Array, offset: number, limit: number): Placed[] {
  const code: Placed[] = [];
  while (code.length < limit && offset < page.length) {
    const instruction = decoder.newInstruction();
    if (decoder.decode(page, offset, page.length - offset, instruction) !== null) break;
    code.push({ instruction, offset });
    offset += instruction.length;
    if (instruction.row.ends) break;
  }
  return code;
}

/** Of a helper, only its traits matter here: its code is the interpreter's. */
function helperTraits(h: Helper): { faults: boolean; writes: boolean } {
  const nested = (inner: Helper): CompiledHelper => ({ index: 0, ...helperTraits(inner) });
  const label = { name: "" };
  const binding: Binding = {
    place: "helper",
    functions: { translate: 0, commit: 0, syscall: 0, helper: nested },
    labels: { next: label, careful: label, slow: label, indirect: label, fault: label },
    shape: { operands: [], isMemory: false, nextField: DISP, aligned: true },
    indexed: true,
    liveFlags: ALL_FLAGS,
    separateSegment: false,
  };
  const b = buildHelper(h, binding);
  return { faults: b.faulted, writes: b.wrote };
}

/**
 * Which flags can be seen after each instruction, as a mask. An instruction that may leave shows all flags before it;
 * at the end of the code all are visible.
 */
function visibleFlags(code: readonly Placed[], leaves: readonly boolean[]): number[] {
  const visible: number[] = new Array(code.length).fill(ARITH);
  let live = ARITH;
  for (let i = code.length - 1; i >= 0; i--) {
    visible[i] = live;
    const flags = code[i].instruction.row.flags;
    live = (live & ~(flags?.kill ?? flags?.write ?? 0)) | (flags?.read ?? 0);
    if (leaves[i]) live = ARITH;
  }
  return visible;
}

/** Translates the straight-line code at `offset` of a page, up to `limit` instructions; null if not even one can be. */
export function translate(page: Uint8Array, offset: number, limit = 64): Translation | null {
  const module = new ModuleBuilder({ module: "env", name: "memory", minimum: 256 });
  const helpers = new Map<string, CompiledHelper>();
  const helper = (h: Helper): CompiledHelper => {
    const known = helpers.get(h.name);
    if (known) return known;
    const traits = helperTraits(h);
    const results: readonly Ty[] = traits.faults ? [...h.results, "i32"] : h.results;
    const index = module.importFunction("interpreter", helperExport(h), { params: h.params, results });
    const compiled = { index, ...traits };
    helpers.set(h.name, compiled);
    return compiled;
  };

  // The first build finds out which state is touched, which instructions may leave, and where the code has to stop.
  let code = straightLine(page, offset, limit);
  const scout = new Tier1Builder(new Map(), helper);
  const leaves: boolean[] = [];
  for (const [i, { instruction, offset: at }] of code.entries()) {
    try {
      scout.append(instruction, at, i, ARITH);
    } catch (error) {
      if (!(error instanceof NotTranslatable)) throw error;
      code = code.slice(0, i);
      break;
    }
    leaves.push(scout.faulted);
  }
  if (code.length === 0) return null;

  const b = new Tier1Builder(scout.touched, helper);
  const visible = visibleFlags(code, leaves);
  code.forEach(({ instruction, offset: at }, i) => void b.append(instruction, at, i, visible[i]));
  const last = code[code.length - 1];
  if (!b.ended) b.finish(last.offset + last.instruction.length, code.length);
  const emitter = new FunctionEmitter(0);
  emitter.emit(b.g);
  emitter.unreachable();
  const index = module.declareFunction("block", { params: [], results: ["i32"] });
  module.defineFunction(index, emitter.locals, emitter.code);
  module.exportFunction("block", index);
  return { wasm: module.finish(), instructions: code.length };
}
