/** A TCP connection to port 53 (RFC 1035 4.2.2): nobody is connected to, each message on it is asked of the resolver. */
import { type OutsideEvent, type OutsideRequest, SEND_WINDOW } from "../outside.ts";

/** A message with its length. */
const LONGEST = 65537;

export class DnsStream {
  readonly #id: number;
  readonly #emit: (event: OutsideEvent) => void;
  readonly #ask: (query: Uint8Array, answered: (answer: Uint8Array) => void) => void;
  /** What has come of a message that is not whole, and room for a send after it. */
  readonly #input = new Uint8Array(LONGEST + SEND_WINDOW);
  #filled = 0;
  #output: Uint8Array[] = [];
  #outputBytes = 0;
  /** Bytes that are taken, and not reported: a program that asks and does not read is held back. */
  #unreported = 0;
  #credit = 0;
  #unanswered = 0;
  #finished = false;

  constructor(
    id: number,
    emit: (event: OutsideEvent) => void,
    ask: (query: Uint8Array, answered: (answer: Uint8Array) => void) => void,
  ) {
    this.#id = id;
    this.#emit = emit;
    this.#ask = ask;
    emit({ kind: "connected", id });
  }

  take(request: OutsideRequest): void {
    switch (request.kind) {
      case "send":
        this.#read(request.bytes);
        this.#unreported += request.bytes.length;
        this.#flush();
        break;
      case "receive":
        this.#credit += request.bytes;
        this.#flush();
        break;
      case "finish":
        this.#finished = true;
        this.#flush();
        break;
    }
  }

  #read(bytes: Uint8Array): void {
    const input = this.#input;
    input.set(bytes, this.#filled);
    this.#filled += bytes.length;
    let at = 0;
    while (at + 2 <= this.#filled) {
      const end = at + 2 + ((input[at] << 8) | input[at + 1]);
      if (end > this.#filled) break;
      this.#unanswered++;
      this.#ask(input.slice(at + 2, end), (answer) => this.#answered(answer));
      at = end;
    }
    input.copyWithin(0, at, this.#filled);
    this.#filled -= at;
  }

  #answered(answer: Uint8Array): void {
    this.#unanswered--;
    this.#output.push(Uint8Array.of(answer.length >> 8, answer.length & 0xff), answer);
    this.#outputBytes += answer.length + 2;
    this.#flush();
  }

  /** Hands over what there is credit for; after the last answer the end. */
  #flush(): void {
    while (this.#credit > 0 && this.#output.length > 0) {
      const [first] = this.#output;
      const bytes = first.subarray(0, this.#credit);
      if (bytes.length === first.length) this.#output.shift();
      else this.#output[0] = first.subarray(bytes.length);
      this.#credit -= bytes.length;
      this.#outputBytes -= bytes.length;
      this.#emit({ kind: "received", id: this.#id, bytes });
    }
    if (this.#unreported > 0 && this.#outputBytes < SEND_WINDOW) {
      this.#emit({ kind: "sent", id: this.#id, bytes: this.#unreported });
      this.#unreported = 0;
    }
    if (this.#finished && this.#unanswered === 0 && this.#output.length === 0) {
      this.#finished = false;
      this.#emit({ kind: "finished", id: this.#id });
    }
  }
}
