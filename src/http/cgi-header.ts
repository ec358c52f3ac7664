/**
 * The header block that a CGI program prints (RFC 3875 section 6), read as it arrives.
 *
 * The block is lines `name: value`, each ended by LF or CRLF, up to an empty line; at least one of Content-Type, Location
 * and Status must be among them (6.3). Output that does not begin with such a block is no CGI response but plain text, and
 * the reader says so at the first byte that rules a block out, so that plain output streams too. Folded lines and NPH
 * scripts are not supported: their output is plain text.
 */

/** Bytes of header block that are read before the program is given up on. */
export const MAX_HEADER_BLOCK = 64 * 1024;

export type CgiHeader =
  /** A header block; `rest` is what came after it. */
  | { readonly kind: "header"; readonly fields: readonly (readonly [string, string])[]; readonly rest: Uint8Array }
  /** No header block; `rest` is everything so far. */
  | { readonly kind: "plain"; readonly rest: Uint8Array }
  /** Longer than MAX_HEADER_BLOCK. */
  | { readonly kind: "too long" };

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;

export class CgiHeaderReader {
  #bytes = new Uint8Array(1024);
  #length = 0;
  /** Where the line being read starts, and its colon; -1 before the colon. */
  #lineStart = 0;
  #colon = -1;
  #fields: [string, string][] = [];

  /** Takes the next output; null while the block is incomplete. Not to be called again once it answered. */
  push(chunk: Uint8Array): CgiHeader | null {
    const from = this.#length;
    this.#append(chunk);
    const bytes = this.#bytes;
    for (let i = from; i < this.#length; i++) {
      if (i >= MAX_HEADER_BLOCK) return { kind: "too long" };
      const byte = bytes[i];
      if (byte === LF) {
        const end = i > this.#lineStart && bytes[i - 1] === CR ? i - 1 : i;
        if (end === this.#lineStart) return this.#finish(i + 1);
        if (this.#colon < 0) return this.#plain();
        this.#fields.push([latin1(bytes, this.#lineStart, this.#colon), latin1(bytes, this.#colon + 1, end).trim()]);
        this.#lineStart = i + 1;
        this.#colon = -1;
      } else if (this.#colon < 0) {
        const first = i === this.#lineStart;
        if (byte === COLON && !first) this.#colon = i;
        else if (first ? !isTokenByte(byte) && byte !== CR : !isTokenByte(byte) || bytes[i - 1] === CR)
          return this.#plain();
      }
    }
    return null;
  }

  /** The program ended within the block, so it printed none: everything so far. */
  end(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #append(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = needed;
  }

  #finish(bodyStart: number): CgiHeader {
    const isResponse = this.#fields.some(([name]) => /^(content-type|location|status)$/i.test(name));
    if (!isResponse) return this.#plain();
    return { kind: "header", fields: this.#fields, rest: this.#bytes.subarray(bodyStart, this.#length) };
  }

  #plain(): CgiHeader {
    return { kind: "plain", rest: this.end() };
  }
}

/** `tchar` of RFC 9110 5.6.2. */
function isTokenByte(byte: number): boolean {
  return (
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    (byte > 0x20 && byte < 0x7f && "!#$%&'*+-.^_`|~".includes(String.fromCharCode(byte)))
  );
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]);
  return text;
}
