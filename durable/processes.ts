/** The processes of a namespace: signals and questions find their way to the machines that hold the pids. */
import { EPERM, ESRCH } from "../src/abi/errno.ts";
import type {
  MachineEvent,
  MachineReply,
  ProcessRecord,
  ProcessReport,
  SchedulingRequest,
  SignalRequest,
} from "../src/kernel/namespace-port.ts";
import { GRACE } from "./env.ts";
import type { Machines } from "./machines.ts";
import type { PidBlocks } from "./pid-blocks.ts";

/** Milliseconds between two attempts to reach a machine that has yet to come back. */
const RETRY = 50;

export class Processes {
  readonly #machines: Machines;
  readonly #pids: PidBlocks;

  constructor(machines: Machines, pids: PidBlocks) {
    this.#machines = machines;
    this.#pids = pids;
  }

  /** kill(2) by machine `from`; 0 is nobody. */
  async signal(from: number, request: SignalRequest): Promise<number> {
    const { target } = request;
    const event = { ...request, from };
    if (target.type === "process" || target.type === "thread") {
      const machine = this.#pids.owner(target.id);
      return machine === 0 ? -ESRCH : (((await this.#ask(machine, event)) ?? -ESRCH) as number);
    }
    const results = (await this.#askOthers(from, event)) as number[];
    return results.includes(0) ? 0 : results.includes(-EPERM) ? -EPERM : -ESRCH;
  }

  async schedule(request: SchedulingRequest): Promise<number> {
    const machine = this.#pids.owner(request.id);
    return machine === 0 ? -ESRCH : (((await this.#ask(machine, request)) ?? -ESRCH) as number);
  }

  async find(id: number): Promise<ProcessRecord | null> {
    const machine = this.#pids.owner(id);
    return machine === 0 ? null : (((await this.#ask(machine, { op: "process", id })) ?? null) as ProcessRecord | null);
  }

  /** Of all machines but `from`. */
  async list(from: number): Promise<ProcessReport[]> {
    return ((await this.#askOthers(from, { op: "processes" })) as ProcessReport[][]).flat();
  }

  /** What the machines that live say. */
  async #askOthers(from: number, event: MachineEvent): Promise<MachineReply[]> {
    const others = this.#machines.members.filter((machine) => machine !== from);
    const replies = await Promise.all(others.map((machine) => this.#ask(machine, event)));
    return replies.filter((reply) => reply !== undefined);
  }

  /** The reply of a machine; undefined when it is dead. One that has yet to come back after a restart is waited for. */
  async #ask(machine: number, event: MachineEvent): Promise<MachineReply | undefined> {
    for (let waited = 0; waited <= 2 * GRACE; waited += RETRY) {
      try {
        return (await this.#machines.ask(machine, [event]))[0];
      } catch {
        if ((await this.#machines.gone([machine])).length > 0) return undefined;
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
    }
    return undefined;
  }
}
