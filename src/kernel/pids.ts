/**
 * Process ids and their namespaces (pid_namespaces(7), kernel/pid.c). A process, thread, group or session is known inside the
 * kernel by its number in the machine's outermost namespace, which is plain data and may name one of another machine. A
 * nested namespace gives a second number to those in it; lookup.ts translates where a number comes from or goes to a program.
 */
import { EAGAIN, EEXIST, EINVAL, ENOMEM, ENOSPC, Errno } from "../abi/errno.ts";
import type { WaitQueue } from "../wait/queue.ts";
import type { Namespace } from "./namespaces.ts";
import type { Process } from "./task.ts";

/** Where the numbers of one namespace come from. A namespace of machines leases blocks of them (DESIGN.md). */
export interface PidAllocator {
  /** Ids are below it (/proc/sys/kernel/pid_max), and the one given out last. */
  readonly limit: number;
  readonly last: number;
  /** The next id is the first free one above `pid` (/proc/sys/kernel/ns_last_pid). Not there where machines share the ids. */
  continueAfter?(pid: number): void;
  /** To be waited on before `allocate` while the next id is on its way; null when it can be called now. */
  readonly awaited: WaitQueue | null;
  /** An unused id, or 0 when there is none (EAGAIN). The number serves as pid, tid, and perhaps pgid and sid. */
  allocate(): number;
  /** Takes this very id; false when it is in use. */
  claim(pid: number): boolean;
  /** The id may be given again: no process, thread, group or session has it. */
  free(pid: number): void;
}

/** Ids below `limit`, each used again only after all others (kernel.pid_max). */
export class LocalPids implements PidAllocator {
  readonly limit: number;
  readonly awaited = null;
  readonly #used = new Set<number>();
  #last: number;

  /** `reserved`: the ids up to it are never given out (1 in the outermost namespace, where the kernel is the reaper). */
  constructor(reserved = 1, limit = 32768) {
    this.limit = limit;
    this.#last = reserved;
    for (let pid = 1; pid <= reserved; pid++) this.#used.add(pid);
  }

  get last(): number {
    return this.#last;
  }

  allocate(): number {
    if (this.#used.size >= this.limit - 1) return 0;
    do this.#last = this.#last + 1 >= this.limit ? 2 : this.#last + 1;
    while (this.#used.has(this.#last));
    this.#used.add(this.#last);
    return this.#last;
  }

  continueAfter(pid: number): void {
    this.#last = pid;
  }

  claim(pid: number): boolean {
    if (this.#used.has(pid)) return false;
    this.#used.add(pid);
    return true;
  }

  free(pid: number): void {
    this.#used.delete(pid);
  }
}

/** Most namespaces inside each other (MAX_PID_NS_LEVEL). */
const MAX_LEVEL = 32;

export class PidNamespace implements Namespace {
  readonly kind = "pid";
  readonly id: number;
  owner: object | null = null;
  ownerUid = 0;
  readonly parent: PidNamespace | null;
  /** 0 for the outermost. */
  readonly level: number;
  allocator: PidAllocator;
  /** Its pid 1, which its orphans go to; null before the first fork into it, and in the outermost: there it is the kernel. */
  init: Process | null = null;
  /** Its init has ended: nothing is created in it any more. */
  closed = false;
  /** By number in this namespace; empty in the outermost. */
  readonly pids = new Map<number, Pid>();

  /** Throws ENOSPC when there are too many levels. */
  constructor(id: number, parent: PidNamespace | null, allocator: PidAllocator) {
    this.id = id;
    this.parent = parent;
    this.level = parent === null ? 0 : parent.level + 1;
    this.allocator = allocator;
    if (this.level > MAX_LEVEL) throw new Errno(ENOSPC);
  }

  /** `other` is this one or inside it. */
  contains(other: PidNamespace): boolean {
    let at: PidNamespace | null = other;
    while (at !== null && at.level > this.level) at = at.parent;
    return at === this;
  }
}

/** A process id: a number in its namespace and in each around it (struct pid). */
export class Pid {
  readonly namespace: PidNamespace;
  /** By level, the outermost first. */
  readonly numbers: readonly number[];

  constructor(namespace: PidNamespace, numbers: readonly number[]) {
    this.namespace = namespace;
    this.numbers = numbers;
  }

  /** By which the kernel knows it. */
  get number(): number {
    return this.numbers[0];
  }

  /** What it is in `namespace`, or 0 when it cannot be seen from there. */
  in(namespace: PidNamespace): number {
    return namespace.contains(this.namespace) ? this.numbers[namespace.level] : 0;
  }
}

/** The ids in use on a machine. */
export class PidTable {
  readonly root: PidNamespace;
  /** Those with more than one number, by the outermost. */
  readonly #nested = new Map<number, Pid>();

  constructor(id: number, allocator: PidAllocator) {
    this.root = new PidNamespace(id, null, allocator);
  }

  /** The outermost numbers come from here instead, before the first is given out. */
  set allocator(allocator: PidAllocator) {
    this.root.allocator = allocator;
  }

  /** To be waited on before `allocate`, or null (PidAllocator.awaited). */
  get awaited(): WaitQueue | null {
    return this.root.allocator.awaited;
  }

  get last(): number {
    return this.root.allocator.last;
  }
  get limit(): number {
    return this.root.allocator.limit;
  }

  /**
   * A new id in `namespace`. `wanted`: numbers to have, the innermost first (clone3's set_tid). Throws EAGAIN, EEXIST,
   * EINVAL, and ENOMEM when the namespace has lost its init.
   */
  allocate(namespace: PidNamespace, wanted: readonly number[] = []): Pid {
    if (namespace.closed) throw new Errno(ENOMEM);
    const numbers: number[] = [];
    const spaces: PidNamespace[] = [];
    for (let at: PidNamespace | null = namespace; at !== null; at = at.parent) spaces.unshift(at);
    try {
      for (const space of spaces) numbers.push(numberIn(space, wanted[namespace.level - space.level]));
    } catch (error) {
      for (const [level, number] of numbers.entries()) spaces[level].allocator.free(number);
      throw error;
    }
    const pid = new Pid(namespace, numbers);
    if (namespace.level > 0) {
      this.#nested.set(pid.number, pid);
      for (let level = 1; level < spaces.length; level++) spaces[level].pids.set(numbers[level], pid);
    }
    return pid;
  }

  /** The id is nobody's any more. */
  free(number: number): void {
    const pid = this.#nested.get(number);
    this.root.allocator.free(number);
    if (pid === undefined) return;
    this.#nested.delete(number);
    for (let at = pid.namespace; at.parent !== null; at = at.parent) {
      at.pids.delete(pid.numbers[at.level]);
      at.allocator.free(pid.numbers[at.level]);
    }
  }

  /** The number in `namespace` of what the kernel knows as `number`; 0 when it cannot be seen from there. */
  numberIn(namespace: PidNamespace, number: number): number {
    return namespace.level === 0 ? number : (this.#nested.get(number)?.in(namespace) ?? 0);
  }

  /** The numbers in `namespace` and in those inside it, the outermost first. */
  numbersFrom(namespace: PidNamespace, number: number): readonly number[] {
    if (namespace.level > 0 && this.numberIn(namespace, number) === 0) return [0];
    return this.#nested.get(number)?.numbers.slice(namespace.level) ?? [number];
  }

  /** By which number the kernel knows what is `number` in `namespace`; 0 when nothing is. */
  resolve(namespace: PidNamespace, number: number): number {
    return namespace.level === 0 ? number : (namespace.pids.get(number)?.number ?? 0);
  }
}

function numberIn({ allocator, init, level }: PidNamespace, wanted: number | undefined): number {
  if (wanted === undefined) {
    const number = allocator.allocate();
    if (number === 0) throw new Errno(EAGAIN);
    return number;
  }
  if (wanted < 1 || wanted >= allocator.limit) throw new Errno(EINVAL);
  // The first in a namespace is its init.
  if (wanted !== 1 && init === null && level > 0) throw new Errno(EINVAL);
  if (!allocator.claim(wanted)) throw new Errno(EEXIST);
  return wanted;
}
