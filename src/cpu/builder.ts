/**
 * The part of the Builder (isa/builder.ts) that both tiers share: pure operations, flags, control inside a meaning, and the
 * order rule. What differs is where registers, operands and immediates come from, what a memory access looks like and how
 * control leaves: those are the abstract methods, bound by interpreter/binding.ts (tier 0) and translate.ts (tier 1).
 */
import type {
  Access,
  Area,
  Bits,
  Builder,
  Cond,
  Flag,
  FlagValues,
  Helper,
  Operand,
  Place,
  RawMemory,
  Ty,
  Val,
  Var,
} from "../isa/builder.ts";
import { AF, ARITH, CF, OF, PF, SF, ZF } from "../isa/types.ts";
import { Graph, type Label, type Node } from "./ir/graph.ts";
import {
  ADJUST,
  CARRY,
  FUEL_START,
  OTHER_FLAGS,
  OVERFLOW,
  PARITY_RESULT,
  SIGN_RESULT,
  VECTOR_GP,
  ZERO_RESULT,
} from "./state.ts";

const node = (v: Val): Node => v as Node;

/** A function that helpers and tests call a compiled Helper through. */
export interface CompiledHelper {
  readonly index: number;
  /** It has one result more: i32, non-zero when it faulted. */
  readonly faults: boolean;
  readonly writes: boolean;
}

export abstract class MeaningBuilder implements Builder {
  readonly g = new Graph();
  /** Something has been written: nothing may fault from here on. */
  wrote = false;
  /** Something that can fault has been built. */
  faulted = false;
  /** Control leaves on every path: nothing follows. */
  ended = false;

  // ---- what a tier binds

  abstract readReg(n: number, bits: Bits): Val;
  abstract writeReg(n: number, bits: Bits, v: Val): void;
  abstract readXmm(n: number): Val;
  abstract writeXmm(n: number, v: Val): void;
  abstract readState(offset: number, ty: Ty): Val;
  abstract writeState(offset: number, v: Val): void;
  abstract readStateAt(offset: number, index: Val, ty: Ty): Val;
  abstract writeStateAt(offset: number, index: Val, v: Val): void;
  /** Leaves with exception `vector` at this instruction. */
  protected abstract fault(vector: number): void;
  /** Host address (i32) of `bytes` checked bytes. */
  protected abstract translate(bytes: number, ea: Node, access: Access): Translated;
  protected abstract helper(h: Helper): CompiledHelper;
  /** Leaves because a helper has faulted: the state already holds the exception. */
  protected abstract propagateFault(): void;
  abstract trap(vector: number): void;
  abstract nextRip(): Val;
  abstract jump(target: Val): void;
  abstract jumpRel(target: Operand, cond?: Val): void;
  abstract syscall(): void;
  abstract repeatIf(cond: Val): void;
  abstract yieldSlice(): void;
  /** Fuel left (i32). */
  protected abstract fuel(): Node;
  /** Writes of flags that this mask (isa/types.ts) holds are wanted; the others are dead. */
  protected abstract liveFlags(): number;

  // ---- the order rule

  private rechecks = 0;

  /** To be called wherever something can fault. */
  protected mayFault(what: string): void {
    if (this.rechecks > 0) return;
    if (this.wrote) throw new Error(`${what} can fault after something has been written`);
    this.faulted = true;
  }

  // ---- constants

  i32(n: number): Node {
    return this.g.i32(n);
  }
  i64(n: number | bigint): Node {
    return this.g.i64(n);
  }
  f32(n: number): Node {
    return this.g.const("f32", n);
  }
  f64(n: number): Node {
    return this.g.const("f64", n);
  }
  v128(bytes: readonly number[]): Node {
    return this.g.const("v128", bytes);
  }
  constLike(like: Val, n: number | bigint): Node {
    return like.ty === "i64" ? this.i64(n) : this.i32(Number(BigInt.asIntN(32, BigInt(n))));
  }

  // ---- pure operations

  private int(name: string, ...args: Val[]): Node {
    return this.g.op(`${args[0].ty}.${name}`, args as Node[]);
  }
  add(a: Val, b: Val): Node {
    return this.int("add", a, b);
  }
  sub(a: Val, b: Val): Node {
    return this.int("sub", a, b);
  }
  mul(a: Val, b: Val): Node {
    return this.int("mul", a, b);
  }
  and(a: Val, b: Val): Node {
    return this.int("and", a, b);
  }
  or(a: Val, b: Val): Node {
    return this.int("or", a, b);
  }
  xor(a: Val, b: Val): Node {
    return this.int("xor", a, b);
  }
  shl(a: Val, n: Val): Node {
    return this.int("shl", a, n);
  }
  shrU(a: Val, n: Val): Node {
    return this.int("shr_u", a, n);
  }
  shrS(a: Val, n: Val): Node {
    return this.int("shr_s", a, n);
  }
  rotl(a: Val, n: Val): Node {
    return this.int("rotl", a, n);
  }
  rotr(a: Val, n: Val): Node {
    return this.int("rotr", a, n);
  }
  clz(a: Val): Node {
    return this.int("clz", a);
  }
  ctz(a: Val): Node {
    return this.int("ctz", a);
  }
  popcnt(a: Val): Node {
    return this.int("popcnt", a);
  }
  eqz(a: Val): Node {
    return this.int("eqz", a);
  }
  eq(a: Val, b: Val): Node {
    return this.int("eq", a, b);
  }
  ne(a: Val, b: Val): Node {
    return this.int("ne", a, b);
  }
  ltS(a: Val, b: Val): Node {
    return this.int("lt_s", a, b);
  }
  ltU(a: Val, b: Val): Node {
    return this.int("lt_u", a, b);
  }
  gtS(a: Val, b: Val): Node {
    return this.int("gt_s", a, b);
  }
  gtU(a: Val, b: Val): Node {
    return this.int("gt_u", a, b);
  }
  leS(a: Val, b: Val): Node {
    return this.int("le_s", a, b);
  }
  leU(a: Val, b: Val): Node {
    return this.int("le_u", a, b);
  }
  geS(a: Val, b: Val): Node {
    return this.int("ge_s", a, b);
  }
  geU(a: Val, b: Val): Node {
    return this.int("ge_u", a, b);
  }
  select(cond: Val, a: Val, b: Val): Node {
    return this.g.select(node(cond), node(a), node(b));
  }
  extendU(a: Val): Node {
    return this.g.op("i64.extend_i32_u", [node(a)]);
  }
  extendS(a: Val): Node {
    return this.g.op("i64.extend_i32_s", [node(a)]);
  }
  wrap(a: Val): Node {
    return this.g.op("i32.wrap_i64", [node(a)]);
  }
  zeroExtend(bits: Bits, a: Val): Node {
    if (a.ty === "i32") return bits >= 32 ? node(a) : this.and(a, this.i32(2 ** bits - 1));
    return bits >= 64 ? node(a) : this.and(a, this.i64(2 ** bits - 1));
  }
  signExtend(bits: Bits, a: Val): Node {
    if (bits >= (a.ty === "i32" ? 32 : 64)) return node(a);
    return this.g.op(`${a.ty}.extend${bits}_s`, [node(a)]);
  }
  toI64(bits: Bits, a: Val): Node {
    return a.ty === "i64" ? this.zeroExtend(bits, a) : this.extendU(this.zeroExtend(bits, a));
  }
  toI64S(bits: Bits, a: Val): Node {
    return a.ty === "i64" ? this.signExtend(bits, a) : this.extendS(this.signExtend(bits, a));
  }
  fromI64(bits: Bits, a: Val): Node {
    return bits === 64 ? node(a) : this.zeroExtend(bits, this.wrap(a));
  }
  op(name: string, args: Val[], imm?: readonly number[]): Node {
    if (name.endsWith(".const")) throw new Error(`constants have methods of their own, not ${name}`);
    return this.g.op(name, args as Node[], imm);
  }

  // ---- flags

  setFlags(f: FlagValues): void {
    const live = this.liveFlags();
    this.wrote = true;
    // All values are computed from the old flags before any is replaced.
    const writes: [offset: number, v: Node][] = [];
    const result = f.result === undefined ? undefined : node(f.result);
    if (live & ZF) {
      if (f.zf) writes.push([ZERO_RESULT, this.extendU(this.eqz(f.zf()))]);
      else if (result) writes.push([ZERO_RESULT, this.toI64(f.bits, result)]);
    }
    if (live & SF) {
      if (f.sf) writes.push([SIGN_RESULT, this.extendS(this.sub(this.i32(0), f.sf()))]);
      else if (result) writes.push([SIGN_RESULT, this.toI64S(f.bits, result)]);
    }
    if (live & PF) {
      if (f.pf) writes.push([PARITY_RESULT, this.xor(f.pf(), this.i32(1))]);
      else if (result) writes.push([PARITY_RESULT, result.ty === "i64" ? this.wrap(result) : result]);
    }
    if (live & CF && f.cf) writes.push([CARRY, node(f.cf())]);
    if (live & OF && f.of) writes.push([OVERFLOW, node(f.of())]);
    if (live & AF && f.af) writes.push([ADJUST, node(f.af())]);
    for (const [offset, v] of writes) this.writeState(offset, v);
  }

  flag(f: Flag): Node {
    switch (f) {
      case "CF":
        return node(this.readState(CARRY, "i32"));
      case "ZF":
        return this.eqz(this.readState(ZERO_RESULT, "i64"));
      case "SF":
        return this.ltS(this.readState(SIGN_RESULT, "i64"), this.i64(0));
      case "OF":
        return this.shrU(this.readState(OVERFLOW, "i32"), this.i32(31));
      case "AF":
        return this.and(this.shrU(this.readState(ADJUST, "i32"), this.i32(4)), this.i32(1));
      case "PF": {
        const low = this.zeroExtend(8, this.readState(PARITY_RESULT, "i32"));
        return this.and(this.xor(this.popcnt(low), this.i32(1)), this.i32(1));
      }
    }
  }

  cond(cc: Cond): Node {
    const holds = this.positiveCondition(cc >> 1);
    return cc & 1 ? this.eqz(holds) : holds;
  }

  /** Condition codes 0, 2, 4 … 14, by half. */
  private positiveCondition(half: number): Node {
    switch (half) {
      case 0:
        return this.flag("OF");
      case 1:
        return this.flag("CF");
      case 2:
        return this.flag("ZF");
      case 3:
        return this.or(this.flag("CF"), this.flag("ZF"));
      case 4:
        return this.flag("SF");
      case 5:
        return this.flag("PF");
      case 6:
        return this.ne(this.flag("SF"), this.flag("OF"));
      default:
        return this.or(this.flag("ZF"), this.ne(this.flag("SF"), this.flag("OF")));
    }
  }

  readFlags(): Node {
    const at = (f: Flag, bit: number) => this.shl(this.flag(f), this.i32(bit));
    let flags = this.or(this.readState(OTHER_FLAGS, "i32"), this.i32(0x202));
    for (const [f, bit] of RFLAGS_BITS) flags = this.or(flags, at(f, bit));
    return this.extendU(flags);
  }

  writeFlags(v: Val, mask: number): void {
    const flags = this.wrap(v);
    const bit = (n: number) => this.and(this.shrU(flags, this.i32(n)), this.i32(1));
    const f: FlagValues = { bits: 32 };
    if (mask & CF) f.cf = () => bit(0);
    if (mask & PF) f.pf = () => bit(2);
    if (mask & AF) f.af = () => flags;
    if (mask & ZF) f.zf = () => bit(6);
    if (mask & SF) f.sf = () => bit(7);
    if (mask & OF) f.of = () => this.shl(flags, this.i32(20));
    const others = mask & OTHER_FLAG_BITS;
    if (others) {
      const kept = this.and(this.readState(OTHER_FLAGS, "i32"), this.i32(~others));
      this.writeState(OTHER_FLAGS, this.or(kept, this.and(flags, this.i32(others))));
    }
    if (mask & ARITH) this.setFlags(f);
  }

  /** What condition `cc` is after flags `f` were set, computed from `f` itself; undefined if it cannot be told. */
  protected conditionOf(f: FlagValues, cc: Cond): Node | undefined {
    const holds = f.compare ? this.compared(f, cc >> 1) : this.computed(f, cc >> 1);
    return holds && cc & 1 ? this.eqz(holds) : holds;
  }

  private compared(f: FlagValues, half: number): Node | undefined {
    const { op, a, b } = f.compare!;
    if (op === "and") return this.computed({ ...f, result: this.and(a, b) }, half);
    switch (half) {
      case 1:
        return this.ltU(this.zeroExtend(f.bits, a), this.zeroExtend(f.bits, b));
      case 2:
        return this.eq(this.zeroExtend(f.bits, a), this.zeroExtend(f.bits, b));
      case 3:
        return this.leU(this.zeroExtend(f.bits, a), this.zeroExtend(f.bits, b));
      case 6:
        return this.ltS(this.signExtend(f.bits, a), this.signExtend(f.bits, b));
      case 7:
        return this.leS(this.signExtend(f.bits, a), this.signExtend(f.bits, b));
      default:
        return this.computed(f, half);
    }
  }

  private computed(f: FlagValues, half: number): Node | undefined {
    const zero = () => (f.zf ? node(f.zf()) : f.result && this.eqz(this.zeroExtend(f.bits, f.result)));
    const sign = () => {
      if (f.sf) return node(f.sf());
      if (!f.result) return undefined;
      const extended = this.signExtend(f.bits, f.result);
      return this.ltS(extended, this.constLike(extended, 0));
    };
    const both = (x: Node | undefined, y: Node | undefined, join: (x: Node, y: Node) => Node) => x && y && join(x, y);
    const carry = () => f.cf && node(f.cf());
    const overflow = () => f.of && this.shrU(f.of(), this.i32(31));
    const less = () => both(sign(), overflow(), (x, y) => this.ne(x, y));
    switch (half) {
      case 0:
        return overflow();
      case 1:
        return carry();
      case 2:
        return zero();
      case 3:
        return both(carry(), zero(), (x, y) => this.or(x, y));
      case 4:
        return sign();
      case 6:
        return less();
      case 7:
        return both(zero(), less(), (x, y) => this.or(x, y));
      default:
        return undefined;
    }
  }

  // ---- memory

  place(bits: Bits, ea: Val, access: Access): Place {
    const at = this.translate(bits / 8, node(ea), access);
    return {
      load: () => this.g.load(RAW_LOADS[bits], at.host, 0),
      store: (v) => {
        this.wrote = true;
        this.g.store(RAW_STORES[bits], at.host, 0, node(v));
        at.commit();
      },
    };
  }

  area(bytes: number, ea: Val, access: Access): Area {
    const at = this.translate(bytes, node(ea), access);
    const inside = (offset: number, size: number) => {
      if (offset < 0 || offset + size > bytes) throw new Error(`offset ${offset} is outside an area of ${bytes} bytes`);
    };
    return {
      load: (offset, ty, bits) => {
        inside(offset, bits ? bits / 8 : tySize(ty));
        const narrow = bits && bits < tySize(ty) * 8 ? `${bits}_u` : "";
        return this.g.load(`${ty}.load${narrow}`, at.host, offset);
      },
      store: (offset, v, bits) => {
        inside(offset, bits ? bits / 8 : tySize(v.ty));
        this.wrote = true;
        const narrow = bits && bits < tySize(v.ty) * 8 ? `${bits}` : "";
        this.g.store(`${v.ty}.store${narrow}`, at.host, offset, node(v));
      },
      commit: () => at.commit(),
    };
  }

  recheck(body: () => void): void {
    this.rechecks++;
    body();
    this.rechecks--;
  }

  requireAligned(ea: Val, bytes: number): void {
    this.raiseIf(this.and(this.wrap(ea), this.i32(bytes - 1)), VECTOR_GP);
  }

  readonly raw: RawMemory = {
    host: (ea, access) => this.translate(1, node(ea), access).host,
    load: (bits, host) => this.g.load(RAW_LOADS[bits], node(host), 0),
    store: (bits, host, v) => {
      this.wrote = true;
      this.g.store(RAW_STORES[bits], node(host), 0, node(v));
    },
    copy: (to, from, bytes) => {
      this.wrote = true;
      this.g.copy(node(to), node(from), node(bytes));
    },
    fill: (to, byte, bytes) => {
      this.wrote = true;
      this.g.fill(node(to), node(byte), node(bytes));
    },
  };

  // ---- control inside the meaning

  if(cond: Val, then: () => void, otherwise?: () => void): void {
    const ended = this.ended;
    const wrote = this.wrote;
    let wroteThen = false;
    let endedThen = false;
    let endedOther = false;
    this.g.if(
      node(cond),
      () => {
        then();
        wroteThen = this.wrote;
        endedThen = this.ended;
        this.wrote = wrote;
        this.ended = ended;
      },
      otherwise &&
        (() => {
          otherwise();
          endedOther = this.ended;
        }),
    );
    // What an arm that leaves has written does not matter to what follows.
    this.wrote = (endedThen ? wrote : wroteThen) || this.wrote;
    this.ended = ended || (endedThen && endedOther);
  }

  loop(body: () => Val): void {
    const label: Label = { name: "loop" };
    const { wrote, faulted } = this;
    this.faulted = false;
    this.g.loop(label, () => {
      const again = body();
      if (this.faulted && this.wrote && !wrote) throw new Error("a loop that writes cannot fault in its second round");
      this.g.brIf(node(again), label);
    });
    this.faulted ||= faulted;
  }

  local(initial: Val): Var {
    const v = this.g.variable(initial.ty);
    this.g.set(v, node(initial));
    return { ty: initial.ty, get: () => this.g.read(v), set: (value) => this.g.set(v, node(value)) };
  }

  call(h: Helper, ...args: Val[]): Val[] {
    const compiled = this.helper(h);
    if (compiled.faults) this.mayFault(`helper ${h.name}`);
    const results = this.g.call(compiled.index, compiled.faults ? [...h.results, "i32"] : h.results, args as Node[]);
    if (compiled.faults) this.g.if(results.pop()!, () => this.propagateFault());
    if (compiled.writes) this.wrote = true;
    return results;
  }

  // ---- faults

  raiseIf(cond: Val, vector: number): void {
    this.mayFault("raiseIf");
    this.g.if(node(cond), () => this.fault(vector));
  }

  raise(vector: number): void {
    this.mayFault("raise");
    this.fault(vector);
    this.ended = true;
  }

  retired(): Node {
    return this.extendU(this.sub(this.readState(FUEL_START, "i32"), this.fuel()));
  }
}

/** Checked memory: its host address (i32), and what makes stores to it final. */
export interface Translated {
  readonly host: Node;
  commit(): void;
}

const RAW_LOADS: Record<Bits, string> = {
  8: "i32.load8_u",
  16: "i32.load16_u",
  32: "i32.load",
  64: "i64.load",
  128: "v128.load",
};
const RAW_STORES: Record<Bits, string> = {
  8: "i32.store8",
  16: "i32.store16",
  32: "i32.store",
  64: "i64.store",
  128: "v128.store",
};

const tySize = (ty: Ty): number => (ty === "v128" ? 16 : ty.endsWith("64") ? 8 : 4);

const RFLAGS_BITS: readonly [Flag, number][] = [
  ["CF", 0],
  ["PF", 2],
  ["AF", 4],
  ["ZF", 6],
  ["SF", 7],
  ["OF", 11],
];
/** DF, TF, NT, AC, ID (RF reads as 0). */
const OTHER_FLAG_BITS = 0x400 | 0x100 | 0x4000 | 0x4_0000 | 0x20_0000;
