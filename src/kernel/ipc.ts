/** System V objects as the kernel uses them: who calls, how a call waits for its answer, and what ends with a thread. */
import { CAP_IPC_OWNER, CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from "../abi/capability.ts";
import { EAGAIN, EINTR } from "../abi/errno.ts";
import { type IpcBackend, Pending } from "../ipc/backend.ts";
import { QueueWait } from "../ipc/posix-queue.ts";
import {
  CAN_ACCESS,
  CAN_ADMINISTER,
  CAN_EXCEED,
  type IpcCaller,
  type IpcPermissions,
  type IpcRequest,
  type IpcResult,
  type NewPermissions,
} from "../ipc/protocol.ts";
import type { SegmentHost } from "../ipc/shared-memory.ts";
import { Block, EINTR_ALWAYS } from "../wait/queue.ts";
import { capable, capableIn } from "./capabilities.ts";
import type { Credentials } from "./credentials.ts";
import { endUnusedIpc } from "./ipc-lifetime.ts";
import type { Kernel } from "./kernel.ts";
import { type IpcNamespace, ownerOf } from "./namespaces.ts";
import type { Thread } from "./task.ts";
import { shown, toKernel } from "./user-namespace.ts";

/** A thread as objects know it, and what that goes by, none of which changes in place. */
export interface KnownCaller {
  readonly caller: IpcCaller;
  readonly credentials: Credentials;
  readonly namespace: IpcNamespace;
}

/** The thread, as far as an object's permissions go. */
export function ipcCaller(t: Thread): IpcCaller {
  const known = t.ipcCaller;
  const { credentials } = t;
  const namespace = t.namespaces.ipc;
  if (known !== null && known.credentials === credentials && known.namespace === namespace) return known.caller;
  const caller = callerOf(t);
  t.ipcCaller = { caller, credentials, namespace };
  return caller;
}

function callerOf(t: Thread): IpcCaller {
  const { credentials } = t;
  const { euid, egid, fsgid, groups } = credentials;
  let capabilities = 0;
  const owner = ownerOf(t.namespaces.ipc);
  if (capableIn(credentials, owner, CAP_IPC_OWNER)) capabilities |= CAN_ACCESS;
  if (capableIn(credentials, owner, CAP_SYS_ADMIN)) capabilities |= CAN_ADMINISTER;
  if (capable(credentials, CAP_SYS_RESOURCE)) capabilities |= CAN_EXCEED;
  return { pid: t.process.pid, uid: euid, gid: egid, fsgid, groups, capabilities };
}

/** An object's owners as `t` knows them in its user namespace. */
export function shownPermissions(t: Thread, permissions: IpcPermissions): IpcPermissions {
  const { uids, gids } = t.credentials.userNamespace;
  if (uids === null && gids === null) return permissions;
  const { uid, gid, cuid, cgid } = permissions;
  return {
    ...permissions,
    ...{ uid: shown(uids, uid), cuid: shown(uids, cuid), gid: shown(gids, gid), cgid: shown(gids, cgid) },
  };
}

/** uid, gid and mode of the struct semid_ds, msqid_ds or shmid_ds at `address`; -1 for a user or group that is none. */
export function readPermissions(t: Thread, address: number): NewPermissions {
  const { user } = t;
  const { uids, gids } = t.credentials.userNamespace;
  return {
    uid: toKernel(uids, user.u32(address + 4)) >>> 0,
    gid: toKernel(gids, user.u32(address + 8)) >>> 0,
    mode: user.u32(address + 20),
  };
}

/** The machine, as segments of shared memory know it. */
export const segmentHost = (kernel: Kernel): SegmentHost => ({
  frames: kernel.physical,
  owner: kernel.owner,
  now: () => ipcTime(kernel),
  pid: () => kernel.current?.process.pid ?? 0,
});

/** Seconds since the epoch, which objects' times are in. */
export const ipcTime = (kernel: Kernel): number => kernel.clock.seconds();

/**
 * Submits a request for `t`, which gives up at monotonic nanoseconds `deadline`. A Block is to be returned by the handler; when it
 * runs again, `resume` has the result.
 */
export function submit(t: Thread, request: IpcRequest, deadline = Number.POSITIVE_INFINITY): IpcResult | Block {
  const outcome = t.namespaces.ipc.objects.submit(request, ipcTime(t.kernel));
  if (!(outcome instanceof Pending)) return outcome;
  outcome.deadline = deadline;
  return resume(t, outcome);
}

/**
 * The result of a request that waited, or the Block that it goes on waiting with. A signal or the deadline cancels the operation,
 * and then the object's word counts: what it has done is the result, else -EINTR or -EAGAIN.
 */
export function resume(t: Thread, pending: Pending): IpcResult | Block {
  if (pending.result === null && pending.cancelled === 0) {
    if (t.interrupted) pending.cancelled = EINTR;
    else if (t.kernel.clock.now() >= pending.deadline) pending.cancelled = EAGAIN;
    if (pending.cancelled !== 0) pending.backend.cancel(pending);
  }
  const { result, cancelled, deadline } = pending;
  if (result !== null) return result === -EINTR ? -cancelled : result;
  const waits = { saved: pending, uninterruptible: cancelled !== 0 };
  return new Block([pending.queue], EINTR_ALWAYS, cancelled === 0 ? { ...waits, deadline } : waits);
}

/** What processes that share it (CLONE_SYSVSEM) have to undo when the last of them ends (struct sem_undo_list). */
export class SemaphoreUndo {
  /** Where the sets are, and by which they know it. */
  readonly backend: IpcBackend;
  readonly id: number;
  /** Threads. */
  references = 1;
  /** There may be something to undo. */
  used = false;

  constructor(backend: IpcBackend, id: number) {
    this.backend = backend;
    this.id = id;
  }
}

/** That of `t`, made when it is first asked for. */
export function undoOf(t: Thread): SemaphoreUndo {
  t.semaphoreUndo ??= new SemaphoreUndo(t.namespaces.ipc.objects, ++t.kernel.lastSemaphoreUndo);
  return t.semaphoreUndo;
}

/** A new thread or process has the list of `t` (CLONE_SYSVSEM). */
export function shareUndo(t: Thread, child: Thread): void {
  child.semaphoreUndo = undoOf(t);
  child.semaphoreUndo.references++;
}

/** `t` has no part in its undo list any more: the last one undoes (exit(2), unshare(2)). */
export function dropUndo(t: Thread): void {
  const undo = t.semaphoreUndo;
  t.semaphoreUndo = null;
  if (undo === null || --undo.references > 0 || !undo.used) return;
  undo.backend.submit({ kind: "semaphore", op: "end", caller: ipcCaller(t), undo: undo.id }, ipcTime(t.kernel));
}

/** The thread ends: it waits at no object any more, and undoes what it has to. */
export function endIpc(t: Thread): void {
  const saved = t.blocked === null ? t.saved : t.blocked.saved;
  if (saved instanceof Pending && saved.result === null && saved.cancelled === 0) {
    saved.cancelled = EINTR;
    saved.backend.cancel(saved);
  } else if (saved instanceof QueueWait) saved.cancel();
  dropUndo(t);
  if (t.process.threads.size <= 1) t.namespaces.ipc.segments.creatorEnded(t.process.pid);
  endUnusedIpc(t.kernel, t);
}

/** `t` was in the IPC namespace `before` until now: in another it has nothing to undo (unshare(2), setns(2)). */
export function afterIpcChange(t: Thread, before: IpcNamespace): void {
  if (before === t.namespaces.ipc) return;
  dropUndo(t);
  endUnusedIpc(t.kernel);
}
