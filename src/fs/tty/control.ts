/** ioctl(2) on both sides of a pseudoterminal (ioctl_tty(2); tty_io.c, tty_jobctrl.c, pty.c). */
import { EINVAL, EIO, ENOTTY, EPERM } from "../../abi/errno.ts";
import {
  FIONREAD,
  TCFLSH,
  TCSBRK,
  TCSBRKP,
  TCXONC,
  TIOCCBRK,
  TIOCCONS,
  TIOCEXCL,
  TIOCGDEV,
  TIOCGETD,
  TIOCGEXCL,
  TIOCGPGRP,
  TIOCGPKT,
  TIOCGPTLCK,
  TIOCGPTN,
  TIOCGSID,
  TIOCNOTTY,
  TIOCNXCL,
  TIOCOUTQ,
  TIOCPKT,
  TIOCSBRK,
  TIOCSCTTY,
  TIOCSETD,
  TIOCSIG,
  TIOCSPGRP,
  TIOCSPTLCK,
  TIOCSTI,
  TIOCVHANGUP,
} from "../../abi/ioctl.ts";
import { SIGINT, SIGQUIT, SIGTSTP, SIGTTOU } from "../../abi/signal.ts";
import {
  DISABLED,
  N_TTY,
  STANDARD_TERMIOS,
  TCIFLUSH,
  TCIOFF,
  TCIOFLUSH,
  TCION,
  TCOFLUSH,
  TCOOFF,
  TCOON,
  VSTART,
  VSTOP,
} from "../../abi/termios.ts";
import type { UserMemory } from "../../memory/types.ts";
import type { Caller, Result } from "../types.ts";
import { slaveDevice } from "./device-numbers.ts";
import { modeControl } from "./modes.ts";
import type { Terminal } from "./terminal.ts";
import type { TtyFile } from "./tty-file.ts";

/** Of the master. */
export function masterControl(
  file: TtyFile,
  caller: Caller,
  memory: UserMemory,
  request: number,
  argument: number,
): Result {
  const { terminal } = file;
  switch (request) {
    case TIOCGPTN:
      memory.setU32(argument, terminal.index);
      return 0;
    case TIOCSPTLCK:
      terminal.locked = memory.i32(argument) !== 0;
      return 0;
    case TIOCGPTLCK:
      memory.setU32(argument, terminal.locked ? 1 : 0);
      return 0;
    case TIOCPKT:
      terminal.packet = memory.i32(argument) !== 0;
      return 0;
    case TIOCGPKT:
      memory.setU32(argument, terminal.packet ? 1 : 0);
      return 0;
    case TIOCSIG:
      if (argument !== SIGINT && argument !== SIGQUIT && argument !== SIGTSTP) return -EINVAL;
      terminal.jobs.signalForeground(terminal, argument);
      return 0;
    case FIONREAD:
      memory.setU32(argument, terminal.output.queue.length);
      return 0;
    case TCFLSH:
      return flush(argument, terminal.flushUnread, terminal.flushTyped, terminal);
    case TCXONC:
      return masterFlow(terminal, argument);
    case TIOCSTI:
      if (!terminal.jobs.privileged(caller)) return -EPERM;
      terminal.output.queue.push(memory.u8(argument));
      terminal.masterReadable.wake();
      return 0;
    case TIOCVHANGUP:
      if (!terminal.jobs.privileged(caller)) return -EPERM;
      file.hangUp();
      terminal.masterReadable.wake();
      return 0;
    default:
      return common(file, caller, memory, request, argument, true);
  }
}

/** Of the slave. */
export function slaveControl(
  file: TtyFile,
  caller: Caller,
  memory: UserMemory,
  request: number,
  argument: number,
): Result {
  const { terminal } = file;
  const { jobs } = terminal;
  if (CHANGES.has(request)) {
    const check = jobs.check(caller, terminal, SIGTTOU);
    if (check !== 0) return check;
  }
  switch (request) {
    case FIONREAD:
      memory.setU32(argument, terminal.discipline.available);
      return 0;
    case TCFLSH:
      return flush(argument, terminal.flushInput, terminal.flushOutput, terminal);
    case TCXONC:
      return slaveFlow(terminal, argument);
    case TIOCSTI: {
      const own = jobs.controlling(caller) === terminal;
      if (!own && !jobs.privileged(caller)) return -EPERM;
      terminal.type(Uint8Array.of(memory.u8(argument)));
      return 0;
    }
    case TIOCVHANGUP:
      if (!jobs.privileged(caller)) return -EPERM;
      terminal.hangUp();
      return 0;
    case TIOCNOTTY:
      return jobs.giveUp(caller, terminal);
    case TIOCCONS:
      return -EPERM;
    default:
      return common(file, caller, memory, request, argument, false);
  }
}

/** Requests of the slave that a background process may not make (tty_ioctl). */
const CHANGES = new Set([TIOCSETD, TIOCSBRK, TIOCCBRK, TCSBRK, TCSBRKP, TCXONC, TCFLSH]);

function common(
  file: TtyFile,
  caller: Caller,
  memory: UserMemory,
  request: number,
  argument: number,
  master: boolean,
): Result {
  const { terminal } = file;
  const { jobs } = terminal;
  switch (request) {
    case TIOCSCTTY:
      return jobs.acquire(caller, terminal, argument === 1, file.readable);
    case TIOCNOTTY:
      return -ENOTTY;
    case TIOCGPGRP:
      if (!master && jobs.controlling(caller) !== terminal) return -ENOTTY;
      memory.setU32(argument, jobs.numberFor(caller, terminal.foreground));
      return 0;
    case TIOCSPGRP:
      return setForeground(terminal, caller, memory, argument);
    case TIOCGSID:
      if ((!master && jobs.controlling(caller) !== terminal) || terminal.session === 0) return -ENOTTY;
      memory.setU32(argument, jobs.numberFor(caller, terminal.session));
      return 0;
    case TIOCEXCL:
    case TIOCNXCL:
      // Of the master it means nothing: that is opened once.
      if (!master) terminal.exclusive = request === TIOCEXCL;
      return 0;
    case TIOCGEXCL:
      memory.setU32(argument, !master && terminal.exclusive ? 1 : 0);
      return 0;
    case TIOCGDEV:
      memory.setU32(argument, slaveDevice(terminal.index));
      return 0;
    case TIOCGETD:
      memory.setU32(argument, N_TTY);
      return 0;
    case TIOCSETD:
      return memory.i32(argument) === N_TTY ? 0 : -EINVAL;
    case TIOCOUTQ:
      // What was written is with the master.
      memory.setU32(argument, 0);
      return 0;
    case TCSBRK:
    case TCSBRKP:
    case TIOCSBRK:
    case TIOCCBRK:
      // There is no line to break, and nothing to drain.
      return 0;
    case TIOCCONS:
      return -EINVAL;
    default:
      return modeControl(terminal, caller, memory, request, argument) ?? -ENOTTY;
  }
}

function setForeground(terminal: Terminal, caller: Caller, memory: UserMemory, at: number): Result {
  const check = terminal.jobs.check(caller, terminal, SIGTTOU);
  if (check !== 0) return check === -EIO ? -ENOTTY : check;
  const group = memory.i32(at);
  return group < 0 ? -EINVAL : terminal.jobs.setForeground(caller, terminal, group);
}

/** TCFLSH: `input` and `output` are methods of the terminal. */
function flush(which: number, input: () => void, output: () => void, terminal: Terminal): number {
  if (which !== TCIFLUSH && which !== TCOFLUSH && which !== TCIOFLUSH) return -EINVAL;
  if (which !== TCOFLUSH) input.call(terminal);
  if (which !== TCIFLUSH) output.call(terminal);
  return 0;
}

/** TCXONC of the slave: its output stops and goes on; or the master is sent the characters for that. */
function slaveFlow(terminal: Terminal, action: number): number {
  const { cc } = terminal.termios;
  switch (action) {
    case TCOOFF:
      terminal.stop();
      terminal.stoppedByCall = true;
      return 0;
    case TCOON:
      if (!terminal.stoppedByCall) return 0;
      terminal.stoppedByCall = false;
      terminal.startOutput();
      return 0;
    case TCIOFF:
    case TCION: {
      const c = cc[action === TCIOFF ? VSTOP : VSTART];
      if (c === DISABLED) return 0;
      terminal.output.queue.push(c);
      terminal.masterReadable.wake();
      return 0;
    }
    default:
      return -EINVAL;
  }
}

/** TCXONC of the master: what it types stops and goes on. */
function masterFlow(terminal: Terminal, action: number): number {
  switch (action) {
    case TCOOFF:
    case TCOON:
      terminal.typingStopped = action === TCOOFF;
      if (action === TCOON) terminal.masterWritable.wake();
      return 0;
    case TCIOFF:
    case TCION:
      terminal.type(Uint8Array.of(STANDARD_TERMIOS.cc[action === TCIOFF ? VSTOP : VSTART]));
      return 0;
    default:
      return -EINVAL;
  }
}
