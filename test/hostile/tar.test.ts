/**
 * Hostile archives: each is refused with one sentence, or becomes an image in which nothing is outside of the root and that
 * machines can walk. In Node, by the Worker's own import. `BINLET_ARCHIVES=1000` is the long run, `BINLET_SEED` repeats one.
 */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { digestHex, manifestKey, parseManifest } from "../../src/image/format.ts";
import { ImportError, importImage } from "../../src/image/import.ts";
import { type TarInput, tar } from "../image/make-tar.ts";
import { Random, seed } from "./random.ts";

const ARCHIVES = Number(process.env.BINLET_ARCHIVES ?? 100);
const BOUNDS = { maxBytes: 4 << 20, maxFiles: 2000 };

const deep = (part: string, count: number) => Array(count).fill(part).join("/");

/** Names and targets that mean, or seem to mean, something outside. */
const NAMES = [
  "/etc/passwd", "//etc//passwd", "../outside", "a/../../outside", "./../../../etc/shadow", "..", ".", "", "/", "a/..", "a/./b",
  "a//b/", "file\u0000name", "\u00ff\u00fe", "dir/", "dir/file", "link", "link/through", "x".repeat(300), deep("d", 600), "a\nb", "-rf",
]; // biome-ignore format: one list
const TARGETS = [
  "/",
  "..",
  "../../..",
  "/etc/passwd",
  "link",
  "link/link",
  "dir",
  "file",
  "a/../../x",
  "x".repeat(5000),
  "",
  "/proc/1/mem",
];
const SIZES = [
  0,
  1,
  511,
  513,
  2 ** 31,
  2 ** 33 - 1,
  "77777777777",
  "-0000000001",
  "\u0080\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u00ff\u00ff\u00ff\u00ff",
  "\u00ff".repeat(12),
  "abc",
  "",
];
const TYPES = [
  "file",
  "link",
  "symlink",
  "directory",
  "fifo",
  "character",
  "4",
  "7",
  "S",
  "Z",
  "g",
  "x",
  "L",
  "K",
  "D",
  "\u0000",
];
const PAX: Record<string, string>[] = [
  { size: "99999999999999999999" }, { size: "-1" }, { size: "1e9" }, { path: "../../x" }, { path: "" }, { path: "a".repeat(70_000) }, { linkpath: "/x" },
  { mtime: "1e400" }, { mtime: "NaN" }, { mtime: "99999999999999" }, { uid: "-5" }, { "GNU.sparse.map": "0,1" }, { size: "0x10" }, { __proto__x: "1" },
]; // biome-ignore format: one list

function entry(random: Random): TarInput {
  const input: TarInput = {
    name: random.of(NAMES),
    type: random.of(TYPES.slice(0, random.below(2) ? 5 : TYPES.length)),
  };
  if (random.below(2)) input.target = random.of(TARGETS);
  if (random.below(3) === 0) input.content = "x".repeat(random.below(5000));
  if (random.below(8) === 0) input.size = random.of(SIZES);
  if (random.below(8) === 0) input.pax = random.of(PAX);
  if (random.below(12) === 0) input.longName = random.of(NAMES);
  if (random.below(16) === 0) input.mode = 0o7777;
  if (random.below(40) === 0) input.corrupt = true;
  return input;
}

function archive(random: Random): Uint8Array {
  let bytes = tar(
    Array.from({ length: 1 + random.below(12) }, () => entry(random)),
    random.below(4) > 0,
  );
  if (random.below(5) === 0) bytes = bytes.slice(0, random.below(bytes.length));
  if (random.below(6) === 0) bytes[random.below(bytes.length || 1)] ^= 1 << random.below(8);
  if (random.below(5) > 0) return bytes;
  const zipped = new Uint8Array(gzipSync(bytes));
  if (random.below(2)) zipped[10 + random.below(zipped.length - 10)] ^= 1 << random.below(8);
  return random.below(3) ? zipped : zipped.slice(0, random.below(zipped.length));
}

/** The image's paths, or the sentence that refused it. */
async function importOf(bytes: Uint8Array | ReadableStream<Uint8Array>): Promise<string | string[]> {
  const store = new Map<string, Uint8Array>();
  const stream = bytes instanceof ReadableStream ? bytes : new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const put = async (key: string, value: Uint8Array) => void store.set(key, value.slice());
  try {
    const { digest } = await importImage(stream, put, async () => false, BOUNDS);
    const { inodes } = parseManifest(store.get(manifestKey(digestHex(digest)!))!);
    const paths: string[] = [];
    const walk = (index: number, path: string, above: readonly number[]) => {
      expect(above).not.toContain(index);
      const entries = inodes[index].entries ?? [];
      for (let i = 0; i < entries.length; i += 2) {
        const name = entries[i] as string;
        expect(name).not.toMatch(/^\.{0,2}$|[/\0]/);
        paths.push(`${path}/${name}`);
        expect(entries[i + 1]).toBeLessThan(inodes.length);
        walk(entries[i + 1] as number, `${path}/${name}`, [...above, index]);
      }
    };
    walk(0, "", []);
    expect(new Set(paths).size).toBe(paths.length);
    return paths;
  } catch (error) {
    if (error instanceof ImportError) return error.message;
    throw error;
  }
}

describe("a hostile archive", () => {
  test(
    `${ARCHIVES} of them are refused, or are images (seed ${seed})`,
    { timeout: 30_000 + ARCHIVES * 200 },
    async () => {
      expect(await importOf(tar([{ name: "a" }]))).toEqual(["/a"]);
      expect(await importOf(new Uint8Array(512).fill(0x20))).toBeTypeOf("string");
      for (let i = 0; i < ARCHIVES; i++) {
        const number = seed + i;
        const bytes = archive(new Random(number));
        await importOf(bytes).catch((error) => {
          throw new Error(`BINLET_SEED=${number}: ${error.stack}`);
        });
      }
    },
  );

  test("gzip bombs, endless archives and too many files are refused within their bounds", async () => {
    const file = tar([{ name: "large", size: 2 ** 33 - 1 }], false);
    expect(await importOf(new Uint8Array(gzipSync(Buffer.concat([file, Buffer.alloc(64 << 20)]))))).toMatch(
      /more than \d+ bytes of files/,
    );
    expect(await importOf(tar(Array.from({ length: 2001 }, (_, i) => ({ name: `f${i}` }))))).toMatch(/more than 2000/);
    let sent = 0;
    const endless = (head: Uint8Array, body: Uint8Array) =>
      new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(head),
        pull(controller) {
          sent += body.length;
          if (sent > 512 << 20) throw new Error("was read without end");
          controller.enqueue(body);
        },
      });
    const sentence = await importOf(
      endless(tar([{ name: "a" }], false), tar([{ name: "b", content: "x".repeat(60_000) }], false)),
    );
    expect(sentence).toMatch(/more than \d+ bytes of files/);
    sent = 0;
    expect(await importOf(endless(tar([{ name: "large", size: 2 ** 32 }], false), new Uint8Array(1 << 20)))).toMatch(
      /more than/,
    );
  });

  test("links cannot lead the import out of the root, nor around in circles", async () => {
    const trick: TarInput[] = [
      { name: "link", type: "symlink", target: "/etc" },
      { name: "link/passwd", content: "evil" },
    ];
    // The link is followed within the image, where /etc is the image's own.
    const paths = await importOf(tar(trick));
    expect([...paths].sort()).toEqual(["/etc", "/etc/passwd", "/link"]);
    expect(await importOf(tar([{ name: "a", type: "link", target: "a" }]))).toBeTypeOf("string");
    expect(await importOf(tar([{ name: "d/" }, { name: "e", type: "link", target: "d" }]))).toBeTypeOf("string");
  });
});
