/**
 * Process groups and sessions with members in several machines, and ids that machines have claimed from others' blocks: who is told what,
 * and when a group is orphaned.
 */
import { EEXIST, EPERM, ESRCH } from "../src/abi/errno.ts";
import { SI_KERNEL, SIGCONT, SIGHUP } from "../src/abi/signal.ts";
import type { EndNotice, GroupRecord, PidBlock, SharedIds as SharedList } from "../src/kernel/namespace-port.ts";
import type { PidBlocks } from "./pid-blocks.ts";
import type { Processes } from "./processes.ts";
import type { SharedIds } from "./shared-ids.ts";
import type { Watches } from "./watches.ts";

export class Groups {
  readonly #processes: Processes;
  readonly #pids: PidBlocks;
  readonly #shared: SharedIds;
  readonly #watches: Watches;
  #version = 0;

  constructor(processes: Processes, pids: PidBlocks, shared: SharedIds, watches: Watches) {
    this.#processes = processes;
    this.#pids = pids;
    this.#shared = shared;
    this.#watches = watches;
  }

  /** What a machine is to know of its ids that others use. */
  listFor(machine: number): SharedList {
    const ids = [];
    for (const id of this.#shared.ids) {
      const concerned = this.#shared.has(id, machine) || this.#pids.owner(id) === machine;
      const others = this.#shared.machines(id).some((other) => other !== machine);
      if (concerned && others) ids.push({ id, anchored: this.#shared.anchored(id, machine) });
    }
    return { version: ++this.#version, ids };
  }

  /** `machine` is to have members of a group, of session `sid`: 0 or a negative errno. */
  async hold(machine: number, id: number, sid: number | null): Promise<number> {
    const owner = this.#pids.owner(id);
    if (sid === null && this.#processes.machinesOf(id, machine).length === 0) return -ESRCH;
    const held = this.#shared.has(id, machine);
    // First, so that the id stays what it is while its members are asked.
    if (owner !== machine) {
      this.#shared.add(id, machine);
      if (owner !== 0) this.#shared.add(id, owner);
      await this.#tell(id);
    }
    if (sid === null || (await this.find(machine, id)).sid === sid) return 0;
    if (!held) await this.drop(machine, id);
    return -EPERM;
  }

  /** A group as the machines but one know it. */
  async find(but: number, id: number): Promise<GroupRecord> {
    const found = await this.#processes.askAll(this.#processes.machinesOf(id, but), { op: "group", id });
    const records = found as GroupRecord[];
    return { sid: Math.max(0, ...records.map(({ sid }) => sid)), stopped: records.some(({ stopped }) => stopped) };
  }

  /** `machine` wants an id for a process: 0, EEXIST, or the block that the id is in. */
  async claim(machine: number, id: number): Promise<number | PidBlock> {
    const users = this.#shared.machines(id);
    if (users.some((user) => user !== machine)) return -EEXIST;
    const owner = this.#pids.owner(id);
    if (owner === machine) return -EEXIST;
    if (owner === 0) {
      const block = this.#pids.leaseAround(machine, id);
      if (block !== null) return id >= block.first ? block : -EEXIST;
    }
    this.#shared.add(id, machine, true);
    if (owner === 0) return 0;
    const answer = ((await this.#processes.ask(owner, { op: "claim", id })) ?? 0) as number;
    if (answer !== 0) await this.drop(machine, id);
    return answer;
  }

  /** Nobody of `machine` has the id any more. */
  async drop(machine: number, id: number): Promise<void> {
    const anchored = this.#shared.anchored(id);
    this.#shared.remove(id, machine);
    await this.#left(id, machine, anchored);
  }

  /** A machine has, or has no more, a member that keeps the group from being orphaned. */
  async anchor(machine: number, id: number, anchored: boolean): Promise<void> {
    if (!this.#shared.setAnchored(id, machine, anchored)) return;
    await this.#tell(id, machine);
    if (!this.#shared.anchored(id)) await this.#orphaned(id);
  }

  /** The machine is gone. To be called before its blocks are released. */
  reaped(machine: number): void {
    this.#watches.removeAll(machine);
    for (const id of this.#watches.pids)
      if (this.#processes.machineOf(id) === machine) void this.ended({ op: "ended", id, reaped: true });
    for (const id of this.#shared.ids) {
      if (!this.#shared.has(id, machine)) continue;
      const anchored = this.#shared.anchored(id);
      this.#shared.remove(id, machine);
      void this.#left(id, machine, anchored);
    }
  }

  /** Tells of the end of a process. */
  async ended(notice: EndNotice): Promise<void> {
    const machines = this.#watches.of(notice.id);
    if (notice.reaped) this.#watches.remove(notice.id);
    await this.#processes.askAll(machines, notice);
  }

  /** Tells `machine` when the process ends: 0, 1 when it has and was not waited for, or ESRCH. */
  async watch(machine: number, id: number): Promise<number> {
    const holder = this.#processes.machineOf(id);
    if (holder === 0) return -ESRCH;
    this.#watches.add(id, machine);
    return ((await this.#processes.ask(holder, { op: "watch", id })) ?? -ESRCH) as number;
  }

  /** One machine less has members; the group was `anchored` before. */
  async #left(id: number, machine: number, anchored: boolean): Promise<void> {
    const owner = this.#pids.owner(id);
    const rest = this.#shared.machines(id);
    if (rest.length === 1 && rest[0] === owner) this.#shared.remove(id, owner);
    if (rest.length === 0) this.#pids.settle(id);
    await this.#tell(id, machine, owner);
    if (anchored && !this.#shared.anchored(id)) await this.#orphaned(id);
  }

  /** Nobody is left who could continue the group: if a member is stopped, all get SIGHUP and SIGCONT (kill_orphaned_pgrp). */
  async #orphaned(id: number): Promise<void> {
    if (!(await this.find(0, id)).stopped) return;
    for (const signal of [SIGHUP, SIGCONT]) {
      const info = { signal, code: SI_KERNEL, errno: 0, layout: "kill" } as const;
      const sender = { uid: 0, euid: 0, sid: 0, privileged: true };
      const target = { type: "group", id } as const;
      await this.#processes.signal(0, { op: "signal", sequence: 0, settled: 0, target, signal, info, sender });
    }
  }

  /** All that have to do with the id learn who else has. */
  async #tell(id: number, but = 0, also = 0): Promise<void> {
    const machines = new Set([...this.#processes.machinesOf(id, but), also]);
    machines.delete(0);
    machines.delete(but);
    const tell = (machine: number) =>
      this.#processes.ask(machine, () => ({ op: "shared", ...this.listFor(machine) }) as const);
    await Promise.all([...machines].map(tell));
  }
}
