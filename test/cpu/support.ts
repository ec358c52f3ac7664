/** A CPU with an address space and a few pages of code, for tests that say exactly what is executed. */
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE } from "../../src/abi/mman.ts";
import { Cpu } from "../../src/cpu/cpu.ts";
import { FUEL, FUEL_START, JUMP_TAG, MXCSR, RIP, reg } from "../../src/cpu/state.ts";
import { Registers } from "../../src/kernel/registers.ts";
import { AddressSpace } from "../../src/memory/address-space.ts";
import { STATE_ADDRESS } from "../../src/memory/layout.ts";
import { map } from "../../src/memory/mapping.ts";
import { Frames } from "../../src/memory/physical.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";

export const CODE = 0x40_0000;

/** Machine code as hexadecimal text; blanks and anything in parentheses are ignored. */
export function machineCode(text: string): Uint8Array {
  const digits = text.replace(/\([^)]*\)/g, "").replace(/\s/g, "");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export class Bench {
  readonly frames = new Frames();
  readonly cpu = new Cpu(loadInterpreter(), this.frames);
  readonly space: AddressSpace;
  readonly registers = new Registers(this.frames);
  /** What SYSCALL does: by default it leaves. */
  syscall: () => number = () => 1;

  constructor() {
    this.frames.attach(this.cpu);
    this.space = new AddressSpace(this.frames, { frames: 0, peakFrames: 0, frameLimit: 8192 });
    this.space.activate();
    this.registers.clear();
    this.registers.setField(MXCSR, 0x1f80);
    this.cpu.hooks = {
      miss: (low, high, bytes, write) => this.space.miss(low, high, bytes, write),
      fetch: (address) => this.space.fetch(address),
      onCode: (frame) => this.frames.onCode(frame),
      syscall: () => this.syscall(),
    };
  }

  /** Maps readable, writable, executable memory. */
  map(address: number, length: number): void {
    const prot = PROT_READ | PROT_WRITE | PROT_EXEC;
    const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    map(this.space, { address, length, prot, flags, source: null, offset: 0 });
  }

  /** Puts code at an address that is mapped, and RIP there. */
  load(code: string | Uint8Array, address = CODE): void {
    this.space.user.copyOut(address, typeof code === "string" ? machineCode(code) : code);
    this.registers.rip = address;
  }

  /** Runs a slice; returns why it ended. */
  run(fuel = 1_000_000): number {
    this.registers.setField(FUEL_START, fuel);
    this.space.activate();
    return this.cpu.run(fuel);
  }

  /** Instructions that retired in the last slice. */
  get retired(): number {
    return this.registers.field(FUEL_START) - this.registers.field(FUEL);
  }
  get rip(): number {
    return Number(this.frames.view.getBigUint64(STATE_ADDRESS + RIP, true));
  }
  register(n: number): bigint {
    return this.frames.view.getBigUint64(STATE_ADDRESS + reg(n), true);
  }
  get jumpTag(): number {
    return this.registers.field(JUMP_TAG);
  }
}
