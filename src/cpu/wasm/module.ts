/** Assembles a WebAssembly module (core spec, 5.5). Functions are declared first and get their bodies later. */
import type { Ty } from "../../isa/builder.ts";
import { Bytes } from "./bytes.ts";

export const TYPE_CODE: Record<Ty, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
export const EMPTY_BLOCK = 0x40;

export interface FunctionType {
  readonly params: readonly Ty[];
  readonly results: readonly Ty[];
}

interface DefinedFunction {
  readonly name: string;
  readonly type: number;
  locals: readonly Ty[];
  body: Bytes | undefined;
}

export class ModuleBuilder {
  private readonly types: FunctionType[] = [];
  private readonly imports: { module: string; name: string; type: number }[] = [];
  private readonly functions: DefinedFunction[] = [];
  private readonly exports: { name: string; index: number }[] = [];
  private readonly customs: { name: string; bytes: Uint8Array }[] = [];
  private readonly memory: { module: string; name: string; minimum: number };

  /** `minimum` is the least size of the imported memory, in pages of 64 KiB. */
  constructor(memory: { module: string; name: string; minimum: number }) {
    this.memory = memory;
  }

  private typeIndex(type: FunctionType): number {
    const same = (a: readonly Ty[], b: readonly Ty[]) => a.length === b.length && a.every((t, i) => t === b[i]);
    const found = this.types.findIndex((t) => same(t.params, type.params) && same(t.results, type.results));
    if (found >= 0) return found;
    this.types.push(type);
    return this.types.length - 1;
  }

  /** Imports a function; all imports come before the first definition. Returns its index. */
  importFunction(module: string, name: string, type: FunctionType): number {
    if (this.functions.length > 0) throw new Error("imports come before definitions");
    this.imports.push({ module, name, type: this.typeIndex(type) });
    return this.imports.length - 1;
  }

  /** Declares a function whose body comes later. Returns its index. */
  declareFunction(name: string, type: FunctionType): number {
    this.functions.push({ name, type: this.typeIndex(type), locals: [], body: undefined });
    return this.imports.length + this.functions.length - 1;
  }

  /** `locals` are those after the parameters; `body` is the expression without its final `end`. */
  defineFunction(index: number, locals: readonly Ty[], body: Bytes): void {
    const f = this.functions[index - this.imports.length];
    f.locals = locals;
    f.body = body;
  }

  exportFunction(name: string, index: number): void {
    this.exports.push({ name, index });
  }

  custom(name: string, bytes: Uint8Array): void {
    this.customs.push({ name, bytes });
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out = new Bytes();
    out.bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const section = (id: number, fill: (s: Bytes) => void) => {
      const s = new Bytes();
      fill(s);
      out.u8(id);
      out.sized(s);
    };
    section(1, (s) => {
      s.u32(this.types.length);
      for (const t of this.types) {
        s.u8(0x60);
        for (const list of [t.params, t.results]) {
          s.u32(list.length);
          for (const ty of list) s.u8(TYPE_CODE[ty]);
        }
      }
    });
    section(2, (s) => {
      s.u32(this.imports.length + 1);
      s.name(this.memory.module);
      s.name(this.memory.name);
      s.u8(2);
      s.u8(0);
      s.u32(this.memory.minimum);
      for (const i of this.imports) {
        s.name(i.module);
        s.name(i.name);
        s.u8(0);
        s.u32(i.type);
      }
    });
    section(3, (s) => {
      s.u32(this.functions.length);
      for (const f of this.functions) s.u32(f.type);
    });
    section(7, (s) => {
      s.u32(this.exports.length);
      for (const e of this.exports) {
        s.name(e.name);
        s.u8(0);
        s.u32(e.index);
      }
    });
    section(10, (s) => {
      s.u32(this.functions.length);
      for (const f of this.functions) s.sized(functionBody(f));
    });
    for (const c of this.customs) {
      section(0, (s) => {
        s.name(c.name);
        s.bytes(c.bytes);
      });
    }
    section(0, (s) => {
      s.name("name");
      const names = new Bytes();
      names.u32(this.functions.length);
      this.functions.forEach((f, i) => {
        names.u32(this.imports.length + i);
        names.name(f.name);
      });
      s.u8(1);
      s.sized(names);
    });
    return out.view().slice();
  }
}

function functionBody(f: DefinedFunction): Bytes {
  if (!f.body) throw new Error(`function ${f.name} has no body`);
  const out = new Bytes();
  const groups: { ty: Ty; count: number }[] = [];
  for (const ty of f.locals) {
    const last = groups.at(-1);
    if (last && last.ty === ty) last.count++;
    else groups.push({ ty, count: 1 });
  }
  out.u32(groups.length);
  for (const g of groups) {
    out.u32(g.count);
    out.u8(TYPE_CODE[g.ty]);
  }
  out.append(f.body);
  out.u8(0x0b);
  return out;
}
