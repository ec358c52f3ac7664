/**
 * Random system calls by several processes and threads, in machines one after the other: nothing hangs, nothing is thrown,
 * nothing is left. The seeds are the same each time, one in twenty of several machines, which are in real time; `npm run fuzz` is the
 * long run, with others, and `BINLET_FUZZ_SEED=FIRST..LAST npm run fuzz` repeats what it has found. Sequences of calls by one
 * process have the results that Linux gives them; `npm run fuzz -- --native` compares others.
 */
import { describe, expect, test } from "vitest";
import { hasCompiler } from "../machine/support.ts";
import { fuzz } from "./syscalls/campaign.ts";
import { compare, mayCompare } from "./syscalls/differential.ts";

const SECONDS = Number(process.env.BINLET_FUZZ_SECONDS ?? 45);

/** Sequences that come upon a difference that is left: which of two errors, or how much is moved up to a bad address. */
const DIFFERENT = [11, 24, 44, 72, 132, 177];

/** How many of the others may differ. */
const TOLERATED = 9;

describe.skipIf(!hasCompiler)("random system calls", () => {
  test(
    `for ${SECONDS} seconds`,
    async () => {
      const lines: string[] = [];
      const findings = await fuzz({ seconds: SECONDS, first: 1, report: (line) => lines.push(line) });
      expect(findings, lines.join("\n")).toEqual([]);
    },
    (SECONDS + 120) * 1000,
  );

  // Sequences are equal with Linux 6.18; on another kernel, or without the right to make namespaces, there is nothing to compare.
  if (hasCompiler && mayCompare()) {
    test("have the results that they have natively", { timeout: 240_000 }, async () => {
      const findings = await compare({ first: 1, last: 200, except: DIFFERENT, report: () => {} });
      // A kernel that is configured in another way answers a call of some sequence in another way.
      if (findings.length > TOLERATED) expect(findings.join("\n")).toBe("");
    });
  }
});
