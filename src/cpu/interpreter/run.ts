/** The parts of `run` around its handlers: leaving, links, the jump cache, and the way to the careful forms. */
import { JUMP_CACHE, JUMP_CACHE_ENTRIES, PAGE_SIZE, STATE_ADDRESS } from "../../memory/layout.ts";
import { Graph, type Label, type Node } from "../ir/graph.ts";
import { COUNT, DISP, H_GOTO, H_GOTO_FAR, HANDLER, MICRO_OP_SIZE, PAGE_OFFSET } from "../microop.ts";
import {
  CAREFUL_MICRO_OP,
  EXIT_FAULT,
  EXIT_FUEL,
  EXIT_LOOKUP,
  EXIT_MICRO_OP,
  FUEL,
  JUMP_TAG,
  LEAVE_BLOCK,
  LINK_SLOT,
  R_PAGE,
  RIP,
  reg,
} from "../state.ts";
import { FUEL_LOCAL, type Labels, PC, RIP_LOCAL, SLOT_LOCAL } from "./binding.ts";
import { TAG_SHIFT } from "./jump-cache.ts";
import { PROFILE_ADDRESS } from "./scratch.ts";

/** Small helpers over a graph of `run`. */
class Run {
  readonly g = new Graph();
  readonly labels: Labels;
  constructor(labels: Labels) {
    this.labels = labels;
  }
  get pc(): Node {
    return this.g.get("i32", PC);
  }
  get fuel(): Node {
    return this.g.get("i32", FUEL_LOCAL);
  }
  get slot(): Node {
    return this.g.get("i32", SLOT_LOCAL);
  }
  get rip(): Node {
    return this.g.get("i64", RIP_LOCAL);
  }
  op(name: string, ...args: Node[]): Node {
    return this.g.op(name, args);
  }
  state(offset: number, ty: "i32" | "i64" = "i32"): Node {
    return this.g.load(`${ty}.load`, this.g.i32(0), STATE_ADDRESS + offset);
  }
  setState(offset: number, v: Node): void {
    this.g.store(`${v.ty}.store`, this.g.i32(0), STATE_ADDRESS + offset, v);
  }
  page(): Node {
    return this.state(reg(R_PAGE), "i64");
  }
  /** R_PAGE + a signed 32-bit offset. */
  inPage(offset: Node): Node {
    return this.op("i64.add", this.page(), this.op("i64.extend_i32_s", offset));
  }
  pageOffset(microOp: Node): Node {
    return this.op("i32.and", this.g.load("i32.load16_u", microOp, PAGE_OFFSET), this.g.i32(PAGE_SIZE - 1));
  }
  handler(microOp: Node): Node {
    return this.g.load("i32.load16_u", microOp, HANDLER);
  }
  leave(reason: Node): void {
    this.setState(FUEL, this.fuel);
    this.g.return(reason);
  }
}

/** Follows the link in SLOT_LOCAL the long way: out of fuel, block to be left, or not linked yet. Ends at `lookup`. */
export function slowPath(labels: Labels, lookup: Label): Graph {
  const r = new Run(labels);
  const { g } = r;
  const link = g.load("i32.load", r.slot, 0);
  const linked = r.op("i32.eqz", r.op("i32.and", link, g.i32(1)));
  const leave = r.op("i32.or", r.op("i32.le_s", r.fuel, g.i32(0)), r.state(LEAVE_BLOCK));
  g.if(
    linked,
    () => {
      g.if(r.op("i32.eqz", leave), () => {
        g.setFixed(PC, link);
        g.br(labels.next);
      });
      g.if(
        r.op("i32.eq", r.handler(link), g.i32(H_GOTO_FAR)),
        () => g.setFixed(RIP_LOCAL, r.inPage(g.load("i32.load", link, DISP))),
        () => g.setFixed(RIP_LOCAL, r.inPage(r.pageOffset(link))),
      );
    },
    () => g.setFixed(RIP_LOCAL, r.inPage(r.op("i32.shr_s", link, g.i32(1)))),
  );
  g.if(leave, () => {
    r.setState(RIP, r.rip);
    r.setState(LINK_SLOT, g.i32(0));
    r.leave(g.select(r.op("i32.le_s", r.fuel, g.i32(0)), g.i32(EXIT_FUEL), g.i32(EXIT_LOOKUP)));
  });
  // Blocks of another page are found through the jump cache each time, so no link to them is made.
  const samePage = r.op("i64.eqz", r.op("i64.shr_u", r.op("i64.xor", r.rip, r.page()), g.i64(12)));
  g.if(r.op("i32.eqz", samePage), () => g.setFixed(SLOT_LOCAL, g.i32(0)));
  g.br(lookup);
  return g;
}

/** An indirect jump to RIP_LOCAL: falls into the lookup unless the fuel is used up. */
export function indirectPath(labels: Labels): Graph {
  const r = new Run(labels);
  const { g } = r;
  g.if(r.op("i32.le_s", r.fuel, g.i32(0)), () => {
    r.setState(RIP, r.rip);
    r.leave(g.i32(EXIT_FUEL));
  });
  g.setFixed(SLOT_LOCAL, g.i32(0));
  return g;
}

/** Looks RIP_LOCAL up in the jump cache, links the field at SLOT_LOCAL (unless 0) to what it finds, and goes there. */
export function lookupPath(labels: Labels): Graph {
  const r = new Run(labels);
  const { g } = r;
  const rip = r.op("i32.wrap_i64", r.rip);
  const tag = r.state(JUMP_TAG);
  const place = r.op("i32.xor", rip, r.op("i32.shr_u", rip, g.i32(12)));
  const mixed = r.op("i32.xor", place, r.op("i32.shl", tag, g.i32(TAG_SHIFT)));
  const entry = r.op("i32.shl", r.op("i32.and", mixed, g.i32(JUMP_CACHE_ENTRIES - 1)), g.i32(4));
  const field = (n: number) => g.load("i32.load", entry, JUMP_CACHE + n);
  const differs = r.op("i32.or", r.op("i32.xor", field(0), rip), r.op("i32.xor", field(4), tag));
  const high = r.op("i32.wrap_i64", r.op("i64.shr_u", r.rip, g.i64(32)));
  g.if(r.op("i32.eqz", r.op("i32.or", differs, high)), () => {
    const target = field(8);
    // The entry's last field is set for a block that may not be linked to.
    g.if(r.slot, () => g.if(r.op("i32.eqz", field(12)), () => g.store("i32.store", r.slot, 0, target)));
    r.setState(reg(R_PAGE), r.op("i64.and", r.rip, g.i64(-PAGE_SIZE)));
    g.setFixed(PC, target);
    g.br(labels.next);
  });
  r.setState(RIP, r.rip);
  r.setState(LINK_SLOT, r.slot);
  r.leave(g.i32(EXIT_LOOKUP));
  return g;
}

/** Counts the micro-op at PC by its handler. */
export function profilePath(labels: Labels): Graph {
  const r = new Run(labels);
  const counter = r.op("i32.shl", r.handler(r.pc), r.g.i32(2));
  const count = r.g.load("i32.load", counter, PROFILE_ADDRESS);
  r.g.store("i32.store", counter, PROFILE_ADDRESS, r.op("i32.add", count, r.g.i32(1)));
  return r.g;
}

/** Runs the micro-op at PC in its careful form, `cold(pc)`, and goes on as that says. */
export function carefulPath(labels: Labels, cold: number): Graph {
  const r = new Run(labels);
  const { g } = r;
  r.setState(FUEL, r.fuel);
  r.setState(CAREFUL_MICRO_OP, r.pc);
  const [result] = g.call(cold, ["i32"], [r.pc]);
  g.setFixed(FUEL_LOCAL, r.state(FUEL));
  // An odd result is the address of a link, plus 1; exit reasons are below 16.
  const small = r.op("i32.lt_u", result, g.i32(16));
  g.if(small, () => {
    g.if(r.op("i32.eqz", result), () => {
      g.setFixed(RIP_LOCAL, r.state(RIP, "i64"));
      g.br(labels.indirect);
    });
    g.if(r.op("i32.eq", result, g.i32(EXIT_FAULT)), () => r.setState(EXIT_MICRO_OP, r.pc));
    g.return(result);
  });
  g.if(r.op("i32.and", result, g.i32(1)), () => {
    const slot = r.op("i32.sub", result, g.i32(1));
    g.setFixed(SLOT_LOCAL, slot);
    const count = g.load("i32.load8_u", r.op("i32.and", slot, g.i32(-MICRO_OP_SIZE)), COUNT);
    g.setFixed(FUEL_LOCAL, r.op("i32.sub", r.fuel, count));
    g.br(labels.slow);
  });
  g.if(r.state(LEAVE_BLOCK), () => {
    g.if(r.op("i32.eq", r.handler(result), g.i32(H_GOTO)), () => {
      g.setFixed(SLOT_LOCAL, r.op("i32.add", result, g.i32(DISP)));
      g.setFixed(FUEL_LOCAL, r.op("i32.sub", r.fuel, g.load("i32.load8_u", result, COUNT)));
      g.br(labels.slow);
    });
    r.setState(RIP, r.inPage(r.pageOffset(result)));
    r.setState(LINK_SLOT, g.i32(0));
    r.setState(EXIT_MICRO_OP, result);
    r.leave(g.i32(EXIT_LOOKUP));
  });
  g.setFixed(PC, result);
  g.br(labels.next);
  return g;
}

/** The end of a cold function: the state holds an exception of the instruction at PC. */
export function faultPath(labels: Labels): Graph {
  const r = new Run(labels);
  r.setState(RIP, r.inPage(r.pageOffset(r.pc)));
  r.g.return(r.g.i32(EXIT_FAULT));
  return r.g;
}
