/** Setting the wall clock, and what waits for times of it. No guest program may do that on the machine it is tested on. */
import { expect, test } from "vitest";
import { ECANCELED } from "../../src/abi/errno.ts";
import { CLOCK_REALTIME } from "../../src/abi/time.ts";
import type { Inode } from "../../src/fs/inode.ts";
import { TimerFile } from "../../src/fs/timerfd.ts";
import type { Caller } from "../../src/fs/types.ts";
import { Clock } from "../../src/kernel/clock.ts";
import type { PhysicalMemory, Transfer } from "../../src/memory/types.ts";
import { Deadlines } from "../../src/wait/deadlines.ts";
import { Block } from "../../src/wait/queue.ts";

const SECOND = 1e9;
const started = (): Clock => {
  const clock = new Clock({} as PhysicalMemory);
  clock.start(1_700_000_000_250);
  return clock;
};

test("the wall clock is set, monotonic time goes on", () => {
  const clock = started();
  const before = clock.now();
  expect(clock.realtime()).toEqual({ sec: 1_700_000_000, nsec: 250_000_000 });
  clock.setRealtime(1_800_000_000, 999_999_999);
  expect(clock.realtime()).toEqual({ sec: 1_800_000_000, nsec: 999_999_999 });
  expect(clock.now()).toBe(before);
  expect(clock.fromRealtime(1_800_000_010, 999_999_999)).toBe(before + 10 * SECOND);
  clock.sync(1_700_000_002_250);
  expect(clock.realtime()).toEqual({ sec: 1_800_000_002, nsec: 999_999_999 });
});

test("timers of absolute wall-clock time move with the clock, others do not; TFD_TIMER_CANCEL_ON_SET is told", () => {
  const clock = started();
  const deadlines = new Deadlines();
  const time = { now: () => clock.now(), deadlines, listeners: clock.listeners };
  const timer = () => new TimerFile({} as Inode, 0, CLOCK_REALTIME, time);
  const [absolute, relative, cancelled] = [timer(), timer(), timer()];
  const at = clock.now() + 1000 * SECOND;
  absolute.arm(at, 0, true);
  relative.arm(at, 0);
  cancelled.arm(at, 0, true, true);
  clock.setRealtime(clock.realtime().sec + 600, 250_000_000);
  expect(absolute.setting.value).toBe(400 * SECOND);
  expect(relative.setting.value).toBe(1000 * SECOND);
  const into = { remaining: 8 } as Transfer;
  expect(cancelled.poll()).not.toBe(0);
  expect(cancelled.read({} as Caller, into)).toBe(-ECANCELED);
  expect(cancelled.poll()).toBe(0);
  expect(absolute.read({} as Caller, into)).toBeInstanceOf(Block);
  clock.setRealtime(clock.realtime().sec + 600, 250_000_000);
  expect(absolute.poll()).not.toBe(0);
});
