/** The instruction table: every form that Binlet's CPU has. A row's index in it is its `rowId`. */
import { arithRows } from "./rows/arith.ts";
import { bitsRows } from "./rows/bits.ts";
import { controlRows } from "./rows/control.ts";
import { convertRows } from "./rows/convert.ts";
import { logicRows } from "./rows/logic.ts";
import { mmxIntegerRows } from "./rows/mmx-integer.ts";
import { mmxMoveRows } from "./rows/mmx-move.ts";
import { moveRows } from "./rows/move.ts";
import { multiplyRows } from "./rows/multiply.ts";
import { shiftRows } from "./rows/shift.ts";
import { sseConvertRows } from "./rows/sse-convert.ts";
import { sseFloatRows } from "./rows/sse-float.ts";
import { sseIntegerRows } from "./rows/sse-integer.ts";
import { sseMoveRows } from "./rows/sse-move.ts";
import { sseShuffleRows } from "./rows/sse-shuffle.ts";
import { sseSystemRows } from "./rows/sse-system.ts";
import { sse3FloatRows } from "./rows/sse3-float.ts";
import { sse4BlendRows } from "./rows/sse4-blend.ts";
import { sse4FloatRows } from "./rows/sse4-float.ts";
import { sse4IntegerRows } from "./rows/sse4-integer.ts";
import { sse4StringRows } from "./rows/sse4-string.ts";
import { ssse3IntegerRows } from "./rows/ssse3-integer.ts";
import { stackRows } from "./rows/stack.ts";
import { stringRows } from "./rows/string.ts";
import { systemRows } from "./rows/system.ts";
import { x87ArithmeticRows } from "./rows/x87-arithmetic.ts";
import { x87CompareRows } from "./rows/x87-compare.ts";
import { x87ControlRows } from "./rows/x87-control.ts";
import { x87DecimalRows } from "./rows/x87-decimal.ts";
import { x87EnvironmentRows } from "./rows/x87-environment.ts";
import { x87MoveRows } from "./rows/x87-move.ts";
import { x87RemainderRows } from "./rows/x87-remainder.ts";
import { x87TranscendentalRows } from "./rows/x87-transcendental.ts";
import type { Row } from "./types.ts";

export const rows: readonly Row[] = [
  ...moveRows,
  ...arithRows,
  ...logicRows,
  ...shiftRows,
  ...multiplyRows,
  ...bitsRows,
  ...convertRows,
  ...stackRows,
  ...controlRows,
  ...stringRows,
  ...systemRows,
  ...sseMoveRows,
  ...sseIntegerRows,
  ...sseShuffleRows,
  ...sseFloatRows,
  ...sseConvertRows,
  ...sseSystemRows,
  ...x87ControlRows,
  ...x87MoveRows,
  ...x87ArithmeticRows,
  ...x87CompareRows,
  ...x87RemainderRows,
  ...x87DecimalRows,
  ...x87EnvironmentRows,
  ...x87TranscendentalRows,
  ...mmxMoveRows,
  ...mmxIntegerRows,
  ...sse3FloatRows,
  ...ssse3IntegerRows,
  ...sse4IntegerRows,
  ...sse4BlendRows,
  ...sse4FloatRows,
  ...sse4StringRows,
];
