/** System V messages: msgget(2), msgsnd(2), msgrcv(2), msgctl(2). What queues do is in ipc/. */
import { EINTR, EINVAL } from "../../abi/errno.ts";
import {
  IPC_INFO,
  IPC_NOWAIT,
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
  ipcStructure,
  MSG_COPY,
  MSG_EXCEPT,
  MSG_INFO,
  MSG_STAT,
  MSG_STAT_ANY,
  MSGMAP,
  MSGPOOL,
  MSGSEG,
  MSGSSZ,
  MSGTQL,
  MSQID_DS_SIZE,
  setLong,
} from "../../abi/ipc.ts";
import { R10, RDX } from "../../cpu/state.ts";
import type { Pending } from "../../ipc/backend.ts";
import type { IpcMessage, IpcResult, IpcUsage, MessageQueueStatus, MessageType } from "../../ipc/protocol.ts";
import { Block, ERESTARTNOHAND, ERESTARTNOINTR, NeedPage } from "../../wait/queue.ts";
import { ipcCaller, readPermissions, resume, shownPermissions, submit } from "../ipc.ts";
import { localPid } from "../lookup.ts";
import type { Thread } from "../task.ts";
import { call, type SyscallRow } from "./row.ts";

function msgget(t: Thread, key: number, flags: number): number | Block {
  const saved = t.saved as Pending | null;
  if (saved !== null) return resume(t, saved) as number | Block;
  return submit(t, { kind: "message", op: "get", caller: ipcCaller(t), key, flags, count: 0 }) as number | Block;
}

/** Bytes of text that are copied one by one. */
const SMALL = 32;

/** A type from two words: exact, whatever its size. */
function messageType(low: number, high: number): MessageType {
  if (high === 0 && low >= 0) return low;
  if (high >= -0x20_0000 && high < 0x20_0000) return high * 0x1_0000_0000 + (low >>> 0);
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

/** A signal ended the wait of msgsnd or msgrcv: EINTR if a handler runs, else the call begins anew. */
function interrupted(t: Thread, result: IpcResult | Block): IpcResult | Block {
  return result === -EINTR && t.interrupted ? new Block([], ERESTARTNOHAND) : result;
}

function msgsnd(t: Thread, id: number, message: number, size: number, flags: number): number | Block {
  const saved = t.saved as Pending | null;
  if (saved !== null) return interrupted(t, resume(t, saved)) as number | Block;
  const { user } = t;
  const type = messageType(user.i32(message), user.i32(message + 4));
  if (size > t.namespaces.ipc.objects.limits.messageSize || id < 0 || type < 1) return -EINVAL;
  // A small array is on JavaScript's own heap and cheap to make; `read` counts the work that others are.
  let text: Uint8Array;
  if (size > SMALL) text = user.read(message + 8, size);
  else user.copyIn(message + 8, (text = new Uint8Array(size)));
  const request = { kind: "message", op: "send", id, caller: ipcCaller(t), type, text, flags } as const;
  return interrupted(t, submit(t, request)) as number | Block;
}

function msgrcv(t: Thread, id: number, message: number, size: number, _type: number, flags: number): number | Block {
  if (id < 0 || t.kernel.registers.high(RDX) < 0) return -EINVAL;
  const saved = t.saved as Received | Pending | null;
  if (saved instanceof Received) return deliver(t, saved.message, message, size);
  let result: IpcResult | Block;
  if (saved !== null) result = resume(t, saved);
  else {
    if (flags & MSG_COPY && (flags & MSG_EXCEPT || !(flags & IPC_NOWAIT))) return -EINVAL;
    // Room for the copy is made as for a message that is sent, from what is in the buffer (prepare_copy).
    if (flags & MSG_COPY) t.user.probe(message, Math.min(size, t.namespaces.ipc.objects.limits.messageSize), false);
    const { registers } = t.kernel;
    const type = messageType(registers.low(R10), registers.high(R10));
    result = submit(t, { kind: "message", op: "receive", id, caller: ipcCaller(t), type, size, flags });
  }
  result = interrupted(t, result);
  if (typeof result === "number" || result instanceof Block) return result;
  return deliver(t, result as IpcMessage, message, size);
}

/** What has been received and not been copied to the caller, whose buffer must be fetched first. */
class Received {
  readonly message: IpcMessage;
  constructor(message: IpcMessage) {
    this.message = message;
  }
}

/** Copies a message to struct msgbuf; one that does not get there (EFAULT) is lost, as on Linux. */
function deliver(t: Thread, received: IpcMessage, address: number, size: number): number | Block {
  const { type, text } = received;
  const length = Math.min(size, text.length);
  try {
    if (typeof type === "number") t.user.setU64(address, type);
    else t.user.copyOut(address, new Uint8Array(BigInt64Array.of(type).buffer));
    t.user.copyOut(address + 8, length === text.length ? text : text.subarray(0, length));
    return length;
  } catch (error) {
    if (!(error instanceof NeedPage)) throw error;
    return new Block([error.queue], ERESTARTNOINTR, { saved: new Received(received), uninterruptible: true });
  }
}

function msgctl(t: Thread, id: number, command: number, address: number): number | Block {
  if (id < 0 || command < 0) return -EINVAL;
  const saved = t.saved as Pending | null;
  const result = saved === null ? control(t, id, command, address) : resume(t, saved);
  if (result instanceof Block || typeof result === "number") return result;
  if (command === IPC_INFO || command === MSG_INFO) {
    const usage = result as IpcUsage;
    t.user.copyOut(address, msginfo(t, command, usage));
    return Math.max(usage.maxIndex, 0);
  }
  const status = result as MessageQueueStatus;
  t.user.copyOut(address, msqid(t, status));
  return command === IPC_STAT ? 0 : status.permissions.id;
}

function control(t: Thread, id: number, command: number, address: number): IpcResult | Block {
  const caller = ipcCaller(t);
  switch (command) {
    case IPC_INFO:
    case MSG_INFO:
      return submit(t, { kind: "message", op: "usage" });
    case IPC_STAT:
      return submit(t, { kind: "message", op: "status", id, caller, unchecked: false });
    case MSG_STAT:
    case MSG_STAT_ANY: {
      const unchecked = command === MSG_STAT_ANY;
      return submit(t, { kind: "message", op: "status", id, byIndex: true, caller, unchecked });
    }
    case IPC_SET: {
      const permissions = readPermissions(t, address);
      return submit(t, { kind: "message", op: "set", id, caller, permissions, byteLimit: t.user.u64(address + 88) });
    }
    case IPC_RMID:
      return submit(t, { kind: "message", op: "remove", id, caller });
    default:
      return -EINVAL;
  }
}

/** struct msqid_ds. */
function msqid(t: Thread, status: MessageQueueStatus): Uint8Array {
  const view = ipcStructure(MSQID_DS_SIZE, shownPermissions(t, status.permissions));
  setLong(view, 48, status.sent);
  setLong(view, 56, status.received);
  setLong(view, 64, status.changed);
  setLong(view, 72, status.bytes);
  setLong(view, 80, status.messages);
  setLong(view, 88, status.byteLimit);
  view.setInt32(96, localPid(t.process, status.sender), true);
  view.setInt32(100, localPid(t.process, status.receiver), true);
  return new Uint8Array(view.buffer);
}

/** struct msginfo. */
function msginfo(t: Thread, command: number, { objects, elements, bytes }: IpcUsage): Uint8Array {
  const { messageSize, queueBytes, queues } = t.namespaces.ipc.objects.limits;
  const used = command === MSG_INFO;
  const words = Int32Array.of(
    used ? objects : MSGPOOL,
    used ? elements : MSGMAP,
    messageSize,
    queueBytes,
    queues,
    MSGSSZ,
    used ? bytes : MSGTQL,
    MSGSEG,
  );
  return new Uint8Array(words.buffer);
}

export const rows: readonly SyscallRow[] = [
  call(68, "msgget", "int int", msgget),
  call(69, "msgsnd", "int ptr size int", msgsnd),
  call(70, "msgrcv", "int ptr size long int", msgrcv),
  call(71, "msgctl", "int int ptr", msgctl),
];
