/**
 * Random system calls by several processes and threads, in machines one after the other: nothing hangs, nothing is thrown,
 * nothing is left. The seeds are the same each time; `npm run fuzz` is the long run, with others, and
 * `BINLET_FUZZ_SEED=FIRST..LAST npm run fuzz` repeats what it has found.
 */
import { describe, expect, test } from "vitest";
import { hasCompiler } from "../machine/support.ts";
import { fuzz } from "./syscalls/campaign.ts";

const SECONDS = Number(process.env.BINLET_FUZZ_SECONDS ?? 45);

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
});
