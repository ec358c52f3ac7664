/** SqlStorage over node:sqlite, for tests that run the Durable Objects' own code without the platform. */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";

/** `sql` of a Durable Object's storage: as the platform has it, blobs come back as ArrayBuffers. */
export function storage(database: DatabaseSync) {
  const plain = (value: unknown) => (value instanceof Uint8Array ? value.slice().buffer : value);
  const bindable = (value: unknown): SQLInputValue => {
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    return ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice()
      : (value as SQLInputValue);
  };
  return {
    exec(query: string, ...bindings: unknown[]) {
      let rows: Record<string, unknown>[] = [];
      if (bindings.length === 0 && query.includes(";")) database.exec(query);
      else rows = database.prepare(query).all(...bindings.map(bindable)) as typeof rows;
      const values = rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, v]) => [key, plain(v)])));
      return { toArray: () => values, one: () => values[0], [Symbol.iterator]: () => values[Symbol.iterator]() };
    },
  };
}
