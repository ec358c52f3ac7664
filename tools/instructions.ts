/**
 * Writes docs/instructions.md from the instruction table. `node tools/instructions.ts --check` writes nothing and fails if
 * the page is not up to date.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROMISED } from "../src/isa/cpuid.ts";
import { rows } from "../src/isa/table.ts";
import { AF, CF, OF, PF, type Row, SF, ZF } from "../src/isa/types.ts";

const PAGE = join(import.meta.dirname, "../docs/instructions.md");

const FLAGS = [
  ["O", OF],
  ["S", SF],
  ["Z", ZF],
  ["A", AF],
  ["P", PF],
  ["C", CF],
] as const;
const letters = (mask: number): string =>
  FLAGS.filter(([, bit]) => mask & bit)
    .map(([letter]) => letter)
    .join("");

/** `reads C, sets OSZPC, A undefined`. */
function flagEffect({ flags = {} }: Row): string {
  const { read = 0, write = 0, kill = write, undefined: undefinedFlags = 0 } = flags;
  const parts: string[] = [];
  if (read) parts.push(`reads ${letters(read)}`);
  if (write & ~undefinedFlags) parts.push(`sets ${letters(write & ~undefinedFlags)}`);
  if (undefinedFlags) parts.push(`${letters(undefinedFlags)} undefined`);
  if (write & ~kill) parts.push("or keeps them");
  return parts.join(", ");
}

function line(row: Row): string {
  const notes = [
    row.lock ? "LOCK" : "",
    row.rep ? (row.rep === "rep" ? "F3 prefix" : "F2 prefix") : "",
    row.note ?? "",
    row.untested ? `not compared with the host: ${row.untested}` : "",
  ];
  const cells = [
    row.name,
    `\`${row.encoding}\``,
    row.operands === "" ? "" : `\`${row.operands}\``,
    row.feature,
    flagEffect(row),
    notes.filter(Boolean).join("; "),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Mnemonics in alphabetical order; forms of one in the table's order. */
const sorted = [...rows].sort((x, y) => (x.name < y.name ? -1 : x.name > y.name ? 1 : 0));

export const page = `# Instructions

Generated from the instruction table by \`node tools/instructions.ts\`; do not edit. ${rows.length} forms of \
${new Set(rows.map((row) => row.name)).size} mnemonics.

An instruction that is not here raises #UD: the program gets SIGILL, and the log its address and bytes. CPUID promises
${PROMISED.filter((feature) => feature !== "base").join(", ")} and nothing else
(src/isa/cpuid.ts).

Encodings and operands are in the notation of the SDM (Vol. 2, 3.1.1 and A.2.1); before an operand \`=\` means written, \`+\`
read and written, \`&\` only its address is used. src/isa/encoding.ts has the whole notation. "A undefined" names flags
that the SDM leaves undefined; "or keeps them" is for shifts by CL and repeated comparisons, which may do nothing.

| instruction | encoding | operands | feature | flags | notes |
| --- | --- | --- | --- | --- | --- |
${sorted.map(line).join("\n")}
`;

if (import.meta.main) {
  const current = existsSync(PAGE) && readFileSync(PAGE, "utf8") === page;
  if (process.argv.includes("--check")) {
    if (!current) {
      console.error("docs/instructions.md is not up to date: run `node tools/instructions.ts`");
      process.exitCode = 1;
    }
  } else if (!current) {
    writeFileSync(PAGE, page);
  }
}
