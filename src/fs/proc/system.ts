/** The files directly in /proc (proc(5)), and /proc/sys. */
import { deviceMajor, deviceMinor, isDirectory } from "../../abi/stat.ts";
import {
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_RDONLY,
  MS_STRICTATIME,
} from "../../abi/statfs.ts";
import type { Directory } from "../inode.ts";
import { Location, type Mount } from "../mount.ts";
import { PIPE_MAX_SIZE } from "../pipe.ts";
import type { Caller } from "../types.ts";
import type { Vfs } from "../vfs.ts";
import { ipcTunables, queueTunables, sysvipcNode } from "./ipc.ts";
import { networkSettings } from "./net.ts";
import { constant, directory, file, link, type ProcNode } from "./node.ts";
import type { SystemView } from "./view.ts";

const seconds = (nanoseconds: number): string => (nanoseconds / 1e9).toFixed(2);
const ticks = (nanoseconds: number): number => Math.floor(nanoseconds / 1e7);

export function systemNodes(system: SystemView): Record<string, ProcNode> {
  return {
    cpuinfo: file(() => system.cpuInfo),
    filesystems: file(() => "nodev\ttmpfs\nnodev\tproc\nnodev\tdevtmpfs\nnodev\tmqueue\nnodev\toverlay\n"),
    loadavg: file(() => {
      const { running, total, lastPid } = system.load;
      return `0.00 0.00 0.00 ${Math.max(1, running)}/${total} ${lastPid}\n`;
    }),
    meminfo: file(() => meminfoText(system)),
    stat: file(() => statText(system)),
    sys: directory({
      kernel: kernelNodes(system),
      fs: limitNodes(system),
      vm: memoryNodes(),
      net: networkSettings(system.networkSettings),
    }),
    sysvipc: sysvipcNode(system.ipc),
    uptime: file(() => `${seconds(system.uptime)} ${seconds(system.idleTime)}\n`),
    version: file(() => {
      const { sysname, release, version } = system.uts;
      return `${sysname} version ${release} ${version}\n`;
    }),
  };
}

function meminfoText(system: SystemView): string {
  const { total, free, cached } = system.memory;
  const lines: [string, number][] = [
    ["MemTotal", total],
    ["MemFree", free],
    ["MemAvailable", free + cached],
    ["Buffers", 0],
    ["Cached", cached],
    ["SwapCached", 0],
    ["SwapTotal", 0],
    ["SwapFree", 0],
    ["Dirty", 0],
    ["Writeback", 0],
    ["Shmem", 0],
  ];
  return lines.map(([name, bytes]) => `${`${name}:`.padEnd(15)} ${String(bytes >>> 10).padStart(8)} kB\n`).join("");
}

function statText(system: SystemView): string {
  const busy = ticks(system.uptime - system.idleTime);
  const cpu = `${busy} 0 0 ${ticks(system.idleTime)} 0 0 0 0 0 0`;
  const { switches, forks } = system.counts;
  return [
    `cpu  ${cpu}`,
    `cpu0 ${cpu}`,
    "intr 0",
    `ctxt ${switches}`,
    `btime ${system.bootTime}`,
    `processes ${forks}`,
    `procs_running ${Math.max(1, system.load.running)}`,
    "procs_blocked 0",
    "",
  ].join("\n");
}

function kernelNodes(system: SystemView): ProcNode {
  return directory({
    cap_last_cap: constant(() => 40),
    domainname: constant(() => system.uts.domainname),
    hostname: constant(() => system.uts.nodename),
    ...ipcTunables(system.ipc),
    ngroups_max: constant(() => 65536),
    osrelease: constant(() => system.uts.release),
    ostype: constant(() => system.uts.sysname),
    pid_max: constant(() => system.pidMax),
    randomize_va_space: constant(() => 0),
    random: directory({ boot_id: constant(() => bootId(system)), entropy_avail: constant(() => 256) }),
    "threads-max": constant(() => system.pidMax),
    version: constant(() => system.uts.version),
  });
}

/** A UUID that stays the same for the machine's life. */
function bootId(system: SystemView): string {
  const hex = Math.floor(system.bootTime).toString(16).padStart(12, "0").slice(-12);
  return `00000000-0000-4000-8000-${hex}`;
}

const limitNodes = (system: SystemView): ProcNode =>
  directory({
    "file-max": constant(() => "9223372036854775807"),
    mqueue: queueTunables(system.ipc),
    nr_open: constant(() => 1048576),
    "pipe-max-size": constant(() => PIPE_MAX_SIZE),
    protected_hardlinks: constant(() => 1),
    protected_symlinks: constant(() => 0),
  });

const memoryNodes = (): ProcNode =>
  directory({
    max_map_count: constant(() => 65530),
    mmap_min_addr: constant(() => 65536),
    overcommit_memory: constant(() => 0),
  });

export const mountNodes = (_vfs: Vfs): Record<string, ProcNode> => ({
  mounts: link(() => "self/mounts"),
  net: link(() => "self/net"),
});

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
function rootPath({ root, rootEntry }: Mount): string {
  let path = isDirectory(root.mode) ? "" : `/${rootEntry?.name ?? ""}`;
  let at = isDirectory(root.mode) ? (root as Directory) : (rootEntry?.parent ?? null);
  for (; at !== null && at.parent !== at; at = at.parent) path = `/${at.name}${path}`;
  return path || "/";
}

/** /proc/[pid]/mounts. */
export function mountsText(vfs: Vfs, mounts: readonly Mount[], root: Location, caller: Caller): string {
  let text = "";
  for (const [m, path] of visible(vfs, mounts, root, caller)) {
    text += `${octal(m.source)} ${path} ${m.fileSystem.type} ${options(m)} 0 0\n`;
  }
  return text;
}

/** /proc/[pid]/mountinfo. */
export function mountInfoText(vfs: Vfs, mounts: readonly Mount[], root: Location, caller: Caller): string {
  let text = "";
  for (const [m, path] of visible(vfs, mounts, root, caller)) {
    const { type, device, readOnly } = m.fileSystem;
    const where = `${deviceMajor(device)}:${deviceMinor(device)} ${octal(rootPath(m))} ${path}`;
    text += `${m.id} ${m.point?.mount.id ?? m.id} ${where} ${options(m, false)}${propagation(m)} - ${type} ${octal(m.source)} ${readOnly ? "ro" : "rw"}\n`;
  }
  return text;
}

/** The optional fields of mountinfo. */
function propagation({ peers, master, unbindable }: Mount): string {
  const shared = peers ? ` shared:${peers.id}` : "";
  const slave = master ? ` master:${master.id}` : "";
  return `${shared}${slave}${unbindable ? " unbindable" : ""}`;
}
