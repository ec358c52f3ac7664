/** /proc/[pid] (proc_pid(5)). */
import { CAP_SYS_PTRACE } from "../../abi/capability.ts";
import { EACCES, EINVAL, ENOENT, Errno } from "../../abi/errno.ts";
import { O_ACCMODE, O_CLOEXEC, O_RDONLY, O_WRONLY } from "../../abi/fcntl.ts";
import type { File } from "../file.ts";
import { Location } from "../mount.ts";
import type { Caller } from "../types.ts";
import type { Vfs } from "../vfs.ts";
import { networkNode } from "./net.ts";
import { type DirectoryNode, directory, file, link, type Owner, type ProcNode } from "./node.ts";
import { mountInfoText, mountsText } from "./system.ts";
import type { ProcessView, ThreadView } from "./view.ts";

/** Clock ticks of /proc: 100 a second. */
const ticks = (nanoseconds: number): number => Math.floor(nanoseconds / 1e7);
const PAGE = 4096;

export function processNode(vfs: Vfs, p: ProcessView): DirectoryNode {
  const user: Owner = { uid: p.uids[1], gid: p.gids[1] };
  // What is in it is root's when the process is private (PR_SET_DUMPABLE).
  const owner = p.isPrivate ? { uid: 0, gid: 0 } : user;
  const nodes = common(vfs, p, p.leaderView, owner);
  return directory({ ...nodes, task: taskNode(vfs, p, owner) }, 0o555, user);
}

/** The descriptors, memory and names of a process are for itself, its user and root. */
function requireAccess(caller: Caller, p: ProcessView): void {
  if (caller.pid !== p.number && caller.fsuid !== p.uids[1] && !caller.capable(CAP_SYS_PTRACE)) throw new Errno(EACCES);
}

function common(vfs: Vfs, p: ProcessView, t: ThreadView, owner: Owner): Record<string, ProcNode> {
  const place = (at: () => Location) =>
    link(
      (caller) => {
        requireAccess(caller, p);
        return vfs.displayPath(at(), caller);
      },
      (caller) => {
        requireAccess(caller, p);
        return at();
      },
      owner,
    );
  return {
    cmdline: file(() => p.commandLine, 0o444, owner),
    comm: file(
      () => `${t.name}\n`,
      0o644,
      owner,
      (caller, text) => {
        if (caller.pid !== p.number) throw new Errno(EINVAL);
        t.name = text.replace(/\n.*$/s, "").slice(0, 15);
      },
    ),
    environ: file(() => p.environment, 0o400, owner),
    auxv: file(() => p.auxiliaryVector, 0o400, owner),
    exe: link(
      (caller) => {
        requireAccess(caller, p);
        if (p.zombie || p.executable === "") throw new Errno(ENOENT);
        return p.executable;
      },
      () => p.executableLocation,
      owner,
    ),
    cwd: place(() => p.fs.cwd),
    root: place(() => p.fs.root),
    ns: namespacesNode(p, owner),
    uid_map: idMapNode(p, owner, "uid"),
    gid_map: idMapNode(p, owner, "gid"),
    setgroups: file(
      () => `${p.setgroups}\n`,
      0o644,
      owner,
      (caller, text) => p.writeSetgroups(caller, text),
    ),
    fd: descriptorsNode(vfs, p, owner),
    fdinfo: descriptorInfoNode(p, owner),
    maps: file(() => (p.zombie ? "" : p.maps()), 0o444, owner),
    net: networkNode(() => p.network),
    mounts: file((caller) => mountsText(vfs, p.mounts, p.fs.root, caller), 0o444, owner),
    mountinfo: file((caller) => mountInfoText(vfs, p.mounts, p.fs.root, caller), 0o444, owner),
    stat: file(() => statText(p, t), 0o444, owner),
    statm: file(() => statmText(p), 0o444, owner),
    status: file(() => statusText(p, t), 0o444, owner),
    limits: file(() => limitsText(p), 0o444, owner),
    cgroup: file(() => "0::/\n", 0o444, owner),
    oom_score: file(() => "0\n", 0o444, owner),
  };
}

const idMapNode = (p: ProcessView, owner: Owner, kind: "uid" | "gid"): ProcNode =>
  file(
    (caller) => p.idMap(caller, kind),
    0o644,
    owner,
    (caller, text) => p.writeIdMap(caller, kind, text),
  );

/** /proc/[pid]/ns. */
function namespacesNode(p: ProcessView, owner: Owner): DirectoryNode {
  const find = (name: string): ProcNode | null => {
    const found = p.namespaceLinks.find((each) => each.name === name);
    if (!found) return null;
    const checked = <T>(value: T | null) => {
      if (value === null || value === "" || p.zombie) throw new Errno(ENOENT);
      return value;
    };
    return link(
      (caller) => {
        requireAccess(caller, p);
        return checked(found.text);
      },
      (caller) => {
        requireAccess(caller, p);
        return checked(found.location);
      },
      owner,
    );
  };
  return { kind: "directory", mode: 0o511, owner, find, list: () => p.namespaceLinks.map(({ name }) => name) };
}

function taskNode(vfs: Vfs, p: ProcessView, owner: Owner): DirectoryNode {
  return {
    kind: "directory",
    mode: 0o555,
    owner,
    find(name) {
      for (const t of p.threadViews) {
        if (String(t.tid) === name) return directory(common(vfs, p, t, owner), 0o555, owner);
      }
      return null;
    },
    *list() {
      for (const t of p.threadViews) yield String(t.tid);
    },
  };
}

/** What a descriptor's link shows: a path, or "pipe:[12]". */
export function fileText(vfs: Vfs, open: File, caller: Caller): string {
  return open.location ? vfs.displayPath(open.location, caller) : open.label;
}

function descriptorsNode(vfs: Vfs, p: ProcessView, owner: Owner): DirectoryNode {
  return {
    kind: "directory",
    mode: 0o500,
    owner,
    find(name, caller) {
      requireAccess(caller, p);
      const open = descriptor(p, name);
      if (!open) return null;
      const access = open.flags & O_ACCMODE;
      const mode = (access === O_WRONLY ? 0 : 0o500) | (access === O_RDONLY ? 0 : 0o300);
      const target = () => fileText(vfs, open, caller);
      const jump = () => open.location ?? new Location(vfs.hidden, open.inode);
      return { ...link(target, jump, owner, mode), size: 64 };
    },
    *list(caller) {
      requireAccess(caller, p);
      for (const [fd] of p.files.entries()) yield String(fd);
    },
  };
}

function descriptorInfoNode(p: ProcessView, owner: Owner): DirectoryNode {
  return {
    kind: "directory",
    mode: 0o555,
    owner,
    find(name) {
      const open = descriptor(p, name);
      if (!open) return null;
      return file(
        () => {
          const flags = open.flags | (p.files.closeOnExec(Number(name)) ? O_CLOEXEC : 0);
          const mount = open.location?.mount.id ?? 0;
          return `pos:\t${open.offset}\nflags:\t0${flags.toString(8)}\nmnt_id:\t${mount}\nino:\t${open.inode.ino}\n`;
        },
        0o400,
        owner,
      );
    },
    *list() {
      for (const [fd] of p.files.entries()) yield String(fd);
    },
  };
}

const descriptor = (p: ProcessView, name: string): File | null =>
  /^(0|[1-9][0-9]{0,9})$/.test(name) && !p.zombie ? p.files.get(Number(name)) : null;

function statText(p: ProcessView, t: ThreadView): string {
  const { times: time, memoryUse: memory, faults } = p;
  const { scheduling } = t;
  let threads = 0;
  for (const _ of p.threadViews) threads++;
  const fields = [
    p.ppid,
    p.pgid,
    p.sid,
    p.terminal.device,
    p.terminal.foreground,
    0,
    faults.minor,
    0,
    faults.major,
    0,
    ticks(time.user),
    ticks(time.system),
    ticks(time.childUser),
    ticks(time.childSystem),
    scheduling.priority > 0 ? -1 - scheduling.priority : 20 + scheduling.nice,
    scheduling.nice,
    threads,
    0,
    ticks(time.start),
    memory.virtual,
    memory.resident / PAGE,
    "18446744073709551615",
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    17,
    0,
    scheduling.priority,
    scheduling.policy,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  return `${t.tid} (${t.name}) ${t.stateLetter} ${fields.join(" ")}\n`;
}

function statmText(p: ProcessView): string {
  const { memoryUse: memory } = p;
  const pages = (bytes: number) => Math.ceil(bytes / PAGE);
  return `${pages(memory.virtual)} ${pages(memory.resident)} 0 ${pages(memory.text)} 0 ${pages(memory.data + memory.stack)} 0\n`;
}

const STATES: Record<string, string> = {
  R: "running",
  S: "sleeping",
  D: "disk sleep",
  T: "stopped",
  Z: "zombie",
};

function statusText(p: ProcessView, t: ThreadView): string {
  const { memoryUse: memory, signalSets: signals, capabilitySets: capabilities } = p;
  const kb = (bytes: number) => `${String(Math.ceil(bytes / 1024)).padStart(8)} kB`;
  let threads = 0;
  for (const _ of p.threadViews) threads++;
  const lines: [string, string | number][] = [
    ["Name", t.name],
    ["State", `${t.stateLetter} (${STATES[t.stateLetter] ?? "unknown"})`],
    ["Tgid", p.pid],
    ["Ngid", 0],
    ["Pid", t.tid],
    ["PPid", p.ppid],
    ["TracerPid", 0],
    ["Uid", p.uids.join("\t")],
    ["Gid", p.gids.join("\t")],
    ["FDSize", p.zombie ? 0 : Math.max(64, p.files.length)],
    ["Groups", `${p.supplementaryGroups.join(" ")} `],
    ["NStgid", p.nestedNumbers.pid],
    ["NSpid", p.nestedNumbers.pid],
    ["NSpgid", p.nestedNumbers.pgid],
    ["NSsid", p.nestedNumbers.sid],
  ];
  if (!p.zombie) {
    lines.push(
      ["VmPeak", kb(memory.virtual)],
      ["VmSize", kb(memory.virtual)],
      ["VmHWM", kb(memory.peak)],
      ["VmRSS", kb(memory.resident)],
      ["VmData", kb(memory.data)],
      ["VmStk", kb(memory.stack)],
      ["VmExe", kb(memory.text)],
    );
  }
  lines.push(
    ["Threads", threads],
    ["SigPnd", signals.pending],
    ["ShdPnd", signals.shared],
    ["SigBlk", signals.blocked],
    ["SigIgn", signals.ignored],
    ["SigCgt", signals.caught],
    ["CapInh", capabilities.inheritable],
    ["CapPrm", capabilities.permitted],
    ["CapEff", capabilities.effective],
    ["CapBnd", capabilities.bounding],
    ["CapAmb", capabilities.ambient],
    ["NoNewPrivs", p.noNewPrivileges ? 1 : 0],
    ["Cpus_allowed", 1],
    ["Cpus_allowed_list", 0],
  );
  return lines.map(([name, value]) => `${name}:\t${value}\n`).join("");
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

function limitsText(p: ProcessView): string {
  const value = (n: number) => (n === Number.POSITIVE_INFINITY ? "unlimited" : String(n)).padEnd(20);
  const { soft, hard } = p.limitValues;
  const rows = LIMITS.map(
    ([name, unit], i) => `${name.padEnd(25)} ${value(soft[i])} ${value(hard[i])} ${unit.padEnd(10)}`,
  );
  return `${["Limit".padEnd(25), "Soft Limit".padEnd(20), "Hard Limit".padEnd(20), "Units".padEnd(10)].join(" ")}\n${rows.join("\n")}\n`;
}
