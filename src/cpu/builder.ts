/**
 * The part of the Builder (isa/builder.ts) that both tiers share: pure operations (builder-values.ts), flags
 * (builder-flags.ts), memory, control inside a meaning, and the order rule. What differs is where registers, operands and
 * immediates come from, what a memory access looks like and how control leaves: those are the abstract methods, bound by
 * interpreter/tier0-builder.ts and tier1-builder.ts.
 */
import type { Access, Area, Bits, Builder, Helper, Operand, Place, RawMemory, Ty, Val, Var } from "../isa/builder.ts";
import { FlagBuilder } from "./builder-flags.ts";
import { node } from "./builder-values.ts";
import type { Label, Node } from "./ir/graph.ts";
import { FUEL_START, VECTOR_GP } from "./state.ts";

/** What a caller must know of a compiled Helper. */
export interface CompiledHelper {
  readonly index: number;
  /** It has one result more: i32, non-zero when it faulted. */
  readonly faults: boolean;
  readonly writes: boolean;
}

export abstract class MeaningBuilder extends FlagBuilder implements Builder {
  /** Something that can fault has been built. */
  faulted = false;
  /** Control leaves on every path: nothing follows. */
  ended = false;

  // ---- what a tier binds

  abstract readReg(n: number, bits: Bits): Val;
  abstract writeReg(n: number, bits: Bits, v: Val): void;
  abstract readXmm(n: number): Val;
  abstract writeXmm(n: number, v: Val): void;
  abstract readStateAt(offset: number, index: Val, ty: Ty): Val;
  abstract writeStateAt(offset: number, index: Val, v: Val): void;
  /** Leaves with exception `vector` at this instruction. */
  protected abstract fault(vector: number): void;
  /** Host address (i32) of `bytes` checked bytes. */
  protected abstract translate(bytes: number, ea: Node, access: Access): Translated;
  protected abstract helper(h: Helper): CompiledHelper;
  /** Leaves because a helper has faulted: the state already holds the exception. */
  protected abstract propagateFault(): void;
  abstract trap(vector: number): void;
  abstract nextRip(): Val;
  abstract jump(target: Val): void;
  abstract jumpRel(target: Operand, cond?: Val): void;
  abstract syscall(): void;
  abstract repeatIf(cond: Val): void;
  abstract yieldSlice(): void;
  /** Fuel left (i32). */
  protected abstract fuel(): Node;

  // ---- the order rule

  private rechecks = 0;

  /** To be called wherever something can fault. */
  protected mayFault(what: string): void {
    if (this.rechecks > 0) return;
    if (this.wrote) throw new Error(`${what} can fault after something has been written`);
    this.faulted = true;
  }

  // ---- memory

  place(bits: Bits, ea: Val, access: Access): Place {
    const at = this.translate(bits / 8, node(ea), access);
    return {
      load: () => this.g.load(RAW_LOADS[bits], at.host, 0),
      store: (v) => {
        this.wrote = true;
        this.g.store(RAW_STORES[bits], at.host, 0, node(v));
        at.commit();
      },
    };
  }

  area(bytes: number, ea: Val, access: Access): Area {
    const at = this.translate(bytes, node(ea), access);
    const inside = (offset: number, size: number) => {
      if (offset < 0 || offset + size > bytes) throw new Error(`offset ${offset} is outside an area of ${bytes} bytes`);
    };
    return {
      load: (offset, ty, bits) => {
        inside(offset, bits ? bits / 8 : tySize(ty));
        const narrow = bits && bits < tySize(ty) * 8 ? `${bits}_u` : "";
        return this.g.load(`${ty}.load${narrow}`, at.host, offset);
      },
      store: (offset, v, bits) => {
        inside(offset, bits ? bits / 8 : tySize(v.ty));
        this.wrote = true;
        const narrow = bits && bits < tySize(v.ty) * 8 ? `${bits}` : "";
        this.g.store(`${v.ty}.store${narrow}`, at.host, offset, node(v));
      },
      commit: () => at.commit(),
    };
  }

  recheck(body: () => void): void {
    this.rechecks++;
    body();
    this.rechecks--;
  }

  requireAligned(ea: Val, bytes: number): void {
    this.raiseIf(this.and(this.wrap(ea), this.i32(bytes - 1)), VECTOR_GP);
  }

  readonly raw: RawMemory = {
    host: (ea, access) => this.translate(1, node(ea), access).host,
    load: (bits, host) => this.g.load(RAW_LOADS[bits], node(host), 0),
    store: (bits, host, v) => {
      this.wrote = true;
      this.g.store(RAW_STORES[bits], node(host), 0, node(v));
    },
    copy: (to, from, bytes) => {
      this.wrote = true;
      this.g.copy(node(to), node(from), node(bytes));
    },
    fill: (to, byte, bytes) => {
      this.wrote = true;
      this.g.fill(node(to), node(byte), node(bytes));
    },
  };

  // ---- control inside the meaning

  if(cond: Val, then: () => void, otherwise?: () => void): void {
    const ended = this.ended;
    const wrote = this.wrote;
    let wroteThen = false;
    let endedThen = false;
    let endedOther = false;
    this.g.if(
      node(cond),
      () => {
        then();
        wroteThen = this.wrote;
        endedThen = this.ended;
        this.wrote = wrote;
        this.ended = ended;
      },
      otherwise &&
        (() => {
          otherwise();
          endedOther = this.ended;
        }),
    );
    // What an arm that leaves has written does not matter to what follows.
    this.wrote = (endedThen ? wrote : wroteThen) || this.wrote;
    this.ended = ended || (endedThen && endedOther);
  }

  loop(body: () => Val): void {
    const label: Label = { name: "loop" };
    const { wrote, faulted } = this;
    this.faulted = false;
    this.g.loop(label, () => {
      const again = body();
      if (this.faulted && this.wrote && !wrote) throw new Error("a loop that writes cannot fault in its second round");
      this.g.brIf(node(again), label);
    });
    this.faulted ||= faulted;
  }

  local(initial: Val): Var {
    const v = this.g.variable(initial.ty);
    this.g.set(v, node(initial));
    return { ty: initial.ty, get: () => this.g.read(v), set: (value) => this.g.set(v, node(value)) };
  }

  call(h: Helper, ...args: Val[]): Val[] {
    const compiled = this.helper(h);
    if (compiled.faults) this.mayFault(`helper ${h.name}`);
    const results = this.g.call(compiled.index, compiled.faults ? [...h.results, "i32"] : h.results, args as Node[]);
    if (compiled.faults) this.g.if(results.pop()!, () => this.propagateFault());
    if (compiled.writes) this.wrote = true;
    return results;
  }

  // ---- faults

  raiseIf(cond: Val, vector: number): void {
    this.mayFault("raiseIf");
    this.g.if(node(cond), () => this.fault(vector));
  }

  raise(vector: number, effects?: () => void): void {
    this.mayFault("raise");
    effects?.();
    this.fault(vector);
    this.ended = true;
  }

  retired(): Node {
    return this.extendU(this.sub(this.readState(FUEL_START, "i32"), this.fuel()));
  }
}

/** Checked memory: its host address (i32), and what makes stores to it final. */
export interface Translated {
  readonly host: Node;
  commit(): void;
}

const RAW_LOADS: Record<Bits, string> = {
  8: "i32.load8_u",
  16: "i32.load16_u",
  32: "i32.load",
  64: "i64.load",
  128: "v128.load",
};
const RAW_STORES: Record<Bits, string> = {
  8: "i32.store8",
  16: "i32.store16",
  32: "i32.store",
  64: "i64.store",
  128: "v128.store",
};

const tySize = (ty: Ty): number => (ty === "v128" ? 16 : ty.endsWith("64") ? 8 : 4);
