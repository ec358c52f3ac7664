import { expect, test } from "vitest";
import { QUANTUM, Quanta } from "../../src/machine/quanta.ts";

test("turns are of all lengths around the quantum, the same in each machine", () => {
  const [quanta, others] = [new Quanta(), new Quanta()];
  const lengths = Array.from({ length: 65536 }, () => quanta.next());
  expect(new Set(lengths).size).toBe(65536);
  expect(Math.min(...lengths)).toBeGreaterThan(QUANTUM / 2);
  expect(Math.max(...lengths)).toBeLessThan((QUANTUM * 3) / 2);
  expect(Math.abs(lengths.reduce((sum, length) => sum + length) / lengths.length - QUANTUM)).toBeLessThan(
    QUANTUM / 1000,
  );
  expect(lengths.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => others.next()));
});
