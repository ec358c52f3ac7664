/** A growing byte buffer with the integer and float encodings of the WebAssembly binary format (core spec, 5.2). */
export class Bytes {
  private data = new Uint8Array(256);
  length = 0;

  private reserve(n: number): void {
    if (this.length + n <= this.data.length) return;
    const grown = new Uint8Array(Math.max(this.data.length * 2, this.length + n));
    grown.set(this.data);
    this.data = grown;
  }

  u8(n: number): void {
    this.reserve(1);
    this.data[this.length++] = n;
  }

  /** Unsigned LEB128 of an integer below 2^32. */
  u32(n: number): void {
    n >>>= 0;
    while (n >= 0x80) {
      this.u8((n & 0x7f) | 0x80);
      n >>>= 7;
    }
    this.u8(n);
  }

  /** Signed LEB128 of a 32-bit integer. */
  s32(n: number): void {
    n |= 0;
    for (;;) {
      const low = n & 0x7f;
      n >>= 7;
      if ((n === 0 && (low & 0x40) === 0) || (n === -1 && (low & 0x40) !== 0)) {
        this.u8(low);
        return;
      }
      this.u8(low | 0x80);
    }
  }

  /** Signed LEB128 of a 64-bit integer. */
  s64(n: bigint): void {
    n = BigInt.asIntN(64, n);
    for (;;) {
      const low = Number(n & 0x7fn);
      n >>= 7n;
      if ((n === 0n && (low & 0x40) === 0) || (n === -1n && (low & 0x40) !== 0)) {
        this.u8(low);
        return;
      }
      this.u8(low | 0x80);
    }
  }

  f32(n: number): void {
    this.bytes(new Uint8Array(new Float32Array([n]).buffer));
  }

  f64(n: number): void {
    this.bytes(new Uint8Array(new Float64Array([n]).buffer));
  }

  bytes(source: ArrayLike<number>): void {
    this.reserve(source.length);
    this.data.set(source, this.length);
    this.length += source.length;
  }

  append(other: Bytes): void {
    this.bytes(other.view());
  }

  /** A vector of bytes: its length, then the bytes. */
  sized(other: Bytes): void {
    this.u32(other.length);
    this.append(other);
  }

  name(text: string): void {
    const encoded = new TextEncoder().encode(text);
    this.u32(encoded.length);
    this.bytes(encoded);
  }

  /** The bytes written so far; invalid after the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.data.subarray(0, this.length);
  }
}
