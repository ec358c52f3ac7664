/** CPUID and the instruction table say the same. */
import { describe, expect, it } from "vitest";
import { type CpuidLeaf, cpuidLeaves, PROMISED } from "../../src/isa/cpuid.ts";
import { rows } from "../../src/isa/table.ts";

const leaves = cpuidLeaves();
const leaf = (number: number, subleaf?: number): CpuidLeaf =>
  leaves.find((entry) => entry.leaf === number && entry.subleaf === subleaf)!;
const text = (...words: number[]): string => Buffer.from(Int32Array.from(words).buffer).toString("latin1");

describe("CPUID", () => {
  it("promises the features that the table has, and no other", () => {
    const implemented = new Set(rows.map((row) => row.feature));
    expect([...implemented].sort()).toEqual([...PROMISED].sort());
  });

  it("names a vendor whose cache leaves programs read", () => {
    const { ebx, ecx, edx } = leaf(0);
    expect(text(ebx, edx, ecx)).toBe("GenuineIntel");
  });

  it("has the bits that glibc takes for the x86-64 baseline (sysdeps/x86/get-isa-level.h)", () => {
    const { edx } = leaf(1);
    for (const bit of [0, 8, 15, 23, 24, 25, 26]) expect((edx >>> bit) & 1, `EDX bit ${bit}`).toBe(1);
  });

  it("is a model with fast unaligned copies (glibc, sysdeps/x86/cpu-features.c)", () => {
    const { eax } = leaf(1);
    expect((eax >>> 8) & 15).toBe(6);
    expect(((eax >>> 12) & 0xf0) | ((eax >>> 4) & 15)).toBe(0x1a);
  });

  it("promises nothing that needs XSAVE", () => {
    const { ecx } = leaf(1);
    for (const bit of [12, 26, 27, 28, 29]) expect((ecx >>> bit) & 1, `ECX bit ${bit}`).toBe(0);
  });

  it("describes caches by leaf 4, and says where their list ends", () => {
    const sizes = [0, 1, 2, 3].map((subleaf) => {
      const { ebx, ecx } = leaf(4, subleaf);
      return ((ebx >>> 22) + 1) * ((ebx & 0xfff) + 1) * (ecx + 1);
    });
    expect(sizes).toEqual([32 << 10, 32 << 10, 2 << 20, 32 << 20]);
    expect(leaf(4, 4)).toBeUndefined(); // reads as zeros: no more caches
  });

  it("has a brand string", () => {
    const words = [2, 3, 4].flatMap((n) => {
      const { eax, ebx, ecx, edx } = leaf(0x8000_0000 + n);
      return [eax, ebx, ecx, edx];
    });
    expect(text(...words).replace(/\0+$/, "")).toBe("Binlet x86-64 in WebAssembly");
  });
});
