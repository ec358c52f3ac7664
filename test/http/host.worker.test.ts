import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Env } from "../../src/http/env.ts";
import { WorkersHost } from "../../src/http/host.ts";

const { OBJECTS } = env as unknown as Env;
const never = new Promise<void>(() => {});

test("randomness has no quota", () => {
  const bytes = new Uint8Array(200_000);
  new WorkersHost(OBJECTS, () => {}).random(bytes);
  for (let offset = 0; offset < bytes.length; offset += 50_000) {
    expect(new Set(bytes.subarray(offset, offset + 50_000)).size).toBe(256);
  }
});

test("sleep ends at its time or when woken, and a machine that is about to wait says so", async () => {
  let waits = 0;
  const host = new WorkersHost(OBJECTS, () => waits++);
  await host.sleep(1, never);
  await host.sleep(-1, never);
  await host.sleep(Number.POSITIVE_INFINITY, Promise.resolve());
  const start = Date.now();
  await host.sleep(10_000, new Promise((resolve) => setTimeout(resolve, 5)));
  expect(Date.now() - start).toBeLessThan(5000);
  await host.yield();
  expect(waits).toBe(5);
});

test("objects are read whole or in part, and counted", async () => {
  const { objects } = new WorkersHost(OBJECTS, () => {});
  await OBJECTS.put("host-test", "0123456789");
  expect(new TextDecoder().decode((await objects.get("host-test"))!)).toBe("0123456789");
  expect(new TextDecoder().decode((await objects.get("host-test", { offset: 3, length: 4 }))!)).toBe("3456");
  expect(await objects.get("host-test-nothing")).toBeNull();
  expect(objects.reads).toBe(3);
});
