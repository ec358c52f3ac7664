/**
 * Turns a graph into WebAssembly code. A value used once is computed where it is used if nothing it reads has changed
 * until then; a value used more often goes into a local where it was created; an unused one costs nothing.
 */
import type { Ty } from "../../isa/builder.ts";
import { Bytes } from "../wasm/bytes.ts";
import { EMPTY_BLOCK } from "../wasm/module.ts";
import { memoryOpcode, opcode } from "../wasm/opcodes.ts";
import { type Graph, type Label, Node, type Region, type Statement } from "./graph.ts";

const FIXED: Record<string, number> = { select: 0x1b, "local.get": 0x20 };

/** The code of one function, made of one or more graphs one after the other. Their temporaries share locals. */
export class FunctionEmitter {
  readonly code = new Bytes();
  /** Types of the locals after the parameters. */
  readonly locals: Ty[];
  private readonly firstLocal: number;
  private readonly reserved: number;
  private free: number[] = [];
  private readonly labels: (Label | undefined)[] = [];
  private loops: Region[] = [];

  /** `fixed` are locals that graphs address by index, directly after the `params` parameters. */
  constructor(params: number, fixed: readonly Ty[] = []) {
    this.firstLocal = params;
    this.locals = [...fixed];
    this.reserved = params + fixed.length;
  }

  // ---- structure around the graphs

  open(kind: "block" | "loop", label: Label): void {
    this.code.u8(kind === "block" ? 0x02 : 0x03);
    this.code.u8(EMPTY_BLOCK);
    this.labels.push(label);
  }
  close(): void {
    this.code.u8(0x0b);
    this.labels.pop();
  }
  depth(label: Label): number {
    const at = this.labels.lastIndexOf(label);
    if (at < 0) throw new Error(`label ${label.name} is not open here`);
    return this.labels.length - 1 - at;
  }
  /** `br_table` over `targets` with the i32 on the stack. */
  table(targets: readonly Label[], otherwise: Label): void {
    this.code.u8(0x0e);
    this.code.u32(targets.length);
    for (const t of targets) this.code.u32(this.depth(t));
    this.code.u32(this.depth(otherwise));
  }
  /** Loads the number that the micro-op at local 0 names, less `base`, shifted right. */
  dispatch(base: number, shift = 0): void {
    this.code.bytes([0x20, 0, 0x2f, 0, 0]);
    for (const [n, op] of [
      [base, 0x6b],
      [shift, 0x76],
    ]) {
      if (n === 0) continue;
      this.code.u8(0x41);
      this.code.s32(n);
      this.code.u8(op);
    }
  }
  unreachable(): void {
    this.code.u8(0x00);
  }

  // ---- graphs

  /** Emits a graph; its temporaries' locals are free again afterwards. */
  emit(graph: Graph): void {
    plan(graph.root);
    this.free = [];
    for (let i = this.locals.length - 1; i >= this.reserved - this.firstLocal; i--) this.free.push(this.firstLocal + i);
    for (const v of graph.variables) v.slot = this.take(v.ty);
    this.variables = graph;
    this.region(graph.root);
  }

  private variables!: Graph;

  private take(ty: Ty): number {
    for (let i = this.free.length - 1; i >= 0; i--) {
      if (this.locals[this.free[i] - this.firstLocal] === ty) return this.free.splice(i, 1)[0];
    }
    this.locals.push(ty);
    return this.firstLocal + this.locals.length - 1;
  }

  private region(r: Region): void {
    for (const item of r.items) {
      if (!(item instanceof Node)) this.statement(item);
      else if (item.inLocal) this.define(item);
      else if (item.pinned && item.uses === 0) {
        this.compute(item);
        this.code.u8(0x1a);
      }
    }
  }

  private define(n: Node): void {
    this.compute(n);
    n.slot = this.take(n.ty);
    n.left = n.uses;
    this.code.u8(0x21);
    this.code.u32(n.slot);
  }

  private value(n: Node): void {
    if (!n.inLocal) {
      this.compute(n);
      return;
    }
    if (n.slot < 0) throw new Error(`value ${n.op} is used before it is computed`);
    this.code.u8(0x20);
    this.code.u32(n.slot);
    // The local is free after the last use, unless a loop may come back to it.
    if (--n.left === 0 && this.loops.every((l) => within(n.region, l))) this.free.push(n.slot);
  }

  private compute(n: Node): void {
    switch (n.kind) {
      case "const":
        this.constant(n);
        return;
      case "get":
        this.code.u8(0x20);
        this.code.u32(n.imm as number);
        return;
      case "var":
        this.code.u8(0x20);
        this.code.u32(this.variables.variables[n.imm as number].slot);
        return;
      case "load":
        this.value(n.args[0]);
        this.memory(n.op, n.imm as number);
        return;
      case "op": {
        for (const a of n.args) this.value(a);
        if (FIXED[n.op] !== undefined) {
          this.code.u8(FIXED[n.op]);
          return;
        }
        const info = opcode(n.op);
        this.opcode(info.prefix, info.code);
        if (n.imm) this.code.bytes(n.imm as readonly number[]);
        return;
      }
      default:
        throw new Error("the result of a call lives in a local");
    }
  }

  private constant(n: Node): void {
    if (n.ty === "i32") {
      this.code.u8(0x41);
      this.code.s32(n.imm as number);
    } else if (n.ty === "i64") {
      this.code.u8(0x42);
      this.code.s64(n.imm as bigint);
    } else if (n.ty === "f32") {
      this.code.u8(0x43);
      this.code.f32(n.imm as number);
    } else if (n.ty === "f64") {
      this.code.u8(0x44);
      this.code.f64(n.imm as number);
    } else {
      this.opcode(0xfd, 12);
      this.code.bytes(n.imm as readonly number[]);
    }
  }

  private opcode(prefix: number, code: number): void {
    if (prefix === 0) {
      this.code.u8(code);
      return;
    }
    this.code.u8(prefix);
    this.code.u32(code);
  }

  /** A load or store; alignment is only a hint, so always 1 byte. */
  private memory(name: string, offset: number): void {
    const info = memoryOpcode(name);
    this.opcode(info.prefix, info.code);
    this.code.u32(0);
    this.code.u32(offset);
  }

  private statement(s: Statement): void {
    for (const a of s.args) this.value(a);
    const code = this.code;
    switch (s.kind) {
      case "store":
        this.memory(s.op!, s.imm!);
        return;
      case "set":
        code.u8(0x21);
        code.u32(s.variable!.slot);
        return;
      case "setFixed":
        code.u8(0x21);
        code.u32(s.imm!);
        return;
      case "br":
      case "brIf":
        code.u8(s.kind === "br" ? 0x0c : 0x0d);
        code.u32(this.depth(s.label!));
        return;
      case "return":
        code.u8(0x0f);
        return;
      case "trap":
        code.u8(0x00);
        return;
      case "call":
        code.u8(0x10);
        code.u32(s.imm!);
        this.results(s.results!);
        return;
      case "copy":
        code.bytes([0xfc, 10, 0, 0]);
        return;
      case "fill":
        code.bytes([0xfc, 11, 0]);
        return;
      case "if":
        code.u8(0x04);
        code.u8(EMPTY_BLOCK);
        this.labels.push(undefined);
        this.region(s.bodies![0]);
        if (s.bodies![1]) {
          code.u8(0x05);
          this.region(s.bodies![1]);
        }
        this.close();
        return;
      case "loop":
      case "block":
        this.open(s.kind, s.label!);
        if (s.kind === "loop") this.loops.push(s.bodies![0]);
        this.region(s.bodies![0]);
        if (s.kind === "loop") this.loops.pop();
        this.close();
        return;
    }
  }

  private results(results: readonly Node[]): void {
    for (const r of [...results].reverse()) {
      if (r.uses === 0) {
        this.code.u8(0x1a);
        continue;
      }
      r.slot = this.take(r.ty);
      r.left = r.uses;
      this.code.u8(0x21);
      this.code.u32(r.slot);
    }
  }
}

function within(r: Region | undefined, outer: Region): boolean {
  for (; r; r = r.parent) if (r === outer) return true;
  return false;
}

/** Counts uses from the statements, then decides for each value whether it needs a local. */
function plan(root: Region): void {
  const nodes: Node[] = [];
  const collect = (r: Region) => {
    for (const item of r.items) {
      if (item instanceof Node) {
        item.uses = 0;
        item.inLocal = false;
        item.slot = -1;
        nodes.push(item);
        if (item.pinned) roots.push(item);
      } else {
        roots.push(item);
        for (const n of item.results ?? []) {
          n.uses = 0;
          n.inLocal = true;
          n.slot = -1;
        }
        for (const body of item.bodies ?? []) collect(body);
      }
    }
  };
  const roots: (Node | Statement)[] = [];
  collect(root);
  const visited = new Set<Node>();
  const use = (user: Node | Statement) => {
    for (const a of user.args) {
      a.uses++;
      a.consumer = user;
      if (!visited.has(a)) {
        visited.add(a);
        use(a);
      }
    }
  };
  for (const r of roots) {
    if (r instanceof Node) {
      if (visited.has(r)) continue;
      visited.add(r);
    }
    use(r);
  }
  // Users come after what they use, so backwards each value's user has been decided on.
  for (let i = nodes.length - 1; i >= 0; i--) nodes[i].inLocal = needsLocal(nodes[i]);
}

/** Where a value that is computed in place is really computed. */
function site(n: Node): Node | Statement {
  let at: Node | Statement = n.consumer!;
  while (at instanceof Node && !at.inLocal && !(at.pinned && at.uses === 0)) at = at.consumer!;
  return at;
}

function needsLocal(n: Node): boolean {
  if (n.kind === "const" || n.kind === "get" || n.uses === 0) return false;
  if (n.uses > 1 || n.pinned) return true;
  const at = site(n);
  if (n.ordered) return at.epoch !== n.epoch || at.region !== n.region;
  // Moving into a conditional is fine, into a loop it would be computed again and again.
  for (let r: Region | undefined = at.region; r && r !== n.region; r = r.parent) if (r.loop) return true;
  return false;
}
