/**
 * The line discipline N_TTY (drivers/tty/n_tty.c; termios(3)): what becomes of typed characters. In canonical mode they make
 * up lines that can be edited; some are signals or flow control; all are echoed as ECHO and its kin say.
 */
import { SIGINT, SIGQUIT, SIGTSTP } from "../../abi/signal.ts";
import {
  DISABLED,
  ECHO,
  ECHOCTL,
  ECHONL,
  EXTPROC,
  ICANON,
  ICRNL,
  IEXTEN,
  IGNCR,
  INLCR,
  ISIG,
  ISTRIP,
  IUCLC,
  IXANY,
  IXON,
  NOFLSH,
  PARMRK,
  type Termios,
  VEOF,
  VEOL,
  VEOL2,
  VERASE,
  VINTR,
  VKILL,
  VLNEXT,
  VMIN,
  VQUIT,
  VREPRINT,
  VSTART,
  VSTOP,
  VSUSP,
  VTIME,
  VWERASE,
} from "../../abi/termios.ts";
import { BACKSPACE, CARET, NEWLINE, RETURN, toLower } from "./characters.ts";
import { Eraser } from "./eraser.ts";
import { LineBuffer } from "./line-buffer.ts";
import type { TerminalOutput } from "./output.ts";

/** What typed characters make the terminal do. */
export interface DisciplineHost {
  /** A signal to the foreground group. */
  signal(signal: number): void;
  /** VSTOP and VSTART. A stop by TCXONC stays. */
  stop(): void;
  start(): void;
  /** A stop that a character may end. */
  readonly stoppedByCharacter: boolean;
  /** Input and output are dropped, before a signal. */
  flushed(): void;
  /** There is something to read. */
  readable(): void;
}

/** The byte that PARMRK doubles. */
const MARK = 0xff;

export class LineDiscipline {
  readonly #host: DisciplineHost;
  readonly #output: TerminalOutput;
  readonly #buffer = new LineBuffer();
  readonly #eraser: Eraser;
  #termios: Termios;
  /** Characters that are more than themselves. */
  readonly #special = new Uint8Array(256);
  /** VLNEXT was typed: the next character is itself. */
  #literal = false;

  constructor(termios: Termios, output: TerminalOutput, host: DisciplineHost) {
    this.#termios = termios;
    this.#output = output;
    this.#host = host;
    this.#eraser = new Eraser(termios, this.#buffer, output);
    this.#classify();
  }

  /** TCSETS. */
  change(termios: Termios): void {
    const old = this.#termios;
    this.#termios = this.#eraser.termios = termios;
    if ((old.lflag ^ termios.lflag) & (ICANON | EXTPROC)) {
      this.#buffer.changeMode((termios.lflag & ICANON) !== 0);
      this.#literal = false;
      this.#eraser.reset();
    }
    this.#classify();
    if (old.iflag & IXON && !(termios.iflag & IXON)) this.#host.start();
  }

  /** Whole lines are read; with EXTPROC the other side has edited them. */
  get canonical(): boolean {
    return (this.#termios.lflag & (ICANON | EXTPROC)) === ICANON;
  }

  /** FIONREAD: bytes that can be read. */
  get available(): number {
    return this.canonical ? this.#buffer.lineBytes : this.#buffer.length;
  }

  /** A read would not wait. For poll(2) VMIN counts when there is no VTIME. */
  inputReady(forPoll: boolean): boolean {
    if (this.canonical) return this.#buffer.hasLine;
    const { cc } = this.#termios;
    return this.#buffer.length >= (forPoll && cc[VTIME] === 0 ? Math.max(1, cc[VMIN]) : 1);
  }

  /** The next `limit` bytes or the next line. They stay until `consume`. */
  peek(limit: number): Uint8Array {
    return this.canonical ? this.#buffer.peekLine(limit) : this.#buffer.peek(limit);
  }

  consume(count: number): void {
    if (this.canonical) this.#buffer.consumeLine(count);
    else this.#buffer.consume(count);
  }

  /** TCIFLUSH: what was typed is gone. */
  flush(): void {
    this.#buffer.clear();
    this.#literal = false;
    this.#eraser.reset();
  }

  /** Takes typed characters as far as there is room; how many. */
  receive(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length) {
      const { lflag, iflag } = this.#termios;
      const count = Math.min(bytes.length - taken, this.#buffer.room((lflag & ICANON) !== 0, (iflag & PARMRK) !== 0));
      if (count === 0) break;
      for (const end = taken + count; taken < end; ) this.#character(bytes[taken++]);
    }
    this.#output.flushEchoes();
    if (!this.canonical && this.#buffer.length > 0) this.#host.readable();
    return taken;
  }

  #classify(): void {
    const { iflag, lflag, cc } = this.#termios;
    const special = this.#special.fill(0);
    if (iflag & (IGNCR | ICRNL)) special[RETURN] = 1;
    if (iflag & INLCR) special[NEWLINE] = 1;
    if (lflag & ICANON) {
      special[NEWLINE] = 1;
      for (const i of [VERASE, VKILL, VEOF, VEOL]) special[cc[i]] = 1;
      if (lflag & IEXTEN) for (const i of [VWERASE, VLNEXT, VEOL2]) special[cc[i]] = 1;
      if (lflag & IEXTEN && lflag & ECHO) special[cc[VREPRINT]] = 1;
    }
    if (iflag & IXON) for (const i of [VSTART, VSTOP]) special[cc[i]] = 1;
    if (lflag & ISIG) for (const i of [VINTR, VQUIT, VSUSP]) special[cc[i]] = 1;
    special[DISABLED] = 0;
  }

  /** One character as it comes from the line. */
  #character(c: number): void {
    const { iflag, lflag } = this.#termios;
    if (iflag & ISTRIP) c &= 0x7f;
    if (iflag & IUCLC && lflag & IEXTEN) c = toLower(c);
    if (this.#literal) {
      this.#literal = false;
      this.#ordinary(c);
    } else if (lflag & EXTPROC) {
      this.#buffer.put(c);
    } else if (this.#special[c] === 0) {
      this.#ordinary(c);
    } else {
      this.#specialCharacter(c);
    }
  }

  #ordinary(c: number): void {
    this.#restart();
    if (this.#termios.lflag & ECHO) this.#echo(c);
    this.#put(c);
  }

  /** IXANY: any character lets the output go on. */
  #restart(): void {
    if (this.#termios.iflag & IXON && this.#termios.iflag & IXANY && this.#host.stoppedByCharacter) this.#host.start();
  }

  #put(c: number): void {
    if (c === MARK && this.#termios.iflag & PARMRK) this.#buffer.put(c);
    this.#buffer.put(c);
  }

  #echo(c: number): void {
    this.#eraser.finish();
    if (this.#buffer.lineLength === 0) this.#output.beginLine();
    this.#output.echo(c);
  }

  #specialCharacter(c: number): void {
    const { iflag, lflag, cc } = this.#termios;
    if (iflag & IXON && (c === cc[VSTART] || c === cc[VSTOP])) {
      if (c === cc[VSTART]) this.#host.start();
      else this.#host.stop();
      return;
    }
    if (lflag & ISIG) {
      const signal = c === cc[VINTR] ? SIGINT : c === cc[VQUIT] ? SIGQUIT : c === cc[VSUSP] ? SIGTSTP : 0;
      if (signal !== 0) {
        this.#signal(signal, c);
        return;
      }
    }
    this.#restart();
    if (c === RETURN) {
      if (iflag & IGNCR) return;
      if (iflag & ICRNL) c = NEWLINE;
    } else if (c === NEWLINE && iflag & INLCR) {
      c = RETURN;
    }
    if (lflag & ICANON && this.#edit(c)) return;
    if (lflag & ECHO) {
      if (c === NEWLINE) {
        this.#eraser.finish();
        this.#output.echoPlain(c);
      } else {
        this.#echo(c);
      }
    }
    this.#put(c);
  }

  #signal(signal: number, c: number): void {
    const { lflag, iflag } = this.#termios;
    if (lflag & NOFLSH) {
      this.#host.signal(signal);
    } else {
      this.#output.dropEchoes();
      this.#host.signal(signal);
      this.flush();
      this.#host.flushed();
    }
    if (iflag & IXON) this.#host.start();
    if (lflag & ECHO) this.#output.echo(c);
  }

  /** The characters of canonical mode; false when `c` is none of them. */
  #edit(c: number): boolean {
    const { lflag, cc } = this.#termios;
    const extended = (lflag & IEXTEN) !== 0;
    const is = (index: number) => c === cc[index] && c !== DISABLED;
    if (is(VERASE)) this.#eraser.erase();
    else if (is(VKILL)) this.#eraser.kill();
    else if (extended && is(VWERASE)) this.#eraser.eraseWord();
    else if (extended && is(VLNEXT)) this.#beginLiteral();
    else if (extended && lflag & ECHO && is(VREPRINT)) this.#reprint(c);
    else if (c === NEWLINE) {
      if (lflag & (ECHO | ECHONL)) this.#output.echoPlain(NEWLINE);
      this.#endLine(NEWLINE);
    } else if (is(VEOF)) this.#endLine(0);
    else if (is(VEOL) || (extended && is(VEOL2))) {
      if (lflag & ECHO) this.#echoEnd(c);
      if (c === MARK && this.#termios.iflag & PARMRK) this.#buffer.put(c);
      this.#endLine(c);
    } else return false;
    return true;
  }

  #echoEnd(c: number): void {
    if (this.#buffer.lineLength === 0) this.#output.beginLine();
    this.#output.echo(c);
  }

  #endLine(c: number): void {
    this.#buffer.putEnd(c);
    this.#host.readable();
  }

  #beginLiteral(): void {
    this.#literal = true;
    if (!(this.#termios.lflag & ECHO)) return;
    this.#eraser.finish();
    if (!(this.#termios.lflag & ECHOCTL)) return;
    this.#output.echoPlain(CARET);
    this.#output.echoPlain(BACKSPACE);
  }

  #reprint(c: number): void {
    this.#eraser.finish();
    this.#output.echo(c);
    this.#output.echoPlain(NEWLINE);
    const { lineLength } = this.#buffer;
    for (let i = 0; i < lineLength; i++) this.#output.echo(this.#buffer.at(i));
  }
}
