import { expect, test } from "vitest";
import { type CgiHeader, CgiHeaderReader, MAX_HEADER_BLOCK } from "../../src/http/cgi-header.ts";

const bytes = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const text = (b: Uint8Array) => String.fromCharCode(...b);

/** Everything the reader sees of `output` cut at the given positions; the body is what it leaves plus what is not read. */
function read(output: string, cuts: readonly number[]): { kind: string; fields?: unknown; body?: string } {
  const reader = new CgiHeaderReader();
  const ends = [...cuts, output.length];
  let start = 0;
  for (const end of ends) {
    const found: CgiHeader | null = reader.push(bytes(output.slice(start, end)));
    start = end;
    if (found === null) continue;
    if (found.kind === "too long") return { kind: "too long" };
    const body = text(found.rest) + output.slice(end);
    return found.kind === "header" ? { kind: "header", fields: found.fields, body } : { kind: "plain", body };
  }
  return { kind: "end", body: text(reader.end()) };
}

const cases: [name: string, output: string, expected: ReturnType<typeof read>][] = [
  ["LF", "Content-Type: text/html\n\n<p>", { kind: "header", fields: [["Content-Type", "text/html"]], body: "<p>" }],
  ["CRLF", "Status: 404 Not Found\r\n\r\nno", { kind: "header", fields: [["Status", "404 Not Found"]], body: "no" }],
  [
    "mixed line ends, no space after the colon, spaces at the end",
    "content-type:a/b  \r\nX-A: 1\nX-A:\n\r\n\nbody",
    {
      kind: "header",
      fields: [
        ["content-type", "a/b"],
        ["X-A", "1"],
        ["X-A", ""],
      ],
      body: "\nbody",
    },
  ],
  ["a CR within a value is kept", "Location: a\rb\n\n", { kind: "header", fields: [["Location", "a\rb"]], body: "" }],
  ["no body", "Location: /x\n\n", { kind: "header", fields: [["Location", "/x"]], body: "" }],
  ["8-bit values", "Status: 200 \xe9\n\n", { kind: "header", fields: [["Status", "200 \xe9"]], body: "" }],
  ["plain text", "hello world\n", { kind: "plain", body: "hello world\n" }],
  ["no CGI field", "Note: this\n\nis text", { kind: "plain", body: "Note: this\n\nis text" }],
  ["empty line first", "\nContent-Type: a/b\n\n", { kind: "plain", body: "\nContent-Type: a/b\n\n" }],
  ["no colon", "Content-Type: a/b\nhello\n\n", { kind: "plain", body: "Content-Type: a/b\nhello\n\n" }],
  ["folded line", "Content-Type: a/b\n ;c=d\n\n", { kind: "plain", body: "Content-Type: a/b\n ;c=d\n\n" }],
  ["space before the colon", "Status : 200\n\n", { kind: "plain", body: "Status : 200\n\n" }],
  ["empty name", ": 200\n\n", { kind: "plain", body: ": 200\n\n" }],
  ["a CR that ends no line", "\rStatus: 200\n\n", { kind: "plain", body: "\rStatus: 200\n\n" }],
  ["binary", "\x7fELF\x02\x01", { kind: "plain", body: "\x7fELF\x02\x01" }],
  ["ends within the block", "Content-Type: a/b\n", { kind: "end", body: "Content-Type: a/b\n" }],
  ["ends within a name", "Conten", { kind: "end", body: "Conten" }],
  ["nothing", "", { kind: "end", body: "" }],
];

for (const [name, output, expected] of cases) {
  test(`${name}: the same wherever the output is cut`, () => {
    expect(read(output, [])).toEqual(expected);
    for (let a = 0; a <= output.length; a++) {
      for (let b = a; b <= output.length; b++) expect(read(output, [a, b])).toEqual(expected);
    }
    expect(read(output, [...Array(output.length).keys()])).toEqual(expected);
  });
}

test("plain text is known at the byte that rules a header block out", () => {
  const reader = new CgiHeaderReader();
  expect(reader.push(bytes("hello"))).toBeNull();
  expect(reader.push(bytes(" "))).toMatchObject({ kind: "plain" });
});

test("the header block is bounded", () => {
  const long = `Content-Type: ${"a".repeat(MAX_HEADER_BLOCK)}\n\n`;
  expect(read(long, [])).toEqual({ kind: "too long" });
  expect(read(long, [100, 40_000])).toEqual({ kind: "too long" });
});
