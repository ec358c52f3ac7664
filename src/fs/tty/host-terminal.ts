import { VEOF } from "../../abi/termios.ts";
import { Listener } from "../host-pipe.ts";
import type { Pipe } from "../pipe.ts";
import type { Terminal } from "./terminal.ts";

/**
 * A terminal whose master is the host: what comes through one pipe is typed, what is shown goes through the other. The end of
 * the input types VEOF, as script(1) does.
 */
export class HostTerminal {
  readonly terminal: Terminal;
  readonly #input: Pipe;
  readonly #output: Pipe;
  /** Within `#type` or `#show`: pipes and terminal call back from each of their steps. */
  #typing = false;
  #showing = false;
  #ended = false;

  constructor(terminal: Terminal, input: Pipe, output: Pipe) {
    this.terminal = terminal;
    this.#input = input;
    this.#output = output;
    input.openReader();
    output.openWriter();
    const type = () => this.#type();
    const show = () => this.#show();
    new Listener(input.readable, type);
    new Listener(terminal.masterWritable, type);
    new Listener(output.writable, show);
    new Listener(terminal.masterReadable, show);
  }

  #type(): void {
    if (this.#typing) return;
    this.#typing = true;
    const { terminal } = this;
    while (this.#input.length > 0 && terminal.typingRoom > 0) terminal.type(this.#input.pull(terminal.typingRoom));
    if (this.#input.length === 0 && this.#input.writers === 0 && !this.#ended && terminal.typingRoom > 0) {
      this.#ended = true;
      terminal.type(Uint8Array.of(terminal.termios.cc[VEOF]));
    }
    this.#typing = false;
  }

  #show(): void {
    if (this.#showing) return;
    this.#showing = true;
    const { queue } = this.terminal.output;
    while (queue.length > 0 && this.#output.space > 0) {
      const bytes = queue.peek(this.#output.space);
      queue.consume(bytes.length);
      this.#output.push(bytes);
      this.terminal.outputTaken();
    }
    this.#showing = false;
  }
}
