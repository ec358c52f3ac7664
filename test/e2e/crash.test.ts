/** How a program ends, natively and here: what a caller of `/_/exec` and of a function learns of it. */
import { spawnSync } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile, has, TestServer } from "./server.ts";

/** As test/e2e/crash.c knows them: faults, signals that nothing handles, and statuses. */
const FAULTS =
  "null divide minimum abort illegal privileged breakpoint noncanonical data stack text bus thread handler blocked ignored child";
const SIGNALS = ["HUP", "PIPE", "TERM", "KILL", "ALRM", "USR1", "SYS", "XCPU", "CHLD", "WINCH"].map(
  (name) => `signal${constants.signals[`SIG${name}` as NodeJS.Signals]}`,
);
const ENDS = [...FAULTS.split(" "), ...SIGNALS, "0", "1", "255"];

describe.skipIf(!has("gcc"))("programs that crash", () => {
  let server: TestServer;
  let program: string;

  beforeAll(async () => {
    program = compile(join(import.meta.dirname, "crash.c"), "crash");
    server = await TestServer.start();
    await server.image(program, "crash");
    await server.putFunction("crash", { image: "crash", command: ["/crash"], invoke: "cgi" });
  });
  afterAll(() => server?.close());

  test.each(ENDS)("%s", async (how) => {
    const native = spawnSync(program, [how], { encoding: "utf8" });
    const expected = native.signal ? { signal: constants.signals[native.signal] } : { exitCode: native.status };
    const { exitCode, signal, stderr } = await server.exec({ image: "crash", argv: ["/crash", how] });
    expect({ ...(signal === undefined ? { exitCode } : { signal }), stderr }).toEqual({
      ...expected,
      stderr: native.stderr,
    });

    const response = await server.fetch(`/crash/${how}`);
    const sentence = native.signal
      ? `The program was killed by signal ${constants.signals[native.signal]} (${native.signal}).`
      : `The program exited with status ${native.status}.`;
    if (native.status === 0) expect([response.status, await response.text()]).toEqual([200, ""]);
    else expect([response.status, await response.text()]).toEqual([502, `${sentence}\n${native.stderr}`]);
  });
});
