/** Where a mapping finds room, against a search of every page from above. */
import { expect, test } from "vitest";
import { AREA_GROWSDOWN, Area, AreaList, GUARD_GAP } from "../../src/memory/areas.ts";

const END = 4000;

/** The highest page from which `pages` pages are free, or -1. */
function highest(list: AreaList, pages: number, low: number, high: number): number {
  const taken = new Uint8Array(END);
  let below = 0;
  for (const { first, end, flags } of list.items) {
    taken.fill(1, flags & AREA_GROWSDOWN ? Math.max(below, first - GUARD_GAP) : first, end);
    below = end;
  }
  for (let first = high - pages; first >= low; first--)
    if (!taken.subarray(first, first + pages).includes(1)) return first;
  return -1;
}

test("the highest gap that is large enough is found, whatever came and went", () => {
  let state = 7;
  const below = (n: number) => (state = (Math.imul(state, 48271) >>> 0) % 2147483647) % n;
  const list = new AreaList({ mapped: () => {}, unmapped: () => {} });
  for (let step = 0; step < 4000; step++) {
    const pages = 1 + below(step % 3 === 0 ? 40 : 3);
    const high = below(4) === 0 ? 2000 : END;
    const place = list.gapBelow(pages, 10, high);
    expect(place, `step ${step}`).toBe(highest(list, pages, 10, high));
    if (place >= 0 && below(8) !== 0) {
      const flags = below(50) === 0 ? AREA_GROWSDOWN : 0;
      list.insert(new Area(place, place + pages, 1 + below(3), 7, flags, null, 0));
    }
    if (place < 0 || below(5) === 0) {
      const first = below(END);
      const [from, to] = list.carve(first, Math.min(END, first + 1 + below(60)));
      list.remove(from, to);
    }
  }
});
