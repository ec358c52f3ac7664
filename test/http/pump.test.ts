import { expect, test } from "vitest";
import { HostReader, HostWriter } from "../../src/fs/host-pipe.ts";
import { Pipe } from "../../src/fs/pipe.ts";
import { FsUsage } from "../../src/fs/usage.ts";
import { drain, feed, push } from "../../src/http/pump.ts";
import { StderrTail } from "../../src/http/stderr-tail.ts";

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
const later = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A pipe with the host at one end and, for the machine's end, the other kind of host end. */
function pipe() {
  const inner = new Pipe(new FsUsage());
  return { writer: new HostWriter(inner), reader: new HostReader(inner) };
}

/** Reads everything as a program would that is slower than its input. */
async function readAll(reader: HostReader, piece: number): Promise<Uint8Array> {
  const parts: number[] = [];
  while (!reader.ended) {
    parts.push(...reader.pull(piece));
    await Promise.resolve();
  }
  return Uint8Array.from(parts);
}

test("push waits for room", async () => {
  const { writer, reader } = pipe();
  const data = bytes(300_000);
  let done = false;
  const pushed = push(writer, data).then(() => {
    done = true;
    writer.close();
  });
  await later();
  expect(done).toBe(false);
  expect(await readAll(reader, 10_000)).toEqual(data);
  await pushed;
});

test("a body is fed with the reader's pace, and its end is end of file", async () => {
  const { writer, reader } = pipe();
  const data = bytes(200_000);
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (pulled === data.length) return controller.close();
        controller.enqueue(data.subarray(pulled, (pulled += 20_000)));
      },
    },
    { highWaterMark: 0 },
  );
  const fed = feed(body, writer, 1 << 20, new AbortController().signal);
  await later();
  expect(pulled).toBeLessThan(data.length);
  expect(await readAll(reader, 5000)).toEqual(data);
  await fed;
});

test("a body that is too large is 413", async () => {
  const { writer, reader } = pipe();
  const body = new Blob([bytes(2000)]).stream();
  await expect(feed(body, writer, 1000, new AbortController().signal)).rejects.toMatchObject({ status: 413 });
  expect(reader.ended || reader.available > 0).toBe(true);
});

test("when nobody reads any more the rest of the body is not taken", async () => {
  for (const how of ["reader gone", "program ended"]) {
    const { writer, reader } = pipe();
    const ended = new AbortController();
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({ cancel: () => void (cancelled = true) });
    const fed = feed(body, writer, 1000, ended.signal);
    await later();
    if (how === "program ended") ended.abort();
    else {
      reader.close();
      ended.abort();
    }
    await fed;
    expect(cancelled).toBe(true);
  }
});

test("output is handed over as it is written, then with the sink's pace, to the end", async () => {
  const { writer, reader } = pipe();
  const exit = Promise.withResolvers<void>();
  const got: number[] = [];
  let release: (() => void) | null = null;
  const drained = drain(
    reader,
    (chunk) => {
      got.push(...chunk);
      return got.length < 1000 ? null : new Promise((resolve) => (release = resolve));
    },
    exit.promise,
  );
  const data = bytes(5000);
  writer.push(data.subarray(0, 500));
  expect(got.length).toBe(500);
  writer.push(data.subarray(500, 2000));
  writer.push(data.subarray(2000));
  writer.close();
  expect(got.length).toBe(2000);
  exit.resolve();
  await later();
  expect(got.length).toBe(2000);
  release!();
  await later();
  release!();
  await drained;
  expect(Uint8Array.from(got)).toEqual(data);
});

test("a sink that fails closes the pipe", async () => {
  for (const sink of [
    () => Promise.reject(new Error("gone")),
    () => {
      throw new Error("gone");
    },
  ]) {
    const { writer, reader } = pipe();
    const drained = drain(reader, sink, new Promise(() => {}));
    writer.push(bytes(10));
    await expect(drained).rejects.toThrow("gone");
    expect(writer.broken).toBe(true);
  }
});

test("the end of standard error is whole lines", () => {
  const tail = new StderrTail();
  tail.push(new TextEncoder().encode("one\ntwo\n"));
  expect(tail.text).toBe("one\ntwo");
  for (let i = 0; i < 30; i++) tail.push(new TextEncoder().encode(`line ${i}\n`));
  expect(tail.text.split("\n")).toEqual(["…", ...Array.from({ length: 20 }, (_, i) => `line ${i + 10}`)]);
  tail.push(bytes(10_000).fill(0x61));
  tail.push(new TextEncoder().encode("\nlast"));
  expect(tail.text).toBe("…\nlast");
});
