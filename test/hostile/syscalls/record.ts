/** The last system calls, in a file, so that they are known when the process has been killed in one. */
import { openSync, readFileSync, writeSync } from "node:fs";
import { syscallName } from "../../../src/kernel/syscalls/names.ts";
import { table } from "../../../src/kernel/syscalls/table.ts";

/** Calls that are kept. */
const CALLS = 32;
/** Numbers of each: how many there were before, the thread, the call, its arguments. */
const FIELDS = 9;

export class CallRecord {
  readonly #file: number;
  readonly #entry = new Float64Array(FIELDS);
  #count = 0;

  constructor(name: string) {
    this.#file = openSync(name, "w");
  }

  add(tid: number, call: number, a: number, b: number, c: number, d: number, e: number, f: number): void {
    const entry = this.#entry;
    entry[0] = this.#count++;
    entry[1] = tid;
    entry[2] = call;
    entry[3] = a;
    entry[4] = b;
    entry[5] = c;
    entry[6] = d;
    entry[7] = e;
    entry[8] = f;
    writeSync(this.#file, entry, 0, entry.byteLength, (entry[0] % CALLS) * entry.byteLength);
  }
}

/** The last calls of a record, the oldest first, a line each. */
export function readRecord(name: string): string[] {
  const bytes = readFileSync(name);
  const numbers = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const entries = Array.from({ length: numbers.length / FIELDS }, (_, i) => [
    ...numbers.subarray(i * FIELDS, (i + 1) * FIELDS),
  ]);
  return entries
    .sort(([a], [b]) => a - b)
    .map(([, tid, call, ...args]) => {
      const shown = args.slice(0, table[call]?.args.length ?? 6);
      const numbers = shown.map((n) => (n < 0 ? String(n) : `0x${n.toString(16)}`));
      return `[pid ${tid}] ${syscallName(call)}(${numbers.join(", ")})`;
    });
}
