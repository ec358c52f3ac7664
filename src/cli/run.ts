/** `binlet run`: a program in a workerd of its own. */
import { existsSync, statSync } from "node:fs";
import { posix } from "node:path";
import type { ExecExit, ExecRequest } from "../http/exec-protocol.ts";
import { CliError, Client } from "./client.ts";
import { exec } from "./exec.ts";
import { findProgram, type ProgramSource, withLibraries } from "./host-program.ts";
import { uploadImage } from "./image.ts";
import { pairs } from "./options.ts";
import { startServer } from "./server.ts";
import { terminalSize } from "./terminal.ts";

interface Options {
  root?: string;
  env: string[];
  cwd: string;
  memory?: string;
  egress: string[];
  namespace?: string;
  strace?: boolean;
  stats?: boolean;
}

/** Limits of a program that somebody types to, in milliseconds: the most that there are. */
const INTERACTIVE = { cpuMs: 300_000, wallMs: 3_600_000 };

/** Returns the program's exit status, 128+n for signal n. */
export async function run(file: string, args: string[], options: Options): Promise<number> {
  const { source, program } =
    options.root === undefined ? withLibraries(findProgram(file)) : fromRoot(options.root, file);
  const env = pairs(options.env, "--env");
  const server = await startServer();
  try {
    const client = new Client(server);
    const { digest } = await uploadImage(client, source, "run", { quiet: true, fresh: true, path: program });
    const tty = terminalSize(process);
    const memory = options.memory === undefined ? {} : { memoryMiB: Number(options.memory) };
    const request: ExecRequest = {
      image: digest,
      argv: [program, ...args],
      env: tty && process.env.TERM ? { TERM: process.env.TERM, ...env } : env,
      cwd: options.cwd,
      strace: options.strace === true,
      limits: tty ? { ...INTERACTIVE, ...memory } : memory,
      ...(options.egress.length > 0 && { egress: options.egress }),
      ...(options.namespace !== undefined && { namespace: options.namespace }),
      ...(tty && { tty }),
    };
    const exit = await exec(server.url, server.token, request, process);
    for (const line of exit.log) process.stderr.write(`binlet: ${line}\n`);
    if (options.stats) process.stderr.write(statistics(exit));
    return exit.exitCode ?? 128 + exit.signal!;
  } finally {
    await server.close();
  }
}

function fromRoot(root: string, file: string): ProgramSource {
  if (!existsSync(root)) throw new CliError(`there is no directory or archive ${root}.`);
  const program = posix.resolve("/", file);
  return { source: statSync(root).isDirectory() ? { directory: root } : { archive: root }, program };
}

function statistics({ stats }: ExecExit): string {
  const rows: [string, string][] = [
    ["instructions", stats.instructions.toLocaleString("en")],
    ["system calls", stats.systemCalls.toLocaleString("en")],
    ["page faults", stats.pageFaults.toLocaleString("en")],
    ["object reads", stats.objectReads.toLocaleString("en")],
    ["peak memory", `${(stats.peakFrames * 4).toLocaleString("en")} KiB`],
    ["guest CPU time", `${stats.cpuMs.toFixed(1)} ms`],
    ["time", `${stats.wallMs.toFixed(0)} ms`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(16)}${value.padStart(16)}\n`).join("");
}
