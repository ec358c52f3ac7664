/**
 * What a machine's files cost beyond frames: names, inodes and pipes are JavaScript objects of an isolate with 128 MB for
 * everything, so a guest that makes them without end is stopped here as a full file system or table would stop it.
 */
import { ENFILE, ENOSPC, Errno } from "../abi/errno.ts";
import type { FsEnvironment } from "./types.ts";

/** Estimate of what a name and its inode take up, a link's target apart. */
const NAME_COST = 768;
/** Most bytes of names and inodes: 32 768 files. */
const METADATA_LIMIT = 24 << 20;
/** Pipes beyond the first limit are small, beyond the second there are none (pipe(7), pipe-user-pages-soft and -hard). */
const PIPE_SOFT_LIMIT = 8 << 20;
const PIPE_HARD_LIMIT = 16 << 20;

export class FsUsage {
  #metadata = 0;
  /** Capacity of all pipes that are open, in bytes. */
  pipes = 0;

  /** Names that fit beside those there are, for statfs(2). */
  get namesFree(): number {
    return Math.floor((METADATA_LIMIT - this.#metadata) / NAME_COST);
  }

  /** A name is made; its symbolic link's target has `extra` bytes. Throws ENOSPC. */
  addName(extra: number): void {
    if (this.#metadata + NAME_COST + extra > METADATA_LIMIT) throw new Errno(ENOSPC);
    this.#metadata += NAME_COST + extra;
  }

  removeName(extra: number): void {
    this.#metadata -= NAME_COST + extra;
  }

  /** Capacity of a new pipe that would like to have `wanted` bytes. Throws ENFILE. */
  pipeCapacity(wanted: number, least: number): number {
    if (this.pipes + least > PIPE_HARD_LIMIT) throw new Errno(ENFILE);
    return this.pipes + wanted > PIPE_SOFT_LIMIT ? least : wanted;
  }

  /** A pipe may grow by `bytes`. */
  allowsPipe(bytes: number): boolean {
    return this.pipes + bytes <= PIPE_SOFT_LIMIT;
  }
}

/** The one of a machine. */
export function usageOf(environment: FsEnvironment): FsUsage {
  environment.usage ??= new FsUsage();
  return environment.usage;
}
