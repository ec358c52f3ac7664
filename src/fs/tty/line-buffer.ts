/** Bytes of the buffer; a line is at most one less, its end included (termios(3), MAX_CANON). */
const SIZE = 4096;

/**
 * What was typed and not yet read: a ring, in which canonical mode marks the ends of lines. Positions count up without end.
 */
export class LineBuffer {
  readonly #bytes = new Uint8Array(SIZE);
  /** 1 where a line ends. */
  readonly #ends = new Uint8Array(SIZE);
  /** The next byte to read. */
  #tail = 0;
  /** Where the line begins that is being typed: what is before it can be read in canonical mode. */
  #lineStart = 0;
  /** Where the next byte goes. */
  #head = 0;

  /** Bytes in it. */
  get length(): number {
    return this.#head - this.#tail;
  }

  /** Bytes of the line that is being typed. */
  get lineLength(): number {
    return this.#head - this.#lineStart;
  }

  /** A whole line can be read. */
  get hasLine(): boolean {
    return this.#lineStart !== this.#tail;
  }

  /** Bytes of whole lines; markers of VEOF are none. */
  get lineBytes(): number {
    let count = this.#lineStart - this.#tail;
    for (let at = this.#tail; at < this.#lineStart; at++) if (this.#isEndOfFile(at)) count--;
    return count;
  }

  /**
   * Bytes that may be put in now. In a full buffer without a whole line it is 1: characters that end or change the line get
   * through, others replace each other in the last place.
   */
  room(canonical: boolean, doubled: boolean): number {
    const free = SIZE - this.length;
    const room = (doubled ? Math.ceil(free / 3) : free) - 1;
    if (room > 0) return room;
    if (!canonical || this.hasLine) return 0;
    if (room < 0) this.#head--;
    return 1;
  }

  put(byte: number): void {
    this.#ends[this.#head % SIZE] = 0;
    this.#bytes[this.#head++ % SIZE] = byte;
  }

  /** The line is complete with `byte`, 0 for an end that is not read (VEOF). */
  putEnd(byte: number): void {
    this.put(byte);
    this.#ends[(this.#head - 1) % SIZE] = 1;
    this.#lineStart = this.#head;
  }

  /** The byte at `index` of the line that is being typed. */
  at(index: number): number {
    return this.#bytes[(this.#lineStart + index) % SIZE];
  }

  /** Leaves only `length` bytes of the line that is being typed. */
  cutLine(length: number): void {
    this.#head = this.#lineStart + length;
  }

  clear(): void {
    this.#tail = this.#lineStart = this.#head = 0;
    this.#ends.fill(0);
  }

  /** The mode has changed to canonical: what is there counts as a line; or from it: nothing does. */
  changeMode(canonical: boolean): void {
    this.#ends.fill(0);
    if (!canonical || this.length === 0) {
      this.#lineStart = this.#tail;
    } else {
      this.#ends[(this.#head - 1) % SIZE] = 1;
      this.#lineStart = this.#head;
    }
  }

  /** Up to `limit` bytes; they stay. */
  peek(limit: number): Uint8Array {
    return this.#copy(Math.min(limit, this.length));
  }

  /** The next line, or its first `limit` bytes; it stays. */
  peekLine(limit: number): Uint8Array {
    const end = Math.min(this.#tail + limit, this.#lineStart);
    let at = this.#tail;
    while (at < end && this.#ends[at % SIZE] === 0) at++;
    if (at < end && !this.#isEndOfFile(at)) at++;
    return this.#copy(at - this.#tail);
  }

  /** `count` bytes were read. */
  consume(count: number): void {
    this.#tail += count;
    if (this.#lineStart < this.#tail) this.#lineStart = this.#tail;
  }

  /** `count` bytes of a line were read into a buffer of `limit` bytes: a VEOF behind them goes too. */
  consumeLine(count: number): void {
    const ended = count > 0 && this.#ends[(this.#tail + count - 1) % SIZE] !== 0;
    this.#tail += count;
    if (!ended && this.#tail < this.#lineStart && this.#isEndOfFile(this.#tail)) this.#tail++;
  }

  #isEndOfFile(at: number): boolean {
    return this.#ends[at % SIZE] !== 0 && this.#bytes[at % SIZE] === 0;
  }

  #copy(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    const start = this.#tail % SIZE;
    const run = Math.min(count, SIZE - start);
    bytes.set(this.#bytes.subarray(start, start + run));
    bytes.set(this.#bytes.subarray(0, count - run), run);
    return bytes;
  }
}
