/** /proc/sysvipc, and what of /proc/sys is about System V objects and POSIX message queues (ipc/util.c, ipc_sysctl.c). */
import { CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN } from "../../abi/capability.ts";
import { EACCES, EINVAL, Errno } from "../../abi/errno.ts";
import { O_ACCMODE, O_RDONLY } from "../../abi/fcntl.ts";
import { IPCMNI } from "../../abi/ipc.ts";
import { HARD_MSGMAX, HARD_MSGSIZEMAX } from "../../abi/mqueue.ts";
import type { IpcLimits } from "../../ipc/backend.ts";
import type { IpcPermissions, IpcRequest, MessageQueueStatus, SemaphoreSetStatus } from "../../ipc/protocol.ts";
import type { Segment, SegmentLimits } from "../../ipc/shared-memory.ts";
import { PAGE_SIZE } from "../../memory/layout.ts";
import type { QueueLimits } from "../mqueue.ts";
import type { Caller } from "../types.ts";
import { type DirectoryNode, directory, file, type ProcNode } from "./node.ts";
import { parseNumber } from "./settings.ts";

export type IpcKind = IpcRequest["kind"] | "segment";

/** The IPC namespace of the process that runs. */
export interface IpcView {
  semaphoreSets(): readonly SemaphoreSetStatus[];
  messageQueues(): readonly MessageQueueStatus[];
  segments(): Iterable<Segment>;
  /** With the owners as the reader knows them. */
  shown(permissions: IpcPermissions): IpcPermissions;
  /** What this /proc calls the process that the kernel knows by `pid`. */
  pid(pid: number): number;
  readonly limits: Readonly<IpcLimits>;
  /** Changes limits, for all machines that share the objects. Throws NeedPage while these are told. */
  setLimits(limits: Partial<IpcLimits>): void;
  readonly segmentLimits: SegmentLimits;
  readonly queueLimits: QueueLimits;
  /** The id of the next object of a kind, -1 for any. Setting it throws EINVAL where machines share them. */
  nextId(kind: IpcKind): number;
  setNextId(kind: IpcKind, id: number): void;
  /** kernel.shm_rmid_forced. */
  forceRemoval(on: boolean): void;
}

const INT_MAX = 0x7fff_ffff;
const UINT_MAX = 0xffff_ffff;
/** MIN_MSGSIZEMAX. */
const LEAST_MESSAGE_SIZE = 128;

// ---- /proc/sysvipc

/** A line of numbers, each in its column. */
const row = (widths: readonly number[], values: readonly (number | string)[]): string =>
  `${values.map((value, i) => String(value).padStart(widths[i])).join(" ")}\n`;

/** Key, id and mode. */
const identity = ({ key, id, mode }: IpcPermissions): (number | string)[] => [
  key,
  id,
  ` ${mode.toString(8).padStart(4)}`,
];
function owners(view: IpcView, permissions: IpcPermissions): number[] {
  const { uid, gid, cuid, cgid } = view.shown(permissions);
  return [uid, gid, cuid, cgid];
}

const SEM_HEADER = "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n";
const SEM_WIDTHS = [10, 10, 5, 10, 5, 5, 5, 5, 10, 10];

function semText(view: IpcView): string {
  const rows = view.semaphoreSets().map(({ permissions, count, operated, changed }) => {
    return row(SEM_WIDTHS, [...identity(permissions), count, ...owners(view, permissions), operated, changed]);
  });
  return SEM_HEADER + rows.join("");
}

const MSG_HEADER =
  "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime\n";
const MSG_WIDTHS = [10, 10, 5, 11, 10, 5, 5, 5, 5, 5, 5, 10, 10, 10];

function msgText(view: IpcView): string {
  const rows = view.messageQueues().map((queue) => {
    const { permissions, bytes, messages, sender, receiver, sent, received, changed } = queue;
    const use = [bytes, messages, view.pid(sender), view.pid(receiver)];
    return row(MSG_WIDTHS, [...identity(permissions), ...use, ...owners(view, permissions), sent, received, changed]);
  });
  return MSG_HEADER + rows.join("");
}

const SHM_HEADER =
  "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap\n";
const SHM_WIDTHS = [10, 10, 5, 21, 5, 5, 6, 5, 5, 5, 5, 10, 10, 10, 21, 21];

function shmText(view: IpcView): string {
  let text = SHM_HEADER;
  for (const segment of view.segments()) {
    const { permissions, length, creator, lastPid, attached, attachTime, detachTime, changeTime, resident } = segment;
    text += row(SHM_WIDTHS, [
      ...identity(permissions),
      ...[length, view.pid(creator), view.pid(lastPid), attached],
      ...owners(view, permissions),
      ...[attachTime, detachTime, changeTime, resident * PAGE_SIZE, 0],
    ]);
  }
  return text;
}

export const sysvipcNode = (view: IpcView): DirectoryNode =>
  directory({ msg: file(() => msgText(view)), sem: file(() => semText(view)), shm: file(() => shmText(view)) });

// ---- /proc/sys

/** Numbers that root may change: `set` gets those that were written, which may be fewer, and throws EINVAL for bad ones. */
function tunable(get: () => readonly (number | bigint)[], set: (values: readonly bigint[]) => void): ProcNode {
  return file(
    () => `${get().join("\t")}\n`,
    0o644,
    undefined,
    (_caller, text) => {
      const words = text.trim().split(/[\s\0]+/);
      if (!words.every((word) => /^-?(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(word))) throw new Errno(EINVAL);
      set(words.map((word) => (word.startsWith("-") ? -BigInt(word.slice(1)) : BigInt(word))));
    },
  );
}

/** One number of `limits` from `least` to `most`. */
export function limit<K extends string>(
  limits: () => Record<K, number>,
  name: K,
  least: number,
  most: number,
): ProcNode {
  return tunable(
    () => [limits()[name]],
    ([value]) => {
      if (value < least || value > most) throw new Errno(EINVAL);
      limits()[name] = Number(value);
    },
  );
}

/** One of the limits of semaphores and messages. */
function shared(view: IpcView, name: keyof IpcLimits, most: number): ProcNode {
  return tunable(
    () => [view.limits[name]],
    ([value]) => {
      if (value < 0 || value > most) throw new Errno(EINVAL);
      view.setLimits({ [name]: Number(value) });
    },
  );
}

/** One number of 64 bits. */
function long(view: IpcView, name: "size" | "pages"): ProcNode {
  return tunable(
    () => [view.segmentLimits[name]],
    ([value]) => {
      if (value < 0n || value >= 1n << 64n) throw new Errno(EINVAL);
      view.segmentLimits[name] = value;
    },
  );
}

/** Read-only by its mode, but for those who restore processes (CONFIG_CHECKPOINT_RESTORE). */
const nextIdNode = (view: IpcView, kind: IpcKind): ProcNode =>
  file(
    () => `${view.nextId(kind)}\n`,
    0o444,
    undefined,
    (_caller, text) => {
      const id = parseNumber(text);
      if (id < 0n || id > INT_MAX) throw new Errno(EINVAL);
      view.setNextId(kind, Number(id));
    },
    { check: requireRestore },
  );

function requireRestore(caller: Caller, flags: number): void {
  if ((flags & O_ACCMODE) === O_RDONLY) return;
  if (!caller.capable(CAP_CHECKPOINT_RESTORE) && !caller.capable(CAP_SYS_ADMIN)) throw new Errno(EACCES);
}

/** The files of /proc/sys/kernel. */
export function ipcTunables(view: IpcView): Record<string, ProcNode> {
  return {
    msgmax: shared(view, "messageSize", INT_MAX),
    msgmnb: shared(view, "queueBytes", INT_MAX),
    msgmni: shared(view, "queues", IPCMNI),
    sem: tunable(
      () => {
        const { semaphoresPerSet, semaphores, operations, sets } = view.limits;
        return [semaphoresPerSet, semaphores, operations, sets];
      },
      setSemaphoreLimits.bind(null, view),
    ),
    msg_next_id: nextIdNode(view, "message"),
    sem_next_id: nextIdNode(view, "semaphore"),
    shm_next_id: nextIdNode(view, "segment"),
    shm_rmid_forced: tunable(
      () => [view.segmentLimits.removeForced ? 1 : 0],
      ([value]) => {
        if (value !== 0n && value !== 1n) throw new Errno(EINVAL);
        view.forceRemoval(value === 1n);
      },
    ),
    shmall: long(view, "pages"),
    shmmax: long(view, "size"),
    shmmni: limit(() => view.segmentLimits, "segments", 0, IPCMNI),
  };
}

function setSemaphoreLimits(view: IpcView, values: readonly bigint[]): void {
  if (values.some((value) => value < 0n || value > INT_MAX) || (values[3] ?? 0n) > IPCMNI) throw new Errno(EINVAL);
  const [perSet, all, operations, sets] = values.map(Number);
  const { limits } = view;
  view.setLimits({
    semaphoresPerSet: perSet,
    semaphores: all ?? limits.semaphores,
    operations: operations ?? limits.operations,
    sets: sets ?? limits.sets,
  });
}

/** /proc/sys/fs/mqueue. */
export function queueTunables(view: IpcView): DirectoryNode {
  const limits = () => view.queueLimits;
  return directory({
    msg_default: limit(limits, "defaultMessages", 1, HARD_MSGMAX),
    msg_max: limit(limits, "messages", 1, HARD_MSGMAX),
    msgsize_default: limit(limits, "defaultMessageSize", LEAST_MESSAGE_SIZE, HARD_MSGSIZEMAX),
    msgsize_max: limit(limits, "messageSize", LEAST_MESSAGE_SIZE, HARD_MSGSIZEMAX),
    queues_max: limit(limits, "queues", 0, UINT_MAX),
  });
}
