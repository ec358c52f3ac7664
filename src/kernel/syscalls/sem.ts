/** System V semaphores: semget(2), semop(2), semctl(2). What sets do is in ipc/. */
import { E2BIG, EINVAL, ERANGE } from "../../abi/errno.ts";
import {
  GETALL,
  GETNCNT,
  GETPID,
  GETVAL,
  GETZCNT,
  IPC_INFO,
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
  ipcStructure,
  SEM_INFO,
  SEM_STAT,
  SEM_STAT_ANY,
  SEM_UNDO,
  SEMAEM,
  SEMBUF_SIZE,
  SEMID_DS_SIZE,
  SEMUSZ,
  SEMVMX,
  SETALL,
  SETVAL,
  setLong,
} from "../../abi/ipc.ts";
import type { Pending } from "../../ipc/backend.ts";
import type { IpcResult, IpcUsage, SemaphoreOperation, SemaphoreSetStatus } from "../../ipc/protocol.ts";
import type { UserMemory } from "../../memory/types.ts";
import { Block } from "../../wait/queue.ts";
import { ipcCaller, readPermissions, resume, shownPermissions, submit, undoOf } from "../ipc.ts";
import { localPid } from "../lookup.ts";
import type { Thread } from "../task.ts";
import { call, type SyscallRow } from "./row.ts";
import { readTimespec } from "./time.ts";

function semget(t: Thread, key: number, count: number, flags: number): number | Block {
  const saved = t.saved as Pending | null;
  if (saved !== null) return resume(t, saved) as number | Block;
  return submit(t, { kind: "semaphore", op: "get", caller: ipcCaller(t), key, count, flags }) as number | Block;
}

/** struct sembuf. */
const operationAt = (user: UserMemory, address: number): SemaphoreOperation => ({
  index: user.u16(address),
  change: (user.u16(address + 2) << 16) >> 16,
  flags: user.u16(address + 4),
});

const semop = (t: Thread, id: number, address: number, count: number): number | Block =>
  semtimedop(t, id, address, count, 0);

function semtimedop(t: Thread, id: number, address: number, count: number, timeout: number): number | Block {
  const saved = t.saved as Pending | null;
  if (saved !== null) return resume(t, saved) as number | Block;
  const { user, kernel } = t;
  let deadline = Number.POSITIVE_INFINITY;
  if (timeout !== 0) deadline = kernel.clock.now() + readTimespec(t, timeout);
  if (count > t.namespaces.ipc.objects.limits.operations) return -E2BIG;
  if (count < 1) return -EINVAL;
  const operations = [operationAt(user, address)];
  for (let i = 1; i < count; i++) operations.push(operationAt(user, address + i * SEMBUF_SIZE));
  if (id < 0) return -EINVAL;
  let undoes = false;
  for (let i = 0; i < count; i++) if (operations[i].flags & SEM_UNDO) undoes = true;
  let undo = 0;
  if (undoes) {
    const list = undoOf(t);
    list.used = true;
    undo = list.id;
  }
  const caller = ipcCaller(t);
  return submit(t, { kind: "semaphore", op: "operate", id, caller, operations, undo }, deadline) as number | Block;
}

const LOOKS = { [GETVAL]: "value", [GETPID]: "pid", [GETNCNT]: "decreasers", [GETZCNT]: "zeroers" } as const;

function semctl(t: Thread, id: number, index: number, command: number, argument: number): number | Block {
  if (id < 0) return -EINVAL;
  const saved = t.saved as Pending | null;
  const result = saved === null ? control(t, id, index, command, argument) : resume(t, saved);
  return result instanceof Block ? result : finish(t, id, command, argument, result);
}

function control(t: Thread, id: number, index: number, command: number, argument: number): IpcResult | Block {
  const caller = ipcCaller(t);
  switch (command) {
    case IPC_INFO:
    case SEM_INFO:
      return submit(t, { kind: "semaphore", op: "usage" });
    case IPC_STAT:
      return submit(t, { kind: "semaphore", op: "status", id, caller, unchecked: false });
    case SEM_STAT:
    case SEM_STAT_ANY: {
      const unchecked = command === SEM_STAT_ANY;
      return submit(t, { kind: "semaphore", op: "status", id, byIndex: true, caller, unchecked });
    }
    case GETVAL:
    case GETPID:
    case GETNCNT:
    case GETZCNT:
      return submit(t, { kind: "semaphore", op: LOOKS[command], id, caller, index });
    case GETALL:
      return submit(t, { kind: "semaphore", op: "values", id, caller });
    case SETALL:
      // How many there are to be set.
      return submit(t, { kind: "semaphore", op: "status", id, caller, unchecked: true });
    case SETVAL: {
      // The int of the union; what is above it may be anything.
      const value = (argument % 0x1_0000_0000) | 0;
      if (value < 0 || value > SEMVMX) return -ERANGE;
      return submit(t, { kind: "semaphore", op: "setValue", id, caller, index, value });
    }
    case IPC_SET:
      return submit(t, { kind: "semaphore", op: "set", id, caller, permissions: readPermissions(t, argument) });
    case IPC_RMID:
      return submit(t, { kind: "semaphore", op: "remove", id, caller });
    default:
      return -EINVAL;
  }
}

/** Gives the caller what was asked for. */
function finish(t: Thread, id: number, command: number, argument: number, result: IpcResult): number | Block {
  if (typeof result === "number") return command === GETPID && result > 0 ? localPid(t.process, result) : result;
  if (result instanceof Uint16Array) {
    t.user.copyOut(argument, new Uint8Array(result.buffer));
    return 0;
  }
  if (command === IPC_INFO || command === SEM_INFO) {
    const usage = result as IpcUsage;
    t.user.copyOut(argument, new Uint8Array(seminfo(t, command, usage).buffer));
    return Math.max(usage.maxIndex, 0);
  }
  const status = result as SemaphoreSetStatus;
  if (command === SETALL) {
    const values = new Uint16Array(status.count);
    t.user.copyIn(argument, new Uint8Array(values.buffer));
    for (const value of values) if (value > SEMVMX) return -ERANGE;
    return submit(t, { kind: "semaphore", op: "setValues", id, caller: ipcCaller(t), values }) as number | Block;
  }
  const view = ipcStructure(SEMID_DS_SIZE, shownPermissions(t, status.permissions));
  setLong(view, 48, status.operated);
  setLong(view, 64, status.changed);
  setLong(view, 80, status.count);
  t.user.copyOut(argument, new Uint8Array(view.buffer));
  return command === IPC_STAT ? 0 : status.permissions.id;
}

/** struct seminfo. */
function seminfo(t: Thread, command: number, { objects, elements }: IpcUsage): Int32Array {
  const { semaphoresPerSet, semaphores, operations, sets } = t.namespaces.ipc.objects.limits;
  const used = command === SEM_INFO;
  return Int32Array.of(
    semaphores,
    sets,
    semaphores,
    semaphores,
    semaphoresPerSet,
    operations,
    operations,
    used ? objects : SEMUSZ,
    SEMVMX,
    used ? elements : SEMAEM,
  );
}

export const rows: readonly SyscallRow[] = [
  call(64, "semget", "int int int", semget),
  call(65, "semop", "int ptr uint", semop),
  call(66, "semctl", "int int int long", semctl),
  call(220, "semtimedop", "int ptr uint timespec", semtimedop),
];
