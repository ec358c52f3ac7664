/** The tree of /sys: the one processor, the one memory node, network interfaces, and the character devices of /dev. */
import { deviceMajor, deviceMinor, makeDevice } from "../../abi/stat.ts";
import { PAGE_SIZE } from "../../memory/layout.ts";
import { type DirectoryNode, file, link, type ProcNode, table } from "../proc/node.ts";
import type { SystemView } from "../proc/view.ts";
import { interfaceNode } from "./net.ts";

type Nodes = Record<string, (system: SystemView) => ProcNode>;

/** An attribute: a file of one page. */
export const attribute = (text: () => string | number): ProcNode =>
  file(() => `${text()}\n`, 0o444, undefined, undefined, { size: PAGE_SIZE });

const value = (text: string | number) => (): ProcNode => attribute(() => text);
const folder =
  (nodes: Nodes) =>
  (system: SystemView): DirectoryNode =>
    table(nodes, system, 0o755);
const empty = folder({});
const to = (target: string) => (): ProcNode => link(() => target);

// ---- /sys/devices/system

/** A directory for each cache of the processor. */
const caches = (system: SystemView): DirectoryNode =>
  table(
    Object.fromEntries(
      system.caches.map(({ type, level, ways, partitions, line, sets, size }, id) => [
        `index${id}`,
        folder({
          coherency_line_size: value(line),
          id: value(0),
          level: value(level),
          number_of_sets: value(sets),
          physical_line_partition: value(partitions),
          shared_cpu_list: value(0),
          shared_cpu_map: value(1),
          size: value(`${size / 1024}K`),
          type: value(type),
          ways_of_associativity: value(ways),
        }),
      ]),
    ),
    system,
    0o755,
  );

const CPU: Nodes = {
  cache: caches,
  node0: to("../../node/node0"),
  subsystem: to("../../../../bus/cpu"),
  topology: folder({
    core_cpus: value(1),
    core_cpus_list: value(0),
    core_id: value(0),
    core_siblings: value(1),
    core_siblings_list: value(0),
    die_id: value(0),
    package_cpus: value(1),
    package_cpus_list: value(0),
    physical_package_id: value(0),
    thread_siblings: value(1),
    thread_siblings_list: value(0),
  }),
};

const CPUS: Nodes = {
  cpu0: folder(CPU),
  isolated: value(""),
  kernel_max: value(0),
  offline: value(""),
  online: value(0),
  possible: value(0),
  present: value(0),
};

const NODE: Nodes = {
  cpu0: to("../../cpu/cpu0"),
  cpulist: value(0),
  cpumap: value(1),
  distance: value(10),
  hugepages: empty,
  meminfo: (system) =>
    file(
      () => {
        const { total, free, anonymous, shared } = system.memory;
        const rows = { MemTotal: total, MemFree: free, MemUsed: total - free, AnonPages: anonymous, Shmem: shared };
        const line = ([name, bytes]: [string, number]) =>
          `Node 0 ${`${name}:`.padEnd(15)} ${String(Math.floor(bytes / 1024)).padStart(8)} kB\n`;
        return Object.entries(rows).map(line).join("");
      },
      0o444,
      undefined,
      undefined,
      { size: PAGE_SIZE },
    ),
};

const MEMORY_NODES: Nodes = {
  has_cpu: value(0),
  has_memory: value(0),
  has_normal_memory: value(0),
  node0: folder(NODE),
  online: value(0),
  possible: value(0),
};

// ---- character devices

/** By class: names and numbers of what /dev has. */
const DEVICES: Record<string, Record<string, number>> = {
  mem: {
    full: makeDevice(1, 7),
    null: makeDevice(1, 3),
    random: makeDevice(1, 8),
    urandom: makeDevice(1, 9),
    zero: makeDevice(1, 5),
  },
  tty: { console: makeDevice(5, 1), ptmx: makeDevice(5, 2), tty: makeDevice(5, 0) },
};

const number = (device: number): string => `${deviceMajor(device)}:${deviceMinor(device)}`;

const device = (kind: string, name: string, device: number) =>
  folder({
    dev: value(number(device)),
    subsystem: to(`../../../../class/${kind}`),
    uevent: () =>
      file(
        () => `MAJOR=${deviceMajor(device)}\nMINOR=${deviceMinor(device)}\nDEVNAME=${name}\n`,
        0o444,
        undefined,
        undefined,
        {
          size: PAGE_SIZE,
        },
      ),
  });

const devicesOf = (kind: string): Nodes =>
  Object.fromEntries(Object.entries(DEVICES[kind]).map(([name, rdev]) => [name, device(kind, name, rdev)]));

const classOf = (kind: string): Nodes =>
  Object.fromEntries(Object.keys(DEVICES[kind]).map((name) => [name, to(`../../devices/virtual/${kind}/${name}`)]));

const byNumber: Nodes = Object.fromEntries(
  Object.entries(DEVICES).flatMap(([kind, devices]) =>
    Object.entries(devices).map(([name, rdev]) => [number(rdev), to(`../../devices/virtual/${kind}/${name}`)]),
  ),
);

// ---- network interfaces: those of the reader's namespace

const interfaces =
  (find: (name: string, system: SystemView) => ProcNode | null) =>
  (system: SystemView): DirectoryNode => ({
    kind: "directory",
    mode: 0o755,
    find: (name, caller) =>
      system.networkOf(caller).interfaces.some((one) => one.name === name) ? find(name, system) : null,
    list: (caller) => system.networkOf(caller).interfaces.map(({ name }) => name),
  });

// ---- memory

const HUGE_PAGES: Nodes = {
  free_hugepages: value(0),
  nr_hugepages: value(0),
  nr_overcommit_hugepages: value(0),
  resv_hugepages: value(0),
  surplus_hugepages: value(0),
};

/** No huge pages. */
const TRANSPARENT: Nodes = {
  defrag: value("always defer defer+madvise madvise [never]"),
  enabled: value("always madvise [never]"),
  hpage_pmd_size: value(2 << 20),
  shmem_enabled: value("always within_size advise [never] deny force"),
};

const ROOT: Nodes = {
  block: empty,
  bus: folder({ cpu: folder({ devices: folder({ cpu0: to("../../../devices/system/cpu/cpu0") }) }) }),
  class: folder({
    mem: folder(classOf("mem")),
    net: interfaces((name) => link(() => `../../devices/virtual/net/${name}`)),
    tty: folder(classOf("tty")),
  }),
  dev: folder({ block: empty, char: folder(byNumber) }),
  devices: folder({
    system: folder({ cpu: folder(CPUS), node: folder(MEMORY_NODES) }),
    virtual: folder({
      mem: folder(devicesOf("mem")),
      net: interfaces((name, system) => interfaceNode(name, system)),
      tty: folder(devicesOf("tty")),
    }),
  }),
  firmware: empty,
  fs: folder({ cgroup: empty }),
  kernel: folder({
    address_bits: value(64),
    cpu_byteorder: value("little"),
    mm: folder({
      hugepages: folder({ "hugepages-2048kB": folder(HUGE_PAGES) }),
      transparent_hugepage: folder(TRANSPARENT),
    }),
    profiling: value(0),
    uevent_seqnum: value(0),
  }),
  module: empty,
  power: empty,
};

export const rootNode = (system: SystemView): DirectoryNode => table(ROOT, system, 0o555);
