/**
 * x87: the environment and the whole state in memory (SDM Vol. 1, 8.1.10 and 8.1.11). The operand size chooses between the
 * 32-bit and the 16-bit protected-mode layout. Selectors are stored as 0, as processors do that deprecate FCS and FDS; the
 * pointers are those that the last FXRSTOR, FRSTOR or FLDENV loaded.
 */
import { X87_INSTRUCTION, X87_OPCODE, X87_OPERAND, X87_REGISTERS, X87_TAGS } from "../../cpu/state.ts";
import type { Area, Builder, Helper, Val } from "../builder.ts";
import { isNormal, isZero } from "../floatx80.ts";
import type { Meaning, Row } from "../types.ts";
import { initialise } from "./x87-control.ts";
import { EXTENDED_BYTES, loadExtended, storeExtended } from "./x87-move.ts";
import {
  controlWord,
  EXCEPTIONS,
  slotAt,
  statusWord,
  usableControl,
  waiting,
  withSummary,
  writeWords,
  x87Row,
} from "./x87-stack.ts";

/** Tags of two bits: what is in a register. */
const TAG_VALID = 0;
const TAG_ZERO = 1;
const TAG_SPECIAL = 2;
const TAG_EMPTY = 3;

/** The tag word with two bits a register, from R0 on; the state knows empty registers only. */
const fullTags: Helper = {
  name: "x87_full_tags",
  params: [],
  results: ["i32"],
  build(b) {
    const present = b.readState(X87_TAGS, "i32");
    let word: Val = b.i32(0);
    for (let n = 0; n < 8; n++) {
      const at = X87_REGISTERS + n * 16;
      const [se, sig] = [b.and(b.readState(at + 8, "i32"), b.i32(0xffff)), b.readState(at, "i64")];
      const other = b.select(isZero(b, se, sig), b.i32(TAG_ZERO), b.i32(TAG_SPECIAL));
      const kind = b.select(isNormal(b, se, sig), b.i32(TAG_VALID), other);
      const tag = b.select(b.and(present, b.i32(1 << n)), kind, b.i32(TAG_EMPTY));
      word = b.or(word, b.shl(tag, b.i32(2 * n)));
    }
    return [word];
  },
};

/** One bit a register, from a full tag word. */
const abridgedTags = (b: Builder, word: Val): Val => {
  let tags: Val = b.i32(0);
  for (let n = 0; n < 8; n++) {
    const tag = b.and(b.shrU(word, b.i32(2 * n)), b.i32(3));
    tags = b.or(tags, b.shl(b.ne(tag, b.i32(TAG_EMPTY)), b.i32(n)));
  }
  return tags;
};

/** Where an environment's fields are: bytes of a field, and offsets. */
interface Layout {
  field: 2 | 4;
  bytes: number;
}
const LAYOUT_32: Layout = { field: 4, bytes: 28 };
const LAYOUT_16: Layout = { field: 2, bytes: 14 };
/** Fields in order. */
const [FCW, FSW, FTW, FIP, FCS, FDP, FDS] = [0, 1, 2, 3, 4, 5, 6];

const storeEnvironment = (b: Builder, image: Area, { field }: Layout): void => {
  // The upper halves of 32-bit fields that hold 16 bits are ones.
  const reserved = field === 4 ? 0xffff_0000 | 0 : 0;
  const store = (n: number, v: Val, upper = reserved): void =>
    image.store(n * field, b.or(v, b.i32(upper)), field === 4 ? 32 : 16);
  store(FCW, controlWord(b));
  store(FSW, statusWord(b));
  store(FTW, b.call(fullTags)[0]);
  store(FIP, b.wrap(b.readState(X87_INSTRUCTION, "i64")), 0);
  const opcode = b.and(b.readState(X87_OPCODE - 2, "i32"), b.i32(0x07ff_0000));
  store(FCS, field === 4 ? opcode : b.i32(0), 0);
  store(FDP, b.wrap(b.readState(X87_OPERAND, "i64")), 0);
  store(FDS, b.i32(0));
};

const loadEnvironment = (b: Builder, image: Area, { field }: Layout): Val => {
  const load = (n: number): Val => image.load(n * field, "i32", field === 4 ? 32 : 16);
  const half = (n: number): Val => image.load(n * field, "i32", 16);
  const control = usableControl(b, half(FCW));
  const status = half(FSW);
  const opcode = field === 4 ? b.and(load(FCS), b.i32(0x07ff_0000)) : b.i32(0);
  const tags = b.or(abridgedTags(b, half(FTW)), opcode);
  const [instruction, operand] = [b.extendU(load(FIP)), b.extendU(load(FDP))];
  writeWords(b, control, withSummary(b, control, status));
  b.writeState(X87_TAGS, tags);
  b.writeState(X87_INSTRUCTION, instruction);
  b.writeState(X87_OPERAND, operand);
  return status;
};

/** FNSTENV masks all exceptions when it has stored the environment. */
const saveEnvironment =
  (layout: Layout): Meaning =>
  (b, memory) => {
    const image = b.area(layout.bytes, memory.ea(), "w");
    storeEnvironment(b, image, layout);
    image.commit();
    const control = b.or(controlWord(b), b.i32(EXCEPTIONS));
    writeWords(b, control, withSummary(b, control, statusWord(b)));
  };

const restoreEnvironment = (layout: Layout): Meaning =>
  waiting((b, memory) => {
    loadEnvironment(b, b.area(layout.bytes, memory.ea(), "r"), layout);
  });

const wholeBytes = ({ bytes }: Layout): number => bytes + 8 * EXTENDED_BYTES;

const save =
  (layout: Layout): Meaning =>
  (b, memory) => {
    const image = b.area(wholeBytes(layout), memory.ea(), "w");
    storeEnvironment(b, image, layout);
    const status = statusWord(b);
    for (let i = 0; i < 8; i++) {
      const at = slotAt(b, status, i);
      const [se, sig] = [b.readStateAt(X87_REGISTERS + 8, at, "i32"), b.readStateAt(X87_REGISTERS, at, "i64")];
      storeExtended(image, layout.bytes + i * EXTENDED_BYTES, { se, sig });
    }
    image.commit();
    initialise(b);
  };

const restore = (layout: Layout): Meaning =>
  waiting((b, memory) => {
    const image = b.area(wholeBytes(layout), memory.ea(), "r");
    const values = Array.from({ length: 8 }, (_, i) => loadExtended(image, layout.bytes + i * EXTENDED_BYTES));
    const status = loadEnvironment(b, image, layout);
    values.forEach(({ se, sig }, i) => {
      const at = slotAt(b, status, i);
      b.writeStateAt(X87_REGISTERS + 8, at, se);
      b.writeStateAt(X87_REGISTERS, at, sig);
    });
  });

const bothSizes = (name: string, encoding: string, meaning: (layout: Layout) => Meaning): Row[] => [
  x87Row(name, encoding, "&M", meaning(LAYOUT_32)),
  x87Row(name, `66 REX.0 ${encoding}`, "&M", meaning(LAYOUT_16), { note: "16-bit layout" }),
];

export const x87EnvironmentRows: readonly Row[] = [
  ...bothSizes("FLDENV", "D9 /4", restoreEnvironment),
  ...bothSizes("FNSTENV", "D9 /6", saveEnvironment),
  ...bothSizes("FRSTOR", "DD /4", restore),
  ...bothSizes("FNSAVE", "DD /6", save),
];
