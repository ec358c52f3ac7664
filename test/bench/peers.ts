/** Who runs the kernels: the host's processor, qemu-user, and Binlet. Times are those of whole runs, in milliseconds. */
import { spawnSync } from "node:child_process";

export interface Run {
  stdout: string;
  milliseconds: number;
  /** Guest instructions, where the peer counts them. */
  instructions?: number;
}

export interface Peer {
  readonly name: string;
  run(program: string, args: readonly string[]): Promise<Run>;
}

export function processPeer(name: string, ...prefix: string[]): Peer {
  return {
    name,
    async run(program, args) {
      const [command, ...rest] = [...prefix, program, ...args];
      const start = performance.now();
      const { stdout, status, signal } = spawnSync(command, rest, { encoding: "utf8" });
      const milliseconds = performance.now() - start;
      if (status !== 0) throw new Error(`${name}: ${program} ended with ${signal ?? status}`);
      return { stdout, milliseconds };
    },
  };
}

/** Whether a program can be started. */
export function isInstalled(command: string): boolean {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
}
