/** Tar archives for tests, right or wrong on purpose. Strings are byte strings. */

export interface TarInput {
  name: string;
  content?: string;
  type?: "file" | "link" | "symlink" | "directory" | "fifo" | "character" | string;
  target?: string;
  mode?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  /** Written into the size field instead of the content's length. */
  size?: number | string;
  /** Records of a pax header before it. */
  pax?: Record<string, string>;
  /** A GNU long name before it. */
  longName?: string;
  corrupt?: boolean;
}

const FLAGS: Record<string, string> = {
  file: "0",
  link: "1",
  symlink: "2",
  character: "3",
  directory: "5",
  fifo: "6",
};

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

function pad(content: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil(content.length / 512) * 512);
  padded.set(content);
  return padded;
}

function header(input: TarInput, length: number): Uint8Array {
  const block = new Uint8Array(512);
  const put = (at: number, text: string) => block.set(bytes(text), at);
  const octal = (at: number, size: number, value: number) => put(at, value.toString(8).padStart(size - 1, "0"));
  const type = input.type ?? (input.name.endsWith("/") ? "directory" : "file");
  put(0, input.name.slice(0, 100));
  octal(100, 8, input.mode ?? (type === "directory" ? 0o755 : 0o644));
  octal(108, 8, input.uid ?? 0);
  octal(116, 8, input.gid ?? 0);
  if (typeof input.size === "string") put(124, input.size);
  else octal(124, 12, input.size ?? length);
  octal(136, 12, input.mtime ?? 0);
  put(148, "        ");
  put(156, FLAGS[type] ?? type);
  put(157, (input.target ?? "").slice(0, 100));
  put(257, "ustar\x0000");
  const sum = block.reduce((a, b) => a + b, 0) + (input.corrupt ? 1 : 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}

function paxRecords(records: Record<string, string>): string {
  let text = "";
  for (const [key, value] of Object.entries(records)) {
    const rest = ` ${key}=${value}\n`;
    let length = rest.length + 1;
    while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
    text += length + rest;
  }
  return text;
}

/** An archive of `entries`; `end` writes the two blocks of zeroes. */
export function tar(entries: readonly TarInput[], end = true): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    if (entry.pax) {
      const records = bytes(paxRecords(entry.pax));
      parts.push(header({ name: "pax", type: "x" }, records.length), pad(records));
    }
    if (entry.longName !== undefined) {
      const name = bytes(`${entry.longName}\0`);
      parts.push(header({ name: "././@LongLink", type: "L" }, name.length), pad(name));
    }
    const content = bytes(entry.content ?? "");
    parts.push(header(entry, content.length), pad(content));
  }
  if (end) parts.push(new Uint8Array(1024));
  const archive = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    archive.set(part, at);
    at += part.length;
  }
  return archive;
}
