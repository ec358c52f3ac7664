/** How a machine joins its namespace (kernel/namespace-port.ts) and leaves it. */

import { Errno } from "../abi/errno.ts";
import { RemoteIpc } from "../ipc/remote.ts";
import type { Host } from "../kernel/host.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { MachineEvent, MachineReply, NamespacePort } from "../kernel/namespace-port.ts";
import { Remote } from "../kernel/remote.ts";
import { Membership } from "./membership.ts";

export interface Joined {
  /** What its programs have asked of System V objects, and the calls of Durable Objects that were made for it. */
  readonly ipcTraffic: { readonly operations: number; readonly calls: number };
  /**
   * The output gate: resolves when what the machine has written may be seen outside of its namespace, because all that it has received
   * and done there is safe; null when that is so now. Rejects when that cannot be any more.
   */
  settled(): Promise<unknown> | null;
  /** The first process is to be in these groups or sessions of other machines. Rejects with Errno when one is not there. */
  hold(ids: readonly number[]): Promise<void>;
  /** All processes have ended; what they had to undo is on its way. */
  leave(): Promise<void>;
  /** Another request than the machine's is the one that runs: nothing may be sent any more. */
  abandon(): void;
}

/** What the namespace wants of the machine. */
export interface JoinHooks {
  answer(event: MachineEvent): MachineReply;
  /** It was given up, or there is no way to the namespace: its processes must end. */
  expelled(error: Error): void;
}

/** Attaches the machine, one round trip: pids and System V objects are the namespace's from now on. */
export async function join(kernel: Kernel, host: Host, port: NamespacePort, hooks: JoinHooks): Promise<Joined> {
  const sleep = (ms: number) => host.sleep(ms, new Promise(() => {}));
  const expelled = (error: Error) => hooks.expelled(error);
  const blocks = () => kernel.remote!.pids.blocks;
  const membership = await Membership.join(port, { answer: hooks.answer, blocks, sleep, expelled });
  const { attachment } = membership;
  const objects = new RemoteIpc({
    namespace: port.name,
    machine: attachment.machine,
    limits: attachment.limits,
    memory: kernel.namespaces.ipc.memory,
    ask: (question) => membership.ask<number>(question),
    open: (hello, complete) => port.open(hello, complete),
    sleep,
    fail: (error) => membership.fail(error),
  });
  const settled = () => objects.settle();
  kernel.remote = new Remote(kernel, { attachment, ask: (request) => membership.ask(request), settled });
  kernel.pids.allocator = kernel.remote.pids;
  kernel.namespaces.ipc.objects = objects;
  kernel.namespaces.ipc.segments.onDropped = (id) => {
    membership.ask({ op: "dropSegment", id }).catch(() => {});
  };
  return {
    get ipcTraffic() {
      return objects.traffic;
    },
    settled,
    async hold(ids) {
      for (const id of new Set(ids)) {
        const answer = await membership.ask<number>({ op: "hold", id, sid: null });
        if (answer !== 0) throw new Errno(-answer);
        kernel.remote!.pids.borrow(id);
      }
    },
    async leave() {
      await objects.close();
      await membership.leave();
    },
    abandon() {
      objects.abandon();
      membership.abandon();
    },
  };
}
