/**
 * Memory for what is in pipes. A pipe that is empty when its reader waits has none: there are many machines in an isolate that wait
 * for input. What was given back is handed out again as it is, so it is read only as far as it was written.
 */
import { PIPE_BUF } from "../abi/fcntl.ts";

/** Bytes that are kept for pipes to come, whatever machine they are of. */
const KEPT = 256 * 1024;
/** Larger rings are not kept. */
const LARGEST = 65536;

/** By size: PIPE_BUF, twice that, and so on up to LARGEST. */
const kept: Uint8Array<ArrayBuffer>[][] = [[], [], [], [], []];
let bytes = 0;

const order = (size: number): number => 31 - Math.clz32(size / PIPE_BUF);

/** `size`: a power of two, PIPE_BUF at least. */
export function takeRing(size: number): Uint8Array<ArrayBuffer> {
  const ring = size <= LARGEST ? kept[order(size)].pop() : undefined;
  if (ring === undefined) return new Uint8Array(size);
  bytes -= size;
  return ring;
}

/** The caller uses it no longer. */
export function giveRing(ring: Uint8Array<ArrayBuffer>): void {
  const size = ring.length;
  if (size === 0 || size > LARGEST || bytes + size > KEPT) return;
  kept[order(size)].push(ring);
  bytes += size;
}
