import { describe, expect, test } from "vitest";
import { SIGRTMIN, SIGTERM, SIGUSR1 } from "../../src/abi/signal.ts";
import { Futexes, FutexWaiter } from "../../src/kernel/futex.ts";
import { LocalPids } from "../../src/kernel/pids.ts";
import { Scheduler } from "../../src/kernel/scheduler.ts";
import { PendingSignals } from "../../src/kernel/signal/pending.ts";
import { SignalSet } from "../../src/kernel/signal/set.ts";
import { BLOCKED, RUNNABLE, STOPPED, type Thread } from "../../src/kernel/task.ts";
import { Deadline, Deadlines } from "../../src/wait/deadlines.ts";
import { Block, type Waiter, WaitQueue } from "../../src/wait/queue.ts";

/** As much of a thread as the scheduler sees. */
function thread(scheduler: Scheduler): Thread {
  const t = {
    state: RUNNABLE,
    blocked: null,
    saved: null,
    queued: false,
    wake: () => scheduler.wake(t),
    expire: () => scheduler.wake(t),
  } as unknown as Thread & { timeout: Deadline };
  Object.assign(t, { timeout: new Deadline(t) });
  return t;
}

describe("scheduler", () => {
  test("threads take turns in the order they became runnable", () => {
    const scheduler = new Scheduler();
    const [a, b, c] = [thread(scheduler), thread(scheduler), thread(scheduler)];
    for (const t of [a, b, a, c]) scheduler.enqueue(t);
    expect(scheduler.length).toBe(3);
    expect([scheduler.next(), scheduler.next(), scheduler.next(), scheduler.next()]).toEqual([a, b, c, null]);
  });

  test("a wait ends once, with what was saved, by whichever queue or deadline is first", () => {
    const scheduler = new Scheduler();
    const t = thread(scheduler);
    const queues = [new WaitQueue(), new WaitQueue()];
    scheduler.block(t, new Block(queues, 512, { deadline: 100, saved: "kept" }));
    expect(t.state).toBe(BLOCKED);
    expect(queues[1].wake()).toBe(1);
    expect([t.state, t.saved, t.blocked]).toEqual([RUNNABLE, "kept", null]);
    expect(queues[0].empty).toBe(true);
    expect(scheduler.deadlines.next).toBe(Number.POSITIVE_INFINITY);
    expect(scheduler.next()).toBe(t);
    scheduler.block(t, new Block(queues, 512, { deadline: 100 }));
    expect(scheduler.deadlines.expire(99)).toBe(0);
    expect(scheduler.deadlines.expire(100)).toBe(1);
    expect(scheduler.next()).toBe(t);
  });

  test("a stopped thread's wait goes on, and it runs only after it is continued", () => {
    const scheduler = new Scheduler();
    const t = thread(scheduler);
    const queue = new WaitQueue();
    scheduler.block(t, new Block([queue]));
    scheduler.stop(t);
    queue.wake();
    expect([t.state, scheduler.next()]).toEqual([STOPPED, null]);
    scheduler.resume(t);
    expect(scheduler.next()).toBe(t);
  });
});

test("deadlines expire in order, whatever the order of setting, moving and cancelling", () => {
  const deadlines = new Deadlines();
  const expired: number[] = [];
  const all = Array.from({ length: 500 }, () => new Deadline({ expire: (_now, due) => expired.push(due) }));
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 0x7fffffff);
  for (let round = 0; round < 3000; round++) {
    const deadline = all[random() % all.length];
    if (random() % 4 === 0) deadlines.cancel(deadline);
    else deadlines.set(deadline, random() % 10000);
  }
  const armed = all.filter((deadline) => deadline.armed).map((deadline) => deadline.at);
  for (let now = 0; now <= 10000; now += 500) deadlines.expire(now);
  expect(expired).toEqual(armed.sort((a, b) => a - b));
});

test("pids are used again only after all others", () => {
  const pids = new LocalPids(1, 6);
  const given = [pids.allocate(), pids.allocate(), pids.allocate(), pids.allocate()];
  expect(given).toEqual([2, 3, 4, 5]);
  expect(pids.allocate()).toBe(0);
  pids.free(3);
  pids.free(5);
  expect([pids.allocate(), pids.allocate()]).toEqual([3, 5]);
});

describe("signals", () => {
  test("sets hold 64 signals", () => {
    const set = SignalSet.of(1, 32, 33, 64);
    expect([...set]).toEqual([1, 32, 33, 64]);
    expect(set.first()).toBe(1);
    set.delete(1);
    set.delete(32);
    expect(set.first()).toBe(33);
    expect([...SignalSet.of(5, 40).union(SignalSet.of(40, 41)).difference(SignalSet.of(5))]).toEqual([40, 41]);
  });

  test("standard signals merge, real-time signals queue", () => {
    const pending = new PendingSignals();
    const info = (signal: number, value: number) =>
      ({ signal, code: -1, errno: 0, layout: "queue", value: [value, 0] }) as const;
    pending.add(info(SIGTERM, 1));
    pending.add(info(SIGRTMIN, 3));
    expect([pending.merges(SIGTERM), pending.merges(SIGRTMIN), pending.merges(SIGUSR1)]).toEqual([true, false, false]);
    pending.add(info(SIGRTMIN, 4));
    expect(pending.take(SIGRTMIN)?.value).toEqual([3, 0]);
    expect(pending.set.has(SIGRTMIN)).toBe(true);
    expect(pending.take(SIGRTMIN)?.value).toEqual([4, 0]);
    expect(pending.set.has(SIGRTMIN)).toBe(false);
    expect(pending.take(SIGUSR1)).toBe(null);
    pending.flush(SignalSet.of(SIGTERM));
    expect([pending.take(SIGTERM), pending.set.empty]).toEqual([null, true]);
  });
});

describe("futexes", () => {
  const sleeper: Waiter = { wake: () => {} };
  const asleep = (bitset = -1) => {
    const waiter = new FutexWaiter(bitset);
    waiter.queue.add(sleeper);
    return waiter;
  };

  test("wakes by bitset in order, and passes over waits that have ended otherwise", () => {
    const futexes = new Futexes();
    const key = { owner: {}, offset: 8 };
    const waiters = [asleep(1), asleep(2), asleep(3), asleep(1)];
    for (const waiter of waiters) futexes.add(key, waiter);
    waiters[0].queue.delete(sleeper);
    expect(futexes.wake(key, 1, 1)).toBe(1);
    expect(waiters.map((waiter) => waiter.woken)).toEqual([false, false, true, false]);
    expect(futexes.wake(key, 10)).toBe(2);
    expect(futexes.size).toBe(0);
  });

  test("requeues", () => {
    const futexes = new Futexes();
    const [from, to] = [
      { owner: {}, offset: 0 },
      { owner: {}, offset: 4 },
    ];
    const waiters = [asleep(), asleep(), asleep()];
    for (const waiter of waiters) futexes.add(from, waiter);
    expect(futexes.wake(from, 1)).toBe(1);
    expect(futexes.requeue(from, to, 5)).toBe(2);
    expect([futexes.wake(from, 5), futexes.wake(to, 5)]).toEqual([0, 2]);
  });
});
