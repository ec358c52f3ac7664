/** /proc/[pid]/stat, statm, status, limits and io (proc_pid_stat(5) and its neighbours; fs/proc/array.c). */
import { RLIMIT_RSS, RLIMIT_SIGPENDING } from "../../abi/resource.ts";
import { countPages, programLayout } from "../../memory/inspect.ts";
import { PAGE_SIZE } from "../../memory/layout.ts";
import type { Caller } from "../types.ts";
import type { ProcessView, SignalWords, ThreadView } from "./view.ts";

/** Clock ticks of /proc: 100 a second. */
const ticks = (nanoseconds: number): number => Math.floor(nanoseconds / 1e7);

/** RLIM_INFINITY. */
const UNLIMITED = "18446744073709551615";
/** task_struct.flags: PF_EXITING, PF_FORKNOEXEC. */
const PF_EXITING = 0x4;
const PF_FORKNOEXEC = 0x40;

const layoutOf = (p: ProcessView) => {
  const inode = p.executableLocation?.inode;
  return p.space === null ? null : programLayout(p.space, inode?.device ?? -1, inode?.ino ?? -1);
};

/** /proc/[pid]/stat, or with `whole` false that of one thread. Addresses are for those who may look into the process. */
export function statText(p: ProcessView, t: ThreadView, whole: boolean, caller: Caller): string {
  const { scheduling, pendingSignals, blockedSignals } = t;
  const { space, childrenUsage: children, zombie } = p;
  const usage = whole ? p.usage : t.usage;
  const permitted = p.mayRead(caller);
  const layout = layoutOf(p);
  const seen = (address: number, hidden = 0) => (space === null ? 0 : permitted ? address : hidden);
  const rss = p.limitValues.soft[RLIMIT_RSS];
  const word = ({ low }: SignalWords) => low & 0x7fff_ffff;
  const leader = t.tid === p.pid;
  const fields = [
    p.ppid,
    p.pgid,
    p.sid,
    p.terminal.device,
    p.terminal.foreground,
    (zombie ? PF_EXITING : 0) | (p.forkedOnly ? PF_FORKNOEXEC : 0),
    usage.minorFaults,
    children.minorFaults,
    usage.majorFaults,
    children.majorFaults,
    ticks(usage.user),
    ticks(usage.system),
    ticks(children.user),
    ticks(children.system),
    scheduling.priority > 0 ? -1 - scheduling.priority : 20 + scheduling.nice,
    scheduling.nice,
    p.threadViews.length,
    0, // itrealvalue
    ticks(p.startTime),
    space === null ? 0 : space.mappedPages * PAGE_SIZE,
    space?.residentPages ?? 0,
    rss === Number.POSITIVE_INFINITY ? UNLIMITED : rss,
    seen(layout?.codeStart ?? 0, 1),
    seen(layout?.codeEnd ?? 0, 1),
    seen(space?.stackStart ?? 0),
    0, // kstkesp and kstkeip: only of what dumps core
    0,
    word(pendingSignals),
    word(blockedSignals),
    word(p.ignoredSignals),
    word(p.caughtSignals),
    t.stateLetter === "R" || !permitted ? 0 : 1, // wchan
    0, // nswap, cnswap
    0,
    leader ? p.exitSignal : -1,
    0, // processor
    scheduling.priority,
    scheduling.policy,
    0, // block I/O delays
    0, // guest time, of virtual machines
    0,
    seen(layout?.dataStart ?? 0),
    seen(layout?.dataEnd ?? 0),
    seen(space?.breakStart ?? 0),
    seen(space?.argumentStart ?? 0),
    seen(space?.argumentEnd ?? 0),
    seen(space?.environmentStart ?? 0),
    seen(space?.environmentEnd ?? 0),
    permitted ? p.exitStatus : 0,
  ];
  return `${t.tid} (${escaped(t.name)}) ${t.stateLetter} ${fields.join(" ")}\n`;
}

/** Names may hold anything: what would break lines is escaped (proc_task_name). */
const escaped = (name: string): string => name.replace(/\\/g, "\\\\").replace(/\n/g, "\\n");

export function statmText(p: ProcessView): string {
  const { space } = p;
  if (space === null) return "0 0 0 0 0 0 0\n";
  const { anonymous, resident } = countPages(space);
  const layout = layoutOf(p)!;
  const text = (layout.codeEnd - layout.codeStart) / PAGE_SIZE;
  return `${space.mappedPages} ${resident} ${resident - anonymous} ${text} 0 ${space.dataPages + layout.stackPages} 0\n`;
}

const STATES: Record<string, string> = {
  R: "running",
  S: "sleeping",
  D: "disk sleep",
  T: "stopped",
  Z: "zombie",
  X: "dead",
};

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");
const signals = ({ low, high }: SignalWords): string => hex(high) + hex(low);

export function statusText(p: ProcessView, t: ThreadView): string {
  const { capabilitySets: capabilities, seccomp, usage } = t;
  const numbers = p.nestedNumbers;
  const lines: [string, string | number][] = [
    ["Name", escaped(t.name)],
    ...(p.zombie ? [] : ([["Umask", p.fs.umask.toString(8).padStart(4, "0")]] as [string, string][])),
    ["State", `${t.stateLetter} (${STATES[t.stateLetter] ?? "unknown"})`],
    ["Tgid", p.pid],
    ["Ngid", 0],
    ["Pid", t.tid],
    ["PPid", p.ppid],
    ["TracerPid", 0],
    ["Uid", t.uids.join("\t")],
    ["Gid", t.gids.join("\t")],
    ["FDSize", p.zombie ? 0 : p.files.capacity],
    ["Groups", `${t.supplementaryGroups.join(" ")} `],
    ["NStgid", numbers.pid],
    ["NSpid", numbers.pid],
    ["NSpgid", numbers.pgid],
    ["NSsid", numbers.sid],
    ["Kthread", 0],
    ...memoryLines(p),
    ["Threads", p.threadViews.length],
    ["SigQ", `${p.queuedSignals}/${limitValue(p.limitValues.soft[RLIMIT_SIGPENDING])}`],
    ["SigPnd", signals(t.pendingSignals)],
    ["ShdPnd", signals(p.pendingSignals)],
    ["SigBlk", signals(t.blockedSignals)],
    ["SigIgn", signals(p.ignoredSignals)],
    ["SigCgt", signals(p.caughtSignals)],
    ["CapInh", capabilities.inheritable],
    ["CapPrm", capabilities.permitted],
    ["CapEff", capabilities.effective],
    ["CapBnd", capabilities.bounding],
    ["CapAmb", capabilities.ambient],
    ["NoNewPrivs", p.noNewPrivileges ? 1 : 0],
    ["Seccomp", seccomp.mode],
    ["Seccomp_filters", seccomp.filters],
    ["Speculation_Store_Bypass", "not vulnerable"],
    ["SpeculationIndirectBranch", "not affected"],
    ["Cpus_allowed", 1],
    ["Cpus_allowed_list", 0],
    ["Mems_allowed", "1"],
    ["Mems_allowed_list", 0],
    ["voluntary_ctxt_switches", usage.voluntarySwitches],
    ["nonvoluntary_ctxt_switches", usage.involuntarySwitches],
  ];
  return lines.map(([name, value]) => `${name}:\t${value}\n`).join("");
}

const limitValue = (n: number): number | string => (n === Number.POSITIVE_INFINITY ? UNLIMITED : n);

/** Nothing of a zombie. */
function memoryLines(p: ProcessView): [string, string | number][] {
  const { space } = p;
  if (space === null) return [];
  const kb = (bytes: number) => `${String(Math.floor(bytes / 1024)).padStart(8)} kB`;
  const pages = (count: number) => kb(count * PAGE_SIZE);
  const counts = countPages(space);
  const layout = layoutOf(p)!;
  const code = layout.codeEnd - layout.codeStart;
  return [
    ["VmPeak", pages(space.peakMapped)],
    ["VmSize", pages(space.mappedPages)],
    ["VmLck", pages(space.lockedPages)],
    ["VmPin", kb(0)],
    ["VmHWM", pages(Math.max(space.peakResident, counts.resident))],
    ["VmRSS", pages(counts.resident)],
    ["RssAnon", pages(counts.anonymous)],
    ["RssFile", pages(counts.file)],
    ["RssShmem", pages(counts.shared)],
    ["VmData", pages(space.dataPages)],
    ["VmStk", pages(layout.stackPages)],
    ["VmExe", kb(code)],
    ["VmLib", kb(layout.executablePages * PAGE_SIZE - code)],
    ["VmPTE", kb(space.present.bytes)],
    ["VmSwap", kb(0)],
    ["HugetlbPages", kb(0)],
    ["CoreDumping", 0],
    ["THP_enabled", 0],
    ["untag_mask", "0xffffffffffffffff"],
  ];
}

const LIMITS: readonly [name: string, unit: string][] = [
  ["Max cpu time", "seconds"],
  ["Max file size", "bytes"],
  ["Max data size", "bytes"],
  ["Max stack size", "bytes"],
  ["Max core file size", "bytes"],
  ["Max resident set", "bytes"],
  ["Max processes", "processes"],
  ["Max open files", "files"],
  ["Max locked memory", "bytes"],
  ["Max address space", "bytes"],
  ["Max file locks", "locks"],
  ["Max pending signals", "signals"],
  ["Max msgqueue size", "bytes"],
  ["Max nice priority", ""],
  ["Max realtime priority", ""],
  ["Max realtime timeout", "us"],
];

export function limitsText(p: ProcessView): string {
  const value = (n: number) => (n === Number.POSITIVE_INFINITY ? "unlimited" : String(n)).padEnd(20);
  const { soft, hard } = p.limitValues;
  const rows = LIMITS.map(
    ([name, unit], i) => `${name.padEnd(25)} ${value(soft[i])} ${value(hard[i])} ${unit === "" ? "" : unit.padEnd(10)}`,
  );
  const head = ["Limit".padEnd(25), "Soft Limit".padEnd(20), "Hard Limit".padEnd(20), "Units".padEnd(10)];
  return `${head.join(" ")}\n${rows.join("\n")}\n`;
}

/** Nothing goes to or comes from a device. */
export function ioText({ usage: whole }: ProcessView, usage = whole): string {
  const { readBytes, writtenBytes, reads, writes } = usage;
  return [
    `rchar: ${readBytes}`,
    `wchar: ${writtenBytes}`,
    `syscr: ${reads}`,
    `syscw: ${writes}`,
    "read_bytes: 0",
    "write_bytes: 0",
    "cancelled_write_bytes: 0",
    "",
  ].join("\n");
}
