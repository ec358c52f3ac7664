/**
 * Which handlers there are: each row in each operand size, with and without a memory operand, careful ("cold") once; and the
 * frequent ones again inside the loop of `run` ("hot"), specialised by addressing form, by whether their flags are wanted,
 * and fused with the conditional branch that follows.
 */
import type { Cond } from "../../isa/builder.ts";
import { type Form, type OperandSize, parseRow } from "../../isa/encoding.ts";
import { ARITH, type Row } from "../../isa/types.ts";
import { formKey, type Shape, shapeOf } from "../microop.ts";

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

/** Candidates for the hot set, most frequent first. */
export function hotCandidates(forms: readonly RowForm[]): Variant[] {
  const variants: Variant[] = [];
  for (const of of forms) {
    const { row, form, size, isMemory } = of;
    let score = row.frequency ?? 0;
    if (score <= 0) continue;
    if (form.sizes.length > 1) score *= form.sizes.includes(32) ? SIZE_SHARE[size] : size === 16 ? 0.01 : 1;
    if (form.memoryForm && form.registerForm) score *= isMemory ? 0.4 : 0.6;
    const setsFlags = (row.flags?.write ?? 0) !== 0;
    const addressings = isMemory ? [[false, 0.8], [true, 0.2]] as const : [[false, 1]] as const;
    for (const [indexed, share] of addressings) {
      const base = { of, indexed };
      if (!setsFlags) variants.push({ ...base, liveFlags: ARITH, score: score * share });
      else {
        const fusedShare = FUSED_WITH[row.name] ?? 0;
        variants.push({ ...base, liveFlags: ARITH, score: score * share * (1 - fusedShare) * 0.3 });
        variants.push({ ...base, liveFlags: 0, score: score * share * (1 - fusedShare) * 0.7 });
        if (size === 16) continue;
        for (const [fused, often] of FUSED_CONDITIONS) {
          if (fusedShare) variants.push({ ...base, liveFlags: 0, fused, score: score * share * fusedShare * often });
        }
      }
    }
  }
  return variants.sort((x, y) => y.score - x.score);
}
