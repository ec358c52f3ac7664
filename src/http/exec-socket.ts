/** `/_/exec` as a WebSocket: a program with its streams, as exec-protocol.ts describes. */
import type { Context } from "hono";
import type { AppEnv } from "./env.ts";
import { HttpError } from "./errors.ts";
import { STDERR, STDIN, STDOUT, STRACE, type TerminalSize, WINDOW } from "./exec-protocol.ts";
import { checkExecRequest, isTerminalSize, specOf } from "./exec-request.ts";
import { type Program, startProgram } from "./program.ts";
import { drain, gated, push } from "./pump.ts";

/** Of a WebSocket frame; larger output is cut. */
const MAX_MESSAGE = 256 << 10;

export function execSocket(c: Context<AppEnv>): Response {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  const session = new Session(server, c);
  c.executionCtx.waitUntil(session.ended);
  return new Response(null, { status: 101, webSocket: client });
}

class Session {
  /** Resolves when the socket is closed and the program has ended. Never rejects. */
  readonly ended: Promise<void>;
  readonly #socket: WebSocket;
  readonly #context: Context<AppEnv>;
  #program: Program | null = null;
  /** Messages are handled one after the other. */
  #input = Promise.resolve();
  #started = false;
  #end!: () => void;
  #credit = WINDOW;
  #moreCredit: (() => void) | null = null;

  constructor(socket: WebSocket, context: Context<AppEnv>) {
    this.#socket = socket;
    this.#context = context;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => this.#message(data as string | ArrayBuffer));
    for (const event of ["close", "error"] as const) socket.addEventListener(event, () => this.#gone());
  }

  #message(data: string | ArrayBuffer): void {
    if (!this.#started) {
      this.#started = true;
      void this.#run(data);
      return;
    }
    if (typeof data !== "string") {
      const bytes = new Uint8Array(data);
      if (bytes[0] === STDIN) this.#input = this.#input.then(() => this.#stdin(bytes.subarray(1)));
      return;
    }
    const { ack, signal, resize } = parseControl(data);
    if (ack !== undefined) {
      this.#credit += ack;
      this.#moreCredit?.();
    }
    if (signal !== undefined) this.#program?.signal(signal);
    if (resize !== undefined) this.#program?.resize({ rows: resize.rows, columns: resize.cols });
  }

  async #stdin(bytes: Uint8Array): Promise<void> {
    const program = this.#program;
    if (program === null) return;
    if (bytes.length === 0) return program.stdin.close();
    await push(program.stdin, bytes);
    this.#send({ ack: bytes.length });
  }

  async #run(first: string | ArrayBuffer): Promise<void> {
    const { env } = this.#context;
    const log: string[] = [];
    try {
      if (typeof first !== "string") throw new HttpError(400, "The first message must be the request as JSON text.");
      const request = checkExecRequest(parseJson(first));
      const started = specOf(request, env).then((spec) =>
        startProgram(env, spec, {
          log: (message) => log.push(message),
          strace: request.strace ? (line) => this.#output(STRACE, new TextEncoder().encode(`${line}\n`)) : undefined,
        }),
      );
      // Input that comes in the meantime waits for the program.
      this.#input = started.then(
        () => {},
        () => {},
      );
      const program = await started;
      this.#program = program;
      const output = [
        drain(program.stdout, (bytes) => gated(program, () => this.#output(STDOUT, bytes)), program.exit),
        drain(program.stderr, (bytes) => gated(program, () => this.#output(STDERR, bytes)), program.exit),
      ];
      const exit = await program.exit;
      await Promise.all(output);
      this.#send({ ...exit, stats: program.stats(), log });
    } catch (error) {
      const known = error instanceof HttpError;
      if (!known) console.error(error);
      this.#send({
        error: known ? error.message : "Binlet failed internally; the log has the details.",
        status: known ? error.status : 500,
      });
    }
    this.#program = null;
    this.#socket.close(1000);
    this.#end();
  }

  /** Null while the client has room, else a promise that resolves when it has. */
  #output(channel: number, bytes: Uint8Array): Promise<void> | null {
    for (let offset = 0; offset < bytes.length; offset += MAX_MESSAGE) {
      const part = bytes.subarray(offset, offset + MAX_MESSAGE);
      const message = new Uint8Array(part.length + 1);
      message[0] = channel;
      message.set(part, 1);
      if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(message);
      this.#credit -= part.length;
    }
    if (this.#credit > 0) return null;
    return new Promise((resolve) => {
      const previous = this.#moreCredit;
      this.#moreCredit = () => {
        if (this.#credit <= 0) return;
        this.#moreCredit = null;
        previous?.();
        resolve();
      };
    });
  }

  #send(message: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #gone(): void {
    this.#program?.kill();
    this.#credit = Number.POSITIVE_INFINITY;
    this.#moreCredit?.();
    if (!this.#started) this.#end();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, "The first message is not valid JSON.");
  }
}

/** A control message; what is malformed says nothing. */
function parseControl(text: string): { ack?: number; signal?: number; resize?: TerminalSize } {
  try {
    const { ack, signal, resize } = JSON.parse(text) as { ack?: unknown; signal?: unknown; resize?: unknown };
    return {
      resize: isTerminalSize(resize) ? resize : undefined,
      ack: Number.isInteger(ack) && (ack as number) > 0 ? (ack as number) : undefined,
      signal:
        Number.isInteger(signal) && (signal as number) >= 1 && (signal as number) <= 64
          ? (signal as number)
          : undefined,
    };
  } catch {
    return {};
  }
}
