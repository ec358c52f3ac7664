/** How a machine's System V objects end with it: nothing is waited for that does not come, whatever is under way. */
import { describe, expect, it } from "vitest";
import { EINTR } from "../../src/abi/errno.ts";
import { defaultLimits, Pending } from "../../src/ipc/backend.ts";
import { MessageQueue } from "../../src/ipc/message-queue.ts";
import type { IpcRequest } from "../../src/ipc/protocol.ts";
import { RemoteIpc } from "../../src/ipc/remote.ts";
import type { CompletionCallback, ObjectAnswer, ObjectBatch } from "../../src/ipc/wire.ts";
import { change, QUEUE, receive, SET, send } from "./requests.ts";
import { Budget, owned } from "./support.ts";

const NOTHING: ObjectAnswer = { results: [], alone: false, grant: null };

/** A machine, and objects that answer as a test has it. */
class Scene {
  readonly ipc: RemoteIpc;
  /** Batches of the queue, in order, without those with which its link was opened. */
  readonly batches: ObjectBatch[] = [];
  /** Of the queue: results of what has waited. */
  complete!: CompletionCallback;
  /** What the queue answers; by default at once, and nothing. */
  submit: (batch: ObjectBatch) => Promise<ObjectAnswer> = async () => NOTHING;
  opened = NOTHING;
  /** There is no way to this object any more. */
  unreachable = 0;
  readonly failures: Error[] = [];

  constructor() {
    this.ipc = new RemoteIpc({
      namespace: "test",
      machine: 1,
      limits: defaultLimits(),
      memory: new Budget(),
      ask: () => Promise.reject(new Error("nothing is asked here")),
      open: async ({ id }, complete) => {
        if (id === this.unreachable) throw new Error("There is no way.");
        if (id === QUEUE) this.complete = complete;
        const submit = (batch: ObjectBatch) => {
          this.batches.push(batch);
          return this.submit(batch);
        };
        const link = { submit, closed: () => new Promise<void>(() => {}), close: () => {} };
        return { answer: this.opened, link };
      },
      sleep: async () => {},
      fail: (error) => this.failures.push(error),
    });
  }

  ask(request: IpcRequest): Pending {
    const pending = this.ipc.submit(request, 1000);
    if (!(pending instanceof Pending)) throw new Error("It does not wait.");
    return pending;
  }
}

/** Lets everything happen that waits for nothing from outside. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const message = (text: string) => ({ type: 1, text: new TextEncoder().encode(text) });

/** A lease of an empty queue. */
const grant = () => new MessageQueue({ ...owned(), id: QUEUE }, 16384, 0, new Budget()).save();

describe("the end of a machine's links", () => {
  it("takes no message that comes after it", async () => {
    const scene = new Scene();
    const pending = scene.ask(receive());
    await turn();
    // The object had already answered, which the machine does not know yet.
    scene.ipc.cancel(pending);
    await scene.ipc.close();
    await scene.complete([{ sequence: pending.sequence, result: message("late") }], false);
    expect(pending.result).toBe(null);
    expect(scene.ipc.settle()).toBe(null);
  });

  it("acknowledges what comes during the last acknowledgement", async () => {
    const scene = new Scene();
    const [first, second] = [scene.ask(receive()), scene.ask(receive())];
    await turn();
    await scene.complete([{ sequence: first.sequence, result: message("first") }], false);
    const answer = Promise.withResolvers<ObjectAnswer>();
    scene.submit = () => answer.promise;
    const closed = scene.ipc.close();
    await turn();
    await scene.complete([{ sequence: second.sequence, result: message("second") }], false);
    answer.resolve(NOTHING);
    await closed;
    expect(scene.batches.flatMap(({ acknowledged }) => acknowledged)).toEqual([first.sequence, second.sequence]);
    expect(scene.ipc.settle()).toBe(null);
  });

  it("gives back a lease that is granted meanwhile, with what was done in it", async () => {
    const scene = new Scene();
    scene.opened = { ...NOTHING, alone: true };
    const answer = Promise.withResolvers<ObjectAnswer>();
    scene.submit = ({ wantsLease }) => (wantsLease ? answer.promise : Promise.resolve(NOTHING));
    scene.ask(receive());
    await turn();
    scene.ask(receive(2));
    await turn();
    expect(scene.batches.map(({ wantsLease }) => wantsLease)).toEqual([true]);
    const sent = scene.ask(send("in the lease", 3));
    const closed = scene.ipc.close();
    await turn();
    answer.resolve({ ...NOTHING, grant: grant() });
    await closed;
    expect(sent.result).toBe(0);
    const records = scene.batches.flatMap(({ record }) => record ?? []);
    expect(records.flatMap(({ state }) => ("messages" in state ? state.messages : []))).toMatchObject([{ type: 3 }]);
    expect(records.map(({ last }) => last)).toEqual([false, true]);
    expect(scene.ipc.settle()).toBe(null);
  });

  it("comes also when what was done in a lease cannot be logged", async () => {
    const scene = new Scene();
    scene.opened = { ...NOTHING, grant: grant() };
    scene.ask(receive(1));
    await turn();
    scene.submit = () => Promise.reject(new Error("The link broke."));
    scene.unreachable = QUEUE;
    scene.ipc.submit(send("never logged", 2), 1000);
    await scene.ipc.close();
    await expect(scene.ipc.settle()).rejects.toThrow("There is no way.");
  });

  it("comes also when another object cannot be reached", async () => {
    const scene = new Scene();
    scene.unreachable = SET;
    scene.ask(change(-1));
    const pending = scene.ask(receive());
    await turn();
    expect(scene.failures).toHaveLength(1);
    scene.ipc.cancel(pending);
    scene.submit = async ({ operations }) => ({
      ...NOTHING,
      results: operations.map(({ sequence }) => ({ sequence, result: -EINTR })),
    });
    await scene.ipc.close();
    expect(pending.result).toBe(-EINTR);
  });

  it("is told to who waits when the machine is given up", async () => {
    const scene = new Scene();
    const pending = scene.ask(receive());
    await turn();
    scene.submit = () => new Promise(() => {});
    await scene.complete([{ sequence: pending.sequence, result: message("taken back") }], false);
    const settled = scene.ipc.settle();
    scene.ipc.abandon();
    await expect(settled).rejects.toThrow("given up");
    await expect(scene.ipc.settle()).rejects.toThrow("given up");
  });

  it("is told to who waits for the log when the machine is given up", async () => {
    const scene = new Scene();
    scene.opened = { ...NOTHING, grant: grant() };
    scene.ask(receive(1));
    await turn();
    scene.submit = () => new Promise(() => {});
    scene.ipc.submit(send("not logged", 2), 1000);
    await turn();
    const settled = scene.ipc.settle();
    scene.ipc.abandon();
    await expect(settled).rejects.toThrow("given up");
  });
});
