/** The instruction table is well formed: its strings parse, no two rows claim the same bytes, flags are consistent. */
import { describe, expect, it } from "vitest";
import { type Form, parseRow } from "../../src/isa/encoding.ts";
import { forEachSelector, specificity } from "../../src/isa/opcode-map.ts";
import { rows } from "../../src/isa/table.ts";
import { ARITH, type Row } from "../../src/isa/types.ts";

const forms = rows.map((row, rowId) => parseRow(row, rowId));
const label = (row: Row): string => `${row.name} (${row.encoding})`;

describe("instruction table", () => {
  it("gives each byte sequence one row", () => {
    const claimed = new Map<string, Form>();
    const clashes: string[] = [];
    for (const form of forms) {
      // A zero shift count is a row beside the one for other counts.
      const extra = `${form.modrmByte} ${form.rexBClear} ${form.zeroCount} ${specificity(form)}`;
      for (let low = 0; low < (form.opcodeRegister ? 8 : 1); low++) {
        forEachSelector(form, (first, last) => {
          for (let selector = first; selector <= last; selector++) {
            const key = `${form.map} ${form.opcode + low} ${selector} ${extra}`;
            const other = claimed.get(key);
            if (other && clashes.length < 10) clashes.push(`${label(other.row)} and ${label(form.row)}`);
            claimed.set(key, form);
          }
        });
      }
    }
    expect([...new Set(clashes)]).toEqual([]);
  });

  it("has a ModRM byte in all rows of an opcode or in none", () => {
    const seen = new Map<number, Form>();
    for (const form of forms) {
      const key = form.map * 256 + form.opcode;
      const other = seen.get(key) ?? form;
      expect(other.modrm, `${label(other.row)} and ${label(form.row)}`).toBe(form.modrm);
      seen.set(key, form);
    }
  });

  it("names flags consistently", () => {
    for (const row of rows) {
      const { read = 0, write = 0, kill = write, undefined: undefinedFlags = 0 } = row.flags ?? {};
      for (const mask of [read, write, kill, undefinedFlags]) expect(mask & ~ARITH, label(row)).toBe(0);
      expect(kill & ~write, `${label(row)}: kills a flag that it does not write`).toBe(0);
      expect(undefinedFlags & ~write, `${label(row)}: leaves a flag undefined that it does not write`).toBe(0);
    }
  });

  it("allows LOCK only where memory is read and written", () => {
    for (const form of forms) {
      if (!form.row.lock) continue;
      expect(form.memoryForm, label(form.row)).toBe(true);
      expect(form.operands[0].access, label(form.row)).toMatch(/rw|a/);
    }
  });

  it("has at most one memory operand and four operands a row", () => {
    for (const form of forms) {
      expect(form.operands.length, label(form.row)).toBeLessThanOrEqual(4);
      const memory = form.operands.filter((operand) => "EWMOXYB".includes(operand.code));
      expect(memory.length, label(form.row)).toBeLessThanOrEqual(1);
      expect(form.immediates.length, label(form.row)).toBe(
        form.operands.filter((operand) => operand.code === "I" || operand.code === "J").length,
      );
    }
  });
});
