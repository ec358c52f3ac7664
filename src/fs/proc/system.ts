/** The files directly in /proc (proc(5)). */
import { EPERM, Errno } from "../../abi/errno.ts";
import { deviceMajor } from "../../abi/stat.ts";
import { PAGE_SIZE } from "../../memory/layout.ts";
import type { Vfs } from "../vfs.ts";
import { buddyText, slabText, zoneText } from "./allocator.ts";
import { locksText } from "./descriptors.ts";
import { sysvipcNode } from "./ipc.ts";
import { directory, file, link, type ProcNode, report } from "./node.ts";
import { sysNode } from "./sysctl.ts";
import type { SystemView } from "./view.ts";

const seconds = (nanoseconds: number): string => (Math.floor(nanoseconds / 1e7) / 100).toFixed(2);
const ticks = (nanoseconds: number): number => Math.floor(nanoseconds / 1e7);

export function systemNodes(vfs: Vfs, system: SystemView): Record<string, ProcNode> {
  return {
    buddyinfo: report(() => buddyText(system)),
    cgroups: report(() => "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"),
    cmdline: report(() => "\n"),
    consoles: report(() => ""),
    cpuinfo: report(() => system.cpuInfo),
    devices: report(() => devicesText(vfs)),
    diskstats: report(() => ""),
    execdomains: report(() => "0-0\tLinux           \t[kernel]\n"),
    filesystems: report(() => system.fileSystems.map((name) => `nodev\t${name}\n`).join("")),
    interrupts: report(() => "           CPU0       \n"),
    kmsg: file(() => "", 0o400, undefined, undefined, { check: refuseLog }),
    loadavg: report(() => {
      const { averages, running, total, lastPid } = system.load;
      const shown = averages.map((average) => (Math.floor(average * 100 + 0.5) / 100).toFixed(2));
      return `${shown.join(" ")} ${Math.max(1, running)}/${total} ${lastPid}\n`;
    }),
    locks: report(() => locksText(system)),
    meminfo: report(() => meminfoText(system)),
    misc: report(() => ""),
    modules: report(() => ""),
    mounts: link(() => "self/mounts"),
    net: link(() => "self/net"),
    partitions: report(() => ""),
    slabinfo: report(slabText, 0o400),
    softirqs: report(softirqsText),
    stat: report(() => statText(system)),
    swaps: report(() => "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"),
    sys: sysNode(vfs, system),
    "sysrq-trigger": file(
      () => "",
      0o200,
      undefined,
      () => {
        throw new Errno(EPERM);
      },
    ),
    sysvipc: sysvipcNode(system.ipc),
    tty: directory({ drivers: report(driversText), ldiscs: report(() => "n_tty       0\n") }),
    uptime: report(() => `${seconds(system.bootClock)} ${seconds(system.idleTime)}\n`),
    version: report(() => {
      const { sysname, release, version } = system.uts;
      return `${sysname} version ${release} (binlet) ${version}\n`;
    }),
    vmstat: report(() => vmstatText(system)),
    zoneinfo: report(() => zoneText(system)),
  };
}

const SOFTIRQS = ["HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"];

/** Nothing interrupts. */
const softirqsText = (): string =>
  `                    CPU0       \n${SOFTIRQS.map((name) => `${name.padStart(12)}:          0\n`).join("")}`;

/** What the kernel logs goes to whoever runs the machine. */
function refuseLog(): never {
  throw new Errno(EPERM);
}

export function meminfoText(system: SystemView): string {
  const { total, free, anonymous, shared, mapped, locked, tables, committed } = system.memory;
  const lines: [string, number][] = [
    ["MemTotal", total],
    ["MemFree", free],
    ["MemAvailable", free],
    ["Buffers", 0],
    ["Cached", shared],
    ["SwapCached", 0],
    ["Active", 0],
    ["Inactive", anonymous + shared],
    ["Active(anon)", 0],
    ["Inactive(anon)", anonymous + shared],
    ["Active(file)", 0],
    ["Inactive(file)", 0],
    ["Unevictable", locked],
    ["Mlocked", locked],
    ["SwapTotal", 0],
    ["SwapFree", 0],
    ["Dirty", 0],
    ["Writeback", 0],
    ["AnonPages", anonymous],
    ["Mapped", mapped],
    ["Shmem", shared],
    ["KReclaimable", 0],
    ["Slab", 0],
    ["SReclaimable", 0],
    ["SUnreclaim", 0],
    ["KernelStack", 0],
    ["PageTables", tables],
    ["NFS_Unstable", 0],
    ["Bounce", 0],
    ["WritebackTmp", 0],
    ["CommitLimit", total],
    ["Committed_AS", committed],
    ["VmallocTotal", 0],
    ["VmallocUsed", 0],
    ["VmallocChunk", 0],
    ["AnonHugePages", 0],
    ["ShmemHugePages", 0],
    ["ShmemPmdMapped", 0],
  ];
  const sizes = lines.map(
    ([name, bytes]) => `${`${name}:`.padEnd(16)}${String(Math.floor(bytes / 1024)).padStart(8)} kB\n`,
  );
  const huge = ["Total", "Free", "Rsvd", "Surp"].map((name) => `${`HugePages_${name}:`.padEnd(16)}       0\n`);
  return `${sizes.join("")}${huge.join("")}Hugepagesize:       2048 kB\nHugetlb:               0 kB\n`;
}

function vmstatText(system: SystemView): string {
  const { free, anonymous, shared, mapped, locked, tables } = system.memory;
  const { minorFaults, majorFaults } = system.counts;
  const pages = (bytes: number) => Math.floor(bytes / PAGE_SIZE);
  const lines: [string, number][] = [
    ["nr_free_pages", pages(free)],
    ["nr_inactive_anon", pages(anonymous + shared)],
    ["nr_active_anon", 0],
    ["nr_inactive_file", 0],
    ["nr_active_file", 0],
    ["nr_unevictable", pages(locked)],
    ["nr_anon_pages", pages(anonymous)],
    ["nr_mapped", pages(mapped)],
    ["nr_file_pages", pages(shared)],
    ["nr_dirty", 0],
    ["nr_writeback", 0],
    ["nr_shmem", pages(shared)],
    ["nr_page_table_pages", pages(tables)],
    ["nr_mlock", pages(locked)],
    ["pgpgin", 0],
    ["pgpgout", 0],
    ["pswpin", 0],
    ["pswpout", 0],
    ["pgfault", minorFaults + majorFaults],
    ["pgmajfault", majorFaults],
  ];
  return lines.map(([name, value]) => `${name} ${value}\n`).join("");
}

function statText(system: SystemView): string {
  const { uptime, idleTime, userTime, counts, load } = system;
  const kernel = Math.max(uptime - idleTime - userTime, 0);
  const cpu = `${ticks(userTime)} 0 ${ticks(kernel)} ${ticks(idleTime)} 0 0 0 0 0 0`;
  return [
    `cpu  ${cpu}`,
    `cpu0 ${cpu}`,
    "intr 0",
    `ctxt ${counts.switches}`,
    `btime ${system.bootTime}`,
    `processes ${counts.forks}`,
    `procs_running ${Math.max(1, load.running)}`,
    `procs_blocked ${load.blocked}`,
    `softirq 0${" 0".repeat(10)}`,
    "",
  ].join("\n");
}

/** Names of the drivers by major number (Documentation/admin-guide/devices.txt). */
const MAJORS: Record<number, readonly string[]> = {
  1: ["mem"],
  5: ["/dev/tty", "/dev/console", "/dev/ptmx"],
  128: ["ptm"],
  136: ["pts"],
};

/** Those that there are. Pseudoterminals have no entry in the table of drivers: devpts opens them. */
function devicesText({ environment }: Vfs): string {
  const majors = new Set([...environment.characterDevices.keys()].map(deviceMajor));
  for (const major of [128, 136]) majors.add(major);
  const lines = [...majors]
    .sort((a, b) => a - b)
    .flatMap((major) => (MAJORS[major] ?? []).map((name) => `${String(major).padStart(3)} ${name}\n`));
  return `Character devices:\n${lines.join("")}\nBlock devices:\n`;
}

/** ps(1) finds the names of terminals here. */
const driversText = (): string =>
  [
    "/dev/tty             /dev/tty        5       0 system:/dev/tty",
    "/dev/console         /dev/console    5       1 system:console",
    "/dev/ptmx            /dev/ptmx       5       2 system",
    "pty_slave            /dev/pts      136 0-1048575 pty:slave",
    "pty_master           /dev/ptm      128 0-1048575 pty:master",
    "",
  ].join("\n");
