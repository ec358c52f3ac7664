/** User and group ids (credentials(7)). */
import { CAP_SETGID, CAP_SETUID } from "../../abi/capability.ts";
import { EINVAL, EPERM } from "../../abi/errno.ts";
import { afterSetuid, capable } from "../capabilities.ts";
import type { Credentials } from "../credentials.ts";
import type { Thread } from "../task.ts";
import { call, type SyscallRow } from "./row.ts";

/** What -1 is as an id: "leave it". */
const UNCHANGED = 0xffff_ffff;
/** NGROUPS_MAX. */
const GROUPS_MAX = 65536;

const getuid = (t: Thread) => t.credentials.uid;
const geteuid = (t: Thread) => t.credentials.euid;
const getgid = (t: Thread) => t.credentials.gid;
const getegid = (t: Thread) => t.credentials.egid;

function change(t: Thread, ids: Partial<Credentials>): number {
  const before = t.credentials;
  const after = { ...before, ...ids };
  t.credentials = { ...after, capabilities: afterSetuid(before, after) };
  // A change of the effective ids makes the process private (prctl(2), PR_SET_DUMPABLE).
  if (t.credentials.euid !== before.euid || t.credentials.egid !== before.egid) {
    t.process.dumpable = 0;
    t.process.parentDeathSignal = 0;
  }
  return 0;
}

function setuid(t: Thread, uid: number): number {
  if (uid === UNCHANGED) return -EINVAL;
  const c = t.credentials;
  if (capable(c, CAP_SETUID)) return change(t, { uid, euid: uid, suid: uid, fsuid: uid });
  if (uid !== c.uid && uid !== c.suid) return -EPERM;
  return change(t, { euid: uid, fsuid: uid });
}

function setgid(t: Thread, gid: number): number {
  if (gid === UNCHANGED) return -EINVAL;
  const c = t.credentials;
  if (capable(c, CAP_SETGID)) return change(t, { gid, egid: gid, sgid: gid, fsgid: gid });
  if (gid !== c.gid && gid !== c.sgid) return -EPERM;
  return change(t, { egid: gid, fsgid: gid });
}

/** The saved id follows the effective one when the real id is set, or the effective one to something else than it. */
function setreuid(t: Thread, real: number, effective: number): number {
  const c = t.credentials;
  const uid = real === UNCHANGED ? c.uid : real;
  const euid = effective === UNCHANGED ? c.euid : effective;
  if (!capable(c, CAP_SETUID)) {
    if (uid !== c.uid && uid !== c.euid) return -EPERM;
    if (euid !== c.uid && euid !== c.euid && euid !== c.suid) return -EPERM;
  }
  const follows = real !== UNCHANGED || (effective !== UNCHANGED && euid !== c.uid);
  return change(t, { uid, euid, suid: follows ? euid : c.suid, fsuid: euid });
}

function setregid(t: Thread, real: number, effective: number): number {
  const c = t.credentials;
  const gid = real === UNCHANGED ? c.gid : real;
  const egid = effective === UNCHANGED ? c.egid : effective;
  if (!capable(c, CAP_SETGID)) {
    if (gid !== c.gid && gid !== c.egid) return -EPERM;
    if (egid !== c.gid && egid !== c.egid && egid !== c.sgid) return -EPERM;
  }
  const follows = real !== UNCHANGED || (effective !== UNCHANGED && egid !== c.gid);
  return change(t, { gid, egid, sgid: follows ? egid : c.sgid, fsgid: egid });
}

function setresuid(t: Thread, real: number, effective: number, saved: number): number {
  const c = t.credentials;
  const known = [UNCHANGED, c.uid, c.euid, c.suid];
  if (!capable(c, CAP_SETUID) && ![real, effective, saved].every((id) => known.includes(id))) return -EPERM;
  const euid = effective === UNCHANGED ? c.euid : effective;
  return change(t, {
    uid: real === UNCHANGED ? c.uid : real,
    euid,
    suid: saved === UNCHANGED ? c.suid : saved,
    fsuid: euid,
  });
}

function setresgid(t: Thread, real: number, effective: number, saved: number): number {
  const c = t.credentials;
  const known = [UNCHANGED, c.gid, c.egid, c.sgid];
  if (!capable(c, CAP_SETGID) && ![real, effective, saved].every((id) => known.includes(id))) return -EPERM;
  const egid = effective === UNCHANGED ? c.egid : effective;
  return change(t, {
    gid: real === UNCHANGED ? c.gid : real,
    egid,
    sgid: saved === UNCHANGED ? c.sgid : saved,
    fsgid: egid,
  });
}

function getresuid(t: Thread, real: number, effective: number, saved: number): number {
  const c = t.credentials;
  return writeIds(t, [real, effective, saved], [c.uid, c.euid, c.suid]);
}

function getresgid(t: Thread, real: number, effective: number, saved: number): number {
  const c = t.credentials;
  return writeIds(t, [real, effective, saved], [c.gid, c.egid, c.sgid]);
}

function writeIds(t: Thread, addresses: number[], ids: number[]): number {
  addresses.forEach((address, i) => {
    t.user.setU32(address, ids[i]);
  });
  return 0;
}

/** The result is the old id whether or not it was changed. */
function setfsuid(t: Thread, uid: number): number {
  const c = t.credentials;
  if (uid !== UNCHANGED && (capable(c, CAP_SETUID) || [c.uid, c.euid, c.suid, c.fsuid].includes(uid)))
    change(t, { fsuid: uid });
  return c.fsuid;
}

function setfsgid(t: Thread, gid: number): number {
  const c = t.credentials;
  if (gid !== UNCHANGED && (capable(c, CAP_SETGID) || [c.gid, c.egid, c.sgid, c.fsgid].includes(gid)))
    change(t, { fsgid: gid });
  return c.fsgid;
}

function getgroups(t: Thread, size: number, list: number): number {
  const { groups } = t.credentials;
  if (size < 0) return -EINVAL;
  if (size === 0) return groups.length;
  if (size < groups.length) return -EINVAL;
  groups.forEach((gid, i) => {
    t.user.setU32(list + i * 4, gid);
  });
  return groups.length;
}

function setgroups(t: Thread, size: number, list: number): number {
  if (!capable(t.credentials, CAP_SETGID)) return -EPERM;
  if (size < 0 || size > GROUPS_MAX) return -EINVAL;
  const groups: number[] = [];
  for (let i = 0; i < size; i++) groups.push(t.user.u32(list + i * 4));
  return change(t, { groups: groups.sort((a, b) => a - b) });
}

export const rows: readonly SyscallRow[] = [
  call(102, "getuid", "", getuid),
  call(104, "getgid", "", getgid),
  call(105, "setuid", "uid", setuid),
  call(106, "setgid", "gid", setgid),
  call(107, "geteuid", "", geteuid),
  call(108, "getegid", "", getegid),
  call(113, "setreuid", "uid uid", setreuid),
  call(114, "setregid", "gid gid", setregid),
  call(115, "getgroups", "int ptr", getgroups),
  call(116, "setgroups", "int ptr", setgroups),
  call(117, "setresuid", "uid uid uid", setresuid),
  call(118, "getresuid", "ptr ptr ptr", getresuid),
  call(119, "setresgid", "gid gid gid", setresgid),
  call(120, "getresgid", "ptr ptr ptr", getresgid),
  call(122, "setfsuid", "uid", setfsuid),
  call(123, "setfsgid", "gid", setfsgid),
];
