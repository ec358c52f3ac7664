/** siginfo_t in user memory: 128 bytes, of which each kind of signal uses its part (include/uapi/asm-generic/siginfo.h). */
import { SIGINFO_SIZE, type SignalInfo } from "./signal.ts";

/** Writes `info` at `offset`; all 128 bytes are set. */
export function encodeSignalInfo(info: SignalInfo, view: DataView, offset: number): void {
  if (info.raw) {
    new Uint8Array(view.buffer, view.byteOffset + offset).set(info.raw);
    view.setInt32(offset, info.signal, true);
    return;
  }
  for (let at = 0; at < SIGINFO_SIZE; at += 8) view.setFloat64(offset + at, 0, true);
  view.setInt32(offset, info.signal, true);
  view.setInt32(offset + 4, info.errno, true);
  view.setInt32(offset + 8, info.code, true);
  switch (info.layout) {
    case "kill":
      view.setInt32(offset + 16, info.pid ?? 0, true);
      view.setUint32(offset + 20, info.uid ?? 0, true);
      break;
    case "queue":
      view.setInt32(offset + 16, info.pid ?? 0, true);
      view.setUint32(offset + 20, info.uid ?? 0, true);
      break;
    case "timer":
      view.setInt32(offset + 16, info.timer ?? 0, true);
      view.setInt32(offset + 20, info.overrun ?? 0, true);
      break;
    case "child":
      view.setInt32(offset + 16, info.pid ?? 0, true);
      view.setUint32(offset + 20, info.uid ?? 0, true);
      view.setInt32(offset + 24, info.status ?? 0, true);
      view.setBigInt64(offset + 32, BigInt(info.utime ?? 0), true);
      view.setBigInt64(offset + 40, BigInt(info.stime ?? 0), true);
      break;
    case "fault":
      view.setBigUint64(offset + 16, BigInt(info.address ?? 0), true);
      break;
  }
  if (info.value) {
    view.setInt32(offset + 24, info.value[0], true);
    view.setInt32(offset + 28, info.value[1], true);
  }
}

/** What rt_sigqueueinfo(2) was given. `bytes` is not kept. */
export function decodeSignalInfo(signal: number, bytes: Uint8Array): SignalInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, SIGINFO_SIZE);
  return {
    signal,
    errno: view.getInt32(4, true),
    code: view.getInt32(8, true),
    layout: "raw",
    pid: view.getInt32(16, true),
    uid: view.getUint32(20, true),
    value: [view.getInt32(24, true), view.getInt32(28, true)],
    raw: bytes.slice(0, SIGINFO_SIZE),
  };
}
