/** Where a meaning is compiled to in tier 0, and what it can use there. */
import type { Cond, Helper, Ty } from "../../isa/builder.ts";
import { ARITH } from "../../isa/types.ts";
import type { CompiledHelper } from "../builder.ts";
import type { Label } from "../ir/graph.ts";
import type { Shape } from "../microop.ts";

/** The handler cannot be hot: it does something that only the careful form can. */
export class NotHot extends Error {}

/** Indices of functions that handlers call. */
export interface Functions {
  readonly translate: number;
  readonly commit: number;
  readonly syscall: number;
  helper(h: Helper): CompiledHelper;
}

/** Fixed locals of `run`; `pc` is also the parameter of the cold functions. */
export const PC = 0;
export const FUEL_LOCAL = 1;
export const SLOT_LOCAL = 2;
export const RIP_LOCAL = 3;

/** Labels of `run` (hot) and of the cold functions. */
export interface Labels {
  readonly next: Label;
  readonly careful: Label;
  /** A link whose address is in SLOT_LOCAL is to be followed; fuel has been taken off. */
  readonly slow: Label;
  /** Goes to RIP_LOCAL; fuel has been taken off. */
  readonly indirect: Label;
  /** Cold: the state holds an exception. */
  readonly fault: Label;
}

export interface Binding {
  readonly place: "hot" | "cold" | "helper";
  readonly functions: Functions;
  readonly labels: Labels;
  readonly shape: Shape;
  /** The address has an index (hot only; cold forms always do). */
  readonly indexed: boolean;
  readonly liveFlags: number;
  /** The condition code of the branch this is fused with. */
  readonly fused?: Cond;
  readonly separateSegment: boolean;
  /** Result types of the helper that is compiled. */
  readonly results?: readonly Ty[];
}

/** All arithmetic flags, or none. */
export const ALL_FLAGS = ARITH;
