/** Whom a command runs as: "uid", "uid:gid", or names that the image's /etc/passwd and /etc/group know. */
import { EINVAL, Errno } from "../abi/errno.ts";
import { FsContext } from "../fs/context.ts";
import { toText } from "../fs/name.ts";
import { KERNEL_CALLER } from "../fs/root.ts";
import { type Credentials, credentialsOf } from "../kernel/credentials.ts";
import { readSource } from "../kernel/exec/executable.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { NeedPage } from "../wait/queue.ts";

const NUMBER = /^\d+$/;

/** A line of /etc/passwd or /etc/group that `key` names, by name or number; its fields. */
function entry(kernel: Kernel, file: string, key: string): string[] | null {
  const number = NUMBER.test(key);
  return lines(kernel, file).find((fields) => fields[number ? 2 : 0] === key) ?? null;
}

function lines(kernel: Kernel, file: string): string[][] {
  const root = kernel.vfs.rootLocation;
  try {
    const { inode } = kernel.vfs.lookup(KERNEL_CALLER, new FsContext(root), root, file);
    if (inode.pages === null) return [];
    const bytes = readSource(kernel.physical, inode.pages, 0, inode.pages.size);
    return toText(String.fromCharCode(...bytes))
      .split("\n")
      .map((line) => line.split(":"));
  } catch (error) {
    if (error instanceof NeedPage) throw error;
    return [];
  }
}

/**
 * Credentials of `user`. A user without a group has that of /etc/passwd (0 when it is not there), and the supplementary
 * groups that /etc/group gives its name. Throws EINVAL for a name that is not there, NeedPage.
 */
export function resolveUser(kernel: Kernel, user: string): Credentials {
  const [name, group] = user.split(":");
  // Numbers are what they say, whatever the files call them; the group is looked up only for a user without one.
  if (NUMBER.test(name) && NUMBER.test(group)) return credentialsOf(Number(name), Number(group));
  const passwd = entry(kernel, "/etc/passwd", name);
  if (passwd === null && !NUMBER.test(name)) throw new Errno(EINVAL);
  const uid = Number(passwd?.[2] ?? name);
  if (group !== undefined && group !== "") {
    const found = entry(kernel, "/etc/group", group);
    if (found === null && !NUMBER.test(group)) throw new Errno(EINVAL);
    return credentialsOf(uid, Number(found?.[2] ?? group));
  }
  const gid = Number(passwd?.[3] ?? 0);
  const member = (fields: string[]) => passwd !== null && (fields[3] ?? "").split(",").includes(passwd[0]);
  const groups = lines(kernel, "/etc/group").filter(member);
  return credentialsOf(uid, gid, [...new Set([gid, ...groups.map((fields) => Number(fields[2]))])]);
}
