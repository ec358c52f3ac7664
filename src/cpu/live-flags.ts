/**
 * Which flags are live at the end of a block of guest code: a look at the instructions behind it, through a few branches. Flags
 * that nobody reads before they are written again need not be computed.
 */
import type { Decoder, InstructionBuffer } from "../isa/decoder.ts";
import { ARITH } from "../isa/types.ts";
import { PAGE_SIZE } from "../memory/layout.ts";
import { attributesOf, type HandlerTable } from "./interpreter/metadata.ts";
import { MAY_FAULT } from "./microop.ts";

/** Instructions looked at behind a branch to see whether the flags are dead there. */
const LOOK_AHEAD = 8;
/** Branches that are looked through for the same purpose. */
const LOOK_THROUGH = 2;

/** Code that is to be decoded: offset `n` of the page is `bytes[start + n]`; there are bytes from `begin` up to `end`. */
export interface CodeBytes {
  bytes: Uint8Array;
  start: number;
  begin: number;
  end: number;
}

export class LiveFlags {
  private readonly decoder: Decoder;
  private readonly table: HandlerTable;
  private readonly ahead: InstructionBuffer;
  private code: CodeBytes = { bytes: new Uint8Array(0), start: 0, begin: 0, end: PAGE_SIZE };
  /** What was found at an offset of the page; belongs to one frame. */
  private known: Map<number, number> = new Map();

  constructor(decoder: Decoder, table: HandlerTable) {
    this.decoder = decoder;
    this.table = table;
    this.ahead = decoder.newInstruction();
  }

  /** The page that is looked at from now on, and what is known of it. */
  enter(code: CodeBytes, known: Map<number, number>): void {
    this.code = code;
    this.known = known;
  }

  /** Flags whose values may be read after a block that ends at offset `end` with the instruction `last`. */
  after(last: InstructionBuffer, end: number): number {
    if (!last.row.ends) return this.look(end);
    if (last.operands.length === 0 || last.operands[0].kind !== "rel") return ARITH;
    const target = this.look(end + last.operands[0].imm);
    return last.row.cc === undefined ? target : target | this.look(end);
  }

  /** Flags whose values at `offset` may be read later; `depth` branches are followed. */
  private look(offset: number, depth = LOOK_THROUGH): number {
    if (offset < this.code.begin || offset >= this.code.end) return ARITH;
    const known = this.known.get(offset);
    if (known !== undefined) return known;
    const ahead = this.ahead;
    let live = 0;
    let open = ARITH;
    let position = offset;
    for (let n = 0; n < LOOK_AHEAD && open !== 0 && position < this.code.end; n++) {
      const { bytes, start, end } = this.code;
      if (this.decoder.decode(bytes, start + position, end - position, ahead) !== null) break;
      const { flags, ends } = ahead.row;
      if (attributesOf(this.table, ahead) & MAY_FAULT) break;
      live |= open & (flags?.read ?? 0);
      open &= ~(flags?.kill ?? flags?.write ?? 0);
      position += ahead.length;
      if (!ends) continue;
      if (depth > 0 && ahead.operands.length === 1 && ahead.operands[0].kind === "rel") {
        const conditional = ahead.row.cc !== undefined;
        const taken = this.look(position + ahead.operands[0].imm, depth - 1);
        open &= conditional ? taken | this.look(position, depth - 1) : taken;
      }
      break;
    }
    live |= open;
    if (depth === LOOK_THROUGH) this.known.set(offset, live);
    return live;
  }
}
