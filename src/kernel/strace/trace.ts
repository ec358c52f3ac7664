/** Prints system calls and signals as strace(1) does, one line each, when they are complete. */
import { exitCode, termSignal } from "../../abi/clone.ts";
import { Errno, errnoName, errnoText } from "../../abi/errno.ts";
import { type SignalInfo, signalName } from "../../abi/signal.ts";
import { type Block, NeedPage } from "../../wait/queue.ts";
import { readArguments } from "../dispatch.ts";
import type { Kernel } from "../kernel.ts";
import { syscallName } from "../syscalls/names.ts";
import type { SyscallRow } from "../syscalls/row.ts";
import { table } from "../syscalls/table.ts";
import type { Process, Thread } from "../task.ts";
import { formatArgument, formatResult, formatSignalInfo, hex, isOutput, quote } from "./format.ts";
import { special } from "./special.ts";

/** A call that is under way: its arguments, printed as far as they are known at entry. */
interface OpenCall {
  readonly name: string;
  readonly row: SyscallRow | undefined;
  readonly values: number[];
  readonly parts: (string | null)[];
}

/** Internal error numbers as strace shows them. */
const RESTARTS: Record<number, string> = {
  512: "ERESTARTSYS (To be restarted if SA_RESTART is set)",
  513: "ERESTARTNOINTR (To be restarted)",
  514: "ERESTARTNOHAND (To be restarted if no handler)",
  516: "ERESTART_RESTARTBLOCK (Interrupted by signal)",
};

export class SyscallTrace {
  readonly #kernel: Kernel;
  readonly #print: (line: string) => void;
  readonly #open = new Map<Thread, OpenCall>();

  constructor(kernel: Kernel, print: (line: string) => void) {
    this.#kernel = kernel;
    this.#print = print;
  }

  /** A system call begins, or runs again after a wait. */
  enter(t: Thread, number: number): void {
    if (this.#open.has(t)) return;
    const row = table[number];
    const values = row === undefined ? [] : readArguments(t, row);
    const parts = values.map((value, i) =>
      isOutput(row!.args[i]) ? null : formatArgument(t, row!, values, i, value, 0),
    );
    this.#open.set(t, { name: syscallName(number), row, values, parts });
    if (row?.name === "exit_group" || row?.name === "exit") this.#finish(t, "?");
  }

  leave(t: Thread, _number: number, result: number | Block): void {
    const open = this.#open.get(t);
    if (open === undefined) return;
    const value = typeof result === "number" ? result : 0;
    if (open.row !== undefined && value >= 0) {
      open.parts.forEach((part, i) => {
        if (part === null) open.parts[i] = formatArgument(t, open.row!, open.values, i, open.values[i], value);
      });
    }
    const failed = value < 0 && value > -4096;
    this.#finish(t, failed ? `-1 ${errnoName(-value)} (${errnoText(-value)})` : formatResult(open.row, value), value);
  }

  /** A signal has ended the wait: `result` is -EINTR or one of the restart numbers. */
  interrupted(t: Thread, result: number): void {
    const restart = RESTARTS[-result];
    this.#finish(t, restart === undefined ? `-1 ${errnoName(-result)} (${errnoText(-result)})` : `? ${restart}`);
  }

  /** The program that the machine begins with. */
  begin(t: Thread, path: string, argv: readonly string[], variables: number): void {
    const args = argv.map((text) => quote(new TextEncoder().encode(text), 32)).join(", ");
    const text = `execve(${quote(new TextEncoder().encode(path), 4096)}, [${args}], 0x0 /* ${variables} vars */)`;
    this.#line(t, `${text.padEnd(39)} = 0`);
  }

  signal(t: Thread, info: SignalInfo): void {
    this.#line(t, `--- ${signalName(info.signal)} ${formatSignalInfo(info)} ---`);
  }

  exited(p: Process, status: number): void {
    for (const t of [p.leader, ...p.threads.values()]) this.#open.delete(t);
    const signal = termSignal(status);
    const how = signal === 0 ? `exited with ${exitCode(status)}` : `killed by ${signalName(signal)}`;
    this.#line(p.leader, `+++ ${how} +++`);
  }

  #arrange(t: Thread, { name, values }: OpenCall, parts: string[], value: number): string[] {
    try {
      return special[name]?.(parts, values, t, value) ?? parts;
    } catch (error) {
      if (error instanceof Errno || error instanceof NeedPage) return parts;
      throw error;
    }
  }

  /** `value` is the number that the call returned, where it matters for its arguments. */
  #finish(t: Thread, result: string, value = 0): void {
    const open = this.#open.get(t);
    if (open === undefined) return;
    this.#open.delete(t);
    const parts = open.parts.map((part, i) => part ?? hex(open.values[i]));
    const text = `${open.name}(${this.#arrange(t, open, parts, value).join(", ")})`;
    this.#line(t, `${text.padEnd(39)} = ${result}`);
  }

  #line(t: Thread, text: string): void {
    // strace names the process as soon as there is more than one.
    const several = this.#kernel.stats.processes > 1 || this.#kernel.threads.size > 1;
    this.#print(several ? `[pid ${String(t.tid).padStart(5)}] ${text}` : text);
  }
}
