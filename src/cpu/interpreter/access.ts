/**
 * The careful way to memory, in WebAssembly: `translate(ea, spec) -> host address, or 0 after a fault` and `commit(slot)`,
 * which makes a store to a bounce buffer final. See scratch.ts for `spec` and the buffers.
 */
import {
  HIGH_LIMIT,
  HIGH_TABLE,
  HIGH_TABLE_SLOTS,
  PAGE_SIZE,
  PAGE_TABLE_READ,
  PAGE_TABLE_WRITE,
} from "../../memory/layout.ts";
import { Graph, type Node } from "../ir/graph.ts";
import {
  BOUNCE_ADDRESS,
  BOUNCE_DATA,
  BOUNCE_FIRST,
  BOUNCE_FIRST_BYTES,
  BOUNCE_SECOND,
  BOUNCE_SECOND_BYTES,
  BOUNCE_SIZE,
} from "./scratch.ts";

const WRITE_TABLE_SHIFT = Math.log2(PAGE_TABLE_WRITE - PAGE_TABLE_READ);

/** An upper half with bits above these is beyond the high range. */
const HIGH_BITS = Math.ceil(Math.log2(HIGH_LIMIT)) - 32;

/** `page(address, bytes, write) -> host`: bytes that lie in one page. */
export function pageFunction(miss: number): Graph {
  const g = new Graph();
  const [address, bytes, write] = [0, 1, 2].map((i) => g.get("i32", i));
  const index = g.op("i32.shl", [g.op("i32.shr_u", [address, g.i32(12)]), g.i32(2)]);
  const slot = g.op("i32.add", [index, g.op("i32.shl", [write, g.i32(WRITE_TABLE_SHIFT)])]);
  const entry = g.load("i32.load", slot, PAGE_TABLE_READ);
  const invalid = (e: Node) => g.op("i32.and", [e, g.i32(1)]);
  g.if(g.op("i32.eqz", [invalid(entry)]), () => g.return(g.op("i32.add", [entry, address])));
  const [faulted] = g.call(miss, ["i32"], [address, g.i32(0), bytes, write]);
  g.if(faulted, () => g.return(g.i32(0)));
  const filled = g.load("i32.load", slot, PAGE_TABLE_READ);
  // `miss` said that it filled the entry.
  g.if(invalid(filled), () => g.trap());
  g.return(g.op("i32.add", [filled, address]));
  return g;
}

/** `highPage(address, high, bytes, write) -> host`: the same for any address, of which `high` is the upper half. */
export function highPageFunction(miss: number, lowPage: number): Graph {
  const g = new Graph();
  const [address, high, bytes, write] = [0, 1, 2, 3].map((i) => g.get("i32", i));
  g.if(g.op("i32.eqz", [high]), () => g.return(g.call(lowPage, ["i32"], [address, bytes, write])[0]));
  const page = g.op("i32.or", [g.op("i32.shl", [high, g.i32(20)]), g.op("i32.shr_u", [address, g.i32(12)])]);
  const slot = g.op("i32.shl", [g.op("i32.and", [page, g.i32(HIGH_TABLE_SLOTS - 1)]), g.i32(4)]);
  const field = g.op("i32.add", [slot, g.op("i32.shl", [g.op("i32.and", [write, g.i32(1)]), g.i32(2)])]);
  const offset = g.op("i32.and", [address, g.i32(PAGE_SIZE - 1)]);
  const entry = () => g.load("i32.load", field, HIGH_TABLE + 4);
  const beyond = g.op("i32.shr_u", [high, g.i32(HIGH_BITS)]);
  const isOther = () => g.op("i32.or", [g.op("i32.ne", [g.load("i32.load", slot, HIGH_TABLE), page]), beyond]);
  const invalid = (e: Node) => g.op("i32.and", [e, g.i32(1)]);
  const found = entry();
  const isValid = g.op("i32.eqz", [g.op("i32.or", [isOther(), invalid(found)])]);
  g.if(isValid, () => g.return(g.op("i32.add", [found, offset])));
  const [faulted] = g.call(miss, ["i32"], [address, high, bytes, write]);
  g.if(faulted, () => g.return(g.i32(0)));
  const filled = entry();
  g.if(g.op("i32.or", [isOther(), invalid(filled)]), () => g.trap());
  g.return(g.op("i32.add", [filled, offset]));
  return g;
}

/** `translate(ea, spec) -> host`. A page-crossing area is copied to its bounce buffer. */
export function translateFunction(page: number, highPage: number): Graph {
  const g = new Graph();
  const ea = g.get("i64", 0);
  const spec = g.get("i32", 1);
  const address = g.op("i32.wrap_i64", [ea]);
  const high = g.op("i32.wrap_i64", [g.op("i64.shr_u", [ea, g.i64(32)])]);
  const bytes = g.op("i32.and", [spec, g.i32(0x3ff)]);
  const write = g.op("i32.shr_u", [spec, g.i32(16)]);
  const first = g.op("i32.sub", [g.i32(PAGE_SIZE), g.op("i32.and", [address, g.i32(PAGE_SIZE - 1)])]);
  const host = (at: Node, top: Node, n: Node): Node => {
    const [h] = g.call(highPage, ["i32"], [at, top, n, write]);
    g.if(g.op("i32.eqz", [h]), () => g.return(g.i32(0)));
    return h;
  };
  g.if(g.op("i32.le_u", [bytes, first]), () => {
    g.if(high, () => g.return(g.call(highPage, ["i32"], [address, high, bytes, write])[0]));
    g.return(g.call(page, ["i32"], [address, bytes, write])[0]);
  });
  host(address, high, first);
  const second = g.op("i32.add", [address, first]);
  const secondHigh = g.op("i32.add", [high, g.op("i32.eqz", [second])]);
  const rest = g.op("i32.sub", [bytes, first]);
  const secondHost = host(second, secondHigh, rest);
  // Filling the second entry may have invalidated the first.
  const firstHost = host(address, high, first);
  const slot = g.op("i32.and", [g.op("i32.shr_u", [spec, g.i32(10)]), g.i32(0x3f)]);
  const bounce = g.op("i32.mul", [slot, g.i32(BOUNCE_SIZE)]);
  const field = (offset: number, v: Node) => g.store("i32.store", bounce, BOUNCE_ADDRESS + offset, v);
  field(BOUNCE_FIRST, firstHost);
  field(BOUNCE_SECOND, secondHost);
  field(BOUNCE_FIRST_BYTES, first);
  field(BOUNCE_SECOND_BYTES, rest);
  const data = g.op("i32.add", [bounce, g.i32(BOUNCE_ADDRESS + BOUNCE_DATA)]);
  g.copy(data, firstHost, first);
  g.copy(g.op("i32.add", [data, first]), secondHost, rest);
  g.return(data);
  return g;
}

/** `commit(slot)`: copies a bounce buffer back to the two pages. */
export function commitFunction(): Graph {
  const g = new Graph();
  const bounce = g.op("i32.mul", [g.get("i32", 0), g.i32(BOUNCE_SIZE)]);
  const field = (offset: number) => g.load("i32.load", bounce, BOUNCE_ADDRESS + offset);
  const data = g.op("i32.add", [bounce, g.i32(BOUNCE_ADDRESS + BOUNCE_DATA)]);
  g.copy(field(BOUNCE_FIRST), data, field(BOUNCE_FIRST_BYTES));
  g.copy(field(BOUNCE_SECOND), g.op("i32.add", [data, field(BOUNCE_FIRST_BYTES)]), field(BOUNCE_SECOND_BYTES));
  return g;
}
