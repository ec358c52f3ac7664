/** A TCP connection to port 53 (RFC 1035 4.2.2): nobody is connected to, each message on it is asked of the resolver. */
import { type OutsideEvent, type OutsideRequest, SEND_WINDOW } from "../outside.ts";

export class DnsStream {
  readonly #id: number;
  readonly #emit: (event: OutsideEvent) => void;
  readonly #ask: (query: Uint8Array, answered: (answer: Uint8Array) => void) => void;
  /** What has come of a message that is not whole. */
  #input = new Uint8Array(0);
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
    const whole = new Uint8Array(this.#input.length + bytes.length);
    whole.set(this.#input);
    whole.set(bytes, this.#input.length);
    let at = 0;
    while (at + 2 <= whole.length) {
      const end = at + 2 + ((whole[at] << 8) | whole[at + 1]);
      if (end > whole.length) break;
      this.#unanswered++;
      this.#ask(whole.slice(at + 2, end), (answer) => {
        this.#unanswered--;
        this.#output.push(Uint8Array.of(answer.length >> 8, answer.length & 0xff), answer);
        this.#outputBytes += answer.length + 2;
        this.#flush();
      });
      at = end;
    }
    this.#input = whole.slice(at, at + SEND_WINDOW + 2);
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
