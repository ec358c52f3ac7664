/** /sys/class/net/[interface] (Documentation/ABI/testing/sysfs-class-net). */

import { EINVAL, ENOENT, Errno } from "../../abi/errno.ts";
import { PAGE_SIZE } from "../../memory/layout.ts";
import { type DirectoryNode, type FileNode, file, link, type ProcNode } from "../proc/node.ts";
import type { InterfaceView, SystemView } from "../proc/view.ts";
import type { Caller } from "../types.ts";

const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_RUNNING = 0x40;
/** Flags that are reported beside the interface's own, and not stored with them (dev_get_flags). */
const REPORTED = 0xffff;
const ARPHRD_LOOPBACK = 772;

const hexadecimal = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");

/** The operational state, and what only an interface that is up has. */
const whenUp = (one: InterfaceView, text: string | number): string | number => {
  if (!(one.flags & IFF_UP)) throw new Errno(EINVAL);
  return text;
};

const ATTRIBUTES: Record<string, (one: InterfaceView) => string | number> = {
  addr_assign_type: () => 0,
  addr_len: ({ hardwareAddress }) => hardwareAddress.length,
  address: ({ hardwareAddress }) => hexadecimal(hardwareAddress),
  broadcast: ({ hardwareAddress }) => hexadecimal(hardwareAddress),
  carrier: (one) => whenUp(one, one.flags & IFF_RUNNING ? 1 : 0),
  carrier_changes: () => 0,
  dev_id: () => "0x0",
  dev_port: () => 0,
  dormant: (one) => whenUp(one, 0),
  flags: ({ flags }) => `0x${(flags & REPORTED & ~IFF_RUNNING).toString(16)}`,
  ifalias: () => "",
  ifindex: ({ index }) => index,
  iflink: ({ index }) => index,
  link_mode: () => 0,
  mtu: ({ mtu }) => mtu,
  netdev_group: () => 0,
  operstate: ({ flags, hardwareType }) =>
    hardwareType === ARPHRD_LOOPBACK || !(flags & IFF_LOOPBACK) ? "unknown" : "up",
  tx_queue_len: ({ queueLength }) => queueLength,
  type: ({ hardwareType }) => hardwareType,
  uevent: ({ name, index }) => `INTERFACE=${name}\nIFINDEX=${index}`,
};

const STATISTICS = [
  ...["collisions", "multicast", "rx_bytes", "rx_compressed", "rx_crc_errors", "rx_dropped", "rx_errors"],
  ...["rx_fifo_errors", "rx_frame_errors", "rx_length_errors", "rx_missed_errors", "rx_nohandler", "rx_over_errors"],
  ...["rx_packets", "tx_aborted_errors", "tx_bytes", "tx_carrier_errors", "tx_compressed", "tx_dropped", "tx_errors"],
  ...["tx_fifo_errors", "tx_heartbeat_errors", "tx_packets", "tx_window_errors"],
];

function statistic({ received, sent }: InterfaceView, name: string): number {
  const counts = name.startsWith("rx_") ? received : sent;
  if (name.endsWith("_bytes")) return counts.bytes;
  return name.endsWith("_packets") ? counts.packets : 0;
}

export function interfaceNode(name: string, system: SystemView): DirectoryNode {
  const one = (caller: Caller): InterfaceView => {
    const found = system.networkOf(caller).interfaces.find((each) => each.name === name);
    if (!found) throw new Errno(ENOENT);
    return found;
  };
  const attribute = (text: (of: InterfaceView) => string | number): FileNode =>
    file((caller) => `${text(one(caller))}\n`, 0o444, undefined, undefined, { size: PAGE_SIZE });
  const statistics: DirectoryNode = {
    kind: "directory",
    mode: 0o755,
    find: (wanted) => (STATISTICS.includes(wanted) ? attribute((of) => statistic(of, wanted)) : null),
    list: () => STATISTICS,
  };
  const folders: Record<string, ProcNode> = { statistics, subsystem: link(() => "../../../../class/net") };
  return {
    kind: "directory",
    mode: 0o755,
    find: (wanted) =>
      Object.hasOwn(ATTRIBUTES, wanted)
        ? attribute(ATTRIBUTES[wanted])
        : Object.hasOwn(folders, wanted)
          ? folders[wanted]
          : null,
    list: () => [...Object.keys(ATTRIBUTES), ...Object.keys(folders)],
  };
}
