/** Constant folding and the identities that instruction meanings give rise to. Integers only; floats are left alone. */
import type { Graph, Node } from "./graph.ts";

const big = (n: Node): bigint => n.imm as bigint;
const num = (n: Node): number => n.imm as number;
const bit = (b: boolean): number => (b ? 1 : 0);

const I32: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: Math.imul,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shr_s: (a, b) => a >> b,
  shr_u: (a, b) => a >>> b,
  rotl: (a, b) => (a << b) | (a >>> -b),
  rotr: (a, b) => (a >>> b) | (a << -b),
  eqz: (a) => bit(a === 0),
  eq: (a, b) => bit(a === b),
  ne: (a, b) => bit(a !== b),
  lt_s: (a, b) => bit(a < b),
  lt_u: (a, b) => bit(a >>> 0 < b >>> 0),
  gt_s: (a, b) => bit(a > b),
  gt_u: (a, b) => bit(a >>> 0 > b >>> 0),
  le_s: (a, b) => bit(a <= b),
  le_u: (a, b) => bit(a >>> 0 <= b >>> 0),
  ge_s: (a, b) => bit(a >= b),
  ge_u: (a, b) => bit(a >>> 0 >= b >>> 0),
  clz: (a) => Math.clz32(a),
  ctz: (a) => (a === 0 ? 32 : 31 - Math.clz32(a & -a)),
  extend8_s: (a) => (a << 24) >> 24,
  extend16_s: (a) => (a << 16) >> 16,
};

const unsigned = (a: bigint): bigint => BigInt.asUintN(64, a);
const count = (b: bigint): bigint => unsigned(b) & 63n;

const I64: Record<string, (a: bigint, b: bigint) => bigint> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << count(b),
  shr_s: (a, b) => a >> count(b),
  shr_u: (a, b) => unsigned(a) >> count(b),
  extend8_s: (a) => BigInt.asIntN(8, a),
  extend16_s: (a) => BigInt.asIntN(16, a),
  extend32_s: (a) => BigInt.asIntN(32, a),
};

const I64_TESTS: Record<string, (a: bigint, b: bigint) => boolean> = {
  eqz: (a) => a === 0n,
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt_s: (a, b) => a < b,
  lt_u: (a, b) => unsigned(a) < unsigned(b),
  gt_s: (a, b) => a > b,
  gt_u: (a, b) => unsigned(a) > unsigned(b),
  le_s: (a, b) => a <= b,
  le_u: (a, b) => unsigned(a) <= unsigned(b),
  ge_s: (a, b) => a >= b,
  ge_u: (a, b) => unsigned(a) >= unsigned(b),
};

const INVERSE: Record<string, string> = {
  eq: "ne",
  ne: "eq",
  lt_s: "ge_s",
  ge_s: "lt_s",
  gt_s: "le_s",
  le_s: "gt_s",
  lt_u: "ge_u",
  ge_u: "lt_u",
  gt_u: "le_u",
  le_u: "gt_u",
};

/** The bits that may be set in an i32 value, as far as its operation tells. */
function possibleBits(n: Node): number {
  if (n.kind === "const") return num(n);
  if (n.kind === "load") return n.op === "i32.load8_u" ? 0xff : n.op === "i32.load16_u" ? 0xffff : -1;
  if (n.kind !== "op") return -1;
  if (/^i(32|64)\.(eqz?|ne|[lg][te]_[su])$/.test(n.op)) return 1;
  if (n.op === "i32.and") return possibleBits(n.args[0]) & possibleBits(n.args[1]);
  if (n.op === "i32.or" || n.op === "i32.xor") return possibleBits(n.args[0]) | possibleBits(n.args[1]);
  if (n.op === "i32.shr_u" && n.args[1].kind === "const") return possibleBits(n.args[0]) >>> num(n.args[1]);
  if (n.op === "i8x16.extract_lane_u") return 0xff;
  if (n.op === "i16x8.extract_lane_u") return 0xffff;
  if (n.op === "select") return possibleBits(n.args[0]) | possibleBits(n.args[1]);
  return -1;
}

/** What can be loaded as it is needed: the instruction, the load of its operand, and the load that does both. */
const LOADED: Record<string, readonly [operand: string, both: string]> = {
  "f32.reinterpret_i32": ["i32.load", "f32.load"],
  "f64.reinterpret_i64": ["i64.load", "f64.load"],
  "i32x4.replace_lane": ["i32.load", "v128.load32_zero"],
  "i64x2.replace_lane": ["i64.load", "v128.load64_zero"],
};

const isZeroVector = (n: Node): boolean =>
  n.kind === "const" && (n.imm as readonly number[]).every((byte) => byte === 0);

/** A float from an integer load, or lane 0 of zeros from one. */
function loaded(g: Graph, name: string, args: readonly Node[], lanes: readonly number[] | undefined): Node | undefined {
  const known = LOADED[name];
  const operand = args[args.length - 1];
  if (!known || operand.op !== known[0]) return undefined;
  if (args.length === 2 && !(lanes?.[0] === 0 && isZeroVector(args[0]))) return undefined;
  return g.loadAs(known[1], operand);
}

/** A simpler value equal to `name(args)`, or undefined. */
export function fold(g: Graph, name: string, args: readonly Node[], lanes?: readonly number[]): Node | undefined {
  const [a, b] = args;
  const direct = loaded(g, name, args, lanes);
  if (direct) return direct;
  const ty = name.slice(0, 3);
  const op = name.slice(4);
  if (args.every((x) => x.kind === "const")) {
    const folded = constant(g, ty, op, args);
    if (folded) return folded;
  }
  if (name === "i32.wrap_i64" && a.op.startsWith("i64.extend_i32")) return a.args[0];
  if (name === "i32.wrap_i64" && a.op === "i64.extend32_s") return g.op(name, [a.args[0]]);
  if (name === "i32.wrap_i64" && a.op === "i64.and" && a.args[1].imm === 0xffffffffn) return g.op(name, [a.args[0]]);
  if (name === "i32.eqz" && a.kind === "op") {
    const inverse = INVERSE[a.op.slice(4)];
    if (inverse && a.op.startsWith("i"))
      return /^i(32|64)\./.test(a.op) ? g.op(`${a.op.slice(0, 4)}${inverse}`, a.args) : undefined;
  }
  if (ty === "i32") return identity32(g, op, a, b);
  if (ty === "i64" && b?.kind === "const") return identity64(op, a, big(b));
  return undefined;
}

function constant(g: Graph, ty: string, op: string, args: readonly Node[]): Node | undefined {
  const [a, b] = args;
  if (args.some((x) => x.ty !== "i32" && x.ty !== "i64")) return undefined;
  if (ty === "i32" && op === "wrap_i64") return g.i32(Number(BigInt.asIntN(32, big(a))));
  if (ty === "i64" && op === "extend_i32_s") return g.i64(num(a));
  if (ty === "i64" && op === "extend_i32_u") return g.i64(num(a) >>> 0);
  if (ty === "i32" && a.ty === "i32" && I32[op]) return g.i32(I32[op](num(a), b ? num(b) : 0));
  if (ty === "i64" && a.ty === "i64" && I64[op]) return g.i64(I64[op](big(a), b ? big(b) : 0n));
  if (ty === "i64" && a.ty === "i64" && I64_TESTS[op]) return g.i32(bit(I64_TESTS[op](big(a), b ? big(b) : 0n)));
  return undefined;
}

const NEUTRAL_ZERO = new Set(["add", "sub", "or", "xor", "shl", "shr_u", "shr_s", "rotl", "rotr"]);

function identity32(g: Graph, op: string, a: Node, b: Node | undefined): Node | undefined {
  if (op === "ne" && b?.kind === "const" && num(b) === 0 && possibleBits(a) === 1) return a;
  if (op === "and") {
    for (const [mask, x] of [
      [b!, a],
      [a, b!],
    ]) {
      if (mask.kind !== "const") continue;
      if (num(mask) === 0) return g.i32(0);
      if ((possibleBits(x) & ~num(mask)) === 0) return x;
      if (x.op === "i32.and" && x.args[1].kind === "const") {
        return g.op("i32.and", [x.args[0], g.i32(num(x.args[1]) & num(mask))]);
      }
    }
    return undefined;
  }
  if (b?.kind === "const" && num(b) === 0 && NEUTRAL_ZERO.has(op)) return a;
  if (a.kind === "const" && num(a) === 0 && (op === "add" || op === "or" || op === "xor")) return b;
  return undefined;
}

function identity64(op: string, a: Node, b: bigint): Node | undefined {
  if (b === 0n && NEUTRAL_ZERO.has(op)) return a;
  if (op === "and" && b === -1n) return a;
  if (op === "and" && b === 0xffffffffn && a.op === "i64.extend_i32_u") return a;
  return undefined;
}
