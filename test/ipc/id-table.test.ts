import { expect, it } from "vitest";
import { IPCMNI } from "../../src/abi/ipc.ts";
import { IdTable } from "../../src/ipc/id-table.ts";

class Ids extends IdTable<{ permissions: { id: number; key: number } }> {
  make(key = 0): number {
    const id = this.reserve();
    this.add({ permissions: { id, key } });
    return id;
  }
}

it("gives out indices in turn, and another sequence number the second time", () => {
  const table = new Ids();
  for (let i = 0; i < 3; i++) expect(table.make()).toBe(i);
  table.remove(1);
  expect(table.make()).toBe(3);
  for (let i = 4; i < 64; i++) table.make();
  expect(table.make()).toBe(64);
  for (let i = 4; i < 65; i++) table.remove(i);
  expect(table.maxIndex).toBe(3);
  expect(table.make()).toBe(IPCMNI + 1);
  expect(table.get(1)).toBe(null);
  expect(table.at(1)?.permissions.id).toBe(IPCMNI + 1);
  expect(table.make()).toBe(IPCMNI + 4);
});

it("finds by key until that is forgotten", () => {
  const table = new Ids();
  const id = table.make(77);
  expect(table.withKey(77)?.permissions.id).toBe(id);
  table.forgetKey(77);
  expect(table.withKey(77)).toBe(null);
  const next = table.make(77);
  table.remove(id);
  expect(table.withKey(77)?.permissions.id).toBe(next);
  table.remove(next);
  expect(table.withKey(77)).toBe(null);
  expect(table.maxIndex).toBe(-1);
});
