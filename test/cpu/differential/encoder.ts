/** Makes instruction bytes from a row of the table: the reverse of isa/decode.ts. */
import { type Form, parseRow } from "../../../src/isa/encoding.ts";
import type { Row } from "../../../src/isa/types.ts";

const forms = new Map<Row, Form>();

export function formOf(row: Row): Form {
  let form = forms.get(row);
  if (!form) {
    form = parseRow(row);
    forms.set(row, form);
  }
  return form;
}

/** A memory operand; registers are -1 when absent. With `ripRelative` the displacement is from the next instruction. */
export interface Address {
  base: number;
  index: number;
  /** Shift count 0 to 3. */
  scale: number;
  displacement: number;
  ripRelative: boolean;
  /** A displacement of 32 bits although fewer would do. */
  wide: boolean;
}

/** Everything that is free in an encoding. */
export interface Choice {
  /** Legacy prefixes in the order to write them, without the mandatory one. */
  prefixes: number[];
  rexW: boolean;
  /** A REX prefix even if no bit of it is needed. */
  forceRex: boolean;
  /** The register in ModRM.reg. */
  reg: number;
  /** The register in ModRM.rm or in the opcode, if there is no address. */
  rm: number;
  address?: Address;
  /** All immediates, in order. */
  immediate: Uint8Array;
}

const MANDATORY = { "": 0, NP: 0, "66": 0x66, F3: 0xf3, F2: 0xf2 };
const MAPS = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];

export function encode(form: Form, c: Choice): Uint8Array {
  const bytes = [...c.prefixes];
  if (MANDATORY[form.prefix]) bytes.push(MANDATORY[form.prefix]);
  const reg = form.digit >= 0 || form.modrmByte >= 0 ? 0 : c.reg;
  const rm = c.address ? c.address.base : c.rm;
  const index = c.address ? c.address.index : 0;
  const rex = (c.rexW ? 8 : 0) | (reg > 7 ? 4 : 0) | (index > 7 ? 2 : 0) | (rm > 7 ? 1 : 0);
  if (rex || c.forceRex) bytes.push(0x40 | rex);
  bytes.push(...MAPS[form.map], form.opcode | (form.opcodeRegister ? rm & 7 : 0));
  if (form.modrmByte >= 0) bytes.push(form.modrmByte);
  else if (form.modrm) {
    const middle = (form.digit >= 0 ? form.digit : reg & 7) << 3;
    if (c.address) bytes.push(...encodeAddress(middle, c.address));
    else bytes.push(0xc0 | middle | (rm & 7));
  }
  bytes.push(...c.immediate);
  return Uint8Array.from(bytes);
}

/** ModRM, SIB and displacement (SDM Vol. 2, tables 2-2 and 2-3). */
function encodeAddress(middle: number, a: Address): number[] {
  const d = a.displacement;
  const d32 = [d & 255, (d >> 8) & 255, (d >> 16) & 255, (d >> 24) & 255];
  const sib = (a.scale << 6) | ((a.index < 0 ? 4 : a.index & 7) << 3);
  if (a.ripRelative) return [middle | 5, ...d32];
  if (a.base < 0) return [middle | 4, sib | 5, ...d32];
  const short = d === (d << 24) >> 24;
  const mod = a.wide || !short ? 2 : d === 0 && (a.base & 7) !== 5 ? 0 : 1;
  const displacement = mod === 0 ? [] : mod === 1 ? [d & 255] : d32;
  if (a.index < 0 && (a.base & 7) !== 4) return [(mod << 6) | middle | (a.base & 7), ...displacement];
  return [(mod << 6) | middle | 4, sib | (a.base & 7), ...displacement];
}
