/** A set of signals 1 to 64, as two words: bit n - 1 is signal n (the kernel's sigset_t). */

export class SignalSet {
  low: number;
  high: number;

  constructor(low = 0, high = 0) {
    this.low = low | 0;
    this.high = high | 0;
  }

  static of(...signals: number[]): SignalSet {
    const set = new SignalSet();
    for (const signal of signals) set.add(signal);
    return set;
  }

  has(signal: number): boolean {
    return ((signal <= 32 ? this.low : this.high) & (1 << (signal - 1))) !== 0;
  }

  add(signal: number): void {
    if (signal <= 32) this.low |= 1 << (signal - 1);
    else this.high |= 1 << (signal - 1);
  }

  delete(signal: number): void {
    if (signal <= 32) this.low &= ~(1 << (signal - 1));
    else this.high &= ~(1 << (signal - 1));
  }

  get empty(): boolean {
    return (this.low | this.high) === 0;
  }

  clone(): SignalSet {
    return new SignalSet(this.low, this.high);
  }

  union(other: SignalSet): SignalSet {
    return new SignalSet(this.low | other.low, this.high | other.high);
  }

  intersection(other: SignalSet): SignalSet {
    return new SignalSet(this.low & other.low, this.high & other.high);
  }

  difference(other: SignalSet): SignalSet {
    return new SignalSet(this.low & ~other.low, this.high & ~other.high);
  }

  equals(other: SignalSet): boolean {
    return this.low === other.low && this.high === other.high;
  }

  /** The lowest signal number, or 0 when empty. */
  first(): number {
    if (this.low !== 0) return 32 - Math.clz32(this.low & -this.low);
    if (this.high !== 0) return 64 - Math.clz32(this.high & -this.high);
    return 0;
  }

  *[Symbol.iterator](): Generator<number> {
    for (let signal = 1; signal <= 64; signal++) if (this.has(signal)) yield signal;
  }
}
