/** What sends and receives carry besides the bytes (struct msghdr). */
import type { File } from "../fs/file.ts";
import type { PeerCredentials } from "./types.ts";

/** A control message with plain data (cmsg(3)). */
export interface ControlMessage {
  readonly level: number;
  readonly type: number;
  readonly data: Uint8Array;
}

/** A message on its way out. */
export class Outgoing {
  /** MSG_* flags; MSG_DONTWAIT also for O_NONBLOCK. */
  readonly flags: number;
  /** struct sockaddr of the destination, or null. */
  readonly address: Uint8Array | null;
  /** Descriptions to pass (SCM_RIGHTS). The message holds no references: a socket that takes them adds its own. */
  rights: readonly File[] | null = null;
  /** SCM_CREDENTIALS, checked. */
  credentials: PeerCredentials | null = null;
  /** All other control messages. */
  control: readonly ControlMessage[] = [];

  constructor(flags: number, address: Uint8Array | null = null) {
    this.flags = flags;
    this.address = address;
  }
}

/** What a receive is asked for, and what it finds. */
export class Incoming {
  /** MSG_* flags; MSG_DONTWAIT also for O_NONBLOCK. */
  readonly flags: number;
  /** MSG_* flags that hold of what was received. */
  found = 0;
  /** struct sockaddr of the sender, or null when there is none to tell. */
  address: Uint8Array | null = null;
  /** Descriptions that came along, each with a reference that is the receiver's. */
  rights: File[] | null = null;
  /** The sender (SCM_CREDENTIALS), if the socket passes them. */
  credentials: PeerCredentials | null = null;
  /** The sender, whose process is to be told by a pidfd (SO_PASSPIDFD). */
  pidfd: PeerCredentials | null = null;
  readonly control: ControlMessage[] = [];
  /** Nothing more belongs to this receive, whatever MSG_WAITALL says. */
  complete = false;

  constructor(flags: number) {
    this.flags = flags;
  }
}

/** Closes what came along for a receiver that has no room for it. */
export function dropRights(message: Incoming): void {
  if (message.rights !== null) for (const file of message.rights) file.close();
  message.rights = null;
}

/** An int as the data of a control message or an option. */
export const intBytes = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);
