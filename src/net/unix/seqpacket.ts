/** AF_UNIX, SOCK_SEQPACKET: connected, and messages keep their bounds. */
import { EFAULT, EMSGSIZE, ENOTCONN, EOPNOTSUPP, EPIPE } from "../../abi/errno.ts";
import { MSG_OOB, SOCK_SEQPACKET } from "../../abi/socket.ts";
import type { Result } from "../../fs/types.ts";
import type { Transfer } from "../../memory/types.ts";
import type { Incoming, Outgoing } from "../message.ts";
import type { Network } from "../network.ts";
import type { NetCaller } from "../types.ts";
import { trueSize } from "../usage.ts";
import { UnixConnection } from "./connection.ts";

export class UnixSeqpacket extends UnixConnection {
  constructor(network: Network, uid: number) {
    super(network, SOCK_SEQPACKET, uid);
  }

  protected override another(uid: number): UnixSeqpacket {
    return new UnixSeqpacket(this.network, uid);
  }

  /** An address is ignored (unix_seqpacket_sendmsg). */
  override send(caller: NetCaller, from: Transfer, message: Outgoing): Result {
    const { peer, network } = this;
    if (this.error !== 0) return this.takeError();
    if (peer === null) return -ENOTCONN;
    if (message.flags & MSG_OOB) return -EOPNOTSUPP;
    const length = from.remaining;
    if (length > this.options.sendBuffer - 32) return -EMSGSIZE;
    if (this.sendShutdown) return -EPIPE;
    const fits = network.usage.allows(trueSize(length));
    if (!this.mayAllocate || !fits) {
      const queues = fits ? [this.writable] : [this.writable, network.usage.freed];
      return this.wait(caller, queues, message.flags, this.options.sendTimeout);
    }
    if (from.prepare(length) < length) return -EFAULT;
    if (peer.closed || peer.receiveShutdown) return -EPIPE;
    this.deliver(caller, peer, from, length, message);
    return length;
  }

  override receive(caller: NetCaller, into: Transfer, message: Incoming): Result {
    if (!this.connected) return -ENOTCONN;
    if (message.flags & MSG_OOB) return -EOPNOTSUPP;
    if (this.error !== 0) return this.takeError();
    if (this.queue.length > 0) return this.receiveMessage(into, message);
    if (this.receiveShutdown) return 0;
    return this.waitToReceive(caller, message.flags);
  }
}
