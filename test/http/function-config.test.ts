import { expect, test } from "vitest";
import { checkFunctionConfig, checkName } from "../../src/http/function-config.ts";

const digest = `sha256:${"0".repeat(64)}`;

test("a configuration that uses everything passes", () => {
  const config = {
    image: digest,
    command: ["/bin/app", "--flag", ""],
    env: { PATH: "/bin", EMPTY: "" },
    cwd: "/srv",
    user: "1000:1000",
    invoke: "cgi",
    limits: { cpuMs: 1, wallMs: 3_600_000, memoryMiB: 72, processes: 1, files: 8, outputMiB: 1, bodyMiB: 100 },
  };
  expect(checkFunctionConfig(config)).toEqual(config);
  expect(checkFunctionConfig({ image: "hello" })).toEqual({ image: "hello" });
});

const refused: [value: unknown, status: number, sentence: RegExp][] = [
  [null, 400, /must be a JSON object/],
  [[], 400, /must be a JSON object/],
  ["x", 400, /must be a JSON object/],
  [{}, 400, /lacks the field "image"/],
  [{ image: "hello", comand: ["x"] }, 400, /unknown field "comand"; known are image, command/],
  [{ image: "hello", constructor: 1 }, 400, /unknown field "constructor"/],
  [{ image: "Hello" }, 400, /field image must be/],
  [{ image: "sha256:abc" }, 400, /field image must be/],
  [{ image: 1 }, 400, /field image must be/],
  [{ image: "hello", command: [] }, 400, /field command/],
  [{ image: "hello", command: "ls" }, 400, /field command/],
  [{ image: "hello", command: ["a\0b"] }, 400, /field command/],
  [{ image: "hello", env: { "A=B": "" } }, 400, /field env/],
  [{ image: "hello", env: { "": "" } }, 400, /field env/],
  [{ image: "hello", env: { A: 1 } }, 400, /field env/],
  [{ image: "hello", env: [] }, 400, /field env/],
  [{ image: "hello", cwd: "srv" }, 400, /field cwd/],
  [{ image: "hello", user: "root" }, 400, /field user/],
  [{ image: "hello", invoke: "fcgi" }, 400, /field invoke/],
  [{ image: "hello", invoke: "http" }, 501, /"http".*not implemented/],
  [{ image: "hello", limits: { cpuMs: 0 } }, 400, /limits\.cpuMs must be a whole number from 1 to 300000/],
  [{ image: "hello", limits: { cpuMs: 1.5 } }, 400, /limits\.cpuMs/],
  [{ image: "hello", limits: { memoryMiB: 73 } }, 400, /limits\.memoryMiB must be a whole number from 1 to 72/],
  [{ image: "hello", limits: { ram: 1 } }, 400, /field limits has the unknown field "ram"/],
  [{ image: "hello", volumes: [] }, 501, /field volumes is not implemented/],
];

for (const [value, status, sentence] of refused) {
  test(`${JSON.stringify(value)} is refused`, () => {
    let error: unknown;
    try {
      checkFunctionConfig(value);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ status, message: expect.stringMatching(sentence) });
    expect((error as Error).message).toMatch(/^[A-Z].*\.$/);
  });
}

test("names", () => {
  for (const name of ["a", "0", "hello-world", "a.b_c", "x".repeat(63)]) expect(checkName(name)).toBe(name);
  for (const name of ["", "_", "_x", ".x", "-x", "A", "a/b", "a b", "x".repeat(64), "é"]) {
    expect(() => checkName(name)).toThrow(/not valid/);
  }
});
