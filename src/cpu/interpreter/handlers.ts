/**
 * Which handlers there are: each row in each operand size, with and without a memory operand, careful ("cold") once; and the
 * frequent ones again inside the loop of `run` ("hot"), specialised by addressing form, by whether their flags are wanted,
 * and fused with the conditional branch that follows.
 */
import type { Cond } from "../../isa/builder.ts";
import { type Form, type OperandSize, parseRow } from "../../isa/encoding.ts";
import { CONDITION_NAMES } from "../../isa/flags.ts";
import { ARITH, type Row } from "../../isa/types.ts";
import { formKey, type Shape, shapeOf } from "../microop.ts";
import { HOT_SET } from "./hot-set.ts";

export interface RowForm {
  readonly form: Form;
  readonly row: Row;
  readonly size: OperandSize;
  readonly isMemory: boolean;
  readonly key: number;
  readonly shape: Shape;
}

/** How a hot handler differs from the careful one of its form. */
export interface Variant {
  readonly of: RowForm;
  readonly indexed: boolean;
  readonly liveFlags: number;
  readonly fused?: Cond;
  readonly score: number;
}

export function rowForms(rows: readonly Row[]): RowForm[] {
  return rows.flatMap((row, rowId) => {
    const form = parseRow(row, rowId);
    const memory: boolean[] = [];
    if (form.registerForm || !form.memoryForm) memory.push(false);
    if (form.memoryForm) memory.push(true);
    return form.sizes.flatMap((size) =>
      memory.map((isMemory) => {
        const shape = shapeOf(form, size, isMemory);
        return { form, row, size, isMemory, key: formKey(rowId, size, isMemory), shape };
      }),
    );
  });
}

/**
 * Conditions that are fused, with their share among conditional branches. Odd ones are had by exchanging the branch's targets,
 * and overflow and parity follow a compare too rarely.
 */
const FUSED_CONDITIONS: readonly [Cond, number][] = [
  [4, 0.6],
  [2, 0.08],
  [6, 0.1],
  [12, 0.06],
  [14, 0.09],
  [8, 0.04],
];
/** Instructions that branches are fused with, with the part of them that is followed by a branch. */
const FUSED_WITH: Record<string, number> = { CMP: 0.9, TEST: 0.9, SUB: 0.15, ADD: 0.15, AND: 0.25, DEC: 0.4, INC: 0.1 };

const SIZE_SHARE: Record<number, number> = { 16: 0.02, 32: 0.45, 64: 0.53 };

/** Candidates for the hot set: those measured to be frequent (hot-set.ts), then by the table's frequencies. */
export function hotCandidates(forms: readonly RowForm[]): Variant[] {
  const variants: Variant[] = [];
  for (const of of forms) {
    const { row, form, size, isMemory } = of;
    let score = row.frequency ?? 0;
    if (score <= 0) score = 1e-6;
    if (form.sizes.length > 1) score *= form.sizes.includes(32) ? SIZE_SHARE[size] : size === 16 ? 0.01 : 1;
    if (form.memoryForm && form.registerForm) score *= isMemory ? 0.4 : 0.6;
    const setsFlags = (row.flags?.write ?? 0) !== 0;
    const addressings = isMemory
      ? ([
          [false, 0.8],
          [true, 0.2],
        ] as const)
      : ([[false, 1]] as const);
    for (const [indexed, share] of addressings) {
      const base = { of, indexed };
      if (!setsFlags) variants.push({ ...base, liveFlags: ARITH, score: score * share });
      else {
        const fusedShare = FUSED_WITH[row.name] ?? 0;
        variants.push({ ...base, liveFlags: ARITH, score: score * share * (1 - fusedShare) * 0.3 });
        variants.push({ ...base, liveFlags: 0, score: score * share * (1 - fusedShare) * 0.7 });
        if (size === 16) continue;
        for (const [fused, often] of FUSED_CONDITIONS) {
          if (!fusedShare) break;
          const pair = score * share * fusedShare * often;
          variants.push({ ...base, liveFlags: 0, fused, score: pair * 0.7 });
          variants.push({ ...base, liveFlags: ARITH, fused, score: pair * 0.3 });
        }
      }
    }
  }
  const ranks = new Map(HOT_SET.map((name, i) => [name, HOT_SET.length - i]));
  const rank = (v: Variant): number => ranks.get(variantName(v)) ?? 0;
  return variants.sort((x, y) => rank(y) - rank(x) || y.score - x.score);
}

/** What a form is called in traces. */
export const formName = (of: RowForm): string =>
  `${of.row.name} ${of.row.operands}${of.form.sizes.length > 1 ? ` ${of.size}` : ""}${of.isMemory ? " memory" : ""}`;

/** What a variant is called in traces and in hot-set.ts. */
export function variantName({ of, indexed, liveFlags, fused }: Variant): string {
  const specialised = `${indexed ? " indexed" : ""}${liveFlags ? "" : " no flags"}`;
  return `${formName(of)}${specialised}${fused === undefined ? "" : ` + J${CONDITION_NAMES[fused]}`}`;
}
