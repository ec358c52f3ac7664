/**
 * The body of one function or handler as a small SSA graph: immutable values, and ordered statements in nested regions.
 *
 * Values are created in program order. Pure ones may be computed anywhere later; reads (of memory or of mutable locals)
 * keep their order against statements; pinned ones (calls, instructions that may trap) stay where they are. The emitter
 * (emit.ts) decides which values become locals, which are computed in place, and which are never computed.
 */
import type { Ty, Val } from "../../isa/builder.ts";
import { memoryOpcode, opcode } from "../wasm/opcodes.ts";
import { fold } from "./fold.ts";

/**
 * const: `imm` is the value. pure: `op` applied to `args`. load: pure if `order` is false. get: a fixed local or
 * parameter of the function. var: a mutable local. result: of a call statement.
 */
export type NodeKind = "const" | "op" | "load" | "get" | "var" | "result";
export type Immediate = number | bigint | readonly number[] | undefined;

export class Node implements Val {
  readonly kind: NodeKind;
  readonly ty: Ty;
  /** Text name of the WebAssembly instruction (kind "op" and "load"). */
  readonly op: string;
  readonly args: readonly Node[];
  /** Constant value, lane immediates, memory offset, or index of a fixed local. */
  readonly imm: Immediate;
  /** A read: keeps its order against statements. */
  readonly ordered: boolean;
  /** Never moved or dropped. */
  readonly pinned: boolean;
  region!: Region;
  /** Number of effects before this in program order. */
  epoch = 0;

  // Set by the emitter.
  uses = 0;
  consumer: Node | Statement | undefined;
  inLocal = false;
  slot = -1;
  left = 0;

  constructor(
    kind: NodeKind,
    ty: Ty,
    op: string,
    args: readonly Node[],
    imm: Immediate,
    ordered: boolean,
    pinned: boolean,
  ) {
    this.kind = kind;
    this.ty = ty;
    this.op = op;
    this.args = args;
    this.imm = imm;
    this.ordered = ordered;
    this.pinned = pinned;
  }
}

/** A mutable local. */
export interface Variable {
  readonly ty: Ty;
  slot: number;
}

/** A branch target; the emitter knows how deep it is. */
export interface Label {
  readonly name: string;
}

export type StatementKind =
  | "store"
  | "set"
  | "setFixed"
  | "if"
  | "loop"
  | "block"
  | "br"
  | "brIf"
  | "return"
  | "call"
  | "copy"
  | "fill"
  | "trap";

export interface Statement {
  readonly kind: StatementKind;
  readonly args: readonly Node[];
  readonly region: Region;
  readonly epoch: number;
  /** Memory instruction of a store. */
  readonly op?: string;
  /** Memory offset, index of a fixed local, or index of the function called. */
  readonly imm?: number;
  readonly variable?: Variable;
  readonly label?: Label;
  readonly bodies?: readonly Region[];
  readonly results?: readonly Node[];
}

export interface Region {
  readonly parent: Region | undefined;
  readonly loop: boolean;
  readonly items: (Node | Statement)[];
  readonly known: Map<string, Node>;
}

const region = (parent: Region | undefined, loop: boolean): Region => ({ parent, loop, items: [], known: new Map() });

export class Graph {
  readonly root: Region = region(undefined, false);
  readonly variables: Variable[] = [];
  /** Some statement returns values. */
  returns = false;
  private current: Region = this.root;
  private effects = 0;
  private readonly ids = new Map<Node, number>();

  /** Nothing is being built inside a conditional or a loop. */
  get atRoot(): boolean {
    return this.current === this.root;
  }

  // ---- values

  const(ty: Ty, value: Immediate): Node {
    return this.value("const", ty, `${ty}.const`, [], ty === "i32" ? (value as number) | 0 : value);
  }
  i32(n: number): Node {
    return this.const("i32", n);
  }
  i64(n: number | bigint): Node {
    return this.const("i64", BigInt.asIntN(64, BigInt(n)));
  }

  /** Applies the instruction `name`; folds constants and trivial identities. */
  op(name: string, args: readonly Node[], lanes?: readonly number[]): Node {
    const info = opcode(name);
    if (args.length !== info.params.length || args.some((a, i) => a.ty !== info.params[i])) {
      throw new Error(`${name} takes (${info.params}), was given (${args.map((a) => a.ty)})`);
    }
    if ((lanes?.length ?? 0) !== info.lanes) throw new Error(`${name} takes ${info.lanes} lane immediates`);
    if (info.traps) return this.add(new Node("op", info.result, name, args, lanes, false, true));
    const folded = fold(this, name, args, lanes);
    if (folded) return folded;
    return this.value("op", info.result, name, args, lanes);
  }

  /** `cond ? a : b`. */
  select(cond: Node, a: Node, b: Node): Node {
    if (a.ty !== b.ty) throw new Error(`select between ${a.ty} and ${b.ty}`);
    if (cond.kind === "const") return cond.imm !== 0 ? a : b;
    return this.value("op", a.ty, "select", [a, b, cond], undefined);
  }

  /** Loads through `address` (i32) + `offset`. `immutable` memory may be read at any later time. */
  load(name: string, address: Node, offset: number, immutable = false): Node {
    const info = memoryOpcode(name);
    if (immutable) return this.value("load", info.ty, name, [address], offset);
    return this.add(new Node("load", info.ty, name, [address], offset, true, false));
  }

  /** `load` again by another instruction, if nothing can have changed what it reads. */
  loadAs(name: string, load: Node): Node | undefined {
    if (load.kind !== "load" || !load.ordered || load.epoch !== this.effects) return undefined;
    return this.load(name, load.args[0], load.imm as number);
  }

  /** The value of parameter or fixed local `index`, which must not be set between this and its uses. */
  get(ty: Ty, index: number): Node {
    return this.value("get", ty, "local.get", [], index);
  }

  variable(ty: Ty): Variable {
    const v: Variable = { ty, slot: -1 };
    this.variables.push(v);
    return v;
  }
  read(v: Variable): Node {
    return this.add(new Node("var", v.ty, "local.get", [], this.variables.indexOf(v), true, false));
  }

  private value(kind: NodeKind, ty: Ty, op: string, args: readonly Node[], imm: Immediate): Node {
    const key = `${kind} ${ty} ${op} ${typeof imm} ${String(imm)}${Object.is(imm, -0) ? "-" : ""} ${args.map((a) => this.id(a))}`;
    for (let r: Region | undefined = this.current; r; r = r.parent) {
      const found = r.known.get(key);
      if (found) return found;
    }
    const node = this.add(new Node(kind, ty, op, args, imm, false, false));
    this.current.known.set(key, node);
    return node;
  }

  private id(node: Node): number {
    return this.ids.get(node) ?? -1;
  }

  private add(node: Node): Node {
    node.region = this.current;
    node.epoch = this.effects;
    this.ids.set(node, this.ids.size);
    this.current.items.push(node);
    return node;
  }

  // ---- statements

  store(name: string, address: Node, offset: number, value: Node): void {
    if (memoryOpcode(name).ty !== value.ty) throw new Error(`${name} of ${value.ty}`);
    this.statement({ kind: "store", args: [address, value], op: name, imm: offset });
  }
  set(v: Variable, value: Node): void {
    if (v.ty !== value.ty) throw new Error(`local of ${v.ty} set to ${value.ty}`);
    this.statement({ kind: "set", args: [value], variable: v });
  }
  setFixed(index: number, value: Node): void {
    this.statement({ kind: "setFixed", args: [value], imm: index });
  }
  br(label: Label): void {
    this.statement({ kind: "br", args: [], label });
  }
  brIf(cond: Node, label: Label): void {
    if (cond.kind === "const" && cond.imm === 0) return;
    this.statement({ kind: "brIf", args: [cond], label });
  }
  return(...values: Node[]): void {
    this.returns ||= values.length > 0;
    this.statement({ kind: "return", args: values });
  }
  /** `unreachable`. */
  trap(): void {
    this.statement({ kind: "trap", args: [] });
  }
  copy(to: Node, from: Node, bytes: Node): void {
    this.statement({ kind: "copy", args: [to, from, bytes] });
  }
  fill(to: Node, byte: Node, bytes: Node): void {
    this.statement({ kind: "fill", args: [to, byte, bytes] });
  }

  call(index: number, results: readonly Ty[], args: readonly Node[]): Node[] {
    const nodes = results.map((ty) => new Node("result", ty, "", [], undefined, false, true));
    this.statement({ kind: "call", args, imm: index, results: [...nodes] });
    for (const n of nodes) {
      n.region = this.current;
      n.epoch = this.effects;
      this.ids.set(n, this.ids.size);
    }
    return [...nodes]; // the statement keeps its own list
  }

  if(cond: Node, then: () => void, otherwise?: () => void): void {
    if (cond.kind === "const") {
      if (cond.imm !== 0) then();
      else otherwise?.();
      return;
    }
    const before = this.effects;
    const bodies = [this.inside(false, then)];
    if (otherwise) bodies.push(this.inside(false, otherwise));
    this.statement({ kind: "if", args: [cond], bodies }, before);
  }

  /** A loop that `body` leaves or repeats by branching; falling off its end leaves it. */
  loop(label: Label, body: () => void): void {
    const before = this.effects;
    this.effects++;
    const inner = this.inside(true, body);
    this.statement({ kind: "loop", args: [], label, bodies: [inner] }, before);
  }

  /** A block that branches to `label` leave. */
  block(label: Label, body: () => void): void {
    const before = this.effects;
    const inner = this.inside(false, body);
    this.statement({ kind: "block", args: [], label, bodies: [inner] }, before);
  }

  private inside(loop: boolean, body: () => void): Region {
    const outer = this.current;
    const inner = region(outer, loop);
    this.current = inner;
    body();
    this.current = outer;
    return inner;
  }

  private statement(s: Omit<Statement, "region" | "epoch">, epoch = this.effects): void {
    this.current.items.push({ ...s, region: this.current, epoch });
    // A conditional exit changes nothing that a later read on this path could see.
    if (s.kind !== "brIf" && s.kind !== "br") this.effects++;
  }
}
