/**
 * Generates interpreter.wasm from the instruction table.
 *
 * The shape, and why (what is said of loops, calls and `select` was measured on prototypes, the rest on this one):
 * - `run(pc)` is one loop around one br_table over the hot handlers. pc and fuel are locals, everything else of the guest is
 *   in memory at constant addresses. The loop is small enough for the optimising compiler to finish within 20 ms of a
 *   program's start, which a loop over all handlers is not (200 ms).
 * - In a hot handler an access to memory is inline and makes no call: a call on the slow path of a hot access makes
 *   everything around it slower. On a page table miss, a page crossing or any exception the handler branches to the one
 *   label `careful`, having written nothing (the order rule of isa/builder.ts), and the instruction is begun again in its
 *   careful form.
 * - The careful forms of all handlers, hot ones included, are in `cold_0 … cold_n` of at most 128 handlers each, so that a
 *   program compiles only the groups that it enters. They get (pc) and return what is next: the address of a micro-op;
 *   the address of a link plus 1, to be followed; 0 to go to the state's RIP; or the reason to leave `run` (below 16).
 * - The next micro-op is chosen with `if` and `br`, never with `select`: a conditional move would make the next dispatch
 *   wait for the data that the condition depends on; a branch is predicted.
 * - Fuel is taken off at block ends only, so a slice may be overdrawn by a block.
 * - Flags that are dead are not computed, a compare and its branch are one handler. Flags are dead only if nothing that may
 *   fault sees them, so they are exact in every signal frame of a fault; that costs up to 15 % (sieve), on average 4 %.
 * - The hot set holds what real programs were measured to execute (hot-set.ts): of 448, 0.05 % of instructions are outside.
 * - Bodies that come out equal byte for byte are one handler (ADD r,r has two encodings, MOVAPS four).
 *
 * CPU time an instruction on a 2-core EPYC, Node 24: fib 1.4 ns, sieve 1.1, SHA-256 0.8, core mix 1.2, quicksort 1.8, n-body
 * 1.5, switch loop 1.5. With a hot set of the same size chosen by the table's frequencies alone it is 1.4 times that on
 * average, 2.2 times for the sieve.
 */
import type { Helper, Ty } from "../../isa/builder.ts";
import type { Row } from "../../isa/types.ts";
import { STATE_ADDRESS } from "../../memory/layout.ts";
import type { CompiledHelper } from "../builder.ts";
import { FunctionEmitter } from "../ir/emit.ts";
import { Graph, type Label } from "../ir/graph.ts";
import {
  FIXED_HANDLERS,
  H_EA,
  H_EA32,
  H_EA64,
  H_GOTO,
  H_GOTO_FAR,
  H_RAISE,
  IMM,
  MAY_FAULT,
  type Shape,
} from "../microop.ts";
import { FUEL, R_EA } from "../state.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { commitFunction, highPageFunction, pageFunction, translateFunction } from "./access.ts";
import { ALL_FLAGS, type Binding, type Functions, type Labels, NotHot } from "./binding.ts";
import { formName, hotCandidates, type RowForm, rowForms, variantName } from "./handlers.ts";
import { buildHelper, helperExport } from "./helper.ts";
import { encodeMetadata, type FusedEntry, METADATA_SECTION } from "./metadata.ts";
import { carefulPath, faultPath, indirectPath, lookupPath, profilePath, slowPath } from "./run.ts";
import { Tier0Builder } from "./tier0-builder.ts";

export interface GeneratorOptions {
  /** Size of the hot set. */
  readonly hot: number;
  /** Most handlers in one cold function, a power of 2. */
  readonly group: number;
  /** Count runs by handler (scratch.ts), to choose the hot set. */
  readonly profile: boolean;
}
export const DEFAULT_OPTIONS: GeneratorOptions = { hot: 448, group: 128, profile: false };

export interface Generated {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly hot: number;
  readonly handlers: number;
  /** Names of the hot handlers, for traces. */
  readonly names: readonly string[];
}

interface Built {
  readonly graph: Graph;
  readonly attributes: number;
  /** The code, position-independent, as a key. */
  readonly text: string;
}

interface Handler {
  readonly name: string;
  readonly hot: Graph | undefined;
  readonly cold: Built;
}

const label = (name: string): Label => ({ name });
const LABELS: Labels = {
  next: label("next"),
  careful: label("careful"),
  slow: label("slow"),
  indirect: label("indirect"),
  fault: label("fault"),
};
const RUN_LOCALS: readonly Ty[] = ["i32", "i32", "i64"];
const NO_OPERANDS: Shape = { operands: [], isMemory: false, nextField: IMM, aligned: true };

class Generator {
  private readonly module = new ModuleBuilder({ module: "env", name: "memory", minimum: 256 });
  private readonly functions: Functions;
  private readonly miss: number;
  private readonly page: number;
  private readonly helpers = new Map<Helper, CompiledHelper>();
  private readonly helperNames = new Set<string>();
  readonly handlers: Handler[] = [];
  private readonly options: GeneratorOptions;

  constructor(options: GeneratorOptions) {
    this.options = options;
    const m = this.module;
    this.miss = m.importFunction("env", "miss", { params: ["i32", "i32", "i32", "i32"], results: ["i32"] });
    const syscall = m.importFunction("env", "syscall", { params: [], results: ["i32"] });
    this.page = m.declareFunction("page", { params: ["i32", "i32", "i32"], results: ["i32"] });
    const highPage = m.declareFunction("highPage", { params: ["i32", "i32", "i32", "i32"], results: ["i32"] });
    const translate = m.declareFunction("translate", { params: ["i64", "i32"], results: ["i32"] });
    const commit = m.declareFunction("commit", { params: ["i32"], results: [] });
    this.functions = { translate, commit, syscall, helper: (h) => this.helper(h) };
    this.define(this.page, 3, pageFunction(this.miss));
    this.define(highPage, 4, highPageFunction(this.miss, this.page));
    this.define(translate, 2, translateFunction(this.page, highPage));
    this.define(commit, 1, commitFunction());
    m.exportFunction("translate", translate);
    m.exportFunction("commit", commit);
  }

  private define(index: number, params: number, graph: Graph): void {
    const emitter = new FunctionEmitter(params);
    emitter.emit(graph);
    if (graph.returns) emitter.unreachable();
    this.module.defineFunction(index, emitter.locals, emitter.code);
  }

  // ---- building

  private binding(place: Binding["place"], more: Partial<Binding> = {}): Binding {
    return {
      place,
      functions: this.functions,
      labels: LABELS,
      shape: NO_OPERANDS,
      indexed: true,
      liveFlags: ALL_FLAGS,
      separateSegment: false,
      ...more,
    };
  }

  /** Compiles a helper the first time it is called. */
  private helper(h: Helper): CompiledHelper {
    const known = this.helpers.get(h);
    if (known) return known;
    if (this.helperNames.has(h.name)) throw new Error(`two helpers are named ${h.name}`);
    this.helperNames.add(h.name);
    const b = buildHelper(h, this.binding("helper"));
    const index = this.module.declareFunction(h.name, {
      params: h.params,
      results: b.faulted ? [...h.results, "i32"] : h.results,
    });
    this.define(index, h.params.length, b.g);
    this.module.exportFunction(helperExport(h), index);
    const compiled = { index, faults: b.faulted, writes: b.wrote };
    this.helpers.set(h, compiled);
    return compiled;
  }

  /** Builds a body; builds it again with the segment kept apart when it turns out to use the plain offset. */
  private build(binding: Binding, meaning: (b: Tier0Builder) => void): Built {
    const once = (separateSegment: boolean) => {
      const b = new Tier0Builder({ ...binding, separateSegment });
      meaning(b);
      b.finish();
      return b;
    };
    let b = once(false);
    if (b.usesOffset) b = once(true);
    return { graph: b.g, attributes: b.attributes | (b.faulted ? MAY_FAULT : 0), text: canonical(binding.place, b.g) };
  }

  private buildForm(of: RowForm, place: "hot" | "cold", variant: Partial<Binding>): Built {
    try {
      return this.build(this.binding(place, { shape: of.shape, ...variant }), (b) =>
        of.row.meaning(b, ...b.operands()),
      );
    } catch (error) {
      if (error instanceof NotHot) throw error;
      const form = `${of.row.name} (${of.row.encoding}; ${of.row.operands}) ${of.size}${of.isMemory ? " memory" : ""}`;
      throw new Error(`${form}: ${(error as Error).message}`, { cause: error });
    }
  }

  private add(name: string, cold: Built, hot?: Graph): number {
    this.handlers.push({ name, cold, hot });
    return this.handlers.length - 1;
  }

  private fixed(): void {
    const pseudo: [number, string, (b: Tier0Builder) => void][] = [
      [H_GOTO, "goto", (b) => b.go()],
      [H_GOTO_FAR, "goto far", (b) => b.goFar()],
      [H_EA, "ea", (b) => b.writeReg(R_EA, 64, b.effectiveAddress())],
      [H_EA32, "ea32", (b) => b.writeReg(R_EA, 64, b.zeroExtend(32, b.effectiveAddress()))],
      [H_EA64, "ea64", (b) => b.writeReg(R_EA, 64, b.wideField())],
      [H_RAISE, "raise", (b) => b.raiseField()],
    ];
    for (const [number, name, meaning] of pseudo) {
      const cold = this.build(this.binding("cold"), meaning);
      const hot =
        number === H_RAISE
          ? this.build(this.binding("hot"), (b) => b.raise(6)).graph
          : this.build(this.binding("hot"), meaning).graph;
      if (this.add(name, cold, hot) !== number) throw new Error("fixed handlers are out of order");
    }
    if (this.handlers.length !== FIXED_HANDLERS) throw new Error("fixed handlers are out of order");
  }

  // ---- the whole

  generate(rows: readonly Row[]): Generated {
    this.fixed();
    const forms = rowForms(rows);
    const colds = new Map<number, Built>();
    const failures: string[] = [];
    for (const of of forms) {
      try {
        colds.set(of.key, this.buildForm(of, "cold", {}));
      } catch (error) {
        failures.push((error as Error).message);
      }
    }
    if (failures.length > 0) throw new Error(`these meanings cannot be built:\n  ${failures.join("\n  ")}`);
    const { exact, fused } = this.chooseHot(forms, colds);
    const hot = this.handlers.length;
    const byText = new Map<string, number>();
    const entries = forms.map((of) => {
      const cold = colds.get(of.key)!;
      const at = (indexed: boolean, live: boolean) => exact.get(variantId(of.key, indexed, live));
      const full = (): number => {
        const known = at(of.isMemory, true) ?? byText.get(cold.text);
        if (known !== undefined) return known;
        const number = this.add(formName(of), cold);
        byText.set(cold.text, number);
        return number;
      };
      const indexedLive = full();
      const shortLive = at(false, true) ?? indexedLive;
      const indexedDead = at(of.isMemory, false) ?? indexedLive;
      const shortDead = at(false, false) ?? at(false, true) ?? indexedDead;
      return { key: of.key, numbers: [indexedLive, shortLive, indexedDead, shortDead] };
    });
    this.emitCold();
    this.emitRun(hot);
    this.module.custom(
      METADATA_SECTION,
      encodeMetadata({ rows: rows.length, attributes: this.handlers.map((h) => h.cold.attributes), entries, fused }),
    );
    return { wasm: this.module.finish(), hot, handlers: this.handlers.length, names: this.handlers.map((h) => h.name) };
  }

  private chooseHot(forms: readonly RowForm[], colds: ReadonlyMap<number, Built>) {
    /** Number of the hot handler that is exactly a form's variant. */
    const exact = new Map<number, number>();
    const fused: FusedEntry[] = [];
    const byText = new Map<string, number>();
    for (const variant of hotCandidates(forms)) {
      const { of, indexed, liveFlags } = variant;
      let built: Built;
      try {
        built = this.buildForm(of, "hot", { indexed, liveFlags, fused: variant.fused });
      } catch (error) {
        if (error instanceof NotHot) continue;
        throw error;
      }
      const cold =
        variant.fused === undefined ? colds.get(of.key)! : this.buildForm(of, "cold", { fused: variant.fused });
      // Equal hot bodies may differ in what they leave to the careful form (COMISD and UCOMISD).
      const text = `${built.text}\0${cold.text}`;
      let number = byText.get(text);
      if (number === undefined) {
        if (this.handlers.length >= this.options.hot) continue;
        number = this.add(variantName(variant), cold, built.graph);
        byText.set(text, number);
      }
      const live = liveFlags !== 0;
      if (variant.fused !== undefined) fused.push({ key: of.key, indexed, live, cc: variant.fused, number });
      else {
        exact.set(variantId(of.key, indexed, live), number);
        if (!of.row.flags?.write) exact.set(variantId(of.key, indexed, false), number);
      }
    }
    return { exact, fused };
  }

  private readonly coldGroups: number[] = [];

  private emitCold(): void {
    const type = { params: ["i32"] as Ty[], results: ["i32"] as Ty[] };
    const { group } = this.options;
    for (let first = 0; first < this.handlers.length; first += group) {
      const index = this.module.declareFunction(`cold_${first / group}`, type);
      this.coldGroups.push(index);
      const members = this.handlers.slice(first, first + group);
      const bodies = [...new Map(members.map((h) => [h.cold.text, h.cold.graph])).entries()];
      const labels = bodies.map(([,], i) => label(`body ${i}`));
      const position = new Map(bodies.map(([text], i) => [text, i]));
      const e = new FunctionEmitter(1);
      e.open("block", LABELS.fault);
      for (const l of [...labels].reverse()) e.open("block", l);
      e.dispatch(first);
      e.table(
        members.map((h) => labels[position.get(h.cold.text)!]),
        labels[0],
      );
      for (const [, graph] of bodies) {
        e.close();
        e.emit(graph);
      }
      e.close();
      e.emit(faultPath(LABELS));
      e.unreachable();
      this.module.defineFunction(index, e.locals, e.code);
    }
  }

  /** `cold(pc)`: calls the group that the handler is in. */
  private coldFunction(): number {
    const index = this.module.declareFunction("cold", { params: ["i32"], results: ["i32"] });
    const labels = this.coldGroups.map((_, i) => label(`group ${i}`));
    const e = new FunctionEmitter(1);
    for (const l of [...labels].reverse()) e.open("block", l);
    e.dispatch(0, Math.log2(this.options.group));
    e.table(labels.slice(0, -1), labels.at(-1)!);
    for (const group of this.coldGroups) {
      e.close();
      const g = new Graph();
      g.return(g.call(group, ["i32"], [g.get("i32", 0)])[0]);
      e.emit(g);
    }
    e.unreachable();
    this.module.defineFunction(index, e.locals, e.code);
    return index;
  }

  private emitRun(hot: number): void {
    const cold = this.coldFunction();
    const index = this.module.declareFunction("run", { params: ["i32"], results: ["i32"] });
    const lookup = label("lookup");
    const e = new FunctionEmitter(1, RUN_LOCALS);
    const start = new Graph();
    start.setFixed(1, start.load("i32.load", start.i32(0), STATE_ADDRESS + FUEL));
    e.emit(start);
    e.open("loop", LABELS.next);
    e.open("block", lookup);
    e.open("block", LABELS.indirect);
    e.open("block", LABELS.slow);
    e.open("block", LABELS.careful);
    const labels = this.handlers.slice(0, hot).map((h) => label(h.name));
    for (const l of [...labels].reverse()) e.open("block", l);
    if (this.options.profile) e.emit(profilePath(LABELS));
    e.dispatch(0);
    e.table(labels, LABELS.careful);
    for (let i = 0; i < hot; i++) {
      e.close();
      e.emit(this.handlers[i].hot!);
    }
    e.close();
    e.emit(carefulPath(LABELS, cold));
    e.close();
    e.emit(slowPath(LABELS, lookup));
    e.close();
    e.emit(indirectPath(LABELS));
    e.close();
    e.emit(lookupPath(LABELS));
    e.close();
    e.unreachable();
    this.module.defineFunction(index, e.locals, e.code);
    this.module.exportFunction("run", index);
  }
}

/** A body's code as it would be in a function of its own: equal bodies have equal text. */
function canonical(place: Binding["place"], graph: Graph): string {
  const e = new FunctionEmitter(1, place === "hot" ? RUN_LOCALS : []);
  for (const l of Object.values(LABELS)) e.open("block", l);
  e.emit(graph);
  return String.fromCharCode(...e.code.view());
}

const variantId = (key: number, indexed: boolean, live: boolean): number =>
  key * 4 + (indexed ? 2 : 0) + (live ? 1 : 0);

/** Generates the interpreter for `rows`. */
export function generateInterpreter(rows: readonly Row[], options: Partial<GeneratorOptions> = {}): Generated {
  return new Generator({ ...DEFAULT_OPTIONS, ...options }).generate(rows);
}
