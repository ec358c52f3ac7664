/** Both ends of a copy that read, write and their kin make: user memory by segments, or bytes of the kernel. */
import { EFAULT, EINVAL, Errno } from "../abi/errno.ts";
import { IOV_MAX, MAX_RW_COUNT } from "../abi/fcntl.ts";
import { PAGE_MASK, PAGE_SIZE, TASK_SIZE_MAX } from "../memory/layout.ts";
import type { PhysicalMemory, Transfer, UserMemory } from "../memory/types.ts";

/** User memory: segments that are filled, or emptied, in order. */
export class UserTransfer implements Transfer {
  readonly #user: UserMemory;
  /** address, length, address, length … */
  readonly #segments: readonly number[];
  /** Whether it is written (the target of a read). */
  readonly #write: boolean;
  #segment = 0;
  /** Bytes of the current segment that are done. */
  #done = 0;
  /** Bytes from here on that are known to be accessible. */
  #prepared = 0;
  remaining: number;

  /** `segments` are addresses and lengths in turn; more than MAX_RW_COUNT bytes are cut off. */
  constructor(user: UserMemory, segments: readonly number[], write: boolean) {
    this.#user = user;
    this.#segments = segments;
    this.#write = write;
    let total = 0;
    for (let i = 1; i < segments.length; i += 2) total += segments[i];
    this.remaining = Math.min(total, MAX_RW_COUNT);
  }

  get segmentRemaining(): number {
    return this.remaining === 0 ? 0 : this.#run(this.remaining);
  }

  prepare(count: number): number {
    const wanted = Math.min(count, this.remaining);
    let segment = this.#segment;
    let done = this.#done;
    let good = 0;
    while (good < wanted) {
      const length = this.#segments[segment * 2 + 1];
      if (done >= length) {
        segment++;
        done = 0;
        continue;
      }
      const address = this.#segments[segment * 2] + done;
      const run = Math.min(wanted - good, length - done, PAGE_SIZE - (address & PAGE_MASK));
      try {
        this.#user.probe(address, run, this.#write);
      } catch (error) {
        if (good === 0 || !(error instanceof Errno)) throw error;
        this.remaining = good;
        break;
      }
      good += run;
      done += run;
    }
    this.#prepared = Math.max(this.#prepared, good);
    return good;
  }

  /** Skips `count` bytes, which an earlier run of the call has moved. */
  skip(count: number): void {
    while (count > 0) {
      const run = this.#run(count);
      this.#advance(run);
      count -= run;
    }
  }

  put(bytes: Uint8Array): number {
    const count = this.#ready(bytes.length);
    for (let done = 0; done < count; ) {
      const run = this.#run(count - done);
      this.#user.copyOut(this.#address, run === bytes.length ? bytes : bytes.subarray(done, done + run));
      this.#advance(run);
      done += run;
    }
    return count;
  }

  take(into: Uint8Array): number {
    const count = this.#ready(into.length);
    for (let done = 0; done < count; ) {
      const run = this.#run(count - done);
      this.#user.copyIn(this.#address, run === into.length ? into : into.subarray(done, done + run));
      this.#advance(run);
      done += run;
    }
    return count;
  }

  putHost(host: number, count: number): number {
    count = this.#ready(count);
    for (let done = 0; done < count; ) {
      const run = this.#run(count - done);
      this.#user.copyFromHost(this.#address, host + done, run);
      this.#advance(run);
      done += run;
    }
    return count;
  }

  takeHost(host: number, count: number): number {
    count = this.#ready(count);
    for (let done = 0; done < count; ) {
      const run = this.#run(count - done);
      this.#user.copyToHost(this.#address, host + done, run);
      this.#advance(run);
      done += run;
    }
    return count;
  }

  putZeroes(count: number): number {
    count = this.#ready(count);
    for (let done = 0; done < count; ) {
      const run = this.#run(count - done);
      this.#user.clear(this.#address, run);
      this.#advance(run);
      done += run;
    }
    return count;
  }

  get #address(): number {
    return this.#segments[this.#segment * 2] + this.#done;
  }

  #ready(count: number): number {
    count = Math.min(count, this.remaining);
    return count <= this.#prepared ? count : this.prepare(count);
  }

  /** Bytes of the current segment, at most `count`; steps over segments that are done. */
  #run(count: number): number {
    while (this.#done >= this.#segments[this.#segment * 2 + 1]) {
      this.#segment++;
      this.#done = 0;
    }
    return Math.min(count, this.#segments[this.#segment * 2 + 1] - this.#done);
  }

  #advance(count: number): void {
    this.#done += count;
    this.remaining -= count;
    this.#prepared -= Math.min(count, this.#prepared);
  }
}

/**
 * Whether the next `count` bytes can be moved: what is read from a counter or a queue is taken even where the address is bad,
 * and then lost. Throws NeedPage, before anything is taken.
 */
export function isAccessible(transfer: Transfer, count: number): boolean {
  try {
    return transfer.prepare(count) === count;
  } catch (error) {
    if (error instanceof Errno) return false;
    throw error;
  }
}

/** Segments of an iovec list (readv(2)). Throws EINVAL for too many or too long ones, EFAULT. */
export function readIovec(user: UserMemory, address: number, count: number): number[] {
  const segments = readForeignIovec(user, address, count);
  for (let i = 0; i < segments.length; i += 2) {
    // Also of those without a byte (access_ok).
    if (segments[i] + segments[i + 1] > TASK_SIZE_MAX) throw new Errno(EFAULT);
  }
  return segments;
}

/** The same of another process's memory, whose addresses are looked at when it is their turn (process_vm_readv(2)). */
export function readForeignIovec(user: UserMemory, address: number, count: number): number[] {
  if (count < 0 || count > IOV_MAX) throw new Errno(EINVAL);
  const segments: number[] = [];
  for (let i = 0; i < count; i++) {
    const base = user.u64(address + i * 16);
    const length = user.i64(address + i * 16 + 8);
    if (length < 0) throw new Errno(EINVAL);
    segments.push(base, length);
  }
  return segments;
}

/** Bytes of the kernel as target or source. */
export class BytesTransfer implements Transfer {
  readonly bytes: Uint8Array;
  readonly #memory: PhysicalMemory | null;
  /** Bytes that were put or taken. */
  position = 0;

  /** `memory` is needed for what moves between frames and the bytes. */
  constructor(bytes: Uint8Array, memory: PhysicalMemory | null = null) {
    this.bytes = bytes;
    this.#memory = memory;
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  get segmentRemaining(): number {
    return this.remaining;
  }

  prepare(count: number): number {
    return Math.min(count, this.remaining);
  }

  put(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.remaining);
    this.bytes.set(count === bytes.length ? bytes : bytes.subarray(0, count), this.position);
    this.position += count;
    return count;
  }

  take(into: Uint8Array): number {
    const count = Math.min(into.length, this.remaining);
    into.set(this.bytes.subarray(this.position, this.position + count));
    this.position += count;
    return count;
  }

  putHost(host: number, count: number): number {
    return this.put(this.#memory!.u8.subarray(host, host + count));
  }

  takeHost(host: number, count: number): number {
    return this.take(this.#memory!.u8.subarray(host, host + count));
  }

  putZeroes(count: number): number {
    count = Math.min(count, this.remaining);
    this.bytes.fill(0, this.position, this.position + count);
    this.position += count;
    return count;
  }
}
