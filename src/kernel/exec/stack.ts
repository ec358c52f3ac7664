/**
 * The main stack as a program finds it (System V ABI for x86-64, 3.4.1), from the stack pointer upwards: argc, argv, NULL,
 * envp, NULL, the auxiliary vector; 16 random bytes and the platform's name; then the strings of argv and envp, the
 * path that was executed, and 8 bytes of zeroes. The stack pointer is a multiple of 16.
 */
import { AT_EXECFN, AT_NULL, AT_PLATFORM, AT_RANDOM } from "../../abi/elf.ts";
import { MAP_ANONYMOUS, MAP_FIXED, MAP_GROWSDOWN, MAP_PRIVATE } from "../../abi/mman.ts";
import type { AddressSpace } from "../../memory/address-space.ts";
import { map } from "../../memory/mapping.ts";
import { pageStart, STACK_HEADROOM, STACK_TOP } from "./layout.ts";

const PLATFORM = new TextEncoder().encode("x86_64\0");
const RANDOM_BYTES = 16;
/** Entries of the auxiliary vector that `writeStack` adds itself, AT_NULL included. */
const OWN_ENTRIES = 4;

export interface StackContents {
  argv: readonly Uint8Array[];
  envp: readonly Uint8Array[];
  /** AT_EXECFN. */
  path: Uint8Array;
}

/** Maps the main stack, large enough for `contents` and some headroom. */
export function mapStack(space: AddressSpace, contents: StackContents, prot: number, entries: number): void {
  const address = Math.max(0, pageStart(stackPointer(contents, entries) - STACK_HEADROOM));
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN;
  map(space, { address, length: STACK_TOP - address, prot, flags, source: null, offset: 0 });
  space.stackTop = STACK_TOP;
}

/** Fills the stack. `auxv` is types and values in turn, without what is on the stack itself. Returns the stack pointer. */
export function writeStack(
  space: AddressSpace,
  contents: StackContents,
  auxv: readonly number[],
  random: (into: Uint8Array) => void,
): number {
  const { argv, envp, path } = contents;
  const pointer = stackPointer(contents, auxv.length / 2);
  space.stackStart = pointer;
  const bytes = new Uint8Array(STACK_TOP - pointer);
  const view = new DataView(bytes.buffer);
  let word = 0;
  const put = (value: number) => {
    view.setUint32(word, value, true);
    view.setUint32(word + 4, Math.floor(value / 0x1_0000_0000), true);
    word += 8;
  };
  let string = stringsStart(contents) - pointer;
  const putString = (text: Uint8Array) => {
    put(pointer + string);
    bytes.set(text, string);
    string += text.length + 1;
  };

  put(argv.length);
  space.argumentStart = pointer + string;
  for (const text of argv) putString(text);
  space.argumentEnd = space.environmentStart = pointer + string;
  put(0);
  for (const text of envp) putString(text);
  space.environmentEnd = pointer + string;
  put(0);
  bytes.set(path, string);

  const platform = platformStart(contents) - pointer;
  bytes.set(PLATFORM, platform);
  const randomBytes = platform - RANDOM_BYTES;
  random(bytes.subarray(randomBytes, platform));
  const auxvStart = word;
  for (const value of auxv) put(value);
  for (const [type, at] of [
    [AT_RANDOM, randomBytes],
    [AT_EXECFN, string],
    [AT_PLATFORM, platform],
  ]) {
    put(type);
    put(pointer + at);
  }
  put(AT_NULL);
  put(0);
  space.auxv = bytes.slice(auxvStart, word);
  space.user.copyOut(pointer, bytes);
  return pointer;
}

/** Where the strings begin: they end 8 bytes below the top. */
function stringsStart({ argv, envp, path }: StackContents): number {
  let size = path.length + 1;
  for (const text of argv) size += text.length + 1;
  for (const text of envp) size += text.length + 1;
  return STACK_TOP - 8 - size;
}

const platformStart = (contents: StackContents): number => alignDown(stringsStart(contents)) - PLATFORM.length;

function stackPointer(contents: StackContents, entries: number): number {
  const words = 1 + contents.argv.length + 1 + contents.envp.length + 1 + (entries + OWN_ENTRIES) * 2;
  return alignDown(platformStart(contents) - RANDOM_BYTES - words * 8);
}

const alignDown = (address: number): number => address - (address & 15);
