/** What `npm run conformance` prints about the rows and the guest programs. */

import { handlers } from "../../src/kernel/dispatch.ts";
import type { Guards } from "./guards.ts";
import { EQUIVALENT, type Verdict } from "./mutation.ts";
import { describeEnd, equal } from "./outcome.ts";
import { listed, rows } from "./rows.ts";
import { calls, type SurveyedProgram } from "./survey.ts";

/** The programs that fail, and how: the first line that differs. */
function printFailures(programs: readonly SurveyedProgram[]): void {
  for (const { cases } of programs) {
    for (const { program, native, here } of cases) {
      if (equal(native, here)) continue;
      console.log(`FAIL  ${program.name}: ${describeEnd(here)}, natively ${describeEnd(native)}`);
      const lines = [here, native].map(({ stdout, stderr }) => (stdout + stderr).split("\n"));
      const at = lines[0].findIndex((line, i) => line !== lines[1][i]);
      if (at !== -1) console.log(`      | ${lines[0][at]}\n      | natively: ${lines[1][at] ?? "nothing"}`);
    }
  }
}

/** Prints the table and its summary. True when everything passed and every row has a program. */
export function printTable(programs: readonly SurveyedProgram[], guards: Guards): boolean {
  const width = Math.max(...listed.map(({ name }) => name.length));
  const line = (name: string, columns: (string | number)[], last: string) =>
    console.log([name.padEnd(width), ...columns.map((c) => String(c).padStart(8)), last].join("  ").trimEnd());
  line("row", ["number", "programs", "natively", "here"], "guarded by");
  let without = 0;
  listed.forEach(({ name, numbers }, i) => {
    const callers = programs.filter((program) => calls(program, i));
    const natively = callers.filter(({ passedNatively }) => passedNatively).length;
    const here = callers.filter(({ passedHere }) => passedHere).length;
    if (callers.length === 0) without++;
    const by = new Set(Object.values(guards[name] ?? {}));
    line(name, [numbers.join(" "), callers.length, natively, here], [...by].join(", "));
  });
  console.log();
  printFailures(programs);
  if (without > 0) console.log(`${without} rows have no program`);
  const natively = programs.filter(({ passedNatively }) => passedNatively).length;
  const here = programs.filter(({ passedHere }) => passedHere).length;
  console.log(
    `conformance: ${listed.length} rows, ${programs.length} programs, ${natively} passed natively, ${here} passed here`,
  );
  return here === programs.length && without === 0;
}

/** Prints the rows that no program guards, and a summary. True when there are none. */
export function printVerdicts(programs: readonly SurveyedProgram[], verdicts: readonly Verdict[]): boolean {
  printFailures(programs);
  for (const [name, equivalent] of Object.entries(EQUIVALENT)) {
    for (const [mutation, reason] of Object.entries(equivalent))
      console.log(`exempt      ${name} (${mutation}): ${reason}`);
  }
  const open = verdicts.filter(({ guard }) => guard === null);
  const openRows = new Set(open.map(({ row }) => row));
  for (const row of openRows) {
    const mine = open.filter((verdict) => verdict.row === row);
    const why = handlers[rows[row].numbers[0]] ? `programs that call it: ${mine[0].survived}` : "the kernel lacks it";
    console.log(`unguarded   ${rows[row].name} (${mine.map(({ mutation }) => mutation).join(", ")}): ${why}`);
  }
  const guarded = verdicts.length - open.length;
  console.log(
    `mutation: ${new Set(verdicts.map(({ row }) => row)).size} rows, ${verdicts.length} mutants, ${guarded} guarded, ` +
      `${openRows.size} rows unguarded`,
  );
  return open.length === 0;
}
