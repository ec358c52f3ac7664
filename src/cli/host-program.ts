/** Programs of this machine, with what they need to start. */
import { accessSync, closeSync, constants, existsSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import type { ImageSource } from "./archive.ts";
import { CliError } from "./client.ts";
import { dependencies, isElf } from "./libraries.ts";

export interface ProgramSource {
  readonly source: ImageSource;
  /** The program's path in the image. */
  readonly program: string;
}

/**
 * A program as an image: itself, its script interpreters, and the ELF interpreter and libraries it is linked with, at the
 * paths they have here. A static executable is an image of its own.
 */
export function withLibraries(file: string): ProgramSource {
  const path = realpathSync(file);
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

/** As a shell finds a command: by path when there is a slash in it, else also in $PATH. */
export function findProgram(file: string): string {
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

/** Whether a file begins with "#!" and a program. */
export const isScript = (path: string): boolean => scriptInterpreter(path) !== null;

/** The program in a script's first line (execve(2)), null where there is none. */
function scriptInterpreter(path: string): string | null {
  const start = Buffer.alloc(256);
  const script = openSync(path, "r");
  const length = readSync(script, start, 0, start.length, 0);
  closeSync(script);
  return /^#![ \t]*([^\s]+)/.exec(start.toString("latin1", 0, length))?.[1] ?? null;
}
