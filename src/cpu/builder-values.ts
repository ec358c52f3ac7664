/** The pure operations of the Builder (isa/builder.ts): the same in both tiers. */
import type { Bits, Val } from "../isa/builder.ts";
import { Graph, type Node } from "./ir/graph.ts";

export const node = (v: Val): Node => v as Node;

export abstract class ValueBuilder {
  readonly g = new Graph();

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
}
