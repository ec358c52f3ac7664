/** Runs programs in machines of their own, which share this thread's isolate. */
import type { HostWriter } from "../../src/fs/host-pipe.ts";
import type { HandlerTable } from "../../src/kernel/syscalls/row.ts";
import { Isolate } from "../../src/machine/isolate.ts";
import { Machine } from "../../src/machine/machine.ts";
import type { MachineLimits } from "../../src/machine/options.ts";
import type { CountingReader } from "../../src/machine/output.ts";
import { HostTree } from "../../tools/host-tree.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { NodeHost } from "../../tools/node-host.ts";
import type { Case, Outcome } from "./outcome.ts";

/** Enough for any program that is right; what a broken one prints without end stops here. */
const OUTPUT_MIB = 16;

export class Machines {
  readonly #isolate = new Isolate(loadInterpreter());
  readonly #tree = new HostTree();

  /** The files of `directory` are at `at` in every machine. */
  constructor(directory: string, at = "/") {
    if (at === "/") this.#tree.addRoot(directory);
    else this.#tree.add(directory, at);
  }

  /** Runs one program to its end. What it logs is lost. */
  async run(program: Case, limits: Partial<MachineLimits>, handlers?: HandlerTable): Promise<Outcome> {
    const started = performance.now();
    const machine = new Machine(this.#isolate, {
      image: this.#tree.manifest(),
      argv: [program.path, ...program.args],
      env: program.env,
      cwd: program.cwd,
      limits: { outputMiB: OUTPUT_MIB, ...limits },
      handlers,
    });
    const stdout = collect(machine.stdout);
    const stderr = collect(machine.stderr);
    feed(machine.stdin, program.stdin ?? new Uint8Array());
    const { exitCode, signal, reason } = await machine.run(new NodeHost(this.#tree, () => {}));
    const status =
      reason === undefined
        ? { exitCode, signal }
        : { ended: reason === "wall" || reason === "cpu" ? "time limit" : `limit: ${reason}` };
    return { stdout: stdout(), stderr: stderr(), ...status, ms: performance.now() - started };
  }
}

/** What a stream of the machine gave, when asked. */
function collect(reader: CountingReader): () => string {
  const parts: Uint8Array[] = [];
  const take = () => {
    if (reader.available > 0) parts.push(reader.pull());
  };
  reader.onData(take);
  return () => {
    take();
    return Buffer.concat(parts).toString("latin1");
  };
}

/** Gives `bytes` as fast as they are read, then the end of file. */
function feed(writer: HostWriter, bytes: Uint8Array): void {
  let offset = writer.push(bytes);
  if (offset === bytes.length) {
    writer.close();
    return;
  }
  writer.onSpace(() => {
    offset += writer.push(bytes.subarray(offset));
    if (offset < bytes.length && !writer.broken) return;
    writer.onSpace(null);
    writer.close();
  });
}
