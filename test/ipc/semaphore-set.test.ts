import { describe, expect, it } from "vitest";
import { EACCES, EAGAIN, EFBIG, EIDRM, EINTR, EINVAL, ENOMEM, EPERM, ERANGE } from "../../src/abi/errno.ts";
import { IPC_NOWAIT, SEM_UNDO } from "../../src/abi/ipc.ts";
import type { SemaphoreSetRequest, SemaphoreSetStatus, Ticket } from "../../src/ipc/protocol.ts";
import { SemaphoreSet, sizeOfSet } from "../../src/ipc/semaphore-set.ts";
import { Bench, Budget, caller, owned } from "./support.ts";

class SetBench extends Bench<SemaphoreSetRequest, SemaphoreSet> {
  static of(count: number, budget = new Budget(), permissions = owned()): SetBench {
    budget.take(sizeOfSet(count));
    return new SetBench(new SemaphoreSet(permissions, count, 1000, budget));
  }
  protected override submit(request: SemaphoreSetRequest, machine: number, ticket: () => Ticket) {
    return this.object.submit(request, this.now, machine, ticket);
  }

  /** semop with elements [index, change, flags]. */
  operate(operations: [index: number, change: number, flags?: number][], undo = 0, pid = 10, machine = 1) {
    const elements = operations.map(([index, change, flags = 0]) => ({ index, change, flags }));
    return this.ask({ op: "operate", caller: caller(pid), operations: elements, undo }, machine);
  }
  values(): number[] {
    return [...(this.ask({ op: "values", caller: caller(1) }) as Uint16Array)];
  }
  look(op: "value" | "pid" | "decreasers" | "zeroers", index: number) {
    return this.ask({ op, caller: caller(1), index });
  }
  set(values: number[]) {
    return this.ask({ op: "setValues", caller: caller(9), values: Uint16Array.from(values) });
  }
  undo(undo: number, machine = 1) {
    return this.ask({ op: "undo", caller: caller(11), undo }, machine);
  }
}

describe("semop", () => {
  it("does all elements or none", () => {
    const b = SetBench.of(3);
    expect(b.operate([[0, 3]])).toBe(0);
    const failing: [number, number, number?][] = [
      [0, -1],
      [1, 2],
      [2, -1, IPC_NOWAIT],
    ];
    expect(b.operate(failing)).toBe(-EAGAIN);
    expect(b.values()).toEqual([3, 0, 0]);
    expect(
      b.operate([
        [1, 1],
        [3, 1],
      ]),
    ).toBe(-EFBIG);
    expect(b.operate([[0, 32767, IPC_NOWAIT]])).toBe(-ERANGE);
    expect(b.operate([])).toBe(-EINVAL);
    expect(b.values()).toEqual([3, 0, 0]);
  });

  it("serves who fits, in order of arrival", () => {
    const b = SetBench.of(1);
    const [two, one, other] = [b.operate([[0, -2]]), b.operate([[0, -1]]), b.operate([[0, -1]])];
    expect(b.look("decreasers", 0)).toBe(3);
    b.operate([[0, 1]]);
    expect(b.order()).toEqual([one]);
    b.operate([[0, 3]]);
    expect(b.order()).toEqual([two, other]);
    expect(b.values()).toEqual([0]);
  });

  it("keeps one list while an operation on several waits, and goes back after it", () => {
    const b = SetBench.of(3);
    const single = b.operate([[2, -1]]);
    const both = b.operate([
      [0, -1],
      [1, -1],
    ]);
    const later = b.operate([[0, -1]]);
    b.operate([[0, 1]]);
    expect(b.order()).toEqual([later]);
    expect(b.look("decreasers", 0)).toBe(1);
    expect(b.look("decreasers", 1)).toBe(0);
    b.operate([
      [1, 1],
      [0, 1],
    ]);
    expect(b.order()).toEqual([both]);
    b.operate([[2, 1]]);
    expect(b.order()).toEqual([single]);
  });

  it("lets one operation that is served serve another", () => {
    const b = SetBench.of(3);
    const last = b.operate([[2, -1]]);
    const middle = b.operate([
      [1, -1],
      [2, 1],
    ]);
    const first = b.operate([
      [0, -1],
      [1, 1],
    ]);
    b.operate([[0, 1]]);
    expect(b.order()).toEqual([first, middle, last]);
    expect(b.values()).toEqual([0, 0, 0]);
  });

  it("looks at those that wait for zero when a value becomes zero, however briefly", () => {
    const b = SetBench.of(2);
    b.operate([[0, 1]]);
    const zero = b.operate([[0, 0]]);
    expect(b.look("zeroers", 0)).toBe(1);
    const waiting = b.operate([[0, -2]]);
    b.operate([[0, 1]]);
    expect(b.order()).toEqual([waiting, zero]);
  });

  it("fails a waiting operation whose second element may not wait", () => {
    const b = SetBench.of(2);
    const ticket = b.operate([
      [0, -1],
      [1, -1, IPC_NOWAIT],
    ]) as string;
    b.operate([[0, 1]]);
    expect(b.answers()).toEqual({ [ticket]: -EAGAIN });
    expect(b.values()).toEqual([1, 0]);
  });

  it("cancels what waits and nothing else", () => {
    const b = SetBench.of(1);
    const ticket = b.operate([[0, -1]]) as string;
    expect(b.cancel(ticket, 2)).toBe(false);
    expect(b.cancel(ticket)).toBe(true);
    expect(b.answers()).toEqual({ [ticket]: -EINTR });
    expect(b.cancel(ticket)).toBe(false);
    b.operate([[0, 1]]);
    expect(b.values()).toEqual([1]);
    const served = b.operate([[0, -2]]) as string;
    b.operate([[0, 1]]);
    expect(b.cancel(served)).toBe(false);
    expect(b.answers()).toEqual({ [served]: 0 });
  });
});

describe("undo", () => {
  it("gives back at the end of its owner, within the range", () => {
    const b = SetBench.of(2);
    b.set([5, 5]);
    b.operate(
      [
        [0, -3, SEM_UNDO],
        [1, 2, SEM_UNDO],
      ],
      7,
    );
    b.operate([[1, -6]]);
    expect(b.values()).toEqual([2, 1]);
    const waiting = b.operate([[0, -5]]);
    expect(b.undo(8)).toBe(0);
    expect(b.undo(7)).toBe(0);
    expect(b.order()).toEqual([waiting]);
    expect(b.values()).toEqual([0, 0]);
    expect(b.look("pid", 1)).toBe(11);
    expect(b.undo(7)).toBe(0);
    expect(b.values()).toEqual([0, 0]);
  });

  it("keeps owners of different machines apart and forgets a machine that is gone", () => {
    const b = SetBench.of(1);
    b.set([4]);
    b.operate([[0, -1, SEM_UNDO]], 1, 10, 1);
    b.operate([[0, -2, SEM_UNDO]], 1, 10, 2);
    const mine = b.operate([[0, -3]], 0, 10, 1);
    b.operate([[0, -9]], 0, 10, 2);
    b.object.forget(2, 1001);
    expect(b.order()).toEqual([mine]);
    expect(b.values()).toEqual([0]);
    expect(b.look("decreasers", 0)).toBe(0);
    b.undo(1, 1);
    expect(b.values()).toEqual([1]);
  });

  it("is cleared by SETVAL and SETALL", () => {
    const b = SetBench.of(2);
    b.operate(
      [
        [0, 1, SEM_UNDO],
        [1, 1, SEM_UNDO],
      ],
      3,
    );
    b.ask({ op: "setValue", caller: caller(9), index: 0, value: 4 });
    b.undo(3);
    expect(b.values()).toEqual([4, 0]);
  });

  it("is counted in memory, and ENOMEM beyond it", () => {
    const budget = new Budget(sizeOfSet(4) + 200);
    const b = SetBench.of(4, budget);
    expect(b.operate([[0, 1, SEM_UNDO]], 1)).toBe(0);
    expect(b.operate([[0, 1, SEM_UNDO]], 2)).toBe(-ENOMEM);
    b.undo(1);
    expect(b.operate([[0, 1, SEM_UNDO]], 2)).toBe(0);
    b.ask({ op: "remove", caller: caller(1) });
    expect(budget.used).toBe(0);
  });
});

describe("semctl", () => {
  it("asks for rights", () => {
    const b = SetBench.of(2, new Budget(), owned(1000, 0o640));
    const other = caller(5, 2000);
    const refused: [SemaphoreSetRequest, number][] = [
      [{ op: "open", caller: other, flags: 0o400, count: 0 }, -EACCES],
      [{ op: "value", caller: other, index: 0 }, -EACCES],
      [{ op: "setValue", caller: { ...other, groups: [1000] }, index: 0, value: 1 }, -EACCES],
      [{ op: "set", caller: other, permissions: { uid: 0, gid: 0, mode: 0 } }, -EPERM],
      [{ op: "remove", caller: other }, -EPERM],
      [{ op: "open", caller: caller(1), flags: 0, count: 3 }, -EINVAL],
    ];
    for (const [request, error] of refused) expect(b.ask(request)).toBe(error);
    expect(b.ask({ op: "value", caller: { ...other, groups: [1000] }, index: 0 })).toBe(0);
    expect(b.ask({ op: "set", caller: caller(1), permissions: { uid: 2000, gid: 2000, mode: 0o7600 } })).toBe(0);
    expect(b.ask({ op: "setValue", caller: other, index: 0, value: 1 })).toBe(0);
    expect((b.ask({ op: "status", caller: other, unchecked: false }) as SemaphoreSetStatus).permissions).toMatchObject({
      uid: 2000,
      cuid: 1000,
      mode: 0o600,
    });
  });

  it("keeps times and pids", () => {
    const b = SetBench.of(2);
    const status = () => b.ask({ op: "status", caller: caller(1), unchecked: true }) as SemaphoreSetStatus;
    expect(status()).toMatchObject({ operated: 0, changed: 1000 });
    b.now = 1001;
    b.operate([[0, 1]], 0, 77);
    expect(status()).toMatchObject({ operated: 1001, changed: 1000 });
    b.now = 1002;
    b.set([1, 1]);
    expect(status()).toMatchObject({ operated: 1001, changed: 1002 });
    expect([b.look("pid", 0), b.look("pid", 1)]).toEqual([9, 9]);
  });

  it("answers everybody who waits when it is removed", () => {
    const b = SetBench.of(2);
    const waiting = [
      b.operate([[0, -1]]),
      b.operate([
        [0, -1],
        [1, -1],
      ]),
      b.operate([[1, -1]]),
    ] as string[];
    b.ask({ op: "remove", caller: caller(1) });
    const answers = b.answers();
    for (const ticket of waiting) expect(answers[ticket]).toBe(-EIDRM);
    expect(b.operate([[0, 1]])).toBe(-EIDRM);
  });
});

it("is the same after it was stored, with who waits", () => {
  const b = SetBench.of(3);
  b.set([3, 4, 0]);
  b.operate([[0, -1, SEM_UNDO]], 6, 33);
  const last = b.operate([[2, -1]]);
  const both = b.operate([
    [2, -1],
    [1, -5],
  ]);
  const first = b.operate([[2, -2]]);
  const saved = structuredClone(b.object.save());
  const copy = new SetBench(SemaphoreSet.restore(saved, new Budget()));
  b.operate([[0, 7]]);
  expect(copy.object.save()).toEqual(saved);
  expect([copy.look("decreasers", 1), copy.look("decreasers", 2)]).toEqual([0, 3]);
  copy.undo(6);
  expect(copy.values()).toEqual([3, 4, 0]);
  copy.operate([
    [1, 1],
    [2, 2],
  ]);
  expect(copy.order()).toEqual([last, both]);
  copy.operate([[2, 2]]);
  expect(copy.order()).toEqual([first]);
});
