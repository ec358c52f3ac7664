/**
 * `npm start`: builds what is not there, writes `.dev.vars` with a random BINLET_TOKEN unless it has one, puts the examples into
 * the local R2, and runs `wrangler dev` with this command's arguments, off the network.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { offline } from "../src/cli/offline.ts";
import { ensureToken } from "../src/cli/token.ts";
import { build, CHECKOUT, requireNode } from "./prepare.ts";
import { seed } from "./seed.ts";

requireNode();
Object.assign(process.env, offline(CHECKOUT));
const args = process.argv.slice(2);

build();
if (ensureToken(join(CHECKOUT, ".dev.vars"))) console.log("Wrote .dev.vars with a random BINLET_TOKEN.");
const persist = takeOption("--persist-to") ?? join(CHECKOUT, ".wrangler/state");
for (const line of await seed(persist)) console.log(line);

const inspector = args.some((arg) => arg.startsWith("--inspector-port")) ? [] : ["--inspector-port", "0"];
const wrangler = spawn(
  process.execPath,
  [join(CHECKOUT, "node_modules/wrangler/bin/wrangler.js"), "dev", "--persist-to", persist, ...inspector, ...args],
  { stdio: "inherit", cwd: CHECKOUT },
);
// The terminal's signals reach wrangler by themselves, and it ends in its own time; those of kill(1) are passed on.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => wrangler.kill(signal));
wrangler.on("exit", (code) => process.exit(code ?? 1));

/** The value of an option of wrangler's in our arguments, which is taken out of them. */
function takeOption(option: string): string | undefined {
  const index = args.findIndex((arg) => arg === option || arg.startsWith(`${option}=`));
  if (index < 0) return undefined;
  const [removed] = args.splice(index, 1);
  return removed === option ? args.splice(index, 1)[0] : removed.slice(option.length + 1);
}
