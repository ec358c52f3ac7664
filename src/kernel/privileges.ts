/** prctl(2) on what exec gives and keeps: bounding and ambient sets, securebits (security/commoncap.c). */
import { CAP_LAST, CAP_SETPCAP } from "../abi/capability.ts";
import { EINVAL, EPERM } from "../abi/errno.ts";
import {
  PR_CAP_AMBIENT,
  PR_CAP_AMBIENT_CLEAR_ALL,
  PR_CAP_AMBIENT_IS_SET,
  PR_CAP_AMBIENT_LOWER,
  PR_CAP_AMBIENT_RAISE,
  PR_CAPBSET_DROP,
  PR_CAPBSET_READ,
  PR_GET_KEEPCAPS,
  PR_GET_SECUREBITS,
  PR_SET_KEEPCAPS,
  PR_SET_SECUREBITS,
  SECBIT_KEEP_CAPS,
  SECBIT_LOCKS,
  SECBIT_NO_CAP_AMBIENT_RAISE,
  SECBITS,
} from "../abi/prctl.ts";
import { type Capabilities, capableInside, includes, NO_CAPABILITIES, setOf, union, without } from "./capabilities.ts";
import type { Thread } from "./task.ts";

/** The result, or null when it is none of these. */
export function privilegeControl(t: Thread, option: number, a: number, b: number, c: number, d: number): number | null {
  const { credentials } = t;
  const { capabilities, securebits } = credentials;
  switch (option) {
    case PR_CAPBSET_READ:
      return a > CAP_LAST ? -EINVAL : Number(includes(capabilities.bounding, a));
    case PR_CAPBSET_DROP:
      if (!capableInside(credentials, CAP_SETPCAP)) return -EPERM;
      if (a > CAP_LAST) return -EINVAL;
      return change(t, { bounding: without(capabilities.bounding, setOf(a)) });
    case PR_GET_KEEPCAPS:
      return securebits & SECBIT_KEEP_CAPS ? 1 : 0;
    case PR_SET_KEEPCAPS:
      if (a > 1) return -EINVAL;
      if (securebits & (SECBIT_KEEP_CAPS << 1)) return -EPERM;
      t.credentials = {
        ...credentials,
        securebits: a === 1 ? securebits | SECBIT_KEEP_CAPS : securebits & ~SECBIT_KEEP_CAPS,
      };
      return 0;
    case PR_GET_SECUREBITS:
      return securebits;
    case PR_SET_SECUREBITS:
      return setSecurebits(t, a);
    case PR_CAP_AMBIENT:
      return ambient(t, a, b, c, d);
    default:
      return null;
  }
}

function change(t: Thread, sets: Partial<Capabilities>): number {
  t.credentials = { ...t.credentials, capabilities: { ...t.credentials.capabilities, ...sets } };
  return 0;
}

/** What is locked stays, and so do the locks. */
function setSecurebits(t: Thread, bits: number): number {
  const { securebits } = t.credentials;
  const locked = (securebits & SECBIT_LOCKS) >> 1;
  if (bits > (SECBITS | SECBIT_LOCKS) || bits & ~(SECBITS | SECBIT_LOCKS)) return -EPERM;
  if (locked & (securebits ^ bits) || securebits & SECBIT_LOCKS & ~bits) return -EPERM;
  if (!capableInside(t.credentials, CAP_SETPCAP)) return -EPERM;
  t.credentials = { ...t.credentials, securebits: bits };
  return 0;
}

function ambient(t: Thread, operation: number, capability: number, c: number, d: number): number {
  const { capabilities, securebits } = t.credentials;
  const { permitted, inheritable } = capabilities;
  if (operation === PR_CAP_AMBIENT_CLEAR_ALL) {
    return capability !== 0 || c !== 0 || d !== 0 ? -EINVAL : change(t, { ambient: NO_CAPABILITIES });
  }
  if (capability > CAP_LAST || c !== 0 || d !== 0) return -EINVAL;
  switch (operation) {
    case PR_CAP_AMBIENT_IS_SET:
      return Number(includes(capabilities.ambient, capability));
    case PR_CAP_AMBIENT_RAISE:
      if (!includes(permitted, capability) || !includes(inheritable, capability)) return -EPERM;
      if (securebits & SECBIT_NO_CAP_AMBIENT_RAISE) return -EPERM;
      return change(t, { ambient: union(capabilities.ambient, setOf(capability)) });
    case PR_CAP_AMBIENT_LOWER:
      return change(t, { ambient: without(capabilities.ambient, setOf(capability)) });
    default:
      return -EINVAL;
  }
}
