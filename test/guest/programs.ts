/**
 * The guest programs: C and C++ sources of this folder, each built in several ways, to be run natively and in Binlet with the
 * same arguments, environment and standard input. dynamic/ holds those that need shared objects, dynamic/lib their objects.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, extname, join } from "node:path";
import { promisify } from "node:util";
import { dependencies } from "../../src/cli/libraries.ts";

const run = promisify(execFile);
const guestFolder = import.meta.dirname;
const outputFolder = join(guestFolder, "../../build/guest");

/** What glibc reads for setlocale(3) with "C.UTF-8". */
const LOCALE = "/usr/lib/locale/C.utf8";

interface Toolchain {
  readonly c: string;
  /** The C++ compiler; there is none for musl. */
  readonly cxx?: string;
  readonly flags: readonly string[];
  readonly dynamic?: boolean;
}

export const variants = {
  glibc: { c: "gcc", cxx: "g++", flags: ["-static"] },
  "static-pie": { c: "gcc", cxx: "g++", flags: ["-static-pie", "-fPIE"] },
  musl: { c: "musl-gcc", flags: ["-static"] },
  "glibc-dynamic": { c: "gcc", cxx: "g++", flags: ["-fPIE", "-pie"], dynamic: true },
  "musl-dynamic": { c: "musl-gcc", flags: ["-fPIE", "-pie"], dynamic: true },
} as const satisfies Record<string, Toolchain>;
export type Variant = keyof typeof variants;

/** How a program is run, where it takes more than its name. */
export interface Invocation {
  args?: string[];
  env?: Record<string, string>;
  stdin?: Uint8Array;
}

const bytes = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => (i * 131 + (i >> 8) * 17) & 0xff);

const invocations: Record<string, Invocation[]> = {
  arguments: [{}, { args: ["one", "two words", "", "--flag=ü"], env: { GUEST: "set = yes" } }],
  cat: [{ stdin: new Uint8Array() }, { stdin: new TextEncoder().encode("a line\nno end") }, { stdin: bytes(300_001) }],
  sha256: [{ stdin: new Uint8Array() }, { stdin: bytes(55) }, { stdin: bytes(100_000) }],
  bind_now: [{}, { env: { LD_BIND_NOW: "1" } }],
};

const isSource = (file: string) => /\.(c|cc)$/.test(file);
const sourcesIn = (folder: string): string[] =>
  readdirSync(join(guestFolder, folder))
    .filter(isSource)
    .sort()
    .map((file) => join(folder, file));

/** The sources that make up a variant, by their paths in this folder. */
function sourcesOf(variant: Variant): string[] {
  const toolchain: Toolchain = variants[variant];
  return [...sourcesIn("."), ...(toolchain.dynamic ? sourcesIn("dynamic") : [])].filter(
    (source) => (toolchain.cxx || extname(source) === ".c") && (toolchain.c !== "musl-gcc" || !needsGlibc(source)),
  );
}

/** Whether a source says `// libc: glibc`: it rests on what only glibc has, or declares. */
const needsGlibc = (source: string): boolean =>
  /^\/\/ libc: glibc$/m.test(readFileSync(join(guestFolder, source), "utf8"));

const nameOf = (source: string): string => source.replace(/^.*\//, "").replace(/\.[^.]*$/, "");

/** The names of a variant's programs. */
export const programsOf = (variant: Variant): string[] => sourcesOf(variant).map(nameOf);

export const invocationsOf = (program: string): Invocation[] => invocations[program] ?? [{}];

/** Whether a command answers, to say what is left out where a compiler is missing. */
export async function hasCommand(command: string): Promise<boolean> {
  try {
    await run(command, ["--version"]);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}

/**
 * Compiles a variant's programs, as far as their sources have changed, and puts them into bin/ of a root directory, with
 * the interpreter and the libraries that they load. Returns that directory, which is made anew: who may run at the same
 * time as others has one of another name.
 */
export async function buildRoot(variant: Variant, name = "root"): Promise<string> {
  const toolchain: Toolchain = variants[variant];
  const root = join(outputFolder, variant, name);
  const bin = join(root, "bin");
  rmSync(root, { recursive: true, force: true });
  mkdirSync(bin, { recursive: true });
  const jobs = sourcesOf(variant).map((source) => ({ source, shared: false }));
  if (toolchain.dynamic) {
    const libraries = sourcesIn("dynamic/lib").filter((source) => toolchain.cxx || extname(source) === ".c");
    // In order of their names, which is that of their needs.
    for (const source of libraries) {
      linkSync(await compile(source, variant, true), join(bin, `lib${nameOf(source)}.so`));
    }
  }
  await inParallel(jobs, async ({ source }) => {
    linkSync(await compile(source, variant, false), join(bin, nameOf(source)));
  });
  if (toolchain.c === "gcc" && existsSync(LOCALE)) cpSync(LOCALE, root + LOCALE, { recursive: true });
  for (const file of readdirSync(bin)) {
    for (const library of dependencies(join(bin, file))) {
      if (library.startsWith(root)) continue;
      mkdirSync(dirname(root + library), { recursive: true });
      if (!existsSync(root + library)) copyFileSync(library, root + library);
    }
  }
  return root;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all([worker(), worker()]);
}

/** Compiles one source to a program or a shared object unless that was done before; returns its path. */
async function compile(source: string, variant: Variant, shared: boolean): Promise<string> {
  const { c, cxx, flags, dynamic }: Toolchain = variants[variant];
  const path = join(guestFolder, source);
  const options = shared
    ? ["-shared", "-fPIC", `-Wl,-soname,lib${nameOf(source)}.so`, ...linkOptions(path)]
    : [...flags, ...linkOptions(path)];
  const hash = createHash("sha256");
  for (const input of [path, ...headers()]) hash.update(readFileSync(input));
  const key = hash
    .update([...options, dynamic].join(" "))
    .digest("hex")
    .slice(0, 12);
  const output = join(outputFolder, variant, "objects", `${nameOf(source)}-${key}`);
  if (existsSync(output)) return output;
  mkdirSync(dirname(output), { recursive: true });
  const temporary = `${output}.${process.pid}`;
  const objects = join(outputFolder, variant, "root/bin");
  const compiler = extname(source) === ".cc" ? cxx! : c;
  // A static-pie executable with a run path crashes in glibc's start-up.
  const search = ["-I", guestFolder, ...(dynamic ? ["-L", objects, "-Wl,-rpath,$ORIGIN"] : [])];
  await run(compiler, ["-O2", "-w", "-s", "-pthread", "-o", temporary, path, ...search, ...options, "-lm"]);
  renameSync(temporary, output);
  return output;
}

const headers = (): string[] =>
  readdirSync(guestFolder)
    .filter((file) => extname(file) === ".h")
    .sort()
    .map((file) => join(guestFolder, file));

/** What the first lines of a source ask for: `// link: -lfoo -rdynamic`. */
const linkOptions = (path: string): string[] =>
  /^\/\/ link: (.*)$/m.exec(readFileSync(path, "utf8"))?.[1].split(" ") ?? [];
