/** Processes and threads as /proc shows them (fs/proc/view.ts), to those in one pid namespace. */
import { SECCOMP_MODE_FILTER } from "../abi/seccomp.ts";
import { SIG_IGN } from "../abi/signal.ts";
import { CLOCK_BOOTTIME } from "../abi/time.ts";
import { R8, R9, R10, RAX, RDI, RDX, RIP, RSI, RSP } from "../cpu/state.ts";
import type { Location } from "../fs/mount.ts";
import type { NetworkView, ProcessView, SystemCallView, ThreadView, TimerView, UsageView } from "../fs/proc/view.ts";
import { slaveDevice } from "../fs/tty/device-numbers.ts";
import type { Caller } from "../fs/types.ts";
import { PAGE_SIZE } from "../memory/layout.ts";
import { reports } from "../net/report.ts";
import { charge } from "./accounting.ts";
import { type CapabilitySet, withRealIds } from "./capabilities.ts";
import { type IdMapKind, readIdMap, writeIdMap, writeSetgroups } from "./id-maps.ts";
import type { Kernel } from "./kernel.ts";
import type { NetNamespace } from "./namespaces.ts";
import { networkOf } from "./network.ts";
import { namespaceLocation, namespacesOf, namespaceText } from "./nsfs.ts";
import type { PidNamespace } from "./pids.ts";
import { mayInspect } from "./ptrace-access.ts";
import { SignalSet } from "./signal/set.ts";
import { syscallName } from "./syscalls/names.ts";
import { BLOCKED, DEAD, type Process, STOPPED, Thread } from "./task.ts";
import { offsetsText, writeOffsets } from "./time-offsets.ts";

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");
const digits = ([low, high]: CapabilitySet): string => hex(high) + hex(low);
const ARGUMENTS = [RDI, RSI, RDX, R10, R8, R9];

export function viewOfNetwork(kernel: Kernel, namespace: NetNamespace): NetworkView {
  const network = networkOf(kernel, namespace);
  return {
    reports: Object.keys(reports),
    report: (name) => reports[name](network),
    interfaces: network.interfaces.all,
  };
}

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
  get gone(): boolean {
    const t = this.#thread;
    return t.process.threads.get(t.tid) !== t && t.process.leader !== t;
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
  get uids(): [number, number, number, number] {
    const { uid, euid, suid, fsuid } = this.#thread.credentials;
    return [uid, euid, suid, fsuid];
  }
  get gids(): [number, number, number, number] {
    const { gid, egid, sgid, fsgid } = this.#thread.credentials;
    return [gid, egid, sgid, fsgid];
  }
  get supplementaryGroups(): readonly number[] {
    return this.#thread.credentials.groups;
  }
  get capabilitySets() {
    const { inheritable, permitted, effective, bounding, ambient } = this.#thread.credentials.capabilities;
    return {
      inheritable: digits(inheritable),
      permitted: digits(permitted),
      effective: digits(effective),
      bounding: digits(bounding),
      ambient: digits(ambient),
    };
  }
  get pendingSignals() {
    return this.#thread.pending.set;
  }
  get blockedSignals() {
    return this.#thread.mask;
  }
  get usage(): UsageView {
    return this.#thread.usage;
  }
  get seccomp() {
    let filters = 0;
    const first = this.#thread.seccomp;
    for (let at = first; at !== null; at = at.previous) if (at.mode === SECCOMP_MODE_FILTER) filters++;
    return { mode: first?.mode ?? 0, filters };
  }
  get systemCall(): SystemCallView | null {
    const { state, resume, registers } = this.#thread;
    if (state !== BLOCKED || !resume) return null;
    const view = new DataView(registers.buffer, registers.byteOffset);
    const word = (offset: number) => Number(view.getBigUint64(offset, true));
    const number = view.getUint32(RAX * 8, true);
    return {
      number,
      name: syscallName(number),
      arguments: ARGUMENTS.map((register) => word(register * 8)),
      stackPointer: word(RSP * 8),
      instructionPointer: word(RIP),
    };
  }
  get memoryPolicy() {
    return this.#thread.memoryPolicy;
  }
  get timerSlack(): number {
    return this.#thread.timerSlack;
  }
  set timerSlack(nanoseconds: number) {
    this.#thread.timerSlack = nanoseconds;
  }
  *children(): Iterable<number> {
    const t = this.#thread;
    const { leader, children, kernel } = t.process;
    for (const { pid, creator } of children) {
      if ((creator ?? leader) === t) yield kernel.pids.numberIn(this.#namespace, pid);
    }
  }
}

export class ViewOfProcess implements ProcessView {
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
    return { device: slaveDevice(terminal.index), foreground: this.#number(terminal.foreground) };
  }
  get zombie(): boolean {
    return this.#process.zombie;
  }
  get gone(): boolean {
    const { kernel, pid } = this.#process;
    return kernel.processes.get(pid) !== this.#process;
  }
  mayRead(caller: Caller): boolean {
    if (caller instanceof Thread) return mayInspect(caller, this.#process, true);
    // access(2) asks for the thread that runs, by other ids; what else asks is the kernel.
    const { current } = this.#process.kernel;
    if (current === null || current.pid !== caller.pid) return true;
    const { fsuid, fsgid } = caller;
    return mayInspect(current, this.#process, true, { ...withRealIds(current.credentials), fsuid, fsgid });
  }
  mayAttach(caller: Caller): boolean {
    return this.mayRead(caller);
  }
  get leaderView(): ThreadView {
    return new ViewOfThread(this.#process.leader, this.#namespace);
  }
  get threadViews(): ThreadView[] {
    const { threads, leader } = this.#process;
    const all = new Set([leader, ...threads.values()]);
    return [...all].map((t) => new ViewOfThread(t, this.#namespace));
  }
  get isPrivate(): boolean {
    return this.#process.dumpable !== 1;
  }
  get executableLocation(): Location | null {
    return this.#process.zombie ? null : this.#process.executableLocation;
  }
  get space() {
    return this.#process.zombie ? null : this.#process.memory;
  }
  get files() {
    return this.#process.files;
  }
  get network(): NetworkView {
    const { kernel, leader } = this.#process;
    return viewOfNetwork(kernel, leader.namespaces.net);
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
  get timeOffsets(): string {
    return offsetsText(this.#process.leader.namespaces.timeForChildren);
  }
  writeTimeOffsets(caller: Caller, text: string): number {
    return writeOffsets(caller as Thread, this.#process.leader.namespaces.timeForChildren, text);
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
  get usage(): UsageView {
    const { kernel } = this.#process;
    if (kernel.current?.process === this.#process) charge(kernel, kernel.current);
    return this.#process.currentUsage();
  }
  get childrenUsage(): UsageView {
    return this.#process.childrenUsage;
  }
  get startTime(): number {
    const { kernel, startTime } = this.#process;
    return (kernel.current?.namespaces ?? kernel.namespaces).time.fromMachine(CLOCK_BOOTTIME, startTime);
  }
  get pendingSignals() {
    return this.#process.pending.set;
  }
  get ignoredSignals(): SignalSet {
    return this.#handled((handler) => handler === SIG_IGN);
  }
  get caughtSignals(): SignalSet {
    return this.#handled((handler) => handler > SIG_IGN);
  }
  get queuedSignals(): number {
    const { kernel, credentials } = this.#process;
    return kernel.signalQuota.taken(credentials.uid);
  }
  get limitValues() {
    return this.#process.limits;
  }
  get forkedOnly(): boolean {
    return !this.#process.hasExecuted;
  }
  get exitSignal(): number {
    return this.#process.exitSignal;
  }
  get exitStatus(): number {
    return this.#process.exitStatus ?? 0;
  }
  get personality(): number {
    return this.#process.personality;
  }
  *posixTimers(): Iterable<TimerView> {
    const p = this.#process;
    for (const { id, clockId, notification } of p.posixTimers.all) {
      const { notify, signal, value, thread } = notification;
      yield { id, clockId, signal, value, notify, target: this.#number(thread?.tid ?? p.pid) };
    }
  }
  get settings() {
    return this.#process.settings;
  }
  login(uid: number): void {
    const { settings, kernel } = this.#process;
    settings.loginUid = uid;
    settings.sessionId = uid === 0xffff_ffff ? uid : ++kernel.lastSession;
  }
  /** Linux's oom_badness in thousandths of the machine's memory, shifted above 0 (proc_oom_score). */
  get oomScore(): number {
    const { kernel, zombie, memory, settings } = this.#process;
    if (zombie || settings.oomAdjustment === -1000) return 0;
    const total = kernel.owner.frameLimit;
    const pages = memory.residentPages + Math.ceil(memory.present.bytes / PAGE_SIZE);
    const points = pages + Math.trunc((settings.oomAdjustment * total) / 1000);
    return Math.max(Math.trunc(((1000 + Math.trunc((points * 1000) / total)) * 2) / 3), 0);
  }

  #handled(wanted: (handler: number) => boolean): SignalSet {
    const set = new SignalSet();
    for (let signal = 1; signal <= 64; signal++) {
      if (wanted(this.#process.handlers.get(signal).handler)) set.add(signal);
    }
    return set;
  }
}
