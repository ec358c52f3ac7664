/** The guest programs as cases: all that is run of a variant, natively and here. */
import { join } from "node:path";
import { invocationsOf, programsOf, type Variant } from "../guest/programs.ts";
import { runNatively } from "./native.ts";
import type { Case, Outcome } from "./outcome.ts";

const NATIVE_LIMIT = 20_000;

export interface Program {
  readonly name: string;
  readonly cases: readonly Case[];
}

export const guestPrograms = (variant: Variant): Program[] =>
  programsOf(variant).map((name) => ({
    name,
    cases: invocationsOf(name).map(({ args = [], env = {}, stdin }, i, all) => ({
      name: all.length === 1 ? name : `${name} (${i + 1})`,
      path: join("/bin", name),
      args,
      env: { PATH: "/bin", ...env },
      cwd: "/",
      stdin,
    })),
  }));

export const guestNatively = (root: string, program: Case): Promise<Outcome> =>
  runNatively(root, program, "/", NATIVE_LIMIT);

/** What the programs' MUST ends with (guest.h): the machine that they run on lacks what they rely on. */
export const UNMET = 99;

/** Whether a native run is one to compare with. */
export const cameThrough = ({ ended, exitCode }: Outcome): boolean => ended === undefined && exitCode !== UNMET;

/** Runs `work` on each item, `width` at a time; the results in order. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [i, item] of queue) results[i] = await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
