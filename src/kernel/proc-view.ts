/** The kernel as /proc and /sys show it (fs/proc/view.ts), to those in one pid namespace. */
import { CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN } from "../abi/capability.ts";
import { EINVAL, EPERM, Errno } from "../abi/errno.ts";
import { PROT_WRITE } from "../abi/mman.ts";
import { CLOCK_BOOTTIME } from "../abi/time.ts";
import type { File } from "../fs/file.ts";
import { FILE_SYSTEMS } from "../fs/filesystem-names.ts";
import type { IpcView } from "../fs/proc/ipc.ts";
import { randomUuid } from "../fs/proc/sysctl.ts";
import type { CacheView, MemoryView, NetworkView, ProcessView, SystemView } from "../fs/proc/view.ts";
import type { Caller } from "../fs/types.ts";
import type { AddressSpace } from "../memory/address-space.ts";
import { PAGE_SIZE } from "../memory/layout.ts";
import { FRAME_SHIFT, OWN } from "../memory/present.ts";
import { SETTINGS } from "../net/settings.ts";
import { charge } from "./accounting.ts";
import { capableIn } from "./capabilities.ts";
import { INSTRUCTION_NS } from "./clock.ts";
import { cachesOf, cpuInfoText } from "./cpu-info.ts";
import { KernelIpcView } from "./ipc-view.ts";
import type { Kernel } from "./kernel.ts";
import { loadAverages } from "./load.ts";
import type { NamespaceMaxima } from "./namespace-limits.ts";
import { ownerOf, type UtsNamespace } from "./namespaces.ts";
import type { PidNamespace } from "./pids.ts";
import { ViewOfProcess, viewOfNetwork } from "./process-view.ts";
import { RemoteView } from "./remote-view.ts";
import { RELEASE, VERSION } from "./syscalls/system.ts";
import { BLOCKED, Thread } from "./task.ts";
import type { TimeNamespace } from "./time-namespace.ts";
import { Usage } from "./usage.ts";
import { INITIAL_USER_NAMESPACE } from "./user-namespace.ts";

export class KernelView implements SystemView {
  readonly #kernel: Kernel;
  readonly #namespace: PidNamespace;
  readonly ipc: IpcView;
  #others: RemoteView | null = null;

  /** What those in `namespace` see. */
  constructor(kernel: Kernel, namespace = kernel.pids.root) {
    this.#kernel = kernel;
    this.#namespace = namespace;
    this.ipc = new KernelIpcView(kernel, namespace);
  }

  *processViews(): Iterable<ProcessView> {
    for (const p of this.#kernel.processes.values()) {
      if (this.#namespace.contains(p.pidNamespace)) yield new ViewOfProcess(p, this.#namespace);
    }
  }

  processView(pid: number): ProcessView | null {
    const { threads, processes, pids } = this.#kernel;
    const number = pids.resolve(this.#namespace, pid);
    const p = threads.get(number)?.process ?? processes.get(number);
    return p === undefined ? null : new ViewOfProcess(p, this.#namespace);
  }

  get others(): RemoteView | null {
    if (this.#kernel.remote === null || this.#namespace.level > 0) return null;
    this.#others ??= new RemoteView(this.#kernel);
    return this.#others;
  }

  numberOf(number: number): number {
    return this.#kernel.pids.numberIn(this.#namespace, number);
  }

  get uptime(): number {
    return this.#kernel.clock.now();
  }
  get idleTime(): number {
    const { clock } = this.#kernel;
    return Math.max(clock.now() - clock.cpuTime, 0);
  }
  get userTime(): number {
    const { clock, stats } = this.#kernel;
    return Math.min(stats.instructions * INSTRUCTION_NS, clock.cpuTime);
  }
  get bootClock(): number {
    return timeOfCaller(this.#kernel).fromMachine(CLOCK_BOOTTIME, this.#kernel.clock.now());
  }
  get bootTime(): number {
    const time = timeOfCaller(this.#kernel);
    return this.#kernel.clock.realtime(-time.fromMachine(CLOCK_BOOTTIME, 0)).sec;
  }
  get bootId(): string {
    const kernel = this.#kernel;
    kernel.bootId ??= randomUuid((into) => kernel.host.random(into));
    return kernel.bootId;
  }

  get memory(): MemoryView {
    const { owner, processes } = this.#kernel;
    const spaces = new Set<AddressSpace>();
    for (const p of processes.values()) if (!p.zombie) spaces.add(p.memory);
    const own = new Set<number>();
    const mapped = new Set<number>();
    let locked = 0;
    let tables = 0;
    let committed = 0;
    for (const space of spaces) {
      locked += space.lockedPages;
      tables += space.present.bytes;
      for (const area of space.areas.items) {
        if (!area.shared && area.prot & PROT_WRITE) committed += area.end - area.first;
        sortFrames(space, area.first, area.end, own, mapped);
      }
    }
    const total = owner.frameLimit * PAGE_SIZE;
    const used = owner.frames * PAGE_SIZE;
    return {
      total,
      free: Math.max(total - used, 0),
      anonymous: own.size * PAGE_SIZE,
      shared: Math.max(used - own.size * PAGE_SIZE, 0),
      mapped: mapped.size * PAGE_SIZE,
      locked: locked * PAGE_SIZE,
      tables,
      committed: committed * PAGE_SIZE,
    };
  }

  get load() {
    const { scheduler, threads, pids } = this.#kernel;
    let blocked = 0;
    for (const { state, blocked: block } of threads.values())
      if (state === BLOCKED && block?.uninterruptible) blocked++;
    return {
      averages: loadAverages(this.#kernel),
      running: scheduler.length + 1,
      blocked,
      total: threads.size,
      lastPid: pids.last,
    };
  }
  get pidMax(): number {
    return this.#kernel.pids.limit;
  }
  get lastPid(): number {
    return this.#activePids.allocator.last;
  }
  setLastPid(caller: Caller, pid: number): void {
    const namespace = this.#activePids;
    const { credentials } = caller as Thread;
    const may = (capability: number) => capableIn(credentials, ownerOf(namespace), capability);
    if (!may(CAP_CHECKPOINT_RESTORE) && !may(CAP_SYS_ADMIN)) throw new Errno(EPERM);
    if (namespace.allocator.continueAfter === undefined) throw new Errno(EINVAL);
    namespace.allocator.continueAfter(pid);
  }
  get #activePids(): PidNamespace {
    return this.#kernel.current?.process.pidNamespace ?? this.#namespace;
  }
  get threadLimit(): number {
    return this.#kernel.processLimit;
  }
  get namespaceMaxima(): NamespaceMaxima {
    const { namespaceLimits, current } = this.#kernel;
    return namespaceLimits.of(current?.credentials.userNamespace ?? INITIAL_USER_NAMESPACE);
  }
  get fileLimit(): number {
    return this.#kernel.fileLimit;
  }

  get uts() {
    const { current, namespaces } = this.#kernel;
    const { hostname, domainname } = (current?.namespaces ?? namespaces).uts;
    return {
      sysname: "Linux",
      nodename: hostname,
      release: RELEASE,
      version: VERSION,
      machine: "x86_64",
      domainname,
    };
  }
  setHostname(caller: Caller, name: string): void {
    utsOf(caller).hostname = name;
  }
  setDomainname(caller: Caller, name: string): void {
    utsOf(caller).domainname = name;
  }

  get cpuInfo(): string {
    return cpuInfoText();
  }
  get caches(): readonly CacheView[] {
    return cachesOf();
  }
  get networkSettings() {
    return SETTINGS;
  }
  get fileSystems(): readonly string[] {
    return FILE_SYSTEMS;
  }
  get counts() {
    const { stats, processes, current } = this.#kernel;
    if (current !== null) charge(this.#kernel, current);
    const usage = new Usage();
    for (const p of processes.values()) {
      usage.add(p.currentUsage());
      usage.add(p.childrenUsage);
    }
    const { minorFaults, majorFaults } = usage;
    return { switches: stats.switches, forks: stats.processes, minorFaults, majorFaults };
  }
  get openFiles(): number {
    const files = new Set<File>();
    for (const p of this.#kernel.processes.values()) {
      if (!p.zombie) for (const [, file] of p.files.entries()) files.add(file);
    }
    return files.size;
  }
  networkOf(caller: Caller): NetworkView {
    const { namespaces } = caller instanceof Thread ? caller : this.#kernel;
    return viewOfNetwork(this.#kernel, namespaces.net);
  }
}

/** Adds the frames of pages [first, end) to those of private memory or of files. */
function sortFrames(space: AddressSpace, first: number, end: number, own: Set<number>, files: Set<number>): void {
  const { present, frames } = space;
  for (let page = present.next(first, end); page >= 0; page = present.next(page + 1, end)) {
    const entry = present.get(page);
    const frame = entry >>> FRAME_SHIFT;
    if (frame !== frames.zeroFrame) (entry & OWN ? own : files).add(frame);
  }
}

/** The time namespace of who asks. */
const timeOfCaller = ({ current, namespaces }: Kernel): TimeNamespace => (current?.namespaces ?? namespaces).time;

/** The namespace whose names the caller sees, if it may change them. */
function utsOf(caller: Caller): UtsNamespace {
  const { credentials, namespaces } = caller as Thread;
  if (!capableIn(credentials, ownerOf(namespaces.uts), CAP_SYS_ADMIN)) throw new Errno(EPERM);
  return namespaces.uts;
}
