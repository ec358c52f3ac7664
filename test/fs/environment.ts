/** A file system environment over real frames, for tests. */

import { Errno, errnoName } from "../../src/abi/errno.ts";
import { FsContext } from "../../src/fs/context.ts";
import { standardDevices } from "../../src/fs/devices.ts";
import type { File } from "../../src/fs/file.ts";
import { ImageCache } from "../../src/fs/image/cache.ts";
import { Fetcher } from "../../src/fs/image/fetcher.ts";
import { byteString, bytesOf, fromText } from "../../src/fs/name.ts";
import { Tmpfs } from "../../src/fs/tmpfs/tmpfs.ts";
import { BytesTransfer } from "../../src/fs/transfer.ts";
import type { Caller, FsEnvironment } from "../../src/fs/types.ts";
import { Vfs } from "../../src/fs/vfs.ts";
import { type ImportResult, importImage } from "../../src/image/import.ts";
import { Frames } from "../../src/memory/physical.ts";
import { Block, NeedPage } from "../../src/wait/queue.ts";

export class TestEnvironment implements FsEnvironment {
  readonly memory: Frames;
  readonly owner: { frames: number; peakFrames: number; frameLimit: number };
  readonly characterDevices = standardDevices();
  #now = 1_700_000_000;

  constructor(frameLimit = 4096, memory = new Frames()) {
    this.memory = memory;
    this.owner = { frames: 0, peakFrames: 0, frameLimit };
  }

  now() {
    return { sec: ++this.#now, nsec: 0 };
  }

  random(into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) into[i] = (i * 7 + 1) & 0xff;
  }
}

export const callerOf = (uid: number, gid = uid, groups: number[] = []): Caller => ({
  fsuid: uid,
  fsgid: gid,
  groups,
  pid: 100,
  capable: () => uid === 0,
  saved: null,
  fileSizeLimit: Number.POSITIVE_INFINITY,
});

export const root = callerOf(0);

/** A process-like view of a Vfs with the calls that tests need; paths and contents are text. */
export class Shell {
  readonly vfs: Vfs;
  readonly context: FsContext;
  caller: Caller;

  constructor(vfs: Vfs, caller: Caller = root) {
    this.vfs = vfs;
    this.caller = caller;
    this.context = new FsContext(vfs.rootLocation);
  }

  lookup(path: string, follow = true) {
    return this.vfs.lookup(this.caller, this.context, this.context.cwd, fromText(path), follow);
  }

  open(path: string, flags = 0, mode = 0o666): File {
    const file = this.vfs.open(this.caller, this.context, this.context.cwd, fromText(path), flags, mode);
    if (file instanceof Block) throw new Error(`open of ${path} blocks`);
    return file;
  }

  write(path: string, text: string, flags = 0o1101): void {
    const file = this.open(path, flags);
    writeAll(file, this.caller, fromText(text));
    file.close();
  }

  read(path: string): string {
    const file = this.open(path);
    const text = readAll(file, this.caller, this.vfs.environment);
    file.close();
    return new TextDecoder().decode(bytesOf(text));
  }

  list(path: string): string[] {
    const file = this.open(path, 0o200000);
    const names: string[] = [];
    file.readDirectory(this.caller, (name) => {
      names.push(name);
      return true;
    });
    file.close();
    return names.filter((name) => name !== "." && name !== "..").sort();
  }
}

export function readAll(file: File, caller: Caller, environment: FsEnvironment, part = 10_000): string {
  let text = "";
  for (;;) {
    const into = new BytesTransfer(new Uint8Array(part), environment.memory);
    const count = file.read(caller, into);
    if (typeof count !== "number" || count < 0) throw new Error(`read: ${count}`);
    if (count === 0) return text;
    text += byteString(into.bytes.subarray(0, count));
  }
}

export function writeAll(file: File, caller: Caller, text: string): void {
  const from = new BytesTransfer(bytesOf(text), file.inode.fileSystem.environment.memory);
  while (from.remaining > 0) {
    const count = file.write(caller, from);
    if (typeof count !== "number" || count <= 0) throw new Error(`write: ${count}`);
  }
}

/** The error's name ("ENOENT") of what must throw Errno. */
export function failure(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof Errno) return errnoName(error.errno);
    throw error;
  }
  return "nothing";
}

export const newShell = (caller: Caller = root): Shell => {
  const environment = new TestEnvironment();
  return new Shell(new Vfs(environment, new Tmpfs(environment, 0o755)), caller);
};

/** An object store in memory. */
export class MemoryStore {
  readonly objects = new Map<string, Uint8Array>();
  gets = 0;
  put = async (key: string, bytes: Uint8Array) => void this.objects.set(key, bytes.slice());
  has = async (key: string) => this.objects.has(key);
  get = async (key: string) => {
    this.gets++;
    return this.objects.get(key) ?? null;
  };
  async import(bytes: Uint8Array, options = {}): Promise<ImportResult> {
    return importImage(streamOf(bytes), this.put, this.has, options);
  }
}

export const streamOf = (bytes: Uint8Array, part = 1000): ReadableStream<Uint8Array> => {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, (at += part)));
    },
  });
};

/** Runs `action` as the kernel does: what must be fetched is fetched, then it runs again. */
export async function withFetches<T>(fetcher: Fetcher, store: MemoryStore, action: () => T): Promise<T> {
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof NeedPage)) throw error;
      await new Promise<void>((resolve) => {
        error.queue.add({ wake: () => resolve() });
        fetcher.pump(
          store,
          () =>
            fetcher.pump(
              store,
              () => {},
              () => {},
            ),
          () => {},
        );
      });
    }
  }
}

export const newFetcher = (environment: TestEnvironment): Fetcher => new Fetcher(new ImageCache(environment.memory));
