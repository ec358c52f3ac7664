/**
 * The mutation run: does a program fail when a handler does nothing? Each row's handler is replaced, in turn by one that
 * returns -ENOSYS and by one that returns 0, and the programs that call the row run until one of them fails.
 */

import type { Guards } from "./guards.ts";
import { inParallel } from "./guest.ts";
import { equal } from "./outcome.ts";
import type { Pool } from "./pool.ts";
import { MUTATIONS, type Mutation, rows } from "./rows.ts";
import type { SurveyedCase, SurveyedProgram } from "./survey.ts";

/** How long a mutated run may take, next to what it took: a program that hangs has failed. */
const WALL = { factor: 3, plus: 2500 };
/** Guest CPU time that is enough for every program. */
const CPU_MS = 2500;
/** The program that does next to nothing: what it calls, every program calls. */
const BASELINE = "hello";

const HARDWARE = "whether Linux has it depends on the processor";
const NO_ALARM = "Linux has it where a clock can wake the machine";

/** Mutants that no program can tell from the original on every machine, and why. */
export const EQUIVALENT: Record<string, Partial<Record<Mutation, string>>> = {
  sync: { zero: "it returns 0 whatever happens, and has no effect that a program sees" },
  sched_yield: { zero: "it returns 0 whatever happens, and who runs next is the scheduler's choice" },
  "prctl:PR_GET_TIMING": { zero: "0 is its only answer" },
  "prctl:PR_TASK_PERF_EVENTS_DISABLE": { zero: "it returns 0 whatever happens, and has no effect without events" },
  "prctl:PR_TASK_PERF_EVENTS_ENABLE": { zero: "it returns 0 whatever happens, and has no effect without events" },
  "arch_prctl:ARCH_SET_CPUID": { ENOSYS: HARDWARE, zero: HARDWARE },
  "clock_gettime:CLOCK_REALTIME_ALARM": { ENOSYS: NO_ALARM, zero: NO_ALARM },
  "clock_gettime:CLOCK_BOOTTIME_ALARM": { ENOSYS: NO_ALARM, zero: NO_ALARM },
  "futex:FUTEX_FD": { ENOSYS: "Linux has removed it: ENOSYS" },
};

export interface Verdict {
  readonly row: number;
  readonly mutation: Mutation;
  /** The run that failed; null when none does. */
  readonly guard: string | null;
  /** Runs that did not fail. */
  readonly survived: number;
}

export class MutationRun {
  readonly #pool: Pool;
  readonly #guards: Guards;
  readonly #cases: readonly SurveyedCase[];
  readonly #baseline: Uint32Array;

  /** Programs that fail as it is guard nothing. */
  constructor(pool: Pool, programs: readonly SurveyedProgram[], guards: Guards) {
    this.#pool = pool;
    this.#guards = guards;
    this.#cases = programs.filter(({ passedHere }) => passedHere).flatMap(({ cases }) => cases);
    this.#baseline =
      this.#cases.find(({ program }) => program.name === BASELINE)?.counts ?? new Uint32Array(rows.length);
  }

  /** The verdicts for rows by their indices. */
  async run(indices: readonly number[]): Promise<Verdict[]> {
    const mutants = indices.flatMap((row) => MUTATIONS.map((mutation) => ({ row, mutation })));
    const tellable = mutants.filter(({ row, mutation }) => EQUIVALENT[rows[row].name]?.[mutation] === undefined);
    return inParallel(tellable, this.#pool.width, (mutant) => this.#judge(mutant));
  }

  async #judge(mutant: { row: number; mutation: Mutation }): Promise<Verdict> {
    let survived = 0;
    for (const { program, native, here } of this.#candidates(mutant.row, mutant.mutation)) {
      const wallMs = here.ms * WALL.factor + WALL.plus;
      const { outcome } = await this.#pool.run({ program, wallMs, cpuMs: CPU_MS, mutant });
      if (!equal(outcome, native)) return { ...mutant, guard: program.name, survived };
      survived++;
    }
    return { ...mutant, guard: null, survived };
  }

  /** Who guarded it the last time, then who calls it more often than every program does, then the others; the quick first. */
  #candidates(row: number, mutation: Mutation): SurveyedCase[] {
    const known = this.#guards[rows[row].name]?.[mutation];
    const rank = ({ program, counts }: SurveyedCase) =>
      program.name === known ? 0 : counts[row] > this.#baseline[row] ? 1 : 2;
    return this.#cases
      .filter(({ counts }) => counts[row] > 0)
      .sort((a, b) => rank(a) - rank(b) || a.here.ms - b.here.ms);
  }
}
