/** /proc/[pid]/mounts, mountinfo and mountstats (proc_pid_mountinfo(5)). */
import { deviceMajor, deviceMinor, isDirectory } from "../../abi/stat.ts";
import {
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_RDONLY,
  MS_STRICTATIME,
} from "../../abi/statfs.ts";
import type { Directory } from "../inode.ts";
import { Location, type Mount } from "../mount.ts";
import type { Caller } from "../types.ts";
import type { Vfs } from "../vfs.ts";

/** Options of a mount, as the fourth column of /proc/mounts has them; `readOnly` adds those of the file system. */
function options(mount: Mount, readOnly = mount.fileSystem.readOnly): string {
  const words = [mount.flags & MS_RDONLY || readOnly ? "ro" : "rw"];
  const names: [number, string][] = [
    [MS_NOSUID, "nosuid"],
    [MS_NODEV, "nodev"],
    [MS_NOEXEC, "noexec"],
    [MS_NOATIME, "noatime"],
    [MS_NODIRATIME, "nodiratime"],
  ];
  for (const [flag, name] of names) if (mount.flags & flag) words.push(name);
  if (!(mount.flags & (MS_NOATIME | MS_STRICTATIME))) words.push("relatime");
  if (mount.flags & MS_NOSYMFOLLOW) words.push("nosymfollow");
  return words.join(",");
}

/** Blanks and backslashes in octal, as in fstab(5). */
const octal = (text: string): string =>
  text.replace(/[ \t\n\\]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`);

/** The mounts that can be seen from `root`, and where. */
function* visible(vfs: Vfs, mounts: readonly Mount[], root: Location, caller: Caller): Iterable<[Mount, string]> {
  for (const mount of mounts) {
    const path = vfs.path(new Location(mount, mount.root), root, caller, OUTSIDE);
    if (!path.startsWith(OUTSIDE)) yield [mount, octal(path)];
  }
}

/** No path begins so. */
const OUTSIDE = "\0";

/** The part of the file system that is mounted, as a path in it. */
export function rootPath({ root, rootEntry }: Mount): string {
  let path = isDirectory(root.mode) ? "" : `/${rootEntry?.name ?? ""}`;
  let at = isDirectory(root.mode) ? (root as Directory) : (rootEntry?.parent ?? null);
  for (; at !== null && at.parent !== at; at = at.parent) path = `/${at.name}${path}`;
  return path || "/";
}

/** /proc/[pid]/mounts. */
export function mountsText(vfs: Vfs, mounts: readonly Mount[], root: Location, caller: Caller): string {
  let text = "";
  for (const [m, path] of visible(vfs, mounts, root, caller)) {
    text += `${octal(m.source)} ${path} ${m.fileSystem.type} ${options(m)}${m.fileSystem.optionText} 0 0\n`;
  }
  return text;
}

/** /proc/[pid]/mountinfo. */
export function mountInfoText(vfs: Vfs, mounts: readonly Mount[], root: Location, caller: Caller): string {
  let text = "";
  for (const [m, path] of visible(vfs, mounts, root, caller)) {
    const { type, device, readOnly, optionText } = m.fileSystem;
    const where = `${deviceMajor(device)}:${deviceMinor(device)} ${octal(rootPath(m))} ${path}`;
    text += `${m.id} ${m.point?.mount.id ?? m.id} ${where} ${options(m, false)}${propagation(m)} - ${type} ${octal(m.source)} ${readOnly ? "ro" : "rw"}${optionText}\n`;
  }
  return text;
}

/** The optional fields of mountinfo. */
function propagation({ peers, master, unbindable }: Mount): string {
  const shared = peers ? ` shared:${peers.id}` : "";
  const slave = master ? ` master:${master.id}` : "";
  return `${shared}${slave}${unbindable ? " unbindable" : ""}`;
}

/** /proc/[pid]/mountstats. */
export function mountStatsText(vfs: Vfs, mounts: readonly Mount[], root: Location, caller: Caller): string {
  let text = "";
  for (const [m, path] of visible(vfs, mounts, root, caller)) {
    text += `device ${octal(m.source)} mounted on ${path} with fstype ${m.fileSystem.type}\n`;
  }
  return text;
}
