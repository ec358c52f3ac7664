/**
 * A machine: one emulated Linux from boot to the end of its command. `run` is its life, an asynchronous loop that runs
 * threads for a while, lets the event loop have a turn, and sleeps when all threads wait.
 */
import { exitCode, termSignal } from "../abi/clone.ts";
import { Errno } from "../abi/errno.ts";
import { SIGKILL } from "../abi/signal.ts";
import { HostWriter } from "../fs/host-pipe.ts";
import { Fetcher } from "../fs/image/fetcher.ts";
import { INSTRUCTION_NS } from "../kernel/clock.ts";
import { endAll } from "../kernel/exit.ts";
import type { Host } from "../kernel/host.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { NamespacePort } from "../kernel/namespace-port.ts";
import { endNetworks } from "../kernel/network.ts";
import { RemoteEvents } from "../kernel/remote-events.ts";
import type { SchedulerListener } from "../kernel/scheduler.ts";
import { kernelInfo, sendToProcess } from "../kernel/signal/send.ts";
import { runSlice } from "../kernel/slice.ts";
import type { FrameOwner } from "../memory/types.ts";
import type { Egress } from "../net/egress/egress.ts";
import { NeedPage } from "../wait/queue.ts";
import { assemble } from "./assembly.ts";
import { argumentsOf, commandOf, makeFirstProcess, makeStreams, type StandardStreams, startProgram } from "./boot.ts";
import { IdleMerger } from "./idle-merger.ts";
import type { Isolate } from "./isolate.ts";
import { HEARTBEAT, type Tenant } from "./leases.ts";
import { type Joined, join } from "./namespace.ts";
import {
  type EndReason,
  type ExitStatus,
  type MachineLimits,
  type MachineOptions,
  type MachineStats,
  UNLIMITED_MACHINE,
  type WindowSize,
} from "./options.ts";
import { CountingReader, type OutputTotal } from "./output.ts";
import { Quanta } from "./quanta.ts";
import { openWayOut, writeResolverFiles } from "./way-out.ts";

/** Instruction units between two turns of the event loop: 20 ms. */
const BUDGET = 5_000_000;
/** What a command that cannot be started exits with (as a shell has it: not found, cannot execute). */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
/** Milliseconds that a machine whose command has ended waits for what it has sent to leave. */
const LINGER = 5000;
const ENOENT = 2;

export class Machine implements Tenant, SchedulerListener {
  readonly kernel: Kernel;
  readonly limits: MachineLimits;
  /** The host's ends of the command's standard streams. */
  readonly stdin: HostWriter;
  readonly stdout: CountingReader;
  readonly stderr: CountingReader;
  readonly #isolate: Isolate;
  readonly #options: MachineOptions;
  readonly #fetcher: Fetcher;
  /** The way out of the machine. */
  readonly #egress: Egress;
  /** The guest's ends; empty once the command has them. */
  readonly #streams: StandardStreams;
  /** What was written to standard output and standard error. */
  readonly #output: OutputTotal;
  /** Ends the sleep of the loop, while it sleeps. */
  #wake: (() => void) | null = null;
  #reason: EndReason | null = null;
  /** Another request has given back what the machine had. */
  #evicted = false;
  /** Its place in a namespace of machines; null when it is alone. */
  #joined: Joined | null = null;
  #startedAt = 0;
  #wallMs = 0;
  #waitsUntil = 0;
  readonly #merger: IdleMerger;
  readonly #quanta = new Quanta();

  constructor(isolate: Isolate, options: MachineOptions) {
    this.#isolate = isolate;
    this.#options = options;
    this.limits = { ...UNLIMITED_MACHINE, ...options.limits };
    this.#fetcher = new Fetcher(isolate.images);
    const { kernel, devpts } = assemble(isolate, this.#fetcher, options, this.limits);
    this.kernel = kernel;
    this.#egress = openWayOut(kernel, options.egress ?? []);
    this.#merger = new IdleMerger(kernel, options.mergeDomain ?? null);
    kernel.scheduler.listener = this;
    this.#streams = makeStreams(kernel.vfs, devpts, options.terminal);
    const [stdin, stdout, stderr] = this.#streams.pipes;
    this.#output = {
      bytes: 0,
      limit: this.limits.outputMiB * 1048576,
      exceeded: () => this.#endNow("output"),
    };
    this.stdin = new HostWriter(stdin);
    this.stdout = new CountingReader(stdout, this.#output);
    this.stderr = new CountingReader(stderr, this.#output);
  }

  /** Runs the command to its end. Rejects only when something in the machine itself is broken. */
  async run(host: Host): Promise<ExitStatus> {
    const { kernel } = this;
    kernel.host = host;
    this.#startedAt = host.now();
    this.#isolate.leases.register(this, this.#startedAt);
    const joining = host.namespace === undefined ? null : this.#join(host, host.namespace);
    // It is awaited before the first process.
    joining?.catch(() => {});
    try {
      kernel.clock.start(host.now());
      const failure = await this.#boot(host, joining);
      if (failure !== null) return failure;
      await this.#loop(host);
      const status = this.#status();
      if (status.reason === undefined) await this.#linger(host);
      if (status.reason !== undefined) host.log("warn", `machine ended: ${status.reason}`);
      return status;
    } finally {
      this.#wallMs = host.now() - this.#startedAt;
      this.#isolate.leases.release(this);
      this.#tearDown();
      this.#egress.end();
      if (joining !== null) {
        await joining.catch(() => {});
        await this.#joined?.leave();
      }
    }
  }

  /** Sends a signal to the command's process, as kill(1) would. */
  signal(signal: number): void {
    const { init } = this.kernel;
    if (init !== null && !init.zombie) sendToProcess(init, kernelInfo(signal));
  }

  /** The window of the command's terminal has another size now. */
  resize({ rows, columns }: WindowSize): void {
    const { terminal } = this.#streams;
    if (terminal !== null) terminal.windowSize = { rows, columns, width: 0, height: 0 };
  }

  /** Ends the machine. */
  kill(reason: EndReason = "killed"): void {
    this.#reason ??= reason;
    this.#wake?.();
  }

  /** A thread can run: ends the sleep of the loop. */
  onRunnable(): void {
    this.#wake?.();
  }

  /** Resolves when what it has written may be seen outside of its namespace; null when it may be now (the output gate). */
  settled(): Promise<unknown> | null {
    return this.#joined?.settled() ?? null;
  }

  /** Ends the machine from within a call of its guest: the thread that runs stops at the end of the call. */
  #endNow(reason: EndReason): void {
    this.kill(reason);
    for (const p of this.kernel.processes.values()) if (!p.zombie) sendToProcess(p, kernelInfo(SIGKILL));
  }

  // ---- as a tenant of the isolate

  get owner(): FrameOwner {
    return this.kernel.owner;
  }

  get cpuTime(): number {
    return this.kernel.clock.cpuTime;
  }

  get waitsUntil(): number {
    return this.kernel.scheduler.idle ? this.#waitsUntil : 0;
  }

  get running(): boolean {
    return this.kernel.current !== null;
  }

  evict(reason: "memory" | "abandoned"): void {
    const { kernel } = this;
    this.#reason ??= reason;
    this.#evicted = true;
    this.#joined?.abandon();
    // Nothing below may reach the streams, the trace or the sleep of the machine's own request.
    this.stdin.onSpace(null);
    this.stdout.onData(null);
    this.stderr.onData(null);
    kernel.trace = null;
    kernel.scheduler.listener = null;
    for (const t of kernel.threads.values()) t.robustList = t.clearChildTid = 0;
    this.#tearDown();
  }

  get stats(): MachineStats {
    const { stats, owner, clock } = this.kernel;
    return {
      instructions: stats.instructions,
      systemCalls: stats.syscalls,
      pageFaults: stats.faults,
      signals: stats.signals,
      contextSwitches: stats.switches,
      processes: stats.processes,
      objectReads: this.#fetcher.stats.reads,
      ipcOperations: this.#joined?.ipcTraffic.operations ?? 0,
      ipcCalls: this.#joined?.ipcTraffic.calls ?? 0,
      peakFrames: owner.peakFrames,
      cpuMs: clock.cpuTime / 1e6,
      wallMs: this.#wallMs || (this.kernel.host === undefined ? 0 : this.kernel.host.now() - this.#startedAt),
    };
  }

  async #join(host: Host, namespace: NamespacePort): Promise<void> {
    const events = new RemoteEvents(this.kernel);
    this.#joined = await join(this.kernel, host, namespace, {
      answer: (event) => events.answer(event),
      expelled: (error) => {
        host.log("error", `namespace ${namespace.name}: ${error.message}`);
        this.kill("expelled");
      },
    });
  }

  // ---- boot

  /** `joining`: the first process has a pid of the namespace. */
  async #boot(host: Host, joining: Promise<void> | null): Promise<ExitStatus | null> {
    const { kernel } = this;
    try {
      if (this.#options.egress?.length) await this.#withPages(host, () => writeResolverFiles(kernel));
      const command = await this.#withPages(host, () => commandOf(kernel, this.#options));
      if (joining !== null) await this.#waitFor(host, joining);
      const { group } = this.#options;
      if (group !== undefined) {
        if (this.#joined === null) throw new Error("Only a machine in a namespace can be in another's group.");
        await this.#waitFor(host, this.#joined.hold([group.sid, group.pgid ?? group.sid]));
      }
      const t = await this.#withPages(host, () => makeFirstProcess(kernel, command, this.#streams, this.limits, group));
      await this.#withPages(host, () => startProgram(t, command));
      this.#closeStreams();
      return null;
    } catch (error) {
      if (this.#reason !== null) return { signal: SIGKILL, reason: this.#reason };
      if (!(error instanceof Errno)) throw error;
      const name = argumentsOf(this.#options)[0] ?? "";
      this.#complain(`${name}: ${error.message}\n`);
      return { exitCode: error.errno === ENOENT ? NOT_FOUND : NOT_EXECUTABLE };
    }
  }

  /** Waits as the loop does for its threads: with signs of life, and within the wall limit. */
  async #waitFor(host: Host, promise: Promise<void>): Promise<void> {
    let settled = false;
    const settle = () => {
      settled = true;
      this.#wake?.();
    };
    promise.then(settle, settle);
    while (!settled) {
      await this.#sleep(host, Math.min(this.limits.wallMs, HEARTBEAT));
      this.#checkLimits(host);
      if (this.#reason !== null) throw new Error(`The machine was ended: ${this.#reason}.`);
    }
    await promise;
  }

  /** Runs `step` until no page is missing any more. */
  async #withPages<T>(host: Host, step: () => T): Promise<T> {
    for (;;) {
      try {
        return step();
      } catch (error) {
        if (!(error instanceof NeedPage)) throw error;
        let arrived = false;
        error.queue.add({
          wake: () => {
            arrived = true;
            this.#wake?.();
          },
        });
        while (!arrived) {
          this.#pump(host);
          await this.#sleep(host, Math.min(this.limits.wallMs, HEARTBEAT));
          this.#checkLimits(host);
          if (this.#reason !== null) throw error;
        }
      }
    }
  }

  /** A line on the command's standard error by the machine itself. */
  #complain(text: string): void {
    const { pipes, terminal } = this.#streams;
    const bytes = new TextEncoder().encode(text);
    if (terminal === null) pipes[2].push(bytes);
    else terminal.write(bytes);
  }

  // ---- the loop

  async #loop(host: Host): Promise<void> {
    const { kernel } = this;
    const { scheduler, clock } = kernel;
    while (!this.#over()) {
      this.#turn();
      this.#pump(host);
      this.#checkLimits(host);
      if (this.#over()) return;
      if (scheduler.idle && !this.#egress.pending) await this.#idle(host);
      else await host.yield();
      clock.sync(host.now());
      scheduler.deadlines.expire(clock.now());
      this.#egress.deliver();
      this.#checkLimits(host);
    }
  }

  #over(): boolean {
    return this.kernel.init!.zombie || this.#reason !== null;
  }

  /** Runs threads until the budget is spent, all of them wait, or the command has ended. */
  #turn(): void {
    const { kernel } = this;
    const { scheduler, clock } = kernel;
    const end = clock.cpuTime + BUDGET * INSTRUCTION_NS;
    while (!this.#over() && clock.cpuTime < end) {
      const t = scheduler.next();
      if (t === null) return;
      runSlice(kernel, t, this.#quanta.next());
      if (kernel.oomKills > 0) this.kill("memory");
      if (scheduler.deadlines.next <= clock.now()) scheduler.deadlines.expire(clock.now());
      if (clock.cpuTime > this.limits.cpuMs * 1e6) this.kill("cpu");
    }
  }

  /** All threads wait: sleeps until the next deadline, or until something from outside comes. */
  async #idle(host: Host): Promise<void> {
    const { scheduler, clock } = this.kernel;
    const now = clock.now();
    const time = host.now();
    const deadline = (scheduler.deadlines.next - now) / 1e6;
    this.#waitsUntil = time + deadline;
    const wall = this.#startedAt + this.limits.wallMs - time;
    const ms = Math.min(deadline, wall, this.#merger.next(), HEARTBEAT);
    await this.#sleep(host, Math.max(Math.ceil(ms), 0));
  }

  async #sleep(host: Host, ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    try {
      await host.sleep(ms, promise);
    } finally {
      this.#wake = null;
    }
  }

  /** Takes to the host what programs have asked of the network, and starts what page-ins are wanted. */
  #pump(host: Host): void {
    this.#egress.deliver();
    if (this.#egress.asking) {
      this.#egress.flush(
        host.network,
        () => this.#wake?.(),
        () => this.settled(),
      );
    }
    this.#fetcher.shared = this.#egress.busy;
    if (this.#fetcher.idle) return;
    this.#fetcher.pump(
      host.objects,
      () => this.#wake?.(),
      (message) => host.log("error", message),
    );
  }

  #checkLimits(host: Host): void {
    this.#isolate.leases.renew(this, host.now());
    if (host.now() - this.#startedAt >= this.limits.wallMs) this.kill("wall");
  }

  // ---- the end

  /** The command has ended: its sockets are closed, and what they had to send leaves. */
  async #linger(host: Host): Promise<void> {
    if (!this.#egress.used) return;
    endAll(this.kernel.processes.values());
    this.#egress.flush(
      host.network,
      () => {},
      () => this.settled(),
    );
    await host.sleep(LINGER, this.#egress.drained());
  }

  #status(): ExitStatus {
    const { init, reached } = this.kernel;
    const status = init!.exitStatus;
    const more = reached.size > 0 && { reached: [...reached] };
    const signal = status === null || this.#evicted ? SIGKILL : termSignal(status);
    if (signal === 0) return { exitCode: exitCode(status!), ...more };
    // A machine that is ended sends SIGKILL itself.
    return signal === SIGKILL && this.#reason !== null
      ? { signal, reason: this.#reason, ...more }
      : { signal, ...more };
  }

  /** The machine's own hold on the guest's ends, which keeps them open until the command has them. */
  #closeStreams(): void {
    for (const stream of this.#streams.files.splice(0)) stream.close();
  }

  /** Ends all processes and gives every frame back. */
  #tearDown(): void {
    endAll(this.kernel.processes.values());
    endNetworks(this.kernel);
    this.#closeStreams();
    this.stdin.close();
    this.#isolate.frames.releaseAll(this.kernel.owner);
  }
}
