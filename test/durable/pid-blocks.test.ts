/** Blocks of pids, as the namespace leases them and as a machine uses them. */
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { PID_LIMIT, PidBlocks } from "../../durable/pid-blocks.ts";
import { SharedIds } from "../../durable/shared-ids.ts";
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
  const dropped: number[] = [];
  const pids = new LeasedPids(PID_LIMIT, {
    ask: (count) => asked.push(count),
    drop: (pid) => dropped.push(pid),
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
  return { pids, asked, returned, dropped, deliver };
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

  test("stay out of use while others have ids of them", () => {
    const sql = storage();
    const shared = new SharedIds(sql);
    const create = () => new PidBlocks(sql, (first, count) => shared.within(first, count));
    const blocks = create();
    const [one, two] = [blocks.lease(1)!, blocks.lease(1)!];
    shared.add(two.first + 3, 2);
    blocks.releaseAll(1);
    expect([blocks.owner(one.first), blocks.owner(two.first), blocks.size]).toEqual([0, 0, 1]);
    expect(blocks.leaseAround(3, two.first)).toBeNull();
    expect(blocks.leaseAround(3, one.first + 9)).toEqual(one);
    expect([create().size, new SharedIds(sql).machines(two.first + 3)]).toEqual([2, [2]]);
    shared.remove(two.first + 3, 2);
    blocks.settle(two.first + 3);
    expect(blocks.size).toBe(1);
    blocks.settle(one.first);
    expect(blocks.size).toBe(1);
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

  test("does not give out what it has lent, until that comes back", () => {
    const { pids } = machine(new PidBlocks(storage()), 1);
    const group = pids.allocate();
    expect([pids.lend(group), pids.lend(20), pids.lend(1000)]).toEqual([false, true, false]);
    expect(pids.setLent([group, 20])).toEqual([]);
    expect([pids.owns(group), pids.owns(20), pids.owns(21)]).toEqual([false, false, true]);
    pids.free(group);
    pids.refused();
    const given = Array.from({ length: 61 }, () => pids.allocate());
    expect([given.includes(group), given.includes(20), given.filter((pid) => pid === 0).length]).toEqual([
      false,
      false,
      1,
    ]);
    expect(pids.setLent([20])).toEqual([group]);
    pids.free(group);
    expect(pids.allocate()).toBe(group);
  });

  test("drops what it has borrowed when it is free", () => {
    const { pids, dropped } = machine(new PidBlocks(storage()), 1);
    pids.borrow(5000);
    pids.grant(6000);
    expect([pids.owns(5000), pids.decides(5000), pids.decides(6000)]).toEqual([false, false, true]);
    expect([pids.claim(6000), pids.claim(6000)]).toEqual([true, false]);
    for (const pid of [5000, 6000, 5000, 7000]) pids.free(pid);
    expect(dropped).toEqual([5000, 6000]);
  });

  test("claims an id of its blocks, once", () => {
    const { pids } = machine(new PidBlocks(storage()), 1);
    expect([pids.claim(5), pids.claim(5), pids.claim(1000)]).toEqual([true, false, false]);
    const given = Array.from({ length: 61 }, () => pids.allocate());
    expect([given.includes(5), given.includes(0)]).toEqual([false, false]);
  });
});
