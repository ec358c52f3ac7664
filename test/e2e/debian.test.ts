/**
 * Programs of Debian's packages over scripted sessions (test/debian/sessions), natively and in Binlet over POST /_/exec: equal
 * output, errors and exit status. One image has them all: the shells, coreutils, make and tcc, python3, perl.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uploadImage } from "../../src/cli/image.ts";
import { nativeFor } from "../conformance/agree.ts";
import { runNatively, type Session } from "../debian/native.ts";
import { setup } from "../debian/root.ts";
import { sessions } from "../debian/sessions.ts";
import { has, TestServer } from "./server.ts";

const IMAGE = "debian";
const available = ["apt-get", "unshare", "gcc"].every(has) && process.getuid?.() === 0;

describe.skipIf(!available)("Debian's packages", () => {
  let server: TestServer;
  let root: string;

  beforeAll(async () => {
    root = setup();
    server = await TestServer.start();
    await uploadImage(server.client, { directory: root }, IMAGE, { quiet: true, fresh: true });
  });
  afterAll(() => server?.close());

  const named = (terminal: boolean) =>
    sessions()
      .filter(({ name }) => name.startsWith("terminal/") === terminal)
      .map((session) => [session.name, session] as const);

  async function compare({ argv, env, cwd, stdin }: Session): Promise<void> {
    const natively = () => runNatively(root, { argv, env, cwd, stdin });
    const [native, answer] = await Promise.all([
      natively(),
      server.exec({
        image: IMAGE,
        argv: [...argv],
        env,
        cwd,
        stdin: Buffer.from(stdin).toString("base64"),
        limits: { cpuMs: 60_000, wallMs: 100_000 },
      }),
    ]);
    const { stdout, stderr, exitCode, signal } = answer;
    const here = { stdout, stderr, status: exitCode ?? 128 + signal! };
    expect(here).toEqual(await nativeFor(here, native, natively));
  }

  test.for(named(false))("%s", ([, session]) => compare(session));

  // Linux sends the signal of a typed ^C before it echoes it: what a shell prints then is before or after.
  test.for(named(true))("%s", { retry: 2 }, ([, session]) => compare(session));
});
