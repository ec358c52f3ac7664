/** The requests that read and change a terminal's settings, on either side of a pseudoterminal (tty_mode_ioctl). */
import { EPERM } from "../../abi/errno.ts";
import {
  TCGETA,
  TCGETS,
  TCGETS2,
  TCSETA,
  TCSETAF,
  TCSETAW,
  TCSETS,
  TCSETS2,
  TCSETSF,
  TCSETSF2,
  TCSETSW,
  TCSETSW2,
  TIOCGLCKTRMIOS,
  TIOCGSOFTCAR,
  TIOCGWINSZ,
  TIOCSLCKTRMIOS,
  TIOCSSOFTCAR,
  TIOCSWINSZ,
} from "../../abi/ioctl.ts";
import { SIGTTOU } from "../../abi/signal.ts";
import {
  CLOCAL,
  decodeTermio,
  decodeTermios,
  decodeWindowSize,
  encodeTermio,
  encodeTermios,
  encodeWindowSize,
  TERMIO_BYTES,
  TERMIOS_BYTES,
  TERMIOS2_BYTES,
  type Termios,
  WINSIZE_BYTES,
  withSpeeds,
} from "../../abi/termios.ts";
import type { UserMemory } from "../../memory/types.ts";
import type { Caller, Result } from "../types.ts";
import type { Terminal } from "./terminal.ts";

type Decode = (memory: UserMemory, at: number, old: Termios) => Termios;

const fromTermios: Decode = (memory, at, old) => decodeTermios(memory.read(at, TERMIOS_BYTES), old);
const fromTermios2: Decode = (memory, at, old) => decodeTermios(memory.read(at, TERMIOS2_BYTES), old);
const fromTermio: Decode = (memory, at, old) => decodeTermio(memory.read(at, TERMIO_BYTES), old);

/** What sets, and whether unread input goes. Output never has to drain: what was written is with the master. */
const SETTERS: ReadonlyMap<number, { decode: Decode; flush: boolean }> = new Map([
  [TCSETS, { decode: fromTermios, flush: false }],
  [TCSETSW, { decode: fromTermios, flush: false }],
  [TCSETSF, { decode: fromTermios, flush: true }],
  [TCSETS2, { decode: fromTermios2, flush: false }],
  [TCSETSW2, { decode: fromTermios2, flush: false }],
  [TCSETSF2, { decode: fromTermios2, flush: true }],
  [TCSETA, { decode: fromTermio, flush: false }],
  [TCSETAW, { decode: fromTermio, flush: false }],
  [TCSETAF, { decode: fromTermio, flush: true }],
]);

/** A result, or null for what is no such request. */
export function modeControl(
  terminal: Terminal,
  caller: Caller,
  memory: UserMemory,
  request: number,
  at: number,
): Result | null {
  const setter = SETTERS.get(request);
  if (setter !== undefined) {
    const check = terminal.jobs.check(caller, terminal, SIGTTOU);
    if (check !== 0) return check;
    const termios = withSpeeds(setter.decode(memory, at, terminal.termios));
    if (setter.flush) terminal.flushInput();
    terminal.termios = unlocked(termios, terminal);
    return 0;
  }
  switch (request) {
    case TCGETS:
      memory.copyOut(at, encodeTermios(terminal.termios, TERMIOS_BYTES));
      return 0;
    case TCGETS2:
      memory.copyOut(at, encodeTermios(terminal.termios, TERMIOS2_BYTES));
      return 0;
    case TCGETA:
      memory.copyOut(at, encodeTermio(terminal.termios));
      return 0;
    case TIOCGLCKTRMIOS:
      memory.copyOut(at, encodeTermios(terminal.fixed, TERMIOS_BYTES));
      return 0;
    case TIOCSLCKTRMIOS:
      if (!terminal.jobs.privileged(caller)) return -EPERM;
      terminal.fixed = decodeTermios(memory.read(at, TERMIOS_BYTES), terminal.fixed);
      return 0;
    case TIOCGSOFTCAR:
      memory.setU32(at, terminal.termios.cflag & CLOCAL ? 1 : 0);
      return 0;
    case TIOCSSOFTCAR: {
      const local = memory.i32(at) !== 0 ? CLOCAL : 0;
      terminal.termios = { ...terminal.termios, cflag: (terminal.termios.cflag & ~CLOCAL) | local };
      return 0;
    }
    case TIOCGWINSZ:
      memory.copyOut(at, encodeWindowSize(terminal.windowSize));
      return 0;
    case TIOCSWINSZ:
      terminal.windowSize = decodeWindowSize(memory.read(at, WINSIZE_BYTES));
      return 0;
    default:
      return null;
  }
}

/** `wanted`, with what TIOCSLCKTRMIOS has fixed as it was. */
function unlocked(wanted: Termios, { termios: old, fixed }: Terminal): Termios {
  const mix = (before: number, after: number, mask: number) => ((before & mask) | (after & ~mask)) >>> 0;
  return {
    ...wanted,
    iflag: mix(old.iflag, wanted.iflag, fixed.iflag),
    oflag: mix(old.oflag, wanted.oflag, fixed.oflag),
    cflag: mix(old.cflag, wanted.cflag, fixed.cflag),
    lflag: mix(old.lflag, wanted.lflag, fixed.lflag),
    line: fixed.line ? old.line : wanted.line,
    cc: wanted.cc.map((c, i) => (fixed.cc[i] ? old.cc[i] : c)),
  };
}
