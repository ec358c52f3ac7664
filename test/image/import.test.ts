import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { fromText } from "../../src/fs/name.ts";
import {
  chunkKey,
  digestHex,
  HOLE,
  type Manifest,
  manifestKey,
  parseManifest,
  type StoredInode,
} from "../../src/image/format.ts";
import { MemoryStore } from "../fs/environment.ts";
import { type TarInput, tar } from "./make-tar.ts";

const folder = mkdtempSync(join(tmpdir(), "binlet-image-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Imported {
  manifest: Manifest;
  store: MemoryStore;
  /** The inode at a path, or undefined. */
  at(path: string): StoredInode | undefined;
  content(path: string): string;
}

async function imported(bytes: Uint8Array, options = {}): Promise<Imported> {
  const store = new MemoryStore();
  const { digest } = await store.import(bytes, options);
  const manifest = parseManifest(store.objects.get(manifestKey(digestHex(digest)!))!);
  const at = (path: string) => {
    let inode: StoredInode | undefined = manifest.inodes[0];
    for (const name of path.split("/").filter((part) => part !== "")) {
      const entries: (string | number)[] = inode?.entries ?? [];
      const index = entries.findIndex((entry, i) => i % 2 === 0 && entry === name);
      inode = index < 0 ? undefined : manifest.inodes[entries[index + 1] as number];
    }
    return inode;
  };
  const content = (path: string) => {
    const inode = at(path)!;
    let text = "";
    for (const index of inode.chunks ?? []) {
      const chunk =
        index === HOLE ? new Uint8Array(manifest.chunkSize) : store.objects.get(chunkKey(manifest.chunks[index]))!;
      text += Buffer.from(chunk).toString("latin1");
    }
    return text.slice((inode.page ?? 0) * 4096).slice(0, inode.size);
  };
  return { manifest, store, at, content };
}

const refusal = async (bytes: Uint8Array, options = {}): Promise<string> => {
  try {
    await new MemoryStore().import(bytes, options);
  } catch (error) {
    expect((error as Error).name).toBe("ImportError");
    return (error as Error).message;
  }
  return "accepted";
};

describe("archives", () => {
  test("what GNU tar writes, plain and gzipped: names, links, sizes, times", async () => {
    const from = join(folder, "tree");
    const long = `${"d".repeat(80)}/${"f".repeat(90)}`;
    mkdirSync(join(from, "d".repeat(80)), { recursive: true });
    writeFileSync(join(from, long), "long");
    writeFileSync(join(from, "empty"), "");
    writeFileSync(join(from, "large"), Buffer.alloc(600_000, "0123456789"));
    writeFileSync(join(from, "Grüße"), "umlauts");
    symlinkSync("large", join(from, "soft"));
    linkSync(join(from, "large"), join(from, "hard"));
    for (const format of ["gnu", "pax", "ustar"]) {
      const archive = join(folder, `${format}.tar`);
      execFileSync("tar", ["--format", format, "--mtime=@1700000000.25", "-cf", archive, "-C", from, "."]);
      for (const bytes of [readFileSync(archive), gzipSync(readFileSync(archive))]) {
        const { at, content } = await imported(bytes);
        expect(content(long)).toBe("long");
        expect(content("large")).toBe("0123456789".repeat(60_000));
        expect(content(fromText("Grüße"))).toBe("umlauts");
        expect(at("hard")).toBe(at("large"));
        expect([at("large")!.nlink, at("soft")!.target, at("empty")!.size]).toEqual([2, "large", undefined]);
        expect(at("empty")!.mtime).toBe(1_700_000_000);
        expect(at("empty")!.nsec).toBe(format === "pax" ? 250_000_000 : undefined);
      }
    }
  });

  test("small files share a chunk, holes are not stored, equal chunks are stored once", async () => {
    const files: TarInput[] = Array.from({ length: 30 }, (_, i) => ({ name: `f${i}`, content: `file ${i}` }));
    files.push({ name: "zero", content: "\0".repeat(512 << 10) });
    files.push({ name: "same1", content: "s".repeat(512 << 10) }, { name: "same2", content: "s".repeat(512 << 10) });
    const { manifest, store, at, content } = await imported(tar(files));
    expect(at("zero")!.chunks).toEqual([HOLE, HOLE]);
    expect(at("same1")!.chunks).toEqual(at("same2")!.chunks);
    expect([manifest.chunks.length, store.objects.size]).toEqual([2, 3]);
    for (let i = 0; i < 30; i++) expect(content(`f${i}`)).toBe(`file ${i}`);
  });

  test("the digest depends on the contents only; a second import stores nothing", async () => {
    const store = new MemoryStore();
    const archive = tar([{ name: "a", content: "x" }]);
    const first = await store.import(archive);
    const again = await store.import(gzipSync(archive));
    expect(again.digest).toBe(first.digest);
    expect(again.stats.newChunks).toBe(0);
  });

  test("what comes later wins; directories keep what is in them", async () => {
    const { at, content } = await imported(
      tar([
        { name: "d/", mode: 0o700 },
        { name: "d/f", content: "one" },
        { name: "d/f", content: "two" },
        { name: "d/", mode: 0o755, uid: 3 },
        { name: "x", content: "file" },
        { name: "x/", mode: 0o750 },
      ]),
    );
    expect([content("d/f"), at("d")!.uid, at("x")!.entries]).toEqual(["two", 3, []]);
  });

  test("pax and GNU extensions override the header", async () => {
    const { at, content } = await imported(
      tar([
        { name: "short", content: "a", pax: { path: "from/pax", uid: "123456789", mtime: "-1.5" } },
        { name: "short", content: "b", longName: `gnu/${"n".repeat(200)}` },
      ]),
    );
    expect(content("from/pax")).toBe("a");
    expect([at("from/pax")!.uid, at("from/pax")!.mtime, at("from/pax")!.nsec]).toEqual([123456789, -2, 500_000_000]);
    expect(content(`gnu/${"n".repeat(200)}`)).toBe("b");
  });

  test("extended attributes and access control lists of pax headers", async () => {
    const capability = "\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    const { at } = await imported(
      tar([
        {
          name: "ping",
          pax: {
            "SCHILY.xattr.security.capability": capability,
            "SCHILY.xattr.user.a=b": "\n\xff",
            "SCHILY.xattr.com.x": "y",
          },
        },
        { name: "plain" },
        { name: "d/", pax: { "SCHILY.acl.default": "group::r-x,user::rwx,user:1000:r--,mask::r-x,other::---" } },
        {
          name: "f",
          pax: {
            "SCHILY.acl.access": "user::rw-\nuser:lisa:rwx:502\ngroup::r--\t#effective:r--\nmask::r--\nother::---\n",
          },
        },
      ]),
    );
    // A name with "=" in it is the archiver's to encode.
    expect(at("ping")!.attributes).toEqual({ "security.capability": capability, "user.a": "b=\n\xff" });
    expect(at("plain")!.attributes).toBe(undefined);
    const acl = (...entries: number[][]) =>
      String.fromCharCode(
        2,
        0,
        0,
        0,
        ...entries.flatMap(([tag, rights, id]) => [
          tag,
          0,
          rights,
          0,
          id & 0xff,
          (id >> 8) & 0xff,
          (id >> 16) & 0xff,
          id >>> 24,
        ]),
      );
    expect(at("d")!.attributes).toEqual({
      "system.posix_acl_default": acl([1, 7, -1], [2, 4, 1000], [4, 5, -1], [16, 5, -1], [32, 0, -1]),
    });
    expect(at("f")!.attributes).toEqual({
      "system.posix_acl_access": acl([1, 6, -1], [2, 7, 502], [4, 4, -1], [16, 4, -1], [32, 0, -1]),
    });
    for (const text of [
      "user::rwx",
      "user:lisa:rwx,user::rwx,group::rwx,mask::rwx,other::rwx",
      "nonsense",
      "user::rwz",
    ]) {
      expect(await refusal(tar([{ name: "f", pax: { "SCHILY.acl.access": text } }]))).toContain("access control list");
    }
  });

  test("names that __proto__ and friends would break", async () => {
    const { content } = await imported(
      tar([
        { name: "__proto__", content: "p" },
        { name: "constructor", content: "c" },
        { name: "7", content: "n" },
      ]),
    );
    expect([content("__proto__"), content("constructor"), content("7")]).toEqual(["p", "c", "n"]);
  });
});

describe("hostile archives", () => {
  test("nothing gets out of the root", async () => {
    const { at, content } = await imported(
      tar([
        { name: "/abs", content: "1" },
        { name: "../../up", content: "2" },
        { name: "a/../../b", content: "3" },
        { name: "out", type: "symlink", target: "../../../etc" },
        { name: "out/passwd", content: "4" },
        { name: "root", type: "symlink", target: "/" },
        { name: "root/in", content: "5" },
        { name: "hard", type: "link", target: "../../abs" },
      ]),
    );
    expect([
      content("abs"),
      content("up"),
      content("b"),
      content("etc/passwd"),
      content("in"),
      content("hard"),
    ]).toEqual(["1", "2", "3", "4", "5", "1"]);
    expect(at("out")!.target).toBe("../../../etc");
  });

  test.each<[string, TarInput[], RegExp]>([
    [
      "a loop of links",
      [
        { name: "l", type: "symlink", target: "l" },
        { name: "l/f", content: "x" },
      ],
      /too many symbolic links/,
    ],
    ["a hard link to nothing", [{ name: "h", type: "link", target: "none" }], /"h" is a hard link to "none"/],
    [
      "a hard link to a directory",
      [{ name: "d/" }, { name: "h", type: "link", target: "d" }],
      /hard link to a directory/,
    ],
    [
      "a file in a file",
      [
        { name: "f", content: "x" },
        { name: "f/g", content: "x" },
      ],
      /"f" is not a directory/,
    ],
    ["a file for the root", [{ name: ".", content: "x" }], /would replace the root/],
    [
      "a link for the root",
      [
        { name: "a", content: "x" },
        { name: "/", type: "link", target: "a" },
      ],
      /would replace the root/,
    ],
    ["a long name", [{ name: "x", longName: "n".repeat(300), content: "x" }], /file name of 300 bytes/],
    ["a long path", [{ name: "x", longName: "n/".repeat(3000), content: "x" }], /path of 6000 bytes/],
    [
      "a wrong checksum",
      [
        { name: "a", content: "x" },
        { name: "b", corrupt: true },
      ],
      /checksum at byte 1024/,
    ],
    ["an unknown type", [{ name: "a", type: "Z" }], /unknown type "Z"/],
    ["a sparse file", [{ name: "a", type: "S" }], /sparse/],
    ["a size without digits", [{ name: "a", size: "zzz" }], /damaged size/],
    ["a huge size", [{ name: "a", size: 8 ** 11 - 1 }], /more than 1000000 bytes/],
    ["a huge pax size", [{ name: "a", pax: { size: "99999999999999" } }], /more than 1000000 bytes/],
    ["a negative pax size", [{ name: "a", pax: { size: "-5" } }], /pax header's size/],
    ["a huge pax header", [{ name: "p", type: "x", size: 1 << 24 }], /pax header of 16777216 bytes/],
    ["a damaged pax header", [{ name: "p", type: "x", content: "999 a=b\n" }], /damaged pax header/],
    ["too many files", Array.from({ length: 200 }, (_, i) => ({ name: `f${i}` })), /more than 100 files/],
  ])("%s", async (_, entries, message) => {
    expect(await refusal(tar(entries), { maxBytes: 1_000_000, maxFiles: 100 })).toMatch(message);
  });

  test("an archive that is cut off anywhere", async () => {
    const archive = tar(
      [
        { name: "a", content: "x".repeat(1000) },
        { name: "b", longName: "n".repeat(200), content: "y" },
      ],
      false,
    );
    const whole = await refusal(archive);
    expect(whole).toBe("accepted");
    for (const length of [513, 1000, 1535, 1536 + 100, 1536 + 600, 1536 + 1024, archive.length - 1]) {
      expect(await refusal(archive.subarray(0, length))).toMatch(/cut off at byte/);
    }
  });

  test("a bomb: much out of little", async () => {
    const bomb = gzipSync(tar([{ name: "a", content: "\0".repeat(30_000_000) }]));
    expect(bomb.length).toBeLessThan(60_000);
    expect(await refusal(bomb, { maxBytes: 10_000_000 })).toMatch(/more than 10000000 bytes/);
    const headers = gzipSync(
      tar(
        Array.from({ length: 70 }, () => ({ name: "x", type: "g", content: " ".repeat(1 << 20) })),
        false,
      ),
    );
    expect(await refusal(headers, { maxBytes: 1000, maxFiles: 10 })).not.toBe("accepted");
  });

  test("damaged gzip, and formats that are something else", async () => {
    const good = gzipSync(tar([{ name: "a", content: "x".repeat(100_000) }]));
    expect(await refusal(good.subarray(0, good.length - 20))).toMatch(/cannot be read to its end|cut off/);
    const flipped = Uint8Array.from(good);
    flipped[flipped.length - 6] ^= 0xff;
    expect(await refusal(flipped)).toMatch(/cannot be read to its end/);
    expect(await refusal(new Uint8Array(0))).toMatch(/it is empty/);
    expect(await refusal(new TextEncoder().encode("#!/bin/sh\necho"))).toMatch(/it is a script/);
    expect(await refusal(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0))).toMatch(/zstd/);
    expect(await refusal(new Uint8Array(300).fill(7))).toMatch(/neither a tar archive nor an ELF program/);
  });
});

describe("a single program", () => {
  const elf = (machine: number, bits: number, length: number) => {
    const bytes = new Uint8Array(length).map((_, i) => i % 251);
    bytes.set([0x7f, 0x45, 0x4c, 0x46, bits, 1, 1]);
    bytes[18] = machine;
    bytes[19] = 0;
    return bytes;
  };

  test("is an image with one executable file", async () => {
    for (const length of [700, 70_000, 600_000]) {
      const bytes = elf(62, 2, length);
      const { manifest, at, content } = await imported(bytes, { path: "/bin/hello" });
      expect(manifest.config.entrypoint).toEqual(["/bin/hello"]);
      expect([at("bin/hello")!.mode, at("bin/hello")!.size]).toEqual([0o100755, length]);
      expect(content("bin/hello") === Buffer.from(bytes).toString("latin1")).toBe(true);
    }
  });

  test("of another machine is refused", async () => {
    expect(await refusal(elf(183, 2, 700))).toMatch(/for machine 183, not x86-64/);
    expect(await refusal(elf(3, 1, 700))).toMatch(/not a 64-bit/);
  });
});
