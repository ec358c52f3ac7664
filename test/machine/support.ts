/** Machines for tests: programs compiled with gcc, run with a host on Node. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Host, ObjectStore } from "../../src/kernel/host.ts";
import type { Isolate } from "../../src/machine/isolate.ts";
import { Machine } from "../../src/machine/machine.ts";
import type { ExitStatus, MachineOptions } from "../../src/machine/options.ts";
import { HostTree } from "../../tools/host-tree.ts";
import { NodeHost } from "../../tools/node-host.ts";

const BUILD = join(import.meta.dirname, "../../build/test/machine");

export const hasCompiler = spawnSync("gcc", ["--version"]).status === 0;

/** A static executable of a C program; compiled once for each source. */
export function compile(source: string): string {
  mkdirSync(BUILD, { recursive: true });
  const name = join(BUILD, createHash("sha256").update(source).digest("hex").slice(0, 16));
  if (!existsSync(name)) {
    writeFileSync(`${name}.c`, source);
    execFileSync("gcc", ["-O1", "-static", "-w", "-pthread", "-include", "unistd.h", "-o", name, `${name}.c`]);
  }
  return name;
}

export interface Finished {
  readonly status: ExitStatus;
  readonly stdout: string;
  readonly stderr: string;
  readonly log: string[];
}

export interface Started {
  readonly machine: Machine;
  readonly finished: Promise<Finished>;
}

export interface StartOptions {
  /** Standard input, which ends after it unless `keepOpen` is set. */
  readonly input?: string;
  readonly keepOpen?: boolean;
  readonly host?: (objects: ObjectStore) => Host;
}

/** Starts `program` with `args`. */
export function start(
  isolate: Isolate,
  program: string,
  args: readonly string[] = [],
  options: Partial<MachineOptions> & StartOptions = {},
): Started {
  const tree = new HostTree();
  tree.add(program, "/program");
  const log: string[] = [];
  const machine = new Machine(isolate, { image: tree.manifest(), argv: ["/program", ...args], ...options });
  const outputs = [machine.stdout, machine.stderr].map((reader) => {
    const parts: Uint8Array[] = [];
    const take = () => {
      if (reader.available > 0) parts.push(reader.pull());
    };
    reader.onData(take);
    return () => {
      take();
      return Buffer.concat(parts).toString();
    };
  });
  machine.stdin.push(new TextEncoder().encode(options.input ?? ""));
  if (!options.keepOpen) machine.stdin.close();
  const host = options.host?.(tree) ?? new NodeHost(tree, (line) => log.push(line));
  const finished = machine.run(host).then((status) => ({
    status,
    stdout: outputs[0](),
    stderr: outputs[1](),
    log,
  }));
  return { machine, finished };
}
