/** Sockets as the kernel has them: a network for each network namespace, and what net/ asks of the machine. */

import { O_ASYNC } from "../abi/fcntl.ts";
import { POLL_PRI } from "../abi/poll.ts";
import { SIGURG } from "../abi/signal.ts";
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
import { signalOwner, signalReady } from "./owner-signal.ts";
import { kernelInfo } from "./signal/send.ts";
import type { Thread } from "./task.ts";

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
    signalOwner(this.#kernel, file, kernelInfo(SIGURG));
    if ((file.flags & O_ASYNC) !== 0 && file.ownerSignal !== 0) signalReady(this.#kernel, file, POLL_PRI);
  }
  ready(file: File, code: number): void {
    signalReady(this.#kernel, file, code);
  }
}

function sharedOf(kernel: Kernel): NetShared {
  if (kernel.net === null) {
    const environment = new KernelNetEnvironment(kernel);
    kernel.net = { environment, usage: new NetUsage(), inFlight: new InFlight(), cookies: 0 };
  }
  return kernel.net;
}

/** The machine is over: what only sockets in each other's queues refer to is closed. */
export function endNetworks(kernel: Kernel): void {
  kernel.net?.inFlight.collect();
}

/** What the sockets of a namespace share. A new namespace has a loopback interface that is down. */
export function networkOf(kernel: Kernel, namespace: NetNamespace): Network {
  if (namespace.network === null) {
    namespace.network = new Network(sharedOf(kernel), namespace.initial);
    namespace.network.owner = namespace;
    if (namespace.initial && kernel.outside !== null) namespace.network.outside = kernel.outside;
  }
  return namespace.network;
}

/** An open file description for a socket; `flags`: O_NONBLOCK or 0. */
export function socketFile(t: Thread, socket: Socket, flags: number): SocketFile {
  const inode = t.kernel.vfs.anonymous.sockets.inode(S_IFSOCK | 0o777);
  inode.uid = t.fsuid;
  inode.gid = t.fsgid;
  return new SocketFile(socket, inode, flags);
}
