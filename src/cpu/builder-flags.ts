/**
 * Arithmetic flags in the Builder (isa/builder.ts): kept as in cpu/state.ts, each to be computed only if it is wanted; and
 * conditions, from the state or straight from the values that an instruction's flags come from.
 */
import type { Cond, Flag, FlagValues, Ty, Val } from "../isa/builder.ts";
import { AF, ARITH, CF, OF, PF, SF, ZF } from "../isa/types.ts";
import { node, ValueBuilder } from "./builder-values.ts";
import type { Node } from "./ir/graph.ts";
import { ADJUST, CARRY, OTHER_FLAGS, OVERFLOW, PARITY_RESULT, SIGN_RESULT, ZERO_RESULT } from "./state.ts";

export abstract class FlagBuilder extends ValueBuilder {
  /** Something has been written: nothing may fault from here on. */
  wrote = false;

  abstract readState(offset: number, ty: Ty): Val;
  abstract writeState(offset: number, v: Val): void;
  /** Flags whose new values are wanted (a mask, isa/types.ts); the others are dead. */
  protected abstract liveFlags(): number;

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
}

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
