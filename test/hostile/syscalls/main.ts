/**
 * `npm run fuzz`: random system calls for an hour, or BINLET_FUZZ_SECONDS. Machines run in a child of this process, so that a
 * machine that hangs is seen and ended; one seed in twenty is of two or three machines that share a namespace (world.ts), which are in
 * real time and so not the same each time. BINLET_FUZZ_SEED=FIRST..LAST, as a finding names them, repeats it, the last
 * machine traced. `--statistics` prints what came of each call. `--native` compares sequences of calls with this computer's
 * Linux instead (differential.ts), with `--high` those whose arguments are above 4 GiB.
 */
import { fuzz, replay } from "./campaign.ts";
import { compare } from "./differential.ts";

const { BINLET_FUZZ_SECONDS = "3600", BINLET_FUZZ_SEED: seed } = process.env;
const seconds = Number(BINLET_FUZZ_SECONDS);
const [first, last = first] = seed?.split("..").map(Number) ?? [];
const statistics = process.argv.includes("--statistics");
const high = process.argv.includes("--high");
const report = (line: string) => console.log(line);

let findings: string[];
if (process.argv.includes("--native")) {
  findings = await compare({ first: first ?? Math.floor(Date.now() / 1000) % 1e8, last, seconds, high, report });
} else if (first === undefined) {
  findings = await fuzz({ seconds, statistics, report });
} else {
  findings = await replay(first, last, report);
  for (const finding of findings) report(finding);
}
report(`${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
