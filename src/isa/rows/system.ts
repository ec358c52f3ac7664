/** Processor state: CPUID, RDTSC, flag instructions, NOPs, fences, hints, and what user mode may not do. */
import { OTHER_FLAGS, RAX, RBX, RCX, RDX, TSC_BASE, VECTOR_GP } from "../../cpu/state.ts";
import type { Builder, Helper } from "../builder.ts";
import { cpuidLeaves } from "../cpuid.ts";
import { carryFlag } from "../flags.ts";
import { ARITH, CF, type Feature, type Meaning, OF, type Row } from "../types.ts";

const DF = 0x400;
const nothing: Meaning = () => {};

/** eax, ebx, ecx, edx of CPUID by leaf (EAX) and subleaf (ECX). A leaf that is not there reads as zeros. */
const cpuid: Helper = {
  name: "cpuid",
  params: ["i32", "i32"],
  results: ["i32", "i32", "i32", "i32"],
  build(b, leaf, subleaf) {
    const registers = [0, 1, 2, 3].map(() => b.local(b.i32(0)));
    for (const entry of cpuidLeaves()) {
      const isLeaf = b.eq(leaf, b.i32(entry.leaf | 0));
      const matches = entry.subleaf === undefined ? isLeaf : b.and(isLeaf, b.eq(subleaf, b.i32(entry.subleaf)));
      b.if(matches, () => {
        [entry.eax, entry.ebx, entry.ecx, entry.edx].forEach((value, i) => {
          registers[i].set(b.i32(value | 0));
        });
      });
    }
    return registers.map((register) => register.get());
  },
};

const cpuidMeaning: Meaning = (b) => {
  const values = b.call(cpuid, b.readReg(RAX, 32), b.readReg(RCX, 32));
  [RAX, RBX, RCX, RDX].forEach((register, i) => {
    b.writeReg(register, 32, values[i]);
  });
};

function writeTimeStamp(b: Builder): void {
  const now = b.add(b.readState(TSC_BASE, "i64"), b.retired());
  b.writeReg(RAX, 32, b.wrap(now));
  b.writeReg(RDX, 32, b.wrap(b.shrU(now, b.i64(32))));
}

/** AH = SF:ZF:0:AF:0:PF:1:CF. */
const lahf: Meaning = (b) => {
  const flags = b.and(b.wrap(b.readFlags()), b.i32(0xff));
  b.writeReg(RAX, 16, b.or(b.readReg(RAX, 8), b.shl(flags, b.i32(8))));
};

const sahf: Meaning = (b) => {
  const high = b.shrU(b.readReg(RAX, 16), b.i32(8));
  b.writeFlags(b.extendU(high), ARITH & ~OF);
};

const direction =
  (set: boolean): Meaning =>
  (b) => {
    const others = b.readState(OTHER_FLAGS, "i32");
    b.writeState(OTHER_FLAGS, set ? b.or(others, b.i32(DF)) : b.and(others, b.i32(~DF)));
  };

const row = (name: string, encoding: string, operands: string, meaning: Meaning, more: Partial<Row> = {}): Row => ({
  name,
  encoding,
  operands,
  meaning,
  feature: "base",
  ...more,
});

const flagRows: Row[] = [
  row("CLC", "F8", "", (b) => carryFlag(b, b.i32(0)), { flags: { write: CF } }),
  row("STC", "F9", "", (b) => carryFlag(b, b.i32(1)), { flags: { write: CF } }),
  row("CMC", "F5", "", (b) => carryFlag(b, b.xor(b.flag("CF"), b.i32(1))), { flags: { read: CF, write: CF } }),
  row("CLD", "FC", "", direction(false)),
  row("STD", "FD", "", direction(true)),
  row("LAHF", "9F", "", lahf, { flags: { read: ARITH & ~OF }, feature: "lahf" }),
  row("SAHF", "9E", "", sahf, { flags: { write: ARITH & ~OF }, feature: "lahf" }),
];

const hint = (
  name: string,
  encoding: string,
  operands: string,
  feature: Feature = "base",
  more: Partial<Row> = {},
): Row => row(name, encoding, operands, nothing, { feature, ...more });

/** Hints and orderings: one processor executes instructions in order here, so there is nothing to do. */
const hintRows: Row[] = [
  hint("NOP", "90 REX.B0", "", "base", { frequency: 2 }),
  row("PAUSE", "F3 90 REX.B0", "", (b) => b.yieldSlice(), { ends: true }),
  hint("NOP", "0F 1F /r", "&Ev", "base", { frequency: 4 }),
  // SDM Vol. 2, table A-3: the reserved NOP space, which holds ENDBR64 and, without CET, RDSSP.
  ...["19", "1A", "1B", "1C", "1D", "1E"].map((opcode) =>
    hint("NOP", `0F ${opcode} /r`, "&Ev", "base", { note: "reserved" }),
  ),
  hint("ENDBR64", "F3 0F 1E FA", "", "cet-nop", { frequency: 6 }),
  hint("ENDBR32", "F3 0F 1E FB", "", "cet-nop"),
  ...["PREFETCHNTA", "PREFETCHT0", "PREFETCHT1", "PREFETCHT2"].map((name, digit) =>
    hint(name, `0F 18 /${digit}`, "&Mb", "sse"),
  ),
  hint("NOP", "0F 18 /r", "&Ev", "base", { note: "reserved" }),
  hint("PREFETCHW", "0F 0D /1", "&Mb", "prefetch"),
  hint("PREFETCH", "0F 0D /r", "&Mb", "prefetch"),
  hint("SFENCE", "NP 0F AE /7 11B", "", "sse"),
  hint("LFENCE", "NP 0F AE /5 11B", "", "sse2"),
  hint("MFENCE", "NP 0F AE /6 11B", "", "sse2"),
  // The line must be readable, as for a byte load.
  row("CLFLUSH", "NP 0F AE /7", "&Mb", (b, line) => void b.place(8, line.ea(), "r"), { feature: "clflush" }),
];

const protection: Meaning = (b) => b.raise(VECTOR_GP);
const privileged = (name: string, encoding: string, operands = "", more: Partial<Row> = {}): Row =>
  row(name, encoding, operands, protection, { ends: true, note: "#GP in user mode", ...more });
const umip = { untested: "processors without UMIP let user mode execute it" };

const lockedCr0 = { untested: "with LOCK it names CR8 on AMD's processors" };

/**
 * Privileged instructions: #GP, before any operand is accessed (SDM Vol. 3, 5.9). SGDT, SIDT, SLDT, SMSW and STR are among
 * them as under UMIP; port access needs ioperm or iopl, which there are none of.
 */
const privilegedRows: Row[] = [
  privileged("HLT", "F4"),
  privileged("CLI", "FA"),
  privileged("STI", "FB"),
  ...["6C", "6D"].map((opcode) => privileged("INS", opcode)),
  ...["6E", "6F"].map((opcode) => privileged("OUTS", opcode)),
  privileged("IN", "E4 ib", "Ib"),
  privileged("IN", "E5 ib", "Ib"),
  privileged("OUT", "E6 ib", "Ib"),
  privileged("OUT", "E7 ib", "Ib"),
  ...["EC", "ED"].map((opcode) => privileged("IN", opcode)),
  ...["EE", "EF"].map((opcode) => privileged("OUT", opcode)),
  privileged("SLDT", "0F 00 /0", "&Ew", umip),
  privileged("STR", "0F 00 /1", "&Ew", umip),
  privileged("LLDT", "0F 00 /2", "&Ew"),
  privileged("LTR", "0F 00 /3", "&Ew"),
  privileged("SGDT", "0F 01 /0", "&M", umip),
  privileged("SIDT", "0F 01 /1", "&M", umip),
  privileged("LGDT", "0F 01 /2", "&M"),
  privileged("LIDT", "0F 01 /3", "&M"),
  privileged("SMSW", "0F 01 /4", "&Ew", umip),
  privileged("LMSW", "0F 01 /6", "&Ew"),
  privileged("INVLPG", "0F 01 /7", "&M"),
  privileged("SWAPGS", "0F 01 F8"),
  privileged("CLTS", "0F 06"),
  privileged("SYSRET", "0F 07"),
  privileged("INVD", "0F 08"),
  privileged("WBINVD", "0F 09"),
  // CR0, CR2, CR3, CR4 and the debug registers (DR4 and DR5 are gone, with CR4.DE); ModRM.mod and REX.R are not looked at.
  ...["20", "22"].flatMap((opcode) =>
    [0, 2, 3, 4].map((cr) => privileged("MOV", `0F ${opcode} /${cr}`, "", cr === 0 ? lockedCr0 : {})),
  ),
  ...["21", "23"].flatMap((opcode) => [0, 1, 2, 3, 6, 7].map((dr) => privileged("MOV", `0F ${opcode} /${dr}`))),
  privileged("WRMSR", "0F 30"),
  privileged("RDMSR", "0F 32"),
  privileged("RDPMC", "0F 33"),
];

export const systemRows: readonly Row[] = [
  ...flagRows,
  ...hintRows,
  row("CPUID", "0F A2", "", cpuidMeaning, { untested: "the host is another processor" }),
  row("RDTSC", "0F 31", "", writeTimeStamp, { feature: "tsc", untested: "time differs from run to run" }),
  row(
    "RDTSCP",
    "0F 01 F9",
    "",
    (b) => {
      writeTimeStamp(b);
      // IA32_TSC_AUX: processor 0 of node 0.
      b.writeReg(RCX, 32, b.i32(0));
    },
    { feature: "rdtscp", untested: "time differs from run to run" },
  ),
  ...privilegedRows,
];
