/**
 * `npm run fuzz`: random system calls for an hour, or BINLET_FUZZ_SECONDS. Machines run in a child of this process, so that a
 * machine that hangs is seen and ended. With BINLET_FUZZ_SEED that seed's machine alone is run, traced.
 */
import { fuzz, replay } from "./campaign.ts";

const { BINLET_FUZZ_SECONDS: seconds = "3600", BINLET_FUZZ_SEED: seed } = process.env;

const report = (line: string) => console.log(line);
const findings =
  seed === undefined ? await fuzz({ seconds: Number(seconds), report }) : await replay(Number(seed), report);
for (const finding of findings) console.log(finding);
console.log(`${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
