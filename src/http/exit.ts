/** How a program ended. */
import { signalName } from "../abi/signal.ts";

export type Exit = { readonly exitCode: number } | { readonly signal: number };

export function failed(exit: Exit): boolean {
  return "signal" in exit || exit.exitCode !== 0;
}

/** One sentence for people. */
export function exitSentence(exit: Exit): string {
  return "signal" in exit
    ? `The program was killed by signal ${exit.signal} (${signalName(exit.signal)}).`
    : `The program exited with status ${exit.exitCode}.`;
}
