/** AF_UNIX sockets: what all types share (unix(7); net/unix/af_unix.c). */
import { EADDRINUSE, EINVAL, ENOTCONN, EOPNOTSUPP, Errno } from "../../abi/errno.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM, POLLWRBAND, POLLWRNORM } from "../../abi/poll.ts";
import { AF_UNIX, MSG_PEEK, MSG_TRUNC, SIOCATMARK, SIOCINQ, SIOCOUTQ } from "../../abi/socket.ts";
import type { File } from "../../fs/file.ts";
import type { Inode } from "../../fs/inode.ts";
import type { Result } from "../../fs/types.ts";
import type { Transfer, UserMemory } from "../../memory/types.ts";
import { WaitQueue } from "../../wait/queue.ts";
import type { Incoming, Outgoing } from "../message.ts";
import type { Network } from "../network.ts";
import { Socket } from "../socket.ts";
import { timestampMessage } from "../timestamp.ts";
import { credentialsOf, type NetCaller, NO_CREDENTIALS, type PeerCredentials } from "../types.ts";
import { canonical, familyBytes, isAbstract, makeSocketInode, pathOf, requireName, UNNAMED } from "./names.ts";
import { Packet, PacketQueue } from "./packet.ts";

/** net.unix.max_dgram_qlen: messages that may wait at a socket. */
export const MAX_DATAGRAMS = 10;

export abstract class UnixSocket extends Socket {
  /** struct sockaddr_un that it is bound to, or null. */
  address: Uint8Array | null = null;
  /** What it is connected to; stays when that is closed. */
  peer: UnixSocket | null = null;
  /** The listening socket in whose queue it waits to be accepted. */
  listener: UnixSocket | null = null;
  readonly queue = new PacketQueue();
  /** Messages or connections that may wait, less one. */
  backlog = MAX_DATAGRAMS;
  /** Fires for those who wait for room in the queue. */
  readonly room = new WaitQueue();
  protected peerIdentity: PeerCredentials | null = null;
  /** What of its own is in the queues of others, against SO_SNDBUF. */
  #sent = 0;
  #inode: Inode | null = null;

  constructor(network: Network, type: number, uid: number) {
    super(network, AF_UNIX, type, 0, uid);
  }

  override get peerCredentials(): PeerCredentials | null {
    return this.peerIdentity;
  }

  /** That of the path it is bound to. */
  get inode(): Inode | null {
    return this.#inode;
  }

  // ---- names

  override bind(caller: NetCaller, address: Uint8Array): Result {
    if (address.length === 2 && familyBytes(address) === AF_UNIX) {
      if (this.address === null) this.autobind();
      return 0;
    }
    requireName(address);
    if (this.address !== null) throw new Errno(isAbstract(address) ? EINVAL : this.#secondName(caller, address));
    if (isAbstract(address)) {
      this.network.abstractNames.add(address, this);
    } else {
      this.#inode = makeSocketInode(this.network.environment.vfs, caller, pathOf(address));
      this.#inode.socket = this;
    }
    this.address = canonical(address);
    return 0;
  }

  /** Why a socket that has a name gets no other: a path that is taken is found first. */
  #secondName(caller: NetCaller, address: Uint8Array): number {
    const { vfs } = this.network.environment;
    return vfs.lookupName(caller, caller.fs, caller.fs.cwd, pathOf(address)).target === null ? EINVAL : EADDRINUSE;
  }

  protected autobind(): void {
    const address = this.network.abstractNames.unused(this.type);
    this.network.abstractNames.add(address, this);
    this.address = address;
  }

  /** Who passes credentials must be known by name (unix_autobind). */
  protected nameForCredentials(): void {
    if (this.address === null && this.passesCredentials) this.autobind();
  }

  override name(): Uint8Array {
    return this.address ?? UNNAMED;
  }

  override peerName(): Uint8Array {
    if (this.peer === null) throw new Errno(ENOTCONN);
    return this.peer.name();
  }

  protected unbind(): void {
    if (this.#inode !== null) this.#inode.socket = null;
    else if (this.address !== null) this.network.abstractNames.remove(this.address, this);
    this.#inode = null;
  }

  // ---- the queue

  get full(): boolean {
    return this.queue.length > this.backlog;
  }

  get passesCredentials(): boolean {
    return this.options.passCredentials || this.options.passPidfd;
  }

  /** There is room for a message (sock_alloc_send_pskb). */
  protected get mayAllocate(): boolean {
    return this.#sent < this.options.sendBuffer;
  }

  /** What poll(2) calls writable: a quarter of the buffer is used at most. */
  protected get hasRoom(): boolean {
    return !this.listening && this.#sent * 4 <= this.options.sendBuffer;
  }

  override get readableBytes(): number {
    return this.queue.bytes;
  }

  override get unsentBytes(): number {
    return this.#sent;
  }

  /**
   * Moves `count` bytes, which `from` has prepared, into the queue of `to` as a message of this socket, if the filter
   * there lets it. */
  protected deliver(
    caller: NetCaller,
    to: UnixSocket,
    from: Transfer,
    count: number,
    message: Outgoing,
    urgent = false,
  ): void {
    const slab = this.network.usage.slabs.take(count);
    from.take(slab.length === count ? slab : slab.subarray(0, count));
    let total = count;
    if (to.filter.attached) {
      total = to.filter.keeps({ bytes: slab.subarray(0, count), protocol: 0, device: 0 }, 1);
      if (total < 0) {
        this.network.usage.slabs.give(slab);
        return;
      }
    }
    const known =
      message.credentials ?? (this.passesCredentials || to.passesCredentials ? credentialsOf(caller) : null);
    const packet = new Packet(slab, total, this, known ?? NO_CREDENTIALS);
    if (message.rights !== null) {
      const { uid } = caller.credentials;
      packet.rights = this.network.inFlight.send(message.rights, to, uid);
      packet.rightsUid = uid;
      message.rights = null;
    }
    if (urgent) {
      packet.urgent = true;
      to.marked(packet);
    }
    if (to.options.timestamp !== 0) packet.time = this.network.environment.realtime();
    this.#sent += packet.size;
    this.network.usage.charge(packet.size);
    to.queue.push(packet);
    to.readable.wake();
  }

  /** An urgent byte is about to enter the queue. */
  protected marked(_packet: Packet): void {}

  /** The first message leaves the queue. What it carries has been copied, or nobody wants it. */
  protected take(): Packet {
    const packet = this.queue.shift();
    this.left(packet);
    return packet;
  }

  /** `packet` is not in the queue any more. */
  protected left(packet: Packet): void {
    packet.sender.#freed(packet.size);
    this.network.usage.slabs.give(packet.slab);
    this.room.wake();
  }

  #freed(size: number): void {
    this.#sent -= size;
    this.network.usage.release(size);
    if (this.hasRoom) this.writable.wake();
  }

  /** The descriptions of a message in the queue: with it they leave, or (`peek`) they are copied. */
  protected takeRights(packet: Packet, message: Incoming, peek: boolean): void {
    const { rights } = packet;
    if (rights === null) return;
    if (peek) for (const file of rights) file.references++;
    else this.#landed(packet);
    message.rights = [...rights];
    message.complete = true;
  }

  #landed(packet: Packet): void {
    this.network.inFlight.receive(packet.rights!, this, packet.rightsUid);
    packet.rights = null;
  }

  /** Drops the queue and what it refers to. */
  purge(): void {
    while (this.queue.length > 0) {
      const packet = this.take();
      const { rights } = packet;
      if (rights === null) continue;
      this.#landed(packet);
      for (const file of rights) file.close();
    }
  }

  /** Descriptions in the queue. */
  *filesInQueue(): Iterable<File> {
    for (const { rights } of this.queue) if (rights !== null) yield* rights;
  }

  // ---- messages (SOCK_DGRAM and SOCK_SEQPACKET)

  /** Receives the first message; `empty` answers when there is none. */
  protected receiveMessage(into: Transfer, message: Incoming): number {
    const { options } = this;
    const peek = (message.flags & MSG_PEEK) !== 0;
    let skip = peek && options.peekOffset > 0 ? options.peekOffset : 0;
    let index = 0;
    while (skip > 0 && index < this.queue.length - 1 && skip >= this.queue.at(index)!.length) {
      skip -= this.queue.at(index++)!.length;
    }
    const packet = this.queue.at(index)!;
    const { total } = packet;
    if (skip > total) skip = total;
    const count = Math.min(total - skip, into.remaining);
    into.prepare(count);
    into.put(packet.bytes(skip, count));
    if (!peek) this.take();
    if (options.peekOffset >= 0) {
      options.peekOffset = peek ? options.peekOffset + count : Math.max(options.peekOffset - total, 0);
    }
    this.describe(packet, message);
    this.takeRights(packet, message, peek);
    if (count < total - skip) message.found |= MSG_TRUNC;
    return message.flags & MSG_TRUNC ? total - skip : count;
  }

  /** What of a message's origin the receiver is told. */
  protected describe(packet: Packet, message: Incoming): void {
    message.address = packet.sender.address;
    if (this.options.passCredentials) message.credentials = packet.credentials;
    if (this.options.passPidfd) message.pidfd = packet.credentials;
    if (packet.time !== null) timestampMessage(this.options.timestamp, packet.time, message);
  }

  // ---- the rest

  override poll(): number {
    let events = this.error !== 0 ? POLLERR : 0;
    if (this.receiveShutdown) events |= POLLRDHUP | POLLIN | POLLRDNORM;
    if (this.receiveShutdown && this.sendShutdown) events |= POLLHUP;
    if (this.queue.length > 0) events |= POLLIN | POLLRDNORM;
    if (this.hasRoom) events |= POLLOUT | POLLWRNORM | POLLWRBAND;
    return events;
  }

  override ioctl(caller: NetCaller, memory: UserMemory, request: number, argument: number): Result {
    if (request === SIOCINQ) {
      if (this.listening) return -EINVAL;
      memory.setU32(argument, this.inputBytes);
      return 0;
    }
    if (request === SIOCATMARK) return -EOPNOTSUPP;
    if (request === SIOCOUTQ) {
      memory.setU32(argument, this.#sent);
      return 0;
    }
    return super.ioctl(caller, memory, request, argument);
  }

  /** What SIOCINQ tells: of messages, the length of the first. */
  protected get inputBytes(): number {
    return this.queue.at(0)?.length ?? 0;
  }

  protected override end(): void {
    this.unbind();
    this.forget();
    this.network.inFlight.collect();
  }
}
