/** How often each call was made, what came of it, and which errors it has had. */
import { Errno, errnoName } from "../../../src/abi/errno.ts";
import { handlers } from "../../../src/kernel/dispatch.ts";
import { syscallName } from "../../../src/kernel/syscalls/names.ts";
import { type HandlerTable, KEEP_REGISTERS } from "../../../src/kernel/syscalls/row.ts";
import type { CallRecord } from "./record.ts";

/** Calls that succeed by not returning. */
const NEVER_RETURN = new Set(["exit", "exit_group", "pause", "rt_sigsuspend", "rt_sigreturn"]);

/** What became of one call, in numbers. */
export interface CallStatistics {
  readonly name: string;
  readonly made: number;
  /** Times it returned no error. */
  readonly done: number;
  /** Times it waited. */
  readonly waited: number;
  /** Times by errno. */
  readonly errors: Readonly<Record<number, number>>;
}

/** Counts what passes through the kernel's handlers, and records it. */
export class Counts {
  readonly #made = new Float64Array(512);
  readonly #done = new Float64Array(512);
  readonly #waited = new Float64Array(512);
  readonly #errors: Record<number, number>[] = Array.from({ length: 512 }, () => ({}));
  readonly #record: CallRecord;

  constructor(record: CallRecord) {
    this.#record = record;
  }

  /** The kernel's handlers, counted and recorded. */
  readonly handlers: HandlerTable = handlers.map((handler, number) => {
    if (handler === undefined) return undefined;
    return (t, a, b, c, d, e, f) => {
      if (t.saved === null) this.#made[number]++;
      this.#record.add(t.tid, number, a, b, c, d, e, f);
      try {
        const result = handler(t, a, b, c, d, e, f);
        if (typeof result === "number") this.#returned(number, result);
        else if (result === KEEP_REGISTERS) this.#done[number]++;
        else this.#waited[number]++;
        return result;
      } catch (error) {
        if (error instanceof Errno) this.#returned(number, -error.errno);
        throw error;
      }
    };
  });

  #returned(number: number, result: number): void {
    if (result >= 0 || result < -4095) this.#done[number]++;
    else this.#errors[number][-result] = (this.#errors[number][-result] ?? 0) + 1;
  }

  get all(): CallStatistics[] {
    const numbers = handlers.flatMap((handler, number) => (handler === undefined ? [] : [number]));
    return numbers.map((n) => ({
      name: syscallName(n),
      made: this.#made[n],
      done: this.#done[n],
      waited: this.#waited[n],
      errors: this.#errors[n],
    }));
  }
}

/** The sums of two runs' numbers. */
export function add(a: readonly CallStatistics[], b: readonly CallStatistics[]): CallStatistics[] {
  if (a.length === 0) return [...b];
  return a.map((call, i) => {
    const errors: Record<number, number> = { ...call.errors };
    for (const [errno, times] of Object.entries(b[i].errors)) errors[+errno] = (errors[+errno] ?? 0) + times;
    const { made, done, waited } = b[i];
    return { name: call.name, made: call.made + made, done: call.done + done, waited: call.waited + waited, errors };
  });
}

/** Names of the calls that were never made, and of those that have only failed. */
export function missed(calls: readonly CallStatistics[]): { unmade: string[]; undone: string[] } {
  const only = (wanted: (call: CallStatistics) => boolean) => calls.filter(wanted).map((call) => call.name);
  return {
    unmade: only((call) => call.made === 0),
    undone: only((call) => call.made > 0 && call.done === 0 && !NEVER_RETURN.has(call.name)),
  };
}

/** A table: calls made, without an error, waits, and the errors from the most frequent on. */
export function format(calls: readonly CallStatistics[]): string {
  const width = Math.max(...calls.map((call) => call.name.length));
  return calls
    .map(({ name, made, done, waited, errors }) => {
      const sorted = Object.entries(errors).sort(([, a], [, b]) => b - a);
      const names = sorted.map(([errno, times]) => `${errnoName(+errno)} ${times}`).join(", ");
      const numbers = [made, done, waited].map((n) => String(n).padStart(8)).join(" ");
      return `${name.padEnd(width)} ${numbers}  ${names}`;
    })
    .join("\n");
}
