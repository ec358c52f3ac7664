/** Binlet's side: runs cases on its CPU, in an address space as a process has it. */
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE } from "../../../src/abi/mman.ts";
import {
  FPE_FLTDIV,
  FPE_FLTINV,
  FPE_FLTOVF,
  FPE_FLTRES,
  FPE_FLTUND,
  FPE_INTDIV,
  ILL_ILLOPN,
  SEGV_ACCERR,
  SEGV_MAPERR,
  SI_KERNEL,
  SIGALRM,
  SIGBUS,
  SIGFPE,
  SIGILL,
  SIGSEGV,
  SIGTRAP,
  TRAP_BRKPT,
} from "../../../src/abi/signal.ts";
import { Cpu } from "../../../src/cpu/cpu.ts";
import { loadX87, saveX87 } from "../../../src/cpu/fx-image.ts";
import type { CpuHooks } from "../../../src/cpu/hooks.ts";
import {
  EXIT_FAULT,
  EXIT_FUEL,
  FAULT_ADDRESS,
  FAULT_VECTOR,
  FLOAT_LIMITS,
  FLOAT_LIMITS_SIZE,
  FUEL,
  FUEL_START,
  MXCSR,
  R_FS,
  R_GS,
  RIP,
  reg,
  VECTOR_BP,
  VECTOR_DB,
  VECTOR_DE,
  VECTOR_MF,
  VECTOR_PF,
  VECTOR_SS,
  VECTOR_UD,
  VECTOR_XM,
  X87,
  XMM,
} from "../../../src/cpu/state.ts";
import { Registers } from "../../../src/kernel/registers.ts";
import { AddressSpace } from "../../../src/memory/address-space.ts";
import { CAUSE_ACCERR } from "../../../src/memory/fault.ts";
import { PAGE_SIZE, STATE_ADDRESS } from "../../../src/memory/layout.ts";
import { map, protect } from "../../../src/memory/mapping.ts";
import { Frames } from "../../../src/memory/physical.ts";
import { FRAME_SHIFT } from "../../../src/memory/present.ts";
import { loadInterpreter } from "../../../tools/interpreter.ts";
import { type Case, EXECUTE, FX_MXCSR, FX_XMM, type Outcome, type Region, type State, WRITE } from "./cases.ts";

/** Instructions after which a case counts as a hang. More than the longest REP takes. */
const FUEL_LIMIT = 1_000_000;

export class GuestMachine {
  private readonly cpu: Cpu;
  private readonly frames: Frames;
  private readonly space: AddressSpace;
  private readonly registers: Registers;
  private readonly regions: Mapped[];
  private readonly hooks: CpuHooks;

  constructor(cpu: Cpu, frames: Frames, regions: readonly Region[]) {
    this.cpu = cpu;
    this.frames = frames;
    this.registers = new Registers(frames);
    const owner = { frames: 0, peakFrames: 0, frameLimit: 1024 };
    const space = new AddressSpace(frames, owner);
    this.space = space;
    space.activate();
    this.regions = regions.map((region) => mapRegion(space, region));
    this.hooks = {
      miss: (low, high, bytes, write) => space.miss(low, high, bytes, write),
      fetch: (address) => space.fetch(address),
      onCode: (frame) => frames.onCode(frame),
      syscall: () => 1,
    };
  }

  run(c: Case): Outcome {
    for (const patch of c.patches) this.write(patch.address, patch.bytes);
    this.load(c.state);
    const outcome = this.execute();
    outcome.changes = this.takeChanges(c);
    return outcome;
  }

  /** Writes memory and what is remembered of it, whatever its rights. */
  private write(address: number, bytes: Uint8Array): void {
    const region = this.find(address);
    const offset = address - region.address;
    region.before.set(bytes, offset);
    for (let done = 0; done < bytes.length; ) {
      const [page, at] = [Math.floor((offset + done) / PAGE_SIZE), (offset + done) % PAGE_SIZE];
      const count = Math.min(bytes.length - done, PAGE_SIZE - at);
      const frame = region.frames[page];
      this.frames.dropCode(frame);
      this.frames.u8.set(bytes.subarray(done, done + count), this.frames.address(frame) + at);
      done += count;
    }
  }

  private find(address: number): Mapped {
    return this.regions.find((r) => address >= r.address && address < r.address + r.before.length)!;
  }

  private load(state: State): void {
    const { frames, registers } = this;
    const { view, u8 } = frames;
    for (let i = 0; i < 16; i++) view.setBigUint64(STATE_ADDRESS + reg(i), state.gpr[i], true);
    view.setBigUint64(STATE_ADDRESS + reg(R_FS), state.fs, true);
    view.setBigUint64(STATE_ADDRESS + reg(R_GS), state.gs, true);
    view.setBigUint64(STATE_ADDRESS + RIP, state.rip, true);
    registers.flags = state.rflags;
    view.setInt32(STATE_ADDRESS + MXCSR, new DataView(state.fx.buffer).getInt32(FX_MXCSR, true), true);
    u8.fill(0, STATE_ADDRESS + FLOAT_LIMITS, STATE_ADDRESS + FLOAT_LIMITS + FLOAT_LIMITS_SIZE);
    u8.set(state.fx.subarray(FX_XMM, FX_XMM + 256), STATE_ADDRESS + XMM);
    loadX87(new Int32Array(state.fx.buffer), frames.i32, STATE_ADDRESS >> 2);
    registers.setField(FUEL, FUEL_LIMIT);
    registers.setField(FUEL_START, FUEL_LIMIT);
    this.space.activate();
  }

  private execute(): Outcome {
    this.cpu.hooks = this.hooks;
    let reason = this.cpu.run(FUEL_LIMIT);
    // PAUSE ends a slice, too.
    while (reason === EXIT_FUEL && this.registers.field(FUEL) > 0) reason = this.cpu.run(this.registers.field(FUEL));
    const state = this.store();
    const hang = [SIGALRM, SI_KERNEL, 0n] as const;
    const [signal, code, address] = reason === EXIT_FAULT ? this.signalOf(state.rip) : hang;
    return { signal, code, address, state, changes: [] };
  }

  private store(): State {
    const { view, u8 } = this.frames;
    const gpr = new BigUint64Array(16);
    for (let i = 0; i < 16; i++) gpr[i] = view.getBigUint64(STATE_ADDRESS + reg(i), true);
    const fx = new Uint8Array(FX_XMM + 256);
    saveX87(this.frames.i32, STATE_ADDRESS >> 2, new Int32Array(fx.buffer));
    fx.set(u8.subarray(STATE_ADDRESS + XMM, STATE_ADDRESS + XMM + 256), FX_XMM);
    new DataView(fx.buffer).setUint32(FX_MXCSR, view.getUint32(STATE_ADDRESS + MXCSR, true), true);
    return {
      gpr,
      rip: view.getBigUint64(STATE_ADDRESS + RIP, true),
      rflags: this.registers.flags,
      fs: view.getBigUint64(STATE_ADDRESS + reg(R_FS), true),
      gs: view.getBigUint64(STATE_ADDRESS + reg(R_GS), true),
      fx,
    };
  }

  /** Signal, si_code and si_addr that Linux sends for an exception (arch/x86/kernel/traps.c, arch/x86/mm/fault.c). */
  private signalOf(rip: bigint): [signal: number, code: number, address: bigint] {
    const { view } = this.frames;
    switch (view.getInt32(STATE_ADDRESS + FAULT_VECTOR, true)) {
      case VECTOR_PF: {
        const code = this.space.faultCause === CAUSE_ACCERR ? SEGV_ACCERR : SEGV_MAPERR;
        return [SIGSEGV, code, view.getBigUint64(STATE_ADDRESS + FAULT_ADDRESS, true)];
      }
      case VECTOR_BP:
        return [SIGTRAP, SI_KERNEL, 0n];
      case VECTOR_DB:
        return [SIGTRAP, TRAP_BRKPT, rip];
      case VECTOR_DE:
        return [SIGFPE, FPE_INTDIV, rip];
      case VECTOR_UD:
        return [SIGILL, ILL_ILLOPN, rip];
      case VECTOR_SS:
        return [SIGBUS, SI_KERNEL, 0n];
      case VECTOR_MF: {
        const [control, status] = [0, 2].map((at) => view.getUint16(STATE_ADDRESS + X87 + at, true));
        return [SIGFPE, floatCode(status & ~control), rip];
      }
      case VECTOR_XM: {
        const mxcsr = view.getUint32(STATE_ADDRESS + MXCSR, true);
        return [SIGFPE, floatCode(mxcsr & ~(mxcsr >> 7)), rip];
      }
      default:
        return [SIGSEGV, SI_KERNEL, 0n];
    }
  }

  /** What the case changed in memory; puts the memory back. */
  private takeChanges(c: Case): Outcome["changes"] {
    const changes: Outcome["changes"] = [];
    for (const region of this.regions) {
      if (!(region.rights & WRITE)) continue;
      for (let page = 0; page < region.frames.length; page++) this.comparePage(region, page, changes);
    }
    for (const patch of c.patches) {
      const { base, address } = this.find(patch.address);
      const offset = patch.address - address;
      this.write(patch.address, base.subarray(offset, offset + patch.bytes.length));
    }
    return changes;
  }

  private comparePage(region: Mapped, page: number, changes: Outcome["changes"]): void {
    const { u8, view } = this.frames;
    const host = this.frames.address(region.frames[page]);
    const offset = page * PAGE_SIZE;
    const before = region.before.subarray(offset, offset + PAGE_SIZE);
    if (Buffer.compare(u8.subarray(host, host + PAGE_SIZE), before) === 0) return;
    const was = new DataView(before.buffer, before.byteOffset);
    for (let at = 0; at < PAGE_SIZE; at += 8) {
      const value = view.getBigUint64(host + at, true);
      if (value !== was.getBigUint64(at, true)) changes.push({ address: region.address + offset + at, value });
    }
    u8.set(region.base.subarray(offset, offset + PAGE_SIZE), host);
    before.set(region.base.subarray(offset, offset + PAGE_SIZE));
  }
}

/** A machine of its own, with build/interpreter.wasm or another interpreter. */
export function createGuest(regions: readonly Region[], interpreter = loadInterpreter()): GuestMachine {
  const frames = new Frames();
  const cpu = new Cpu(interpreter, frames);
  frames.attach(cpu);
  return new GuestMachine(cpu, frames, regions);
}

interface Mapped {
  address: number;
  rights: number;
  /** The frame of each page; it stays the same. */
  frames: number[];
  base: Uint8Array;
  /** What memory held when the case started. */
  before: Uint8Array;
}

function mapRegion(space: AddressSpace, region: Region): Mapped {
  const { address, contents, rights } = region;
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  map(space, { address, length: contents.length, prot: PROT_READ | PROT_WRITE, flags, source: null, offset: 0 });
  space.user.copyOut(address, contents);
  const prot = PROT_READ | (rights & WRITE ? PROT_WRITE : 0) | (rights & EXECUTE ? PROT_EXEC : 0);
  protect(space, address, contents.length, prot);
  const frames: number[] = [];
  for (let at = 0; at < contents.length; at += PAGE_SIZE) {
    frames.push(space.present.get((address + at) / PAGE_SIZE) >>> FRAME_SHIFT);
  }
  return { address, rights, frames, base: contents, before: contents.slice() };
}

/** FPE_* by the first of the unmasked exceptions, in the order of fpu__exception_code. */
function floatCode(raised: number): number {
  if (raised & 0x01) return FPE_FLTINV;
  if (raised & 0x04) return FPE_FLTDIV;
  if (raised & 0x08) return FPE_FLTOVF;
  if (raised & 0x12) return FPE_FLTUND;
  return raised & 0x20 ? FPE_FLTRES : 0;
}
