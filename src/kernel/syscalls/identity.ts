/** User and group ids (credentials(7)). */
import { CAP_SETGID, CAP_SETUID } from "../../abi/capability.ts";
import { EINVAL, EPERM, Errno } from "../../abi/errno.ts";
import { afterSetfsuid, afterSetuid, capableInside } from "../capabilities.ts";
import { type Credentials, gainsOrChanges, gidShown, uidShown } from "../credentials.ts";
import { hasTooManyProcesses } from "../limits-of-user.ts";
import type { Thread } from "../task.ts";
import { toKernel } from "../user-namespace.ts";
import { call, type SyscallRow } from "./row.ts";

/** What -1 is as an id: "leave it". */
const UNCHANGED = 0xffff_ffff;
/** NGROUPS_MAX. */
const GROUPS_MAX = 65536;

const getuid = (t: Thread) => uidShown(t.credentials, t.credentials.uid);
const geteuid = (t: Thread) => uidShown(t.credentials, t.credentials.euid);
const getgid = (t: Thread) => gidShown(t.credentials, t.credentials.gid);
const getegid = (t: Thread) => gidShown(t.credentials, t.credentials.egid);

/** The user that a program means by `id`; UNCHANGED stays what it is. Throws EINVAL for one that its namespace lacks. */
function uidOf(t: Thread, id: number): number {
  if (id === UNCHANGED) return id;
  const uid = toKernel(t.credentials.userNamespace.uids, id);
  if (uid < 0) throw new Errno(EINVAL);
  return uid;
}

function gidOf(t: Thread, id: number): number {
  if (id === UNCHANGED) return id;
  const gid = toKernel(t.credentials.userNamespace.gids, id);
  if (gid < 0) throw new Errno(EINVAL);
  return gid;
}

function change(t: Thread, ids: Partial<Credentials>, rule: typeof afterSetuid | null): number {
  const before = t.credentials;
  const after = { ...before, ...ids };
  const credentials = { ...after, capabilities: rule === null ? before.capabilities : rule(before, after) };
  t.credentials = credentials;
  // Going beyond RLIMIT_NPROC by becoming another user is found out by execve(2).
  if (after.uid !== before.uid) t.process.exceedsProcessLimit = hasTooManyProcesses(t, true);
  // Other rights make the process private (prctl(2), PR_SET_DUMPABLE).
  if (gainsOrChanges(before, credentials)) {
    t.process.dumpable = 0;
    t.process.parentDeathSignal = 0;
  }
  return 0;
}

function setuid(t: Thread, id: number): number {
  if (id === UNCHANGED) return -EINVAL;
  const uid = uidOf(t, id);
  const c = t.credentials;
  if (capableInside(c, CAP_SETUID)) return change(t, { uid, euid: uid, suid: uid, fsuid: uid }, afterSetuid);
  if (uid !== c.uid && uid !== c.suid) return -EPERM;
  return change(t, { euid: uid, fsuid: uid }, afterSetuid);
}

function setgid(t: Thread, id: number): number {
  if (id === UNCHANGED) return -EINVAL;
  const gid = gidOf(t, id);
  const c = t.credentials;
  if (capableInside(c, CAP_SETGID)) return change(t, { gid, egid: gid, sgid: gid, fsgid: gid }, null);
  if (gid !== c.gid && gid !== c.sgid) return -EPERM;
  return change(t, { egid: gid, fsgid: gid }, null);
}

/** The saved id follows the effective one when the real id is set, or the effective one to something else than it. */
function setreuid(t: Thread, realId: number, effectiveId: number): number {
  const c = t.credentials;
  const real = uidOf(t, realId);
  const effective = uidOf(t, effectiveId);
  const uid = real === UNCHANGED ? c.uid : real;
  const euid = effective === UNCHANGED ? c.euid : effective;
  if (!capableInside(c, CAP_SETUID)) {
    if (uid !== c.uid && uid !== c.euid) return -EPERM;
    if (euid !== c.uid && euid !== c.euid && euid !== c.suid) return -EPERM;
  }
  const follows = real !== UNCHANGED || (effective !== UNCHANGED && euid !== c.uid);
  return change(t, { uid, euid, suid: follows ? euid : c.suid, fsuid: euid }, afterSetuid);
}

function setregid(t: Thread, realId: number, effectiveId: number): number {
  const c = t.credentials;
  const real = gidOf(t, realId);
  const effective = gidOf(t, effectiveId);
  const gid = real === UNCHANGED ? c.gid : real;
  const egid = effective === UNCHANGED ? c.egid : effective;
  if (!capableInside(c, CAP_SETGID)) {
    if (gid !== c.gid && gid !== c.egid) return -EPERM;
    if (egid !== c.gid && egid !== c.egid && egid !== c.sgid) return -EPERM;
  }
  const follows = real !== UNCHANGED || (effective !== UNCHANGED && egid !== c.gid);
  return change(t, { gid, egid, sgid: follows ? egid : c.sgid, fsgid: egid }, null);
}

function setresuid(t: Thread, ...ids: [real: number, effective: number, saved: number]): number {
  const c = t.credentials;
  const [real, effective, saved] = ids.slice(0, 3).map((id) => uidOf(t, id));
  const known = [UNCHANGED, c.uid, c.euid, c.suid];
  if (!capableInside(c, CAP_SETUID) && ![real, effective, saved].every((id) => known.includes(id))) return -EPERM;
  const euid = effective === UNCHANGED ? c.euid : effective;
  return change(
    t,
    {
      uid: real === UNCHANGED ? c.uid : real,
      euid,
      suid: saved === UNCHANGED ? c.suid : saved,
      fsuid: euid,
    },
    afterSetuid,
  );
}

function setresgid(t: Thread, ...ids: [real: number, effective: number, saved: number]): number {
  const c = t.credentials;
  const [real, effective, saved] = ids.slice(0, 3).map((id) => gidOf(t, id));
  const known = [UNCHANGED, c.gid, c.egid, c.sgid];
  if (!capableInside(c, CAP_SETGID) && ![real, effective, saved].every((id) => known.includes(id))) return -EPERM;
  const egid = effective === UNCHANGED ? c.egid : effective;
  return change(
    t,
    {
      gid: real === UNCHANGED ? c.gid : real,
      egid,
      sgid: saved === UNCHANGED ? c.sgid : saved,
      fsgid: egid,
    },
    null,
  );
}

function getresuid(t: Thread, real: number, effective: number, saved: number): number {
  const c = t.credentials;
  return writeIds(
    t,
    [real, effective, saved],
    [c.uid, c.euid, c.suid].map((id) => uidShown(c, id)),
  );
}

function getresgid(t: Thread, real: number, effective: number, saved: number): number {
  const c = t.credentials;
  return writeIds(
    t,
    [real, effective, saved],
    [c.gid, c.egid, c.sgid].map((id) => gidShown(c, id)),
  );
}

function writeIds(t: Thread, addresses: number[], ids: number[]): number {
  addresses.forEach((address, i) => {
    t.user.setU32(address, ids[i]);
  });
  return 0;
}

/** The result is the old id whether or not it was changed. */
function setfsuid(t: Thread, id: number): number {
  const c = t.credentials;
  const uid = toKernel(c.userNamespace.uids, id);
  if (uid >= 0 && (capableInside(c, CAP_SETUID) || [c.uid, c.euid, c.suid, c.fsuid].includes(uid)))
    change(t, { fsuid: uid }, afterSetfsuid);
  return uidShown(c, c.fsuid);
}

function setfsgid(t: Thread, id: number): number {
  const c = t.credentials;
  const gid = toKernel(c.userNamespace.gids, id);
  if (gid >= 0 && (capableInside(c, CAP_SETGID) || [c.gid, c.egid, c.sgid, c.fsgid].includes(gid)))
    change(t, { fsgid: gid }, null);
  return gidShown(c, c.fsgid);
}

function getgroups(t: Thread, size: number, list: number): number {
  const { groups } = t.credentials;
  if (size < 0) return -EINVAL;
  if (size === 0) return groups.length;
  if (size < groups.length) return -EINVAL;
  groups.forEach((gid, i) => {
    t.user.setU32(list + i * 4, gidShown(t.credentials, gid));
  });
  return groups.length;
}

function setgroups(t: Thread, size: number, list: number): number {
  const c = t.credentials;
  const { gids, setgroups: allowed } = c.userNamespace;
  if (!capableInside(c, CAP_SETGID) || gids === null || !allowed) return -EPERM;
  if (size < 0 || size > GROUPS_MAX) return -EINVAL;
  const groups: number[] = [];
  for (let i = 0; i < size; i++) {
    const gid = toKernel(gids, t.user.u32(list + i * 4));
    if (gid < 0) return -EINVAL;
    groups.push(gid);
  }
  return change(t, { groups: groups.sort((a, b) => a - b) }, null);
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
