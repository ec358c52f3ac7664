import { describe, expect, it } from "vitest";
import { E2BIG, EACCES, EAGAIN, EIDRM, EINTR, EINVAL, ENOMEM, ENOMSG } from "../../src/abi/errno.ts";
import { IPC_NOWAIT, MSG_COPY, MSG_EXCEPT, MSG_NOERROR } from "../../src/abi/ipc.ts";
import { MessageQueue, SIZE_OF_QUEUE } from "../../src/ipc/message-queue.ts";
import type {
  IpcMessage,
  IpcResult,
  MessageQueueRequest,
  MessageQueueStatus,
  MessageType,
  Ticket,
} from "../../src/ipc/protocol.ts";
import { Bench, Budget, caller, owned } from "./support.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const shown = (result: IpcResult | string): unknown =>
  typeof result === "object" && "text" in result
    ? `${result.type}:${new TextDecoder().decode((result as IpcMessage).text)}`
    : result;

class QueueBench extends Bench<MessageQueueRequest, MessageQueue> {
  static of(byteLimit = 100, budget = new Budget()): QueueBench {
    budget.take(SIZE_OF_QUEUE);
    return new QueueBench(new MessageQueue(owned(), byteLimit, 1000, budget));
  }
  protected override submit(request: MessageQueueRequest, _machine: number, ticket: () => Ticket) {
    return this.object.submit(request, this.now, ticket);
  }
  send(type: MessageType, text: string, flags = 0, pid = 20, machine = 1) {
    return this.ask({ op: "send", caller: caller(pid), type, text: bytes(text), flags }, machine);
  }
  receive(type: MessageType, flags = 0, size = 100, pid = 30, machine = 1) {
    return shown(this.ask({ op: "receive", caller: caller(pid), type, size, flags }, machine));
  }
  got(): Record<string, unknown> {
    return Object.fromEntries(Object.entries(this.answers()).map(([ticket, result]) => [ticket, shown(result)]));
  }
  get status(): MessageQueueStatus {
    return this.object.status;
  }
}

describe("msgrcv", () => {
  it("chooses by type", () => {
    const b = QueueBench.of();
    for (const [type, text] of [
      [3, "c"],
      [1, "a"],
      [2, "b"],
      [1, "aa"],
      [5, "e"],
    ] as const)
      b.send(type, text);
    expect(b.receive(2, MSG_COPY | IPC_NOWAIT)).toBe("2:b");
    expect(b.receive(9, MSG_COPY | IPC_NOWAIT)).toBe(-ENOMSG);
    expect(b.receive(4, IPC_NOWAIT)).toBe(-ENOMSG);
    expect(b.receive(-4)).toBe("1:a");
    expect(b.receive(3, MSG_EXCEPT)).toBe("2:b");
    expect(b.receive(-2)).toBe("1:aa");
    expect(b.receive(5)).toBe("5:e");
    expect(b.receive(0)).toBe("3:c");
    expect(b.status).toMatchObject({ messages: 0, bytes: 0, sender: 20, receiver: 30 });
  });

  it("tells types apart beyond 53 bits", () => {
    const b = QueueBench.of();
    const most = 2n ** 63n - 1n;
    b.send(most, "most");
    b.send(most - 1n, "next");
    expect(b.receive(most - 1n)).toBe(`${most - 1n}:next`);
    expect(b.receive(most - 1n, IPC_NOWAIT)).toBe(-ENOMSG);
    expect(b.receive(-(2n ** 63n))).toBe(`${most}:most`);
  });

  it("cuts only what may be cut", () => {
    const b = QueueBench.of();
    b.send(1, "long text");
    expect(b.receive(0, 0, 4)).toBe(-E2BIG);
    expect(b.receive(0, MSG_COPY | IPC_NOWAIT | MSG_NOERROR, 4)).toBe(-EINVAL);
    expect(b.receive(0, MSG_NOERROR, 4)).toBe("1:long text");
  });
});

describe("who waits", () => {
  it("gets the message that it wants, in order of arrival", () => {
    const b = QueueBench.of();
    const [two, any, other] = [b.receive(2), b.receive(0), b.receive(0)] as string[];
    b.send(1, "x");
    b.send(1, "y");
    b.send(2, "z");
    expect(b.got()).toEqual({ [any]: "1:x", [other]: "1:y", [two]: "2:z" });
    expect(b.status.messages).toBe(0);
  });

  it("is passed over when the message is too large for it", () => {
    const b = QueueBench.of();
    const [small, large] = [b.receive(0, 0, 2), b.receive(0)] as string[];
    b.send(1, "three");
    expect(b.got()).toEqual({ [small]: -E2BIG, [large]: "1:three" });
  });

  it("sends in order as far as there is room", () => {
    const budget = new Budget();
    const b = QueueBench.of(10, budget);
    b.send(1, "12345678");
    expect(b.send(1, "123", IPC_NOWAIT)).toBe(-EAGAIN);
    const [first, second, third] = [b.send(2, "123456789"), b.send(3, "abc"), b.send(4, "defg")] as string[];
    expect(b.receive(0)).toBe("1:12345678");
    expect(b.got()).toEqual({ [first]: 0 });
    expect(b.receive(0)).toBe("2:123456789");
    expect(b.got()).toEqual({ [second]: 0, [third]: 0 });
    expect(b.receive(0)).toBe("3:abc");
    expect(b.receive(0)).toBe("4:defg");
    expect(budget.used).toBe(SIZE_OF_QUEUE);
  });

  it("hands a waiting sender's message to a waiting receiver", () => {
    const b = QueueBench.of(4);
    b.send(1, "1234");
    const sender = b.send(2, "x") as string;
    const receiver = b.receive(2) as string;
    expect(b.receive(1)).toBe("1:1234");
    expect(b.got()).toEqual({ [sender]: 0, [receiver]: "2:x" });
  });

  it("loses and doubles nothing when it is cancelled", () => {
    const budget = new Budget();
    const b = QueueBench.of(4, budget);
    const receiver = b.receive(0) as string;
    expect(b.cancel(receiver)).toBe(true);
    b.send(1, "1234");
    const sender = b.send(1, "more") as string;
    expect(b.cancel(sender)).toBe(true);
    expect(b.got()).toEqual({ [receiver]: -EINTR, [sender]: -EINTR });
    expect(b.receive(0)).toBe("1:1234");
    expect(b.receive(0, IPC_NOWAIT)).toBe(-ENOMSG);
    const served = b.receive(0) as string;
    b.send(1, "done");
    expect(b.cancel(served)).toBe(false);
    expect(b.got()).toEqual({ [served]: "1:done" });
    expect(budget.used).toBe(SIZE_OF_QUEUE);
  });

  it("goes with its machine", () => {
    const b = QueueBench.of(4);
    b.receive(0, 0, 100, 30, 2);
    b.object.forget(2);
    expect(b.send(1, "1234")).toBe(0);
    b.send(1, "gone", 0, 20, 2);
    b.object.forget(2);
    expect(b.receive(0)).toBe("1:1234");
    expect(b.receive(0, IPC_NOWAIT)).toBe(-ENOMSG);
    expect(b.got()).toEqual({});
  });

  it("is told when rights or the queue go", () => {
    const b = QueueBench.of();
    b.ask({ op: "set", caller: caller(1), permissions: { uid: 0, gid: 0, mode: 0o666 }, byteLimit: 100 });
    const request = { op: "receive", caller: caller(40, 1000), type: 0, size: 10, flags: 0 } as const;
    const [other, mine] = [b.ask(request), b.receive(0)] as string[];
    b.ask({ op: "set", caller: caller(1), permissions: { uid: 0, gid: 0, mode: 0o600 }, byteLimit: 100 });
    expect(b.got()).toEqual({ [other]: -EACCES });
    b.ask({ op: "remove", caller: caller(1) });
    expect(b.got()).toEqual({ [mine]: -EIDRM });
  });
});

it("counts messages in memory", () => {
  const budget = new Budget(SIZE_OF_QUEUE + 500);
  const b = QueueBench.of(10_000, budget);
  expect(b.send(1, "x".repeat(200))).toBe(0);
  expect(b.send(1, "x".repeat(200))).toBe(-ENOMEM);
  b.ask({ op: "remove", caller: caller(1) });
  expect(budget.used).toBe(0);
});

it("is the same after it was stored, with who waits", () => {
  const b = QueueBench.of(7);
  b.send(1, "one");
  b.send(2, "two");
  const [receiver, sender] = [b.receive(9), b.send(9, "nine")] as string[];
  const saved = structuredClone(b.object.save());
  b.receive(0);
  const copy = new QueueBench(MessageQueue.restore(saved, new Budget()));
  expect(copy.object.save()).toEqual(saved);
  expect(copy.status).toMatchObject({ messages: 2, bytes: 6 });
  expect(copy.receive(2)).toBe("2:two");
  expect(copy.got()).toEqual({ [sender]: 0, [receiver]: "9:nine" });
});

it("keeps the order of a long queue that is taken from its front and from within", () => {
  const queue = QueueBench.of(100_000);
  const expected: string[] = [];
  let sent = 0;
  const send = (count: number) => {
    for (let i = 0; i < count; i++) {
      queue.send(1 + (sent % 3), `${sent}`);
      expected.push(`${1 + (sent % 3)}:${sent++}`);
    }
  };
  const receive = (type: number, count: number) => {
    for (let i = 0; i < count; i++) {
      const at = expected.findIndex((message) => type === 0 || message.startsWith(`${Math.abs(type)}:`));
      if (i === 0) expect(queue.receive(at, MSG_COPY | IPC_NOWAIT)).toBe(expected[at]);
      expect(queue.receive(type)).toBe(expected.splice(at, 1)[0]);
    }
    expect(queue.status.messages).toBe(expected.length);
  };
  send(300);
  receive(0, 50);
  receive(2, 40);
  receive(0, 70);
  send(100);
  receive(-1, 20);
  receive(0, 30);
  const { messages } = MessageQueue.restore(queue.object.save(), new Budget());
  expect(messages.map(({ type, text }) => `${type}:${new TextDecoder().decode(text)}`)).toEqual(expected);
  receive(0, expected.length);
  expect(queue.receive(0, IPC_NOWAIT)).toBe(-ENOMSG);
  send(3);
  receive(0, 3);
});
