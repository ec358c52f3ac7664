/** How each invoke mode finds the head of the response in a program's output. */
import { cgiResponse } from "./cgi.ts";
import { CgiHeaderReader, MAX_HEADER_BLOCK } from "./cgi-header.ts";
import { HttpError } from "./errors.ts";
import type { Framing, Head } from "./reply.ts";

const TEXT = "text/plain; charset=utf-8";

/** RFC 3875 section 6; output without a header block is text/plain. */
export class CgiFraming implements Framing {
  readonly #reader = new CgiHeaderReader();

  push(chunk: Uint8Array): { head: Head; rest: Uint8Array } | null {
    const found = this.#reader.push(chunk);
    if (found === null) return null;
    if (found.kind === "too long") {
      throw new HttpError(502, `The program printed a header block of more than ${MAX_HEADER_BLOCK} bytes.`);
    }
    return { head: found.kind === "header" ? cgiResponse(found.fields) : ok(TEXT), rest: found.rest };
  }

  end(): { head: Head; rest: Uint8Array } {
    return { head: ok(TEXT), rest: this.#reader.end() };
  }
}

/**
 * Mode `exec`: standard output is the body, all of it. It is text/plain where the first output is UTF-8 text (no control
 * characters but white space, backspace and escape), else application/octet-stream.
 */
export class ExecFraming implements Framing {
  push(chunk: Uint8Array): { head: Head; rest: Uint8Array } | null {
    if (chunk.length === 0) return null;
    return { head: ok(isText(chunk) ? TEXT : "application/octet-stream"), rest: chunk };
  }

  end(): { head: Head; rest: Uint8Array } {
    return { head: ok(TEXT), rest: new Uint8Array(0) };
  }
}

function ok(type: string): Head {
  return { kind: "response", status: 200, statusText: "", headers: new Headers({ "Content-Type": type }) };
}

/** Bytes of the first output that decide. */
const SNIFFED = 1024;

function isText(chunk: Uint8Array): boolean {
  const start = chunk.subarray(0, SNIFFED);
  for (const byte of start) {
    if (byte < 0x08 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b) || byte === 0x7f) return false;
  }
  try {
    // With `stream` a character cut off at the end is no error.
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(start, { stream: true });
    return true;
  } catch {
    return false;
  }
}
