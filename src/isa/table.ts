/** The instruction table: every form that Binlet's CPU has. A row's index in it is its `rowId`. */
import { arithRows } from "./rows/arith.ts";
import { controlRows } from "./rows/control.ts";
import { logicRows } from "./rows/logic.ts";
import { moveRows } from "./rows/move.ts";
import { shiftRows } from "./rows/shift.ts";
import { sseConvertRows } from "./rows/sse-convert.ts";
import { sseFloatRows } from "./rows/sse-float.ts";
import { sseIntegerRows } from "./rows/sse-integer.ts";
import { sseMoveRows } from "./rows/sse-move.ts";
import { sseShuffleRows } from "./rows/sse-shuffle.ts";
import { sseSystemRows } from "./rows/sse-system.ts";
import { stackRows } from "./rows/stack.ts";
import type { Row } from "./types.ts";

export const rows: readonly Row[] = [
  ...moveRows,
  ...arithRows,
  ...logicRows,
  ...shiftRows,
  ...stackRows,
  ...controlRows,
  ...sseMoveRows,
  ...sseShuffleRows,
  ...sseIntegerRows,
  ...sseFloatRows,
  ...sseConvertRows,
  ...sseSystemRows,
];
