/** How a program ended, in a sentence. */
import { signalName } from "../abi/signal.ts";
import type { EndReason, ExitStatus, RefusedLimit } from "../machine/options.ts";

export function failed(exit: ExitStatus): boolean {
  return exit.reason !== undefined || exit.signal !== undefined || exit.exitCode !== 0;
}

const REASONS: Record<EndReason, string> = {
  cpu: "The program was ended because it used more CPU time than its limit cpuMs.",
  wall: "The program was ended because it ran longer than its limit wallMs.",
  memory: "The program was ended because it needed more memory than there is for it.",
  output: "The program was ended because it printed more than its limit outputMiB.",
  abandoned: "The program was ended because its request did not run any more.",
  expelled: "The program was ended because its namespace could not be reached, or had given it up.",
  killed: "The program was ended from outside.",
};

const REFUSED: Record<RefusedLimit, string> = {
  processes: "It had reached its limit processes: clone and fork failed with EAGAIN.",
  files: "It had reached its limit files: open and its kin failed with EMFILE.",
};

/** How it ended, and the limits that it met on the way. */
export function exitSentence(exit: ExitStatus): string {
  return [endSentence(exit), ...(exit.reached ?? []).map((limit) => REFUSED[limit])].join(" ");
}

function endSentence(exit: ExitStatus): string {
  if (exit.reason !== undefined) return REASONS[exit.reason];
  return exit.signal === undefined
    ? `The program exited with status ${exit.exitCode}.`
    : `The program was killed by signal ${exit.signal} (${signalName(exit.signal)}).`;
}
