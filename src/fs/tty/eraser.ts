/**
 * How a line that is being typed is made shorter (drivers/tty/n_tty.c, eraser; termios(3)): the last character, the last word or
 * all of it, in characters of UTF-8 with IUTF8, and what the terminal shows for that as ECHOE, ECHOK, ECHOKE and ECHOPRT say.
 */
import { ECHO, ECHOCTL, ECHOE, ECHOK, ECHOKE, ECHOPRT, IUTF8, type Termios, VERASE, VKILL } from "../../abi/termios.ts";
import { BACKSLASH, BACKSPACE, isContinuation, isControl, isWord, NEWLINE, SLASH, SPACE, TAB } from "./characters.ts";
import type { LineBuffer } from "./line-buffer.ts";
import type { TerminalOutput } from "./output.ts";

export class Eraser {
  termios: Termios;
  readonly #buffer: LineBuffer;
  readonly #output: TerminalOutput;
  /** ECHOPRT: within "\…/". */
  #erasing = false;

  constructor(termios: Termios, buffer: LineBuffer, output: TerminalOutput) {
    this.termios = termios;
    this.#buffer = buffer;
    this.#output = output;
  }

  /** The line is gone. */
  reset(): void {
    this.#erasing = false;
  }

  /** VERASE: the last character. */
  erase(): void {
    const at = this.#lastCharacter();
    if (at >= 0) this.#eraseFrom(at, !(this.termios.lflag & ECHOE));
    this.#erased();
  }

  /** VWERASE: the last word, and what follows it. */
  eraseWord(): void {
    let inWord = false;
    for (let at = this.#lastCharacter(); at >= 0; at = this.#lastCharacter()) {
      if (isWord(this.#buffer.at(at))) inWord = true;
      else if (inWord) break;
      this.#eraseFrom(at, false);
    }
    this.#erased();
  }

  /** VKILL: the whole line. */
  kill(): void {
    const { lflag, cc } = this.termios;
    if (this.#buffer.lineLength === 0) return;
    const all = ECHOK | ECHOKE | ECHOE;
    if (!(lflag & ECHO) || (lflag & all) !== all) {
      this.#buffer.cutLine(0);
      if (!(lflag & ECHO)) return;
      this.finish();
      this.#output.echo(cc[VKILL]);
      if (lflag & ECHOK) this.#output.echoPlain(NEWLINE);
      return;
    }
    for (let at = this.#lastCharacter(); at >= 0; at = this.#lastCharacter()) this.#eraseFrom(at, false);
    this.#erased();
  }

  /** Where the last character of the line begins; -1 when there is none, or not all of it. */
  #lastCharacter(): number {
    let at = this.#buffer.lineLength - 1;
    if (this.termios.iflag & IUTF8) while (at >= 0 && isContinuation(this.#buffer.at(at))) at--;
    return at;
  }

  /** Erases the last character, which begins at `at`, and shows that; `plainly`: as the character that erases. */
  #eraseFrom(at: number, plainly: boolean): void {
    const { lflag, cc } = this.termios;
    const c = this.#buffer.at(at);
    const end = this.#buffer.lineLength;
    if (lflag & ECHO && lflag & ECHOPRT) this.#printErased(at, end);
    this.#buffer.cutLine(at);
    if (!(lflag & ECHO) || lflag & ECHOPRT) return;
    if (plainly) this.#output.echo(cc[VERASE]);
    else if (c === TAB) this.#eraseTab(at);
    else {
      const columns = isControl(c) ? (lflag & ECHOCTL ? 2 : 0) : 1;
      for (let i = 0; i < columns; i++) for (const step of [BACKSPACE, SPACE, BACKSPACE]) this.#output.echoPlain(step);
    }
  }

  /** Counts the columns since the start of the line or the tab before. */
  #eraseTab(end: number): void {
    let columns = 0;
    let at = end - 1;
    for (; at >= 0; at--) {
      const c = this.#buffer.at(at);
      if (c === TAB) break;
      if (isControl(c)) columns += this.termios.lflag & ECHOCTL ? 2 : 0;
      else if (!(this.termios.iflag & IUTF8 && isContinuation(c))) columns++;
    }
    this.#output.eraseTab(columns, at < 0);
  }

  /** ECHOPRT, for terminals of paper: erased characters are printed again between "\" and "/". */
  #printErased(at: number, end: number): void {
    if (!this.#erasing) {
      this.#output.echoPlain(BACKSLASH);
      this.#erasing = true;
    }
    this.#output.echo(this.#buffer.at(at));
    for (let i = at + 1; i < end; i++) {
      this.#output.echoPlain(this.#buffer.at(i));
      this.#output.moveBack();
    }
  }

  #erased(): void {
    if (this.#buffer.lineLength === 0 && this.termios.lflag & ECHO) this.finish();
  }

  /** The "/" of ECHOPRT, before anything else is echoed. */
  finish(): void {
    if (!this.#erasing) return;
    this.#erasing = false;
    this.#output.echoPlain(SLASH);
  }
}
