/** x87: control and status words, stack management (SDM Vol. 1, 8.1 and 8.3.11). */
import { RAX, X87_INSTRUCTION, X87_OPERAND, X87_TAGS } from "../../cpu/state.ts";
import { C1 } from "../floatx80.ts";
import type { Meaning, Row } from "../types.ts";
import {
  ALIAS,
  BUSY,
  controlWord,
  deliverPending,
  ES,
  EXCEPTIONS,
  free,
  moveTop,
  pop,
  statusWord,
  usableControl,
  waiting,
  withSummary,
  writeStatus,
  writeWords,
  x87Row,
} from "./x87-stack.ts";

const CONTROL_INITIAL = 0x37f;
const STACK_FAULT = 0x40;

export const initialise: Meaning = (b) => {
  writeWords(b, b.i32(CONTROL_INITIAL), b.i32(0));
  b.writeState(X87_TAGS, b.i32(0)); // and FOP
  b.writeState(X87_INSTRUCTION, b.i64(0));
  b.writeState(X87_OPERAND, b.i64(0));
};

/** Unmasking a flagged exception makes it pending. */
const loadControl: Meaning = waiting((b, src) => {
  const control = usableControl(b, src.read());
  writeWords(b, control, withSummary(b, control, statusWord(b)));
});

const clearExceptions: Meaning = (b) =>
  writeStatus(b, b.and(statusWord(b), b.i32(0xffff & ~(EXCEPTIONS | STACK_FAULT | ES | BUSY))));

const rotate = (by: 1 | -1): Meaning =>
  waiting((b) => {
    moveTop(b, by);
    writeStatus(b, b.and(statusWord(b), b.i32(0xffff & ~C1)));
  });

const nothing: Meaning = () => {};
const LEGACY = { note: "does nothing" };

export const x87ControlRows: readonly Row[] = [
  x87Row("FWAIT", "9B", "", deliverPending),
  x87Row("FLDCW", "D9 /5", "Mw", loadControl),
  x87Row("FNSTCW", "D9 /7", "=Mw", (b, dst) => dst.write(controlWord(b))),
  x87Row("FNSTSW", "DD /7", "=Mw", (b, dst) => dst.write(statusWord(b))),
  x87Row("FNSTSW", "DF E0", "", (b) => b.writeReg(RAX, 16, statusWord(b)), { note: "AX" }),
  x87Row("FNCLEX", "DB E2", "", clearExceptions),
  x87Row("FNINIT", "DB E3", "", initialise),
  x87Row("FNOP", "D9 D0", "", waiting(nothing)),
  // What the 8087 and the 287 did with these, later processors have no use for (SDM Vol. 3, 23.18.5).
  x87Row("FNENI", "DB E0", "", nothing, LEGACY),
  x87Row("FNDISI", "DB E1", "", nothing, LEGACY),
  x87Row("FNSETPM", "DB E4", "", nothing, LEGACY),
  x87Row("FDECSTP", "D9 F6", "", rotate(-1)),
  x87Row("FINCSTP", "D9 F7", "", rotate(1)),
  x87Row(
    "FFREEP",
    "DF /0",
    "+ST",
    waiting((b, register) => {
      free(b, register.read());
      pop(b);
    }),
    ALIAS,
  ),
  x87Row(
    "FFREE",
    "DD /0",
    "+ST",
    waiting((b, register) => free(b, register.read())),
  ),
];
