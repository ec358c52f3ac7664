/**
 * Runs a Linux program in a machine inside this Node process, for development: no workerd, no R2.
 *
 *   node tools/run.ts [--root DIR] [--env NAME=VALUE] [--cwd DIR] [--user UID[:GID]] [--egress HOST:PORT] [--strace] [--stats] FILE [ARGS…]
 *
 * Without --root the file system holds FILE alone, at its path, and what --add PATH names.
 */
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { HostWriter } from "../src/fs/host-pipe.ts";
import { Isolate } from "../src/machine/isolate.ts";
import { Machine } from "../src/machine/machine.ts";
import type { CountingReader } from "../src/machine/output.ts";
import { HostTree } from "./host-tree.ts";
import { loadInterpreter } from "./interpreter.ts";
import { NodeHost } from "./node-host.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    root: { type: "string" },
    add: { type: "string", multiple: true },
    env: { type: "string", multiple: true },
    cwd: { type: "string" },
    user: { type: "string" },
    egress: { type: "string", multiple: true },
    strace: { type: "boolean" },
    stats: { type: "boolean" },
  },
  // What follows FILE is the program's own.
  args: splitArguments(process.argv.slice(2)),
});

/** Puts "--" before FILE. */
function splitArguments(args: string[]): string[] {
  const takesValue = new Set(["--root", "--add", "--env", "--cwd", "--user", "--egress"]);
  let at = 0;
  while (at < args.length && args[at].startsWith("--") && args[at] !== "--") at += takesValue.has(args[at]) ? 2 : 1;
  return args[at] === "--" ? args : [...args.slice(0, at), "--", ...args.slice(at)];
}

const [file, ...args] = positionals;
if (file === undefined) {
  console.error("usage: node tools/run.ts [--root DIR] [--strace] [--stats] FILE [ARGS…]");
  process.exit(2);
}

const tree = new HostTree();
const path = options.root === undefined ? resolve(file) : file;
if (options.root !== undefined) tree.addRoot(resolve(options.root));
else for (const name of [path, ...(options.add ?? []).map((name) => resolve(name))]) tree.add(name, name);

const isolate = new Isolate(loadInterpreter());
const machine = new Machine(isolate, {
  image: tree.manifest(),
  argv: [path, ...args],
  env: Object.fromEntries((options.env ?? []).map((entry) => entry.split(/=(.*)/s, 2) as [string, string])),
  cwd: options.cwd ?? (options.root === undefined ? dirname(path) : "/"),
  user: options.user,
  egress: options.egress,
  strace: options.strace ? (line) => process.stderr.write(`${line}\n`) : undefined,
});
feed(machine.stdin);
drain(machine.stdout, process.stdout);
drain(machine.stderr, process.stderr);
process.once("SIGINT", () => machine.signal(2));

const status = await machine.run(new NodeHost(tree));
flush(machine.stdout, process.stdout);
flush(machine.stderr, process.stderr);
if (options.stats) console.error(machine.stats);
if (status.reason !== undefined) console.error(`run: ended by the machine: ${status.reason}`);
process.exitCode = status.exitCode ?? 128 + status.signal!;
process.stdin.destroy();

/** Standard input, as fast as the program reads it. */
function feed(writer: HostWriter): void {
  process.stdin.on("data", (chunk: Buffer) => {
    let offset = writer.push(chunk);
    if (offset === chunk.length) return;
    process.stdin.pause();
    writer.onSpace(() => {
      offset += writer.push(chunk.subarray(offset));
      if (offset < chunk.length && !writer.broken) return;
      writer.onSpace(null);
      process.stdin.resume();
    });
  });
  process.stdin.on("end", () => writer.close());
}

function drain(reader: CountingReader, stream: NodeJS.WriteStream): void {
  reader.onData(() => flush(reader, stream));
}

function flush(reader: CountingReader, stream: NodeJS.WriteStream): void {
  if (reader.available > 0) stream.write(reader.pull());
}
