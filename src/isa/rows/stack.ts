/** The stack: PUSH, POP, PUSHF, POPF, ENTER, LEAVE. */
import { R_FS, R_GS, RBP, RSP, VECTOR_GP } from "../../cpu/state.ts";
import type { Builder, Operand, Val } from "../builder.ts";
import { ARITH, type Meaning, type Row } from "../types.ts";

type Width = 16 | 64;

/** Flags that user code may change with POPF: not IF, IOPL, VM, VIF, VIP or RF (SDM Vol. 2, POPF, CPL 3). */
const POPF_MASK = 0x24_4dd5;
const pushFrequency = 25;

/** Stores a value below the stack pointer. `check` may fault, after the store has been found possible. */
export function push(b: Builder, bits: Width, value: Val, check?: () => void): void {
  const top = b.sub(b.readReg(RSP, 64), b.i64(bits / 8));
  const place = b.place(bits, top, "w");
  check?.();
  place.store(value);
  b.writeReg(RSP, 64, top);
}

/** Reads the value at the stack pointer, and the stack pointer after it. */
function peek(b: Builder, bits: Width): { value: Val; next: Val } {
  const top = b.readReg(RSP, 64);
  return { value: b.place(bits, top, "r").load(), next: b.add(top, b.i64(bits / 8)) };
}

const pushMeaning: Meaning = (b, source) => push(b, source.bits as Width, source.read());

const popMeaning: Meaning = (b, destination) => {
  const { value, next } = peek(b, destination.bits as Width);
  if (destination.kind === "mem") {
    destination.write(value);
    b.writeReg(RSP, 64, next);
  } else {
    // POP RSP: the increment is overwritten.
    b.writeReg(RSP, 64, next);
    destination.write(value);
  }
};

const constant = (b: Builder, bits: Width, n: number): Val => (bits === 64 ? b.i64(n) : b.i32(n));

const pushNullSelector =
  (bits: Width): Meaning =>
  (b) =>
    push(b, bits, constant(b, bits, 0));

const popSelector =
  (bits: Width, base: number): Meaning =>
  (b) => {
    const { value, next } = peek(b, bits);
    const selector = b.and(bits === 64 ? b.wrap(value) : value, b.i32(0xffff));
    b.raiseIf(b.gtU(selector, b.i32(3)), VECTOR_GP);
    b.writeReg(RSP, 64, next);
    b.writeReg(base, 64, b.i64(0));
  };

const pushf =
  (bits: Width): Meaning =>
  (b) =>
    push(b, bits, b.fromI64(bits, b.readFlags()));

const popf =
  (bits: Width): Meaning =>
  (b) => {
    const { value, next } = peek(b, bits);
    b.writeReg(RSP, 64, next);
    b.writeFlags(b.toI64(bits, value), bits === 16 ? POPF_MASK & 0xffff : POPF_MASK);
  };

const leave =
  (bits: Width): Meaning =>
  (b) => {
    const frame = b.readReg(RBP, 64);
    const saved = b.place(bits, frame, "r").load();
    b.writeReg(RSP, 64, b.add(frame, b.i64(bits / 8)));
    b.writeReg(RBP, bits, saved);
  };

/**
 * ENTER size, level (SDM Vol. 2): pushes RBP, then `level - 1` frame pointers of the enclosing frames and the new one, and
 * makes room. If a later push faults the earlier ones have been stored, as on processors; registers change at the end.
 */
const enter =
  (bits: Width): Meaning =>
  (b: Builder, size: Operand, nesting: Operand) => {
    const bytes = b.i64(bits / 8);
    const level = b.and(nesting.read(), b.i32(31));
    const frame = b.sub(b.readReg(RSP, 64), bytes);
    const outer = b.readReg(RBP, 64);
    const slot = (from: Val, n: Val): Val => b.sub(from, b.mul(b.extendU(n), bytes));
    const end = b.sub(slot(frame, level), b.zeroExtend(16, b.extendU(size.read())));
    b.place(bits, frame, "w").store(b.readReg(RBP, bits));
    b.recheck(() => {
      b.if(level, () => {
        const i = b.local(b.i32(1));
        b.loop(() => {
          const value = b.local(b.fromI64(bits, frame));
          b.if(b.ltU(i.get(), level), () => value.set(b.place(bits, slot(outer, i.get()), "r").load()));
          b.place(bits, slot(frame, i.get()), "w").store(value.get());
          i.set(b.add(i.get(), b.i32(1)));
          return b.leU(i.get(), level);
        });
      });
      b.place(bits, end, "w");
    });
    b.writeReg(RBP, bits, b.fromI64(bits, frame));
    b.writeReg(RSP, 64, end);
  };

const row = (name: string, encoding: string, operands: string, meaning: Meaning, more: Partial<Row> = {}): Row => ({
  name,
  encoding,
  operands,
  meaning,
  feature: "base",
  ...more,
});

const d64 = { defaultSize: "d64" } as const;
const segmentNote = { untested: "the host's FS and GS belong to the test process" };

export const stackRows: readonly Row[] = [
  row("PUSH", "50 +r", "Zv", pushMeaning, { ...d64, frequency: pushFrequency }),
  row("PUSH", "68 iz", "Iz", pushMeaning, { ...d64, frequency: 0.5 }),
  row("PUSH", "6A ib", "sIb", pushMeaning, { ...d64, frequency: 1 }),
  row("PUSH", "FF /6", "Ev", pushMeaning, { ...d64, frequency: 1 }),
  row("POP", "58 +r", "=Zv", popMeaning, { ...d64, frequency: pushFrequency }),
  row("POP", "8F /0", "=Ev", popMeaning, { ...d64, afterPop: true }),
  row("PUSH FS", "0F A0", "", pushNullSelector(64), segmentNote),
  row("PUSH FS", "66 REX.0 0F A0", "", pushNullSelector(16), segmentNote),
  row("PUSH GS", "0F A8", "", pushNullSelector(64), segmentNote),
  row("PUSH GS", "66 REX.0 0F A8", "", pushNullSelector(16), segmentNote),
  row("POP FS", "0F A1", "", popSelector(64, R_FS), segmentNote),
  row("POP FS", "66 REX.0 0F A1", "", popSelector(16, R_FS), segmentNote),
  row("POP GS", "0F A9", "", popSelector(64, R_GS), segmentNote),
  row("POP GS", "66 REX.0 0F A9", "", popSelector(16, R_GS), segmentNote),
  row("PUSHFQ", "9C", "", pushf(64), { flags: { read: ARITH } }),
  row("PUSHFW", "66 REX.0 9C", "", pushf(16), { flags: { read: ARITH } }),
  row("POPFQ", "9D", "", popf(64), { flags: { write: ARITH } }),
  row("POPFW", "66 REX.0 9D", "", popf(16), { flags: { write: ARITH } }),
  row("ENTER", "C8 iw ib", "Iw,Ib", enter(64)),
  row("ENTERW", "66 REX.0 C8 iw ib", "Iw,Ib", enter(16)),
  row("LEAVE", "C9", "", leave(64), { frequency: 3 }),
  row("LEAVEW", "66 REX.0 C9", "", leave(16)),
];
