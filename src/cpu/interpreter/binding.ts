/**
 * Tier 0's binding of the Builder: operands come from the micro-op at `pc`, registers from the state in memory.
 *
 * There are three places that a meaning is compiled into, and they differ in what happens when something goes wrong:
 * - "hot", inside the loop of `run`: whatever is not plain sailing (a page table miss, a page-crossing access, any exception)
 *   branches to the label `careful`. Nothing has been written then, so the instruction is begun again there;
 * - "cold", inside a function `(pc) -> next`: accesses go through a helper that asks the memory and handles page crossing,
 *   exceptions are raised;
 * - "helper": as cold, but a fault is returned to the caller.
 */
import type { Access, Bits, Cond, FlagValues, Helper, Operand, Ty, Val } from "../../isa/builder.ts";
import { ARITH } from "../../isa/types.ts";
import { PAGE_SIZE, PAGE_TABLE_READ, PAGE_TABLE_WRITE, STATE_ADDRESS } from "../../memory/layout.ts";
import { type CompiledHelper, MeaningBuilder, type Translated } from "../builder.ts";
import type { Label, Node } from "../ir/graph.ts";
import {
  BASE,
  COUNT,
  DISP,
  ENDS_AFTER,
  FUSED,
  IMM,
  INDEX,
  LINKS_NEXT_IMM,
  LINKS_TAKEN,
  MICRO_OP_SIZE,
  type OperandShape,
  PAGE_OFFSET,
  SEPARATE_SEGMENT,
  type Shape,
  SRC,
  TERMINATOR,
  USES_NEXT,
} from "../microop.ts";
import {
  EXIT_FUEL,
  EXIT_MICRO_OP,
  EXIT_SYSCALL,
  FAULT_ADDRESS,
  FAULT_CODE,
  FAULT_VECTOR,
  FUEL,
  R_EA,
  R_PAGE,
  RIP,
  reg,
  X87_REGISTERS,
  XMM,
} from "../state.ts";
import { BOUNCE_SLOTS, SCRATCH_LIMIT, translateSpec } from "./scratch.ts";

/** The handler cannot be hot: it does something that only the careful form can. */
export class NotHot extends Error {}

/** Indices of functions that handlers call. */
export interface Functions {
  readonly translate: number;
  readonly commit: number;
  readonly syscall: number;
  helper(h: Helper): CompiledHelper;
}

/** Fixed locals of `run`; `pc` is also the parameter of the cold functions. */
export const PC = 0;
export const FUEL_LOCAL = 1;
export const SLOT_LOCAL = 2;
export const RIP_LOCAL = 3;

/** Labels of `run` (hot) and of the cold functions. */
export interface Labels {
  readonly next: Label;
  readonly careful: Label;
  /** A link whose address is in SLOT_LOCAL is to be followed; fuel has been taken off. */
  readonly slow: Label;
  /** Goes to RIP_LOCAL; fuel has been taken off. */
  readonly indirect: Label;
  /** Cold: the state holds an exception. */
  readonly fault: Label;
}

export interface Binding {
  readonly place: "hot" | "cold" | "helper";
  readonly functions: Functions;
  readonly labels: Labels;
  readonly shape: Shape;
  /** The address has an index (hot only; cold forms always do). */
  readonly indexed: boolean;
  readonly liveFlags: number;
  /** The condition code of the branch this is fused with. */
  readonly fused?: Cond;
  readonly separateSegment: boolean;
  /** Result types of the helper that is compiled. */
  readonly results?: readonly Ty[];
}

const LOADS: Record<Bits, string> = {
  8: "i32.load8_u",
  16: "i32.load16_u",
  32: "i32.load",
  64: "i64.load",
  128: "v128.load",
};

export class Tier0Builder extends MeaningBuilder {
  private readonly to: Binding;
  /** Attributes of the handler (microop.ts), known when its meaning has been built. */
  attributes = 0;
  usesOffset = false;
  private captured: FlagValues | undefined;
  private bounce = 0;

  constructor(to: Binding) {
    super();
    this.to = to;
    if (to.fused !== undefined) this.attributes = FUSED | TERMINATOR | LINKS_TAKEN | LINKS_NEXT_IMM;
    if (to.separateSegment) this.attributes |= SEPARATE_SEGMENT;
  }

  private get hot(): boolean {
    return this.to.place === "hot";
  }
  private pc(): Node {
    return this.g.get("i32", PC);
  }
  /** A field of the micro-op: u8 or i32, constant while the handler runs. */
  private byte(field: number): Node {
    return this.g.load("i32.load8_u", this.pc(), field, true);
  }
  private word(field: number): Node {
    return this.g.load("i32.load", this.pc(), field, true);
  }
  /** Offset of the micro-op that holds count and links. */
  private get tail(): number {
    return this.to.fused === undefined ? 0 : MICRO_OP_SIZE;
  }

  // ---- state

  private readAt(file: Node, offset: number, bits: Bits): Node {
    return this.g.load(LOADS[bits], file, STATE_ADDRESS + offset);
  }
  private writeAt(file: Node, offset: number, bits: Bits, v: Val): void {
    this.wrote = true;
    const at = STATE_ADDRESS + offset;
    if (bits === 32) this.g.store("i64.store", file, at, this.extendU(v));
    else if (bits === 64) this.g.store("i64.store", file, at, v as Node);
    else if (bits === 128) this.g.store("v128.store", file, at, v as Node);
    else this.g.store(`i32.store${bits}`, file, at, v as Node);
  }
  readReg(n: number, bits: Bits): Node {
    return this.readAt(this.i32(0), reg(n), bits);
  }
  writeReg(n: number, bits: Bits, v: Val): void {
    this.writeAt(this.i32(0), reg(n), bits, v);
  }
  readXmm(n: number): Node {
    return this.readAt(this.i32(0), XMM + n * 16, 128);
  }
  writeXmm(n: number, v: Val): void {
    this.writeAt(this.i32(0), XMM + n * 16, 128, v);
  }
  readState(offset: number, ty: Ty): Node {
    return this.g.load(`${ty}.load`, this.i32(0), STATE_ADDRESS + offset);
  }
  writeState(offset: number, v: Val): void {
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
  /** Writes state on the way out: no effect of the instruction. */
  private leaveState(offset: number, v: Node): void {
    this.g.store(`${v.ty}.store`, this.i32(0), STATE_ADDRESS + offset, v);
  }

  protected override liveFlags(): number {
    return this.to.liveFlags;
  }
  override setFlags(f: FlagValues): void {
    if (this.to.fused === undefined) return super.setFlags(f);
    if (this.captured) throw new NotHot("flags set twice cannot be fused");
    this.captured = f;
    super.setFlags(f);
  }

  // ---- operands

  operands(): Operand[] {
    return this.to.shape.operands.map((o) => this.operand(o));
  }

  private operand(o: OperandShape): Operand {
    const none = (): never => {
      throw new Error(`no such access to an operand of kind ${o.kind}`);
    };
    const base = { kind: o.kind, bits: o.bits, read: none, write: none, ea: none, offset: none };
    switch (o.kind) {
      case "reg":
      case "xmm":
        return { ...base, ...this.register(o) };
      case "mmx":
        return { ...base, ...this.mmx(o) };
      case "st":
      case "imm": {
        const value = this.immediate(o);
        return { ...base, read: () => value };
      }
      case "rel":
        return base;
      case "mem":
        return { ...base, ...this.memory(o) };
    }
  }

  private register(o: OperandShape): Pick<Operand, "read" | "write"> {
    const file = o.fixed >= 0 ? this.i32(reg(o.fixed)) : this.byte(o.field);
    const offset = o.kind === "xmm" ? XMM : 0;
    const bits = o.kind === "xmm" ? 128 : o.bits;
    let value: Node | undefined;
    return {
      read: () => (value ??= this.readAt(file, offset, bits)),
      write: (v) => this.writeAt(file, offset, bits, v),
    };
  }

  private mmx(o: OperandShape): Pick<Operand, "read" | "write"> {
    const at = this.byte(o.field);
    let value: Val | undefined;
    return {
      read: () => (value ??= this.readStateAt(X87_REGISTERS, at, "i64")),
      write: (v) => {
        this.writeStateAt(X87_REGISTERS, at, v);
        this.writeStateAt(X87_REGISTERS + 8, at, this.i32(0xffff));
      },
    };
  }

  private immediate(o: OperandShape): Node {
    if (o.fixed >= 0) return o.bits === 64 ? this.i64(o.fixed) : this.i32(o.fixed);
    if (o.wide) return this.g.load("i64.load", this.pc(), o.field, true);
    const value = this.word(o.field);
    return o.bits === 64 ? this.extendS(value) : this.zeroExtend(o.bits, value);
  }

  private memory(o: OperandShape): Pick<Operand, "read" | "write" | "ea" | "offset"> {
    let linear: Node | undefined;
    let place: { load(): Val; store(v: Val): void } | undefined;
    let value: Val | undefined;
    const offset = () => {
      let ea = this.g.load("i64.load", this.byte(BASE), STATE_ADDRESS);
      if (!this.hot || this.to.indexed) {
        const index = this.g.load("i64.load", this.byte(INDEX), STATE_ADDRESS);
        const scale = this.shrU(this.byte(PAGE_OFFSET + 1), this.i32(4));
        ea = this.add(ea, this.shl(index, this.extendU(scale)));
      }
      return this.add(ea, this.extendS(this.word(DISP)));
    };
    const ea = () => {
      if (linear) return linear;
      linear = offset();
      if (this.to.separateSegment) {
        linear = this.add(linear, this.g.load("i64.load", this.byte(SRC), STATE_ADDRESS));
      }
      return linear;
    };
    const placed = () => {
      if (place) return place;
      if (o.access === "a") throw new Error("an address-only operand is neither read nor written");
      if (o.bits === 128 && this.to.shape.aligned) this.requireAligned(ea(), 16);
      return (place = this.place(o.bits, ea(), o.access));
    };
    return {
      ea,
      offset: () => {
        this.usesOffset = true;
        return offset();
      },
      read: () => (value ??= placed().load()),
      write: (v) => placed().store(v),
    };
  }

  // ---- memory

  protected override translate(bytes: number, ea: Node, access: Access): Translated {
    this.mayFault("a memory access");
    return this.hot ? this.translateHot(bytes, ea, access) : this.translateCold(bytes, ea, access);
  }

  private translateHot(bytes: number, ea: Node, access: Access): Translated {
    const careful = this.to.labels.careful;
    const address = this.wrap(ea);
    this.g.brIf(this.wrap(this.shrU(ea, this.i64(32))), careful);
    const table = access === "r" ? PAGE_TABLE_READ : PAGE_TABLE_WRITE;
    const slot = this.shl(this.shrU(address, this.i32(12)), this.i32(2));
    const entry = this.g.load("i32.load", slot, table);
    const low = this.and(entry, this.i32(PAGE_SIZE - 1));
    if (bytes === 1) this.g.brIf(low, careful);
    else {
      const end = this.add(this.and(address, this.i32(PAGE_SIZE - 1)), low);
      this.g.brIf(this.gtU(end, this.i32(PAGE_SIZE - bytes)), careful);
    }
    return { host: this.add(entry, address), commit: () => {} };
  }

  private translateCold(bytes: number, ea: Node, access: Access): Translated {
    if (this.bounce >= BOUNCE_SLOTS) throw new Error("too many memory places in one instruction");
    const slot = this.bounce++;
    const { translate, commit } = this.to.functions;
    const spec = translateSpec(bytes, slot, access !== "r");
    const [host] = this.g.call(translate, ["i32"], [ea, this.i32(spec)]);
    this.g.if(this.eqz(host), () => this.propagateFault());
    return {
      host,
      commit: () =>
        this.g.if(this.ltU(host, this.i32(SCRATCH_LIMIT)), () => void this.g.call(commit, [], [this.i32(slot)])),
    };
  }

  protected override helper(h: Helper): CompiledHelper {
    return this.to.functions.helper(h);
  }

  override call(h: Helper, ...args: Val[]): Val[] {
    if (!this.hot) return super.call(h, ...args);
    // The careful form begins the instruction again and calls the helper there.
    if (this.wrote || this.g.atRoot) throw new NotHot(`helper ${h.name}`);
    this.g.br(this.to.labels.careful);
    return h.results.map((ty) => this.zero(ty));
  }

  private zero(ty: Ty): Node {
    if (ty === "v128") return this.v128(new Array(16).fill(0));
    return this.g.const(ty, ty === "i64" ? 0n : 0);
  }

  // ---- leaving

  protected override fault(vector: number): void {
    if (this.hot) return this.g.br(this.to.labels.careful);
    this.leaveState(FAULT_VECTOR, this.i32(vector));
    this.leaveState(FAULT_CODE, this.i32(0));
    this.leaveState(FAULT_ADDRESS, this.i64(0));
    this.propagateFault();
  }

  protected override propagateFault(): void {
    if (this.to.place === "helper") this.g.return(...this.to.results!.map((ty) => this.zero(ty)), this.i32(1));
    else this.g.br(this.hot ? this.to.labels.careful : this.to.labels.fault);
  }

  protected override fuel(): Node {
    this.attributes |= ENDS_AFTER;
    return this.hot ? this.g.get("i32", FUEL_LOCAL) : this.readState(FUEL, "i32");
  }

  private pageOffset(): Node {
    const u16 = this.g.load("i32.load16_u", this.pc(), PAGE_OFFSET, true);
    return this.and(u16, this.i32(PAGE_SIZE - 1));
  }
  /** Linear address of this instruction. */
  private thisRip(): Node {
    return this.add(this.readReg(R_PAGE, 64), this.extendU(this.pageOffset()));
  }
  override nextRip(): Node {
    this.attributes |= USES_NEXT;
    if (this.to.shape.nextField < DISP || (this.to.shape.nextField === DISP && this.to.shape.isMemory)) {
      throw new Error("no field is left for the next instruction's address");
    }
    return this.add(this.readReg(R_PAGE, 64), this.extendS(this.word(this.to.shape.nextField)));
  }

  /** Takes the block's instructions off the fuel. */
  private retire(): void {
    this.attributes |= TERMINATOR;
    const count = this.byte(COUNT + this.tail);
    if (this.hot) this.g.setFixed(FUEL_LOCAL, this.sub(this.g.get("i32", FUEL_LOCAL), count));
    else this.leaveState(FUEL, this.sub(this.readState(FUEL, "i32"), count));
  }

  private coldOnly(): void {
    if (this.hot) throw new NotHot("only the careful form can do this");
    if (this.to.place === "helper") throw new Error("a helper cannot transfer control");
  }

  private leave(reason: number): void {
    this.g.return(this.i32(reason));
    this.ended = true;
  }

  override trap(vector: number): void {
    this.coldOnly();
    this.attributes |= TERMINATOR;
    this.leaveState(FAULT_VECTOR, this.i32(vector));
    this.leaveState(FAULT_CODE, this.i32(0));
    this.leaveState(FAULT_ADDRESS, this.i64(0));
    this.leaveState(RIP, this.nextRip());
    this.leave(4);
  }

  override jump(target: Val): void {
    if (this.hot) {
      this.g.setFixed(RIP_LOCAL, target as Node);
      this.retire();
      this.g.br(this.to.labels.indirect);
    } else {
      this.leaveState(RIP, target as Node);
      this.retire();
      this.g.return(this.i32(0));
    }
    this.ended = true;
  }

  override jumpRel(_target: Operand, cond?: Val): void {
    this.attributes |= LINKS_TAKEN | (cond ? LINKS_NEXT_IMM : 0);
    this.follow(DISP, cond && { holds: cond as Node, otherwise: IMM });
  }

  /** Ends a fused pair: branches by what the first instruction's flags say. */
  branchFused(): void {
    const holds = this.captured && this.conditionOf(this.captured, this.to.fused!);
    if (!holds) throw new NotHot("the condition cannot be told from the flags");
    this.follow(DISP, { holds, otherwise: IMM });
  }

  /** Goes to the block that the field at `taken` links to, or if the condition does not hold, to the other one. */
  private follow(taken: number, condition?: { holds: Node; otherwise: number }): void {
    this.attributes |= TERMINATOR;
    this.ended = true;
    const { next, slow } = this.to.labels;
    const field = (n: number) => this.add(this.pc(), this.i32(n + this.tail));
    if (!this.hot) {
      const go = (n: number) => this.g.return(this.or(field(n), this.i32(1)));
      if (!condition) return go(taken);
      this.g.if(condition.holds, () => go(taken));
      return go(condition.otherwise);
    }
    const choose = (n: number) => this.g.setFixed(SLOT_LOCAL, field(n));
    if (!condition) choose(taken);
    else
      this.g.if(
        condition.holds,
        () => choose(taken),
        () => choose(condition.otherwise),
      );
    this.retire();
    const link = this.g.load("i32.load", this.g.get("i32", SLOT_LOCAL), 0);
    const out = this.leS(this.g.get("i32", FUEL_LOCAL), this.i32(0));
    this.g.brIf(this.or(this.and(link, this.i32(1)), out), slow);
    this.g.setFixed(PC, link);
    this.g.br(next);
  }

  override recheck(body: () => void): void {
    this.coldOnly();
    super.recheck(body);
  }

  override syscall(): void {
    this.coldOnly();
    this.leaveState(RIP, this.nextRip());
    this.retire();
    const [left] = this.g.call(this.to.functions.syscall, ["i32"], []);
    this.g.if(left, () => this.g.return(this.i32(EXIT_SYSCALL)));
    this.leave(0);
  }

  override repeatIf(cond: Val): void {
    this.coldOnly();
    this.attributes |= TERMINATOR | LINKS_NEXT_IMM;
    this.g.if(cond as Node, () => {
      const left = this.sub(this.readState(FUEL, "i32"), this.i32(1));
      this.leaveState(FUEL, left);
      // The address may be computed by a micro-op before, which has to see the registers as they are now.
      const computed = this.eq(this.byte(BASE), this.i32(reg(R_EA)));
      const again = this.select(computed, this.sub(this.pc(), this.i32(MICRO_OP_SIZE)), this.pc());
      this.g.if(this.gtS(left, this.i32(0)), () => this.g.return(again));
      this.leaveState(RIP, this.thisRip());
      this.leaveState(EXIT_MICRO_OP, this.pc());
      this.g.return(this.i32(EXIT_FUEL));
    });
    this.follow(IMM);
  }

  override yieldSlice(): void {
    this.coldOnly();
    this.leaveState(RIP, this.nextRip());
    this.retire();
    this.leave(EXIT_FUEL);
  }

  /** Goes on with the next micro-op, unless the meaning has left. */
  finish(): void {
    if (this.to.fused !== undefined) return this.branchFused();
    if (this.ended) return;
    const next = this.add(this.pc(), this.i32(MICRO_OP_SIZE));
    if (!this.hot) return this.g.return(next);
    this.g.setFixed(PC, next);
    this.g.br(this.to.labels.next);
  }

  // ---- pseudo-instructions

  /** Goes to R_PAGE + the displacement. */
  goFar(): void {
    this.jump(this.add(this.readReg(R_PAGE, 64), this.extendS(this.word(DISP))));
  }
  go(): void {
    this.follow(DISP);
  }
  effectiveAddress(): Node {
    return this.memory({ kind: "mem", bits: 64, access: "a", field: -1, fixed: -1, wide: false }).ea() as Node;
  }
  wideField(): Node {
    return this.g.load("i64.load", this.pc(), DISP, true);
  }
  /** Raises the exception whose vector is in the immediate. */
  raiseField(): void {
    if (this.hot) throw new NotHot("never hot");
    this.leaveState(FAULT_VECTOR, this.word(IMM));
    this.leaveState(FAULT_CODE, this.i32(0));
    this.leaveState(FAULT_ADDRESS, this.i64(0));
    this.attributes |= TERMINATOR;
    this.propagateFault();
    this.ended = true;
  }
}

/** All arithmetic flags, or none. */
export const ALL_FLAGS = ARITH;
