/** Instructions that the host's processor cannot be asked about (`Row.untested`), on Binlet's CPU alone. */
import { expect, it } from "vitest";
import { SIGILL, SIGSEGV, SIGTRAP } from "../../src/abi/signal.ts";
import { Cpu } from "../../src/cpu/cpu.ts";
import { rows } from "../../src/isa/table.ts";
import { Frames } from "../../src/memory/physical.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { type Case, CODE, DATA, FX_BYTES, FX_MXCSR, type Outcome } from "../cpu/differential/cases.ts";
import { GuestMachine } from "../cpu/differential/guest.ts";
import { makeRegions } from "../cpu/differential/memory.ts";

const frames = new Frames();
const cpu = new Cpu(loadInterpreter(), frames);
frames.attach(cpu);
const machine = new GuestMachine(cpu, frames, makeRegions("no oracle"));

const RAX = 0;
const RCX = 1;
const RDX = 2;
const RBX = 3;
const RSP = 4;
const R11 = 11;

/** Runs `code` (hex) and the INT3 after it; all registers are all ones but those given. */
function run(code: string, registers: Partial<Record<number, bigint>> = {}): Outcome {
  const gpr = new BigUint64Array(16).fill(0xffff_ffff_ffff_ffffn);
  gpr[RSP] = BigInt(DATA + 0x800);
  for (const [n, value] of Object.entries(registers)) gpr[Number(n)] = value!;
  const fx = new Uint8Array(FX_BYTES);
  new DataView(fx.buffer).setUint32(FX_MXCSR, 0x1f80, true);
  const bytes = Buffer.from(code, "hex");
  const state: Case["state"] = { gpr, rip: BigInt(CODE), rflags: 0x202, fs: 0x1000n, gs: 0x2000n, fx };
  return machine.run({ state, code: bytes, patches: [{ address: CODE, bytes }] });
}

it("CPUID answers by leaf and subleaf, with zeros for what is not there, and clears upper halves", () => {
  const text = (outcome: Outcome): string =>
    Buffer.from(Uint32Array.from([RBX, RDX, RCX], (n) => Number(outcome.state.gpr[n])).buffer).toString("latin1");
  expect(text(run("0fa2", { [RAX]: 0n }))).toBe("GenuineIntel");
  const registers = (leaf: bigint, subleaf: bigint): bigint[] =>
    Array.from(run("0fa2", { [RAX]: leaf, [RCX]: subleaf }).state.gpr.subarray(0, 4));
  expect(registers(4n, 2n)[RCX]).toBe(2047n);
  expect(registers(4n, 4n)).toEqual([0n, 0n, 0n, 0n]);
  expect(registers(0x4000_0000n, 0n)).toEqual([0n, 0n, 0n, 0n]);
  expect(registers(0x8000_0000n, 0n)[RAX]).toBe(0x8000_0008n);
});

it("RDTSC and RDTSCP count up", () => {
  // rdtsc; shl rdx, 32; or rdx, rax; mov rbx, rdx; rdtscp; shl rdx, 32; or rdx, rax; sub rdx, rbx
  const { gpr } = run("0f31 48c1e220 4809c2 4889d3 0f01f9 48c1e220 4809c2 4829da".replaceAll(" ", "")).state;
  expect(gpr[RDX]).toBeGreaterThan(0n);
  expect(gpr[RDX]).toBeLessThan(100n);
  expect(gpr[RCX]).toBe(0n);
});

it("reads the selectors that Linux gives a 64-bit process, of the operand's size in a register", () => {
  const selectors = (prefix: string): bigint[] =>
    [0, 1, 2, 3, 4, 5].map((n) => run(`${prefix}8c${(0xc0 | (n << 3)).toString(16)}`).state.gpr[RAX]);
  expect(selectors("")).toEqual([0n, 0x33n, 0x2bn, 0n, 0n, 0n]);
  expect(selectors("66")[1]).toBe(0xffff_ffff_ffff_0033n);
  expect(run("8cc8").signal).toBe(SIGTRAP);
  expect(run("8cf0").signal).toBe(SIGILL);
});

it("stores 16 bits of a selector whatever the operand size", () => {
  const { changes } = run("488c4c2400"); // mov [rsp], cs
  expect(changes.map(({ value }) => value & 0xffffn)).toEqual([0x33n]);
  expect(changes[0].address).toBe(DATA + 0x800);
});

it("loads null selectors alone, which clear the base of FS or GS", () => {
  expect(run("8ee0", { [RAX]: 0n }).state.fs).toBe(0n);
  expect(run("8ee8", { [RAX]: 3n }).state.gs).toBe(0n);
  expect(run("8ed8", { [RAX]: 0n }).signal).toBe(SIGTRAP);
  expect(run("8ed0", { [RAX]: 0x2bn }).signal).toBe(SIGTRAP);
  expect(run("8ed0", { [RAX]: 0n }).signal).toBe(SIGSEGV);
  expect(run("8ee0", { [RAX]: 0x2bn }).signal).toBe(SIGSEGV);
  expect(run("8ec8", { [RAX]: 0x33n }).signal).toBe(SIGILL); // MOV CS
});

it("pushes and pops FS and GS", () => {
  const pushed = run("0fa0");
  expect(pushed.changes).toEqual([{ address: DATA + 0x7f8, value: 0n }]);
  expect(pushed.state.gpr[RSP]).toBe(BigInt(DATA + 0x7f8));
  expect(run("660fa8").state.gpr[RSP]).toBe(BigInt(DATA + 0x7fe));
  expect(run("6a000fa1").state).toMatchObject({ fs: 0n, gs: 0x2000n });
  expect(run("6a000fa9").state).toMatchObject({ fs: 0x1000n, gs: 0n });
  expect(run("6a2b0fa1").signal).toBe(SIGSEGV);
});

it("SYSCALL leaves the return address in RCX and the flags in R11", () => {
  const { gpr, rip } = run("f90f05").state; // stc; syscall
  expect(rip).toBe(BigInt(CODE + 3));
  expect(gpr[RCX]).toBe(rip);
  expect(gpr[R11]).toBe(0x203n);
});

it("INT1 traps after itself", () => {
  expect(run("f1")).toMatchObject({ signal: SIGTRAP, state: { rip: BigInt(CODE + 1) } });
});

it("has gates for INT 3 and INT 4 only", () => {
  expect(run("cd03")).toMatchObject({ signal: SIGTRAP, state: { rip: BigInt(CODE + 2) } });
  expect(run("cd04")).toMatchObject({ signal: SIGSEGV, state: { rip: BigInt(CODE + 2) } });
  expect(run("cd80")).toMatchObject({ signal: SIGSEGV, state: { rip: BigInt(CODE) } });
});

it("raises #UD for UD0 and UD1, after their ModRM byte and displacement have been fetched", () => {
  expect(run("0fff84c800000000")).toMatchObject({ signal: SIGILL, state: { rip: BigInt(CODE) } });
  expect(run("0fb9c0")).toMatchObject({ signal: SIGILL, state: { rip: BigInt(CODE) } });
});

it("keeps user mode from what UMIP keeps it from", () => {
  for (const code of ["0f01442400", "0f014c2400", "0f00c0", "0f00c8", "0f01e0"]) expect(run(code).signal).toBe(SIGSEGV);
});

it("covers each row that has no oracle", () => {
  const covered = /^(CPUID|RDTSCP?|MOV|INT1?|SYSCALL|UD[01]|S[GI]DT|SLDT|STR|SMSW|(PUSH|POP) [FG]S)$/;
  for (const row of rows) if (row.untested) expect(row.name).toMatch(covered);
});
