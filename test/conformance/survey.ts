/** Runs every guest program natively and here, and counts which rows each calls. */
import { nativeFor } from "./agree.ts";
import { cameThrough, guestNatively, inParallel, type Program } from "./guest.ts";
import { type Case, equal, type Outcome } from "./outcome.ts";
import type { Pool } from "./pool.ts";
import { rows } from "./rows.ts";

/** Time limits of a machine, in milliseconds: nothing in test/guest takes long. */
export const LIMITS = { wallMs: 20_000, cpuMs: 20_000 };

export interface SurveyedCase {
  readonly program: Case;
  readonly native: Outcome;
  readonly here: Outcome;
  /** Calls of each row, by its index in `rows`. */
  readonly counts: Uint32Array;
}

export interface SurveyedProgram {
  readonly name: string;
  readonly cases: readonly SurveyedCase[];
  readonly passedNatively: boolean;
  readonly passedHere: boolean;
}

export function survey(pool: Pool, root: string, programs: readonly Program[]): Promise<SurveyedProgram[]> {
  return inParallel(programs, pool.width, async ({ name, cases }) => {
    const surveyed: SurveyedCase[] = [];
    for (const program of cases) {
      const natively = () => guestNatively(root, program);
      const [first, { outcome: here, counts = new Uint32Array(rows.length) }] = await Promise.all([
        natively(),
        pool.run({ program, ...LIMITS, count: true }),
      ]);
      const native = await nativeFor(here, first, natively, equal);
      surveyed.push({ program, native, here, counts });
    }
    const passedNatively = surveyed.every(({ native }) => cameThrough(native));
    const passedHere = surveyed.every(({ native, here }) => equal(native, here));
    return { name, cases: surveyed, passedNatively, passedHere };
  });
}

/** Whether one of the program's runs calls the row with this index. */
export const calls = ({ cases }: SurveyedProgram, row: number): boolean => cases.some(({ counts }) => counts[row] > 0);
