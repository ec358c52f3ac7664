/**
 * hello.c without a compiler: the same program, assembled here into a static ELF executable. `npm start` uses it where
 * there is no C compiler, so that the first request has something to run.
 */

type Item = number | { readonly label: string } | { readonly rel8: string } | { readonly rel32: string };

const ascii = (text: string): number[] => [...new TextEncoder().encode(text)];
const label = (name: string): Item => ({ label: name });
const rel8 = (to: string): Item => ({ rel8: to });
const rel32 = (to: string): Item => ({ rel32: to });

const HEAD = "Content-Type: text/plain; charset=utf-8\n\nHello, ";
const TAIL = "!\n";
const LOAD_ADDRESS = 0x40_0000;
const HEADERS_SIZE = 64 + 56;

/** write(1, rsi, rdx) */
const WRITE: Item[] = [0xb8, 1, 0, 0, 0, 0xbf, 1, 0, 0, 0, 0x0f, 0x05]; // mov eax, 1; mov edi, 1; syscall

const PROGRAM: Item[] = [
  ...[0x48, 0x8b, 0x0c, 0x24], // mov rcx, [rsp]             argc
  ...[0x48, 0x8d, 0x5c, 0xcc, 0x10], // lea rbx, [rsp+rcx*8+16]    envp
  ...[0x4c, 0x8d, 0x25, rel32("world")], // lea r12, [rip+world]
  ...[0x41, 0xbd, 5, 0, 0, 0], // mov r13d, 5
  ...[0x48, 0xb8, ...ascii("PATH_INF")], // mov rax, "PATH_INF"
  label("next"),
  ...[0x48, 0x8b, 0x3b], // mov rdi, [rbx]
  ...[0x48, 0x83, 0xc3, 8], // add rbx, 8
  ...[0x48, 0x85, 0xff], // test rdi, rdi
  ...[0x74, rel8("print")], // jz print
  ...[0x48, 0x39, 0x07], // cmp [rdi], rax
  ...[0x75, rel8("next")], // jne next
  ...[0x81, 0x7f, 7, ...ascii("FO=/")], // cmp dword [rdi+7], "FO=/"
  ...[0x75, rel8("next")], // jne next
  ...[0x48, 0x83, 0xc7, 11], // add rdi, 11
  ...[0x31, 0xc9], // xor ecx, ecx
  label("length"),
  ...[0x80, 0x3c, 0x0f, 0], // cmp byte [rdi+rcx], 0
  ...[0x74, rel8("found")], // je found
  ...[0x48, 0xff, 0xc1], // inc rcx
  ...[0xeb, rel8("length")], // jmp length
  label("found"),
  ...[0x85, 0xc9], // test ecx, ecx
  ...[0x74, rel8("print")], // jz print
  ...[0x49, 0x89, 0xfc], // mov r12, rdi
  ...[0x49, 0x89, 0xcd], // mov r13, rcx
  label("print"),
  ...[0x48, 0x8d, 0x35, rel32("head")], // lea rsi, [rip+head]
  ...[0xba, HEAD.length, 0, 0, 0], // mov edx, length
  ...WRITE,
  ...[0x4c, 0x89, 0xe6, 0x4c, 0x89, 0xea], // mov rsi, r12; mov rdx, r13
  ...WRITE,
  ...[0x48, 0x8d, 0x35, rel32("tail")], // lea rsi, [rip+tail]
  ...[0xba, TAIL.length, 0, 0, 0], // mov edx, length
  ...WRITE,
  ...[0xb8, 231, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05], // mov eax, 231; xor edi, edi; syscall    exit_group(0)
  label("world"),
  ...ascii("world"),
  label("head"),
  ...ascii(HEAD),
  label("tail"),
  ...ascii(TAIL),
];

/** Lays the items out and fills in the displacements, which count from the end of their field. */
function assemble(items: readonly Item[]): Uint8Array {
  const size = (item: Item) => (typeof item === "number" || "rel8" in item ? 1 : "rel32" in item ? 4 : 0);
  const labels = new Map<string, number>();
  let offset = 0;
  for (const item of items) {
    if (typeof item === "object" && "label" in item) labels.set(item.label, offset);
    offset += size(item);
  }
  const code = new Uint8Array(offset);
  const view = new DataView(code.buffer);
  offset = 0;
  for (const item of items) {
    const end = offset + size(item);
    if (typeof item === "number") code[offset] = item;
    else if ("rel8" in item) view.setInt8(offset, labels.get(item.rel8)! - end);
    else if ("rel32" in item) view.setInt32(offset, labels.get(item.rel32)! - end, true);
    offset = end;
  }
  return code;
}

/** An ELF64 executable of one PT_LOAD segment that holds the headers and `code` (elf(5)). */
export function assembledHello(): Uint8Array {
  const code = assemble(PROGRAM);
  const file = new Uint8Array(HEADERS_SIZE + code.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, ...ascii("ELF"), 2, 1, 1]); // ELFCLASS64, little endian, EV_CURRENT
  view.setUint16(16, 2, true); // e_type ET_EXEC
  view.setUint16(18, 62, true); // e_machine EM_X86_64
  view.setUint32(20, 1, true); // e_version
  view.setBigUint64(24, BigInt(LOAD_ADDRESS + HEADERS_SIZE), true); // e_entry
  view.setBigUint64(32, 64n, true); // e_phoff
  view.setUint16(52, 64, true); // e_ehsize
  view.setUint16(54, 56, true); // e_phentsize
  view.setUint16(56, 1, true); // e_phnum
  view.setUint32(64, 1, true); // p_type PT_LOAD
  view.setUint32(68, 5, true); // p_flags PF_R | PF_X
  view.setBigUint64(80, BigInt(LOAD_ADDRESS), true); // p_vaddr
  view.setBigUint64(88, BigInt(LOAD_ADDRESS), true); // p_paddr
  view.setBigUint64(96, BigInt(file.length), true); // p_filesz
  view.setBigUint64(104, BigInt(file.length), true); // p_memsz
  view.setBigUint64(112, 0x1000n, true); // p_align
  file.set(code, HEADERS_SIZE);
  return file;
}
