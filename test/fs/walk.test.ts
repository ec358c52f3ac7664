import { describe, expect, test } from "vitest";
import { S_IFDIR } from "../../src/abi/stat.ts";
import { directoryAt } from "../../src/fs/root.ts";
import { Tmpfs } from "../../src/fs/tmpfs/tmpfs.ts";
import { makeDirectory, makeLink, makeSymlink, removeDirectory, removeName, renameName } from "../../src/fs/tree.ts";
import { walk } from "../../src/fs/walk.ts";
import { callerOf, failure, newShell, type Shell } from "./environment.ts";

const mkdir = (s: Shell, path: string, mode = 0o777) =>
  makeDirectory(s.vfs, s.caller, s.context, s.context.cwd, path, mode);
const symlink = (s: Shell, target: string, path: string) =>
  makeSymlink(s.vfs, s.caller, s.context, target, s.context.cwd, path);
const unlink = (s: Shell, path: string) => removeName(s.vfs, s.caller, s.context, s.context.cwd, path);
const rmdir = (s: Shell, path: string) => removeDirectory(s.vfs, s.caller, s.context, s.context.cwd, path);
const rename = (s: Shell, from: string, to: string, flags = 0) =>
  renameName(s.vfs, s.caller, s.context, s.context.cwd, from, s.context.cwd, to, flags);
const link = (s: Shell, from: string, to: string) =>
  makeLink(s.vfs, s.caller, s.context, s.lookup(from, false), s.context.cwd, to);
const pathOf = (s: Shell, path: string) => s.vfs.path(s.lookup(path), s.context.root, s.caller);

describe("path walk", () => {
  test("dots, slashes and the root's parent", () => {
    const s = newShell();
    mkdir(s, "/a");
    mkdir(s, "/a/b");
    expect(pathOf(s, "/a/./b/../b//")).toBe("/a/b");
    expect(pathOf(s, "/../../a")).toBe("/a");
    expect(pathOf(s, "..")).toBe("/");
    expect(failure(() => s.lookup(""))).toBe("ENOENT");
    expect(failure(() => s.lookup(`/${"x".repeat(256)}`))).toBe("ENAMETOOLONG");
  });

  test("a trailing slash wants a directory", () => {
    const s = newShell();
    s.write("/f", "x");
    symlink(s, "f", "/l");
    expect(failure(() => s.lookup("/f/"))).toBe("ENOTDIR");
    expect(failure(() => s.lookup("/f/x"))).toBe("ENOTDIR");
    expect(failure(() => s.lookup("/l/", false))).toBe("ENOTDIR");
    expect(failure(() => s.open("/new/", 0o101))).toBe("EISDIR");
    mkdir(s, "/d/");
    expect(pathOf(s, "/d/")).toBe("/d");
    expect(failure(() => unlink(s, "/f/"))).toBe("ENOTDIR");
  });

  test("symbolic links: relative, absolute, dangling, loops", () => {
    const s = newShell();
    mkdir(s, "/d");
    s.write("/d/f", "inside");
    symlink(s, "d", "/rel");
    symlink(s, "/d/f", "/abs");
    symlink(s, "../d/./f", "/d/up");
    symlink(s, "loop", "/loop");
    expect(s.read("/rel/f")).toBe("inside");
    expect(s.read("/abs")).toBe("inside");
    expect(s.read("/d/up")).toBe("inside");
    expect(failure(() => s.lookup("/loop"))).toBe("ELOOP");
    expect(failure(() => s.open("/abs", 0o400000))).toBe("ELOOP");
    // O_CREAT goes through a dangling link; O_EXCL does not.
    symlink(s, "/d/made", "/dangling");
    expect(failure(() => s.open("/dangling", 0o301))).toBe("EEXIST");
    s.write("/dangling", "made");
    expect(s.read("/d/made")).toBe("made");
    for (let i = 0; i < 41; i++) symlink(s, i === 0 ? "d" : `c${i - 1}`, `/c${i}`);
    expect(pathOf(s, "/c39")).toBe("/d");
    expect(failure(() => s.lookup("/c40"))).toBe("ELOOP");
  });

  test("search permission, and who may remove from a sticky directory", () => {
    const s = newShell();
    mkdir(s, "/open", 0o777);
    s.lookup("/open").inode.chmod(0o1777);
    mkdir(s, "/closed", 0o700);
    s.write("/closed/f", "x");
    s.write("/open/root", "x");
    s.caller = callerOf(1000);
    expect(failure(() => s.lookup("/closed/f"))).toBe("EACCES");
    expect(failure(() => unlink(s, "/open/root"))).toBe("EPERM");
    expect(failure(() => mkdir(s, "/mine"))).toBe("EACCES");
    s.write("/open/mine", "y");
    unlink(s, "/open/mine");
    s.caller = callerOf(0);
    s.lookup("/closed").inode.chown(-1, 500);
    s.lookup("/closed").inode.chmod(0o710);
    s.caller = callerOf(1000, 1000, [500]);
    expect(pathOf(s, "/closed/f")).toBe("/closed/f");
    expect(failure(() => s.open("/closed", 0o200000))).toBe("EACCES");
  });

  test("openat2's RESOLVE_BENEATH and RESOLVE_IN_ROOT", () => {
    const s = newShell();
    mkdir(s, "/jail");
    mkdir(s, "/jail/d");
    s.write("/jail/f", "in");
    s.write("/f", "out");
    symlink(s, "/f", "/jail/abs");
    symlink(s, "../f", "/jail/d/up");
    const jail = s.lookup("/jail");
    const at = (path: string, resolve: number) => walk(s.caller, s.context, jail, path, 1, resolve).target!.inode;
    expect(failure(() => at("abs", 8))).toBe("EXDEV");
    expect(failure(() => at("../f", 8))).toBe("EXDEV");
    expect(at("d/up", 8)).toBe(s.lookup("/jail/f").inode);
    expect(at("abs", 16)).toBe(s.lookup("/jail/f").inode);
    expect(at("../../f", 16)).toBe(s.lookup("/jail/f").inode);
    expect(failure(() => at("abs", 4))).toBe("ELOOP");
  });
});

describe("mounts", () => {
  test("crossing in both directions, names and busy mount points", () => {
    const s = newShell();
    const point = directoryAt(s.vfs, "/mnt/x", 0o755);
    const other = new Tmpfs(s.vfs.environment);
    const mount = s.vfs.mount(other, point, "other", 0);
    s.write("/mnt/x/f", "mounted");
    expect(s.read("/mnt/x/f")).toBe("mounted");
    expect(s.lookup("/mnt/x/..").inode).toBe(s.lookup("/mnt").inode);
    expect(pathOf(s, "/mnt/x/f")).toBe("/mnt/x/f");
    expect(failure(() => rmdir(s, "/mnt/x"))).toBe("EBUSY");
    expect(failure(() => rename(s, "/mnt/x/f", "/f"))).toBe("EXDEV");
    mount.flags |= 1;
    expect(failure(() => s.write("/mnt/x/g", "x"))).toBe("EROFS");
    s.vfs.trees.unmount(mount, false, () => false);
    expect(failure(() => s.lookup("/mnt/x/f"))).toBe("ENOENT");
  });
});

describe("names", () => {
  test("link counts follow links, directories and renames", () => {
    const s = newShell();
    mkdir(s, "/a");
    mkdir(s, "/b");
    mkdir(s, "/a/sub");
    expect(s.lookup("/a").inode.nlink).toBe(3);
    rename(s, "/a/sub", "/b/sub");
    expect([s.lookup("/a").inode.nlink, s.lookup("/b").inode.nlink]).toEqual([2, 3]);
    expect(s.lookup("/b/sub/..").inode).toBe(s.lookup("/b").inode);
    s.write("/f", "x");
    link(s, "/f", "/g");
    expect(s.lookup("/f").inode.nlink).toBe(2);
    rename(s, "/f", "/g");
    expect(s.list("/")).toEqual(["a", "b", "f", "g"]);
    unlink(s, "/f");
    expect(s.lookup("/g").inode.nlink).toBe(1);
  });

  test("what rename refuses", () => {
    const s = newShell();
    mkdir(s, "/a");
    mkdir(s, "/a/b");
    mkdir(s, "/full");
    s.write("/full/f", "x");
    s.write("/f", "x");
    expect(failure(() => rename(s, "/a", "/a/b/c"))).toBe("EINVAL");
    expect(failure(() => rename(s, "/a/b", "/a"))).toBe("ENOTEMPTY");
    expect(failure(() => rename(s, "/a", "/full"))).toBe("ENOTEMPTY");
    expect(failure(() => rename(s, "/a", "/f"))).toBe("ENOTDIR");
    expect(failure(() => rename(s, "/f", "/a"))).toBe("EISDIR");
    expect(failure(() => rename(s, "/f", "/a", 1))).toBe("EEXIST");
    expect(failure(() => rename(s, "/f", "/none", 2))).toBe("ENOENT");
    expect(failure(() => rename(s, "/.", "/x"))).toBe("EBUSY");
    rename(s, "/f", "/a", 2);
    expect(s.lookup("/f").inode.mode & S_IFDIR).toBe(S_IFDIR);
    expect(s.read("/a")).toBe("x");
  });

  test("a removed directory takes nothing and has no path", () => {
    const s = newShell();
    mkdir(s, "/d");
    s.context.cwd = s.lookup("/d");
    rmdir(s, "/d");
    expect(failure(() => s.write("x", "x"))).toBe("ENOENT");
    expect(s.vfs.isDeleted(s.context.cwd, s.caller)).toBe(true);
    expect(failure(() => rmdir(s, "/"))).toBe("EBUSY");
  });

  test("an unlinked open file lives on, and its frames go with it", () => {
    const s = newShell();
    const { owner } = s.vfs.environment;
    s.write("/f", "x".repeat(10_000));
    expect(owner.frames).toBe(3);
    const file = s.open("/f");
    unlink(s, "/f");
    expect(owner.frames).toBe(3);
    file.close();
    expect(owner.frames).toBe(0);
  });
});
