/**
 * guards.json: for each row, the run of a program that fails when the row's handler is replaced, as the mutation run found it.
 * It is what the next run tries first, never what it relies on.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Verdict } from "./mutation.ts";
import { MUTATIONS, type Mutation, rows } from "./rows.ts";

const FILE = join(import.meta.dirname, "guards.json");

export type Guards = Record<string, Partial<Record<Mutation, string>>>;

export const readGuards = (): Guards => (existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : {});

/** `guards` with what a mutation run found. */
export function updated(guards: Guards, verdicts: readonly Verdict[]): Guards {
  const result = structuredClone(guards);
  for (const { row, mutation, guard } of verdicts) {
    const { name } = rows[row];
    const { [mutation]: _, ...others } = result[name] ?? {};
    result[name] = guard === null ? others : { ...others, [mutation]: guard };
  }
  return result;
}

/** In the order of the rows; what guards a row that is gone goes too. */
export function writeGuards(guards: Guards): void {
  const lines = rows.flatMap(({ name }) => {
    const entries = MUTATIONS.flatMap((mutation) => {
      const guard = guards[name]?.[mutation];
      return guard === undefined ? [] : `"${mutation}": ${JSON.stringify(guard)}`;
    });
    return entries.length === 0 ? [] : `  ${JSON.stringify(name)}: { ${entries.join(", ")} }`;
  });
  writeFileSync(FILE, `{\n${lines.join(",\n")}\n}\n`);
}
