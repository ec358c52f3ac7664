/** SO_TIMESTAMP and its kin: when a message arrived, as a control message (socket(7)). */
import { SO_TIMESTAMP_NEW, SO_TIMESTAMP_OLD, SOL_SOCKET } from "../abi/socket.ts";
import type { Incoming } from "./message.ts";

/** Adds the time to `message` in the form that `option` asks for: microseconds or nanoseconds. */
export function timestampMessage(
  option: number,
  time: { readonly sec: number; readonly nsec: number },
  message: Incoming,
): void {
  const micro = option === SO_TIMESTAMP_OLD || option === SO_TIMESTAMP_NEW;
  const words = BigInt64Array.of(BigInt(time.sec), BigInt(micro ? Math.floor(time.nsec / 1000) : time.nsec));
  message.control.push({ level: SOL_SOCKET, type: option, data: new Uint8Array(words.buffer) });
}
