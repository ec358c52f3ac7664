/** /proc/[pid] of processes of other machines: what ps(1) reads. */
import { type DirectoryNode, directory, file } from "./node.ts";

/** Texts are byte strings, as the process's own machine has them. */
export interface OtherProcess {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly comm: string;
  readonly cmdline: Uint8Array;
  readonly stat: string;
  readonly status: string;
}

/** Those of other machines in the namespace. Throws NeedPage until it is known. */
export interface OtherProcesses {
  find(pid: number): OtherProcess | null;
  pids(): Iterable<number>;
}

export function otherProcessNode({ uid, gid, comm, cmdline, stat, status }: OtherProcess): DirectoryNode {
  const owner = { uid, gid };
  const shown = (text: string | Uint8Array) => file(() => text, 0o444, owner);
  const nodes = { cmdline: shown(cmdline), comm: shown(`${comm}\n`), stat: shown(stat), status: shown(status) };
  return directory(nodes, 0o555, owner);
}
