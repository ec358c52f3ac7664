/**
 * String instructions: MOVS, STOS, LODS, CMPS, SCAS, alone and with REP, REPE, REPNE.
 *
 * A repeated one is a helper that does one *chunk*: all elements up to where a page ends (in either string), the count is
 * used up, or a comparison decides. It updates RCX, RSI and RDI and says whether to go on; `repeatIf` then executes the
 * instruction again. So progress is exact at each fault, and a signal or the end of a slice comes in between chunks. An
 * element that itself crosses a page is a chunk of one.
 */
import { OTHER_FLAGS, RAX, RCX, RDI, RSI } from "../../cpu/state.ts";
import { PAGE_MASK, PAGE_SIZE } from "../../memory/layout.ts";
import type { Builder, Helper, Val } from "../builder.ts";
import { ARITHMETIC, subFlags } from "../flags.ts";
import type { Meaning, Row } from "../types.ts";
import { ARITH } from "../types.ts";
import { hex } from "./opcode.ts";

type ElementBits = 8 | 16 | 32 | 64;
type AddressBits = 32 | 64;
const DF = 0x400;

/** i32, non-zero when DF is set. */
const backwards = (b: Builder): Val => b.and(b.readState(OTHER_FLAGS, "i32"), b.i32(DF));

/** RDI as an address. Segment overrides do not apply to it. */
const destinationAddress = (b: Builder, width: AddressBits): Val =>
  width === 64 ? b.readReg(RDI, 64) : b.extendU(b.readReg(RDI, 32));

/** Moves RSI or RDI by `bytes` (i64, may be negative). */
function advance(b: Builder, register: number, width: AddressBits, bytes: Val): void {
  const moved = b.add(b.readReg(register, 64), bytes);
  b.writeReg(register, width, width === 64 ? moved : b.wrap(moved));
}

/** Distance to the next element (i64). */
const step = (b: Builder, bits: ElementBits): Val => b.select(backwards(b), b.i64(-bits / 8), b.i64(bits / 8));

// ---- once

const movs =
  (width: AddressBits): Meaning =>
  (b, source) => {
    const bits = source.bits as ElementBits;
    const value = b.place(bits, source.ea(), "r").load();
    b.place(bits, destinationAddress(b, width), "w").store(value);
    advance(b, RSI, width, step(b, bits));
    advance(b, RDI, width, step(b, bits));
  };

const stos =
  (width: AddressBits): Meaning =>
  (b, destination) => {
    const bits = destination.bits as ElementBits;
    b.place(bits, destination.ea(), "w").store(b.readReg(RAX, bits));
    advance(b, RDI, width, step(b, bits));
  };

const lods =
  (width: AddressBits): Meaning =>
  (b, source) => {
    const bits = source.bits as ElementBits;
    const value = b.place(bits, source.ea(), "r").load();
    advance(b, RSI, width, step(b, bits));
    b.writeReg(RAX, bits, value);
  };

function compareElements(b: Builder, bits: ElementBits, first: Val, second: Val): void {
  b.setFlags(subFlags(b, bits, first, second, b.sub(first, second)));
}

const cmps =
  (width: AddressBits): Meaning =>
  (b, source) => {
    const bits = source.bits as ElementBits;
    const first = b.place(bits, source.ea(), "r").load();
    const second = b.place(bits, destinationAddress(b, width), "r").load();
    advance(b, RSI, width, step(b, bits));
    advance(b, RDI, width, step(b, bits));
    compareElements(b, bits, first, second);
  };

const scas =
  (width: AddressBits): Meaning =>
  (b, destination) => {
    const bits = destination.bits as ElementBits;
    const second = b.place(bits, destination.ea(), "r").load();
    advance(b, RDI, width, step(b, bits));
    compareElements(b, bits, b.readReg(RAX, bits), second);
  };

// ---- repeated

const count = (b: Builder, width: AddressBits): Val =>
  width === 64 ? b.readReg(RCX, 64) : b.extendU(b.readReg(RCX, 32));

const setCount = (b: Builder, width: AddressBits, n: Val): void => b.writeReg(RCX, width, width === 64 ? n : b.wrap(n));

const minimumU = (b: Builder, x: Val, y: Val): Val => b.select(b.ltU(x, y), x, y);

/** Whole elements from `ea` to the end of its page in the direction of DF (i64); 0 if the first one crosses it. */
function roomInPage(b: Builder, bits: ElementBits, ea: Val): Val {
  const bytes = bits / 8;
  const shift = b.i64(Math.log2(bytes));
  const inPage = b.and(ea, b.i64(PAGE_MASK));
  const up = b.shrU(b.sub(b.i64(PAGE_SIZE), inPage), shift);
  const fits = b.leU(inPage, b.i64(PAGE_SIZE - bytes));
  const down = b.select(fits, b.add(b.shrU(inPage, shift), b.i64(1)), b.i64(0));
  return b.select(backwards(b), down, up);
}

const bytesOf = (b: Builder, bits: ElementBits, n: Val): Val => b.mul(n, b.i32(bits / 8));

/** Elements one after the other; `step` in bytes (i32). `n` is not 0. */
function forEachElement(b: Builder, n: Val, step: Val, body: (offset: Val) => void): void {
  const left = b.local(n);
  const offset = b.local(b.i32(0));
  b.loop(() => {
    body(offset.get());
    offset.set(b.add(offset.get(), step));
    left.set(b.sub(left.get(), b.i32(1)));
    return left.get();
  });
}

/** Ends a chunk of `n` elements (i64): the strings advance, the count falls. Returns whether elements are left. */
function finish(b: Builder, bits: ElementBits, width: AddressBits, registers: readonly number[], n: Val): Val {
  const bytes = b.mul(n, step(b, bits));
  for (const register of registers) advance(b, register, width, bytes);
  const left = b.sub(count(b, width), n);
  setCount(b, width, left);
  return b.ne(left, b.i64(0));
}

/** Copies within host memory in the order the processor does, which shows when the strings overlap. */
function copyElements(b: Builder, bits: ElementBits, source: Val, destination: Val, n: Val): void {
  const bytes = bytesOf(b, bits, n);
  const back = backwards(b);
  // memory.copy behaves as if through a buffer: it differs if a store comes before the load of the same bytes.
  const ahead = b.select(back, b.sub(source, destination), b.sub(destination, source));
  b.if(
    b.or(b.geU(ahead, bytes), b.eqz(ahead)),
    () => {
      const below = b.select(back, b.sub(bytes, b.i32(bits / 8)), b.i32(0));
      b.raw.copy(b.sub(destination, below), b.sub(source, below), bytes);
    },
    () => {
      const direction = b.select(back, b.i32(-bits / 8), b.i32(bits / 8));
      forEachElement(b, n, direction, (offset) =>
        b.raw.store(bits, b.add(destination, offset), b.raw.load(bits, b.add(source, offset))),
      );
    },
  );
}

function fillElements(b: Builder, bits: ElementBits, destination: Val, value: Val, n: Val): void {
  const bytes = bytesOf(b, bits, n);
  const back = backwards(b);
  const lowest = b.sub(destination, b.select(back, b.sub(bytes, b.i32(bits / 8)), b.i32(0)));
  if (bits === 8) {
    b.raw.fill(lowest, value, bytes);
    return;
  }
  const byte = bits === 64 ? b.wrap(value) : value;
  const repeated = b.mul(b.and(value, b.constLike(value, 0xff)), b.constLike(value, repeatByte(bits)));
  b.if(
    b.eq(repeated, value),
    () => b.raw.fill(lowest, byte, bytes),
    () => forEachElement(b, n, b.i32(bits / 8), (offset) => b.raw.store(bits, b.add(lowest, offset), value)),
  );
}

const repeatByte = (bits: ElementBits): number | bigint =>
  bits === 64 ? 0x0101_0101_0101_0101n : bits === 32 ? 0x0101_0101 : 0x0101;

/** Runs `chunk` with the number of elements (i64, at least 1 left to do) and returns its "go on"; nothing if RCX is 0. */
function repeated(b: Builder, width: AddressBits, chunk: (left: Val) => Val): Val[] {
  const again = b.local(b.i32(0));
  const left = count(b, width);
  b.if(b.ne(left, b.i64(0)), () => again.set(chunk(left)));
  return [again.get()];
}

/** The helpers of one operation for all element and address sizes, made when they are first asked for. */
function helpers(
  name: string,
  build: (b: Builder, bits: ElementBits, width: AddressBits, sourceAddress: Val) => Val[],
): (bits: ElementBits, width: AddressBits) => Helper {
  const made = new Map<string, Helper>();
  return (bits, width) => {
    const full = `${name}${bits}a${width}`;
    if (!made.has(full)) {
      made.set(full, {
        name: full,
        params: ["i64"],
        results: ["i32"],
        build: (b, address) => build(b, bits, width, address),
      });
    }
    return made.get(full)!;
  };
}

const repMovs = helpers("rep_movs", (b, bits, width, from) =>
  repeated(b, width, (left) => {
    const to = destinationAddress(b, width);
    const room = minimumU(b, roomInPage(b, bits, from), roomInPage(b, bits, to));
    const n = b.local(minimumU(b, left, room));
    b.if(
      b.ne(n.get(), b.i64(0)),
      () => copyElements(b, bits, b.raw.host(from, "r"), b.raw.host(to, "w"), b.wrap(n.get())),
      () => {
        const value = b.place(bits, from, "r").load();
        b.place(bits, to, "w").store(value);
        n.set(b.i64(1));
      },
    );
    return finish(b, bits, width, [RSI, RDI], n.get());
  }),
);

const repStos = helpers("rep_stos", (b, bits, width, to) =>
  repeated(b, width, (left) => {
    const value = b.readReg(RAX, bits);
    const n = b.local(minimumU(b, left, roomInPage(b, bits, to)));
    b.if(
      b.ne(n.get(), b.i64(0)),
      () => fillElements(b, bits, b.raw.host(to, "w"), value, b.wrap(n.get())),
      () => {
        b.place(bits, to, "w").store(value);
        n.set(b.i64(1));
      },
    );
    return finish(b, bits, width, [RDI], n.get());
  }),
);

/** Only the last element of a chunk stays. */
const repLods = helpers("rep_lods", (b, bits, width, from) =>
  repeated(b, width, (left) => {
    const n = b.local(minimumU(b, left, roomInPage(b, bits, from)));
    const value = b.local(b.readReg(RAX, bits));
    b.if(
      b.ne(n.get(), b.i64(0)),
      () => {
        const last = b.mul(b.sub(n.get(), b.i64(1)), step(b, bits));
        value.set(b.raw.load(bits, b.add(b.raw.host(from, "r"), b.wrap(last))));
      },
      () => {
        value.set(b.place(bits, from, "r").load());
        n.set(b.i64(1));
      },
    );
    const again = finish(b, bits, width, [RSI], n.get());
    b.writeReg(RAX, bits, value.get());
    return again;
  }),
);

/**
 * CMPS and SCAS: elements are compared until the count or the page ends, or until they are equal (REPNE) or differ
 * (REPE). `first` is the accumulator or comes from the string at `from`.
 */
function repeatedCompare(
  b: Builder,
  bits: ElementBits,
  width: AddressBits,
  from: Val | null,
  to: Val,
  whileEqual: boolean,
): Val[] {
  return repeated(b, width, (left) => {
    const accumulator = b.readReg(RAX, bits);
    const first = b.local(accumulator);
    const second = b.local(accumulator);
    const done = b.local(b.i64(1));
    const roomTo = roomInPage(b, bits, to);
    const n = minimumU(b, left, from ? minimumU(b, roomInPage(b, bits, from), roomTo) : roomTo);
    const goesOn = () => (whileEqual ? b.eq(first.get(), second.get()) : b.ne(first.get(), second.get()));
    b.if(
      b.ne(n, b.i64(0)),
      () => {
        const source = from ? b.raw.host(from, "r") : null;
        const target = b.raw.host(to, "r");
        const direction = b.wrap(step(b, bits));
        const offset = b.local(b.i32(0));
        const i = b.local(b.i32(0));
        b.loop(() => {
          if (source) first.set(b.raw.load(bits, b.add(source, offset.get())));
          second.set(b.raw.load(bits, b.add(target, offset.get())));
          offset.set(b.add(offset.get(), direction));
          i.set(b.add(i.get(), b.i32(1)));
          return b.and(goesOn(), b.ltU(i.get(), b.wrap(n)));
        });
        done.set(b.extendU(i.get()));
      },
      () => {
        if (from) first.set(b.place(bits, from, "r").load());
        second.set(b.place(bits, to, "r").load());
      },
    );
    const more = finish(b, bits, width, from ? [RSI, RDI] : [RDI], done.get());
    compareElements(b, bits, first.get(), second.get());
    return b.and(more, goesOn());
  });
}

const repeCmps = helpers("repe_cmps", (b, bits, width, from) =>
  repeatedCompare(b, bits, width, from, destinationAddress(b, width), true),
);
const repneCmps = helpers("repne_cmps", (b, bits, width, from) =>
  repeatedCompare(b, bits, width, from, destinationAddress(b, width), false),
);
const repeScas = helpers("repe_scas", (b, bits, width, to) => repeatedCompare(b, bits, width, null, to, true));
const repneScas = helpers("repne_scas", (b, bits, width, to) => repeatedCompare(b, bits, width, null, to, false));

const repeat =
  (helper: (bits: ElementBits, width: AddressBits) => Helper) =>
  (width: AddressBits): Meaning =>
  (b, string) => {
    const [again] = b.call(helper(string.bits as ElementBits, width), string.ea());
    b.repeatIf(again);
  };

interface StringOperation {
  name: string;
  /** The byte form's opcode. */
  opcode: number;
  operand: "X" | "Y";
  once: (width: AddressBits) => Meaning;
  rep: (width: AddressBits) => Meaning;
  /** The F2 form, when it differs from the F3 form: CMPS and SCAS. */
  repne?: (width: AddressBits) => Meaning;
}

const OPERATIONS: readonly StringOperation[] = [
  { name: "MOVS", opcode: 0xa4, operand: "X", once: movs, rep: repeat(repMovs) },
  { name: "CMPS", opcode: 0xa6, operand: "X", once: cmps, rep: repeat(repeCmps), repne: repeat(repneCmps) },
  { name: "STOS", opcode: 0xaa, operand: "Y", once: stos, rep: repeat(repStos) },
  { name: "LODS", opcode: 0xac, operand: "X", once: lods, rep: repeat(repLods) },
  { name: "SCAS", opcode: 0xae, operand: "Y", once: scas, rep: repeat(repeScas), repne: repeat(repneScas) },
];

export const stringRows: readonly Row[] = OPERATIONS.flatMap((operation) =>
  ([64, 32] as const).flatMap((width) =>
    (["b", "v"] as const).flatMap((size, i): Row[] => {
      const opcode = hex(operation.opcode + i);
      const compares = operation.repne !== undefined;
      const note = width === 32 ? "67 prefix: ESI, EDI and ECX" : undefined;
      const row = {
        encoding: width === 32 ? `67 ${opcode}` : opcode,
        operands: `&${operation.operand}${size}`,
        feature: "base",
        note,
      } as const;
      // With RCX = 0 a repeated comparison leaves the flags alone.
      const flags = compares ? { write: ARITH, kill: 0 } : undefined;
      const ends = true;
      const otherRepeat = {
        ...row,
        flags,
        ends,
        rep: "repne",
        name: compares ? `REPNE ${operation.name}` : `REP ${operation.name}`,
      } as const;
      return [
        { ...row, name: operation.name, meaning: operation.once(width), flags: compares ? ARITHMETIC : undefined },
        {
          ...row,
          name: compares ? `REPE ${operation.name}` : `REP ${operation.name}`,
          meaning: operation.rep(width),
          flags,
          ends,
          rep: "rep",
          frequency: width === 64 ? 0.2 : 0,
        },
        compares
          ? { ...otherRepeat, meaning: operation.repne!(width) }
          : { ...otherRepeat, meaning: operation.rep(width), note: "F2 acts as F3 here, as on processors" },
      ];
    }),
  ),
);
