/**
 * A pseudoterminal (pty(7), drivers/tty/pty.c): what both sides share. What the master writes goes through the line discipline
 * to the readers of the slave, what they write through output processing to the master.
 */
import { POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLWRNORM } from "../../abi/poll.ts";
import { SIGWINCH } from "../../abi/signal.ts";
import {
  CREAD,
  CS8,
  CSIZE,
  EXTPROC,
  IXON,
  NCCS,
  PARENB,
  STANDARD_TERMIOS,
  type Termios,
  TIOCPKT_DOSTOP,
  TIOCPKT_FLUSHREAD,
  TIOCPKT_FLUSHWRITE,
  TIOCPKT_IOCTL,
  TIOCPKT_NOSTOP,
  TIOCPKT_START,
  TIOCPKT_STOP,
  VSTART,
  VSTOP,
  type WindowSize,
} from "../../abi/termios.ts";
import { WaitQueue } from "../../wait/queue.ts";
import { ByteQueue } from "./byte-queue.ts";
import { type DisciplineHost, LineDiscipline } from "./discipline.ts";
import type { JobControl } from "./job-control.ts";
import { TerminalOutput } from "./output.ts";

/** Bytes that the master may be ahead of the line discipline, when that is full. */
const AHEAD = 8192;
const START_CHARACTER = 0x11;
const STOP_CHARACTER = 0x13;

/** An open file of one side. */
export interface TerminalEnd {
  hangUp(): void;
}

export class Terminal implements DisciplineHost {
  /** N of /dev/pts/N. */
  readonly index: number;
  readonly jobs: JobControl;
  readonly discipline: LineDiscipline;
  readonly output: TerminalOutput;
  #termios: Termios = STANDARD_TERMIOS;
  #size: WindowSize = { rows: 0, columns: 0, width: 0, height: 0 };
  /** Session whose controlling terminal it is, and the foreground group; 0 for none. The kernel sets them. */
  session = 0;
  foreground = 0;
  /** The slave cannot be opened (TIOCSPTLCK). */
  locked = true;
  /** TIOCEXCL: who is not privileged cannot open the slave. */
  exclusive = false;
  masterOpen = true;
  /** The slave was opened, and is not any more. */
  slaveGone = false;
  /** TCXONC stopped the output: characters do not start it. */
  stoppedByCall = false;
  /** The same for what the master types. */
  typingStopped = false;
  /** Settings that cannot be changed: where it has bits and characters that are not 0 (TIOCSLCKTRMIOS). */
  fixed: Termios = { ...STANDARD_TERMIOS, iflag: 0, oflag: 0, cflag: 0, lflag: 0, cc: new Uint8Array(NCCS) };
  /** TIOCPKT, and what is to be told: TIOCPKT_*. */
  #packet = false;
  #status = 0;
  /** Open files of the slave. */
  readonly slaves = new Set<TerminalEnd>();
  /** Typed, and not yet in the line discipline. */
  readonly #ahead = new ByteQueue();
  readonly slaveReadable = new WaitQueue(POLLIN | POLLRDNORM);
  readonly slaveWritable = new WaitQueue(POLLOUT | POLLWRNORM);
  readonly masterReadable = new WaitQueue(POLLIN | POLLRDNORM | POLLPRI);
  readonly masterWritable = new WaitQueue(POLLOUT | POLLWRNORM);
  /** Called when nothing holds it any more. */
  readonly #onUnused: () => void;

  constructor(index: number, jobs: JobControl, onUnused: () => void) {
    this.index = index;
    this.jobs = jobs;
    this.output = new TerminalOutput(this.#termios);
    this.discipline = new LineDiscipline(this.#termios, this.output, this);
    this.#onUnused = onUnused;
  }

  // ---- settings

  get termios(): Termios {
    return this.#termios;
  }

  /** Characters are always 8 bits without parity here. */
  set termios(termios: Termios) {
    const old = this.#termios;
    this.#termios = { ...termios, cflag: (termios.cflag & ~(CSIZE | PARENB)) | CS8 | CREAD };
    this.#tellSettings(old, this.#termios);
    this.output.termios = this.#termios;
    this.discipline.change(this.#termios);
    this.slaveReadable.wake();
    this.slaveWritable.wake();
    this.#echoed();
  }

  get windowSize(): WindowSize {
    return this.#size;
  }

  set windowSize(size: WindowSize) {
    const { rows, columns, width, height } = this.#size;
    if (size.rows === rows && size.columns === columns && size.width === width && size.height === height) return;
    this.jobs.signalForeground(this, SIGWINCH);
    this.#size = size;
  }

  // ---- the master's side

  /** Bytes that can be typed now. */
  get typingRoom(): number {
    return this.typingStopped ? 0 : AHEAD - this.#ahead.length;
  }

  /** Typed characters; at most `typingRoom`. */
  type(bytes: Uint8Array): void {
    this.#ahead.append(bytes);
    this.#feed();
  }

  /** The line discipline takes what it has room for. */
  #feed(): void {
    const before = this.typingRoom;
    while (this.#ahead.length > 0) {
      const taken = this.discipline.receive(this.#ahead.peek());
      if (taken === 0) break;
      this.#ahead.consume(taken);
    }
    this.#echoed();
    if (before <= 0 && this.typingRoom > 0) this.masterWritable.wake();
  }

  #echoed(): void {
    if (this.output.queue.length > 0) this.masterReadable.wake();
  }

  /** The master has taken output: there may be room for more. */
  outputTaken(): void {
    this.slaveWritable.wake();
  }

  // ---- the slave's side

  /** Bytes of input were read. */
  inputTaken(): void {
    if (this.#ahead.length > 0) this.#feed();
  }

  /** A program writes at most `output.acceptable` bytes. */
  write(bytes: Uint8Array): void {
    this.output.write(bytes);
    this.masterReadable.wake();
  }

  // ---- what characters do

  signal(signal: number): void {
    this.jobs.signalForeground(this, signal);
  }

  get stoppedByCharacter(): boolean {
    return this.output.stopped && !this.stoppedByCall;
  }

  stop(): void {
    if (this.output.stopped) return;
    this.output.stopped = true;
    this.#tell(TIOCPKT_STOP, TIOCPKT_START);
  }

  start(): void {
    this.startOutput();
    this.output.flushEchoes();
    this.#echoed();
  }

  /** As TCOON starts it: echoes that wait come with the next output. */
  startOutput(): void {
    if (!this.output.stopped || this.stoppedByCall) return;
    this.output.stopped = false;
    this.#tell(TIOCPKT_START, TIOCPKT_STOP);
    this.slaveWritable.wake();
  }

  flushed(): void {
    this.flushOutput();
    this.#tell(TIOCPKT_FLUSHREAD);
  }

  readable(): void {
    this.slaveReadable.wake();
  }

  /** tcflush(3) on the slave. */
  flushInput(): void {
    this.#ahead.truncate(0);
    this.discipline.flush();
    this.#tell(TIOCPKT_FLUSHREAD);
    this.masterWritable.wake();
  }
  flushOutput(): void {
    this.output.flush();
    this.#tell(TIOCPKT_FLUSHWRITE);
    this.slaveWritable.wake();
  }

  /** tcflush(3) on the master: what it has typed and nobody took, and what it has not read. */
  flushTyped(): void {
    this.#ahead.truncate(0);
    this.masterWritable.wake();
  }
  flushUnread(): void {
    this.output.queue.truncate(0);
    this.outputTaken();
  }

  // ---- packet mode

  get packet(): boolean {
    return this.#packet;
  }

  set packet(on: boolean) {
    if (on && !this.#packet) this.#status = 0;
    this.#packet = on;
  }

  /** TIOCPKT_* that the master has not read; 0 without packet mode. */
  get status(): number {
    return this.#packet ? this.#status : 0;
  }

  takeStatus(): number {
    const status = this.#status;
    this.#status = 0;
    return status;
  }

  #tell(set: number, clear = 0): void {
    if (!this.#packet) return;
    this.#status = (this.#status & ~clear) | set;
    this.masterReadable.wake();
  }

  #tellSettings(old: Termios, now: Termios): void {
    if (usesFlowControl(old) !== usesFlowControl(now)) {
      if (usesFlowControl(now)) this.#tell(TIOCPKT_DOSTOP, TIOCPKT_NOSTOP);
      else this.#tell(TIOCPKT_NOSTOP, TIOCPKT_DOSTOP);
    }
    if ((old.lflag | now.lflag) & EXTPROC) this.#tell(TIOCPKT_IOCTL);
  }

  // ---- opening and closing

  slaveOpened(end: TerminalEnd): void {
    this.slaves.add(end);
    this.slaveGone = false;
  }

  slaveClosed(end: TerminalEnd): void {
    if (!this.slaves.delete(end) || this.slaves.size > 0) return;
    if (this.masterOpen) {
      this.slaveGone = true;
      this.masterReadable.wake();
      this.masterWritable.wake();
    } else {
      this.#onUnused();
    }
  }

  /** The master goes: the slave's files are dead from now on. */
  masterClosed(): void {
    this.masterOpen = false;
    this.#packet = false;
    this.hangUp();
    if (this.slaves.size === 0) this.#onUnused();
  }

  /** The slave's open files read end of file and can do nothing else any more (vhangup(2)). */
  hangUp(): void {
    for (const end of this.slaves) end.hangUp();
    this.output.flush();
    this.output.stopped = this.stoppedByCall = false;
    this.discipline.flush();
    this.jobs.hungUp(this);
    this.termios = STANDARD_TERMIOS;
    this.#status = 0;
    this.slaveReadable.wake();
    this.slaveWritable.wake();
  }
}

/** VSTOP and VSTART stop and start the output, and are ^S and ^Q. */
const usesFlowControl = ({ iflag, cc }: Termios): boolean =>
  (iflag & IXON) !== 0 && cc[VSTOP] === STOP_CHARACTER && cc[VSTART] === START_CHARACTER;
