/** `POST /_/exec`: runs a program to its end and answers with what it printed. */
import type { Context } from "hono";
import { readJson } from "./body.ts";
import type { AppEnv } from "./env.ts";
import { HttpError } from "./errors.ts";
import type { ExecAnswer } from "./exec-protocol.ts";
import { checkExecRequest, specOf } from "./exec-request.ts";
import { startProgram } from "./program.ts";
import { drain, push } from "./pump.ts";

const MAX_REQUEST = 48 << 20;
/** Bytes of each stream that the answer carries. */
const KEPT = 1 << 20;

export async function execPost(c: Context<AppEnv>): Promise<Response> {
  const request = checkExecRequest(await readJson(c.req.raw, MAX_REQUEST));
  if (request.tty !== undefined) throw new HttpError(400, 'The field "tty" needs a WebSocket.');
  const trace = new Capture();
  const log: string[] = [];
  const program = await startProgram(c.env, await specOf(request, c.env), {
    log: (message) => log.push(message),
    strace: request.strace ? (line) => trace.push(new TextEncoder().encode(`${line}\n`)) : undefined,
  });
  // Should the client go, the machine still ends in an orderly way and gives its memory back.
  c.executionCtx.waitUntil(program.exit.catch(() => {}));
  const gone = () => program.kill();
  c.req.raw.signal.addEventListener("abort", gone);
  const [stdout, stderr] = [new Capture(), new Capture()];
  const output = [
    drain(program.stdout, (bytes) => stdout.push(bytes), program.exit),
    drain(program.stderr, (bytes) => stderr.push(bytes), program.exit),
  ];
  const input = Uint8Array.from(atob(request.stdin ?? ""), (character) => character.charCodeAt(0));
  void push(program.stdin, input).then(() => program.stdin.close());
  const exit = await program.exit;
  await Promise.all(output);
  c.req.raw.signal.removeEventListener("abort", gone);
  const answer: ExecAnswer = {
    ...exit,
    stdout: stdout.base64,
    ...(stdout.truncated && { stdoutTruncated: true }),
    stderr: stderr.base64,
    ...(stderr.truncated && { stderrTruncated: true }),
    ...(request.strace && { strace: trace.text }),
    ...(trace.truncated && { straceTruncated: true }),
    stats: program.stats(),
    log,
  };
  return c.json(answer);
}

/** The first KEPT bytes of a stream. */
class Capture {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;
  truncated = false;

  push(bytes: Uint8Array): null {
    const kept = bytes.subarray(0, KEPT - this.#length);
    if (kept.length < bytes.length) this.truncated = true;
    if (kept.length > 0) this.#chunks.push(kept);
    this.#length += kept.length;
    return null;
  }

  get #bytes(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, offset);
      offset += chunk.length;
    }
    return all;
  }

  get base64(): string {
    const bytes = this.#bytes;
    const parts: string[] = [];
    for (let i = 0; i < bytes.length; i += 0x8000) parts.push(String.fromCharCode(...bytes.subarray(i, i + 0x8000)));
    return btoa(parts.join(""));
  }

  get text(): string {
    return new TextDecoder().decode(this.#bytes);
  }
}
