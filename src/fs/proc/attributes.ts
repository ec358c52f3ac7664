/** /proc/[pid]/attr (proc_pid_attr(5)): without a security module nothing is known, and nothing can be set. */
import { EACCES, EINVAL, Errno } from "../../abi/errno.ts";
import { requireRead } from "./memory.ts";
import { type DirectoryNode, directory, type FileNode, file, type Owner } from "./node.ts";
import type { ProcessView } from "./view.ts";

const NAMES = ["current", "exec", "fscreate", "keycreate", "prev", "sockcreate"];

function unknown(): never {
  throw new Errno(EINVAL);
}

const attribute = (p: ProcessView, owner: Owner): FileNode =>
  file(
    unknown,
    0o666,
    owner,
    (caller) => {
      if (caller.pid !== p.number) throw new Errno(EACCES);
      unknown();
    },
    { check: (caller) => requireRead(p, caller) },
  );

/** `user`: whose the directory is. */
export const attributesNode = (p: ProcessView, owner: Owner, user: Owner): DirectoryNode =>
  directory(Object.fromEntries(NAMES.map((name) => [name, attribute(p, owner)])), 0o555, user);
