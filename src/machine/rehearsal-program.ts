/**
 * The program of the rehearsal (rehearsal.ts), assembled here: the instructions that compilers and C libraries use most, in many small
 * blocks that run once, one after the other, as those of a program's start do; then the system calls of such a start.
 */
import { ARCH_SET_FS } from "../abi/prctl.ts";

/** Encodings in the SDM's notation, W for REX.W; `r` and `m` say what ModRM.rm is. The more frequent they are, the earlier. */
const FREQUENT = [
  "W 89 /r r", "W 8B /r m", "W 89 /r m", "B8+r iz", "W 8D /r m", "W 85 /r r", "31 /r r", "W 39 /r r", "89 /r r", "W 83 /0 ib r", "8B /r m",
  "85 /r r", "W 29 /r r", "89 /r m", "83 /7 ib r", "W 83 /5 ib r", "W C7 /0 iz m", "W C7 /0 iz r", "W 8D /r m", "50+r pop", "50+r pop",
]; // biome-ignore format: one list
const OTHERS = [
  "81 /4 iz r", "W 01 /r r", "83 /4 ib r", "C7 /0 iz m", "F6 /0 ib r", "W C1 /4 ib r", "0F 11 /r m", "W 83 /7 ib r", "F6 /0 ib m", "25 iz",
  "81 /7 iz r", "W 0F 44 /r r", "3D iz", "W 81 /5 iz r", "W 83 /7 ib m", "66 0F 74 /r r", "W 83 /4 ib r", "C1 /5 ib r", "8D /r m",
  "W 63 /r r", "83 /7 ib m", "66 0F D7 /r r", "W 2B /r m", "66 0F EF /r r", "W 81 /0 iz r", "83 /0 ib r", "66 W 0F 6E /r r", "66 0F 6C /r r",
  "80 /7 ib m", "F3 0F 6F /r m", "C6 /0 ib m", "84 /r r", "0B /r m", "F7 /0 iz r", "W C1 /5 ib r", "W 0F 45 /r r", "0F 1F /0 m", "A8 ib",
  "80 /7 ib r", "W 83 /1 ib r", "W 0F 42 /r r", "W 03 /r m", "W 21 /r r", "W 3D iz", "0F B6 /r m", "W 81 /7 iz r", "W 3B /r m", "W 09 /r r",
  "0F 29 /r r", "0F B7 /r m", "83 /1 ib r", "0F 45 /r r", "W C1 /7 ib r", "W F7 /3 r", "F3 0F 1E FA", "83 /5 ib r", "0F B1 /r m", "87 /r m",
  "80 /4 ib r", "0F 94 /0 r", "0F B6 /r r", "0F 95 /0 r", "W 39 /r m", "W C1 /0 ib r", "66 0F EB /r r", "09 /r r", "0F AF /r r", "3C ib",
  "0F 16 /r m", "F3 0F 7E /r m", "W D1 /7 r", "0F 10 /r m", "0F 11 /r m", "W FF /0 r", "FF /0 m", "88 /r m", "8A /r m", "0F BE /r m",
  "W 63 /r m", "2B /r m", "03 /r m", "29 /r r", "01 /r r", "C1 /4 ib r", "D1 /5 r", "W F7 /2 r", "F3 W AB", "A4", "W 99", "66 89 /r m",
]; // biome-ignore format: one list
/** Ends of blocks; wherever they go, it is what follows. */
const ENDS = [
  "74 cb",
  "0F 84 cd",
  "E8 cd",
  "75 cb",
  "EB cb",
  "0F 85 cd",
  "73 cb",
  "E9 cd",
  "7E cb",
  "0F 88 cd",
  "FF /2",
  "77 cb",
];

const BLOCKS = 700;
/** Instructions of a block from FREQUENT and from OTHERS. */
const MIX = [3, 2];

const TURNS = 100_000;

const TEXT = 0x40_0000;
const DATA = 0x60_0000;
const HEADERS = 64 + 2 * 56;
const PAGE = 4096;
const [RCX, RSP, RBX, R12] = [1, 4, 3, 12];
/** What instructions may change: neither RBX, which has DATA, nor RSP, nor RDI and R12, which index it. */
const REGISTERS = [0, 1, 2, 6, 8, 9, 10, 11, 5, 13, 14, 15];

class Assembler {
  readonly code: number[] = [];
  /** Counts operands, so that each takes another register and another form of address. */
  #turn = 0;

  /** Address of the next instruction. */
  get here(): number {
    return TEXT + HEADERS + this.code.length;
  }

  imm32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.code.push((value >>> shift) & 255);
  }

  /** One instruction in the notation above. */
  instruction(text: string): void {
    const words = text.split(" ");
    const wide = words.includes("W") ? 8 : 0;
    const plus = words.find((word) => word.endsWith("+r"));
    const opcode = words.filter((word) => /^[0-9A-F]{2}$/.test(word)).map((word) => Number.parseInt(word, 16));
    const immediate = words.includes("ib") ? 1 : words.includes("iz") ? 4 : 0;
    while ([0x66, 0xf2, 0xf3].includes(opcode[0])) this.code.push(opcode.shift()!);
    const form = words.find((word) => word[0] === "/");
    const register = form === "/r" || plus !== undefined ? this.#register() : 0;
    if (plus !== undefined) {
      if (wide || register > 7) this.code.push(0x40 | wide | (register >> 3));
      this.code.push(Number.parseInt(plus, 16) + (register & 7));
      if (words.includes("pop")) this.code.push(...(register > 7 ? [0x41] : []), 0x58 + (register & 7));
    } else if (form === undefined) {
      this.code.push(...(wide ? [0x48] : []), ...opcode);
    } else {
      const reg = form === "/r" ? register : Number(form[1]);
      if (words.includes("m")) this.#memory(opcode, wide, reg, immediate);
      else {
        const rm = this.#register();
        this.code.push(0x40 | wide | ((reg >> 3) << 2) | (rm >> 3), ...opcode, 0xc0 | ((reg & 7) << 3) | (rm & 7));
      }
    }
    if (immediate === 1) this.code.push(this.#turn & 31 || 1);
    if (immediate === 4) this.imm32(this.#turn * 257);
  }

  /** A block's last instructions. Those that would need a return address or a target get the next instruction's. */
  end(text: string): void {
    if (text === "FF /2") {
      this.code.push(0x48, 0x8d, 0x05); // lea rax, [rip+2]
      this.imm32(2);
      this.code.push(0xff, 0xd0, 0x58); // call rax; pop rax
      return;
    }
    const words = text.split(" ");
    const size = words.pop() === "cb" ? 1 : 4;
    this.code.push(...words.map((word) => Number.parseInt(word, 16)), ...new Array(size).fill(0));
    if (text === "E8 cd") this.code.push(0x58); // pop rax
  }

  /** Sets registers to numbers, in the order of a system call's arguments, and calls it. */
  call(number: number, ...args: number[]): void {
    const moves = [[0xbf], [0xbe], [0xba], [0x41, 0xba], [0x41, 0xb8], [0x41, 0xb9]];
    for (const [i, value] of args.entries()) {
      this.code.push(...moves[i]);
      this.imm32(value);
    }
    this.code.push(0xb8); // mov eax, number
    this.imm32(number);
    this.code.push(0x0f, 0x05); // syscall
  }

  #register(): number {
    return REGISTERS[this.#turn++ % REGISTERS.length];
  }

  #memory(opcode: readonly number[], wide: number, reg: number, immediate: number): void {
    const offset = 8 * (this.#turn % 12);
    const rex = 0x40 | wide | ((reg >> 3) << 2);
    const field = (reg & 7) << 3;
    switch (this.#turn++ % 5) {
      case 0: // [rbx+disp8]
        this.code.push(rex, ...opcode, 0x40 | field | RBX, offset);
        break;
      case 1: // [rsp+disp8]
        this.code.push(rex, ...opcode, 0x40 | field | RSP, 0x24, offset);
        break;
      case 2: // [rip+disp32]
        this.code.push(rex, ...opcode, field | 5);
        this.imm32(DATA + offset - (this.here + 4 + immediate));
        break;
      case 3: // [rbx+disp32]
        this.code.push(rex, ...opcode, 0x80 | field | RBX);
        this.imm32(PAGE + offset);
        break;
      case 4: // [rbx+r12*4+disp8]
        this.code.push(rex | 2, ...opcode, 0x44 | field, 0x80 | ((R12 & 7) << 3) | RBX, offset);
        break;
    }
  }
}

/** An ELF64 executable (elf(5)): code, and a segment of data with as much again that is not in the file. */
export function rehearsalProgram(): Uint8Array {
  const a = new Assembler();
  a.code.push(0xbb); // mov ebx, DATA
  a.imm32(DATA);
  a.code.push(0x45, 0x31, 0xe4); // xor r12d, r12d
  a.code.push(0x48, 0x81, 0xec); // sub rsp, 4096
  a.imm32(PAGE);
  for (let block = 0, next = [0, 0]; block < BLOCKS; block++) {
    for (const [i, list] of [FREQUENT, OTHERS].entries()) {
      for (let n = 0; n < MIX[i]; n++) {
        const text = list[next[i]++ % list.length];
        // String instructions: three elements, to DATA and from there.
        if (/^(F3 W AB|A4)$/.test(text)) a.code.push(0xb8 | RCX, 3, 0, 0, 0, 0x48, 0x89, 0xdf, 0x48, 0x89, 0xde);
        a.instruction(text);
      }
    }
    a.end(ENDS[block % ENDS.length]);
  }
  // A loop that takes so long that the engine sees fit to optimise the interpreter.
  a.code.push(0xb9); // mov ecx, TURNS
  a.imm32(TURNS);
  const loop = a.code.length;
  a.code.push(0x48, 0x8b, 0x03, 0x48, 0x01, 0xc2, 0x48, 0x89, 0x53, 0x08); // mov rax, [rbx]; add rdx, rax; mov [rbx+8], rdx
  a.code.push(0xff, 0xc9, 0x75); // dec ecx; jnz loop
  a.code.push((loop - a.code.length - 1) & 255);
  const buffer = DATA + PAGE;
  a.call(12, 0); // brk
  a.call(158, ARCH_SET_FS, DATA); // arch_prctl
  a.code.push(0x64, 0x48, 0x8b, 0x04, 0x25, 0x10, 0, 0, 0); // mov rax, fs:[16]
  a.call(218, buffer); // set_tid_address
  a.call(273, buffer, 24); // set_robust_list
  a.call(302, 0, 3, 0, buffer); // prlimit64(0, RLIMIT_STACK, NULL, …)
  a.call(89, DATA + 256, buffer, 64); // readlink("/proc/self/exe", …)
  a.call(318, buffer, 16, 1); // getrandom
  a.call(9, 0, 4 * PAGE, 3, 0x22, 0xffff_ffff, 0); // mmap
  a.code.push(0xc6, 0x00, 1, 0x48, 0x89, 0xc7); // mov byte [rax], 1; mov rdi, rax
  a.code.push(0xbe); // mov esi, 4 pages
  a.imm32(4 * PAGE);
  a.code.push(0xb8, 11, 0, 0, 0, 0x0f, 0x05); // munmap
  a.call(10, DATA, PAGE, 1); // mprotect
  a.call(257, 0xffff_ff9c, DATA + 280, 0); // openat(AT_FDCWD, "/none", O_RDONLY)
  a.call(262, 1, DATA + 271, buffer, 0x1000); // newfstatat(1, "", …, AT_EMPTY_PATH)
  a.call(16, 1, 0x5401, buffer); // ioctl(1, TCGETS, …)
  a.call(0, 0, buffer, 64); // read
  a.call(1, 1, DATA + 256, 14); // write
  a.call(231, 0); // exit_group

  const textSize = HEADERS + a.code.length;
  const dataOffset = Math.ceil(textSize / PAGE) * PAGE;
  const file = new Uint8Array(dataOffset + PAGE);
  const view = new DataView(file.buffer);
  const address = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // ELFCLASS64, little endian, EV_CURRENT
  view.setUint16(16, 2, true); // e_type ET_EXEC
  view.setUint16(18, 62, true); // e_machine EM_X86_64
  view.setUint32(20, 1, true); // e_version
  address(24, TEXT + HEADERS); // e_entry
  address(32, 64); // e_phoff
  view.setUint16(52, 64, true); // e_ehsize
  view.setUint16(54, 56, true); // e_phentsize
  view.setUint16(56, 2, true); // e_phnum
  const segment = (at: number, flags: number, offset: number, where: number, size: number, memory: number) => {
    view.setUint32(at, 1, true); // p_type PT_LOAD
    view.setUint32(at + 4, flags, true);
    address(at + 8, offset);
    address(at + 16, where);
    address(at + 32, size);
    address(at + 40, memory);
    address(at + 48, PAGE);
  };
  segment(64, 5, 0, TEXT, textSize, textSize);
  segment(120, 6, dataOffset, DATA, PAGE, 3 * PAGE);
  file.set(a.code, HEADERS);
  file.set(new TextEncoder().encode("/proc/self/exe\0\0\0\0\0\0\0\0\0\0/none"), dataOffset + 256);
  return file;
}
