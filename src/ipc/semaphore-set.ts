/**
 * One System V semaphore set (semop(2), semctl(2)) as a state machine: requests in, answers and completions out, no time and no
 * waiting of its own, so that the same code runs in a machine and in a Durable Object.
 *
 * Who is served first is as in Linux (ipc/sem.c). Operations that alter one semaphore wait in a list of that semaphore, unless an
 * operation on several waits: then all that alter wait in one list, in the order of their arrival. Operations that only wait for
 * zero have lists of their own and are looked at first.
 */
import { E2BIG, EACCES, EAGAIN, EFBIG, EIDRM, EINTR, EINVAL, ENOMEM, EPERM, ERANGE } from "../abi/errno.ts";
import { IPC_NOWAIT, S_IRUGO, S_IWUGO, SEM_UNDO, SEMAEM, SEMVMX } from "../abi/ipc.ts";
import { changed, owns, permits } from "./permission.ts";
import {
  type Completion,
  type IpcCaller,
  type IpcPermissions,
  type IpcResult,
  type MemoryBudget,
  type SemaphoreOperation,
  type SemaphoreSetRequest,
  type SemaphoreSetStatus,
  type Ticket,
  WAITS,
} from "./protocol.ts";
import { type Undo, UndoLists } from "./semaphore-undo.ts";
import { Attempt, altersAny, type Operate, Waiters } from "./semaphore-waiters.ts";

const plain = ({ machine, sequence }: Ticket): Ticket => ({ machine, sequence });

/** What a set of `count` semaphores takes up in memory (bytes). */
export const sizeOfSet = (count: number): number => 1024 + 6 * count;

/** A set as plain data, to be stored. */
export interface SavedSemaphoreSet {
  readonly permissions: IpcPermissions;
  readonly values: Uint16Array;
  readonly pids: Int32Array;
  readonly operated: number;
  readonly changed: number;
  readonly undo: readonly Undo[];
  /** Operations that wait, in the order of their arrival. */
  readonly waiting: readonly { readonly ticket: Ticket; readonly request: Operate }[];
}

export class SemaphoreSet<T extends Ticket = Ticket> {
  permissions: IpcPermissions;
  readonly #values: Uint16Array;
  /** Who changed each last. */
  readonly #pids: Int32Array;
  #operated = 0;
  #changed: number;
  readonly #undo: UndoLists;
  readonly #waiters = new Waiters<T>();
  /** Which element of the last operation that could not be done is to blame. */
  #blocking = 0;
  /** It is gone. */
  removed = false;
  /** Answers to operations that had waited, in order; whoever runs the set takes them after each call. */
  completions: Completion<T>[] = [];

  readonly #memory: MemoryBudget;

  /** A new set of `count` zeroes, made at `now` (seconds since the epoch). Its own memory has been taken (sizeOfSet). */
  constructor(permissions: IpcPermissions, count: number, now: number, memory: MemoryBudget) {
    this.permissions = permissions;
    this.#memory = memory;
    this.#values = new Uint16Array(count);
    this.#pids = new Int32Array(count);
    this.#changed = now;
    this.#undo = new UndoLists(count, memory);
  }

  /** Takes the memory for it, whatever the budget has. */
  static restore(saved: SavedSemaphoreSet, memory: MemoryBudget): SemaphoreSet {
    const count = saved.values.length;
    const set = new SemaphoreSet(saved.permissions, count, saved.changed, memory);
    memory.give(-sizeOfSet(count));
    set.#values.set(saved.values);
    set.#pids.set(saved.pids);
    set.#operated = saved.operated;
    set.#undo.restore(saved.undo);
    for (const { ticket, request } of saved.waiting) {
      const attempt = new Attempt(request, ticket.machine, request.operations[0], ticket);
      // It cannot be done now either, and so finds out what it waits for.
      set.#try(attempt);
      set.#waiters.add(attempt);
    }
    return set;
  }

  save(): SavedSemaphoreSet {
    return {
      permissions: this.permissions,
      values: this.#values.slice(),
      pids: this.#pids.slice(),
      operated: this.#operated,
      changed: this.#changed,
      undo: this.#undo.save(),
      waiting: this.#waiters.inOrder.map(({ ticket, request }) => ({ ticket: plain(ticket), request })),
    };
  }

  get count(): number {
    return this.#values.length;
  }

  /**
   * Does what `machine` asks at `now` (seconds since the epoch). With a ticket an operation that cannot be done now waits under it,
   * and the answer is WAITS; `ticket` is only called for then.
   */
  submit(request: SemaphoreSetRequest, now: number, machine: number, ticket: () => T): IpcResult | typeof WAITS {
    if (this.removed) return -EIDRM;
    switch (request.op) {
      case "operate":
        return this.#operate(request, now, machine, ticket);
      case "undo":
        return this.#giveBack(request.undo, request.caller.pid, now, machine);
      case "open":
        if (request.count > this.count) return -EINVAL;
        return permits(this.permissions, request.caller, request.flags) ? this.permissions.id : -EACCES;
      case "status":
        return request.unchecked || this.#readable(request.caller) ? this.status : -EACCES;
      case "values":
        return this.#readable(request.caller) ? this.#values.slice() : -EACCES;
      case "value":
      case "pid":
      case "decreasers":
      case "zeroers":
        return this.#look(request.op, request.caller, request.index);
      case "setValue":
        return this.#setValue(request.caller, request.index, request.value, now);
      case "setValues":
        return this.#setValues(request.caller, request.values, now);
      case "set": {
        if (!owns(this.permissions, request.caller)) return -EPERM;
        const permissions = changed(this.permissions, request.permissions);
        if (permissions === null) return -EINVAL;
        this.permissions = permissions;
        this.#changed = now;
        return 0;
      }
      case "remove":
        if (!owns(this.permissions, request.caller)) return -EPERM;
        this.remove();
        return 0;
    }
  }

  get status(): SemaphoreSetStatus {
    return { permissions: this.permissions, count: this.count, operated: this.#operated, changed: this.#changed };
  }

  /** Gives back its memory: another is used in its place. */
  discard(): void {
    this.#memory.give(sizeOfSet(this.count));
    this.#undo.discard();
  }

  /** Everybody who waits gets EIDRM. */
  remove(): void {
    this.removed = true;
    this.discard();
    for (const attempt of [...this.#waiters]) this.#complete(attempt, -EIDRM);
  }

  /** The operation under a ticket is given up; false when it had been answered before. */
  cancel(ticket: Ticket): boolean {
    for (const attempt of this.#waiters) {
      const { machine, sequence } = attempt.ticket;
      if (machine !== ticket.machine || sequence !== ticket.sequence) continue;
      this.#complete(attempt, -EINTR);
      this.#waiters.separate();
      return true;
    }
    return false;
  }

  /** A machine is gone: it waits no more, and gives back what it had to. */
  forget(machine: number, now: number): void {
    for (const attempt of [...this.#waiters]) if (attempt.machine === machine) this.#waiters.remove(attempt);
    this.#waiters.separate();
    for (const owner of this.#undo.ownersOf(machine)) this.#giveBack(owner, 0, now, machine);
  }

  #readable(caller: IpcCaller): boolean {
    return permits(this.permissions, caller, S_IRUGO);
  }

  // ---- semop

  #operate(request: Operate, now: number, machine: number, ticket: () => T): number | typeof WAITS {
    const { operations } = request;
    if (operations.length === 0) return -EINVAL;
    for (const { index } of operations) if (index >= this.count) return -EFBIG;
    const alters = altersAny(operations);
    if (!permits(this.permissions, request.caller, alters ? S_IWUGO : S_IRUGO)) return -EACCES;
    if (request.undo !== 0 && !this.#undo.add(machine, request.undo)) return -ENOMEM;
    const result = this.#perform(request, machine);
    if (result < 0) return result;
    if (result > 0) {
      this.#waiters.add(new Attempt<T>(request, machine, operations[this.#blocking], ticket()));
      return WAITS;
    }
    if (alters) this.#update(operations, true, now);
    else this.#operated = now;
    this.#waiters.separate();
    return 0;
  }

  /** Tries what waits, and finds out what it waits for if it must go on waiting. */
  #try(attempt: Attempt<T>): number {
    const { request, machine } = attempt;
    const result = this.#perform(request, machine);
    if (result > 0) attempt.blocking = request.operations[this.#blocking];
    return result;
  }

  /** Does all elements or none: 0, 1 when it must wait for the element `#blocking`, or a negative errno (perform_atomic_op). */
  #perform({ operations, undo: owner, caller }: Operate, machine: number): number {
    const values = this.#values;
    const undo = owner === 0 ? null : this.#undo.of(machine, owner)!;
    let done = 0;
    let result = 0;
    for (; done < operations.length; done++) {
      const { index, change, flags } = operations[done];
      const value = values[index];
      const next = value + change;
      if (next < 0 || (change === 0 && value !== 0)) {
        this.#blocking = done;
        result = flags & IPC_NOWAIT ? -EAGAIN : 1;
        break;
      }
      if (next > SEMVMX) {
        result = -ERANGE;
        break;
      }
      if (flags & SEM_UNDO) {
        const adjustment = undo!.adjustments[index] - change;
        if (adjustment < -SEMAEM - 1 || adjustment > SEMAEM) {
          result = -ERANGE;
          break;
        }
        undo!.adjustments[index] = adjustment;
      }
      values[index] = next;
    }
    if (result === 0) {
      for (const { index } of operations) this.#pids[index] = caller.pid;
      return 0;
    }
    while (--done >= 0) {
      const { index, change, flags } = operations[done];
      values[index] -= change;
      if (flags & SEM_UNDO) undo!.adjustments[index] += change;
    }
    return result;
  }

  /** exit(2): what the owner has yet to undo is done, as far as the values' range goes (exit_sem). */
  #giveBack(owner: number, pid: number, now: number, machine: number): number {
    const adjustments = this.#undo.take(machine, owner);
    if (adjustments === null) return 0;
    for (let i = 0; i < adjustments.length; i++) {
      if (adjustments[i] === 0) continue;
      this.#values[i] = Math.min(Math.max(this.#values[i] + adjustments[i], 0), SEMVMX);
      this.#pids[i] = pid;
    }
    this.#update(null, true, now);
    this.#waiters.separate();
    return 0;
  }

  // ---- semctl

  #look(what: "value" | "pid" | "decreasers" | "zeroers", caller: IpcCaller, index: number): number {
    if (!this.#readable(caller)) return -EACCES;
    if (index < 0 || index >= this.count) return -EINVAL;
    if (what === "value") return this.#values[index];
    if (what === "pid") return this.#pids[index];
    let count = 0;
    for (const { blocking } of this.#waiters) {
      if (blocking.index === index && (what === "zeroers" ? blocking.change === 0 : blocking.change < 0)) count++;
    }
    return count;
  }

  #setValue(caller: IpcCaller, index: number, value: number, now: number): number {
    if (index < 0 || index >= this.count) return -EINVAL;
    if (!permits(this.permissions, caller, S_IWUGO)) return -EACCES;
    this.#undo.cancel(index);
    this.#values[index] = value;
    this.#pids[index] = caller.pid;
    this.#afterSet(now);
    return 0;
  }

  #setValues(caller: IpcCaller, values: Uint16Array, now: number): number {
    if (!permits(this.permissions, caller, S_IWUGO)) return -EACCES;
    if (values.length !== this.count) return -E2BIG;
    for (const value of values) if (value > SEMVMX) return -ERANGE;
    this.#values.set(values);
    this.#pids.fill(caller.pid);
    this.#undo.cancelAll();
    this.#afterSet(now);
    return 0;
  }

  #afterSet(now: number): void {
    this.#changed = now;
    this.#update(null, false, now);
    this.#waiters.separate();
  }

  // ---- who waits, and for what

  #complete(attempt: Attempt<T>, result: number): void {
    this.#waiters.remove(attempt);
    this.completions.push({ ticket: attempt.ticket, result });
  }

  /** Values have changed by `operations`, or any of them when it is null: serves who can go on now (do_smart_update). */
  #update(operations: readonly SemaphoreOperation[] | null, operated: boolean, now: number): void {
    if (this.#waiters.empty) {
      if (operated) this.#operated = now;
      return;
    }
    let done = this.#wakeZeroers(operations) || operated;
    if (this.#waiters.altering.length > 0) done = this.#serve(this.#waiters.altering) || done;
    else if (operations === null) {
      for (const index of [...this.#waiters.decreasers.keys()].sort((a, b) => a - b))
        done = this.#serveIndex(index) || done;
    } else {
      for (const { index, change } of operations) if (change > 0) done = this.#serveIndex(index) || done;
    }
    if (done) this.#operated = now;
  }

  /** Semaphores may have become zero; whether an operation was done for it. */
  #wakeZeroers(operations: readonly SemaphoreOperation[] | null): boolean {
    let zero = operations === null && this.#values.includes(0);
    let done = false;
    if (operations !== null) {
      for (const { index } of operations) {
        if (this.#values[index] !== 0) continue;
        zero = true;
        const list = this.#waiters.zeroers.get(index);
        if (list !== undefined) done = this.#tryAll(list) || done;
      }
    } else if (zero) {
      for (const index of [...this.#waiters.zeroers.keys()].sort((a, b) => a - b)) {
        if (this.#values[index] === 0) done = this.#tryAll(this.#waiters.zeroers.get(index)!) || done;
      }
    }
    if (zero && this.#waiters.constant.length > 0) done = this.#tryAll(this.#waiters.constant) || done;
    return done;
  }

  /** Tries all of a list once; they change nothing. */
  #tryAll(list: readonly Attempt<T>[]): boolean {
    let done = false;
    for (const attempt of [...list]) {
      const result = this.#try(attempt);
      if (result > 0) continue;
      this.#complete(attempt, result);
      if (result === 0) done = true;
    }
    return done;
  }

  #serveIndex(index: number): boolean {
    const list = this.#waiters.decreasers.get(index);
    return list !== undefined && this.#serve(list, index);
  }

  /** Tries a list of operations that alter, of one semaphore or of all, in order and again while that may help (update_queue). */
  #serve(list: Attempt<T>[], index = -1): boolean {
    let done = false;
    for (let i = 0; i < list.length; ) {
      if (index >= 0 && this.#values[index] === 0) break;
      const attempt = list[i];
      const result = this.#try(attempt);
      if (result > 0) {
        i++;
        continue;
      }
      this.#complete(attempt, result);
      if (result < 0) continue;
      done = true;
      this.#wakeZeroers(attempt.request.operations);
      // A single decrease leaves no chance to those that were looked at before.
      if (this.#waiters.altering.length > 0 || !attempt.simple) i = 0;
    }
    return done;
  }
}
