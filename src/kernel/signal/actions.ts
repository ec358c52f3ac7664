/** What a process does on each signal (sigaction(2), signal(7)). */
import {
  NSIG,
  SA_NODEFER,
  SA_RESETHAND,
  SIG_DFL,
  SIG_IGN,
  SIGCHLD,
  SIGCONT,
  SIGSTOP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
  SIGURG,
  SIGWINCH,
} from "../../abi/signal.ts";
import { SignalSet } from "./set.ts";

export interface SignalAction {
  /** Address, SIG_DFL or SIG_IGN. */
  readonly handler: number;
  readonly flags: number;
  readonly restorer: number;
  readonly mask: SignalSet;
}

const DEFAULT: SignalAction = { handler: SIG_DFL, flags: 0, restorer: 0, mask: new SignalSet() };

/** The table that the threads of a process share, and processes after clone(CLONE_SIGHAND). */
export class SignalHandlers {
  readonly #actions: SignalAction[];

  constructor(actions: readonly SignalAction[] = new Array(NSIG + 1).fill(DEFAULT)) {
    this.#actions = [...actions];
  }

  get(signal: number): SignalAction {
    return this.#actions[signal];
  }

  set(signal: number, action: SignalAction): void {
    this.#actions[signal] = action;
  }

  /** A copy, for fork. */
  clone(): SignalHandlers {
    return new SignalHandlers(this.#actions);
  }

  /** For exec: handlers become the default, ignored signals stay ignored. */
  afterExec(): SignalHandlers {
    return new SignalHandlers(
      this.#actions.map((action) => (action.handler === SIG_IGN ? { ...DEFAULT, handler: SIG_IGN } : DEFAULT)),
    );
  }

  /** Sending `signal` has no effect (unless it is blocked, when it stays pending until it is known). */
  ignores(signal: number): boolean {
    const { handler } = this.#actions[signal];
    return handler === SIG_IGN || (handler === SIG_DFL && defaultAction(signal) === "ignore");
  }

  /** A handler is about to run: SA_RESETHAND. */
  consumed(signal: number): void {
    const action = this.#actions[signal];
    if (action.flags & SA_RESETHAND) this.#actions[signal] = { ...DEFAULT, flags: action.flags & ~SA_NODEFER };
  }
}

export const STOP_SIGNALS = SignalSet.of(SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU);
export const CONTINUE_SIGNAL = SignalSet.of(SIGCONT);
/** Ignored by default. */
const IGNORED = SignalSet.of(SIGCHLD, SIGCONT, SIGURG, SIGWINCH);
/** Those that dump core: QUIT ILL TRAP ABRT BUS FPE SEGV XCPU XFSZ SYS. */
const CORE = SignalSet.of(3, 4, 5, 6, 7, 8, 11, 24, 25, 31);

/** What happens when no handler is set (signal(7)). */
export function defaultAction(signal: number): "ignore" | "stop" | "core" | "terminate" {
  if (IGNORED.has(signal)) return "ignore";
  if (STOP_SIGNALS.has(signal)) return "stop";
  return CORE.has(signal) ? "core" : "terminate";
}
