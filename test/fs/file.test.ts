import { describe, expect, test } from "vitest";
import { byteString, bytesOf } from "../../src/fs/name.ts";
import { Tmpfs } from "../../src/fs/tmpfs/tmpfs.ts";
import { BytesTransfer } from "../../src/fs/transfer.ts";
import { removeName } from "../../src/fs/tree.ts";
import { Vfs } from "../../src/fs/vfs.ts";
import { failure, newShell, readAll, root, Shell, TestEnvironment } from "./environment.ts";

/** Deterministic pseudo-random numbers (xorshift32). */
function random(seed: number): (below: number) => number {
  return (below) => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (seed >>> 0) % below;
  };
}

describe("regular files", () => {
  test("random writes, truncations and holes against an array of bytes", () => {
    const next = random(12345);
    const s = newShell();
    const file = s.open("/f", 0o102);
    let model = new Uint8Array(0);
    for (let i = 0; i < 400; i++) {
      const offset = next(30_000);
      const action = next(10);
      if (action < 6) {
        const bytes = Uint8Array.from({ length: next(9000) }, () => 1 + next(255));
        const from = new BytesTransfer(bytes, s.vfs.environment.memory);
        file.write(root, from, offset);
        if (bytes.length > 0 && offset + bytes.length > model.length) {
          const grown = new Uint8Array(offset + bytes.length);
          grown.set(model);
          model = grown;
        }
        model.set(bytes, bytes.length > 0 ? offset : 0);
      } else if (action < 8) {
        file.truncate(offset);
        const cut = new Uint8Array(offset);
        cut.set(model.subarray(0, offset));
        model = cut;
      } else {
        const length = 1 + next(12_000);
        file.allocate(3, offset, length);
        model.fill(0, Math.min(offset, model.length), Math.min(offset + length, model.length));
      }
      expect(file.inode.size).toBe(model.length);
      file.seek(0, 0);
      expect(readAll(file, root, s.vfs.environment) === byteString(model)).toBe(true);
    }
    file.close();
  });

  test("holes take no frames and lseek finds them", () => {
    const s = newShell();
    const file = s.open("/f", 0o102);
    file.write(root, new BytesTransfer(bytesOf("end"), s.vfs.environment.memory), 1 << 30);
    expect(s.vfs.environment.owner.frames).toBe(1);
    expect(file.inode.blocks).toBe(8);
    expect(file.seek(0, 3)).toBe(1 << 30);
    expect(file.seek(5, 4)).toBe(5);
    expect(file.seek(1 << 30, 4)).toBe((1 << 30) + 3);
    expect(file.seek((1 << 30) + 3, 3)).toBe(-6);
    file.close();
  });

  test("ENOSPC when the machine has no frame left; what fits stays", () => {
    const environment = new TestEnvironment(4);
    const s = new Shell(new Vfs(environment, new Tmpfs(environment, 0o755)));
    const file = s.open("/f", 0o102);
    const from = new BytesTransfer(new Uint8Array(100_000).fill(65), environment.memory);
    expect(file.write(root, from)).toBe(4 * 4096);
    expect(failure(() => file.write(root, from))).toBe("ENOSPC");
    expect(file.inode.size).toBe(4 * 4096);
    file.truncate(0);
    expect(environment.owner.frames).toBe(0);
    file.close();
  });

  test("RLIMIT_FSIZE cuts a write off, then refuses", () => {
    const s = newShell();
    const file = s.open("/f", 0o102);
    const limited = { ...root, fileSizeLimit: 100 };
    const from = () => new BytesTransfer(new Uint8Array(80), s.vfs.environment.memory);
    expect([file.write(limited, from()), file.write(limited, from()), file.write(limited, from())]).toEqual([
      80, 20, -27,
    ]);
    file.close();
  });

  test("appending, and sharing of the offset by dup", () => {
    const s = newShell();
    s.write("/f", "one");
    const file = s.open("/f", 0o2001);
    file.write(root, new BytesTransfer(bytesOf("two"), s.vfs.environment.memory));
    expect([s.read("/f"), file.offset]).toEqual(["onetwo", 6]);
    file.close();
  });
});

test("names without end are ENOSPC, and removing them makes room", () => {
  const s = newShell();
  const names: string[] = [];
  const make = () => {
    const name = `/${"n".repeat(200)}${names.length}`;
    s.open(name, 0o101).close();
    names.push(name);
  };
  expect(
    failure(() => {
      for (;;) make();
    }),
  ).toBe("ENOSPC");
  expect(names.length).toBeGreaterThan(10_000);
  removeName(s.vfs, root, s.context, s.context.cwd, names.pop()!);
  make();
});

test("pipes without end become small, then ENFILE; closed ones count no more", () => {
  const s = newShell();
  const open: ReturnType<typeof s.vfs.anonymous.pipeFiles>[] = [];
  expect(
    failure(() => {
      for (;;) open.push(s.vfs.anonymous.pipeFiles(root, 0));
    }),
  ).toBe("ENFILE");
  expect(open.length).toBeGreaterThan(1000);
  expect([open[0].reader.pipeSize, open[1000].reader.pipeSize]).toEqual([65536, 4096]);
  for (const { reader, writer } of open) {
    reader.close();
    writer.close();
  }
  expect(s.vfs.anonymous.pipeFiles(root, 0).reader.pipeSize).toBe(65536);
});
