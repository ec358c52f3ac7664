/**
 * WebAssembly's numeric and vector instructions by text name: opcode bytes and signature (core spec, 5.4 and appendix
 * "Index of Instructions"). Control, variable and memory instructions have fixed shapes and are written by the emitter.
 */
import type { Ty } from "../../isa/builder.ts";

export interface Opcode {
  readonly name: string;
  /** 0 for one-byte opcodes, else the prefix 0xfc or 0xfd. */
  readonly prefix: number;
  readonly code: number;
  readonly params: readonly Ty[];
  readonly result: Ty;
  /** Immediate bytes: one lane index, or the sixteen of i8x16.shuffle. */
  readonly lanes: number;
  /** Traps on some inputs. */
  readonly traps: boolean;
}

const table = new Map<string, Opcode>();

function define(name: string, prefix: number, code: number, params: readonly Ty[], result: Ty, lanes = 0): void {
  const traps = /\.(div|rem)_[su]$/.test(name) || /^i..\.trunc_f/.test(name);
  table.set(name, { name, prefix, code, params, result, lanes, traps });
}

/** Defines consecutive opcodes; "-" leaves a number out. */
function run(first: number, names: string, each: (name: string, code: number) => void): void {
  for (const name of names.trim().split(/\s+/)) {
    if (name !== "-") each(name, first);
    first++;
  }
}

const INTEGER_TESTS = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u";
const FLOAT_TESTS = "eq ne lt gt le ge";
const INTEGER_OPS = "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr";
const FLOAT_OPS = "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign";
const SCALAR_UNARY = /^(clz|ctz|popcnt|abs|neg|ceil|floor|trunc|nearest|sqrt)$/;

function scalars(): void {
  const group = (ty: Ty, first: number, names: string, result: Ty) =>
    run(first, names, (name, code) =>
      define(`${ty}.${name}`, 0, code, SCALAR_UNARY.test(name) ? [ty] : [ty, ty], result),
    );
  define("i32.eqz", 0, 0x45, ["i32"], "i32");
  group("i32", 0x46, INTEGER_TESTS, "i32");
  define("i64.eqz", 0, 0x50, ["i64"], "i32");
  group("i64", 0x51, INTEGER_TESTS, "i32");
  group("f32", 0x5b, FLOAT_TESTS, "i32");
  group("f64", 0x61, FLOAT_TESTS, "i32");
  group("i32", 0x67, INTEGER_OPS, "i32");
  group("i64", 0x79, INTEGER_OPS, "i64");
  group("f32", 0x8b, FLOAT_OPS, "f32");
  group("f64", 0x99, FLOAT_OPS, "f64");
  const conversion = (prefix: number) => (name: string, code: number) => {
    const from = name.slice(4).match(/_([if](?:32|64))/);
    const result = name.slice(0, 3) as Ty;
    define(name, prefix, code, [from ? (from[1] as Ty) : result], result);
  };
  run(
    0xa7,
    `i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u i64.extend_i32_s i64.extend_i32_u
     i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u f32.convert_i32_s f32.convert_i32_u
     f32.convert_i64_s f32.convert_i64_u f32.demote_f64 f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s
     f64.convert_i64_u f64.promote_f32 i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32
     f64.reinterpret_i64 i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s`,
    conversion(0),
  );
  run(
    0,
    `i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u i64.trunc_sat_f32_s
     i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u`,
    conversion(0xfc),
  );
}

const LANE_TYPES: Record<string, Ty> = {
  i8x16: "i32",
  i16x8: "i32",
  i32x4: "i32",
  i64x2: "i64",
  f32x4: "f32",
  f64x2: "f64",
};
const VECTOR_UNARY =
  /\.(not|abs|neg|sqrt|ceil|floor|trunc|nearest|popcnt|extend_|extadd_|trunc_sat|convert_|demote_|promote_)(?=$|\w)/;

function vector(name: string, code: number): void {
  const shape = name.split(".")[0];
  const lane = LANE_TYPES[shape];
  const v: Ty = "v128";
  if (name === "i8x16.shuffle") define(name, 0xfd, code, [v, v], v, 16);
  else if (name === "v128.bitselect") define(name, 0xfd, code, [v, v, v], v);
  else if (name.endsWith(".splat")) define(name, 0xfd, code, [lane], v);
  else if (name.includes(".extract_lane")) define(name, 0xfd, code, [v], lane, 1);
  else if (name.includes(".replace_lane")) define(name, 0xfd, code, [v, lane], v, 1);
  else if (/\.(shl|shr_s|shr_u)$/.test(name)) define(name, 0xfd, code, [v, "i32"], v);
  else if (/\.(any_true|all_true|bitmask)$/.test(name)) define(name, 0xfd, code, [v], "i32");
  else if (VECTOR_UNARY.test(name)) define(name, 0xfd, code, [v], v);
  else define(name, 0xfd, code, [v, v], v);
}

function vectors(): void {
  const shaped = (shape: string, first: number, names: string) =>
    run(first, names, (name, code) => vector(`${shape}.${name}`, code));
  run(
    13,
    `i8x16.shuffle i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat i64x2.splat f32x4.splat f64x2.splat
     i8x16.extract_lane_s i8x16.extract_lane_u i8x16.replace_lane i16x8.extract_lane_s i16x8.extract_lane_u
     i16x8.replace_lane i32x4.extract_lane i32x4.replace_lane i64x2.extract_lane i64x2.replace_lane
     f32x4.extract_lane f32x4.replace_lane f64x2.extract_lane f64x2.replace_lane`,
    vector,
  );
  shaped("i8x16", 35, INTEGER_TESTS);
  shaped("i16x8", 45, INTEGER_TESTS);
  shaped("i32x4", 55, INTEGER_TESTS);
  shaped("f32x4", 65, FLOAT_TESTS);
  shaped("f64x2", 71, FLOAT_TESTS);
  shaped("v128", 77, "not and andnot or xor bitselect any_true");
  run(94, "f32x4.demote_f64x2_zero f64x2.promote_low_f32x4", vector);
  shaped("i8x16", 96, "abs neg popcnt all_true bitmask narrow_i16x8_s narrow_i16x8_u");
  shaped("f32x4", 103, "ceil floor trunc nearest");
  shaped("i8x16", 107, "shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u");
  shaped("f64x2", 116, "ceil floor");
  shaped("i8x16", 118, "min_s min_u max_s max_u");
  run(122, "f64x2.trunc i8x16.avgr_u", vector);
  run(
    124,
    "i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u",
    vector,
  );
  shaped(
    "i16x8",
    128,
    `abs neg q15mulr_sat_s all_true bitmask narrow_i32x4_s narrow_i32x4_u extend_low_i8x16_s extend_high_i8x16_s
     extend_low_i8x16_u extend_high_i8x16_u shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u`,
  );
  run(148, "f64x2.nearest", vector);
  shaped(
    "i16x8",
    149,
    `mul min_s min_u max_s max_u - avgr_u extmul_low_i8x16_s extmul_high_i8x16_s extmul_low_i8x16_u
     extmul_high_i8x16_u`,
  );
  shaped(
    "i32x4",
    160,
    `abs neg - all_true bitmask - - extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u
     shl shr_s shr_u add - - sub - - - mul min_s min_u max_s max_u dot_i16x8_s - extmul_low_i16x8_s
     extmul_high_i16x8_s extmul_low_i16x8_u extmul_high_i16x8_u`,
  );
  shaped(
    "i64x2",
    192,
    `abs neg - all_true bitmask - - extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u extend_high_i32x4_u
     shl shr_s shr_u add - - sub - - - mul eq ne lt_s gt_s le_s ge_s extmul_low_i32x4_s extmul_high_i32x4_s
     extmul_low_i32x4_u extmul_high_i32x4_u`,
  );
  shaped("f32x4", 224, "abs neg - sqrt add sub mul div min max pmin pmax");
  shaped("f64x2", 236, "abs neg - sqrt add sub mul div min max pmin pmax");
  run(
    248,
    `i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u
     i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u`,
    vector,
  );
}

scalars();
vectors();

/** The instruction of that text name; throws if there is none. */
export function opcode(name: string): Opcode {
  const found = table.get(name);
  if (!found) throw new Error(`no WebAssembly instruction named ${name}`);
  return found;
}

/** Loads and stores by text name: opcode bytes, type, and the bytes accessed. */
export interface MemoryOpcode {
  readonly prefix: number;
  readonly code: number;
  readonly ty: Ty;
  readonly bytes: number;
}

const memory = new Map<string, MemoryOpcode>();
const access = (name: string, code: number): void => {
  const ty = name.slice(0, 3) as Ty;
  const width = name.match(/(?:load|store)(8|16|32)/);
  memory.set(name, { prefix: 0, code, ty, bytes: width ? Number(width[1]) / 8 : ty.endsWith("64") ? 8 : 4 });
};
run(
  0x28,
  `i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u i64.load8_s i64.load8_u
   i64.load16_s i64.load16_u i64.load32_s i64.load32_u i32.store i64.store f32.store f64.store i32.store8
   i32.store16 i64.store8 i64.store16 i64.store32`,
  access,
);
memory.set("v128.load", { prefix: 0xfd, code: 0, ty: "v128", bytes: 16 });
memory.set("v128.load32_zero", { prefix: 0xfd, code: 92, ty: "v128", bytes: 4 });
memory.set("v128.load64_zero", { prefix: 0xfd, code: 93, ty: "v128", bytes: 8 });
memory.set("v128.store", { prefix: 0xfd, code: 11, ty: "v128", bytes: 16 });

/** The load or store of that text name; throws if there is none. */
export function memoryOpcode(name: string): MemoryOpcode {
  const found = memory.get(name);
  if (!found) throw new Error(`no WebAssembly memory instruction named ${name}`);
  return found;
}
