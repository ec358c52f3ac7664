/** Blocks of pids, as the namespace leases them and as a machine uses them. */
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { PID_LIMIT, PidBlocks } from "../../durable/pid-blocks.ts";
import { LeasedPids } from "../../src/kernel/leased-pids.ts";
import type { PidBlock } from "../../src/kernel/namespace-port.ts";

/** What PidBlocks uses of a Durable Object's SQLite. */
function storage(): SqlStorage {
  const database = new DatabaseSync(":memory:");
  const exec = (query: string, ...values: (number | string)[]) => {
    if (query.includes(";")) {
      database.exec(query);
      return [];
    }
    const rows = database.prepare(query).all(...values);
    return Object.assign(rows, { toArray: () => rows });
  };
  return { exec } as unknown as SqlStorage;
}

/** A machine whose requests are answered at once. */
function machine(blocks: PidBlocks, number: number) {
  const asked: number[] = [];
  const returned: PidBlock[] = [];
  const pids = new LeasedPids(PID_LIMIT, {
    ask: (count) => asked.push(count),
    drop() {},
    giveBack(block) {
      returned.push(block);
      blocks.release(number, block);
    },
  });
  pids.add(blocks.lease(number)!);
  /** The answers arrive. */
  const deliver = () => {
    for (const count of asked.splice(0)) {
      const block = blocks.lease(number, count);
      if (block === null) pids.refused();
      else pids.add(block);
    }
  };
  return { pids, asked, returned, deliver };
}

describe("PidBlocks", () => {
  test("are disjoint, grow, and are found by any of their ids", () => {
    const blocks = new PidBlocks(storage());
    const leased = [64, 128, 1024, 5000].map((count, i) => blocks.lease(i + 1, count)!);
    expect(leased.map(({ count }) => count)).toEqual([62, 128, 1024, 1024]);
    for (const [i, { first, count }] of leased.entries()) {
      expect([blocks.owner(first), blocks.owner(first + count - 1)]).toEqual([i + 1, i + 1]);
    }
    expect(blocks.owner(1_000_000)).toBe(0);
    blocks.release(2, leased[0]);
    expect(blocks.owner(leased[0].first)).toBe(1);
    blocks.releaseAll(1);
    expect(blocks.owner(leased[0].first)).toBe(0);
  });

  test("come around only after all others, also after a restart", () => {
    const sql = storage();
    const first = new PidBlocks(sql).lease(1)!;
    const restarted = new PidBlocks(sql);
    expect(restarted.owner(first.first)).toBe(1);
    restarted.releaseAll(1);
    let leases = 0;
    for (let block = restarted.lease(2, 1024)!; block.first > 2; block = restarted.lease(2, 1024)!) {
      restarted.release(2, block);
      leases++;
    }
    expect(leases).toBe(Math.floor((PID_LIMIT - 64) / 1024));
  });

  test("that a machine never learnt of are free when it comes back", () => {
    const blocks = new PidBlocks(storage());
    const known = blocks.lease(1)!;
    const lost = blocks.lease(1, 128)!;
    blocks.keep(1, [known]);
    expect([blocks.owner(known.first), blocks.owner(lost.first)]).toEqual([1, 0]);
  });
});

describe("LeasedPids", () => {
  test("asks ahead, for twice as many each time, and waits only when it is faster", () => {
    const { pids, asked, deliver } = machine(new PidBlocks(storage()), 1);
    const given = new Set<number>();
    for (let i = 0; i < 62; i++) given.add(pids.allocate());
    expect(asked).toEqual([64]);
    const { awaited } = pids;
    expect(awaited).not.toBeNull();
    let woken = 0;
    awaited!.add({ wake: () => woken++ });
    deliver();
    expect([woken, pids.awaited]).toEqual([1, null]);
    for (let i = 0; i < 1000; i++) {
      given.add(pids.allocate());
      deliver();
    }
    expect([given.size, given.has(0)]).toEqual([1062, false]);
  });

  test("gives blocks back when they are used up and empty", () => {
    const blocks = new PidBlocks(storage());
    const { pids, returned, deliver } = machine(blocks, 1);
    const kept = pids.allocate();
    for (let i = 0; i < 500; i++) {
      pids.free(pids.allocate());
      deliver();
    }
    expect(returned.length).toBeGreaterThan(1);
    // The first block has a pid in use.
    expect(returned.some(({ first }) => first === 2)).toBe(false);
    expect(pids.owns(kept)).toBe(true);
    expect(blocks.size).toBe(pids.blocks.length);
  });

  test("uses ids again only when the namespace has none left", () => {
    const { pids, asked } = machine(new PidBlocks(storage()), 1);
    const given = Array.from({ length: 62 }, () => pids.allocate());
    pids.free(given[10]);
    expect(asked).toEqual([64]);
    pids.refused();
    expect(pids.awaited).toBeNull();
    expect([pids.allocate(), pids.allocate()]).toEqual([given[10], 0]);
  });

  test("claims an id of its blocks, once", () => {
    const { pids } = machine(new PidBlocks(storage()), 1);
    expect([pids.claim(5), pids.claim(5), pids.claim(1000)]).toEqual([true, false, false]);
    const given = Array.from({ length: 61 }, () => pids.allocate());
    expect([given.includes(5), given.includes(0)]).toEqual([false, false]);
  });
});
