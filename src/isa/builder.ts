/**
 * The interface that the meaning of an instruction is written against.
 *
 * A meaning runs once per handler of the interpreter (tier 0) and once per translated instruction (tier 1). It may branch
 * in TypeScript only on what its row and variant make static: operand sizes, register or memory form, REP. Everything else
 * is a `Val`: in tier 0 it is read from the micro-op or from the register file, in tier 1 it is a constant or a local.
 *
 * Order: `place`, `raise…`, `requireAligned` and reads of memory operands can fault; they come before the first write
 * of a register, of flags or of memory (the builder throws while building when they do not). The memory forms of
 * operands obey this by themselves when a meaning reads all it needs before it writes.
 */

/** WebAssembly value types. */
export type Ty = "i32" | "i64" | "f32" | "f64" | "v128";
/** Operand sizes in bits. */
export type Bits = 8 | 16 | 32 | 64 | 128;

/** A value in the code being built: immutable, of one type, may be used any number of times (or never: then it costs nothing). */
export interface Val {
  readonly ty: Ty;
}

/** A mutable local, for the rare meaning that needs a loop. */
export interface Var {
  readonly ty: Ty;
  get(): Val;
  set(v: Val): void;
}

/** Memory whose translation, rights and (if it crosses a page) second page have been checked: access cannot fault any more. */
export interface Place {
  /** `bits` up to 32: i32, zero-extended; 64: i64; 128: v128. */
  load(): Val;
  /** Takes i32 (low bits count), i64 or v128 by size. */
  store(v: Val): void;
}

export type Access = "r" | "w" | "rw";

/** An operand of the instruction, already of its final size. */
export interface Operand {
  readonly kind: "reg" | "mem" | "imm" | "xmm" | "mmx" | "st" | "rel";
  readonly bits: Bits;
  /**
   * The value: i32 zero-extended for 8, 16 and 32 bits, i64 for 64, v128 for 128. An immediate is already sign-extended
   * to its size by the decoder. ST(i) reads as i (i32). Reading twice gives the same Val.
   */
  read(): Val;
  /** Writes it: 8 and 16 bits leave the rest of a register alone, 32 bits clear the upper half (SDM Vol. 1, 3.4.1.1). */
  write(v: Val): void;
  /** The effective address (i64, segment base included) of a memory operand. */
  ea(): Val;
  /** The effective address without the segment base, for LEA. */
  offset(): Val;
}

/** Arithmetic flags, by their SDM names. */
export type Flag = "CF" | "PF" | "AF" | "ZF" | "SF" | "OF";
/** Condition codes in encoding order: O NO B AE E NE BE A S NS P NP L GE LE G. */
export type Cond = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15;

/**
 * New values of arithmetic flags. Each is a function that is called only if that flag is wanted, so that dead flags cost
 * nothing; a flag that is not given keeps its value (also what the SDM calls undefined).
 */
export interface FlagValues {
  bits: Bits;
  /** Gives ZF, SF and PF from its low `bits` bits (i32 or i64 as a value of that size is). */
  result?: Val;
  /** i32, 0 or 1. */
  cf?: () => Val;
  /** i32 whose bit 31 is OF. */
  of?: () => Val;
  /** i32 whose bit 4 is AF. */
  af?: () => Val;
  /** i32, 0 or 1, for instructions whose ZF, SF or PF do not come from one result (COMISD, BSF, CMPXCHG8B). */
  zf?: () => Val;
  sf?: () => Val;
  pf?: () => Val;
  /** The flags are those of `a - b` (sub) or `a & b` (and): lets a condition that follows be computed from a and b. */
  compare?: { op: "sub" | "and"; a: Val; b: Val };
}

/** A function compiled once and called by both tiers (see `Builder.call`). May fault only if `faults` is set. */
export interface Helper {
  readonly name: string;
  readonly params: readonly Ty[];
  readonly results: readonly Ty[];
  /** Builds the body; returns the results. Inside, operands do not exist; registers, places and flags do. */
  build(b: Builder, ...args: Val[]): Val[];
}

export interface Builder {
  // ---- constants
  i32(n: number): Val;
  i64(n: number | bigint): Val;
  f32(n: number): Val;
  f64(n: number): Val;
  /** From 16 bytes in memory order. */
  v128(bytes: readonly number[]): Val;

  // ---- pure operations. The integer ones take both i32 or both i64 and dispatch on the type.
  add(a: Val, b: Val): Val;
  sub(a: Val, b: Val): Val;
  mul(a: Val, b: Val): Val;
  and(a: Val, b: Val): Val;
  or(a: Val, b: Val): Val;
  xor(a: Val, b: Val): Val;
  /** Shift counts have the type of the value and are taken modulo its width, as in WebAssembly. */
  shl(a: Val, n: Val): Val;
  shrU(a: Val, n: Val): Val;
  shrS(a: Val, n: Val): Val;
  rotl(a: Val, n: Val): Val;
  rotr(a: Val, n: Val): Val;
  clz(a: Val): Val;
  ctz(a: Val): Val;
  popcnt(a: Val): Val;
  eqz(a: Val): Val;
  eq(a: Val, b: Val): Val;
  ne(a: Val, b: Val): Val;
  ltS(a: Val, b: Val): Val;
  ltU(a: Val, b: Val): Val;
  gtS(a: Val, b: Val): Val;
  gtU(a: Val, b: Val): Val;
  leS(a: Val, b: Val): Val;
  leU(a: Val, b: Val): Val;
  geS(a: Val, b: Val): Val;
  geU(a: Val, b: Val): Val;
  /** `cond` (i32) ? a : b, any type; both are evaluated. */
  select(cond: Val, a: Val, b: Val): Val;
  /** A constant of the integer type of `like`. */
  constLike(like: Val, n: number | bigint): Val;
  /** i32 -> i64. */
  extendU(a: Val): Val;
  extendS(a: Val): Val;
  /** i64 -> i32. */
  wrap(a: Val): Val;
  /** The low `bits` bits of an integer value, zero- or sign-extended within its own type. */
  zeroExtend(bits: Bits, a: Val): Val;
  signExtend(bits: Bits, a: Val): Val;
  /** An operand value of `bits` (i32 or i64) as i64, zero- or sign-extended from its low `bits` bits; and back to operand form. */
  toI64(bits: Bits, a: Val): Val;
  toI64S(bits: Bits, a: Val): Val;
  fromI64(bits: Bits, a: Val): Val;
  /**
   * Any other pure, non-trapping WebAssembly instruction by its text name ("f64x2.add", "i8x16.swizzle",
   * "i32x4.extract_lane", "f64.sqrt" …), with its lane immediates. Trapping ones (div, rem, trunc) also go through here:
   * the meaning must have excluded the trapping inputs, with `raiseIf` or inside `if`; they are not moved or dropped.
   */
  op(name: string, args: Val[], imm?: readonly number[]): Val;

  // ---- registers
  /** General register `n` (cpu/state.ts), `bits` wide; `high` is AH, CH, DH, BH. */
  readReg(n: number, bits: Bits): Val;
  writeReg(n: number, bits: Bits, v: Val): void;
  readXmm(n: number): Val;
  writeXmm(n: number, v: Val): void;
  /** Other state at a byte offset of cpu/state.ts: MXCSR, OTHER_FLAGS, TSC_BASE, X87 … */
  readState(offset: number, ty: Ty): Val;
  writeState(offset: number, v: Val): void;
  /** The same at `offset` + `index` (i32): x87 registers, which are numbered from the top of a stack. */
  readStateAt(offset: number, index: Val, ty: Ty): Val;
  writeStateAt(offset: number, index: Val, v: Val): void;

  // ---- flags
  setFlags(f: FlagValues): void;
  /** i32, 0 or 1. */
  flag(f: Flag): Val;
  /** i32, 0 or non-zero. */
  cond(cc: Cond): Val;
  /** RFLAGS as PUSHF stores it (i64): arithmetic and OTHER_FLAGS, bit 1 and IF set. */
  readFlags(): Val;
  /** Sets flags from a value in RFLAGS layout; bits outside `mask` keep their values. */
  writeFlags(v: Val, mask: number): void;

  // ---- memory
  /** Translates and checks `bits / 8` bytes (or `bytes` of them) at linear address `ea` (i64). Faults with #PF. */
  place(bits: Bits, ea: Val, access: Access): Place;
  /** The same for an area of `bytes` up to 512 bytes; `load` and `store` at offsets. */
  area(bytes: number, ea: Val, access: Access): Area;
  /** #GP if a memory operand is not aligned to `bytes`. Operands that need 16 do it by themselves (Row.align). */
  requireAligned(ea: Val, bytes: number): void;

  /**
   * Inside `body`, places may be taken after memory (never a register) has been written: addresses that were checked before,
   * for the same access, by this instruction; or where the processor, too, faults with part of its stores done (ENTER).
   */
  recheck(body: () => void): void;

  // ---- control inside the meaning
  if(cond: Val, then: () => void, otherwise?: () => void): void;
  /** A loop whose body returns the i32 condition to go on. Bounded loops only. */
  loop(body: () => Val): void;
  local(initial: Val): Var;
  /** Calls a helper (both tiers call the same compiled function). It may not fault unless nothing has been written yet. */
  call(h: Helper, ...args: Val[]): Val[];

  // ---- faults and control transfer
  /** Raises exception `vector` (cpu/state.ts) with RIP at this instruction when `cond` (i32) is non-zero. */
  raiseIf(cond: Val, vector: number): void;
  /** In a helper, `effects` may write what the exception itself leaves changed (flags of MXCSR). */
  raise(vector: number, effects?: () => void): void;
  /** INT3 and INT1: raises with RIP after this instruction. */
  trap(vector: number): void;
  /** Linear address of the next instruction (i64). */
  nextRip(): Val;
  /** Ends the block: goes to a linear address (i64). An address above ADDRESS_LIMIT faults there, at the target. */
  jump(target: Val): void;
  /** Ends the block: goes to the `rel` operand's target; with `cond` (i32), else to the next instruction. */
  jumpRel(target: Operand, cond?: Val): void;
  /** Ends the block: SYSCALL. */
  syscall(): void;
  /** Ends the block: the instruction is executed again if `cond` (i32) is non-zero, else the next one is (REP). */
  repeatIf(cond: Val): void;
  /** Ends the slice at this instruction boundary (PAUSE, HLT in user mode is #GP). */
  yieldSlice(): void;
  /** Instructions retired so far in this slice (i64), for RDTSC. */
  retired(): Val;

  /** Copies and fills inside host memory: `memory.copy`, `memory.fill`, raw loads; only string helpers use these. */
  readonly raw: RawMemory;
}

export interface Area {
  load(offset: number, ty: Ty, bits?: 8 | 16 | 32 | 64): Val;
  store(offset: number, v: Val, bits?: 8 | 16 | 32 | 64): void;
  /** To be called once after the last store: writes a page-crossing area back. */
  commit(): void;
}

export interface RawMemory {
  /**
   * Host address (i32) of a translated single byte; what follows up to the end of the page may be accessed through it.
   * Faults with #PF as `place` does.
   */
  host(ea: Val, access: Access): Val;
  load(bits: Bits, host: Val): Val;
  store(bits: Bits, host: Val, v: Val): void;
  copy(dst: Val, src: Val, bytes: Val): void;
  fill(dst: Val, byte: Val, bytes: Val): void;
}
