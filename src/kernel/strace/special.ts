/** Calls that strace(1) prints in a way of their own: which arguments are left out, named, or depend on others. */
import { CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID, CLONE_PARENT_SETTID, CLONE_SETTLS } from "../../abi/clone.ts";
import {
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_GETFL,
  F_GETPIPE_SZ,
  F_SETFD,
  F_SETFL,
  F_SETPIPE_SZ,
} from "../../abi/fcntl.ts";
import { FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_WAKE } from "../../abi/futex.ts";
import { PR_GET_NAME, PR_SET_NAME } from "../../abi/prctl.ts";
import type { Thread } from "../task.ts";
import { constants, printFlags } from "./constants.ts";
import { hex, quote } from "./format.ts";
import { ioctl } from "./ioctl.ts";
import { optionName } from "./socket.ts";

const O_CREAT = 0o100;
const O_TMPFILE = 0o20000000;

/** Rearranges the printed arguments. `values` are the arguments, `result` what the call returned. */
type Special = (parts: string[], values: readonly number[], t: Thread, result: number) => string[];

const upTo =
  (count: number): Special =>
  (parts) =>
    parts.slice(0, count);

/** The mode counts only when a file may be made. */
const openMode =
  (flags: number): Special =>
  (parts, values) =>
    values[flags] & (O_CREAT | O_TMPFILE) ? parts : parts.slice(0, flags + 1);

const environment =
  (at: number): Special =>
  (parts, values) => {
    const count = parts[at] === "[]" || parts[at] === "NULL" ? 0 : parts[at].split('", "').length;
    parts[at] = `${hex(values[at])} /* ${count} vars */`;
    return parts;
  };

function clone(parts: string[], values: readonly number[]): string[] {
  const flags = values[0] >>> 0;
  const shown = [`child_stack=${parts[1]}`, `flags=${parts[0]}`];
  if (flags & CLONE_PARENT_SETTID) shown.push(`parent_tid=${parts[2]}`);
  if (flags & CLONE_SETTLS) shown.push(`tls=${parts[4]}`);
  if (flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) shown.push(`child_tidptr=${parts[3]}`);
  return shown;
}

function fcntl(parts: string[], values: readonly number[]): string[] {
  switch (values[1]) {
    case F_GETFD:
    case F_GETFL:
    case F_GETPIPE_SZ:
      return parts.slice(0, 2);
    case F_SETFD:
      return [parts[0], parts[1], values[2] & 1 ? "FD_CLOEXEC" : "0"];
    case F_SETFL:
      return [parts[0], parts[1], printFlags(constants["open-flags"]!, values[2])];
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
    case F_SETPIPE_SZ:
      return [parts[0], parts[1], String(values[2])];
    default:
      return parts;
  }
}

function prctl(parts: string[], values: readonly number[], t: Thread): string[] {
  const named = values[0] === PR_SET_NAME || values[0] === PR_GET_NAME;
  return [parts[0], named ? quote(t.user.cstring(values[1], 16), 16) : parts[1]];
}

function futex(parts: string[], values: readonly number[]): string[] {
  const operation = values[1] & 0x7f;
  if (operation === FUTEX_WAKE) return parts.slice(0, 3);
  if (operation === FUTEX_WAIT) return parts.slice(0, 4);
  return operation === FUTEX_WAIT_BITSET ? [...parts.slice(0, 4), parts[4], hex(values[5])] : parts;
}

function getcwd(parts: string[], _values: readonly number[], t: Thread, result: number): string[] {
  if (result > 0) parts[0] = quote(t.user.cstring(_values[0], 4096), 4096);
  return parts;
}

/** What the number of a socket option means depends on its level. */
function option(parts: string[], values: readonly number[]): string[] {
  parts[2] = optionName(values[1], values[2]);
  return parts;
}

/** By the call's name. */
export const special: Partial<Record<string, Special>> = {
  open: openMode(1),
  openat: openMode(2),
  execve: environment(2),
  execveat: environment(3),
  clone,
  fcntl,
  prctl,
  futex,
  getcwd,
  setsockopt: option,
  getsockopt: option,
  ioctl,
  rseq: (parts, values) => [parts[0], hex(values[1]), parts[2], hex(values[3])],
  pause: upTo(0),
};
