/** `npm run conformance -- --dir DIR`: every static executable of a folder, judged by its exit status. */
import {
  accessSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inParallel } from "./guest.ts";
import { runNatively } from "./native.ts";
import { type Case, describeEnd, type Outcome } from "./outcome.ts";
import type { Pool } from "./pool.ts";

const EM_X86_64 = 62;
const ET_EXEC = 2;
const ET_DYN = 3;
const PT_INTERP = 3;

/** What a file is: one to run, an executable of another kind, or none. */
function kindOf(path: string): "static" | "dynamic" | "foreign" | "other" {
  const bytes = head(path);
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) return "other";
  const type = bytes.readUInt16LE(16);
  if (type !== ET_EXEC && type !== ET_DYN) return "other";
  if (bytes[4] !== 2 || bytes.readUInt16LE(18) !== EM_X86_64) return "foreign";
  const size = bytes.readUInt16LE(54);
  const count = bytes.readUInt16LE(56);
  const start = Number(bytes.readBigUInt64LE(32));
  for (let at = start; at < start + count * size && at + size <= bytes.length; at += size)
    if (bytes.readUInt32LE(at) === PT_INTERP) return "dynamic";
  return "static";
}

function head(path: string): Buffer {
  const fd = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(4096);
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The static executables of a folder, and what else is in it that one might have meant. Throws when there is no such folder. */
export function findPrograms(directory: string): { programs: string[]; skipped: string[] } {
  const programs: string[] = [];
  const skipped: string[] = [];
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name);
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
    const kind = kindOf(path);
    if (kind === "other") continue;
    if (kind === "dynamic") skipped.push(`${name}: dynamically linked`);
    else if (kind === "foreign") skipped.push(`${name}: not for x86-64`);
    else if (!isExecutable(path)) skipped.push(`${name}: not executable`);
    else programs.push(path);
  }
  return { programs, skipped };
}

const passed = ({ ended, exitCode }: Outcome): boolean => ended === undefined && exitCode === 0;

/** Runs the programs, prints a line for each; whether all passed here. The pool's machines have the folder at its own path. */
export async function runFolder(pool: Pool, paths: readonly string[], natively: boolean, ms: number): Promise<boolean> {
  const width = Math.max(...paths.map((path) => path.length - path.lastIndexOf("/")));
  const results = await inParallel(paths, pool.width, async (path) => {
    const program = { name: path, path, args: [], env: { PATH: "/bin:/usr/bin" }, cwd: "/tmp" };
    const [native, { outcome: here }] = await Promise.all([
      natively ? inTemporaryFolder(program, ms) : null,
      pool.run({ program, wallMs: ms, cpuMs: Number.POSITIVE_INFINITY }),
    ]);
    const beside = native === null ? "" : `natively ${describeEnd(native)}, ${native.ms.toFixed(0)} ms`;
    const name = path.slice(path.lastIndexOf("/") + 1).padEnd(width);
    const time = `${here.ms.toFixed(0)} ms`.padStart(9);
    console.log(
      `${passed(here) ? "pass" : "FAIL"}  ${name}  ${describeEnd(here).padEnd(14)} ${time}  ${beside}`.trimEnd(),
    );
    if (!passed(here)) for (const text of [here.stdout, here.stderr]) if (text !== "") console.log(indent(text));
    return { native, here };
  });
  const here = results.filter((result) => passed(result.here)).length;
  const native = results.filter((result) => result.native && passed(result.native)).length;
  console.log(
    `conformance: ${paths.length} programs, ${natively ? `${native} passed natively, ` : ""}${here} passed here`,
  );
  return here === paths.length;
}

async function inTemporaryFolder(program: Case, ms: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    return await runNatively("/", program, folder, ms);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The end of what a program printed. */
const indent = (text: string): string =>
  Buffer.from(text, "latin1").toString().trimEnd().split("\n").slice(-40).join("\n").replace(/^/gm, "      | ");
