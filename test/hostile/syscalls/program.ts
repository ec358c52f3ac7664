/** The fuzzer's guest program, compiled with the system call table and its constants as data. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants } from "../../../src/kernel/strace/constants.ts";
import { type ArgumentType, WIDTHS } from "../../../src/kernel/syscalls/row.ts";
import { table } from "../../../src/kernel/syscalls/table.ts";

const types = Object.keys(WIDTHS) as ArgumentType[];
const identifier = (type: string) => `TYPE_${type.replaceAll("-", "_")}`;

/** calls.h: each row, and the constants that its arguments are made of. */
function header(): string {
  const rows = table.filter((row) => row !== undefined);
  // In an order that does not depend on how modules are loaded, so that seeds mean the same everywhere.
  const list = (numbers: readonly number[]) =>
    numbers
      .toSorted((a, b) => a - b)
      .map((n) => `${n}l`)
      .join(", ") || "0";
  const byType = types.map((type) => {
    const values = [...(constants[type]?.values?.keys() ?? [])];
    const flags = (constants[type]?.flags ?? []).map(([bit]) => bit);
    const fields = `${values.length}, ${flags.length}, (const s64[]){${list(values)}}, (const s64[]){${list(flags)}}`;
    return `    [${identifier(type)}] = {${fields}},`;
  });
  return [
    `enum { ${types.map((type, i) => `${identifier(type)} = ${i + 1}`).join(", ")} };`,
    "struct constants { u32 values, flags; const s64 *value, *flag; };",
    `static const struct constants CONSTANTS[] = {\n${byType.join("\n")}\n};`,
    "struct call { u16 number; u8 type[7]; };",
    "static const struct call CALLS[] = {",
    ...rows.map((row) => `    {${row.number}, {${row.args.map(identifier).join(", ")}}}, /* ${row.name} */`),
    "};",
    `#define COUNT ${rows.length}`,
    `#define NAME_LIST ${rows.map((row) => `[${row.number}] = "${row.name}"`).join(", ")}`,
    // The system's own headers may be older than the table.
    ...rows.map((row) => `#define NR_${row.name} ${row.number}`),
    "",
  ].join("\n");
}

/** Compiles the program of that name in guest/; its path. */
export function compileFuzzer(name: "fuzz" | "differential" = "fuzz"): string {
  const folder = join(import.meta.dirname, "../../../build/test/syscalls");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "calls.h"), header());
  const program = join(folder, name);
  const source = join(import.meta.dirname, `guest/${name}.c`);
  const flags = ["-O1", "-w", "-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector", "-fno-pie", "-no-pie"];
  execFileSync("gcc", [...flags, "-fno-tree-loop-distribute-patterns", "-I", folder, "-o", program, source]);
  return program;
}
