/**
 * Runs sessions natively and in a machine inside this Node process, and prints how they differ. For development.
 *
 *   node test/debian/compare.ts [--strace] [--native] NAME…      NAME: part of a session's name, as in "bash/traps"
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Isolate } from "../../src/machine/isolate.ts";
import { Machine } from "../../src/machine/machine.ts";
import { HostTree } from "../../tools/host-tree.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { NodeHost } from "../../tools/node-host.ts";
import { type Outcome, runNatively } from "./native.ts";
import { setup } from "./root.ts";
import { type NamedSession, sessions } from "./sessions.ts";

const args = process.argv.slice(2);
const strace = args.includes("--strace");
const names = args.filter((name) => !name.startsWith("--"));
const root = setup();
const tree = new HostTree();
tree.addRoot(root);
const isolate = new Isolate(loadInterpreter());

async function here(session: NamedSession): Promise<Outcome & { stats: string }> {
  const machine = new Machine(isolate, {
    image: tree.manifest(),
    argv: [...session.argv],
    env: session.env,
    cwd: session.cwd,
    limits: { cpuMs: 100_000, wallMs: 60_000, memoryMiB: 64 },
    strace: strace ? (line) => process.stderr.write(`${line}\n`) : undefined,
  });
  const output = { stdout: "", stderr: "" };
  const drain = () => {
    for (const stream of ["stdout", "stderr"] as const) {
      if (machine[stream].available > 0) output[stream] += Buffer.from(machine[stream].pull()).toString("latin1");
    }
  };
  machine.stdout.onData(drain);
  machine.stderr.onData(drain);
  const input = Buffer.from(session.stdin);
  let sent = 0;
  const feed = () => {
    while (sent < input.length) {
      const length = machine.stdin.push(input.subarray(sent));
      if (length === 0) return;
      sent += length;
    }
    machine.stdin.close();
  };
  machine.stdin.onSpace(feed);
  feed();
  const exit = await machine.run(new NodeHost(tree));
  drain();
  if (exit.reason) console.log(`ended by the machine: ${exit.reason}`);
  const { cpuMs, peakFrames } = machine.stats as unknown as { cpuMs: number; peakFrames: number };
  return {
    ...output,
    status: exit.exitCode ?? 128 + exit.signal!,
    stats: `${cpuMs | 0} ms guest, ${peakFrames >> 8} MiB`,
  };
}

function difference(expected: string, actual: string): string {
  const folder = mkdtempSync(join(tmpdir(), "compare-"));
  writeFileSync(join(folder, "native"), expected);
  writeFileSync(join(folder, "here"), actual);
  const { stdout } = spawnSync("diff", ["-U2", "native", "here"], { cwd: folder, encoding: "utf8" });
  rmSync(folder, { recursive: true });
  return stdout.split("\n").slice(2).join("\n");
}

let differing = 0;
for (const session of sessions().filter(
  ({ name }) => names.length === 0 || names.some((part) => name.includes(part)),
)) {
  const start = performance.now();
  const native = await runNatively(root, session);
  const between = performance.now();
  if (args.includes("--native")) {
    console.log(`${native.stdout}--- standard error\n${native.stderr}--- status ${native.status}`);
    continue;
  }
  const { stats, ...mine } = await here(session);
  const times = `${(between - start) | 0} ms native, ${(performance.now() - between) | 0} ms here, ${stats}`;
  const equal = JSON.stringify(native) === JSON.stringify(mine);
  if (!equal) differing++;
  console.log(
    `${equal ? "equal " : "DIFFER"} ${session.name} (${times}, ${native.stdout.length} bytes, status ${native.status})`,
  );
  if (equal) continue;
  console.log(difference(native.stdout, mine.stdout) + difference(native.stderr, mine.stderr));
  if (native.status !== mine.status) console.log(`status: native ${native.status}, here ${mine.status}`);
}
console.log(`${differing} differ`);
process.exitCode = differing > 0 ? 1 : 0;
