/** SSE3: horizontal and alternating sums, duplicating moves, LDDQU (SDM Vol. 1, 12.3). */
import type { Builder, Operand, Val } from "../builder.ts";
import { DOUBLE, type Precision, SINGLE } from "../float.ts";
import { alternatingLanes, arithmeticLanes } from "../float-modes.ts";
import type { Meaning, Row } from "../types.ts";
import { lowQword, row, shuffle } from "./sse-values.ts";

const alternating =
  (p: Precision): Meaning =>
  (b, dst, src) =>
    dst.write(alternatingLanes(b, p, dst.read(), src.read()));

/** The even lanes of destination and source (in this order) with their odd lanes. */
const horizontal =
  (p: Precision, op: "add" | "sub"): Meaning =>
  (b, dst, src) => {
    const [x, y] = [dst.read(), src.read()];
    const [even, odd] =
      p === SINGLE
        ? [shuffle(b, 4, x, y, [0, 2, 4, 6]), shuffle(b, 4, x, y, [1, 3, 5, 7])]
        : [shuffle(b, 8, x, y, [0, 2]), shuffle(b, 8, x, y, [1, 3])];
    dst.write(arithmeticLanes(b, p, op, even, odd));
  };

const duplicate =
  (lanes: readonly number[]): Meaning =>
  (b: Builder, dst: Operand, src: Operand) => {
    const x: Val = src.read();
    dst.write(shuffle(b, 4, x, x, lanes));
  };

const moveDuplicate: Meaning = (b, dst, src) => dst.write(b.op("i64x2.splat", [lowQword(b, src)]));

const pair = (name: string, opcode: string, meaning: (p: Precision) => Meaning, frequency = 0): readonly Row[] => [
  row(`${name}PS`, `F2 0F ${opcode} /r`, "+Vps,Wps", meaning(SINGLE), "sse3", { frequency }),
  row(`${name}PD`, `66 0F ${opcode} /r`, "+Vpd,Wpd", meaning(DOUBLE), "sse3", { frequency }),
];

export const sse3FloatRows: readonly Row[] = [
  ...pair("HADD", "7C", (p) => horizontal(p, "add"), 0.1),
  ...pair("HSUB", "7D", (p) => horizontal(p, "sub")),
  ...pair("ADDSUB", "D0", alternating),
  row("MOVDDUP", "F2 0F 12 /r", "=Vpd,Wq", moveDuplicate, "sse3", { frequency: 0.2 }),
  row("MOVSLDUP", "F3 0F 12 /r", "=Vps,Wps", duplicate([0, 0, 2, 2]), "sse3"),
  row("MOVSHDUP", "F3 0F 16 /r", "=Vps,Wps", duplicate([1, 1, 3, 3]), "sse3"),
  row("LDDQU", "F2 0F F0 /r", "=Vdq,Mdq", (_b, dst, src) => dst.write(src.read()), "sse3", {
    unaligned: true,
    frequency: 0.2,
  }),
];
