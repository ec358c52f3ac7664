/**
 * The stored form of an image: a manifest (JSON), and the contents of its files in chunks that are named by their SHA-256,
 * so that images share what they have in common.
 *
 *     images/<name>        text: the digest of a manifest, "sha256:…"
 *     manifests/<hex>      JSON: Manifest
 *     chunks/<hex>         up to CHUNK_SIZE bytes
 *
 * Every file begins at a page boundary of a chunk, so that its pages can be mapped as they come. A file of more than
 * PACK_LIMIT bytes has chunks of its own; smaller ones are packed together in the order of the import.
 */

export const CHUNK_SIZE = 256 << 10;
/** Larger files are not packed: their chunks are the same in every image. */
export const PACK_LIMIT = 64 << 10;
/** Stands in a file's chunk list for a chunk of zeroes, which is not stored. */
export const HOLE = -1;

export const MANIFEST_VERSION = 1;

/** How the image's command is run, in the terms of the OCI image configuration. */
export interface ImageConfig {
  entrypoint?: string[];
  cmd?: string[];
  /** "NAME=value". */
  env?: string[];
  workdir?: string;
  /** "uid", "uid:gid", or names of the image's /etc/passwd and /etc/group. */
  user?: string;
}

/** An inode. What is absent is 0, or 1 for `nlink`. Names and targets are byte strings (fs/name.ts). */
export interface StoredInode {
  mode: number;
  uid?: number;
  gid?: number;
  nlink?: number;
  /** Seconds since the epoch, and nanoseconds. */
  mtime?: number;
  nsec?: number;
  /** Regular file: bytes; indexes into Manifest.chunks (or HOLE); page of the first chunk at which it begins. */
  size?: number;
  chunks?: number[];
  page?: number;
  /** Symbolic link. */
  target?: string;
  /** Device. */
  rdev?: number;
  /** Extended attributes: values by name, both byte strings. */
  attributes?: Record<string, string>;
  /** Directory: name, inode index, name, inode index … */
  entries?: (string | number)[];
}

export interface Manifest {
  version: typeof MANIFEST_VERSION;
  config: ImageConfig;
  chunkSize: number;
  /** Hexadecimal SHA-256. */
  chunks: string[];
  /** The first is the root directory. */
  inodes: StoredInode[];
}

const DIGEST = /^sha256:([0-9a-f]{64})$/;

/** The hexadecimal part of "sha256:…", or null when it is no digest. */
export const digestHex = (digest: string): string | null => DIGEST.exec(digest)?.[1] ?? null;

export const chunkKey = (hex: string): string => `chunks/${hex}`;
export const manifestKey = (hex: string): string => `manifests/${hex}`;
export const imageKey = (name: string): string => `images/${name}`;

/** SHA-256 of `bytes`, hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  let hex = "";
  for (const byte of hash) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

/** A manifest from its stored bytes. Throws an Error that says what is wrong with it. */
export function parseManifest(bytes: Uint8Array): Manifest {
  const manifest = JSON.parse(new TextDecoder().decode(bytes)) as Manifest;
  if (manifest.version !== MANIFEST_VERSION) throw new Error(`image manifest of version ${manifest.version}`);
  const { inodes, chunks, chunkSize } = manifest;
  if (!Array.isArray(inodes) || !Array.isArray(chunks) || inodes[0]?.entries === undefined)
    throw new Error("image manifest without a root directory");
  if (!(chunkSize > 0) || chunkSize % 4096 !== 0) throw new Error("image manifest with a bad chunk size");
  return manifest;
}
