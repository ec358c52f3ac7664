/** Plain data in SQLite: JSON, and beside it the bytes of all typed arrays in it. Numbers beyond 2^53 are bigints. */

const ARRAYS = { Uint8Array, Uint16Array, Int16Array, Int32Array } as const;
type ArrayName = keyof typeof ARRAYS;

/** Stands for an array in the JSON: its type, where its bytes begin, and how many there are. */
type Placeholder = { readonly $array: readonly [ArrayName, number, number] };

export interface Packed {
  readonly json: string;
  readonly bytes: Uint8Array;
}

export function pack(value: unknown): Packed {
  const parts: Uint8Array[] = [];
  let length = 0;
  const json = JSON.stringify(value, (_key, member) => {
    if (typeof member === "bigint") return { $bigint: member.toString() };
    if (!ArrayBuffer.isView(member)) return member;
    parts.push(new Uint8Array(member.buffer, member.byteOffset, member.byteLength));
    length += member.byteLength;
    return { $array: [member.constructor.name, length - member.byteLength, member.byteLength] };
  });
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return { json, bytes };
}

export function unpack<T>(json: string, bytes: ArrayBuffer): T {
  return JSON.parse(json, (_key, member) => {
    if (typeof member !== "object" || member === null) return member;
    if ("$bigint" in member) return BigInt(member.$bigint);
    if (!("$array" in member)) return member;
    const [name, start, length] = (member as Placeholder).$array;
    return new ARRAYS[name](bytes.slice(start, start + length));
  });
}
