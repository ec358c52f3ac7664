/**
 * Tier 0's binding of the Builder: operands come from the micro-op at `pc`, registers from the state in memory.
 *
 * There are three places that a meaning is compiled into, and they differ in what happens when something goes wrong:
 * - "hot", inside the loop of `run`: whatever is not plain sailing (a page table miss, a page-crossing access, any exception)
 *   branches to the label `careful`. Nothing has been written then, so the instruction is begun again there;
 * - "cold", inside a function `(pc) -> next`: accesses go through a helper that asks the memory and handles page crossing,
 *   exceptions are raised;
 * - "helper": as cold, but a fault is returned to the caller.
 */
import type { Access, Helper, Operand, Ty, Val } from "../../isa/builder.ts";
import { PAGE_SIZE, PAGE_TABLE_READ, PAGE_TABLE_WRITE } from "../../memory/layout.ts";
import type { CompiledHelper, Translated } from "../builder.ts";
import type { Node } from "../ir/graph.ts";
import {
  BASE,
  COUNT,
  DISP,
  ENDS_AFTER,
  IMM,
  LINKS_NEXT_IMM,
  LINKS_TAKEN,
  MICRO_OP_SIZE,
  PAGE_OFFSET,
  TERMINATOR,
  USES_NEXT,
} from "../microop.ts";
import {
  EXIT_FUEL,
  EXIT_MICRO_OP,
  EXIT_SYSCALL,
  FAULT_ADDRESS,
  FAULT_CODE,
  FAULT_VECTOR,
  FUEL,
  R_EA,
  R_PAGE,
  RIP,
  reg,
} from "../state.ts";
import { FUEL_LOCAL, NotHot, PC, RIP_LOCAL, SLOT_LOCAL } from "./binding.ts";
import { Tier0Operands } from "./operands.ts";
import { BOUNCE_SLOTS, SCRATCH_LIMIT, translateSpec } from "./scratch.ts";

export class Tier0Builder extends Tier0Operands {
  private bounce = 0;

  // ---- memory

  protected override translate(bytes: number, ea: Node, access: Access): Translated {
    this.mayFault("a memory access");
    return this.hot ? this.translateHot(bytes, ea, access) : this.translateCold(bytes, ea, access);
  }

  private translateHot(bytes: number, ea: Node, access: Access): Translated {
    const careful = this.to.labels.careful;
    const address = this.wrap(ea);
    this.g.brIf(this.wrap(this.shrU(ea, this.i64(32))), careful);
    const table = access === "r" ? PAGE_TABLE_READ : PAGE_TABLE_WRITE;
    const slot = this.shl(this.shrU(address, this.i32(12)), this.i32(2));
    const entry = this.g.load("i32.load", slot, table);
    const low = this.and(entry, this.i32(PAGE_SIZE - 1));
    if (bytes === 1) this.g.brIf(low, careful);
    else {
      const end = this.add(this.and(address, this.i32(PAGE_SIZE - 1)), low);
      this.g.brIf(this.gtU(end, this.i32(PAGE_SIZE - bytes)), careful);
    }
    return { host: this.add(entry, address), commit: () => {} };
  }

  private translateCold(bytes: number, ea: Node, access: Access): Translated {
    if (this.bounce >= BOUNCE_SLOTS) throw new Error("too many memory places in one instruction");
    const slot = this.bounce++;
    const { translate, commit } = this.to.functions;
    const spec = translateSpec(bytes, slot, access !== "r");
    const [host] = this.g.call(translate, ["i32"], [ea, this.i32(spec)]);
    this.g.if(this.eqz(host), () => this.propagateFault());
    return {
      host,
      commit: () =>
        this.g.if(this.ltU(host, this.i32(SCRATCH_LIMIT)), () => void this.g.call(commit, [], [this.i32(slot)])),
    };
  }

  protected override helper(h: Helper): CompiledHelper {
    return this.to.functions.helper(h);
  }

  override call(h: Helper, ...args: Val[]): Val[] {
    if (!this.hot) return super.call(h, ...args);
    // The careful form begins the instruction again and calls the helper there.
    if (this.wrote || this.g.atRoot) throw new NotHot(`helper ${h.name}`);
    this.g.br(this.to.labels.careful);
    return h.results.map((ty) => this.zero(ty));
  }

  private zero(ty: Ty): Node {
    if (ty === "v128") return this.v128(new Array(16).fill(0));
    return this.g.const(ty, ty === "i64" ? 0n : 0);
  }

  // ---- leaving

  protected override fault(vector: number): void {
    if (this.hot) {
      this.g.br(this.to.labels.careful);
      return;
    }
    this.leaveState(FAULT_VECTOR, this.i32(vector));
    this.leaveState(FAULT_CODE, this.i32(0));
    this.leaveState(FAULT_ADDRESS, this.i64(0));
    this.propagateFault();
  }

  protected override propagateFault(): void {
    if (this.to.place === "helper") this.g.return(...this.to.results!.map((ty) => this.zero(ty)), this.i32(1));
    else this.g.br(this.hot ? this.to.labels.careful : this.to.labels.fault);
  }

  protected override fuel(): Node {
    this.attributes |= ENDS_AFTER;
    return this.hot ? this.g.get("i32", FUEL_LOCAL) : this.readState(FUEL, "i32");
  }

  private pageOffset(): Node {
    const u16 = this.g.load("i32.load16_u", this.pc(), PAGE_OFFSET, true);
    return this.and(u16, this.i32(PAGE_SIZE - 1));
  }
  /** Linear address of this instruction. */
  private thisRip(): Node {
    return this.add(this.readReg(R_PAGE, 64), this.extendU(this.pageOffset()));
  }
  override nextRip(): Node {
    this.attributes |= USES_NEXT;
    if (this.to.shape.nextField < DISP || (this.to.shape.nextField === DISP && this.to.shape.isMemory)) {
      throw new Error("no field is left for the next instruction's address");
    }
    return this.add(this.readReg(R_PAGE, 64), this.extendS(this.word(this.to.shape.nextField)));
  }

  /** Takes the block's instructions off the fuel. */
  private retire(): void {
    this.attributes |= TERMINATOR;
    const count = this.byte(COUNT + this.tail);
    if (this.hot) this.g.setFixed(FUEL_LOCAL, this.sub(this.g.get("i32", FUEL_LOCAL), count));
    else this.leaveState(FUEL, this.sub(this.readState(FUEL, "i32"), count));
  }

  private coldOnly(): void {
    if (this.hot) throw new NotHot("only the careful form can do this");
    if (this.to.place === "helper") throw new Error("a helper cannot transfer control");
  }

  private leave(reason: number): void {
    this.g.return(this.i32(reason));
    this.ended = true;
  }

  override trap(vector: number): void {
    this.coldOnly();
    this.attributes |= TERMINATOR;
    this.leaveState(FAULT_VECTOR, this.i32(vector));
    this.leaveState(FAULT_CODE, this.i32(0));
    this.leaveState(FAULT_ADDRESS, this.i64(0));
    this.leaveState(RIP, this.nextRip());
    this.leave(4);
  }

  override jump(target: Val): void {
    if (this.hot) {
      this.g.setFixed(RIP_LOCAL, target as Node);
      this.retire();
      this.g.br(this.to.labels.indirect);
    } else {
      this.leaveState(RIP, target as Node);
      this.retire();
      this.g.return(this.i32(0));
    }
    this.ended = true;
  }

  override jumpRel(_target: Operand, cond?: Val): void {
    this.attributes |= LINKS_TAKEN | (cond ? LINKS_NEXT_IMM : 0);
    this.follow(DISP, cond && { holds: cond as Node, otherwise: IMM });
  }

  /** Ends a fused pair: branches by what the first instruction's flags say. */
  branchFused(): void {
    const holds = this.captured && this.conditionOf(this.captured, this.to.fused!);
    if (!holds) throw new NotHot("the condition cannot be told from the flags");
    this.follow(DISP, { holds, otherwise: IMM });
  }

  /** Goes to the block that the field at `taken` links to, or if the condition does not hold, to the other one. */
  private follow(taken: number, condition?: { holds: Node; otherwise: number }): void {
    this.attributes |= TERMINATOR;
    this.ended = true;
    const { next, slow } = this.to.labels;
    const field = (n: number) => this.add(this.pc(), this.i32(n + this.tail));
    if (!this.hot) {
      const go = (n: number) => this.g.return(this.or(field(n), this.i32(1)));
      if (!condition) {
        go(taken);
        return;
      }
      this.g.if(condition.holds, () => go(taken));
      go(condition.otherwise);
      return;
    }
    const choose = (n: number) => this.g.setFixed(SLOT_LOCAL, field(n));
    if (!condition) choose(taken);
    else
      this.g.if(
        condition.holds,
        () => choose(taken),
        () => choose(condition.otherwise),
      );
    this.retire();
    const link = this.g.load("i32.load", this.g.get("i32", SLOT_LOCAL), 0);
    const out = this.leS(this.g.get("i32", FUEL_LOCAL), this.i32(0));
    this.g.brIf(this.or(this.and(link, this.i32(1)), out), slow);
    this.g.setFixed(PC, link);
    this.g.br(next);
  }

  override recheck(body: () => void): void {
    this.coldOnly();
    super.recheck(body);
  }

  override syscall(): void {
    this.coldOnly();
    this.leaveState(RIP, this.nextRip());
    this.retire();
    const [left] = this.g.call(this.to.functions.syscall, ["i32"], []);
    this.g.if(left, () => this.g.return(this.i32(EXIT_SYSCALL)));
    this.leave(0);
  }

  override repeatIf(cond: Val): void {
    this.coldOnly();
    this.attributes |= TERMINATOR | LINKS_NEXT_IMM;
    this.g.if(cond as Node, () => {
      const left = this.sub(this.readState(FUEL, "i32"), this.i32(1));
      this.leaveState(FUEL, left);
      // The address may be computed by a micro-op before, which has to see the registers as they are now.
      const computed = this.eq(this.byte(BASE), this.i32(reg(R_EA)));
      const again = this.select(computed, this.sub(this.pc(), this.i32(MICRO_OP_SIZE)), this.pc());
      this.g.if(this.gtS(left, this.i32(0)), () => this.g.return(again));
      this.leaveState(RIP, this.thisRip());
      this.leaveState(EXIT_MICRO_OP, this.pc());
      this.g.return(this.i32(EXIT_FUEL));
    });
    this.follow(IMM);
  }

  override yieldSlice(): void {
    this.coldOnly();
    this.leaveState(RIP, this.nextRip());
    this.retire();
    this.leave(EXIT_FUEL);
  }

  /** Goes on with the next micro-op, unless the meaning has left. */
  finish(): void {
    if (this.to.fused !== undefined) {
      this.branchFused();
      return;
    }
    if (this.ended) return;
    const next = this.add(this.pc(), this.i32(MICRO_OP_SIZE));
    if (!this.hot) {
      this.g.return(next);
      return;
    }
    this.g.setFixed(PC, next);
    this.g.br(this.to.labels.next);
  }

  // ---- pseudo-instructions

  /** Goes to R_PAGE + the displacement. */
  goFar(): void {
    this.jump(this.add(this.readReg(R_PAGE, 64), this.extendS(this.word(DISP))));
  }
  go(): void {
    this.follow(DISP);
  }
  effectiveAddress(): Node {
    return this.memory({ kind: "mem", bits: 64, access: "a", field: -1, fixed: -1, wide: false }).ea() as Node;
  }
  wideField(): Node {
    return this.g.load("i64.load", this.pc(), DISP, true);
  }
  /** Raises the exception whose vector is in the immediate. */
  raiseField(): void {
    if (this.hot) throw new NotHot("never hot");
    this.leaveState(FAULT_VECTOR, this.word(IMM));
    this.leaveState(FAULT_CODE, this.i32(0));
    this.leaveState(FAULT_ADDRESS, this.i64(0));
    this.attributes |= TERMINATOR;
    this.propagateFault();
    this.ended = true;
  }
}
