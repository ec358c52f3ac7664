/**
 * The program loader: from an open file to an address space that is ready to run. Scripts lead to their interpreter, ELF
 * programs to their segments and, if they name one, to the dynamic linker.
 *
 * Nothing of the caller is touched: whatever goes wrong, and whenever a page must be fetched first (NeedPage), the new
 * address space is freed and the call can fail or start again.
 */
import * as elf from "../../abi/elf.ts";
import { E2BIG, EACCES, ELIBBAD, ELOOP, ENOENT, ENOEXEC, Errno } from "../../abi/errno.ts";
import { PROT_EXEC, PROT_READ, PROT_WRITE } from "../../abi/mman.ts";
import { RLIMIT_STACK } from "../../abi/resource.ts";
import { byteString } from "../../fs/name.ts";
import { AddressSpace } from "../../memory/address-space.ts";
import { PAGE_SIZE } from "../../memory/layout.ts";
import type { MemoryLimits } from "../../memory/limits.ts";
import { startBreak } from "../../memory/mapping.ts";
import type { Frames } from "../../memory/physical.ts";
import type { FrameOwner } from "../../memory/types.ts";
import { argumentLimit, sizeOf } from "./arguments.ts";
import { type ElfHeader, knownElf, readElf } from "./elf-header.ts";
import { type Program, readSource } from "./executable.ts";
import { mmapBase, pageAlign } from "./layout.ts";
import { HEAD_SIZE, isScript, parseScript, SCRIPT_LEVELS } from "./script.ts";
import { mapSegments, type Placement } from "./segments.ts";
import { mapStack, type StackContents, writeStack } from "./stack.ts";

/** Longest path of a dynamic linker, its NUL included (PATH_MAX). */
const PATH_MAX = 4096;
/** Clock ticks a second that times(2) counts in (USER_HZ). */
const CLOCK_TICKS = 100;
/** Entries that `auxiliaryVector` makes. */
const AUXV_ENTRIES = 14;

/** What the new program's credentials are, for AT_UID and its kin. */
export interface Identity {
  uid: number;
  euid: number;
  gid: number;
  egid: number;
  /** AT_SECURE: it gained privileges. */
  secure: boolean;
}

export interface ExecRequest<P extends Program> {
  frames: Frames;
  /** Who pays for the new address space. */
  owner: FrameOwner;
  limits: MemoryLimits;
  program: P;
  /** As the caller gave it: AT_EXECFN, and what a script's interpreter gets to see. */
  path: Uint8Array;
  /** Nobody can open `path` once the program runs, so it must not be a script (BINPRM_FLAGS_PATH_INACCESSIBLE). */
  pathCloses?: boolean;
  argv: readonly Uint8Array[];
  envp: readonly Uint8Array[];
  /** Opens a script's or a dynamic program's interpreter by its path (a byte string), for execution. Throws Errno, NeedPage. */
  open(path: string): P;
  /** Credentials after the exec of `program`, with its set-user-ID bits. */
  identity(program: P): Identity;
  /** AT_HWCAP: EDX of CPUID leaf 1. */
  hardware: number;
  random(into: Uint8Array): void;
}

export interface LoadedProgram<P extends Program> {
  /** Holds `program` until it is released. Not active yet. */
  space: AddressSpace;
  /** The program that runs: for a script the interpreter. */
  program: P;
  /** Its arguments: for a script with the interpreter's before. */
  argv: readonly Uint8Array[];
  /** First instruction (of the dynamic linker, if there is one), and the stack pointer. */
  entry: number;
  stackPointer: number;
}

/** Loads a program. Throws Errno (ENOEXEC, ENOMEM, EINVAL, E2BIG, ELOOP, ELIBBAD …), NeedPage, OutOfFrames. */
export function load<P extends Program>(request: ExecRequest<P>): LoadedProgram<P> {
  const { program, argv } = resolveScripts(request);
  const { frames, limits, envp, path } = request;
  if (sizeOf(argv) + sizeOf(envp) + path.length + 1 > argumentLimit(limits.soft[RLIMIT_STACK])) throw new Errno(E2BIG);
  const file = readElf(frames, program.pages);
  const linker = openLinker(request, program, file);
  const linkerFile = linker === null ? null : readElf(frames, linker.pages, ELIBBAD);

  const space = new AddressSpace(frames, request.owner, limits);
  try {
    space.run(program);
    space.mmapTop = mmapBase(limits.soft[RLIMIT_STACK]) / PAGE_SIZE;
    const contents: StackContents = { argv, envp, path };
    mapStack(space, contents, stackRights(file), AUXV_ENTRIES);
    const placed = mapSegments(space, program.pages, file, "program");
    startBreak(space, pageAlign(placed.end));
    const linked = linkerFile === null ? null : mapSegments(space, linker!.pages, linkerFile, "interpreter");
    space.shareCode();
    const auxv = auxiliaryVector(request.identity(program), file, placed, linked, request.hardware);
    const stackPointer = writeStack(space, contents, auxv, request.random);
    return { space, program, argv, entry: (linked ?? placed).entry, stackPointer };
  } catch (error) {
    space.release();
    throw error;
  }
}

/** Follows "#!" lines to a program that is not a script. */
function resolveScripts<P extends Program>(request: ExecRequest<P>): { program: P; argv: readonly Uint8Array[] } {
  let { program, path } = request;
  // Linux gives a program without arguments an empty argv[0], so that it does not mistake envp for argv.
  let argv: readonly Uint8Array[] = request.argv.length > 0 ? request.argv : [new Uint8Array(0)];
  for (let level = 0; ; level++) {
    if (knownElf(program.pages)) return { program, argv };
    const head = readSource(request.frames, program.pages, 0, HEAD_SIZE);
    if (!isScript(head)) return { program, argv };
    if (request.pathCloses) throw new Errno(ENOENT);
    if (level === SCRIPT_LEVELS) throw new Errno(ELOOP);
    const { interpreter, argument } = parseScript(head);
    if (interpreter.length === 0) throw new Errno(EACCES); // the empty path is a directory to open_exec
    argv = [interpreter, ...(argument === null ? [] : [argument]), path, ...argv.slice(1)];
    path = interpreter;
    program = request.open(byteString(interpreter));
  }
}

/** The dynamic linker that PT_INTERP names, or null. */
function openLinker<P extends Program>(request: ExecRequest<P>, program: P, file: ElfHeader): P | null {
  const header = file.headers.find(({ type }) => type === elf.PT_INTERP);
  if (header === undefined) return null;
  if (header.fileSize < 2 || header.fileSize > PATH_MAX) throw new Errno(ENOEXEC);
  const path = readSource(request.frames, program.pages, header.offset, header.fileSize);
  if (path.length < header.fileSize || path[path.length - 1] !== 0) throw new Errno(ENOEXEC);
  const end = path.indexOf(0);
  if (end === 0) throw new Errno(ENOENT);
  const linker = request.open(byteString(path.subarray(0, end)));
  if (linker.pages.size === 0) throw new Errno(EACCES);
  return linker;
}

/** PT_GNU_STACK decides whether the stack is executable; without it, it is not (as on Linux for 64-bit programs). */
function stackRights(file: ElfHeader): number {
  const header = file.headers.find(({ type }) => type === elf.PT_GNU_STACK);
  const executable = header !== undefined && (header.flags & elf.PF_X) !== 0;
  return PROT_READ | PROT_WRITE | (executable ? PROT_EXEC : 0);
}

/** All of the auxiliary vector but what is on the stack itself, in Linux's order. There is no vDSO: no AT_SYSINFO_EHDR. */
function auxiliaryVector(
  who: Identity,
  file: ElfHeader,
  placed: Placement,
  linked: Placement | null,
  hardware: number,
): number[] {
  return [
    [elf.AT_HWCAP, hardware >>> 0],
    [elf.AT_PAGESZ, PAGE_SIZE],
    [elf.AT_CLKTCK, CLOCK_TICKS],
    [elf.AT_PHDR, placed.headers],
    [elf.AT_PHENT, elf.PHDR_SIZE],
    [elf.AT_PHNUM, file.headers.length],
    [elf.AT_BASE, linked === null ? 0 : linked.bias],
    [elf.AT_FLAGS, 0],
    [elf.AT_ENTRY, placed.entry],
    [elf.AT_UID, who.uid],
    [elf.AT_EUID, who.euid],
    [elf.AT_GID, who.gid],
    [elf.AT_EGID, who.egid],
    [elf.AT_SECURE, who.secure ? 1 : 0],
  ].flat();
}
