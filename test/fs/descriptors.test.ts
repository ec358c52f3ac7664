import { expect, test } from "vitest";
import { Descriptors } from "../../src/fs/descriptors.ts";
import { AdvisoryLocks } from "../../src/fs/locks.ts";
import { failure, newShell } from "./environment.ts";

test("the lowest free descriptor, whatever was closed before", () => {
  const s = newShell();
  s.write("/f", "x");
  const table = new Descriptors();
  const open = () => table.install(s.open("/f"), false, 1024);
  expect([open(), open(), open(), open()]).toEqual([0, 1, 2, 3]);
  table.close(1);
  table.close(0);
  expect([open(), open(), open()]).toEqual([0, 1, 4]);
  const file = table.file(2);
  file.references++;
  expect(table.install(file, true, 1024, 10)).toBe(10);
  expect(open()).toBe(5);
  expect(failure(() => table.install(s.open("/f"), false, 6))).toBe("EMFILE");
  expect(table.length).toBe(11);
});

test("exec closes what is marked, fork shares descriptions", () => {
  const s = newShell();
  s.write("/f", "abcdef");
  const table = new Descriptors();
  table.install(s.open("/f"), false, 16);
  table.install(s.open("/f"), true, 16);
  const child = table.copy();
  child.file(0).offset = 3;
  expect(table.file(0).offset).toBe(3);
  child.exec();
  expect(child.get(1)).toBe(null);
  const shared = table.file(0);
  expect(shared.references).toBe(2);
  child.drop();
  expect(shared.references).toBe(1);
});

test("closing any descriptor of a file releases the table's record locks", () => {
  const s = newShell();
  s.write("/f", "x");
  const table = new Descriptors();
  const a = table.install(s.open("/f"), false, 16);
  table.install(s.open("/f"), false, 16);
  const { inode } = table.file(a);
  inode.locks = new AdvisoryLocks();
  inode.locks.set({ owner: table, pid: 1, exclusive: true, start: 0, end: 10 }, false);
  inode.locks.set({ owner: table, pid: 1, exclusive: true, start: 4, end: 6 }, true);
  expect(inode.locks.records.map((lock) => [lock.start, lock.end])).toEqual([
    [0, 4],
    [6, 10],
  ]);
  expect(inode.locks.conflict({ owner: {}, pid: 2, exclusive: false, start: 4, end: 6 })).toBe(null);
  expect(inode.locks.conflict({ owner: {}, pid: 2, exclusive: false, start: 3, end: 6 })).not.toBe(null);
  table.close(1);
  expect(inode.locks.records).toEqual([]);
});
