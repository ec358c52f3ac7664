/** Control transfer: CALL, RET, JMP, Jcc, LOOPcc, JRCXZ, SYSCALL, and the software interrupts. */
import { R11, RCX, RSP, VECTOR_BP, VECTOR_DB, VECTOR_GP, VECTOR_OF, VECTOR_UD } from "../../cpu/state.ts";
import type { Builder, Cond, Val } from "../builder.ts";
import { CONDITION_NAMES, conditionReads } from "../flags.ts";
import { ARITH, type Meaning, type Row, ZF } from "../types.ts";
import { hex } from "./opcode.ts";
import { push } from "./stack.ts";

/** Where execution does not go on: all rows here. */
const base = { feature: "base", ends: true } as const;
const near = { ...base, defaultSize: "f64" } as const;

const call: Meaning = (b, target) => {
  push(b, 64, b.nextRip());
  b.jumpRel(target);
};

/** #GP before anything changes if RIP would not be canonical; an address without memory faults at the target. */
function requireCanonical(b: Builder, target: Val): void {
  const top = b.shrS(target, b.i64(47));
  b.raiseIf(b.gtU(b.add(top, b.i64(1)), b.i64(1)), VECTOR_GP);
}

const callIndirect: Meaning = (b, target) => {
  const address = target.read();
  push(b, 64, b.nextRip(), () => requireCanonical(b, address));
  b.jump(address);
};

/** Pops the return address and `extra` bytes of arguments. */
function ret(b: Builder, extra: Val | null): void {
  const top = b.readReg(RSP, 64);
  const target = b.place(64, top, "r").load();
  requireCanonical(b, target);
  const next = b.add(top, b.i64(8));
  b.writeReg(RSP, 64, extra ? b.add(next, extra) : next);
  b.jump(target);
}

const jumpIndirect: Meaning = (b, target) => {
  const address = target.read();
  requireCanonical(b, address);
  b.jump(address);
};

/** Counts RCX (ECX with the 67 prefix) down; branches while it is not 0 and, for LOOPE and LOOPNE, as ZF says. */
const loop =
  (bits: 32 | 64, wantZero: boolean | null): Meaning =>
  (b, target) => {
    const count = b.readReg(RCX, bits);
    const next = b.sub(count, b.constLike(count, 1));
    const more = b.eqz(b.eqz(next));
    const again = wantZero === null ? more : b.and(more, wantZero ? b.flag("ZF") : b.eqz(b.flag("ZF")));
    b.writeReg(RCX, bits, next);
    b.jumpRel(target, again);
  };

const jcxz =
  (bits: 32 | 64): Meaning =>
  (b, target) =>
    b.jumpRel(target, b.eqz(b.readReg(RCX, bits)));

/** The pair of rows without and with the 67 prefix, which selects ECX. */
const countRows = (name: string, opcode: string, flags: Row["flags"], meaning: (bits: 32 | 64) => Meaning): Row[] => [
  { ...near, name, encoding: `${opcode} cb`, operands: "Jb", meaning: meaning(64), flags },
  { ...near, name, encoding: `67 ${opcode} cb`, operands: "Jb", meaning: meaning(32), flags, note: "counts in ECX" },
];

/** Conditions by how often compilers use them. */
const CONDITION_WEIGHT = [0.1, 0.1, 4, 4, 34, 30, 5, 6, 4, 2, 0.3, 0.3, 3, 2, 5, 4];

const jccRows = CONDITION_NAMES.flatMap((name, cc): Row[] => {
  const meaning: Meaning = (b, target) => b.jumpRel(target, b.cond(cc as Cond));
  const row = { ...near, name: `J${name}`, meaning, flags: { read: conditionReads(cc) }, cc };
  return [
    { ...row, encoding: `${hex(0x70 + cc)} cb`, operands: "Jb", frequency: CONDITION_WEIGHT[cc] },
    { ...row, encoding: `0F ${hex(0x80 + cc)} cd`, operands: "Jz", frequency: CONDITION_WEIGHT[cc] / 2 },
  ];
});

/** RCX and R11 get the return address and the flags, as the instruction defines; RF is 0. */
const syscall: Meaning = (b) => {
  b.writeReg(RCX, 64, b.nextRip());
  b.writeReg(R11, 64, b.readFlags());
  b.syscall();
};

/** Of the software interrupts user mode may use only gates 3 and 4 (Linux sets their DPL to 3). */
const int: Meaning = (b, vector) => {
  const n = vector.read();
  b.if(b.eq(n, b.i32(3)), () => b.trap(VECTOR_BP));
  b.if(b.eq(n, b.i32(4)), () => b.trap(VECTOR_OF));
  b.raise(VECTOR_GP);
};

const undefinedInstruction: Meaning = (b) => b.raise(VECTOR_UD);
const noModrm = "AMD's processors fetch no ModRM byte for it";
const untested = "system calls are compared by the guest programs of test/guest";

export const controlRows: readonly Row[] = [
  { ...near, name: "CALL", encoding: "E8 cd", operands: "Jz", meaning: call, frequency: 45 },
  { ...near, name: "CALL", encoding: "FF /2", operands: "Ev", meaning: callIndirect, frequency: 4 },
  { ...near, name: "JMP", encoding: "EB cb", operands: "Jb", meaning: (b, to) => b.jumpRel(to), frequency: 20 },
  { ...near, name: "JMP", encoding: "E9 cd", operands: "Jz", meaning: (b, to) => b.jumpRel(to), frequency: 14 },
  { ...near, name: "JMP", encoding: "FF /4", operands: "Ev", meaning: jumpIndirect, frequency: 4 },
  { ...near, name: "RET", encoding: "C3", operands: "", meaning: (b) => ret(b, null), frequency: 25 },
  {
    ...near,
    name: "RET",
    encoding: "C2 iw",
    operands: "Iw",
    meaning: (b, bytes) => ret(b, b.extendU(b.zeroExtend(16, bytes.read()))),
  },
  ...jccRows,
  ...countRows("LOOP", "E2", undefined, (bits) => loop(bits, null)),
  ...countRows("LOOPE", "E1", { read: ZF }, (bits) => loop(bits, true)),
  ...countRows("LOOPNE", "E0", { read: ZF }, (bits) => loop(bits, false)),
  ...countRows("JRCXZ", "E3", undefined, jcxz),
  {
    ...base,
    name: "SYSCALL",
    encoding: "0F 05",
    operands: "",
    meaning: syscall,
    flags: { read: ARITH },
    feature: "syscall",
    frequency: 1,
    untested,
  },
  { ...base, name: "INT3", encoding: "CC", operands: "", meaning: (b) => b.trap(VECTOR_BP) },
  {
    ...base,
    name: "INT1",
    encoding: "F1",
    operands: "",
    meaning: (b) => b.trap(VECTOR_DB),
    untested: "hypervisors report RIP before it",
  },
  {
    ...base,
    name: "INT",
    encoding: "CD ib",
    operands: "Ib",
    meaning: int,
    untested: "INT 80h would make a 32-bit system call on the host",
    note: "INT 3 and INT 4 trap, all others raise #GP; the 32-bit system call gate INT 80h is not there",
  },
  { ...base, name: "UD0", encoding: "0F FF /r", operands: "Gv,&Ev", meaning: undefinedInstruction, untested: noModrm },
  { ...base, name: "UD1", encoding: "0F B9 /r", operands: "Gv,&Ev", meaning: undefinedInstruction, untested: noModrm },
  { ...base, name: "UD2", encoding: "0F 0B", operands: "", meaning: undefinedInstruction },
];
