/** Makes an image of a file: a tar archive (also gzipped) of a root file system, or one ELF program. */
import { makeDevice, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG } from "../abi/stat.ts";
import { fromText, toText } from "../fs/name.ts";
import { ByteReader } from "./byte-reader.ts";
import { ChunkWriter, type Has, type Put } from "./chunk-writer.ts";
import { ImportError } from "./error.ts";
import {
  CHUNK_SIZE,
  type ImageConfig,
  MANIFEST_VERSION,
  type Manifest,
  manifestKey,
  type StoredInode,
  sha256,
} from "./format.ts";
import { type TarEntry, TarReader } from "./tar.ts";
import { TreeBuilder } from "./tree.ts";

export { ImportError };

export interface ImportOptions {
  /** Where a single program is put; "/bin/program" by default. */
  path?: string;
  /** Added to, and winning over, what the source says. */
  config?: ImageConfig;
  /** Most bytes after decompression, and most inodes. */
  maxBytes?: number;
  maxFiles?: number;
  /** Called from time to time with the bytes read, after decompression. */
  progress?: (bytes: number) => void;
}

export interface ImportResult {
  /** "sha256:…" of the manifest. */
  digest: string;
  config: ImageConfig;
  stats: {
    /** Inodes, and bytes of file content. */
    files: number;
    bytes: number;
    /** Chunks of the image; those that were not stored before, and their bytes. */
    chunks: number;
    newChunks: number;
    newBytes: number;
  };
}

const MAX_BYTES = 4 * 2 ** 30;
const MAX_FILES = 500_000;
const EM_X86_64 = 62;

/**
 * Stores `source` as an image: `put` stores an object under a key, `has` says whether one is there. Throws ImportError
 * with one clear sentence for a source that is none; what was stored until then is harmless.
 */
export async function importImage(
  source: ReadableStream<Uint8Array>,
  put: Put,
  has: Has,
  options: ImportOptions = {},
): Promise<ImportResult> {
  // Headers and padding are at most three blocks an inode, but for long names.
  const limit = (options.maxBytes ?? MAX_BYTES) + (options.maxFiles ?? MAX_FILES) * 1536 + (64 << 20);
  const reader = await decompressed(new ByteReader(source, limit), limit);
  try {
    return await importFrom(reader, put, has, options);
  } catch (error) {
    await reader.cancel(error);
    throw error;
  }
}

async function importFrom(reader: ByteReader, put: Put, has: Has, options: ImportOptions): Promise<ImportResult> {
  const writer = new ChunkWriter(put, has);
  const tree = new TreeBuilder(options.maxFiles ?? MAX_FILES);
  const budget = new Budget(options.maxBytes ?? MAX_BYTES);
  const head = await reader.peek(512);
  let config: ImageConfig = {};
  if (isElf(head)) config = await importProgram(reader, head, tree, writer, budget, options.path ?? "/bin/program");
  else if (TarReader.matches(head)) await importTar(reader, tree, writer, budget, options.progress);
  else throw new ImportError(`neither a tar archive nor an ELF program${known(head)}`);
  await writer.finish();
  config = { ...config, ...options.config };
  const manifest: Manifest = {
    version: MANIFEST_VERSION,
    config,
    chunkSize: CHUNK_SIZE,
    chunks: writer.chunks,
    inodes: tree.inodes(),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(manifest));
  const hex = await sha256(bytes);
  const key = manifestKey(hex);
  if (!(await has(key))) await put(key, bytes);
  const { newChunks, newBytes } = writer;
  const stats = {
    files: manifest.inodes.length,
    bytes: budget.used,
    chunks: writer.chunks.length,
    newChunks,
    newBytes,
  };
  return { digest: `sha256:${hex}`, config, stats };
}

/** Counts content, so that a small archive cannot become an endless image. */
class Budget {
  used = 0;
  readonly #limit: number;
  constructor(limit: number) {
    this.#limit = limit;
  }
  take(bytes: number): void {
    this.used += bytes;
    if (this.used > this.#limit) throw new ImportError(`more than ${this.#limit} bytes of files`);
  }
}

async function importTar(
  reader: ByteReader,
  tree: TreeBuilder,
  writer: ChunkWriter,
  budget: Budget,
  progress?: (bytes: number) => void,
): Promise<void> {
  const tar = new TarReader(reader);
  for (let entry = await tar.next(); entry; entry = await tar.next()) {
    budget.take(entry.size);
    if (entry.type === "link") tree.link(entry.name, entry.target);
    else tree.add(entry.name, await storedInode(entry, tar, writer));
    progress?.(reader.position);
  }
}

const FORMATS = {
  file: S_IFREG,
  link: S_IFREG,
  symlink: S_IFLNK,
  character: S_IFCHR,
  block: S_IFBLK,
  directory: S_IFDIR,
  fifo: S_IFIFO,
} as const;

async function storedInode(entry: TarEntry, tar: TarReader, writer: ChunkWriter): Promise<StoredInode> {
  const { type, mode, uid, gid, mtime, nsec } = entry;
  for (const value of [mode, uid, gid, mtime, entry.size]) {
    if (!Number.isSafeInteger(value))
      throw new ImportError(`damaged tar header of ${JSON.stringify(toText(entry.name))}`);
  }
  const inode: StoredInode = { mode: FORMATS[type] | (type === "symlink" ? 0o777 : mode) };
  if (uid) inode.uid = uid;
  if (gid) inode.gid = gid;
  if (mtime) inode.mtime = mtime;
  if (nsec) inode.nsec = nsec;
  if (entry.attributes) inode.attributes = { ...entry.attributes };
  if (type === "symlink") inode.target = entry.target;
  if (type === "character" || type === "block") inode.rdev = makeDevice(entry.major, entry.minor);
  if (type === "file" && entry.size > 0) {
    const { chunks, page } = await writer.file(entry.size, (into) => tar.read(into));
    inode.size = entry.size;
    inode.chunks = chunks;
    if (page) inode.page = page;
  }
  return inode;
}

const isElf = (head: Uint8Array): boolean =>
  head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;

async function importProgram(
  reader: ByteReader,
  head: Uint8Array,
  tree: TreeBuilder,
  writer: ChunkWriter,
  budget: Budget,
  path: string,
): Promise<ImageConfig> {
  if (head[4] !== 2 || head[5] !== 1) throw new ImportError("the ELF file is not a 64-bit little-endian one");
  const machine = head[18] | (head[19] << 8);
  if (machine !== EM_X86_64) throw new ImportError(`the ELF file is for machine ${machine}, not x86-64 (${EM_X86_64})`);
  // The size is not known before the end: whole chunks are kept until then.
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const part = new Uint8Array(CHUNK_SIZE);
    const got = await reader.fill(part);
    budget.take(got);
    size += got;
    if (got > 0) parts.push(part.subarray(0, got));
    if (got < CHUNK_SIZE) break;
  }
  let next = 0;
  const { chunks, page } = await writer.file(size, async (into) => into.set(parts[next++]));
  const inode: StoredInode = { mode: S_IFREG | 0o755, size, chunks };
  if (page) inode.page = page;
  tree.add(fromText(path), inode);
  return { entrypoint: [path] };
}

/** The stream behind gzip, or the stream itself. */
async function decompressed(reader: ByteReader, limit: number): Promise<ByteReader> {
  const head = await reader.peek(2);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return reader;
  const gunzip = new DecompressionStream("gzip") as unknown as ReadableWritablePair<Uint8Array, Uint8Array>;
  return new ByteReader(reader.rest().pipeThrough(gunzip), limit);
}

/** A hint for formats that people try. */
function known(head: Uint8Array): string {
  const starts = (...bytes: number[]) => bytes.every((byte, i) => head[i] === byte);
  if (head.length === 0) return ": it is empty";
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return ": it is compressed with zstd; use gzip or nothing";
  if (starts(0xfd, 0x37, 0x7a, 0x58)) return ": it is compressed with xz; use gzip or nothing";
  if (starts(0x42, 0x5a, 0x68)) return ": it is compressed with bzip2; use gzip or nothing";
  if (starts(0x50, 0x4b)) return ": it is a zip archive";
  if (starts(0x23, 0x21)) return ": it is a script; put it in a tar archive with its interpreter";
  return "";
}
