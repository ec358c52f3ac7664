/**
 * Does the differential test notice a wrong instruction? Rows are given the meaning of another one, an interpreter is
 * generated from that table, and each of them has to differ from the host.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { generateInterpreter } from "../../../src/cpu/interpreter/generate.ts";
import type { FlagValues } from "../../../src/isa/builder.ts";
import { rows } from "../../../src/isa/table.ts";
import type { Meaning } from "../../../src/isa/types.ts";
import { compare } from "./compare.ts";
import { generateCase } from "./generate.ts";
import { createGuest, type GuestMachine } from "./guest.ts";
import { makeRegions } from "./memory.ts";
import { runNative, unavailable } from "./native.ts";
import { Random } from "./random.ts";
import { rowTitle } from "./report.ts";

/** The types are the Workers', where modules are never compiled from bytes; Node's constructor does. */
const Module = WebAssembly.Module as unknown as new (bytes: Uint8Array) => WebAssembly.Module;

/** Cases a row, as in the default run. */
const CASES = 20;
const seed = "sensitivity";

const meaningOf = (title: string): Meaning => {
  const row = rows.find((candidate) => rowTitle(candidate) === title);
  if (!row) throw new Error(`no row "${title}"`);
  return row.meaning;
};

/** A meaning whose flag `flag` is not set. */
const withoutFlag =
  (meaning: Meaning, flag: keyof FlagValues): Meaning =>
  (b, ...operands) => {
    const setFlags = b.setFlags.bind(b);
    b.setFlags = (f) => setFlags({ ...f, [flag]: undefined });
    meaning(b, ...operands);
    b.setFlags = setFlags;
  };

const mutants: Record<string, Meaning> = {
  "ADC  11 /r  +Ev,Gv": meaningOf("ADD  01 /r  +Ev,Gv"),
  "SUB  2B /r  +Gv,Ev": withoutFlag(meaningOf("SUB  2B /r  +Gv,Ev"), "af"),
  "SBB  19 /r  +Ev,Gv": withoutFlag(meaningOf("SBB  19 /r  +Ev,Gv"), "of"),
  "ROL  D3 /0  +Ev,CL": meaningOf("ROR  D3 /1  +Ev,CL"),
  "SAR  C1 /7 ib  +Ev,Ib": meaningOf("SHR  C1 /5 ib  +Ev,Ib"),
  "MOVSX  0F BE /r  =Gv,Eb": meaningOf("MOVZX  0F B6 /r  =Gv,Eb"),
  "SETL  0F 9C /r  =Eb": meaningOf("SETLE  0F 9E /r  =Eb"),
  "PADDSW  66 0F ED /r  +Vdq,Wdq": meaningOf("PADDW  66 0F FD /r  +Vdq,Wdq"),
  "MINPD  66 0F 5D /r  +Vpd,Wpd": meaningOf("MAXPD  66 0F 5F /r  +Vpd,Wpd"),
  "PUNPCKLBW  66 0F 60 /r  +Vdq,Wdq": meaningOf("PUNPCKLWD  66 0F 61 /r  +Vdq,Wdq"),
};

describe.skipIf(unavailable() !== undefined)("the differential test notices", () => {
  const regions = makeRegions(seed);
  let guest: GuestMachine;

  beforeAll(() => {
    const mutated = rows.map((row) => ({ ...row, meaning: mutants[rowTitle(row)] ?? row.meaning }));
    guest = createGuest(regions, new Module(generateInterpreter(mutated).wasm));
  }, 60_000);

  test.each(Object.keys(mutants))("%s", (title) => {
    const row = rows.find((candidate) => rowTitle(candidate) === title)!;
    const r = new Random(title);
    const cases = Array.from({ length: CASES }, () => generateCase(row, r));
    const host = runNative(regions, cases);
    const differing = cases.filter((c, i) => compare(row, c, host[i], guest.run(c)).length > 0);
    expect(differing.length).toBeGreaterThan(0);
  });
});
