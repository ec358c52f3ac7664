/** Inputs for the real programs: generated, the same in every run. */
import { Random } from "../hostile/random.ts";

const SEED = 20_260_101;

const SYLLABLES = "ba be bi da do du ka ke lo la mi mo na no pa ra re so su ta ti to va vi zu".split(" ");

/** A word of one to four syllables; short ones, and those from the front of the list, are the frequent ones. */
function word(random: Random): string {
  let text = "";
  for (let n = 1 + Math.min(random.below(4), random.below(4)); n > 0; n--) {
    text += SYLLABLES[Math.min(random.below(SYLLABLES.length), random.below(SYLLABLES.length))];
  }
  return text;
}

/** Bytes without any order. */
export function noise(bytes: number): Uint8Array {
  const random = new Random(SEED);
  return Uint8Array.from({ length: bytes }, () => random.below(256));
}

/** About `bytes` of text in lines of six to fourteen words, the second of which is a number. */
export function prose(bytes: number): Uint8Array {
  const random = new Random(SEED);
  const lines: string[] = [];
  for (let length = 0; length < bytes; length += lines.at(-1)!.length + 1) {
    const words = Array.from({ length: 6 + random.below(9) }, () => word(random));
    words[1] = String(random.below(100_000));
    lines.push(words.join(" "));
  }
  return new TextEncoder().encode(`${lines.join("\n")}\n`);
}

/** About `bytes` of TypeScript: interfaces, classes with typed members, generic functions. */
export function typescript(bytes: number): Uint8Array {
  const random = new Random(SEED);
  const parts: string[] = [];
  for (let n = 0, length = 0; length < bytes; n++) {
    const [a, b, c] = [word(random), word(random), word(random)].map((text, i) => `${text}${i}`);
    parts.push(`/** ${word(random)} ${word(random)}. */
export interface Shape${n} { readonly ${a}: number; ${b}?: string | null; ${c}: Map<string, readonly Shape${n}[]> }
export class Thing${n}<T extends Shape${n}> {
  readonly #${a}: T[] = [];
  private ${b} = ${random.below(1000)};
  get ${c}(): number { return this.#${a}.reduce((sum, { ${a} }) => sum + ${a} * this.${b}, 0); }
  async add(value: T, ...rest: readonly T[]): Promise<void> {
    for (const one of [value, ...rest]) if (one.${b}?.length ?? ${random.below(9)} > 2) this.#${a}.push(one as T);
    switch (this.${b} & 3) { case 0: this.${b}++; break; case 1: await null; default: this.${b} ||= ${random.below(99)}; }
  }
}
export function make${n}<T extends Shape${n}>(${a}: T, ${b}: string = \`\${${a}.${a}} ${word(random)}\`): Thing${n}<T> {
  const ${c} = new Thing${n}<T>();
  if (${b} satisfies string) void ${c}.add(${a}!);
  return ${c};
}
`);
    length += parts.at(-1)!.length;
  }
  return new TextEncoder().encode(parts.join("\n"));
}
