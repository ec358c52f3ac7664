/**
 * The programs of test/guest, natively and in Binlet over POST /_/exec: equal output and exit status. One workerd for all, and
 * one image for each way they are built. Several programs run at a time, as most of them wait more than they compute. Those
 * that miss something of this machine's kernel are skipped, and say what.
 */
import { afterAll, beforeAll, describe, test } from "vitest";
import { uploadImage } from "../../src/cli/image.ts";
import { nativeFor } from "../conformance/agree.ts";
import { guestNatively, guestPrograms, UNMET } from "../conformance/guest.ts";
import type { Case, Outcome } from "../conformance/outcome.ts";
import { buildRoot, hasCommand, type Variant, variants } from "../guest/programs.ts";
import { TestServer } from "./server.ts";

/** Building a variant anew takes that long at most, in milliseconds. */
const BUILD_LIMIT = 300_000;

async function inBinlet(server: TestServer, image: string, program: Case): Promise<Omit<Outcome, "ms">> {
  const { stdout, stderr, exitCode, signal, reason } = await server.exec({
    image,
    argv: [program.path, ...program.args],
    env: { ...program.env },
    cwd: program.cwd,
    stdin: program.stdin && Buffer.from(program.stdin).toString("base64"),
  });
  const status = signal === undefined ? { exitCode } : { signal };
  return { stdout, stderr, ...(reason === undefined ? status : { ended: reason }) };
}

const hasMusl = await hasCommand("musl-gcc");
const hasGcc = (await hasCommand("gcc")) && (await hasCommand("g++"));
const available = (variant: Variant) => (variants[variant].c === "musl-gcc" ? hasMusl : hasGcc);

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server?.close());

describe.for(Object.keys(variants) as Variant[])("guest programs with %s", (variant) => {
  const image = `guest-${variant}`;
  let root: string;
  beforeAll(async () => {
    if (!available(variant)) return;
    root = await buildRoot(variant);
    await uploadImage(server.client, { directory: root }, image, { quiet: true });
  }, BUILD_LIMIT);

  test.skipIf(!available(variant)).concurrent.for(guestPrograms(variant))(
    "$name",
    async ({ cases }, { expect, skip }) => {
      for (const program of cases) {
        const natively = async () => {
          const { ms: _, ...outcome } = await guestNatively(root, program);
          return outcome;
        };
        const [native, here] = await Promise.all([natively(), inBinlet(server, image, program)]);
        if (native.exitCode === UNMET)
          skip(`this machine lacks what it needs: ${native.stdout.trimEnd().split("\n").at(-1)}`);
        expect(here).toEqual(await nativeFor(here, native, natively));
      }
    },
  );
});
