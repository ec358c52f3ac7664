/** The sessions: the files of sessions/, by folder, and what runs each. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "./native.ts";

const FOLDER = join(import.meta.dirname, "sessions");

/** Each folder's command; the session's file is its argument. */
const COMMANDS: Record<string, string[]> = {
  bash: ["/bin/bash"],
  dash: ["/bin/dash"],
  coreutils: ["/bin/bash"],
  build: ["/bin/bash"],
  python: ["/usr/bin/python3"],
  perl: ["/usr/bin/perl"],
  procps: ["/bin/bash"],
  servers: ["/bin/bash"],
  git: ["/bin/bash"],
  sqlite: ["/bin/bash"],
  files: ["/bin/bash"],
};

/** The commands that the scripts of the folder terminal type to (terminal.c). */
const TERMINALS: Record<string, string[]> = {
  bash_jobs: ["/bin/bash", "--norc", "--noprofile", "-i"],
  bash_line: ["/bin/bash", "--norc", "--noprofile", "-i"],
  dash: ["/bin/dash", "-i"],
  hangup: ["/bin/bash", "--norc", "--noprofile", "-i"],
  python: ["/usr/bin/python3", "-q"],
};

const ENVIRONMENT = { PATH: "/usr/bin:/usr/sbin", HOME: "/tmp", LC_ALL: "C.UTF-8", PYTHONDONTWRITEBYTECODE: "1" };

export interface NamedSession extends Session {
  readonly name: string;
}

const TEXT = "the quick brown fox\njumps over 007 lazy dogs\nthe end of the line\n\nlast words 42\n";

export function sessions(): NamedSession[] {
  const scripts = Object.entries(COMMANDS).flatMap(([folder, command]) => {
    if (!existsSync(join(FOLDER, folder))) return [];
    return readdirSync(join(FOLDER, folder))
      .sort()
      .filter((file) => /\.(sh|py|pl)$/.test(file))
      .map((file) => ({
        name: `${folder}/${file.replace(/\.\w+$/, "")}`,
        argv: [...command, `/sessions/${folder}/${file}`],
        env: ENVIRONMENT,
        cwd: "/tmp",
        stdin: TEXT,
      }));
  });
  const terminals = Object.entries(TERMINALS).map(([name, command]) => ({
    name: `terminal/${name}`,
    argv: ["/sessions/play", `/sessions/terminal/${name}.pty`, ...command],
    env: { ...ENVIRONMENT, PS1: "ready$ ", PS2: "> ", TERM: "dumb" },
    cwd: "/tmp",
    stdin: "",
  }));
  return [...scripts, ...terminals];
}
