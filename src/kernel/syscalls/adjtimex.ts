/**
 * adjtimex(2) and clock_adjtime(2). Steps of the clock and the offset of CLOCK_TAI are carried out. What would discipline an
 * oscillator (frequency, tick, status, errors) is kept and told: the clock's pace is the host's.
 */
import { CAP_SYS_TIME } from "../../abi/capability.ts";
import { EINVAL, EOPNOTSUPP, EPERM } from "../../abi/errno.ts";
import { CLOCK_REALTIME, CLOCKFD, NSEC_PER_SEC } from "../../abi/time.ts";
import { capable } from "../capabilities.ts";
import type { Thread } from "../task.ts";
import { call, type SyscallRow } from "./row.ts";
import { setClock } from "./time.ts";

const ADJ_OFFSET = 0x0001;
const ADJ_FREQUENCY = 0x0002;
const ADJ_MAXERROR = 0x0004;
const ADJ_ESTERROR = 0x0008;
const ADJ_STATUS = 0x0010;
const ADJ_TIMECONST = 0x0020;
const ADJ_TAI = 0x0080;
const ADJ_SETOFFSET = 0x0100;
const ADJ_MICRO = 0x1000;
const ADJ_NANO = 0x2000;
const ADJ_TICK = 0x4000;
const ADJ_ADJTIME = 0x8000;
const ADJ_OFFSET_READONLY = 0x2000;

const STA_UNSYNC = 0x0040;
const STA_NANO = 0x2000;
const STA_RONLY = 0xff00;
const TIME_OK = 0;
const TIME_ERROR = 5;

/** struct timex: its size, and where its fields are. */
const TIMEX_SIZE = 208;
const AT = {
  modes: 0,
  offset: 8,
  frequency: 16,
  maxError: 24,
  estimatedError: 32,
  status: 40,
  constant: 48,
  precision: 56,
  tolerance: 64,
  sec: 72,
  usec: 80,
  tick: 88,
  tai: 160,
} as const;

/** Microseconds a tick of USER_HZ has, and the tenth by which it may be off. */
const TICK_MIN = 9000;
const TICK_MAX = 11000;
/** Most that the frequency is changed: 500 ppm, scaled by 2^16. */
const MAX_FREQUENCY = 32768000;

function adjtimex(t: Thread, address: number): number {
  const { user, kernel } = t;
  const { discipline } = kernel.clock;
  const modes = user.u32(address + AT.modes);
  user.probe(address, TIMEX_SIZE, true);
  if (modes & ADJ_ADJTIME) {
    // adjtime(3): the only two that go with it.
    if ((modes & ADJ_OFFSET) === 0) return -EINVAL;
    if ((modes & ADJ_OFFSET_READONLY) === 0 && !capable(t.credentials, CAP_SYS_TIME)) return -EPERM;
  } else {
    if (modes !== 0 && !capable(t.credentials, CAP_SYS_TIME)) return -EPERM;
    const tick = user.i64(address + AT.tick);
    if (modes & ADJ_TICK && (tick < TICK_MIN || tick > TICK_MAX)) return -EINVAL;
  }
  if (modes & ADJ_SETOFFSET) {
    const error = step(t, address, (modes & ADJ_NANO) !== 0);
    if (error !== 0) return error;
  }
  if (modes & ADJ_ADJTIME) {
    if ((modes & ADJ_OFFSET_READONLY) === 0) discipline.offset = user.i64(address + AT.offset);
  } else {
    if (modes & ADJ_STATUS) {
      discipline.status = (discipline.status & STA_RONLY) | (user.i32(address + AT.status) & ~STA_RONLY);
    }
    if (modes & ADJ_NANO) discipline.status |= STA_NANO;
    if (modes & ADJ_MICRO) discipline.status &= ~STA_NANO;
    if (modes & ADJ_FREQUENCY) {
      const asked = user.i64(address + AT.frequency);
      discipline.frequency = Math.max(-MAX_FREQUENCY, Math.min(MAX_FREQUENCY, asked));
    }
    if (modes & ADJ_MAXERROR) discipline.maxError = user.i64(address + AT.maxError);
    if (modes & ADJ_ESTERROR) discipline.estimatedError = user.i64(address + AT.estimatedError);
    if (modes & ADJ_TIMECONST) discipline.constant = user.i64(address + AT.constant);
    if (modes & ADJ_TAI && user.i64(address + AT.constant) >= 0) discipline.tai = user.i64(address + AT.constant);
    if (modes & ADJ_OFFSET) discipline.offset = user.i64(address + AT.offset);
    if (modes & ADJ_TICK) discipline.tick = user.i64(address + AT.tick);
  }
  write(t, address);
  return discipline.status & STA_UNSYNC ? TIME_ERROR : TIME_OK;
}

/** ADJ_SETOFFSET: the time field is added to the clock. */
function step(t: Thread, address: number, nano: boolean): number {
  const sec = t.user.i64(address + AT.sec);
  const fraction = t.user.i64(address + AT.usec);
  if (fraction < 0 || fraction >= (nano ? NSEC_PER_SEC : 1_000_000)) return -EINVAL;
  const now = t.kernel.clock.realtime();
  return setClock(t, (now.sec + sec) * NSEC_PER_SEC + now.nsec + fraction * (nano ? 1 : 1000));
}

function write(t: Thread, address: number): void {
  const { user, kernel } = t;
  const { discipline } = kernel.clock;
  const { sec, nsec } = kernel.clock.realtime();
  user.setU64(address + AT.offset, discipline.offset);
  user.setU64(address + AT.frequency, discipline.frequency);
  user.setU64(address + AT.maxError, discipline.maxError);
  user.setU64(address + AT.estimatedError, discipline.estimatedError);
  user.setU32(address + AT.status, discipline.status);
  user.setU64(address + AT.constant, discipline.constant);
  user.setU64(address + AT.precision, 1);
  user.setU64(address + AT.tolerance, MAX_FREQUENCY);
  user.setU64(address + AT.sec, sec);
  user.setU64(address + AT.usec, discipline.status & STA_NANO ? nsec : Math.floor(nsec / 1000));
  user.setU64(address + AT.tick, discipline.tick);
  user.clear(address + 96, AT.tai - 96);
  user.setU32(address + AT.tai, discipline.tai);
}

function clockAdjtime(t: Thread, clock: number, address: number): number {
  if (clock === CLOCK_REALTIME) return adjtimex(t, address);
  // The others are there, and have nothing to adjust; a descriptor would have to be a clock.
  t.user.probe(address, TIMEX_SIZE, false);
  if (clock < 0) return (clock & 7) === CLOCKFD ? -EINVAL : -EOPNOTSUPP;
  return clock > 11 || clock === 10 ? -EINVAL : -EOPNOTSUPP;
}

const STATUS = "frequency, tick and offset are kept, without effect";

export const rows: readonly SyscallRow[] = [
  call(159, "adjtimex", "ptr", adjtimex, STATUS),
  call(305, "clock_adjtime", "clock ptr", clockAdjtime, STATUS),
];
