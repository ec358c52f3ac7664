/** The terminal that `binlet` runs on, while a program has it. */
import type { ReadStream, WriteStream } from "node:tty";
import type { TerminalSize } from "../http/exec-protocol.ts";
import type { Streams } from "./exec.ts";

/** Size of the terminal that both streams are; undefined when one is none. */
export function terminalSize({ stdin, stdout }: Streams): TerminalSize | undefined {
  const { isTTY, rows, columns } = stdout as WriteStream;
  return isTTY && (stdin as ReadStream).isTTY ? { rows, cols: columns } : undefined;
}

/** Puts the terminal into raw mode, so that each key goes to the program, and tells when the window changes. */
export class LocalTerminal {
  readonly #streams: Streams;
  readonly #resized: () => void;

  constructor(streams: Streams, onResize: (size: TerminalSize) => void) {
    this.#streams = streams;
    this.#resized = () => {
      const size = terminalSize(streams);
      if (size !== undefined) onResize(size);
    };
    this.#setRaw(true);
    streams.stdout.on("resize", this.#resized);
  }

  restore(): void {
    this.#streams.stdout.off("resize", this.#resized);
    this.#setRaw(false);
  }

  #setRaw(raw: boolean): void {
    const stdin = this.#streams.stdin as ReadStream;
    if (stdin.isTTY) stdin.setRawMode(raw);
  }
}
