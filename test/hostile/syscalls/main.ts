/**
 * `npm run fuzz`: random system calls for an hour, or BINLET_FUZZ_SECONDS. Machines run in a child of this process, so that a
 * machine that hangs is seen and ended. BINLET_FUZZ_SEED=FIRST..LAST, as a finding names them, repeats it, the last
 * machine traced.
 */
import { fuzz, replay } from "./campaign.ts";

const { BINLET_FUZZ_SECONDS: seconds = "3600", BINLET_FUZZ_SEED: seed } = process.env;

const [first, last = first] = seed?.split("..").map(Number) ?? [];

const report = (line: string) => console.log(line);
const findings =
  first === undefined ? await fuzz({ seconds: Number(seconds), report }) : await replay(first, last, report);
for (const finding of findings) console.log(finding);
console.log(`${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
