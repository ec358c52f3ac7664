import { expect, it } from "vitest";
import { pack, unpack } from "../../durable/packing.ts";

it("keeps arrays with their types, and types of messages in full", () => {
  const value = {
    op: "send",
    type: 2n ** 62n,
    text: Uint8Array.of(0, 255, 7),
    nested: [{ values: Uint16Array.of(1, 65535) }, { empty: new Uint8Array(0), pids: Int32Array.of(-1) }],
    nothing: null,
  };
  const { json, bytes } = pack(value);
  expect(bytes.length).toBe(3 + 4 + 4);
  expect(unpack(json, bytes.buffer as ArrayBuffer)).toEqual(value);
});

it("packs a part of a larger array", () => {
  const { json, bytes } = pack(new Uint8Array([1, 2, 3, 4]).subarray(1, 3));
  expect(unpack(json, bytes.buffer as ArrayBuffer)).toEqual(Uint8Array.of(2, 3));
});
