/** The memory that every case starts from. */
import {
  type Case,
  CODE,
  CODE_BYTES,
  DATA,
  DATA_BYTES,
  EXECUTE,
  INT3,
  READ,
  READ_ONLY,
  READ_ONLY_BYTES,
  type Region,
  WRITE,
} from "./cases.ts";
import { Random, vector } from "./random.ts";

/** The regions of cases.ts, with data drawn from `seed`. */
export function makeRegions(seed: string): Region[] {
  const r = new Random(`memory ${seed}`);
  const data = (bytes: number): Uint8Array => {
    const contents = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += 16) contents.set(vector(r), at);
    return contents;
  };
  return [
    { address: CODE, rights: READ | EXECUTE, contents: new Uint8Array(CODE_BYTES).fill(INT3) },
    { address: DATA, rights: READ | WRITE, contents: data(DATA_BYTES) },
    { address: READ_ONLY, rights: READ, contents: data(READ_ONLY_BYTES) },
  ];
}

/** Splits bytes at the borders of regions; bytes outside them are dropped (the access faults anyway). */
export function patchesAt(address: bigint, bytes: Uint8Array): Case["patches"] {
  const patches: Case["patches"] = [];
  for (const [start, length] of [
    [CODE, CODE_BYTES],
    [DATA, DATA_BYTES],
    [READ_ONLY, READ_ONLY_BYTES],
  ]) {
    const from = address > BigInt(start) ? address : BigInt(start);
    const end = address + BigInt(bytes.length);
    const to = end < BigInt(start + length) ? end : BigInt(start + length);
    if (from >= to) continue;
    patches.push({ address: Number(from), bytes: bytes.subarray(Number(from - address), Number(to - address)) });
  }
  return patches;
}
