/** Programs of test/guest in a namespace: objects in Durable Objects must be as on Linux. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { uploadImage } from "../../src/cli/image.ts";
import { hasCompiler } from "../machine/support.ts";
import { BUILD, Pair } from "./pair.ts";

const PROGRAMS = [
  "sysv_sem",
  "sysv_sem_undo",
  "sysv_sem_order",
  "sysv_msg",
  "sysv_msg_waits",
  "sysv_permissions",
  "sysv_shm",
  "sysv_threads",
];
const GUEST = join(import.meta.dirname, "../guest");

let pair: Pair;
beforeAll(async () => {
  if (hasCompiler) pair = await Pair.start();
}, 60_000);
afterAll(() => pair?.close());

it.runIf(hasCompiler).each(PROGRAMS)("%s", async (name) => {
  mkdirSync(BUILD, { recursive: true });
  const program = join(BUILD, name);
  execFileSync("gcc", ["-O2", "-static", "-w", "-pthread", "-I", GUEST, "-o", program, join(GUEST, `${name}.c`)]);
  const native = execFileSync(program, { encoding: "utf8" });
  const image = (await uploadImage(pair.client, program, name, { quiet: true })).digest;
  const { stdout, exit } = await pair.ipc(name, "", { image, argv: [`/${name}`] });
  expect(`${stdout}\n`).toBe(native);
  expect(exit).toBe(0);
});
