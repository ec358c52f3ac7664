import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ensureToken, tokenIn } from "../../src/cli/token.ts";

const folder = mkdtempSync(join(tmpdir(), "binlet-token-"));
const file = join(folder, ".dev.vars");
afterAll(() => rmSync(folder, { recursive: true }));

test("a token is read with and without quotes", () => {
  for (const line of [
    "BINLET_TOKEN=abc",
    'BINLET_TOKEN="abc"',
    " BINLET_TOKEN = 'abc' ",
    "A=1\nBINLET_TOKEN=abc\nB=2",
  ]) {
    writeFileSync(file, `${line}\n`);
    expect(tokenIn(file)).toBe("abc");
  }
  for (const line of [
    "",
    "BINLET_TOKEN=",
    "BINLET_TOKEN=\nA=b",
    'BINLET_TOKEN=""',
    "#BINLET_TOKEN=abc",
    "X_BINLET_TOKEN=abc",
  ]) {
    writeFileSync(file, `${line}\n`);
    expect(tokenIn(file)).toBeUndefined();
  }
  expect(tokenIn(join(folder, "nothing"))).toBeUndefined();
});

test("a random token is added once and what is there stays", () => {
  writeFileSync(file, "OTHER=1\nBINLET_TOKEN=");
  expect(ensureToken(file)).toBe(true);
  const token = tokenIn(file);
  expect(token).toMatch(/^[\w-]{32}$/);
  expect(readFileSync(file, "utf8")).toBe(`OTHER=1\nBINLET_TOKEN="${token}"\n`);
  expect(ensureToken(file)).toBe(false);
  expect(tokenIn(file)).toBe(token);
});

test("a new file is its owner's alone", () => {
  const fresh = join(folder, "fresh");
  ensureToken(fresh);
  expect(statSync(fresh).mode & 0o777).toBe(0o600);
});
