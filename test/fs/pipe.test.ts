import { describe, expect, test } from "vitest";
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from "../../src/abi/poll.ts";
import { HostReader, HostWriter } from "../../src/fs/host-pipe.ts";
import { byteString, bytesOf } from "../../src/fs/name.ts";
import { BytesTransfer } from "../../src/fs/transfer.ts";
import { makeNode } from "../../src/fs/tree.ts";
import { Block } from "../../src/wait/queue.ts";
import { failure, newShell, root } from "./environment.ts";

const read = (file: { read: (c: typeof root, t: BytesTransfer) => unknown }, count: number) => {
  const into = new BytesTransfer(new Uint8Array(count));
  const result = file.read(root, into);
  return typeof result === "number" && result >= 0 ? byteString(into.bytes.subarray(0, result)) : result;
};
const write = (file: { write: (c: typeof root, t: BytesTransfer) => unknown }, text: string) =>
  file.write(root, new BytesTransfer(bytesOf(text)));

describe("pipes", () => {
  const open = (flags = 0) => newShell().vfs.anonymous.pipeFiles(root, flags);

  test("bytes come out in order, across the end of the ring", () => {
    const { reader, writer } = open();
    let sent = "";
    let got = "";
    const drain = (count: number) => {
      const bytes = read(reader, count);
      if (typeof bytes === "string") got += bytes;
    };
    for (let i = 0; i < 300; i++) {
      const part = String.fromCharCode(65 + (i % 26)).repeat((i * 37) % 3000);
      write(writer, part);
      sent += part;
      drain(2500);
      if (writer.pipe.space < 4000) drain(40_000);
    }
    drain(100_000);
    expect(got === sent).toBe(true);
  });

  test("PIPE_BUF bytes go in at once or not at all; more go in as far as there is room", () => {
    const { reader, writer } = open(0o4000);
    expect(write(writer, "x".repeat(65536 - 100))).toBe(65436);
    expect(write(writer, "y".repeat(101))).toBe(-11);
    expect(write(writer, "y".repeat(100))).toBe(100);
    expect(write(writer, "y")).toBe(-11);
    expect((read(reader, 4096) as string).length).toBe(4096);
    expect(write(writer, "z".repeat(5000))).toBe(4096);
  });

  test("waiting, end of file, EPIPE and poll", () => {
    const { reader, writer } = open();
    expect(read(reader, 1)).toBeInstanceOf(Block);
    expect([reader.poll() & POLLIN, writer.poll() & POLLOUT]).toEqual([0, POLLOUT]);
    let woken = 0;
    reader.pipe.readable.add({ wake: () => void woken++ });
    write(writer, "hello");
    expect([woken, reader.poll() & POLLIN]).toEqual([1, POLLIN]);
    writer.close();
    expect(reader.poll() & (POLLIN | POLLHUP)).toBe(POLLIN | POLLHUP);
    expect([read(reader, 10), read(reader, 10)]).toEqual(["hello", ""]);
    const second = open();
    second.reader.close();
    expect([write(second.writer, "x"), second.writer.poll() & POLLERR]).toEqual([-32, POLLERR]);
  });

  test("the capacity changes, but not below what is in the pipe", () => {
    const { reader, writer } = open(0o4000);
    write(writer, "x".repeat(10_000));
    expect(writer.resizePipe(root, 4096)).toBe(-16);
    expect(writer.resizePipe(root, 10_001)).toBe(16384);
    expect(write(writer, "y".repeat(9000))).toBe(6384);
    expect((read(reader, 20_000) as string).slice(9998, 10_002)).toBe("xxyy");
  });
});

describe("FIFOs", () => {
  const fifo = () => {
    const s = newShell();
    makeNode(s.vfs, root, s.context, s.context.cwd, "/p", 0o010666, 0);
    const open = (flags: number, caller = { ...root }) => s.vfs.open(caller, s.context, s.context.cwd, "/p", flags, 0);
    return { s, open };
  };

  test("each side waits for the other; an interrupted one leaves nothing behind", () => {
    const { open } = fifo();
    // Nobody waits in its queue any more.
    expect(open(0)).toBeInstanceOf(Block);
    expect(failure(() => open(0o4001))).toBe("ENXIO");
    const first = open(0) as Block;
    first.queues[0].add({ wake() {} });
    const writer = open(1);
    expect(writer).not.toBeInstanceOf(Block);
    const reader = open(0, { ...root, saved: first.saved });
    expect(reader).not.toBeInstanceOf(Block);
  });

  test("a reader that met a writer goes on even when the writer is gone again", () => {
    const { open } = fifo();
    const first = open(0) as Block;
    first.queues[0].add({ wake() {} });
    const writer = open(1);
    if (writer instanceof Block) throw new Error("blocked");
    write(writer, "gone");
    writer.close();
    const reader = open(0, { ...root, saved: first.saved });
    expect(reader).not.toBeInstanceOf(Block);
  });
});

describe("the host's ends", () => {
  test("a body goes in as there is room, output comes out as it is written", () => {
    const { vfs } = newShell();
    const input = vfs.anonymous.pipe();
    const host = new HostWriter(input.pipe);
    const stdin = input.inode.open(root, 0, null);
    let room = 0;
    host.onSpace(() => room++);
    expect(host.push(new Uint8Array(70_000).fill(65))).toBe(65536);
    expect([host.space, read(stdin, 10_000)]).toEqual([0, "A".repeat(10_000)]);
    expect([room, host.space]).toEqual([1, 10_000]);
    host.close();
    read(stdin, 65_536);
    expect(read(stdin, 10)).toBe("");

    const output = vfs.anonymous.pipe();
    const reader = new HostReader(output.pipe);
    const stdout = output.inode.open(root, 1, null);
    let data = 0;
    reader.onData(() => data++);
    write(stdout, "out");
    expect([data, byteString(reader.pull()), reader.ended]).toEqual([1, "out", false]);
    stdout.close();
    expect([data, reader.ended]).toEqual([2, true]);
    reader.close();
  });

  test("a reader that hangs up gives writers EPIPE", () => {
    const { pipe, inode } = newShell().vfs.anonymous.pipe();
    const reader = new HostReader(pipe);
    const stdout = inode.open(root, 1, null);
    reader.close();
    expect(write(stdout, "x")).toBe(-32);
  });
});
