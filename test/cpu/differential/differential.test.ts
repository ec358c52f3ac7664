/**
 * Every row of the instruction table on Binlet's CPU and on the host's processor: the same random cases, the same outcome.
 *
 *   BINLET_CASES=200   cases a row (default 20)
 *   BINLET_SEED=text   other cases (default: a fixed seed, so that a run can be repeated)
 *   BINLET_ROWS=regex  only rows whose "NAME  ENCODING  OPERANDS" matches
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rows } from "../../../src/isa/table.ts";
import type { Row } from "../../../src/isa/types.ts";
import type { Region } from "./cases.ts";
import { compare } from "./compare.ts";
import { generateCase } from "./generate.ts";
import { createGuest, type GuestMachine } from "./guest.ts";
import { makeRegions } from "./memory.ts";
import { runNative, unavailable } from "./native.ts";
import { Random } from "./random.ts";
import { describeCase, rowTitle } from "./report.ts";

const cases = Number(process.env.BINLET_CASES ?? 20);
const seed = process.env.BINLET_SEED ?? "binlet";
const only = process.env.BINLET_ROWS ? new RegExp(process.env.BINLET_ROWS) : undefined;
/** Mismatches that are described in full for each row. */
const SHOWN = 2;

const missing = unavailable();
if (missing) console.warn(`CPU differential test left out: ${missing}`);

/** Rows that belong together, so that a run is some dozens of tests and one start of the native program for each. */
function groups(): Map<string, Row[]> {
  const byName = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.untested || (only && !only.test(rowTitle(row)))) continue;
    const group = `${row.feature}: ${row.name[0]}`;
    byName.set(group, [...(byName.get(group) ?? []), row]);
  }
  return byName;
}

describe.skipIf(missing !== undefined)("instructions against the host's processor", () => {
  const regions: Region[] = makeRegions(seed);
  const totals = { rows: 0, cases: 0, mismatches: 0 };
  let guest: GuestMachine;

  beforeAll(() => {
    guest = createGuest(regions);
  }, 60_000);

  afterAll(() => {
    const untested = rows.filter((row) => row.untested);
    const reasons = new Map<string, string[]>();
    for (const row of untested) {
      reasons.set(row.untested!, [...(reasons.get(row.untested!) ?? []), `${row.name} ${row.encoding}`]);
    }
    console.log(
      [
        `CPU differential: ${totals.rows} rows, ${totals.cases} cases, ${totals.mismatches} mismatches, seed "${seed}"`,
        ...[...reasons].map(([reason, left]) => `  left out: ${left.join(", ")}: ${reason}`),
      ].join("\n"),
    );
  });

  test.each([...groups()])(
    "%s",
    (_name, group) => {
      const drawn = group.map((row) => {
        const r = new Random(`${seed} ${rowTitle(row)}`);
        return Array.from({ length: cases }, () => generateCase(row, r));
      });
      const host = runNative(regions, drawn.flat());
      expect(host.length).toBe(drawn.flat().length);
      const reports: string[] = [];
      group.forEach((row, n) => {
        let bad = 0;
        drawn[n].forEach((c, i) => {
          const differences = compare(row, c, host[n * cases + i], guest.run(c));
          if (differences.length > 0 && bad++ < SHOWN)
            reports.push(describeCase(rowTitle(row), i, seed, c, differences));
        });
        totals.rows++;
        totals.cases += cases;
        totals.mismatches += bad;
        if (bad > SHOWN) reports.push(`${rowTitle(row)}: ${bad} of ${cases} cases differ`);
      });
      expect(reports.join("\n\n")).toBe("");
    },
    300_000,
  );
});
