/** The kernel as /proc shows it (fs/proc/view.ts). */
import { SIG_IGN } from "../abi/signal.ts";
import type { Location } from "../fs/mount.ts";
import type { IpcView } from "../fs/proc/ipc.ts";
import type { NetworkView, ProcessView, SystemView, ThreadView } from "../fs/proc/view.ts";
import { slaveDevice } from "../fs/tty/device-numbers.ts";
import type { Caller } from "../fs/types.ts";
import { PROMISED } from "../isa/cpuid.ts";
import { PAGE_SIZE } from "../memory/layout.ts";
import { mapsText } from "../memory/maps.ts";
import { reports } from "../net/report.ts";
import { SETTINGS } from "../net/settings.ts";
import type { CapabilitySet } from "./capabilities.ts";
import { INSTRUCTION_NS } from "./clock.ts";
import { type IdMapKind, readIdMap, writeIdMap, writeSetgroups } from "./id-maps.ts";
import { KernelIpcView } from "./ipc-view.ts";
import type { Kernel } from "./kernel.ts";
import { networkOf } from "./network.ts";
import { namespaceLocation, namespacesOf, namespaceText } from "./nsfs.ts";
import type { PidNamespace } from "./pids.ts";
import type { PendingSignals } from "./signal/pending.ts";
import { SignalSet } from "./signal/set.ts";
import { RELEASE, VERSION } from "./syscalls/system.ts";
import { BLOCKED, DEAD, type Process, STOPPED, type Thread } from "./task.ts";

export class KernelView implements SystemView {
  readonly #kernel: Kernel;
  readonly #namespace: PidNamespace;
  readonly ipc: IpcView;

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
  get bootTime(): number {
    return this.#kernel.clock.realtime(0).sec;
  }
  get memory() {
    const { owner } = this.#kernel;
    const total = owner.frameLimit * PAGE_SIZE;
    return { total, free: Math.max(total - owner.frames * PAGE_SIZE, 0), cached: 0 };
  }
  get load() {
    const { scheduler, threads, pids } = this.#kernel;
    return { running: scheduler.length + 1, total: threads.size, lastPid: pids.last };
  }
  get pidMax(): number {
    return this.#kernel.pids.limit;
  }
  get uts() {
    const { current, namespaces } = this.#kernel;
    const { hostname, domainname } = (current?.namespaces ?? namespaces).uts;
    return { sysname: "Linux", nodename: hostname, release: RELEASE, version: VERSION, domainname };
  }
  get cpuInfo(): string {
    return CPU_INFO;
  }
  get networkSettings() {
    return SETTINGS;
  }
  get counts() {
    const { switches, processes } = this.#kernel.stats;
    return { switches, forks: processes };
  }
}

/** Names of Linux's /proc/cpuinfo where they differ from the table's. */
const FLAG_NAMES: Record<string, string> = {
  base: "fpu",
  sse3: "pni",
  "sse4.1": "sse4_1",
  "sse4.2": "sse4_2",
  lahf: "lahf_lm",
};

const CPU_INFO = `${[
  "processor\t: 0",
  "vendor_id\t: GenuineIntel",
  "cpu family\t: 6",
  "model\t\t: 15",
  "model name\t: Binlet",
  "stepping\t: 1",
  `cpu MHz\t\t: ${(1000 / INSTRUCTION_NS).toFixed(3)}`,
  "cache size\t: 2048 KB",
  "physical id\t: 0",
  "siblings\t: 1",
  "core id\t\t: 0",
  "cpu cores\t: 1",
  "fpu\t\t: yes",
  "fpu_exception\t: yes",
  "cpuid level\t: 7",
  "wp\t\t: yes",
  `flags\t\t: ${PROMISED.map((feature) => FLAG_NAMES[feature] ?? feature).join(" ")} lm`,
  `bogomips\t: ${(2000 / INSTRUCTION_NS).toFixed(2)}`,
  "clflush size\t: 64",
  "cache_alignment\t: 64",
  "address sizes\t: 40 bits physical, 48 bits virtual",
].join("\n")}\n\n`;

class ViewOfThread implements ThreadView {
  readonly #thread: Thread;
  readonly #namespace: PidNamespace;

  constructor(thread: Thread, namespace: PidNamespace) {
    this.#thread = thread;
    this.#namespace = namespace;
  }

  get tid(): number {
    return this.#thread.kernel.pids.numberIn(this.#namespace, this.#thread.tid);
  }
  get name(): string {
    return this.#thread.name;
  }
  set name(name: string) {
    this.#thread.name = name;
  }
  get scheduling(): Thread {
    return this.#thread;
  }
  get stateLetter(): string {
    switch (this.#thread.state) {
      case BLOCKED:
        return this.#thread.blocked?.uninterruptible ? "D" : "S";
      case STOPPED:
        return "T";
      case DEAD:
        return "Z";
      default:
        return "R";
    }
  }
}

class ViewOfProcess implements ProcessView {
  readonly #process: Process;
  readonly #namespace: PidNamespace;

  constructor(process: Process, namespace: PidNamespace) {
    this.#process = process;
    this.#namespace = namespace;
  }

  #number(number: number): number {
    return this.#process.kernel.pids.numberIn(this.#namespace, number);
  }

  get number(): number {
    return this.#process.pid;
  }
  get pid(): number {
    return this.#number(this.#process.pid);
  }
  get ppid(): number {
    const { parent, ppid } = this.#process;
    return parent === null && this.#namespace.level > 0 ? 0 : this.#number(ppid);
  }
  get pgid(): number {
    return this.#number(this.#process.pgid);
  }
  get sid(): number {
    return this.#number(this.#process.sid);
  }
  get terminal() {
    const { terminal } = this.#process;
    if (terminal === null) return { device: 0, foreground: -1 };
    return { device: slaveDevice(terminal.index), foreground: terminal.foreground };
  }
  get zombie(): boolean {
    return this.#process.zombie;
  }
  get leaderView(): ThreadView {
    return new ViewOfThread(this.#process.leader, this.#namespace);
  }
  get threadViews(): ThreadView[] {
    return [...this.#process.threads.values()].map((t) => new ViewOfThread(t, this.#namespace));
  }
  get uids(): [number, number, number, number] {
    const { uid, euid, suid, fsuid } = this.#process.credentials;
    return [uid, euid, suid, fsuid];
  }
  get gids(): [number, number, number, number] {
    const { gid, egid, sgid, fsgid } = this.#process.credentials;
    return [gid, egid, sgid, fsgid];
  }
  get isPrivate(): boolean {
    return this.#process.dumpable !== 1;
  }
  get supplementaryGroups(): readonly number[] {
    return this.#process.credentials.groups;
  }
  get executable(): string {
    return this.#process.executable;
  }
  get executableLocation(): Location | null {
    return this.#process.zombie ? null : this.#process.executableLocation;
  }
  get commandLine(): Uint8Array {
    return this.#memory((space) => space.user.read(space.argumentStart, space.argumentEnd - space.argumentStart));
  }
  get environment(): Uint8Array {
    return this.#memory((space) =>
      space.user.read(space.environmentStart, space.environmentEnd - space.environmentStart),
    );
  }
  get auxiliaryVector(): Uint8Array {
    return this.#process.zombie ? NOTHING : this.#process.memory.auxv;
  }
  get files() {
    return this.#process.files;
  }
  get network(): NetworkView {
    const { kernel, leader } = this.#process;
    const network = networkOf(kernel, leader.namespaces.net);
    return { reports: Object.keys(reports), report: (name) => reports[name](network) };
  }
  get fs() {
    return this.#process.fs;
  }
  idMap(caller: Caller, kind: IdMapKind): string {
    return readIdMap(caller as Thread, this.#process.credentials.userNamespace, kind);
  }
  writeIdMap(caller: Caller, kind: IdMapKind, text: string): void {
    writeIdMap(caller as Thread, this.#process.credentials.userNamespace, kind, text);
  }
  get setgroups(): string {
    return this.#process.credentials.userNamespace.setgroups ? "allow" : "deny";
  }
  writeSetgroups(caller: Caller, text: string): void {
    writeSetgroups(caller as Thread, this.#process.credentials.userNamespace, text);
  }
  get nestedNumbers() {
    const { kernel, pid, pgid, sid } = this.#process;
    const all = (number: number) => kernel.pids.numbersFrom(this.#namespace, number).join("\t");
    return { pid: all(pid), pgid: all(pgid), sid: all(sid) };
  }
  get capabilitySets() {
    const { inheritable, permitted, effective, bounding, ambient } = this.#process.credentials.capabilities;
    const text = ([low, high]: CapabilitySet): string => hex(high) + hex(low);
    return {
      inheritable: text(inheritable),
      permitted: text(permitted),
      effective: text(effective),
      bounding: text(bounding),
      ambient: text(ambient),
    };
  }
  get noNewPrivileges(): boolean {
    return this.#process.noNewPrivileges;
  }
  get namespaceLinks() {
    const { kernel, leader } = this.#process;
    return namespacesOf(leader).map(([name, namespace]) => ({
      name,
      text: namespace === null ? "" : namespaceText(namespace),
      location: namespace && namespaceLocation(kernel, namespace),
    }));
  }
  get mounts() {
    return this.#process.leader.namespaces.mnt.mounts;
  }
  maps(): string {
    return this.#process.zombie ? "" : mapsText(this.#process.memory);
  }
  get memoryUse() {
    const p = this.#process;
    if (p.zombie) return { virtual: 0, resident: 0, peak: 0, data: 0, stack: 0, text: 0 };
    const { memory } = p;
    return {
      virtual: memory.mappedPages * PAGE_SIZE,
      resident: memory.residentPages * PAGE_SIZE,
      peak: memory.peakResident * PAGE_SIZE,
      data: memory.dataPages * PAGE_SIZE,
      stack: 0,
      text: 0,
    };
  }
  get times() {
    const own = this.#process.currentUsage();
    const { childrenUsage, startTime } = this.#process;
    return {
      user: own.user,
      system: own.system,
      childUser: childrenUsage.user,
      childSystem: childrenUsage.system,
      start: startTime,
    };
  }
  get faults() {
    const { minorFaults, majorFaults } = this.#process.currentUsage();
    return { minor: minorFaults, major: majorFaults };
  }
  get signalSets() {
    const p = this.#process;
    const ignored = new SignalSet();
    const caught = new SignalSet();
    for (let signal = 1; signal <= 64; signal++) {
      const { handler } = p.handlers.get(signal);
      if (handler === SIG_IGN) ignored.add(signal);
      else if (handler > SIG_IGN) caught.add(signal);
    }
    const pendingOf = ({ set }: PendingSignals) => digits(set);
    return {
      pending: pendingOf(p.leader.pending),
      shared: pendingOf(p.pending),
      blocked: digits(p.leader.mask),
      ignored: digits(ignored),
      caught: digits(caught),
    };
  }
  get limitValues() {
    return this.#process.limits;
  }

  /** Bytes of the process's memory; nothing once it is gone or unreadable. */
  #memory(read: (space: Process["memory"]) => Uint8Array): Uint8Array {
    return this.#process.zombie ? NOTHING : read(this.#process.memory);
  }
}

const NOTHING = new Uint8Array(0);
const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");
const digits = (set: SignalSet): string => hex(set.high) + hex(set.low);
