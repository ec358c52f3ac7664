/**
 * From what programs write, and what is echoed of the input, to the bytes that the master reads (n_tty.c: OPOST, echoes). It
 * keeps the cursor's column, which tabs, ONOCR and erasing need.
 */
import {
  ECHOCTL,
  IUTF8,
  OCRNL,
  OLCUC,
  ONLCR,
  ONLRET,
  ONOCR,
  OPOST,
  TABDLY,
  type Termios,
  XTABS,
} from "../../abi/termios.ts";
import { ByteQueue } from "./byte-queue.ts";
import {
  BACKSPACE,
  CARET,
  caretOf,
  isContinuation,
  isControl,
  NEWLINE,
  RETURN,
  SPACE,
  TAB,
  toUpper,
} from "./characters.ts";

/** Bytes that a writer may be ahead of the master. */
const CAPACITY = 12288;
/** What a flush leaves to the master: it counts as read already (the line discipline's buffer on its side). */
const FLUSH_KEEPS = 4095;
/** Bytes of echo that wait while output is stopped; more are lost. */
const BACKLOG = 4096;
/** Most bytes that one becomes: a tab. */
const EXPANSION = 8;

export class TerminalOutput {
  readonly queue = new ByteQueue();
  readonly #backlog = new ByteQueue();
  #termios: Termios;
  /** Flow control: nothing goes to the master until it is started again. */
  stopped = false;
  #column = 0;
  /** Where the line that is typed begins. */
  #canonColumn = 0;

  constructor(termios: Termios) {
    this.#termios = termios;
  }

  set termios(termios: Termios) {
    this.#termios = termios;
  }

  /** Bytes of output there is room for; 0 also while it is stopped. */
  get room(): number {
    return this.stopped ? 0 : Math.max(0, CAPACITY - this.queue.length);
  }

  /** Bytes that `write` takes at least while there is room. */
  get acceptable(): number {
    const { room } = this;
    if (room === 0 || !(this.#termios.oflag & OPOST)) return room;
    return Math.max(1, Math.floor(room / ((this.#termios.oflag & TABDLY) === XTABS ? EXPANSION : 2)));
  }

  /** A program writes at most `acceptable` bytes. */
  write(bytes: Uint8Array): void {
    this.flushEchoes();
    if (!(this.#termios.oflag & OPOST)) this.queue.append(bytes);
    else for (const byte of bytes) this.#process(byte, this.queue);
  }

  /** Echoes that had to wait. */
  flushEchoes(): void {
    if (this.stopped || this.#backlog.length === 0) return;
    const count = Math.min(this.room, this.#backlog.length);
    this.queue.append(this.#backlog.peek(count));
    this.#backlog.consume(count);
  }

  /** A signal character or tcflush(3) drops what nobody has seen. */
  flush(): void {
    this.queue.truncate(FLUSH_KEEPS);
  }
  dropEchoes(): void {
    this.#backlog.truncate(0);
  }

  // ---- echoes

  /** Echoes `c`, a control character as "^X" where ECHOCTL is set. */
  echo(c: number): void {
    if (this.#termios.lflag & ECHOCTL && isControl(c) && c !== TAB) {
      this.#put(CARET, this.#echoes);
      this.#put(caretOf(c), this.#echoes);
      this.#column += 2;
    } else {
      this.echoPlain(c);
    }
  }

  /** Echoes `c` as a program would write it. */
  echoPlain(c: number): void {
    const into = this.#echoes;
    if (into === this.#backlog && into.length + EXPANSION > BACKLOG) return;
    if (this.#termios.oflag & OPOST) this.#process(c, into);
    else this.#put(c, into);
  }

  /** The cursor is where the typed line begins. */
  beginLine(): void {
    this.#canonColumn = this.#column;
  }

  /** The next bytes are a further part of a character that took a column already. */
  moveBack(): void {
    if (this.#column > 0) this.#column--;
  }

  /**
   * Takes a tab back: the cursor goes to the end of what stands before it, `before` columns after the previous tab or
   * (`fromStart`) after the start of the line.
   */
  eraseTab(before: number, fromStart: boolean): void {
    const columns = fromStart ? before + this.#canonColumn : before;
    for (let count = 8 - (columns & 7); count > 0; count--) {
      this.#put(BACKSPACE, this.#echoes);
      this.moveBack();
    }
  }

  /** Where echoes go: behind those that wait already. */
  get #echoes(): ByteQueue {
    return this.stopped || this.#backlog.length > 0 || this.queue.length >= CAPACITY ? this.#backlog : this.queue;
  }

  #put(byte: number, into: ByteQueue): void {
    if (into === this.#backlog && into.length >= BACKLOG) return;
    into.push(byte);
  }

  /** One character through OPOST. */
  #process(c: number, into: ByteQueue): void {
    const { oflag, iflag } = this.#termios;
    switch (c) {
      case NEWLINE:
        if (oflag & ONLRET) this.#column = 0;
        if (oflag & ONLCR) {
          this.#column = 0;
          into.push(RETURN);
        }
        this.#canonColumn = this.#column;
        break;
      case RETURN:
        if (oflag & ONOCR && this.#column === 0) return;
        if (oflag & OCRNL) {
          c = NEWLINE;
          if (!(oflag & ONLRET)) break;
        }
        this.#canonColumn = this.#column = 0;
        break;
      case TAB: {
        const columns = 8 - (this.#column & 7);
        this.#column += columns;
        if ((oflag & TABDLY) !== XTABS) break;
        for (let i = 0; i < columns; i++) into.push(SPACE);
        return;
      }
      case BACKSPACE:
        this.moveBack();
        break;
      default:
        if (isControl(c)) break;
        if (oflag & OLCUC) c = toUpper(c);
        if (!(iflag & IUTF8 && isContinuation(c))) this.#column++;
    }
    into.push(c);
  }
}
