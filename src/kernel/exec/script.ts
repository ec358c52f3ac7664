/** Interpreter scripts: the "#!" line (execve(2); Linux's fs/binfmt_script.c). */
import { ENOEXEC, Errno } from "../../abi/errno.ts";

/** Bytes of a file that exec looks at (BINPRM_BUF_SIZE). */
export const HEAD_SIZE = 256;
/** Most interpreters that are scripts themselves, one after the other (ELOOP beyond). */
export const SCRIPT_LEVELS = 5;

export interface ScriptLine {
  interpreter: Uint8Array;
  /** All that follows the interpreter, as one argument, or null. */
  argument: Uint8Array | null;
}

const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09;

/** Whether the file begins with "#!". */
export const isScript = (head: Uint8Array): boolean => head[0] === 0x23 && head[1] === 0x21;

/** The first line of a script. `head` is the first HEAD_SIZE bytes of the file, or all of a shorter one. */
export function parseScript(head: Uint8Array): ScriptLine {
  const buffer = new Uint8Array(HEAD_SIZE);
  buffer.set(head.subarray(0, HEAD_SIZE));
  const end = lineEnd(buffer);
  let from = 2;
  while (from < end && isBlank(buffer[from])) from++;
  if (from === end) throw new Errno(ENOEXEC);
  let to = from;
  while (to < end && !isBlank(buffer[to]) && buffer[to] !== 0) to++;
  const interpreter = buffer.slice(from, to);
  let argument = to;
  while (argument < end && isBlank(buffer[argument])) argument++;
  if (argument === to || argument >= end) return { interpreter, argument: null };
  let stop = argument;
  while (stop < end && buffer[stop] !== 0) stop++;
  return { interpreter, argument: buffer.slice(argument, stop) };
}

/** Where the line ends, blanks at its end left out. A line that does not fit must at least have a whole interpreter. */
function lineEnd(buffer: Uint8Array): number {
  const nul = buffer.indexOf(0);
  const newline = buffer.indexOf(0x0a);
  let end = newline >= 0 && (nul < 0 || newline < nul) ? newline : -1;
  if (end < 0) {
    end = buffer.length - 1;
    let at = 2;
    while (at < end && isBlank(buffer[at])) at++;
    if (at === end) throw new Errno(ENOEXEC);
    while (at < end && !isBlank(buffer[at]) && buffer[at] !== 0) at++;
    if (at === end) throw new Errno(ENOEXEC);
  }
  while (end > 2 && isBlank(buffer[end - 1])) end--;
  return end;
}
