/**
 * Short sequences of instructions on Binlet's CPU and on the host's processor. BINLET_CASES and BINLET_SEED are those of
 * differential.test.ts; there are 500 sequences for each case a row.
 */
import { describe, expect, test } from "vitest";
import type { Row } from "../../../src/isa/types.ts";
import { compare } from "./compare.ts";
import { createGuest } from "./guest.ts";
import { makeRegions } from "./memory.ts";
import { runNative, unavailable } from "./native.ts";
import { Random } from "./random.ts";
import { describeCase } from "./report.ts";
import { generateSequence } from "./sequence.ts";

const count = Number(process.env.BINLET_CASES ?? 20) * 500;
const seed = process.env.BINLET_SEED ?? "binlet";
const SHOWN = 5;
/** Cases in one file for the native program. */
const BATCH = 10_000;

/** What `compare` has to know: there is no one row. */
const sequenceRow = (undefinedFlags: number): Row => ({
  name: "sequence",
  encoding: "",
  operands: "",
  feature: "base",
  meaning: () => {},
  flags: { undefined: undefinedFlags },
});

describe.skipIf(unavailable() !== undefined)("sequences against the host's processor", () => {
  test(`${count} sequences`, () => {
    const regions = makeRegions(seed);
    const guest = createGuest(regions);
    const r = new Random(`sequences ${seed}`);
    const reports: string[] = [];
    let bad = 0;
    for (let first = 0; first < count; first += BATCH) {
      const drawn = Array.from({ length: Math.min(BATCH, count - first) }, () => generateSequence(r));
      const host = runNative(
        regions,
        drawn.map((sequence) => sequence.case),
      );
      for (const [i, { case: c, undefinedAt, undefinedFlags }] of drawn.entries()) {
        const row = sequenceRow(undefinedAt.get(host[i].state.rip) ?? undefinedFlags);
        const differences = compare(row, c, host[i], guest.run(c));
        if (differences.length > 0 && bad++ < SHOWN) {
          reports.push(describeCase("sequence", first + i, seed, c, differences));
        }
      }
    }
    if (bad > SHOWN) reports.push(`${bad} of ${count} sequences differ`);
    expect(reports.join("\n\n")).toBe("");
  }, 600_000);
});
