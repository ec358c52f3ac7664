/** What must be equal on both sides, and what the architecture or quirks.md leaves open. */
import { OF, type Row } from "../../../src/isa/types.ts";
import { type Case, FX_MXCSR, FX_ST, FX_XMM, type Outcome } from "./cases.ts";

export const REGISTERS = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15".split(" ");

/** CF PF AF ZF SF DF OF NT AC ID. IF and the reserved bits never change in user mode, RF is the processor's own. */
const COMPARED_FLAGS = 0x24_4cd5;
/** Exception masks and RC. In the default mode, and with FTZ or DAZ alone, PE, UE and DE are not kept (quirks.md). */
const MXCSR_MODE = 0x7f80;
const MXCSR_DEFAULT = 0x1f80;
const comparedMxcsr = (before: number): number => ((before & MXCSR_MODE) === MXCSR_DEFAULT ? 0xffff & ~0x32 : 0xffff);

/** One thing that differs. */
export interface Difference {
  what: string;
  host: string;
  binlet: string;
}

const SIGNALS: Record<number, string> = {
  4: "SIGILL",
  5: "SIGTRAP",
  7: "SIGBUS",
  8: "SIGFPE",
  11: "SIGSEGV",
  14: "a hang",
};

const RCX = 1;

const hex = (value: bigint | number, digits = 16): string => value.toString(16).padStart(digits, "0");

/** How a case ended, in words. */
const ending = (o: Outcome, address: bigint): string =>
  `${SIGNALS[o.signal] ?? `signal ${o.signal}`} si_code ${o.code} si_addr ${hex(address, 1)}`;

/** They touch the last byte of their area first on some processors. */
const LONG_AREA = /^(FX|FLDENV|FNSTENV|FRSTOR|FNSAVE)/;

/** si_addr; where in its area one of those faults is the processor's own affair, so that is taken for the first byte. */
function faultAddress(row: Row, c: Case, o: Outcome): bigint {
  if (!LONG_AREA.test(row.name) || c.touched === undefined) return o.address;
  return o.address >= c.touched && o.address < c.touched + 512n ? c.touched : o.address;
}

export function compare(row: Row, c: Case, host: Outcome, binlet: Outcome): Difference[] {
  const differences: Difference[] = [];
  const check = (what: string, a: string, b: string): void => {
    if (a !== b) differences.push({ what, host: a, binlet: b });
  };
  check("end", ending(host, faultAddress(row, c, host)), ending(binlet, faultAddress(row, c, binlet)));
  check("rip", hex(host.state.rip), hex(binlet.state.rip));
  for (let i = 0; i < 16; i++) {
    if (host.state.gpr[i] !== binlet.state.gpr[i]) {
      check(REGISTERS[i], hex(host.state.gpr[i]), hex(binlet.state.gpr[i]));
    }
  }
  // A sequence may stop where it began, in another round.
  const completed = row.name === "sequence" || host.state.rip !== c.state.rip;
  const flags = COMPARED_FLAGS & ~(completed ? undefinedFlags(row, c) : 0);
  check("rflags", flagNames(host.state.rflags & flags), flagNames(binlet.state.rflags & flags));
  // Where these fault, whether the transition to MMX has happened is the processor's own affair.
  if (completed || !/^(MASKMOVQ|CVTT?P[SD]2PI|CVTPI2PS)$/.test(row.name)) compareFx(row, c, host, binlet, check);
  // ENTER of nested frames may have stored some of them below RSP when it faults; that is no state.
  if (completed || !row.name.startsWith("ENTER")) compareMemory(row, c, host, binlet, check);
  return differences;
}

/** Flags that are undefined after this case: shifts and rotations by 1 define OF, which their rows cannot say. */
function undefinedFlags(row: Row, c: Case): number {
  const flags = row.flags?.undefined ?? 0;
  if (!/^(RO[LR]|RC[LR]|SHL|SHR|SAR|SHLD|SHRD)$/.test(row.name)) return flags;
  const count = row.operands.endsWith("CL") ? Number(c.state.gpr[RCX] & 63n) : c.code[c.code.length - 1] & 63;
  return count === 1 ? flags & ~OF : flags;
}

/**
 * Bits of FSW that are compared. Of the condition codes, comparisons, FXAM and FPREM define all and the others at most C1;
 * moves between registers, FFREE and FCOMI leave C1 undefined, and so does an invalid FPREM (SDM Vol. 2, "FPU Flags
 * Affected").
 */
function conditionCodes(row: Row, status: number): number {
  if (row.feature !== "x87") return 0xffff;
  if (/^(FFREE|FCMOV|FU?COMIP?)/.test(row.name)) return 0xffff & ~0x4700;
  if (/^FPREM/.test(row.name)) return status & 1 ? 0xffff & ~0x4700 : 0xffff;
  if (/^F(U?COM|ICOM|TST|XAM|RSTOR|LDENV|N?CLEX|N?INIT)/.test(row.name)) return 0xffff;
  // C1 says how an approximation was rounded; C2 that an angle is too large.
  if (TRANSCENDENTAL.test(row.name)) return /^(FPATAN|FYL|F2X)/.test(row.name) ? 0xffff & ~0x4700 : 0xffff & ~0x4300;
  return 0xffff & ~0x4500;
}

type Check = (what: string, host: string, binlet: string) => void;

function compareFx(row: Row, c: Case, host: Outcome, binlet: Outcome, check: Check): void {
  if (isUndefined(row, c)) return;
  const a = view(host.state.fx);
  const b = view(binlet.state.fx);
  const compared = comparedMxcsr(view(c.state.fx).getUint32(FX_MXCSR, true));
  const mxcsr = (v: DataView): string => hex(v.getUint32(FX_MXCSR, true) & compared, 4);
  check(compared === 0xffff ? "mxcsr" : "mxcsr (no PE, UE, DE)", mxcsr(a), mxcsr(b));
  for (const [name, offset] of [
    ["fcw", 0],
    ["fsw", 2],
    ["ftw", 4],
  ] as const) {
    const mask = name === "fsw" ? conditionCodes(row, a.getUint16(offset, true)) : 0xffff;
    check(name, hex(a.getUint16(offset, true) & mask, 4), hex(b.getUint16(offset, true) & mask, 4));
  }
  for (let i = 0; i < 8; i++) {
    const at = FX_ST + i * 16;
    if (TRANSCENDENTAL.test(row.name) && neighbours(a, b, at)) continue;
    check(`st${i}`, bytes(a, at, 10), bytes(b, at, 10));
  }
  for (let i = 0; i < 16; i++) {
    const at = FX_XMM + i * 16;
    if (sameBytes(host.state.fx, binlet.state.fx, at)) continue;
    if (isApproximation(row) && withinBound(a, b, at)) continue;
    check(`xmm${i}`, bytes(a, at, 16), bytes(b, at, 16));
  }
}

const view = (fx: Uint8Array): DataView => new DataView(fx.buffer, fx.byteOffset, fx.byteLength);

function sameBytes(a: Uint8Array, b: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 16; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Most significant byte first. */
function bytes(v: DataView, at: number, count: number): string {
  let text = "";
  for (let i = at + count - 1; i >= at; i--) text += hex(v.getUint8(i), 2) + ((i - at) % 4 === 0 && i > at ? "_" : "");
  return text;
}

const TRANSCENDENTAL = /^(F2XM1|FYL2X|FYL2XP1|FPTAN|FPATAN|FSIN|FCOS|FSINCOS)$/;

/** FYL2XP1 is defined between sqrt(1/2) - 1 and sqrt(2) - 1, and for infinities. */
function isUndefined(row: Row, c: Case): boolean {
  const exponent = view(c.state.fx).getUint16(FX_ST + 8, true) & 0x7fff;
  return row.name === "FYL2XP1" && exponent >= 0x3ffd && exponent < 0x7fff;
}

/** Both are within one unit in the last place of the exact value (SDM Vol. 1, 8.3.10), and here within one of each other. */
function neighbours(a: DataView, b: DataView, at: number): boolean {
  const [x, y] = [a, b].map(
    (v) => BigInt(v.getUint16(at + 8, true)) * 2n ** 63n + (v.getBigUint64(at, true) & (2n ** 63n - 1n)),
  );
  return x - y >= -1n && x - y <= 1n;
}

const isApproximation = (row: Row): boolean => /^R(CP|SQRT)[PS]S$/.test(row.name);

/**
 * Each lane of RCPPS and RSQRTPS is within 1.5 * 2^-12 of the exact value, relatively (SDM Vol. 2, RCPPS), so two of them
 * are within twice that.
 */
function withinBound(a: DataView, b: DataView, at: number): boolean {
  for (let i = at; i < at + 16; i += 4) {
    if (a.getUint32(i) === b.getUint32(i)) continue;
    const x = a.getFloat32(i, true);
    const y = b.getFloat32(i, true);
    if (!(Math.abs(x - y) <= 3 * 2 ** -12 * Math.abs(x))) return false;
  }
  return true;
}

function compareMemory(row: Row, c: Case, host: Outcome, binlet: Outcome, check: Check): void {
  const a = new Map(host.changes.map((change) => [change.address, change.value]));
  const b = new Map(binlet.changes.map((change) => [change.address, change.value]));
  const image = row.name.startsWith("FXSAVE") ? Number(c.touched) : undefined;
  const addresses = [...new Set([...a.keys(), ...b.keys()])].sort((x, y) => x - y);
  for (const address of addresses) {
    const mask = image === undefined ? undefined : imageMask(address - image);
    const show = (value: bigint | undefined): string =>
      value === undefined ? "unchanged" : hex(mask === undefined ? value : value & mask);
    const [x, y] = [show(a.get(address)), show(b.get(address))];
    if (mask !== undefined && (x === "unchanged" || y === "unchanged")) continue;
    check(`[${hex(address, 8)}]`, x, y);
  }
}

/** What is compared of 8 bytes of an FXSAVE image: FOP, FIP, FDP and MXCSR_MASK are the processor's own. */
function imageMask(offset: number): bigint | undefined {
  if (offset === 0) return 0xffff_ffff_ffffn;
  if (offset === 8 || offset === 16) return 0n;
  if (offset === 24) return 0xffff_ffffn;
  return undefined;
}

function flagNames(flags: number): string {
  const names: [number, string][] = [
    [0x001, "CF"],
    [0x004, "PF"],
    [0x010, "AF"],
    [0x040, "ZF"],
    [0x080, "SF"],
    [0x400, "DF"],
    [0x800, "OF"],
    [0x4000, "NT"],
    [0x4_0000, "AC"],
    [0x20_0000, "ID"],
  ];
  return names.flatMap(([bit, name]) => (flags & bit ? [name] : [])).join(" ") || "none";
}
