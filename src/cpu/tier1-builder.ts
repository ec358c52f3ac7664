/**
 * Tier 1's binding of the Builder: operands are constants, registers and flags live in locals of the function that is
 * being made. What it cannot do (a page table miss, a page-crossing access, an exception, leaving to the kernel) it leaves to
 * tier 0: the function returns with all of the state written back and RIP at the instruction, which has done nothing yet.
 */
import type { Access, Bits, Helper, Operand, Ty, Val } from "../isa/builder.ts";
import { ARITH, type DecodedOperand, type Instruction } from "../isa/types.ts";
import { PAGE_SIZE, PAGE_TABLE_READ, PAGE_TABLE_WRITE, STATE_ADDRESS } from "../memory/layout.ts";
import { type CompiledHelper, MeaningBuilder, type Translated } from "./builder.ts";
import type { Node, Variable } from "./ir/graph.ts";
import {
  ADJUST,
  CARRY,
  OVERFLOW,
  PARITY_RESULT,
  R_FS,
  R_GS,
  R_PAGE,
  RIP,
  reg,
  SIGN_RESULT,
  X87_REGISTERS,
  XMM,
  ZERO_RESULT,
} from "./state.ts";

/** The instruction cannot be part of a region. */
export class NotTranslatable extends Error {}

const FLAG_FIELDS = new Set([ZERO_RESULT, SIGN_RESULT, PARITY_RESULT, CARRY, OVERFLOW, ADJUST]);

/** A part of the state that a local stands for. */
interface Cached {
  readonly ty: Ty;
  readonly variable: Variable;
  dirty: boolean;
}

export class Tier1Builder extends MeaningBuilder {
  /** State fields in locals, by offset. */
  private readonly cached = new Map<number, Cached>();
  private readonly helperIndex: (h: Helper) => CompiledHelper;
  private instruction!: Instruction;
  private offset = 0;
  /** Instructions that have retired when the present one begins. */
  private retiredBefore = 0;
  private live = ARITH;

  /**
   * `fields`: offsets and types of the state that the region touches, which are loaded at its entry; a first build with
   * none finds out what they are (`touched`).
   */
  constructor(fields: ReadonlyMap<number, Ty>, helperIndex: (h: Helper) => CompiledHelper) {
    super();
    this.helperIndex = helperIndex;
    for (const [offset, ty] of fields) this.cache(offset, ty);
  }

  get touched(): ReadonlyMap<number, Ty> {
    return new Map([...this.cached].map(([offset, c]) => [offset, c.ty]));
  }

  /** Adds an instruction at an offset of the page. `live`: flags that can be seen after it. Returns false if it has left. */
  append(instruction: Instruction, offset: number, retired: number, live: number): boolean {
    this.instruction = instruction;
    this.offset = offset;
    this.retiredBefore = retired;
    this.live = live;
    this.wrote = false;
    this.faulted = false;
    instruction.row.meaning(this, ...this.operands());
    return !this.ended;
  }

  /** Leaves at the end of the region. */
  finish(offset: number, retired: number): void {
    this.leave(this.inPage(offset), retired);
  }

  // ---- state

  private cache(offset: number, ty: Ty): Cached {
    const known = this.cached.get(offset);
    if (known) {
      if (known.ty !== ty) throw new NotTranslatable(`state at ${offset} is used as ${known.ty} and as ${ty}`);
      return known;
    }
    const made = { ty, variable: this.g.variable(ty), dirty: false };
    this.cached.set(offset, made);
    this.load(offset, made);
    return made;
  }
  private load(offset: number, c: Cached): void {
    this.g.set(c.variable, this.g.load(`${c.ty}.load`, this.i32(0), STATE_ADDRESS + offset));
  }
  private read(offset: number, ty: Ty): Node {
    return this.g.read(this.cache(offset, ty).variable);
  }
  private write(offset: number, v: Val): void {
    this.wrote = true;
    const c = this.cache(offset, v.ty);
    c.dirty = true;
    this.g.set(c.variable, v as Node);
  }
  private spill(): void {
    for (const [offset, c] of this.cached) {
      if (c.dirty) this.g.store(`${c.ty}.store`, this.i32(0), STATE_ADDRESS + offset, this.g.read(c.variable));
    }
  }
  private reload(): void {
    for (const [offset, c] of this.cached) this.load(offset, c);
  }

  readReg(n: number, bits: Bits): Node {
    return this.register(n, bits, false);
  }
  writeReg(n: number, bits: Bits, v: Val): void {
    this.writeRegister(n, bits, false, v);
  }
  private register(n: number, bits: Bits, high: boolean): Node {
    const whole = this.read(reg(n), "i64");
    if (bits === 64) return whole;
    const low = this.wrap(whole);
    return this.zeroExtend(bits, high ? this.shrU(low, this.i32(8)) : low);
  }
  private writeRegister(n: number, bits: Bits, high: boolean, v: Val): void {
    if (bits === 64) {
      this.write(reg(n), v);
      return;
    }
    if (bits === 32) {
      this.write(reg(n), this.extendU(v));
      return;
    }
    const shift = high ? 8 : 0;
    const mask = BigInt(2 ** bits - 1) << BigInt(shift);
    const kept = this.and(this.read(reg(n), "i64"), this.i64(~mask));
    this.write(reg(n), this.or(kept, this.shl(this.toI64(bits, v), this.i64(shift))));
  }
  readXmm(n: number): Node {
    return this.read(XMM + n * 16, "v128");
  }
  writeXmm(n: number, v: Val): void {
    this.write(XMM + n * 16, v);
  }
  readState(offset: number, ty: Ty): Node {
    if (FLAG_FIELDS.has(offset)) return this.read(offset, ty);
    return this.g.load(`${ty}.load`, this.i32(0), STATE_ADDRESS + offset);
  }
  writeState(offset: number, v: Val): void {
    if (FLAG_FIELDS.has(offset)) {
      this.write(offset, v);
      return;
    }
    this.wrote = true;
    this.g.store(`${v.ty}.store`, this.i32(0), STATE_ADDRESS + offset, v as Node);
  }
  readStateAt(offset: number, index: Val, ty: Ty): Node {
    return this.g.load(`${ty}.load`, index as Node, STATE_ADDRESS + offset);
  }
  writeStateAt(offset: number, index: Val, v: Val): void {
    this.wrote = true;
    this.g.store(`${v.ty}.store`, index as Node, STATE_ADDRESS + offset, v as Node);
  }
  protected override liveFlags(): number {
    return this.live;
  }

  // ---- operands

  private operands(): Operand[] {
    return this.instruction.operands.map((o) => this.operand(o));
  }

  private operand(o: DecodedOperand): Operand {
    const none = (): never => {
      throw new Error(`no such access to an operand of kind ${o.kind}`);
    };
    const base = { kind: o.kind, bits: o.bits, read: none, write: none, ea: none, offset: none };
    const once = (make: () => Val) => {
      let value: Val | undefined;
      return () => (value ??= make());
    };
    const { reg: n, high, bits, imm, imm64 } = o;
    switch (o.kind) {
      case "reg":
        return {
          ...base,
          read: once(() => this.register(n, bits, high)),
          write: (v) => this.writeRegister(n, bits, high, v),
        };
      case "xmm":
        return { ...base, read: once(() => this.readXmm(n)), write: (v) => this.writeXmm(n, v) };
      case "mmx":
        return {
          ...base,
          read: once(() => this.readState(X87_REGISTERS + n * 16, "i64")),
          write: (v) => {
            this.writeState(X87_REGISTERS + n * 16, v);
            this.writeState(X87_REGISTERS + n * 16 + 8, this.i32(0xffff));
          },
        };
      case "st":
        return { ...base, read: () => this.i32(imm) };
      case "imm": {
        const value = bits === 64 ? this.i64(imm64 ?? imm) : this.zeroExtend(bits, this.i32(imm));
        return { ...base, read: () => value };
      }
      case "rel":
        return { ...base, bits: 64 };
      case "mem":
        return { ...base, ...this.memory(bits, o.access) };
    }
  }

  private memory(bits: Bits, access: Access | "a"): Pick<Operand, "read" | "write" | "ea" | "offset"> {
    const { row, memory } = this.instruction;
    let place: ReturnType<MeaningBuilder["place"]> | undefined;
    let value: Val | undefined;
    let linear: Node | undefined;
    const ea = () => {
      if (linear) return linear;
      const offset = this.effectiveOffset();
      const segment = memory.segment === 1 ? R_FS : R_GS;
      linear = memory.segment === 0 ? offset : this.add64(offset, this.readReg(segment, 64));
      return linear;
    };
    const placed = () => {
      if (place) return place;
      if (access === "a") throw new Error("an address-only operand is neither read nor written");
      if (bits === 128 && !row.unaligned) this.requireAligned(ea(), 16);
      return (place = this.place(bits, ea(), access));
    };
    return {
      ea,
      offset: () => this.effectiveOffset(),
      read: () => (value ??= placed().load()),
      write: (v) => placed().store(v),
    };
  }

  private add64(a: Node, b: Node): Node {
    return this.g.op("i64.add", [a, b]);
  }

  private effectiveOffset(): Node {
    const m = this.instruction.memory;
    if (m.displacement64 !== undefined) return this.i64(m.displacement64);
    let ea: Node = this.i64(m.displacement);
    if (m.ripRelative) ea = this.add64(ea, this.inPage(this.offset + this.instruction.length));
    if (m.index >= 0) ea = this.add64(this.shl(this.readReg(m.index, 64), this.i64(m.scale)), ea);
    if (m.base >= 0) ea = this.add64(this.readReg(m.base, 64), ea);
    return m.address32 ? this.zeroExtend(32, ea) : ea;
  }

  // ---- memory

  protected override translate(bytes: number, ea: Node, access: Access): Translated {
    this.mayFault("a memory access");
    const address = this.wrap(ea);
    const leave = (cond: Node) => this.g.if(cond, () => this.leaveHere());
    leave(this.wrap(this.shrU(ea, this.i64(32))));
    const slot = this.shl(this.shrU(address, this.i32(12)), this.i32(2));
    const entry = this.g.load("i32.load", slot, access === "r" ? PAGE_TABLE_READ : PAGE_TABLE_WRITE);
    const within = (v: Node) => this.and(v, this.i32(PAGE_SIZE - 1));
    const end = this.g.op("i32.add", [within(address), within(entry)]);
    leave(bytes === 1 ? within(entry) : this.gtU(end, this.i32(PAGE_SIZE - bytes)));
    return { host: this.g.op("i32.add", [entry, address]), commit: () => {} };
  }

  protected override helper(h: Helper): CompiledHelper {
    return this.helperIndex(h);
  }
  /** Helpers find registers and flags in the state. */
  override call(h: Helper, ...args: Val[]): Val[] {
    this.spill();
    const results = super.call(h, ...args);
    this.reload();
    return results;
  }

  // ---- leaving

  /** R_PAGE + a constant. */
  private inPage(offset: number): Node {
    return this.add64(this.g.load("i64.load", this.i32(0), STATE_ADDRESS + reg(R_PAGE)), this.i64(offset));
  }
  /** Returns the number of instructions that have retired, with RIP where tier 0 is to go on. */
  private leave(rip: Node, retired: number): void {
    this.spill();
    this.g.store("i64.store", this.i32(0), STATE_ADDRESS + RIP, rip);
    this.g.return(this.i32(retired));
  }
  private leaveHere(): void {
    this.leave(this.inPage(this.offset), this.retiredBefore);
  }
  protected override fault(): void {
    this.leaveHere();
  }
  protected override propagateFault(): void {
    this.leaveHere();
  }
  override nextRip(): Node {
    return this.inPage(this.offset + this.instruction.length);
  }
  override jump(target: Val): void {
    this.leave(target as Node, this.retiredBefore + 1);
    this.ended = true;
  }
  override jumpRel(target: Operand, cond?: Val): void {
    const rel = this.instruction.operands.find((o) => o.kind === target.kind);
    const next = this.offset + this.instruction.length;
    const taken = this.inPage(next + rel!.imm);
    this.jump(cond ? this.select(this.ne(cond, this.i32(0)), taken, this.inPage(next)) : taken);
  }

  private toTier0(): never {
    throw new NotTranslatable(this.instruction.row.name);
  }
  protected override fuel(): Node {
    return this.toTier0();
  }
  /** A miss after something has been written could not be left to tier 0. */
  override recheck(): void {
    this.toTier0();
  }
  override trap(): void {
    this.toTier0();
  }
  override syscall(): void {
    this.toTier0();
  }
  override repeatIf(_cond: Val): void {
    this.toTier0();
  }
  override yieldSlice(): void {
    this.toTier0();
  }
}
