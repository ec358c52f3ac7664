/**
 * A machine that runs in the start-up of an isolate, so that the first request finds the decoder, the kernel and the loader compiled,
 * their inline caches filled, and the tables built that are made when they are first used: some 40 ms of a first request's time.
 * There is no I/O, no clock and no randomness in a Worker's start-up, and the machine asks for none: all that it reads is in memory.
 */
import { S_IFDIR, S_IFREG } from "../abi/stat.ts";
import { CHUNK_SIZE, MANIFEST_VERSION, type Manifest } from "../image/format.ts";
import type { Host } from "../kernel/host.ts";
import type { Isolate } from "./isolate.ts";
import { Machine } from "./machine.ts";
import type { ExitStatus } from "./options.ts";
import { rehearsalProgram } from "./rehearsal-program.ts";

/** Names the chunk in the cache, where no digest is the same. It is clean: memory pressure takes its frames. */
const CHUNK = "rehearsal";

const HOST: Host = {
  now: () => 0,
  random: (into) => void into.fill(0), // Nobody sees what this machine does.
  log: () => {},
  objects: { get: async () => null },
  yield: () => Promise.resolve(),
  sleep: (_ms, wake) => wake,
};

/** Rejects only for faults of ours. */
export async function rehearse(isolate: Isolate): Promise<ExitStatus & { output: string }> {
  const program = rehearsalProgram();
  isolate.images.insert(CHUNK, program);
  const image: Manifest = {
    version: MANIFEST_VERSION,
    config: {},
    chunkSize: CHUNK_SIZE,
    chunks: [CHUNK],
    inodes: [
      { mode: S_IFDIR | 0o755, entries: ["program", 1] },
      { mode: S_IFREG | 0o755, size: program.length, chunks: [0] },
    ],
  };
  const machine = new Machine(isolate, { image, argv: ["/program"], env: { PATH: "/bin" }, limits: { memoryMiB: 4 } });
  let output = "";
  machine.stdout.onData(() => (output += new TextDecoder().decode(machine.stdout.pull())));
  machine.stderr.onData(() => void machine.stderr.pull());
  machine.stdin.close();
  const status = await machine.run(HOST);
  return { ...status, output };
}
