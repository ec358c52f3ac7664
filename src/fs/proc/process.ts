/** /proc/[pid] and /proc/[pid]/task/[tid] (proc_pid(5)). */
import { EINVAL, ENOENT, EPERM, Errno, ESRCH } from "../../abi/errno.ts";
import { SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD_ID } from "../../abi/time.ts";
import type { Location } from "../mount.ts";
import type { Caller } from "../types.ts";
import type { Vfs } from "../vfs.ts";
import { attributesNode } from "./attributes.ts";
import { loginUidNode, sessionIdNode } from "./audit.ts";
import { descriptorInfoNode, descriptorsNode } from "./descriptors.ts";
import * as memory from "./memory.ts";
import { mountInfoText, mountStatsText, mountsText } from "./mounts.ts";
import { networkNode } from "./net.ts";
import { type DirectoryNode, type FileNode, file, link, type Owner, type ProcNode } from "./node.ts";
import { numaMapsText } from "./numa.ts";
import { schedulingNode } from "./scheduling.ts";
import { coreFilterNode, oomAdjNode, oomScoreAdjNode, timerSlackNode } from "./settings.ts";
import { ioText, limitsText, statmText, statText, statusText } from "./status.ts";
import type { ProcessView, SystemView, ThreadView } from "./view.ts";

/** What a node of /proc/[pid] is about: a process (`whole`), or one of its threads. */
export interface Subject {
  readonly vfs: Vfs;
  readonly system: SystemView;
  readonly p: ProcessView;
  readonly t: ThreadView;
  readonly whole: boolean;
  /** Whose the nodes are: root's when the process is private (PR_SET_DUMPABLE); and whose the directories that all may read. */
  readonly owner: Owner;
  readonly user: Owner;
}

/** `number` may also be a thread's: the directory is not listed, but there, and tells of that thread. */
export function processNode(vfs: Vfs, system: SystemView, p: ProcessView, number: number): DirectoryNode {
  const t = p.threadViews.find(({ tid }) => tid === number) ?? p.leaderView;
  const user: Owner = { uid: t.uids[1], gid: t.gids[1] };
  const owner = p.isPrivate ? { uid: 0, gid: 0 } : user;
  return { ...subjectNode({ vfs, system, p, t, whole: true, owner, user }, PROCESS_NODES), process: p };
}

type Nodes = Record<string, (subject: Subject) => ProcNode>;

function subjectNode(subject: Subject, nodes: Nodes): DirectoryNode {
  const { p, t, user } = subject;
  return {
    kind: "directory",
    mode: 0o555,
    owner: user,
    find(name) {
      if (p.gone || t.gone) throw new Errno(ESRCH);
      if (!Object.hasOwn(nodes, name)) return null;
      const node = nodes[name](subject);
      if (node.kind !== "file") return node;
      return {
        ...node,
        text(caller) {
          if (p.gone || t.gone) throw new Errno(ESRCH);
          return node.text(caller);
        },
        write:
          node.write &&
          ((caller, text, offset) => {
            if (p.gone || t.gone) throw new Errno(ESRCH);
            return node.write!(caller, text, offset);
          }),
      };
    },
    list() {
      if (p.gone || t.gone) throw new Errno(ENOENT);
      return Object.keys(nodes);
    },
  };
}

/** Anybody's to read. */
const text =
  (of: (subject: Subject, caller: Caller) => string | Uint8Array) =>
  (subject: Subject): FileNode =>
    file((caller) => of(subject, caller), 0o444, subject.owner);

/** For those who may look into the process. */
const inside =
  (of: (subject: Subject) => string | Uint8Array, mode = 0o400) =>
  (subject: Subject): FileNode =>
    memory.guarded(subject.p, () => of(subject), mode, subject.owner);

/** For those who may trace it, asked at each read. */
const traced =
  (of: (subject: Subject) => string) =>
  (subject: Subject): FileNode =>
    file(
      (caller) => {
        if (!subject.p.mayAttach(caller)) throw new Errno(EPERM);
        return of(subject);
      },
      0o400,
      subject.owner,
    );

/** A magic link to a place. */
const place =
  (at: (p: ProcessView) => Location) =>
  ({ vfs, p, owner }: Subject): ProcNode => {
    const found = (caller: Caller) => {
      memory.requireRead(p, caller);
      if (p.zombie) throw new Errno(ENOENT);
      return at(p);
    };
    return link((caller) => vfs.displayPath(found(caller), caller), found, owner);
  };

const NODES: Nodes = {
  attr: ({ p, owner, user }) => attributesNode(p, owner, user),
  auxv: inside(({ p }) => p.space?.auxv ?? NOTHING),
  cgroup: text(() => "0::/\n"),
  clear_refs: ({ p, owner }) => memory.clearRefsNode(p, owner),
  cmdline: text(({ p }) => bytesBetween(p, "argumentStart", "argumentEnd")),
  comm: ({ p, t, owner }) =>
    file(
      () => `${t.name}\n`,
      0o644,
      owner,
      (caller, name) => {
        if (caller.pid !== p.number) throw new Errno(EINVAL);
        t.name = name.replace(/\0.*$/s, "").slice(0, 15);
      },
    ),
  cpuset: text(() => "/\n"),
  cwd: place((p) => p.fs.cwd),
  environ: inside(({ p }) => bytesBetween(p, "environmentStart", "environmentEnd")),
  exe: ({ vfs, p, owner }) =>
    link(
      (caller) => {
        memory.requireRead(p, caller);
        if (p.executableLocation === null) throw new Errno(ENOENT);
        return vfs.displayPath(p.executableLocation, caller);
      },
      (caller) => {
        memory.requireRead(p, caller);
        if (p.executableLocation === null) throw new Errno(ENOENT);
        return p.executableLocation;
      },
      owner,
    ),
  fd: ({ vfs, p, owner }) => descriptorsNode(vfs, p, owner),
  fdinfo: (subject) => descriptorInfoNode(subject),
  gid_map: (subject) => idMapNode(subject, "gid"),
  io: ({ p, t, whole, owner }) =>
    file(
      (caller) => {
        memory.requireRead(p, caller);
        return ioText(p, whole ? p.usage : t.usage);
      },
      0o400,
      owner,
    ),
  limits: text(({ p }) => limitsText(p)),
  loginuid: ({ p, owner }) => loginUidNode(p, owner),
  maps: ({ p, owner }) => memory.mapsNode(p, owner),
  mem: ({ p, owner }) => memory.memoryNode(p, owner),
  mountinfo: text(({ vfs, p }, caller) => mountInfoText(vfs, p.mounts, p.fs.root, caller)),
  mounts: text(({ vfs, p }, caller) => mountsText(vfs, p.mounts, p.fs.root, caller)),
  net: ({ p, user }) => networkNode(() => p.network, user),
  ns: ({ p, owner }) => namespacesNode(p, owner),
  numa_maps: inside(({ p, t }) => (p.space === null ? "" : numaMapsText(p.space, t.memoryPolicy)), 0o444),
  oom_adj: ({ p, owner }) => oomAdjNode(p, owner),
  oom_score: text(({ p }) => `${p.oomScore}\n`),
  oom_score_adj: ({ p, owner }) => oomScoreAdjNode(p, owner),
  pagemap: ({ p, owner }) => memory.pageMapNode(p, owner),
  personality: traced(({ p }) => `${p.personality.toString(16).padStart(8, "0")}\n`),
  root: place((p) => p.fs.root),
  sched: ({ p, t, owner }) => schedulingNode(p, t, owner),
  schedstat: text(({ p, t, whole }) => {
    const { user, system, voluntarySwitches, involuntarySwitches } = whole ? p.usage : t.usage;
    return `${Math.floor(user + system)} 0 ${voluntarySwitches + involuntarySwitches}\n`;
  }),
  sessionid: ({ p, owner }) => sessionIdNode(p, owner),
  setgroups: ({ p, owner }) =>
    file(
      () => `${p.setgroups}\n`,
      0o644,
      owner,
      (caller, words) => p.writeSetgroups(caller, words),
    ),
  smaps: ({ p, owner }) => memory.smapsNode(p, owner),
  smaps_rollup: ({ p, owner }) => memory.rollupNode(p, owner),
  stat: text(({ p, t, whole }, caller) => statText(p, t, whole, caller)),
  statm: text(({ p }) => statmText(p)),
  status: text(({ p, t }) => statusText(p, t)),
  syscall: traced(({ t }) => syscallText(t)),
  uid_map: (subject) => idMapNode(subject, "uid"),
  wchan: text(({ p, t }, caller) => (t.systemCall === null || !p.mayRead(caller) ? "0" : `sys_${t.systemCall.name}`)),
};

const PROCESS_NODES: Nodes = {
  ...NODES,
  coredump_filter: ({ p, owner }) => coreFilterNode(p, owner),
  map_files: ({ vfs, p, owner }) => memory.mapFilesNode(vfs, p, owner),
  mountstats: ({ vfs, p, owner }) => file((caller) => mountStatsText(vfs, p.mounts, p.fs.root, caller), 0o400, owner),
  task: taskNode,
  timens_offsets: ({ p, owner }) =>
    file(
      () => p.timeOffsets,
      0o644,
      owner,
      (caller, text, offset) => {
        if (offset !== 0) throw new Errno(EINVAL);
        return p.writeTimeOffsets(caller, text);
      },
    ),
  timers: text(({ p }) => timersText(p)),
  timerslack_ns: ({ p, t, owner }) => timerSlackNode(p, t, owner),
};

const THREAD_NODES: Nodes = {
  ...NODES,
  children: text(({ t }) => [...t.children()].map((pid) => `${pid} `).join("")),
};

const NOTHING = new Uint8Array(0);

type Bound = "argumentStart" | "argumentEnd" | "environmentStart" | "environmentEnd";

/** Bytes of the initial stack as they are now; nothing of a zombie. */
function bytesBetween({ space }: ProcessView, start: Bound, end: Bound): Uint8Array {
  return space === null ? NOTHING : space.user.read(space[start], space[end] - space[start]);
}

/** /proc/[pid]/syscall: number, arguments, stack pointer and where it goes on. */
function syscallText({ systemCall: call }: ThreadView): string {
  if (call === null) return "running\n";
  const hex = (n: number) => `0x${n.toString(16)}`;
  return `${[call.number, ...call.arguments.map(hex), hex(call.stackPointer), hex(call.instructionPointer)].join(" ")}\n`;
}

const NOTIFICATIONS: Record<number, string> = { [SIGEV_SIGNAL]: "signal", [SIGEV_NONE]: "none", 2: "thread" };

function timersText(p: ProcessView): string {
  let lines = "";
  for (const { id, clockId, signal, value, notify, target } of p.posixTimers()) {
    const how = NOTIFICATIONS[notify & ~SIGEV_THREAD_ID] ?? "signal";
    const [low, high] = value;
    const address = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    lines += `ID: ${id}\nsignal: ${signal}/${address.toString(16).padStart(16, "0")}\n`;
    lines += `notify: ${how}/${notify & SIGEV_THREAD_ID ? "tid" : "pid"}.${target}\nClockID: ${clockId}\n`;
  }
  return lines;
}

const idMapNode = ({ p, owner }: Subject, kind: "uid" | "gid"): ProcNode =>
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
        memory.requireRead(p, caller);
        return checked(found.text);
      },
      (caller) => {
        memory.requireRead(p, caller);
        return checked(found.location);
      },
      owner,
    );
  };
  return { kind: "directory", mode: 0o511, owner, find, list: () => p.namespaceLinks.map(({ name }) => name) };
}

function taskNode({ vfs, system, p, owner, user }: Subject): DirectoryNode {
  return {
    kind: "directory",
    mode: 0o555,
    owner: user,
    find(name) {
      const t = p.gone ? undefined : p.threadViews.find(({ tid }) => String(tid) === name);
      return t ? subjectNode({ vfs, system, p, t, whole: false, owner, user }, THREAD_NODES) : null;
    },
    list() {
      if (p.gone) throw new Errno(ENOENT);
      return p.threadViews.map(({ tid }) => String(tid));
    },
  };
}
