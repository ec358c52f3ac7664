/** What a dynamically linked executable needs to start: its interpreter and libraries, found as ld.so(8) finds them. */
import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { CliError } from "./client.ts";

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_RPATH = 15;
const DT_RUNPATH = 29;

export interface DynamicInfo {
  /** Path of the program interpreter; null for a static executable or a library. */
  readonly interpreter: string | null;
  readonly needed: readonly string[];
  /** DT_RUNPATH, or DT_RPATH where that is absent. */
  readonly searchPath: readonly string[];
}

/** Whether a file begins as an ELF file does. */
export function isElf(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const magic = new Uint8Array(4);
    readSync(file, magic, 0, 4, 0);
    return Buffer.from(magic).toString("latin1") === "\x7fELF";
  } finally {
    closeSync(file);
  }
}

/** Reads the program headers and the dynamic section of an ELF64 file (elf(5)). Throws CliError for anything else, RangeError for offsets that lead out of the file. */
export function dynamicInfo(path: string): DynamicInfo {
  const file = readFileSync(path);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 64 || file.toString("latin1", 0, 5) !== "\x7fELF\x02" || view.getUint16(18, true) !== 62) {
    throw new CliError(`${path} is not an x86-64 ELF file.`);
  }
  const u64 = (offset: number) => Number(view.getBigUint64(offset, true));
  const text = (offset: number) => file.toString("utf8", offset, file.indexOf(0, offset));
  const loads: { offset: number; address: number; size: number }[] = [];
  let interpreter: string | null = null;
  let dynamic: { offset: number; size: number } | null = null;
  const [table, entrySize, count] = [u64(32), view.getUint16(54, true), view.getUint16(56, true)];
  for (let i = 0, header = table; i < count; i++, header += entrySize) {
    const type = view.getUint32(header, true);
    const [offset, address, size] = [u64(header + 8), u64(header + 16), u64(header + 32)];
    if (type === PT_LOAD && offset + size > file.length) throw new RangeError("segment beyond the end of the file");
    if (type === PT_LOAD) loads.push({ offset, address, size });
    else if (type === PT_INTERP) interpreter = text(offset);
    else if (type === PT_DYNAMIC) dynamic = { offset, size };
  }
  const entries: [tag: number, value: number][] = [];
  for (let i = 0; dynamic !== null && i + 16 <= dynamic.size; i += 16) {
    entries.push([u64(dynamic.offset + i), u64(dynamic.offset + i + 8)]);
  }
  const strings = entries.find(([tag]) => tag === DT_STRTAB)?.[1];
  if (strings === undefined) return { interpreter, needed: [], searchPath: [] };
  const segment = loads.find(({ address, size }) => strings >= address && strings < address + size);
  if (segment === undefined) throw new CliError(`${path} has a dynamic section without strings.`);
  const base = strings - segment.address + segment.offset;
  const values = (wanted: number) => entries.filter(([tag]) => tag === wanted).map(([, value]) => text(base + value));
  const paths = [...values(DT_RUNPATH), ...values(DT_RPATH)].slice(0, 1);
  return {
    interpreter,
    needed: values(DT_NEEDED),
    searchPath: paths.flatMap((list) => list.split(":")).filter(Boolean),
  };
}

/** As dynamicInfo; offsets that lead out of the file are a CliError too. */
function readable(path: string): DynamicInfo {
  try {
    return dynamicInfo(path);
  } catch (error) {
    if (error instanceof RangeError) throw new CliError(`${path} is a truncated or damaged ELF file.`);
    throw error;
  }
}

/** Where Debian, Fedora, Arch and Alpine keep x86-64 libraries, in ld.so's order: configured folders before the built-in ones. */
const STANDARD = [
  "/usr/local/lib",
  "/lib/x86_64-linux-gnu",
  "/usr/lib/x86_64-linux-gnu",
  "/lib64",
  "/usr/lib64",
  "/lib",
  "/usr/lib",
];

/** musl's loader looks in fewer places, and is the C library itself, under whatever name it is asked for. */
const MUSL = ["/lib", "/usr/local/lib", "/usr/lib"];
const MUSL_OWN = /^(libc|libpthread|librt|libm|libdl|libutil|libxnet)\.so$|^libc\.musl-/;

/**
 * The files, by absolute path, that `program` loads at its start: the interpreter, and its libraries and theirs. `root` is
 * put before every path. Libraries that are nowhere are left to ld.so's own message.
 */
export function dependencies(program: string, root = ""): string[] {
  const { interpreter } = readable(program);
  if (interpreter === null) return [];
  const musl = /\/ld-musl-[^/]*$/.test(interpreter);
  const standard = musl ? MUSL : STANDARD;
  const found = new Set<string>([interpreter]);
  const queue: [file: string, origin: string][] = [[program, dirname(program)]];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [file, origin] = next;
    const { needed, searchPath } = readable(file);
    const folders = [...searchPath.map((path) => path.replace(/\$\{?ORIGIN\}?/, origin)), ...standard];
    for (const name of needed) {
      if (musl && MUSL_OWN.test(name)) continue;
      const path = folders.map((folder) => join(folder, name)).find((candidate) => existsSync(root + candidate));
      if (path === undefined || found.has(path)) continue;
      found.add(path);
      queue.push([root + path, dirname(path)]);
    }
  }
  return [...found];
}
