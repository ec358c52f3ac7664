/** Bytes between web streams and the host's ends of a machine's pipes. Every pump runs within one request. */
import type { HostReader, HostWriter } from "../fs/host-pipe.ts";
import { HttpError } from "./errors.ts";

/**
 * Copies `body` to a pipe as fast as the program reads, then closes the pipe. When the program stops reading, or `ended` is
 * aborted, the rest is not taken from the client. Throws 413 after `limit` bytes; a body that breaks off is an end of file.
 */
export async function feed(
  body: ReadableStream<Uint8Array> | null,
  pipe: HostWriter,
  limit: number,
  ended: AbortSignal,
): Promise<void> {
  const reader = body?.getReader();
  const cancel = () => reader?.cancel().catch(() => {});
  ended.addEventListener("abort", cancel);
  let total = 0;
  try {
    while (reader !== undefined && !pipe.broken && !ended.aborted) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }) as const);
      if (done) break;
      total += value.length;
      if (total > limit) throw bodyTooLarge(limit);
      await push(pipe, value);
    }
  } finally {
    ended.removeEventListener("abort", cancel);
    pipe.close();
    cancel();
  }
}

export function bodyTooLarge(limit: number): HttpError {
  return new HttpError(413, `The request's body is larger than ${limit / (1 << 20)} MiB.`);
}

/** Resolves when the pipe took all of `bytes` or nobody reads from it any more. */
export async function push(pipe: HostWriter, bytes: Uint8Array): Promise<void> {
  for (let offset = pipe.push(bytes); offset < bytes.length && !pipe.broken; ) {
    await new Promise<void>((resolve) => pipe.onSpace(resolve));
    pipe.onSpace(null);
    offset += pipe.push(bytes.subarray(offset));
  }
}

/** Sends when the program's namespace allows: what it has received there must not be seen outside and then be taken back. */
export function gated(
  program: { settled(): Promise<unknown> | null },
  send: () => Promise<void> | null,
): Promise<void> | null {
  const settled = program.settled();
  return settled === null ? send() : settled.then(() => send() ?? Promise.resolve());
}

/**
 * Hands output to `sink` as it is written, from within the write where `sink` returns null, else with the pace of the promises
 * that it returns. Resolves when the program has ended (`exit` has settled) and all of it is handed over. When `sink` throws or
 * rejects, the pipe is closed, writers get EPIPE, and the error is passed on.
 */
export function drain(
  pipe: HostReader,
  sink: (bytes: Uint8Array) => Promise<void> | null,
  exit: Promise<unknown>,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let busy = false;
  let exited = false;
  const fail = (error: unknown) => {
    pipe.close();
    reject(error);
  };
  const step = () => {
    try {
      while (!busy && pipe.available > 0) {
        const pressure = sink(pipe.pull());
        if (pressure === null) continue;
        busy = true;
        pressure.then(() => {
          busy = false;
          step();
        }, fail);
      }
      if (!busy && exited) {
        pipe.onData(null);
        resolve();
      }
    } catch (error) {
      fail(error);
    }
  };
  const ended = () => {
    exited = true;
    step();
  };
  exit.then(ended, ended);
  pipe.onData(step);
  step();
  return promise;
}
