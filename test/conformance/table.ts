/** `npm run conformance`: each row of rows.tsv, the programs that call it, and how many of them pass. */

import type { Guards } from "./guards.ts";
import { describeEnd, equal } from "./outcome.ts";
import { listed } from "./rows.ts";
import { calls, type SurveyedProgram } from "./survey.ts";

/** Prints the table and its summary; whether everything passed, and nothing is without a program. */
export function printTable(programs: readonly SurveyedProgram[], guards: Guards): boolean {
  const width = Math.max(...listed.map(({ name }) => name.length));
  const line = (name: string, ...columns: (string | number)[]) =>
    console.log([name.padEnd(width), ...columns.slice(0, 4).map((c) => String(c).padStart(9)), columns[4]].join("  "));
  line("row", "number", "programs", "natively", "here", "guarded by");
  let uncalled = 0;
  listed.forEach(({ name, numbers }, i) => {
    const callers = programs.filter((program) => calls(program, i));
    const passed = (how: "passedNatively" | "passedHere") => callers.filter((program) => program[how]).length;
    const by = Object.values(guards[name] ?? {});
    if (callers.length === 0) uncalled++;
    line(
      name,
      numbers.join(" "),
      callers.length,
      passed("passedNatively"),
      passed("passedHere"),
      [...new Set(by)].join(", "),
    );
  });
  console.log();
  const failures = programs.filter(({ passedHere }) => !passedHere);
  for (const { cases } of failures) {
    for (const { program, native, here } of cases) {
      if (!equal(native, here)) console.log(`${program.name}: ${describeEnd(here)}, natively ${describeEnd(native)}`);
    }
  }
  if (uncalled > 0) console.log(`${uncalled} rows that no program calls`);
  const natively = programs.filter(({ passedNatively }) => passedNatively).length;
  console.log(
    `conformance: ${listed.length} rows, ${programs.length} programs, ${natively} passed natively, ` +
      `${programs.length - failures.length} passed here`,
  );
  return failures.length === 0 && uncalled === 0;
}
