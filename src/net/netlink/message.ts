/** Building netlink messages (netlink(7)): a header, a fixed part, attributes. */
import { Errno } from "../../abi/errno.ts";
import { NLMSG_HEADER, nlAlign } from "../../abi/netlink.ts";
import { bytesOf } from "../../fs/name.ts";

/** An error that Linux explains in words too (NETLINK_EXT_ACK). */
export class NetlinkError extends Errno {
  readonly words: string;
  constructor(errno: number, words: string) {
    super(errno);
    this.words = words;
  }
}

export class NetlinkMessage {
  readonly #type: number;
  readonly #flags: number;
  readonly #parts: Uint8Array[] = [];
  #length = NLMSG_HEADER;

  constructor(type: number, flags: number) {
    this.#type = type;
    this.#flags = flags;
  }

  /** The fixed part behind the header. */
  fixed(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += nlAlign(bytes.length);
    return this;
  }

  /** An attribute: bytes, a string with its NUL, or a number of 32 bits. */
  attribute(type: number, value: Uint8Array | string | number): this {
    const data =
      typeof value === "number"
        ? new Uint8Array(Uint32Array.of(value).buffer)
        : typeof value === "string"
          ? bytesOf(`${value}\0`)
          : value;
    const bytes = new Uint8Array(4 + data.length);
    new Uint16Array(bytes.buffer, 0, 2).set([bytes.length, type]);
    bytes.set(data, 4);
    return this.fixed(bytes);
  }

  /** The whole message, in answer to `sequence` of `port`. */
  encode(sequence: number, port: number): Uint8Array {
    const bytes = new Uint8Array(this.#length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, this.#length, true);
    view.setUint16(4, this.#type, true);
    view.setUint16(6, this.#flags, true);
    view.setUint32(8, sequence, true);
    view.setUint32(12, port, true);
    let at = NLMSG_HEADER;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += nlAlign(part.length);
    }
    return bytes;
  }
}

/** The attributes from `at` on, by type. */
export function readAttributes(bytes: Uint8Array, at: number): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  while (at + 4 <= bytes.length) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > bytes.length) break;
    found.set(view.getUint16(at + 2, true) & 0x3fff, bytes.subarray(at + 4, at + length));
    at += nlAlign(length);
  }
  return found;
}
