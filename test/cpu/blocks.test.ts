/**
 * Random straight-line blocks, two ways: on the interpreter, and translated from the same table to a WebAssembly function
 * (cpu/translate.ts), with the interpreter doing what that leaves to it. Both end in the same state, faults included.
 * (differential/ compares the interpreter with the host's processor.)
 *
 *   BINLET_BLOCKS=5000   blocks (default 500)
 *   BINLET_SEED=text     other blocks
 */
import { expect, test } from "vitest";
import { Cpu } from "../../src/cpu/cpu.ts";
import { R_PAGE, RIP, reg } from "../../src/cpu/state.ts";
import { translate } from "../../src/cpu/translate.ts";
import { rows } from "../../src/isa/table.ts";
import { PAGE_SIZE, STATE_ADDRESS } from "../../src/memory/layout.ts";
import { Frames } from "../../src/memory/physical.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { type Case, CODE, INT3, type Outcome } from "./differential/cases.ts";
import { compare } from "./differential/compare.ts";
import { generateCase } from "./differential/generate.ts";
import { GuestMachine } from "./differential/guest.ts";
import { makeRegions, patchesAt } from "./differential/memory.ts";
import { Random } from "./differential/random.ts";

const blocks = Number(process.env.BINLET_BLOCKS ?? 500);
const seed = process.env.BINLET_SEED ?? "blocks";
const LONGEST = 8;

const usable = rows.filter((row) => !row.ends && !row.untested);

interface Block {
  case: Case;
  /** Flags that an instruction of it leaves undefined: the tiers may differ in them. None reads them. */
  undefinedFlags: number;
}

/** A case of one instruction, with its memory prepared, and more instructions behind it. */
function block(r: Random): Block {
  for (;;) {
    const row = r.pick(usable);
    const first = generateCase(row, r);
    const begin = Number(first.state.rip);
    if (begin < CODE || begin + 15 * LONGEST > CODE + PAGE_SIZE) continue;
    const code = [...first.code];
    let undefinedFlags = row.flags?.undefined ?? 0;
    for (let n = r.between(1, LONGEST - 1); n > 0; n--) {
      const { flags, ...next } = r.pick(usable);
      if ((flags?.read ?? 0) & undefinedFlags) continue;
      const added = generateCase({ ...next, flags }, r);
      // The memory is where the first instruction looks for it; others mostly fault.
      if (added.touched !== undefined && !r.chance(0.1)) continue;
      code.push(...added.code);
      undefinedFlags |= flags?.undefined ?? 0;
    }
    const bytes = Uint8Array.from(code);
    const data = first.patches.filter((patch) => patch.address >= CODE + 2 * PAGE_SIZE);
    return {
      case: { ...first, code: bytes, patches: [...data, ...patchesAt(first.state.rip, bytes)] },
      undefinedFlags,
    };
  }
}

/** A CPU that runs the block at RIP as tier 1 has it, then goes on as usual. */
class TieredCpu extends Cpu {
  guestCode = new Uint8Array(0);
  instructions = 0;
  private readonly frames: Frames;
  private readonly imports: WebAssembly.Imports;

  constructor(frames: Frames) {
    super(loadInterpreter(), frames);
    this.frames = frames;
    this.imports = { env: { memory: frames.wasm }, interpreter: this.helpers as WebAssembly.ModuleImports };
  }

  override run(fuel: number): number {
    const { view } = this.frames;
    const rip = Number(view.getBigUint64(STATE_ADDRESS + RIP, true));
    const page = new Uint8Array(PAGE_SIZE).fill(INT3);
    page.set(this.guestCode, rip % PAGE_SIZE);
    const translation = translate(page, rip % PAGE_SIZE, LONGEST);
    if (translation) {
      const instance = new WebAssembly.Instance(compile(translation.wasm), this.imports);
      view.setBigUint64(STATE_ADDRESS + reg(R_PAGE), BigInt(rip - (rip % PAGE_SIZE)), true);
      this.instructions += (instance.exports.block as () => number)();
    }
    return super.run(fuel);
  }
}

/** The types are the Workers', where modules are never compiled from bytes. */
const Module = WebAssembly.Module as unknown as new (bytes: Uint8Array) => WebAssembly.Module;
const compile = (wasm: Uint8Array): WebAssembly.Module => new Module(wasm);

test("translated blocks end as interpreted ones do", () => {
  const regions = makeRegions(seed);
  const r = new Random(`blocks ${seed}`);
  const drawn = Array.from({ length: blocks }, () => block(r));
  const run = <C extends Cpu>(make: (frames: Frames) => C, before: (cpu: C, c: Case) => void): [C, Outcome[]] => {
    const frames = new Frames();
    const cpu = make(frames);
    frames.attach(cpu);
    const guest = new GuestMachine(cpu, frames, regions);
    const outcomes = drawn.map(({ case: c }) => {
      before(cpu, c);
      return guest.run(c);
    });
    return [cpu, outcomes];
  };
  const [, interpreted] = run(
    (frames) => new Cpu(loadInterpreter(), frames),
    () => {},
  );
  const [tiered, translated] = run(
    (frames) => new TieredCpu(frames),
    (cpu, c) => {
      cpu.guestCode = c.code.slice();
    },
  );
  drawn.forEach(({ case: c, undefinedFlags }, i) => {
    const row = { ...rows[0], flags: { undefined: undefinedFlags } };
    const code = [...c.code].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    expect(compare(row, c, interpreted[i], translated[i]), `block ${i} of seed "${seed}": ${code}`).toEqual([]);
  });
  // Most of it did run translated.
  expect(tiered.instructions).toBeGreaterThan(blocks);
});
