/** The processes of a namespace: signals and questions find their way to the machines that hold the pids. */
import { EINVAL, EPERM, ESRCH } from "../src/abi/errno.ts";
import type {
  MachineEvent,
  MachineReply,
  Priorities,
  ProcessRecord,
  ProcessReport,
  SchedulingRequest,
  SignalRequest,
  ThreadSet,
} from "../src/kernel/namespace-port.ts";
import { combineChanges, joinPriorities } from "../src/kernel/scheduling.ts";
import { GRACE } from "./env.ts";
import type { Machines } from "./machines.ts";
import type { PidBlocks } from "./pid-blocks.ts";
import type { SharedIds } from "./shared-ids.ts";

/** Milliseconds between two attempts to reach a machine that has yet to come back. */
const RETRY = 50;

export class Processes {
  readonly #machines: Machines;
  readonly #pids: PidBlocks;
  readonly #shared: SharedIds;

  constructor(machines: Machines, pids: PidBlocks, shared: SharedIds) {
    this.#machines = machines;
    this.#pids = pids;
    this.#shared = shared;
  }

  /** The machine that a process or thread with this id is in, if there is one; 0 for none. */
  machineOf(id: number): number {
    return this.#shared.claimer(id) || this.#pids.owner(id);
  }

  /** Machines but `from` that may have members of a group or session. */
  machinesOf(group: number, from: number): number[] {
    const all = new Set([...this.#shared.machines(group), this.#pids.owner(group)]);
    all.delete(from);
    all.delete(0);
    return [...all];
  }

  /** kill(2) by machine `from`; 0 is nobody. */
  async signal(from: number, request: SignalRequest): Promise<number> {
    const { target } = request;
    const event = { ...request, from };
    if (target.type === "process" || target.type === "thread") return this.#askOne(target.id, event);
    const others = target.type === "group" ? this.machinesOf(target.id, from) : this.#others(from);
    const results = (await this.askAll(others, event)) as number[];
    return [0, -EPERM, -EINVAL].find((result) => results.includes(result)) ?? -ESRCH;
  }

  async schedule(from: number, request: SchedulingRequest): Promise<number> {
    if (request.target.type === "thread") return this.#askOne(request.target.id, request);
    const results = (await this.askAll(this.#having(request.target, from), request)) as number[];
    return results.reduce(combineChanges, -ESRCH);
  }

  async priorities(from: number, target: ThreadSet): Promise<Priorities | null> {
    const machines = target.type === "thread" ? [this.machineOf(target.id)] : this.#having(target, from);
    const replies = await this.askAll(machines, { op: "priorities", target });
    return joinPriorities(replies as (Priorities | null)[]);
  }

  async find(id: number): Promise<ProcessRecord | null> {
    const machine = this.machineOf(id);
    return machine === 0 ? null : (((await this.ask(machine, { op: "process", id })) ?? null) as ProcessRecord | null);
  }

  /** Of all machines but `from`. */
  async list(from: number): Promise<ProcessReport[]> {
    return ((await this.askAll(this.#others(from), { op: "processes" })) as ProcessReport[][]).flat();
  }

  #others(from: number): number[] {
    return this.#machines.members.filter((machine) => machine !== from);
  }

  #having(target: ThreadSet, from: number): number[] {
    return target.type === "group" ? this.machinesOf(target.id, from) : this.#others(from);
  }

  /** A request about one process or thread: 0 or a negative errno. */
  async #askOne(id: number, event: MachineEvent): Promise<number> {
    const machine = this.machineOf(id);
    return machine === 0 ? -ESRCH : (((await this.ask(machine, event)) ?? -ESRCH) as number);
  }

  /** What those of the machines that live say. */
  async askAll(machines: readonly number[], event: MachineEvent | (() => MachineEvent)): Promise<MachineReply[]> {
    const replies = await Promise.all(machines.map((machine) => this.ask(machine, event)));
    return replies.filter((reply) => reply !== undefined);
  }

  /**
   * The reply of a machine; undefined when it is dead. One that has yet to come back after a restart is waited for. An event that is a
   * function says what is so when it is sent.
   */
  async ask(machine: number, event: MachineEvent | (() => MachineEvent)): Promise<MachineReply | undefined> {
    for (let waited = 0; waited <= 2 * GRACE; waited += RETRY) {
      try {
        return (await this.#machines.ask(machine, [typeof event === "function" ? event() : event]))[0];
      } catch {
        if ((await this.#machines.gone([machine])).length > 0) return undefined;
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
    }
    return undefined;
  }
}
