/**
 * The other machines of a namespace (namespace-port.ts), as the kernel reaches them: pids are leased from there, and threads wait
 * for answers as data, in a RemoteCall.
 */

import type { Kernel } from "./kernel.ts";
import { LeasedPids } from "./leased-pids.ts";
import type { Attachment, NamespaceAnswer, NamespaceRequest, PidBlock } from "./namespace-port.ts";
import { RemoteCall } from "./remote-call.ts";
import { RemoteGroups } from "./remote-groups.ts";
import { WatchedProcesses } from "./remote-pidfd.ts";

/** The machine's membership: answers come when its loop waits. */
export interface RemoteHost {
  readonly attachment: Attachment;
  /** Rejects when the machine cannot go on. */
  ask<A extends NamespaceAnswer>(request: NamespaceRequest): Promise<A>;
  /** Resolves when what the machine has received may be told to others (the output gate); null when it may now. */
  settled(): Promise<unknown> | null;
}

export class Remote {
  readonly #host: RemoteHost;
  /** Of the outermost pid namespace. */
  readonly pids: LeasedPids;
  #sequence = 0;
  /** Signals that are not answered yet. */
  readonly #signals = new Set<number>();
  readonly groups: RemoteGroups;
  readonly watched = new WatchedProcesses();

  constructor(kernel: Kernel, host: RemoteHost) {
    const { pidLimit, pids } = host.attachment;
    this.#host = host;
    this.pids = new LeasedPids(pidLimit, {
      ask: (count) => void this.#lease(count),
      giveBack: (block) => this.tell({ op: "returnPids", block }),
      drop: (id) => this.tell({ op: "drop", id }),
    });
    this.pids.add(pids);
    this.groups = new RemoteGroups(kernel, this);
  }

  /** Asks for a thread. */
  call(request: NamespaceRequest, local = 0): RemoteCall {
    const call = new RemoteCall(local);
    void this.#ask(request, call);
    return call;
  }

  /** Asks to send a signal. */
  signal(request: SignalWithoutNumbers, local: number): RemoteCall {
    const sequence = ++this.#sequence;
    this.#signals.add(sequence);
    const call = this.call({ ...request, sequence, settled: Math.min(...this.#signals) }, local);
    const answered = { wake: () => this.#signals.delete(sequence) };
    call.queue.add(answered);
    return call;
  }

  /** Tells the namespace something that nobody waits for. */
  tell(request: NamespaceRequest): void {
    this.#host.ask(request).catch(() => {});
  }

  /** Asks for a group or session of another machine to be joined (setpgid(2)); `joined` when it may be. */
  hold(id: number, sid: number | null, joined: (call: RemoteCall) => void): RemoteCall {
    const call = new RemoteCall(0);
    void this.#ask({ op: "hold", id, sid }, call, () => {
      if (call.answer !== 0) return;
      this.pids.borrow(id);
      joined(call);
    });
    return call;
  }

  /** Asks for an id of another machine's block, or one that nobody has leased (set_tid of clone3(2)). */
  claim(id: number): RemoteCall {
    const call = new RemoteCall(0);
    void this.#ask({ op: "claim", id }, call, () => {
      const { answer } = call;
      if (typeof answer === "object") this.pids.add(answer as PidBlock);
      else if (answer === 0) this.pids.grant(id);
      // The caller was killed in the meantime.
      if (call.queue.empty) this.pids.free(id);
    });
    return call;
  }

  async #ask(request: NamespaceRequest, call: RemoteCall, answered = () => {}): Promise<void> {
    // What is received and not acknowledged could be taken back; a signal could not.
    const settled = this.#host.settled();
    try {
      if (settled !== null) await settled;
      call.answer = await this.#host.ask(request);
      answered();
      call.queue.wake();
    } catch {
      // The machine is being ended, the thread with it.
    }
  }

  async #lease(count: number): Promise<void> {
    try {
      const block = await this.#host.ask<PidBlock | null>({ op: "pids", count });
      if (block === null) this.pids.refused();
      else this.pids.add(block);
    } catch {
      this.pids.refused();
    }
  }
}

type SignalWithoutNumbers = Omit<Extract<NamespaceRequest, { op: "signal" }>, "sequence" | "settled">;
