import { describe, expect, test } from "vitest";
import { Errno } from "../../src/abi/errno.ts";
import { loadManifest } from "../../src/fs/image/fetcher.ts";
import { Overlay } from "../../src/fs/image/overlay.ts";
import { permits } from "../../src/fs/permission.ts";
import { makeDirectory, makeLink, removeDirectory, removeName, renameName } from "../../src/fs/tree.ts";
import { usageOf } from "../../src/fs/usage.ts";
import { Vfs } from "../../src/fs/vfs.ts";
import { attributeNames, getAttribute, removeAttribute, setAcl, setAttribute } from "../../src/fs/xattr.ts";
import { digestHex, manifestKey } from "../../src/image/format.ts";
import { MAX_FRAMES } from "../../src/memory/layout.ts";
import { type TarInput, tar } from "../image/make-tar.ts";
import { failure, MemoryStore, newFetcher, Shell, TestEnvironment, withFetches } from "./environment.ts";

const big = Array.from({ length: 700_000 }, (_, i) => String.fromCharCode(97 + ((i * 7919) % 26))).join("");

const FILES: TarInput[] = [
  { name: "etc/", mode: 0o755 },
  { name: "etc/passwd", content: "root:x:0:0\n", mode: 0o644 },
  { name: "etc/deep/er/file", content: "deep", uid: 7, gid: 8, mtime: 1234 },
  { name: "bin/sh", content: "#!/bin/busybox\n", mode: 0o755 },
  { name: "bin/ash", type: "link", target: "bin/sh" },
  { name: "bin/link", type: "symlink", target: "sh" },
  { name: "big", content: big },
];

async function overlay(readOnly = false, files: readonly TarInput[] = FILES) {
  const store = new MemoryStore();
  const { digest } = await store.import(tar(files));
  const environment = new TestEnvironment();
  const fetcher = newFetcher(environment);
  const manifest = await loadManifest(fetcher.cache, store, digestHex(digest)!);
  const mount = () => new Shell(new Vfs(environment, new Overlay(environment, manifest!, fetcher, readOnly)));
  const shell = mount();
  const run = <T>(action: (s: Shell) => T) => withFetches(fetcher, store, () => action(shell));
  return { store, environment, fetcher, shell, run, mount };
}

const frames = (environment: TestEnvironment) => environment.owner.frames;

test("a manifest that is at hand is not read, if it is the one", async () => {
  const store = new MemoryStore();
  const { digest } = await store.import(tar(FILES));
  const hex = digestHex(digest)!;
  const text = new TextDecoder().decode((await store.get(manifestKey(hex)))!);
  const cache = () => newFetcher(new TestEnvironment()).cache;
  const none = { get: () => Promise.reject(new Error("read")) };
  expect(await loadManifest(cache(), none, hex, text)).toEqual(JSON.parse(text));
  expect(await loadManifest(cache(), store, hex, text.replace("passwd", "shadow"))).toEqual(JSON.parse(text));
  await expect(loadManifest(cache(), none, hex, "")).rejects.toThrow("read");
});

describe("an image under a tmpfs", () => {
  test("attributes, hard links and contents are the image's", async () => {
    const { shell: s, run } = await overlay();
    const { inode } = s.lookup("/etc/deep/er/file");
    expect([inode.uid, inode.gid, inode.mtime.sec, inode.size]).toEqual([7, 8, 1234, 4]);
    expect(s.lookup("/bin/sh").inode).toBe(s.lookup("/bin/ash").inode);
    expect([s.lookup("/bin/sh").inode.nlink, s.lookup("/bin").inode.nlink, s.lookup("/").inode.nlink]).toEqual([
      2, 2, 4,
    ]);
    expect(s.list("/")).toEqual(["big", "bin", "etc"]);
    expect(await run((x) => x.read("/bin/link"))).toBe("#!/bin/busybox\n");
    expect((await run((x) => x.read("/big"))) === big).toBe(true);
  });

  test("extended attributes are the image's until they are changed", async () => {
    const acl = "\x02\0\0\0\x01\0\x06\0\xff\xff\xff\xff\x02\0\x04\0\x05\0\0\0\x04\0\0\0\xff\xff\xff\xff";
    const whole = `${acl}\x10\0\x04\0\xff\xff\xff\xff\x20\0\0\0\xff\xff\xff\xff`;
    const pax = { "SCHILY.xattr.user.a": "one", "SCHILY.xattr.system.posix_acl_access": whole };
    const { shell: s } = await overlay(false, [...FILES, { name: "f", content: "x", mode: 0o600, pax }]);
    const { inode } = s.lookup("/f");
    const root = s.caller;
    expect(attributeNames(root, inode)).toEqual(["system.posix_acl_access", "user.a"]);
    expect(Buffer.from(getAttribute(root, inode, "user.a")).toString()).toBe("one");
    // The mask is the group of the mode, whatever the archive says.
    expect(inode.mode & 0o777).toBe(0o640);
    const user = (fsuid: number) => ({ ...root, fsuid, fsgid: 9, groups: [], capable: () => false });
    expect([5, 6].map((uid) => permits(user(uid), inode, 4))).toEqual([true, false]);
    const { namesFree } = usageOf(inode.fileSystem.environment);
    setAttribute(root, inode, "user.a", new Uint8Array(), 0);
    expect(usageOf(inode.fileSystem.environment).namesFree).toBe(namesFree - 1);
    removeAttribute(root, inode, "user.a");
    setAcl(root, inode, "access", null);
    expect(attributeNames(root, inode)).toEqual([]);
    expect(usageOf(inode.fileSystem.environment).namesFree).toBe(namesFree);
  });

  test("reading costs the machine nothing; a written page is its own, the rest stays shared", async () => {
    const { shell: s, run, environment, mount } = await overlay();
    await run((x) => x.read("/big"));
    expect(frames(environment)).toBe(0);
    await run((x) => x.write("/big", "HELLO", 0o1));
    expect(frames(environment)).toBe(1);
    expect((await run((x) => x.read("/big"))) === `HELLO${big.slice(5)}`).toBe(true);
    expect(s.lookup("/big").inode.ino).toBe(mount().lookup("/big").inode.ino);
    const other = mount();
    expect(other.read("/big") === big).toBe(true);
  });

  test("truncation hides the image's contents for good", async () => {
    const { shell: s, run } = await overlay();
    const { inode } = s.lookup("/big");
    await run(() => inode.truncate(5000));
    inode.truncate(20_000);
    expect((await run((x) => x.read("/big"))) === big.slice(0, 5000) + "\0".repeat(15_000)).toBe(true);
    s.write("/etc/passwd", "new");
    expect(s.read("/etc/passwd")).toBe("new");
  });

  test("a removed directory that is made again is empty", async () => {
    const { shell: s } = await overlay();
    const at = [s.vfs, s.caller, s.context] as const;
    expect(failure(() => removeDirectory(...at, s.context.cwd, "/etc/deep/er"))).toBe("ENOTEMPTY");
    removeName(...at, s.context.cwd, "/etc/deep/er/file");
    removeDirectory(...at, s.context.cwd, "/etc/deep/er");
    makeDirectory(...at, s.context.cwd, "/etc/deep/er", 0o755);
    expect(s.list("/etc/deep/er")).toEqual([]);
    renameName(...at, s.context.cwd, "/etc", s.context.cwd, "/bin/etc", 0);
    expect([s.list("/"), s.list("/bin/etc")]).toEqual([
      ["big", "bin"],
      ["deep", "passwd"],
    ]);
    expect(failure(() => s.lookup("/etc"))).toBe("ENOENT");
  });

  test("read-only, nothing changes", async () => {
    const { shell: s } = await overlay(true);
    expect(failure(() => s.write("/new", "x"))).toBe("EROFS");
    expect(failure(() => s.write("/etc/passwd", "x"))).toBe("EROFS");
    expect(failure(() => removeName(s.vfs, s.caller, s.context, s.context.cwd, "/big"))).toBe("EROFS");
    expect(failure(() => s.lookup("/big").inode.chmod(0))).toBe("EROFS");
  });

  test("a chunk is fetched once; a missing or wrong one is EIO, and is tried again", async () => {
    const { shell: s, run, store, fetcher } = await overlay();
    const before = store.gets;
    await run((x) => x.read("/big"));
    expect(store.gets - before).toBe(3);
    const small = await overlay();
    for (const key of small.store.objects.keys())
      if (key.startsWith("chunks/")) small.store.objects.set(key, new Uint8Array(5));
    await expect(small.run((x) => x.read("/etc/passwd"))).rejects.toMatchObject({ errno: 5 } satisfies Partial<Errno>);
    for (const [key, bytes] of store.objects) small.store.objects.set(key, bytes);
    expect(await small.run((x) => x.read("/etc/passwd"))).toBe("root:x:0:0\n");
    expect([s.list("/etc").length, fetcher.quiet]).toEqual([2, true]);
  });

  test("under pressure the cache gives up what nobody maps, and fetches it again", async () => {
    const { run, store, environment, fetcher } = await overlay();
    await run((x) => x.read("/big"));
    const had = fetcher.cache.frames;
    expect(had).toBeGreaterThan(170);
    expect(fetcher.cache.reclaim(MAX_FRAMES)).toBeGreaterThan(100);
    const gets = store.gets;
    expect((await run((x) => x.read("/big"))) === big).toBe(true);
    expect(store.gets).toBeGreaterThan(gets);
    expect(frames(environment)).toBe(0);
  });
});

/** Deterministic pseudo-random numbers (xorshift32). */
function random(seed: number): (below: number) => number {
  return (below) => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (seed >>> 0) % below;
  };
}

describe("the overlay against a model", () => {
  /** Files as text by path, directories as null. */
  type Model = Map<string, string | null>;

  const snapshot = (s: Shell, path = "/", into: Model = new Map()): Model => {
    for (const name of s.list(path)) {
      const child = path === "/" ? `/${name}` : `${path}/${name}`;
      const { mode } = s.lookup(child, false).inode;
      if ((mode & 0o170000) === 0o040000) {
        into.set(child, null);
        snapshot(s, child, into);
      } else into.set(child, s.read(child));
    }
    return into;
  };
  const sorted = (model: Model) => [...model].sort(([a], [b]) => (a < b ? -1 : 1));
  const parentOf = (path: string) => path.slice(0, path.lastIndexOf("/"));

  test("random operations end in the same tree", async () => {
    const names = ["a", "b", "c"];
    const files: TarInput[] = [];
    const model: Model = new Map();
    for (const x of names) {
      files.push({ name: `${x}/` });
      model.set(`/${x}`, null);
      for (const y of names) {
        files.push({ name: `${x}/${y}`, content: `${x}${y}` });
        model.set(`/${x}/${y}`, `${x}${y}`);
      }
    }
    const store = new MemoryStore();
    const { digest } = await store.import(tar(files));
    const environment = new TestEnvironment();
    const fetcher = newFetcher(environment);
    const manifest = await loadManifest(fetcher.cache, store, digestHex(digest)!);
    const s = new Shell(new Vfs(environment, new Overlay(environment, manifest!, fetcher)));
    await withFetches(fetcher, store, () => snapshot(s));
    const next = random(777);
    const path = () =>
      `/${names[next(3)]}${next(3) > 0 ? `/${names[next(3)]}` : ""}${next(4) === 0 ? `/${names[next(3)]}` : ""}`;
    const children = (of: string) => [...model.keys()].filter((p) => p.startsWith(`${of}/`));
    const isDirectory = (p: string) => p === "" || model.get(p) === null;
    for (let i = 0; i < 3000; i++) {
      const at = path();
      const to = path();
      const text = String(i);
      const kind = next(5);
      const ok = attempt(() => {
        if (kind === 0) s.write(at, text);
        else if (kind === 1) makeDirectory(s.vfs, s.caller, s.context, s.context.cwd, at, 0o755);
        else if (kind === 2) removeName(s.vfs, s.caller, s.context, s.context.cwd, at);
        else if (kind === 3) removeDirectory(s.vfs, s.caller, s.context, s.context.cwd, at);
        else renameName(s.vfs, s.caller, s.context, s.context.cwd, at, s.context.cwd, to, 0);
      });
      const parent = isDirectory(parentOf(at));
      const known = model.get(at);
      let expected: boolean;
      if (kind === 0) {
        expected = parent && known !== null;
        if (expected) model.set(at, text);
      } else if (kind === 1) {
        expected = parent && !model.has(at);
        if (expected) model.set(at, null);
      } else if (kind === 2) {
        expected = typeof known === "string";
        if (expected) model.delete(at);
      } else if (kind === 3) {
        expected = known === null && children(at).length === 0;
        if (expected) model.delete(at);
      } else {
        const there = model.get(to);
        expected = model.has(at) && isDirectory(parentOf(to)) && !to.startsWith(`${at}/`);
        if (expected && at !== to && there !== undefined) {
          expected = known === null ? there === null && children(to).length === 0 : there !== null;
        }
        if (expected && at !== to) {
          for (const p of [at, ...children(at)]) {
            const value = model.get(p)!;
            model.delete(p);
            model.set(to + p.slice(at.length), value);
          }
        }
      }
      expect([i, kind, at, to, ok]).toEqual([i, kind, at, to, expected]);
      if (i % 50 === 0) expect(sorted(snapshot(s))).toEqual(sorted(model));
    }
    expect(sorted(snapshot(s))).toEqual(sorted(model));
  });

  function attempt(action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      if (error instanceof Errno) return false;
      throw error;
    }
  }
});

test("a link to a file of the image is the same inode, and outlives the first name", async () => {
  const { shell: s, run } = await overlay();
  makeLink(s.vfs, s.caller, s.context, s.lookup("/etc/passwd"), s.context.cwd, "/copy");
  removeName(s.vfs, s.caller, s.context, s.context.cwd, "/etc/passwd");
  expect(await run((x) => x.read("/copy"))).toBe("root:x:0:0\n");
  expect(s.lookup("/copy").inode.nlink).toBe(1);
});
