/** Tier 0: registers in the state in memory, and operands as the micro-op at `pc` names them. */
import type { Bits, FlagValues, Operand, Ty, Val } from "../../isa/builder.ts";
import { STATE_ADDRESS } from "../../memory/layout.ts";
import { MeaningBuilder } from "../builder.ts";
import type { Node } from "../ir/graph.ts";
import {
  BASE,
  DISP,
  FUSED,
  INDEX,
  LINKS_NEXT_IMM,
  LINKS_TAKEN,
  MICRO_OP_SIZE,
  type OperandShape,
  PAGE_OFFSET,
  SEPARATE_SEGMENT,
  SRC,
  TERMINATOR,
} from "../microop.ts";
import { reg, X87_REGISTERS, XMM } from "../state.ts";
import { type Binding, NotHot, PC } from "./binding.ts";

const LOADS: Record<Bits, string> = {
  8: "i32.load8_u",
  16: "i32.load16_u",
  32: "i32.load",
  64: "i64.load",
  128: "v128.load",
};

export abstract class Tier0Operands extends MeaningBuilder {
  protected readonly to: Binding;
  /** Attributes of the handler (microop.ts), known when its meaning has been built. */
  attributes = 0;
  usesOffset = false;
  protected captured: FlagValues | undefined;

  constructor(to: Binding) {
    super();
    this.to = to;
    if (to.fused !== undefined) this.attributes = FUSED | TERMINATOR | LINKS_TAKEN | LINKS_NEXT_IMM;
    if (to.separateSegment) this.attributes |= SEPARATE_SEGMENT;
  }

  protected get hot(): boolean {
    return this.to.place === "hot";
  }
  protected pc(): Node {
    return this.g.get("i32", PC);
  }
  /** A field of the micro-op: u8 or i32, constant while the handler runs. */
  protected byte(field: number): Node {
    return this.g.load("i32.load8_u", this.pc(), field, true);
  }
  protected word(field: number): Node {
    return this.g.load("i32.load", this.pc(), field, true);
  }
  /** Offset of the micro-op that holds count and links. */
  protected get tail(): number {
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
  protected leaveState(offset: number, v: Node): void {
    this.g.store(`${v.ty}.store`, this.i32(0), STATE_ADDRESS + offset, v);
  }

  protected override liveFlags(): number {
    return this.to.liveFlags;
  }
  override setFlags(f: FlagValues): void {
    if (this.to.fused === undefined) {
      super.setFlags(f);
      return;
    }
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

  protected memory(o: OperandShape): Pick<Operand, "read" | "write" | "ea" | "offset"> {
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
}
