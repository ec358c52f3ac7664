/**
 * A program's output as an HTTP response.
 *
 * The head of the response is decided from the first bytes by the invoke mode's Framing. Output is held back until the
 * machine first waits for something, or until HOLD bytes: a program that has finished by then is answered in one piece,
 * with a Content-Length, and one that has failed by then with a 502. After that the body streams with the client's pace,
 * and a failure aborts the stream, which the client sees as a broken transfer.
 */

import type { ExitStatus } from "../machine/options.ts";
import { BodyStream } from "./body-stream.ts";
import { HttpError } from "./errors.ts";
import { exitSentence, failed } from "./exit.ts";

interface ResponseHead {
  readonly kind: "response";
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
}

export type Head = ResponseHead | { readonly kind: "local redirect"; readonly path: string };

/** A program that names no reason phrase gets the usual one, which an empty string would suppress. */
function responseInit({ status, statusText, headers }: ResponseHead) {
  return { status, statusText: statusText === "" ? undefined : statusText, headers };
}

/** How a mode finds the head of the response in the program's output. May throw HttpError. */
export interface Framing {
  /** Takes output; null while the head is incomplete. Not called again once it has answered. */
  push(chunk: Uint8Array): { head: Head; rest: Uint8Array } | null;
  /** The output ended before the head was complete. */
  end(): { head: Head; rest: Uint8Array };
}

/** The writing side of a body. */
interface BodyWriter {
  /** Null: go on at once. */
  write(chunk: Uint8Array): Promise<void> | null;
  close(): Promise<void>;
  abort(error: unknown): Promise<void>;
}

/** Bytes of body that are held back in the hope that the program ends soon. */
const HOLD = 64 * 1024;
/** Statuses whose responses have no body (Fetch standard, "null body status"). */
const NULL_BODY = new Set([204, 205, 304]);

export class Reply {
  /** Settles once: with the response, the local redirect, or an HttpError. */
  readonly head: Promise<Response | { readonly localRedirect: string }>;
  readonly #resolve: (head: Response | { readonly localRedirect: string }) => void;
  readonly #reject: (error: unknown) => void;
  readonly #framing: Framing;
  readonly #bodyless: boolean;
  #head: ResponseHead | null = null;
  #redirected = false;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #writer: BodyWriter | null = null;
  #settled = false;

  constructor(framing: Framing, method: string) {
    const { promise, resolve, reject } = Promise.withResolvers<Response | { readonly localRedirect: string }>();
    this.head = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#framing = framing;
    this.#bodyless = method === "HEAD";
  }

  /**
   * Takes output of the program. The returned promise is the back-pressure; it rejects when nobody reads any more, and the
   * program should then end as by SIGPIPE. Null: go on at once. `chunk` is kept and must not be changed afterwards.
   */
  write(chunk: Uint8Array): Promise<void> | null {
    if (this.#head === null && !this.#redirected) {
      const found = this.#framing.push(chunk);
      if (found === null) return null;
      this.#decide(found.head);
      chunk = found.rest;
    }
    if (this.#discards || chunk.length === 0) return null;
    if (this.#writer !== null) return this.#writer.write(chunk);
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    return this.#heldBytes < HOLD ? null : this.flush();
  }

  /** The machine waits, so what is there goes out now. */
  flush(): Promise<void> | null {
    if (this.#head === null || this.#settled) return null;
    const init = responseInit(this.#head);
    if (this.#discards) {
      this.#settle(new Response(null, init));
      return null;
    }
    const length = init.headers.get("Content-Length");
    const { readable, writer } = /^\d{1,15}$/.test(length ?? "") ? fixedLength(Number(length)) : unknownLength();
    this.#writer = writer;
    this.#settle(new Response(readable, init));
    const held = this.#takeHeld();
    return held.length === 0 ? null : this.#writer.write(held);
  }

  /** The program has ended; `stderr` is the end of what it printed there. */
  async end(exit: ExitStatus, stderr: string): Promise<void> {
    if (this.#settled) {
      if (failed(exit)) await this.#writer?.abort(new Error(exitSentence(exit))).catch(() => {});
      else await this.#writer?.close().catch(() => {});
      return;
    }
    if (failed(exit)) {
      this.fail(new HttpError(502, exitSentence(exit) + (stderr === "" ? "" : `\n${stderr.trimEnd()}`)));
      return;
    }
    if (this.#head === null) {
      const { head, rest } = this.#framing.end();
      this.#decide(head);
      if (this.#settled) return;
      this.#held.push(rest);
      this.#heldBytes += rest.length;
    }
    const init = responseInit(this.#head!);
    if (!this.#bodyless) init.headers.delete("Content-Length");
    this.#settle(new Response(this.#discards ? null : this.#takeHeld(), init));
  }

  /** There will be no (more) output: `error` is the answer if none has been given, else the stream breaks. */
  fail(error: unknown): void {
    if (this.#settled) {
      this.#writer?.abort(error).catch(() => {});
      return;
    }
    this.#settled = true;
    this.#reject(error);
  }

  /** Whether an answer has been given. */
  get settled(): boolean {
    return this.#settled;
  }

  get #discards(): boolean {
    return this.#redirected || this.#bodyless || (this.#head !== null && NULL_BODY.has(this.#head.status));
  }

  #decide(head: Head): void {
    if (head.kind === "response") {
      this.#head = head;
      return;
    }
    this.#redirected = true;
    this.#settled = true;
    this.#resolve({ localRedirect: head.path });
  }

  #settle(response: Response): void {
    this.#settled = true;
    this.#resolve(response);
  }

  #takeHeld(): Uint8Array {
    const held = this.#held;
    this.#held = [];
    if (held.length === 1) return held[0];
    const all = new Uint8Array(held.reduce((sum, chunk) => sum + chunk.length, 0));
    let offset = 0;
    for (const chunk of held) {
      all.set(chunk, offset);
      offset += chunk.length;
    }
    return all;
  }
}

interface Body {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writer: BodyWriter;
}

/** Only of this stream the platform knows the length, which it sends. */
function fixedLength(bytes: number): Body {
  const { readable, writable } = new FixedLengthStream(bytes);
  const writer = writable.getWriter();
  writer.closed.catch(() => {});
  return { readable, writer };
}

function unknownLength(): Body {
  const stream = new BodyStream();
  return { readable: stream.readable, writer: stream };
}
