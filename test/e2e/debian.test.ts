/**
 * Programs of Debian's packages over scripted sessions (test/debian/sessions), natively and in Binlet over POST /_/exec: equal
 * output, errors and exit status. One image has them all: the shells, coreutils, make and tcc, python3, perl.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uploadImage } from "../../src/cli/image.ts";
import { runNatively } from "../debian/native.ts";
import { setup } from "../debian/root.ts";
import { sessions } from "../debian/sessions.ts";
import { has, TestServer } from "./server.ts";

const IMAGE = "debian";

describe.skipIf(!has("apt-get") || process.getuid?.() !== 0)("Debian's packages", () => {
  let server: TestServer;
  let root: string;

  beforeAll(async () => {
    root = setup();
    server = await TestServer.start();
    await uploadImage(server.client, { directory: root }, IMAGE, { quiet: true, fresh: true });
  });
  afterAll(() => server?.close());

  test.for(sessions().map((session) => [session.name, session] as const))("%s", async ([, session]) => {
    const { argv, env, cwd, stdin } = session;
    const [native, here] = await Promise.all([
      runNatively(root, session),
      server.exec({
        image: IMAGE,
        argv: [...argv],
        env,
        cwd,
        stdin: Buffer.from(stdin).toString("base64"),
        limits: { cpuMs: 60_000, wallMs: 100_000 },
      }),
    ]);
    const { stdout, stderr, exitCode, signal } = here;
    expect({ stdout, stderr, status: exitCode ?? 128 + signal! }).toEqual(native);
  });
});
