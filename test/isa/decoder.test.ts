/**
 * The decoder against iced-x86: the same validity where CPUID promises the instruction, the same length, the same memory
 * operand and immediate. BINLET_DECODER_CASES sets the number of cases (default 100,000), half made up, half from programs.
 */
import {
  Code,
  CpuidFeature,
  DecoderOptions,
  Decoder as Iced,
  Instruction as IcedInstruction,
  Mnemonic,
  OpKind,
  Register,
} from "iced-x86";
import { describe, expect, it } from "vitest";
import { Decoder, type InstructionBuffer } from "../../src/isa/decoder.ts";
import { rows } from "../../src/isa/table.ts";
import { installedCode, Random, randomInstruction } from "./byte-sequences.ts";

const CASES = Number(process.env.BINLET_DECODER_CASES ?? 100_000);

/** As processors without BMI1, LZCNT and WBNOINVD decode, and with the hint space as the SDM's table A-3 has it. */
const OPTIONS =
  DecoderOptions.ForceReservedNop | DecoderOptions.NoMPFX_0FBC | DecoderOptions.NoMPFX_0FBD | DecoderOptions.NoWbnoinvd;

/** iced's names of what our CPUID promises (src/isa/cpuid.ts), and of the base set. */
const PROMISED = new Set(
  [
    "INTEL8086",
    "INTEL186",
    "INTEL286",
    "INTEL386",
    "INTEL486",
    "X64",
    "CPUID",
    "MSR",
    "RDPMC",
    "MULTIBYTENOP",
    "PAUSE",
    "CMOV",
    "CX8",
    "CMPXCHG16B",
    "CLFSH",
    "FXSR",
    "SSE",
    "SSE2",
    "SSE3",
    "SSSE3",
    "SSE4_1",
    "SSE4_2",
    "POPCNT",
    "TSC",
    "RDTSCP",
    "SYSCALL",
    "PREFETCHW",
    "CET_IBT",
    "FPU",
    "FPU287",
    "FPU387",
    "MMX",
  ].map((name) => CpuidFeature[name as keyof typeof CpuidFeature]),
);

/** What iced has and we do not, though it files it under a promised feature. */
const LEFT_OUT: readonly { why: string; code: RegExp }[] = [
  { why: "far transfer: Linux programs have one code segment", code: /^(Call|Jmp)_m16|^Retf|^Iret/ },
  { why: "far pointer load: Linux programs load null selectors at most", code: /^L[sfg]s_/ },
  { why: "debug registers 4 and 5, which are invalid with CR4.DE", code: /^Mov_(r64_dr|dr_r64)$/ },
  { why: "prefetch of a register: invalid on AMD's processors", code: /^Reservednop_rm.._r.._0F0D$/ },
  { why: "descriptor query: there are no descriptor tables", code: /^(Lar|Lsl|Verr|Verw)_/ },
];

/** What we decode and iced does not. */
const BEYOND: readonly { why: string; encoding: RegExp }[] = [
  { why: "control and debug registers that do not exist: #GP in user mode here, #UD there", encoding: /^0F 2[0-3] / },
];

/** iced numbers registers from AL; ours are hardware numbers. */
function hardwareNumber(register: Register): number {
  if (register >= Register.RAX && register <= Register.R15) return register - Register.RAX;
  if (register >= Register.EAX && register <= Register.R15D) return register - Register.EAX;
  return -1;
}

function describeMemory(out: InstructionBuffer): string {
  const { memory } = out;
  const displacement = memory.ripRelative ? "rip" : String(BigInt.asIntN(32, BigInt(memory.displacement)));
  const scale = memory.index < 0 ? 0 : memory.scale;
  return `${memory.base} ${memory.index} ${scale} ${displacement} ${memory.segment}`;
}

function describeIcedMemory(theirs: IcedInstruction, afterPop: number): string {
  const ripRelative = theirs.memoryBase === Register.RIP || theirs.memoryBase === Register.EIP;
  const base = hardwareNumber(theirs.memoryBase);
  const index = hardwareNumber(theirs.memoryIndex);
  const scale = index < 0 ? 0 : Math.log2(theirs.memoryIndexScale);
  const displacement = ripRelative ? "rip" : String(BigInt.asIntN(32, theirs.memoryDisplacement + BigInt(afterPop)));
  const segment = theirs.segmentPrefix === Register.FS ? 1 : theirs.segmentPrefix === Register.GS ? 2 : 0;
  return `${base} ${index} ${scale} ${displacement} ${segment}`;
}

const decoder = new Decoder(rows);
const out = decoder.newInstruction();
const theirs = new IcedInstruction();

/** Null if both agree, else what differs. */
function disagreement(bytes: Uint8Array): string | null {
  const iced = new Iced(64, bytes, OPTIONS);
  iced.decodeOut(theirs);
  iced.free();
  const failure = decoder.decode(bytes, 0, bytes.length, out);
  const name = Code[theirs.code];
  if (theirs.code === Code.INVALID) {
    if (failure || BEYOND.some((entry) => entry.encoding.test(out.row.encoding))) return null;
    return `only we decode ${out.row.name} (${out.row.encoding})`;
  }
  if (failure) {
    if (!Array.from(theirs.cpuidFeatures()).every((feature) => PROMISED.has(feature))) return null;
    return LEFT_OUT.some((entry) => entry.code.test(name)) ? null : `${failure}, but iced decodes ${name}`;
  }
  if (out.length !== theirs.length) return `${out.row.name}: length ${out.length}, iced ${name}: ${theirs.length}`;
  for (let i = 0; i < theirs.opCount; i++) {
    const kind = theirs.opKind(i);
    if (kind === OpKind.Memory && theirs.mnemonic !== Mnemonic.Xlatb) {
      const afterPop = out.row.afterPop && out.memory.base === 4 ? out.size / 8 : 0;
      const [ours, expected] = [describeMemory(out), describeIcedMemory(theirs, afterPop)];
      if (ours !== expected) return `${out.row.name}: memory ${ours}, iced ${name}: ${expected}`;
    }
    const immediate = out.operands.find((operand) => operand.kind === "imm" && out.row.operands.includes("I"));
    if (immediate && kind >= OpKind.Immediate8 && kind <= OpKind.Immediate32to64 && kind !== OpKind.Immediate8_2nd) {
      const value = BigInt.asIntN(8, theirs.immediate(i)) === BigInt(immediate.imm) && immediate.bits === 8;
      const expected = BigInt.asIntN(immediate.bits, theirs.immediate(i));
      if (!value && expected !== (immediate.imm64 ?? BigInt(immediate.imm))) {
        return `${out.row.name}: immediate ${immediate.imm}, iced ${name}: ${expected}`;
      }
    }
  }
  return null;
}

/** Distinct disagreements with an example each. */
function collect(disagreements: Map<string, string>, bytes: Uint8Array): void {
  const what = disagreement(bytes);
  if (what && disagreements.size < 20) disagreements.set(what, Buffer.from(bytes).toString("hex"));
}

describe("decoder", () => {
  it("agrees with iced-x86 on made-up instructions", () => {
    const random = new Random(Number(process.env.BINLET_SEED ?? 1));
    const bytes = new Uint8Array(15);
    const found = new Map<string, string>();
    for (let i = 0; i < CASES / 2; i++) {
      randomInstruction(random, bytes);
      collect(found, bytes);
    }
    expect([...found]).toEqual([]);
  });

  const segments = installedCode();
  it.skipIf(segments.length === 0)("agrees with iced-x86 on the code of installed programs", () => {
    const random = new Random(Number(process.env.BINLET_SEED ?? 2));
    const found = new Map<string, string>();
    for (const code of segments) {
      // Runs of instructions, each from a random place: mostly real starts.
      let at = random.below(code.length - 15);
      for (let i = 0; i < CASES / 2 / segments.length; i++) {
        if (i % 64 === 0 || at + 15 > code.length) at = random.below(code.length - 15);
        collect(found, code.subarray(at, at + 15));
        at += theirs.length || 1;
      }
    }
    expect([...found]).toEqual([]);
  });

  const decodeHex = (hex: string, available = hex.length / 2): string => {
    const failure = decoder.decode(Buffer.from(hex, "hex"), 0, available, out);
    return failure ?? `${out.row.name} ${out.length}`;
  };

  it("tells instructions that are too long from those whose bytes end", () => {
    expect(decodeHex(`${"66".repeat(14)}90`)).toBe("NOP 15");
    expect(decodeHex(`${"66".repeat(15)}90`)).toBe("too-long");
    expect(decodeHex(`${"2e".repeat(13)}81c001000000`)).toBe("too-long");
    expect(decodeHex("4889")).toBe("truncated");
    expect(decodeHex("48")).toBe("truncated");
    expect(decodeHex("8b0425000000")).toBe("truncated");
    expect(decodeHex("06")).toBe("invalid");
  });

  it("lets the last mandatory prefix win, and takes 66 as operand size beside it", () => {
    expect(decodeHex("f20fb8c1")).toBe("invalid");
    expect(decodeHex("66f30fb8c1")).toBe("POPCNT 5");
    expect(out.size).toBe(16);
    expect(decodeHex("f2f30fb8c1")).toBe("POPCNT 5");
    expect(decodeHex("f3f20fb8c1")).toBe("invalid");
  });

  it("ignores a REX prefix that is not the last", () => {
    expect(decodeHex("486601c0")).toBe("ADD 4");
    expect(out.size).toBe(16);
    expect(decodeHex("664801c0")).toBe("ADD 4");
    expect(out.size).toBe(64);
  });

  it("refuses LOCK on registers and on instructions that do not take it", () => {
    expect(decodeHex("f00108")).toBe("ADD 3");
    expect(decodeHex("f001c8")).toBe("invalid");
    expect(decodeHex("f08908")).toBe("invalid");
    expect(decodeHex("f03908")).toBe("invalid");
  });

  it("ignores the operand-size prefix of near branches", () => {
    expect(decodeHex("66e800000000")).toBe("CALL 6");
    expect(decodeHex("660f8400000000")).toBe("JE 7");
    expect(decodeHex("66c3")).toBe("RET 2");
  });

  it("names AH to BH only without REX", () => {
    decodeHex("88e0");
    expect(out.operands.map((operand) => [operand.reg, operand.high])).toEqual([
      [0, false],
      [0, true],
    ]);
    decodeHex("4088e0");
    expect(out.operands.map((operand) => [operand.reg, operand.high])).toEqual([
      [0, false],
      [4, false],
    ]);
  });

  it("computes POP's address after the pop", () => {
    expect(decodeHex("8f442408")).toBe("POP 4");
    expect(out.memory.displacement).toBe(16);
    expect(decodeHex("8f4308")).toBe("POP 3");
    expect(out.memory.displacement).toBe(8);
  });
});
