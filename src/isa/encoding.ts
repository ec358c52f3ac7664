/**
 * Reads the `encoding` and `operands` strings of rows (types.ts documents the notation). What is written there is the only
 * source of what the decoder, the interpreter's generator, the tests and docs/instructions.md know about a form.
 *
 * Beyond the SDM's notation an encoding may hold
 * - a second byte after the opcode (`0F 01 D0`): the whole ModRM byte;
 * - `11B`: ModRM.mod is 3 though no operand says so (LFENCE);
 * - `67`: the row is for the address-size prefix only (JECXZ against JRCXZ, string instructions);
 * - `REX.B0`: REX.B is clear (NOP against XCHG r8, rAX);
 * - `i0`: like `ib`, for a shift count that is 0 once masked, which leaves the flags alone.
 *
 * and operands may be `X` (memory at rSI), `Y` (memory at ES:rDI, which no segment override changes), `[rBX]b` (XLAT) and
 * `[rDI]dq` or `[rDI]q` (MASKMOVDQU, MASKMOVQ).
 */
import { RAX, RBX, RCX, RDI, RDX, RSI } from "../cpu/state.ts";
import type { Bits } from "./builder.ts";
import type { Row } from "./types.ts";

export type OperandSize = 16 | 32 | 64;

/** Where an operand comes from; letters are those of SDM Vol. 2, A.2.1. */
export type OperandCode =
  | "E"
  | "G"
  | "I"
  | "J"
  | "M"
  | "R"
  | "V"
  | "W"
  | "U"
  | "P"
  | "Q"
  | "N"
  | "ST"
  | "O"
  | "Z"
  | "X"
  | "Y"
  | "B"
  | "D"
  | "reg"
  | "1";
export type SizeLetter = "b" | "w" | "d" | "q" | "v" | "y" | "z" | "dq" | "ss" | "sd" | "ps" | "pd" | "";
export type ImmediateToken = "ib" | "iw" | "iz" | "io" | "cb" | "cd";

export interface OperandForm {
  code: OperandCode;
  size: SizeLetter;
  access: "r" | "w" | "rw" | "a";
  /** A fixed register, or -1. */
  register: number;
  /** How an immediate or displacement is stored; undefined for all others. */
  immediate?: ImmediateToken;
  /** An 8-bit immediate that takes the operand size (`sIb`). */
  signExtended: boolean;
}

export type OpcodePrefix = "" | "NP" | "66" | "F3" | "F2";

/** A parsed row. */
export interface Form {
  row: Row;
  rowId: number;
  /** 0: one byte; 1: 0F; 2: 0F 38; 3: 0F 3A. */
  map: 0 | 1 | 2 | 3;
  opcode: number;
  /** The register is in the low three bits of the opcode. */
  opcodeRegister: boolean;
  prefix: OpcodePrefix;
  modrm: boolean;
  /** ModRM.reg when it is part of the opcode, else -1. */
  digit: number;
  /** The whole ModRM byte when it is part of the opcode, else -1. */
  modrmByte: number;
  /** What ModRM.mod must be: 3, not 3 ("memory"), or anything. */
  mod: "register" | "memory" | "any";
  /** Whether the instruction exists without and with a memory operand; X, Y, [rBX] and [rDI] are always there. */
  registerForm: boolean;
  memoryForm: boolean;
  /** The memory operand is in ModRM.rm. */
  memoryInModrm: boolean;
  /** REX.W when it selects the form: 1, 0, or -1. */
  rexW: 0 | 1 | -1;
  /** The row needs the 67 prefix. */
  address32: boolean;
  rexBClear: boolean;
  zeroCount: boolean;
  immediates: ImmediateToken[];
  operands: OperandForm[];
  /** Effective operand sizes the form exists in; just [32] when no operand depends on it. */
  sizes: OperandSize[];
}

const FIXED: Record<string, [register: number, size: SizeLetter]> = {
  AL: [RAX, "b"],
  CL: [RCX, "b"],
  AX: [RAX, "w"],
  DX: [RDX, "w"],
  EAX: [RAX, "d"],
  rAX: [RAX, "v"],
  rDX: [RDX, "v"],
};

const IMPLIED_BASE: Record<string, number> = { X: RSI, Y: RDI, B: RBX, D: RDI };

/** Base register of the memory operands X, Y, [rBX] and [rDI]. */
export const impliedBase = (code: OperandCode): number => IMPLIED_BASE[code] ?? -1;

function parseOperand(text: string): OperandForm {
  const access = { "=": "w", "+": "rw", "&": "a" }[text[0]] as OperandForm["access"] | undefined;
  const body = access ? text.slice(1) : text;
  const operand: OperandForm = { code: "reg", size: "", access: access ?? "r", register: -1, signExtended: false };
  if (body === "1") return { ...operand, code: "1", size: "b" };
  if (body === "[rBX]b") return { ...operand, code: "B", size: "b" };
  if (body === "[rDI]q") return { ...operand, code: "D", size: "q" };
  if (body === "[rDI]dq") return { ...operand, code: "D", size: "dq" };
  const fixed = FIXED[body];
  if (fixed) return { ...operand, register: fixed[0], size: fixed[1] };
  const match = /^(s?)([EGIJMRVWUPQNOZXY]|ST)(b|w|d|q|v|y|z|dq|ss|sd|ps|pd)?$/.exec(body);
  if (!match) throw new Error(`operand "${text}" is not in the notation`);
  return {
    ...operand,
    code: match[2] as OperandCode,
    size: (match[3] ?? "") as SizeLetter,
    signExtended: match[1] === "s",
  };
}

const IN_MODRM = /^([EWMRUGVPQN]|ST)$/;
const IMMEDIATE = /^(ib|iw|iz|io|cb|cd|i0)$/;

/** Parses a row. Throws if the notation is wrong. */
export function parseRow(row: Row, rowId = 0): Form {
  const operands = row.operands === "" ? [] : row.operands.split(",").map((text) => parseOperand(text.trim()));
  const form: Form = {
    row,
    rowId,
    map: 0,
    opcode: -1,
    opcodeRegister: false,
    prefix: "",
    modrm: false,
    digit: -1,
    modrmByte: -1,
    mod: "any",
    registerForm: false,
    memoryForm: false,
    memoryInModrm: false,
    rexW: -1,
    address32: false,
    rexBClear: false,
    zeroCount: false,
    immediates: [],
    operands,
    sizes: [32],
  };
  let modIsRegister = false;
  const bytes: number[] = [];
  for (const token of row.encoding
    .replace(/\+r$|\+r /, " +r ")
    .trim()
    .split(/\s+/)) {
    if (bytes.length === 0 && /^(NP|66|F3|F2)$/.test(token)) form.prefix = token as OpcodePrefix;
    else if (bytes.length === 0 && token === "67") form.address32 = true;
    else if (/^[0-9A-F]{2}$/.test(token)) bytes.push(Number.parseInt(token, 16));
    else if (token === "/r") form.modrm = true;
    else if (/^\/[0-7]$/.test(token)) form.digit = Number(token[1]);
    else if (token === "+r") form.opcodeRegister = true;
    else if (token === "REX.W") form.rexW = 1;
    else if (token === "REX.0") form.rexW = 0;
    else if (token === "REX.B0") form.rexBClear = true;
    else if (token === "11B") modIsRegister = true;
    else if (IMMEDIATE.test(token)) {
      form.zeroCount = token === "i0";
      form.immediates.push(token === "i0" ? "ib" : (token as ImmediateToken));
    } else throw new Error(`${row.name}: "${token}" in encoding "${row.encoding}" is not in the notation`);
  }
  if (row.rep) form.prefix = row.rep === "rep" ? "F3" : "F2";
  if (bytes[0] === 0x0f && bytes.length > 1) {
    form.map = bytes[1] === 0x38 ? 2 : bytes[1] === 0x3a ? 3 : 1;
    bytes.splice(0, form.map > 1 ? 2 : 1);
  }
  if (bytes.length === 0 || bytes.length > 2) throw new Error(`${row.name}: opcode in "${row.encoding}"`);
  form.opcode = bytes[0];
  form.modrmByte = bytes[1] ?? -1;
  form.modrm ||= form.digit >= 0 || form.modrmByte >= 0;

  const immediates = [...form.immediates];
  for (const operand of operands) {
    if (operand.code === "I" || operand.code === "J") {
      operand.immediate = immediates.shift();
      if (!operand.immediate) throw new Error(`${row.name}: no immediate for an operand of "${row.operands}"`);
    }
    if (IN_MODRM.test(operand.code) && !form.modrm) throw new Error(`${row.name}: no ModRM in "${row.encoding}"`);
  }
  const has = (codes: string): boolean =>
    operands.some((operand) => operand.code.length === 1 && codes.includes(operand.code));
  const implied = has("OXYBD");
  form.memoryInModrm = has("EWMQ");
  form.memoryForm = implied || form.memoryInModrm;
  form.registerForm = !implied && !has("M");
  const stack = operands.some((operand) => operand.code === "ST");
  if (has("RUN") || stack || modIsRegister || form.modrmByte >= 0) form.mod = "register";
  else if (has("M")) form.mod = "memory";
  form.sizes = operandSizes(form);
  return form;
}

function operandSizes(form: Form): OperandSize[] {
  if (!form.operands.some(dependsOnSize)) return [32];
  const letters = new Set(form.operands.map((operand) => (operand.signExtended ? "v" : operand.size)));
  if (form.row.defaultSize === "f64") return [64];
  const narrow: OperandSize[] = letters.has("v") || letters.has("z") ? [16] : [];
  const sizes: OperandSize[] = form.row.defaultSize === "d64" ? [...narrow, 64] : [...narrow, 32, 64];
  return sizes.filter((size) => {
    if (form.rexW >= 0 && (form.rexW === 1) !== (size === 64)) return false;
    return size !== 16 || !(form.prefix === "NP" || (form.prefix === "66" && form.map > 0));
  });
}

/** Whether an operand's width follows the effective operand size. */
export const dependsOnSize = (operand: OperandForm): boolean =>
  operand.signExtended || operand.size === "v" || operand.size === "y" || operand.size === "z";

/** Bits of an operand at an effective operand size. */
export function operandBits(operand: OperandForm, size: OperandSize): Bits {
  if (operand.code === "J") return 64;
  if (operand.signExtended) return size;
  switch (operand.size) {
    case "b":
      return 8;
    case "w":
      return 16;
    case "d":
    case "ss":
      return 32;
    case "q":
    case "sd":
      return 64;
    case "dq":
    case "ps":
    case "pd":
      return 128;
    case "v":
      return size;
    case "y":
      return size === 64 ? 64 : 32;
    case "z":
      return operand.code === "I" ? size : size === 16 ? 16 : 32;
    case "":
      return 8;
  }
}

/** Bytes that an immediate takes in the instruction. */
export function immediateBytes(token: ImmediateToken, size: OperandSize): number {
  switch (token) {
    case "ib":
    case "cb":
      return 1;
    case "iw":
      return 2;
    case "iz":
      return size === 16 ? 2 : 4;
    case "cd":
      return 4;
    case "io":
      return 8;
  }
}
