/** /proc/[pid]/fd and fdinfo, and /proc/locks (proc_pid_fdinfo(5), proc_locks(5)). */
import { EACCES, ENOENT, Errno } from "../../abi/errno.ts";
import { O_ACCMODE, O_CLOEXEC, O_PATH, O_RDONLY, O_WRONLY } from "../../abi/fcntl.ts";
import { deviceMajor, deviceMinor } from "../../abi/stat.ts";
import type { Descriptors } from "../descriptors.ts";
import type { File } from "../file.ts";
import type { Inode } from "../inode.ts";
import { Location } from "../mount.ts";
import type { Caller, LockOwner } from "../types.ts";
import type { Vfs } from "../vfs.ts";
import { requireRead } from "./memory.ts";
import { type DirectoryNode, file, link, type Owner } from "./node.ts";
import type { Subject } from "./process.ts";
import type { ProcessView, SystemView } from "./view.ts";

const descriptor = (p: ProcessView, name: string): File | null =>
  /^(0|[1-9][0-9]{0,9})$/.test(name) && !p.zombie && !p.gone ? p.files.get(Number(name)) : null;

function* descriptorNames(p: ProcessView): Iterable<string> {
  if (p.gone) throw new Errno(ENOENT);
  if (p.zombie) return;
  for (const [fd] of p.files.entries()) yield String(fd);
}

/** What a descriptor's link shows: a path, or "pipe:[12]". */
export function fileText(vfs: Vfs, open: File, caller: Caller): string {
  return open.location ? vfs.displayPath(open.location, caller) : open.label;
}

export function descriptorsNode(vfs: Vfs, p: ProcessView, owner: Owner): DirectoryNode {
  return {
    kind: "directory",
    mode: 0o500,
    owner,
    own: ({ pid }) => pid === p.number,
    size: () => (p.zombie || p.gone ? 0 : [...p.files.entries()].length),
    find(name) {
      const open = descriptor(p, name);
      if (!open) return null;
      const access = open.flags & O_ACCMODE;
      const none = (open.flags & O_PATH) !== 0;
      const mode = none ? 0 : (access === O_WRONLY ? 0 : 0o500) | (access === O_RDONLY ? 0 : 0o300);
      const target = (caller: Caller) => {
        requireRead(p, caller);
        return fileText(vfs, open, caller);
      };
      const jump = (caller: Caller) => {
        requireRead(p, caller);
        return open.location ?? new Location(vfs.hidden, open.inode);
      };
      return { ...link(target, jump, owner, mode), size: 64 };
    },
    list: () => descriptorNames(p),
  };
}

export function descriptorInfoNode({ vfs, system, p, owner, user }: Subject): DirectoryNode {
  const require = (caller: Caller) => {
    if (!p.mayRead(caller)) throw new Errno(EACCES);
  };
  return {
    kind: "directory",
    mode: 0o555,
    owner: user,
    check: require,
    find(name, caller) {
      require(caller);
      if (!descriptor(p, name)) return null;
      return file(
        () => {
          const open = descriptor(p, name);
          if (!open) throw new Errno(ENOENT);
          return informationText(vfs, system, p.files, open, Number(name));
        },
        0o444,
        owner,
        undefined,
        { check: require },
      );
    },
    list(caller) {
      require(caller);
      return descriptorNames(p);
    },
  };
}

function informationText(vfs: Vfs, system: SystemView, files: Descriptors, open: File, fd: number): string {
  const flags = open.flags | (files.closeOnExec(fd) ? O_CLOEXEC : 0);
  const mount = (open.location?.mount ?? vfs.hidden).id;
  const head = `pos:\t${open.offset}\nflags:\t0${flags.toString(8)}\nmnt_id:\t${mount}\nino:\t${open.inode.ino}\n`;
  const held = lockLines(
    open.inode,
    (owner, through) => owner === open || (owner === files && through === open),
    system,
  );
  const locks = held.map((line, i) => `lock:\t${i + 1}: ${line}\n`).join("");
  return head + locks + open.information((pid) => system.numberOf(pid));
}

/** Locks of an inode that `holds` picks by their owner and the description they were taken through, as /proc/locks has them but for their number. */
function lockLines(inode: Inode, holds: (owner: LockOwner, through?: object) => boolean, system: SystemView): string[] {
  const { locks } = inode;
  if (!locks) return [];
  const hex = (n: number) => n.toString(16).padStart(2, "0");
  const place = `${hex(deviceMajor(inode.device))}:${hex(deviceMinor(inode.device))}:${inode.ino}`;
  const lines: string[] = [];
  for (const [owner, kind] of locks.flocks) {
    if (!holds(owner)) continue;
    lines.push(`FLOCK  ADVISORY  ${kind === "shared" ? "READ" : "WRITE"} ${holderOf(owner, system)} ${place} 0 EOF`);
  }
  for (const { owner, file: through, pid, exclusive, start, end } of locks.records) {
    if (!holds(owner, through)) continue;
    const type = pid === -1 ? "OFDLCK" : "POSIX ";
    const last = end === Number.POSITIVE_INFINITY ? "EOF" : end - 1;
    const holder = pid === -1 ? -1 : system.numberOf(pid);
    lines.push(`${type} ADVISORY  ${exclusive ? "WRITE" : "READ"} ${holder} ${place} ${start} ${last}`);
  }
  return lines;
}

/** The first process that has the description open. */
function holderOf(owner: LockOwner, system: SystemView): number {
  for (const p of system.processViews()) {
    if (p.zombie) continue;
    for (const [, open] of p.files.entries()) if (open === owner) return p.pid;
  }
  return 0;
}

/** /proc/locks: those of all files that are open. */
export function locksText(system: SystemView): string {
  const inodes = new Set<Inode>();
  for (const p of system.processViews()) {
    if (p.zombie) continue;
    for (const [, { inode }] of p.files.entries()) if (inode.locks) inodes.add(inode);
  }
  const lines = [...inodes].flatMap((inode) => lockLines(inode, () => true, system));
  return lines.map((line, i) => `${i + 1}: ${line}\n`).join("");
}
