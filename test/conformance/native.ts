/** Runs a program on this machine's processor and kernel. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import type { Case, Outcome } from "./outcome.ts";

/**
 * Gives the program what the first process of a machine has, whoever started this one: no descriptors beyond the three, a
 * umask of 022, and the limits of src/kernel/limits.ts, as far as those of this process allow it.
 */
const LAUNCH = `for fd in /proc/self/fd/*; do [ \${fd##*/} -le 2 ] || eval "exec \${fd##*/}>&-"; done
umask 022
{ ulimit -Ss 8192; ulimit -Sc 0; ulimit -n 4096; ulimit -Sn 1024; ulimit -l 8192; ulimit -i 4096; } 2>/dev/null
exec env -i "$@"`;

/** `root` is put before the program's path, `cwd` is the working directory here. `ms`: its time limit. */
export function runNatively(root: string, { path, args, env, stdin }: Case, cwd: string, ms: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const started = performance.now();
    // A leader of a session of its own, as the first process of a machine is. No file of a user's runs first:
    // neither that of BASH_ENV nor .bashrc, which bash reads when its standard input is a socket.
    const assignments = Object.entries(env).map((pair) => pair.join("="));
    const command = ["--norc", "-c", LAUNCH, "bash", ...assignments, join(root, path), ...args];
    const child = spawn("bash", command, { cwd, env: { PATH: process.env.PATH }, stdio: "pipe", detached: true });
    const parts: [Buffer[], Buffer[]] = [[], []];
    let ended: string | undefined;
    const endGroup = () => {
      try {
        process.kill(-child.pid!, "SIGKILL");
      } catch {
        // Nobody is left.
      }
    };
    const timer = setTimeout(() => {
      ended = "time limit";
      endGroup();
    }, ms);
    child.stdout.on("data", (data) => parts[0].push(data));
    child.stderr.on("data", (data) => parts[1].push(data));
    const finish = (status: Pick<Outcome, "exitCode" | "signal" | "ended">) => {
      clearTimeout(timer);
      const [stdout, stderr] = parts.map((part) => Buffer.concat(part).toString("latin1"));
      resolve({ stdout, stderr, ...status, ms: performance.now() - started });
    };
    child.on("error", (error) => finish({ ended: error.message }));
    // A machine ends with its command.
    child.on("exit", endGroup);
    child.on("close", (code, name) => {
      if (ended !== undefined) finish({ ended });
      else finish(name === null ? { exitCode: code! } : { signal: constants.signals[name] });
    });
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
  });
}
