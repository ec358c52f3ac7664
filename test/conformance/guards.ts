/**
 * guards.json: for each row, the run of a program that fails when the row's handler is replaced, as the mutation run found it.
 * It is what the next run tries first, never what it relies on.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mutation } from "./rows.ts";

const FILE = join(import.meta.dirname, "guards.json");

export type Guards = Record<string, Partial<Record<Mutation, string>>>;

export const readGuards = (): Guards => (existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : {});

/** `order`: the names of the rows. */
export function writeGuards(guards: Guards, order: readonly string[]): void {
  const lines = order.flatMap((name) => (guards[name] ? `  ${JSON.stringify(name)}: ${spaced(guards[name])}` : []));
  writeFileSync(FILE, `{\n${lines.join(",\n")}\n}\n`);
}

const spaced = (value: object): string =>
  `{ ${Object.entries(value)
    .map(([key, text]) => `${JSON.stringify(key)}: ${JSON.stringify(text)}`)
    .join(", ")} }`;
