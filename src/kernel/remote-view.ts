/** Processes of other machines as /proc shows them: asked for all at once, and kept for a moment. */
import type { OtherProcess, OtherProcesses } from "../fs/proc/others.ts";
import { NeedPage } from "../wait/queue.ts";
import type { Kernel } from "./kernel.ts";
import type { ProcessReport } from "./namespace-port.ts";
import type { RemoteCall } from "./remote-call.ts";

/** Nanoseconds that an answer holds: ps(1) looks at each process it has listed. */
const LIFETIME = 1e9;

export class RemoteView implements OtherProcesses {
  readonly #kernel: Kernel;
  #processes = new Map<number, OtherProcess>();
  #call: RemoteCall | null = null;
  /** Monotonic nanoseconds at which the answer was used first. */
  #since = Number.NEGATIVE_INFINITY;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  find(pid: number): OtherProcess | null {
    return this.#kernel.remote!.pids.owns(pid) ? null : (this.#current().get(pid) ?? null);
  }

  pids(): Iterable<number> {
    return this.#current().keys();
  }

  /** Throws NeedPage while the answer is on its way. */
  #current(): Map<number, OtherProcess> {
    const { clock, remote } = this.#kernel;
    if (clock.now() - this.#since < LIFETIME) return this.#processes;
    this.#call ??= remote!.call({ op: "processes" });
    const reports = this.#call.answer as readonly ProcessReport[] | undefined;
    if (reports === undefined) throw new NeedPage(this.#call.queue);
    this.#call = null;
    this.#since = clock.now();
    const { sec, nsec } = clock.realtime(0);
    const boot = sec * 1000 + nsec / 1e6;
    this.#processes = new Map(reports.map((report) => [report.pid, { ...report, stat: statHere(report, boot) }]));
    return this.#processes;
  }
}

/** Clock ticks of /proc in a millisecond: 1 / 10. */
const TICK = 10;
/** Places in /proc/[pid]/stat after the name: terminal, foreground group, start in ticks after boot. */
const [TTY, FOREGROUND, START] = [4, 5, 19];

/** Another machine's terminals are none of this one's; what began before this machine did began with it. */
function statHere({ stat, started }: ProcessReport, boot: number): string {
  const end = stat.lastIndexOf(")") + 2;
  const fields = stat.slice(end).split(" ");
  fields[TTY] = "0";
  fields[FOREGROUND] = "-1";
  fields[START] = String(Math.max(Math.floor((started - boot) / TICK), 0));
  return stat.slice(0, end) + fields.join(" ");
}
