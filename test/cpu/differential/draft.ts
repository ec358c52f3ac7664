/** A case while it is made: state whose registers are drawn at random until something needs a certain value there. */
import type { Form, OperandSize } from "../../../src/isa/encoding.ts";
import { type Case, DATA, FX_BYTES, FX_MXCSR, FX_XMM, type State } from "./cases.ts";
import type { Address } from "./encoder.ts";
import { patchesAt } from "./memory.ts";
import { integer, type Random, vector } from "./random.ts";

const RSP = 4;
const FLAGS = [0x001, 0x004, 0x010, 0x040, 0x080, 0x800];
const DF = 0x400;
const RESERVED_FLAGS = 0x202;
const mask64 = (v: bigint): bigint => BigInt.asUintN(64, v);

export class Draft {
  readonly r: Random;
  readonly form: Form;
  readonly size: OperandSize;
  readonly state: State;
  readonly patches: Case["patches"] = [];
  /** Registers whose values matter, as a bit mask. */
  private pinned = 0;

  constructor(r: Random, form: Form, size: OperandSize) {
    this.r = r;
    this.form = form;
    this.size = size;
    this.state = {
      gpr: BigUint64Array.from({ length: 16 }, () => integer(r)),
      rip: 0n,
      rflags: FLAGS.reduce((flags, bit) => flags | (r.chance(0.5) ? bit : 0), RESERVED_FLAGS),
      fs: 0n,
      gs: 0n,
      fx: new Uint8Array(FX_BYTES),
    };
    if (r.chance(0.1)) this.state.rflags |= DF;
    const fx = new DataView(this.state.fx.buffer);
    fx.setUint16(0, 0x37f, true);
    fx.setUint32(FX_MXCSR, 0x1f80, true);
    for (let i = 0; i < 16; i++) this.state.fx.set(vector(r), FX_XMM + i * 16);
  }

  isPinned(register: number): boolean {
    return ((this.pinned >> register) & 1) !== 0;
  }

  /** Gives a register its value; later users of the register find it as it is. */
  pin(register: number, value: bigint): void {
    this.state.gpr[register] = mask64(value);
    this.pinned |= 1 << register;
  }

  get(register: number): bigint {
    return this.state.gpr[register];
  }

  toggleDirection(): void {
    this.state.rflags ^= DF;
  }

  setXmm(register: number, bytes: Uint8Array): void {
    this.state.fx.set(bytes, FX_XMM + register * 16);
  }

  setMxcsr(value: number): void {
    new DataView(this.state.fx.buffer).setUint32(FX_MXCSR, value, true);
  }

  /** Memory of the case; not in the code pages, where only the instruction is. */
  patch(address: bigint, bytes: Uint8Array): void {
    this.patches.push(...patchesAt(address, bytes).filter((patch) => patch.address >= DATA));
  }

  /**
   * An addressing form whose offset is `offset`, with the registers set so. RIP-relative forms get the offset itself as
   * their displacement; the instruction's end is subtracted when it is known.
   */
  address(offset: bigint, address32: boolean): Address {
    for (;;) {
      const address = this.tryAddress(offset, address32);
      if (address) return address;
    }
  }

  private tryAddress(offset: bigint, address32: boolean): Address | undefined {
    const { r } = this;
    const width = address32 ? 32 : 64;
    const wrap = (v: bigint): bigint => BigInt.asUintN(width, v);
    const address: Address = {
      base: -1,
      index: -1,
      scale: 0,
      displacement: 0,
      ripRelative: false,
      wide: r.chance(0.1),
    };
    const displace = (rest: bigint): Address | undefined => {
      const displacement = BigInt.asIntN(width, rest);
      if (displacement !== BigInt.asIntN(32, displacement)) return undefined;
      address.displacement = Number(displacement);
      return address;
    };
    const kind = r.weighted({ base: 45, indexed: 35, index: 6, rip: 10, absolute: 4 });
    if (kind === "rip") {
      address.ripRelative = true;
      return offset < 0xd000_0000n ? displace(offset) : undefined;
    }
    if (kind === "absolute") return displace(offset);
    if (kind !== "index") address.base = r.below(16);
    if (kind !== "base") {
      address.index = r.below(16);
      address.scale = r.below(4);
      if (address.index === RSP) return undefined;
    }
    const step = BigInt(1 << address.scale);
    if (address.index >= 0 && address.index === address.base) {
      if (!this.isPinned(address.base)) this.pin(address.base, offset / (step + 1n));
      return displace(wrap(offset - wrap(this.get(address.base) * (step + 1n))));
    }
    if (address.index >= 0 && !this.isPinned(address.index)) {
      const close = kind === "index" && !address32;
      if (close) this.pin(address.index, offset / step);
      else if (r.chance(0.7)) this.pin(address.index, BigInt(r.between(-300, 300)));
      else this.pin(address.index, r.u64());
    }
    let rest = offset - (address.index >= 0 ? this.get(address.index) * step : 0n);
    if (address.base < 0) return displace(wrap(rest));
    if (this.isPinned(address.base)) return displace(wrap(rest - this.get(address.base)));
    address.displacement = r.pick([0, r.between(-128, 127), r.u32() | 0]);
    rest = wrap(rest - BigInt(address.displacement));
    const garbage = address32 && r.chance(0.5) ? r.u64() & ~0xffff_ffffn : 0n;
    this.pin(address.base, rest | garbage);
    return address;
  }
}
