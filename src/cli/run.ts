/** `binlet run`: a program in a workerd of its own. */
import { accessSync, constants, existsSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { delimiter, join, posix, resolve } from "node:path";
import type { ExecExit, ExecRequest } from "../http/exec-protocol.ts";
import type { ImageSource } from "./archive.ts";
import { CliError, Client } from "./client.ts";
import { exec } from "./exec.ts";
import { uploadImage } from "./image.ts";
import { dependencies, isElf } from "./libraries.ts";
import { pairs } from "./options.ts";
import { startServer } from "./server.ts";

interface Options {
  root?: string;
  env: string[];
  cwd: string;
  memory?: string;
  strace?: boolean;
  stats?: boolean;
}

/** Returns the program's exit status, 128+n for signal n. */
export async function run(file: string, args: string[], options: Options): Promise<number> {
  const { source, program } = options.root === undefined ? fromHost(file) : fromRoot(options.root, file);
  const env = pairs(options.env, "--env");
  const server = await startServer();
  try {
    const client = new Client(server);
    const { digest } = await uploadImage(client, source, "run", { quiet: true, fresh: true, path: program });
    const request: ExecRequest = {
      image: digest,
      argv: [program, ...args],
      env,
      cwd: options.cwd,
      strace: options.strace === true,
      ...(options.memory !== undefined && { limits: { memoryMiB: Number(options.memory) } }),
    };
    const exit = await exec(server.url, server.token, request, process);
    for (const line of exit.log) process.stderr.write(`binlet: ${line}\n`);
    if (options.stats) process.stderr.write(statistics(exit));
    return exit.exitCode ?? 128 + exit.signal!;
  } finally {
    await server.close();
  }
}

/** An executable of this machine with what it needs to start, at the same paths. */
function fromHost(file: string): { source: ImageSource; program: string } {
  const path = realpathSync(find(file));
  const files = new Set<string>([path]);
  for (let program = path; ; ) {
    if (isElf(program)) {
      for (const library of dependencies(program)) files.add(library);
      break;
    }
    const interpreter = scriptInterpreter(program);
    if (interpreter === null) throw new CliError(`${program} is neither an ELF executable nor a script.`);
    if (files.has(interpreter) || !existsSync(interpreter)) break;
    files.add(interpreter);
    program = interpreter;
  }
  const single = files.size === 1 && isElf(path);
  return { source: single ? { archive: path } : { files: [...files] }, program: path };
}

function fromRoot(root: string, file: string): { source: ImageSource; program: string } {
  if (!existsSync(root)) throw new CliError(`there is no directory or archive ${root}.`);
  const program = posix.resolve("/", file);
  return { source: statSync(root).isDirectory() ? { directory: root } : { archive: root }, program };
}

/** As a shell finds a command: by path when there is a slash in it, else also in $PATH. */
function find(file: string): string {
  if (existsSync(file) && statSync(file).isFile()) return resolve(file);
  if (!file.includes("/")) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      const candidate = join(folder, file);
      try {
        accessSync(candidate, constants.X_OK);
        if (statSync(candidate).isFile()) return candidate;
      } catch {}
    }
  }
  throw new CliError(`there is no file ${file}.`);
}

/** The program in a script's first line (execve(2)), null where there is none. */
function scriptInterpreter(path: string): string | null {
  const start = Buffer.alloc(256);
  const length = readSync(openSync(path, "r"), start, 0, start.length, 0);
  return /^#![ \t]*([^\s]+)/.exec(start.toString("latin1", 0, length))?.[1] ?? null;
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
