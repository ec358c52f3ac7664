/** Objects that answer later, as those outside of a machine do: in order, after a while, and cancelling takes as long. */
import { type IpcBackend, type IpcLimits, Pending } from "../../src/ipc/backend.ts";
import { LocalIpc } from "../../src/ipc/local.ts";
import type { IpcRequest, IpcResult, MemoryBudget } from "../../src/ipc/protocol.ts";

/** Milliseconds from here to there, and back. */
const DISTANCE = 1;

export class DelayedIpc implements IpcBackend {
  readonly #far: LocalIpc;
  #sequence = 0;
  /** What an operation of ours is there. */
  readonly #there = new Map<Pending, IpcResult | Pending>();

  constructor(memory: MemoryBudget) {
    this.#far = new LocalIpc(memory);
  }

  get limits(): IpcLimits {
    return this.#far.limits;
  }

  submit(request: IpcRequest, now: number): Pending {
    const id = "id" in request ? request.id : -1;
    const here = new Pending(this, 1, ++this.#sequence, request.kind, id);
    // Nothing but plain data goes out.
    const sent = structuredClone(request);
    setTimeout(() => {
      const there = this.#far.submit(sent, now);
      this.#there.set(here, there);
      if (!(there instanceof Pending)) this.#answer(here, there);
      else there.queue.add({ wake: () => this.#answer(here, there.result!) });
    }, DISTANCE);
    return here;
  }

  cancel(here: Pending): void {
    setTimeout(() => {
      const there = this.#there.get(here);
      if (there instanceof Pending && there.result === null) this.#far.cancel(there);
    }, DISTANCE);
  }

  end(): void {
    setTimeout(() => this.#far.end(), DISTANCE);
  }

  #answer(here: Pending, result: IpcResult): void {
    setTimeout(() => {
      this.#there.delete(here);
      here.settle(structuredClone(result));
    }, DISTANCE);
  }
}
