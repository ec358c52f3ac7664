/** Files of the host as an image, without copying them first: the object store reads them when a chunk is wanted. */
import { createHash } from "node:crypto";
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from "node:fs";
import { dirname, join } from "node:path";
import { S_IFDIR } from "../src/abi/stat.ts";
import { fromText } from "../src/fs/name.ts";
import { CHUNK_SIZE, chunkKey, MANIFEST_VERSION, type Manifest, type StoredInode } from "../src/image/format.ts";
import type { ObjectStore } from "../src/kernel/host.ts";

interface Chunk {
  readonly file: string;
  readonly offset: number;
}

export class HostTree implements ObjectStore {
  readonly #inodes: StoredInode[] = [{ mode: S_IFDIR | 0o755, entries: [] }];
  /** Index of each path in the image. */
  readonly #paths = new Map<string, number>([["/", 0]]);
  readonly #chunks: string[] = [];
  readonly #sources = new Map<string, Chunk>();

  /** Everything below a directory of the host becomes the root. */
  addRoot(directory: string): void {
    for (const name of readdirSync(directory)) this.add(join(directory, name), `/${name}`);
  }

  /** A file of the host, or a directory with all that is in it, at an absolute path of the image. */
  add(source: string, path: string): void {
    const stats = lstatSync(source);
    if (stats.isDirectory()) {
      Object.assign(this.#inodes[this.#directory(path)], attributes(stats));
      for (const name of readdirSync(source)) this.add(join(source, name), join(path, name));
    } else if (stats.isFile()) {
      this.#enter(path, {
        ...attributes(stats),
        size: stats.size,
        chunks: this.#chunksOf(source, stats.size),
        page: 0,
      });
    } else if (stats.isSymbolicLink()) {
      this.#enter(path, { ...attributes(stats), target: fromText(readlinkSync(source)) });
    }
  }

  manifest(): Manifest {
    return { version: MANIFEST_VERSION, config: {}, chunkSize: CHUNK_SIZE, chunks: this.#chunks, inodes: this.#inodes };
  }

  async get(key: string): Promise<Uint8Array | null> {
    const chunk = this.#sources.get(key);
    return chunk === undefined ? null : read(chunk.file, chunk.offset);
  }

  #directory(path: string): number {
    return this.#paths.get(path) ?? this.#enter(path, { mode: S_IFDIR | 0o755, entries: [] });
  }

  #enter(path: string, inode: StoredInode): number {
    const index = this.#inodes.push(inode) - 1;
    this.#paths.set(path, index);
    const parent = this.#inodes[this.#directory(dirname(path))];
    parent.entries!.push(fromText(path.slice(path.lastIndexOf("/") + 1)), index);
    return index;
  }

  #chunksOf(file: string, size: number): number[] {
    const chunks: number[] = [];
    for (let offset = 0; offset < size; offset += CHUNK_SIZE) {
      const hex = createHash("sha256").update(read(file, offset)).digest("hex");
      this.#sources.set(chunkKey(hex), { file, offset });
      chunks.push(this.#chunks.push(hex) - 1);
    }
    return chunks;
  }
}

const attributes = (stats: Stats): StoredInode => ({
  mode: stats.mode,
  uid: 0,
  gid: 0,
  mtime: Math.floor(stats.mtimeMs / 1000),
});

function read(file: string, offset: number): Uint8Array {
  const bytes = new Uint8Array(CHUNK_SIZE);
  const fd = openSync(file, "r");
  try {
    return bytes.slice(0, readSync(fd, bytes, 0, CHUNK_SIZE, offset));
  } finally {
    closeSync(fd);
  }
}
