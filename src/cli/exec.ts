/** Runs a program through `/_/exec` as a WebSocket, with this process's standard streams. */
import { once } from "node:events";
import type { Readable } from "node:stream";
import { type ExecExit, type ExecRequest, STDERR, STDIN, STDOUT, STRACE, WINDOW } from "../http/exec-protocol.ts";
import { CliError } from "./client.ts";
import { LocalTerminal } from "./terminal.ts";

export interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Signals of this process that are passed to the program. */
const FORWARDED = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Resolves when the program has ended and its output is written. With `tty` in the request the streams are taken for a terminal, which
 * is in raw mode until then. Throws CliError with the server's sentence.
 */
export async function exec(url: string, token: string, request: ExecRequest, streams: Streams): Promise<ExecExit> {
  const endpoint = `${url.replace(/^http/, "ws").replace(/\/+$/, "")}/_/exec`;
  // `headers` is Node's addition to the standard constructor.
  const options = { headers: { Authorization: `Bearer ${token}` } } as unknown as string[];
  const socket = new WebSocket(endpoint, options);
  socket.binaryType = "arraybuffer";
  const { promise: ended, resolve, reject } = Promise.withResolvers<ExecExit>();
  const outputs: Record<number, NodeJS.WritableStream> = {
    [STDOUT]: streams.stdout,
    [STDERR]: streams.stderr,
    [STRACE]: streams.stderr,
  };
  let credit = WINDOW;
  let moreCredit: (() => void) | null = null;
  let answered = false;
  /** Output is written in order, one message at a time. */
  let writing = Promise.resolve();

  socket.addEventListener("message", ({ data }) => {
    if (typeof data !== "string") {
      const bytes = new Uint8Array(data as ArrayBuffer);
      writing = writing.then(async () => {
        const output = outputs[bytes[0]];
        if (output.write(bytes.subarray(1)) === false) await once(output as unknown as NodeJS.EventEmitter, "drain");
        if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ ack: bytes.length - 1 }));
      });
      return;
    }
    const message = JSON.parse(data) as { ack?: number; error?: string } & ExecExit;
    if (message.ack !== undefined) {
      credit += message.ack;
      moreCredit?.();
    } else if (message.error !== undefined) {
      reject(new CliError(message.error));
    } else {
      answered = true;
      writing.then(() => resolve(message), reject);
    }
  });
  socket.addEventListener("error", () => reject(new CliError(`the connection to ${url} failed.`)));
  socket.addEventListener("close", () => {
    if (!answered) reject(new CliError("the server closed the connection before the program had ended."));
  });

  const forward = Object.entries(FORWARDED).map(([name, number]) => {
    const listener = () => socket.send(JSON.stringify({ signal: number }));
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  const terminal = request.tty === undefined ? null : new LocalTerminal(streams, (size) => send({ resize: size }));
  try {
    await Promise.race([new Promise((opened) => socket.addEventListener("open", opened)), ended]);
    socket.send(JSON.stringify(request));
    // Input that nobody wants any more is given up below, which ends the loop with an error.
    sendStdin().catch(() => {});
    return await ended;
  } finally {
    terminal?.restore();
    (streams.stdin as Partial<Readable>).destroy?.();
    for (const stop of forward) stop();
    socket.close();
  }

  function send(message: object): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }

  async function sendStdin(): Promise<void> {
    for await (const chunk of streams.stdin as AsyncIterable<Buffer>) {
      for (let offset = 0; offset < chunk.length; ) {
        while (credit === 0) await new Promise<void>((more) => (moreCredit = more));
        const length = Math.min(credit, chunk.length - offset, 64 * 1024);
        const message = new Uint8Array(length + 1);
        message[0] = STDIN;
        message.set(chunk.subarray(offset, offset + length), 1);
        if (socket.readyState !== WebSocket.OPEN) return;
        socket.send(message);
        credit -= length;
        offset += length;
      }
    }
    if (socket.readyState === WebSocket.OPEN) socket.send(Uint8Array.of(STDIN));
  }
}
