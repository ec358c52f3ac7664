/** capget(2) and capset(2). */
import { CAP_SETPCAP, CAPABILITY_V1, CAPABILITY_V2, CAPABILITY_V3 } from "../../abi/capability.ts";
import { EINVAL, EPERM, ESRCH } from "../../abi/errno.ts";
import { ALL_CAPABILITIES, type CapabilitySet, capableInside, intersection, isSubset, union } from "../capabilities.ts";
import { ownTid, threadOf } from "../lookup.ts";
import type { Thread } from "../task.ts";
import { call, type SyscallRow } from "./row.ts";

/** Bytes of struct __user_cap_data_struct: effective, permitted and inheritable word. */
const DATA_SIZE = 12;

/** Words of a capability set for the version in the header; the current version is written back when it is unknown. */
function wordsOf(t: Thread, header: number): number {
  const version = t.user.u32(header);
  if (version === CAPABILITY_V1) return 1;
  if (version === CAPABILITY_V2 || version === CAPABILITY_V3) return 2;
  t.user.setU32(header, CAPABILITY_V3);
  return 0;
}

function capget(t: Thread, header: number, data: number): number {
  const words = wordsOf(t, header);
  if (words === 0) return data === 0 ? 0 : -EINVAL;
  if (data === 0) return 0;
  const pid = t.user.i32(header + 4);
  if (pid < 0) return -EINVAL;
  const target = pid === 0 ? t : threadOf(t, pid);
  if (target === undefined) return -ESRCH;
  const { effective, permitted, inheritable } = target.credentials.capabilities;
  const sets = Int32Array.from(
    { length: words * 3 },
    (_, i) => [effective, permitted, inheritable][i % 3][Math.floor(i / 3)],
  );
  t.user.copyOut(data, new Uint8Array(sets.buffer));
  return 0;
}

function capset(t: Thread, header: number, data: number): number {
  const words = wordsOf(t, header);
  if (words === 0) return -EINVAL;
  const pid = t.user.i32(header + 4);
  if (pid !== 0 && pid !== ownTid(t)) return -EPERM;
  const word = (i: number, field: number) =>
    i < words ? t.user.i32(data + i * DATA_SIZE + field * 4) & ALL_CAPABILITIES[i] : 0;
  const [effective, permitted, inheritable] = [0, 1, 2].map((field): CapabilitySet => [word(0, field), word(1, field)]);
  const { credentials } = t;
  const before = credentials.capabilities;
  const mayInherit = capableInside(credentials, CAP_SETPCAP) ? ALL_CAPABILITIES : before.permitted;
  if (!isSubset(inheritable, union(before.inheritable, mayInherit))) return -EPERM;
  if (!isSubset(inheritable, union(before.inheritable, before.bounding))) return -EPERM;
  if (!isSubset(permitted, before.permitted) || !isSubset(effective, permitted)) return -EPERM;
  const ambient = intersection(before.ambient, intersection(permitted, inheritable));
  t.credentials = { ...credentials, capabilities: { ...before, effective, permitted, inheritable, ambient } };
  return 0;
}

export const rows: readonly SyscallRow[] = [
  call(125, "capget", "ptr ptr", capget),
  call(126, "capset", "ptr ptr", capset),
];
