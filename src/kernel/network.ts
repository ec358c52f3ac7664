/** Sockets as the kernel has them: a network for each network namespace, and what net/ asks of the machine. */

import { F_OWNER_TID } from "../abi/fcntl.ts";
import { POLLERR, POLLHUP, POLLIN, POLLRDNORM } from "../abi/poll.ts";
import { SIGINFO_SIZE, SIGIO, SIGURG, type SignalInfo } from "../abi/signal.ts";
import { S_IFSOCK } from "../abi/stat.ts";
import type { File } from "../fs/file.ts";
import { SocketFile } from "../net/file.ts";
import { type NetShared, Network } from "../net/network.ts";
import type { Socket } from "../net/socket.ts";
import type { NetCaller, NetEnvironment } from "../net/types.ts";
import { InFlight } from "../net/unix/rights.ts";
import { NetUsage } from "../net/usage.ts";
import { capableIn } from "./capabilities.ts";
import type { Kernel } from "./kernel.ts";
import { type NetNamespace, ownerOf } from "./namespaces.ts";
import { kernelInfo, sendToProcess, sendToThread } from "./signal/send.ts";
import type { Process, Thread } from "./task.ts";

class KernelNetEnvironment implements NetEnvironment {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get vfs() {
    return this.#kernel.vfs;
  }
  get deadlines() {
    return this.#kernel.scheduler.deadlines;
  }
  now(): number {
    return this.#kernel.clock.now();
  }
  realtime() {
    return this.#kernel.clock.realtime();
  }
  capable(caller: NetCaller, capability: number): boolean {
    const { credentials, namespaces } = caller as Thread;
    return capableIn(credentials, ownerOf(namespaces.net), capability);
  }
  fileLimit(caller: NetCaller): number {
    return (caller as Thread).process.limits.openFiles;
  }
  log(message: string): void {
    this.#kernel.logOnce("warn", message);
  }
  urgent(file: File): void {
    notifyOwner(this.#kernel, file, kernelInfo(SIGURG));
  }
  readable(file: File): void {
    const hangup = (file.poll() & POLLHUP) !== 0;
    const info = file.ownerSignal === 0 ? kernelInfo(SIGIO) : readyInfo(file.ownerSignal, hangup);
    notifyOwner(this.#kernel, file, info);
  }
}

/** si_code of a description that is ready: POLL_IN, POLL_HUP. */
const POLL_IN = 1;
const POLL_HUP = 6;

/** siginfo of F_SETSIG: what happened is in si_code and, as poll(2) events, in si_band. */
function readyInfo(signal: number, hangup: boolean): SignalInfo {
  const raw = new Uint8Array(SIGINFO_SIZE);
  const view = new DataView(raw.buffer);
  view.setInt32(8, hangup ? POLL_HUP : POLL_IN, true);
  view.setInt32(16, hangup ? POLLHUP | POLLERR : POLLIN | POLLRDNORM, true);
  return { signal, code: hangup ? POLL_HUP : POLL_IN, errno: 0, layout: "raw", raw };
}

/** A signal to the owner of a description, if the user who made the socket may send it one (send_sigio). */
function notifyOwner(kernel: Kernel, file: File, info: SignalInfo): void {
  const { owner, ownerType } = file;
  if (owner === 0) return;
  const { uid } = (file as SocketFile).socket;
  const permitted = ({ credentials }: Process): boolean =>
    uid === 0 || uid === credentials.uid || uid === credentials.suid;
  if (ownerType === F_OWNER_TID) {
    const t = kernel.threads.get(owner);
    if (t !== undefined && permitted(t.process)) sendToThread(t, withDescriptor(info, t.process, file));
    return;
  }
  for (const p of kernel.processes.values()) {
    const meant = owner < 0 ? p.pgid === -owner : p.pid === owner;
    if (meant && !p.zombie && permitted(p)) sendToProcess(p, withDescriptor(info, p, file));
  }
}

/** si_fd: the descriptor that the process has for it. */
function withDescriptor(info: SignalInfo, { files }: Process, file: File): SignalInfo {
  if (info.raw === undefined) return info;
  const raw = info.raw.slice();
  for (const [fd, open] of files.entries()) {
    if (open !== file) continue;
    new DataView(raw.buffer).setInt32(24, fd, true);
    break;
  }
  return { ...info, raw };
}

const shared = new WeakMap<Kernel, NetShared>();
const networks = new WeakMap<NetNamespace, Network>();

function sharedOf(kernel: Kernel): NetShared {
  let found = shared.get(kernel);
  if (found === undefined) {
    const environment = new KernelNetEnvironment(kernel);
    found = { environment, usage: new NetUsage(), inFlight: new InFlight(), cookies: 0 };
    shared.set(kernel, found);
  }
  return found;
}

/** The machine is over: what only sockets in each other's queues refer to is closed. */
export function endNetworks(kernel: Kernel): void {
  shared.get(kernel)?.inFlight.collect();
}

/** What the sockets of a namespace share. A new namespace has a loopback interface that is down. */
export function networkOf(kernel: Kernel, namespace: NetNamespace): Network {
  let network = networks.get(namespace);
  if (network === undefined) {
    network = new Network(sharedOf(kernel), namespace.initial);
    networks.set(namespace, network);
  }
  return network;
}

/** An open file description for a socket; `flags`: O_NONBLOCK or 0. */
export function socketFile(t: Thread, socket: Socket, flags: number): SocketFile {
  const inode = t.kernel.vfs.anonymous.sockets.inode(S_IFSOCK | 0o777);
  inode.uid = t.fsuid;
  inode.gid = t.fsgid;
  return new SocketFile(socket, inode, flags);
}
