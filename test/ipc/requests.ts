/** What tests of leases ask of a queue and of a semaphore set. */
import { SEM_UNDO } from "../../src/abi/ipc.ts";
import type { IpcMessage, IpcRequest, IpcResult } from "../../src/ipc/protocol.ts";
import { caller } from "./support.ts";

export const QUEUE = 7;
export const SET = 8;
const text = new TextEncoder();
const words = new TextDecoder();

export const send = (what: string, type = 1, flags = 0): IpcRequest => ({
  ...{ kind: "message", op: "send", id: QUEUE, caller: caller(100) },
  ...{ type, text: text.encode(what), flags },
});
export const receive = (type = 0, flags = 0): IpcRequest => ({
  ...{ kind: "message", op: "receive", id: QUEUE, caller: caller(200) },
  ...{ type, size: 1000, flags },
});
export const change = (by: number, undo = 0, flags = 0): IpcRequest => ({
  ...{ kind: "semaphore", op: "operate", id: SET, caller: caller(300), undo },
  operations: [{ index: 0, change: by, flags: flags | (undo === 0 ? 0 : SEM_UNDO) }],
});
export const value: IpcRequest = { kind: "semaphore", op: "value", id: SET, caller: caller(1), index: 0 };
export const status: IpcRequest = { kind: "message", op: "status", id: QUEUE, caller: caller(1), unchecked: true };
export const textOf = (result: IpcResult): string => words.decode((result as IpcMessage).text);
