/**
 * A reader for tar archives as a stream: ustar, GNU long names, pax headers (pax(1), "ustar Interchange Format"; GNU tar
 * manual, "Basic Tar Format"). The archive may be anyone's: sizes, names and checksums are checked, nothing is trusted.
 */
import { byteString, toText } from "../fs/name.ts";
import { attributesOfEntry } from "./attributes.ts";
import type { ByteReader } from "./byte-reader.ts";
import { ImportError } from "./error.ts";

const BLOCK = 512;
/** Longest pax header or long name. */
const MAX_EXTENSION = 1 << 20;

export type TarType = "file" | "link" | "symlink" | "character" | "block" | "directory" | "fifo";

export interface TarEntry {
  readonly type: TarType;
  /** As in the archive, a byte string. */
  readonly name: string;
  /** Target of a symbolic or hard link, a byte string. */
  readonly target: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds, and nanoseconds. */
  readonly mtime: number;
  readonly nsec: number;
  /** Bytes of content that follow. */
  readonly size: number;
  readonly major: number;
  readonly minor: number;
  /** Extended attributes, names and values byte strings; null when there are none. */
  readonly attributes: Readonly<Record<string, string>> | null;
}

const TYPES: Record<string, TarType> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "link",
  "2": "symlink",
  "3": "character",
  "4": "block",
  "5": "directory",
  "6": "fifo",
};

/** Records of a pax header; values are byte strings. */
type Pax = Map<string, string>;

export class TarReader {
  readonly #reader: ByteReader;
  readonly #block = new Uint8Array(BLOCK);
  readonly #global: Pax = new Map();
  /** Content of the current entry that was not read yet, and its padding. */
  #left = 0;
  #padding = 0;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** Whether `bytes` begin a tar archive: a block with a right checksum, or two of zeroes. */
  static matches(bytes: Uint8Array): boolean {
    if (bytes.length < BLOCK) return false;
    const block = bytes.subarray(0, BLOCK);
    return isZero(block) || checksum(block) === number(block, 148, 8);
  }

  /** The next entry; what was left of the last one's content is passed over. Null at the end. Throws ImportError. */
  async next(): Promise<TarEntry | null> {
    await this.#skip(this.#left + this.#padding);
    this.#left = this.#padding = 0;
    const pax: Pax = new Map();
    let longName: string | null = null;
    let longTarget: string | null = null;
    for (;;) {
      const at = this.#reader.position;
      const got = await this.#reader.fill(this.#block);
      if (got === 0) return this.#end(pax, longName);
      if (got < BLOCK) throw new ImportError(`the tar archive is cut off at byte ${this.#reader.position}`);
      const block = this.#block;
      if (isZero(block)) return this.#end(pax, longName);
      if (checksum(block) !== number(block, 148, 8)) throw new ImportError(`bad tar header checksum at byte ${at}`);
      const flag = String.fromCharCode(block[156]);
      const size = number(block, 124, 12);
      if (Number.isNaN(size)) throw new ImportError(`damaged size in the tar header at byte ${at}`);
      if (flag === "x" || flag === "g") {
        const records = parsePax(await this.#extension(size, "pax header"), at);
        for (const [key, value] of records) (flag === "x" ? pax : this.#global).set(key, value);
      } else if (flag === "L") longName = untilNul(await this.#extension(size, "long name"));
      else if (flag === "K") longTarget = untilNul(await this.#extension(size, "long link name"));
      else return this.#entry(flag, size, new Map([...this.#global, ...pax]), longName, longTarget, at);
    }
  }

  /** Content of the current entry: fills as much of `into` as is left; how much. Throws when the archive ends before. */
  async read(into: Uint8Array): Promise<number> {
    const wanted = Math.min(into.length, this.#left);
    const got = await this.#reader.fill(into.subarray(0, wanted));
    if (got < wanted) throw this.#truncated();
    this.#left -= got;
    return got;
  }

  #entry(
    flag: string,
    headerSize: number,
    pax: Pax,
    longName: string | null,
    longTarget: string | null,
    at: number,
  ): TarEntry {
    const block = this.#block;
    for (const key of pax.keys()) {
      if (key.startsWith("GNU.sparse.")) throw new ImportError(`sparse tar entries are not supported (byte ${at})`);
    }
    const type = TYPES[flag];
    if (flag === "S") throw new ImportError(`sparse tar entries are not supported (byte ${at})`);
    if (!type) throw new ImportError(`tar entry of unknown type ${JSON.stringify(flag)} at byte ${at}`);
    const size = paxNumber(pax, "size") ?? headerSize;
    // Only files have content; some archivers give links and directories a size that means nothing.
    const content = type === "file" ? size : 0;
    this.#left = content;
    this.#padding = (BLOCK - (content % BLOCK)) % BLOCK;
    const ustar = byteString(block.subarray(257, 262)) === "ustar";
    const prefix = ustar && block[263] === 0x30 ? text(block, 345, 155) : "";
    const name = pax.get("path") ?? longName ?? (prefix ? `${prefix}/` : "") + text(block, 0, 100);
    const [mtime, nsec] = time(pax.get("mtime"), number(block, 136, 12));
    return {
      type: type === "file" && name.endsWith("/") ? "directory" : type,
      name,
      target: pax.get("linkpath") ?? longTarget ?? text(block, 157, 100),
      mode: number(block, 100, 8) & 0o7777,
      uid: paxNumber(pax, "uid") ?? number(block, 108, 8),
      gid: paxNumber(pax, "gid") ?? number(block, 116, 8),
      mtime,
      nsec,
      size: content,
      major: ustar ? number(block, 329, 8) : 0,
      minor: ustar ? number(block, 337, 8) : 0,
      attributes: attributesOfEntry(pax, JSON.stringify(toText(name))),
    };
  }

  async #extension(size: number, what: string): Promise<Uint8Array> {
    if (size > MAX_EXTENSION) throw new ImportError(`a ${what} of ${size} bytes at byte ${this.#reader.position}`);
    const bytes = new Uint8Array(size);
    if ((await this.#reader.fill(bytes)) < size) throw this.#truncated();
    await this.#skip((BLOCK - (size % BLOCK)) % BLOCK);
    return bytes;
  }

  async #skip(count: number): Promise<void> {
    if (count > 0 && !(await this.#reader.skip(count))) throw this.#truncated();
  }

  /** Some archivers leave out the blocks of zeroes, but nothing ends between a header's parts. */
  #end(pax: Pax, longName: string | null): null {
    if (pax.size > 0 || longName !== null) throw this.#truncated();
    return null;
  }

  #truncated(): ImportError {
    return new ImportError(`the tar archive is cut off at byte ${this.#reader.position}`);
  }
}

const isZero = (block: Uint8Array): boolean => block.every((byte) => byte === 0);

/** Sum of the header's bytes, its checksum field taken as blanks. */
function checksum(block: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += block[i];
  return sum;
}

const untilNul = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0);
  return byteString(end < 0 ? bytes : bytes.subarray(0, end));
};

const text = (block: Uint8Array, at: number, length: number): string => untilNul(block.subarray(at, at + length));

/** An octal field, or a binary one with the top bit set (GNU base-256). NaN for neither. */
function number(block: Uint8Array, at: number, length: number): number {
  if (block[at] & 0x80) {
    let value = block[at] & 0x7f;
    for (let i = 1; i < length; i++) value = value * 256 + block[at + i];
    if (!Number.isSafeInteger(value)) throw new ImportError("a number in a tar header is negative or too large");
    return value;
  }
  const digits = text(block, at, length).trim();
  return digits === "" ? 0 : /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

function paxNumber(pax: Pax, key: string): number | null {
  const value = pax.get(key);
  if (value === undefined) return null;
  if (!/^[0-9]{1,16}$/.test(value)) throw new ImportError(`a pax header's ${key} is ${JSON.stringify(value)}`);
  return Number(value);
}

/** Seconds and nanoseconds of a pax time, or of the header's. */
function time(pax: string | undefined, header: number): [number, number] {
  const match = pax === undefined ? null : /^(-?[0-9]{1,12})(?:\.([0-9]*))?$/.exec(pax);
  if (!match) return [Number.isNaN(header) ? 0 : header, 0];
  const nsec = Number((match[2] ?? "").padEnd(9, "0").slice(0, 9));
  const sec = Number(match[1]);
  // "-1.25" is a quarter second before -1.
  return match[1].startsWith("-") && nsec > 0 ? [sec - 1, 1e9 - nsec] : [sec, nsec];
}

/** Records "length key=value\n", the length counting itself. */
function parsePax(bytes: Uint8Array, at: number): Pax {
  const records: Pax = new Map();
  const all = byteString(bytes);
  for (let start = 0; start < all.length; ) {
    const blank = all.indexOf(" ", start);
    const length = Number(all.slice(start, blank));
    const end = start + length;
    const equals = all.indexOf("=", blank);
    if (
      blank < 0 ||
      !Number.isInteger(length) ||
      end > all.length ||
      end <= equals ||
      equals < 0 ||
      all[end - 1] !== "\n"
    ) {
      throw new ImportError(`damaged pax header at byte ${at}`);
    }
    records.set(all.slice(blank + 1, equals), all.slice(equals + 1, end - 1));
    start = end;
  }
  return records;
}
