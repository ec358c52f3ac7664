/**
 * How Linux programs fare in Binlet, beside this machine's own kernel.
 *
 *   npm run conformance                              the rows of test/conformance/rows.tsv and the programs that call them
 *   npm run conformance -- --mutate [ROW…]           which rows no program guards
 *   npm run conformance -- --dir DIR [--native]      every static executable of DIR, judged by its exit status
 *
 * --timeout SECONDS is the limit of one program in DIR (default: 60). The exit status is 1 when something fails here, 2 when
 * the question makes no sense.
 */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { findPrograms, runFolder } from "../test/conformance/folder.ts";
import { readGuards, updated, writeGuards } from "../test/conformance/guards.ts";
import { guestPrograms } from "../test/conformance/guest.ts";
import { MutationRun } from "../test/conformance/mutation.ts";
import { Pool } from "../test/conformance/pool.ts";
import { printTable, printVerdicts } from "../test/conformance/report.ts";
import { rows } from "../test/conformance/rows.ts";
import { survey } from "../test/conformance/survey.ts";
import { buildRoot, hasCommand } from "../test/guest/programs.ts";
import { build, requireNode } from "./prepare.ts";

const USAGE = "usage: npm run conformance -- [--mutate [ROW…] | --dir DIR [--native] [--timeout SECONDS]]";

/** Ends with a message about the arguments. */
function refuse(message: string): never {
  console.error(`conformance: ${message}\n${USAGE}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        dir: { type: "string" },
        native: { type: "boolean", default: false },
        timeout: { type: "string", default: "60" },
        mutate: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    return refuse((error as Error).message);
  }
}

async function folder(directory: string, natively: boolean, timeout: string): Promise<boolean> {
  const seconds = Number(timeout);
  if (!(seconds > 0)) refuse(`--timeout ${timeout}: seconds are wanted, more than 0`);
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) refuse(`${directory}: no such directory`);
  const { programs, skipped } = findPrograms(directory);
  for (const line of skipped) console.log(`skip  ${line}`);
  if (programs.length === 0) refuse(`${directory}: no static x86-64 executables in it`);
  const pool = new Pool(directory, directory);
  try {
    return await runFolder(pool, programs, natively, seconds * 1000);
  } finally {
    await pool.close();
  }
}

async function guests(mutate: boolean, names: readonly string[]): Promise<boolean> {
  const unknown = names.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) refuse(`no such row: ${unknown.join(", ")}`);
  if (!(await hasCommand("gcc")) || !(await hasCommand("g++"))) refuse("gcc and g++ are needed for the guest programs");
  const root = await buildRoot("glibc", "root-conformance");
  const pool = new Pool(root);
  try {
    const programs = await survey(pool, root, guestPrograms("glibc"));
    const guards = readGuards();
    if (!mutate) return printTable(programs, guards);
    const wanted = [...rows.keys()].filter((i) => names.length === 0 || names.includes(rows[i].name));
    const verdicts = await new MutationRun(pool, programs, guards).run(wanted);
    writeGuards(updated(guards, verdicts));
    return printVerdicts(programs, verdicts);
  } finally {
    await pool.close();
  }
}

requireNode();
const { values, positionals } = readArguments();
if (values.help) {
  console.log(USAGE);
} else {
  if (!values.mutate && positionals.length > 0) refuse(`${positionals[0]}: only --mutate takes the names of rows`);
  if (values.dir !== undefined && values.mutate) refuse("--dir and --mutate exclude each other");
  if (values.dir === undefined && values.native) refuse("--native goes with --dir");
  build();
  const good =
    values.dir === undefined
      ? await guests(values.mutate, positionals)
      : await folder(resolve(values.dir), values.native, values.timeout);
  process.exitCode = good ? 0 : 1;
}
