/** What the platform promises and all else here rests on: nothing that a Durable Object says arrives before what it wrote is committed. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasCompiler } from "../machine/support.ts";
import { Pair } from "./pair.ts";

let pair: Pair;
beforeAll(async () => {
  if (hasCompiler) pair = await Pair.start();
}, 120_000);
afterAll(() => pair?.close());

it.runIf(hasCompiler)("answers and callbacks wait for the commit", async () => {
  const response = await pair.request("/-/gate");
  expect(await response.json()).toEqual({ stub: false, link: false, callback: false, sound: true });
});
