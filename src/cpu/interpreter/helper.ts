/** Helpers (isa/builder.ts): functions that both tiers call. They are compiled into the interpreter and exported. */
import type { Helper } from "../../isa/builder.ts";
import type { Node } from "../ir/graph.ts";
import type { Binding } from "./binding.ts";
import { Tier0Builder } from "./tier0-builder.ts";

export const helperExport = (h: Helper): string => `helper ${h.name}`;

/** Builds a helper's body. One that `faulted` has one result more (i32): non-zero when the state holds an exception. */
export function buildHelper(h: Helper, binding: Binding): Tier0Builder {
  const b = new Tier0Builder({ ...binding, place: "helper", results: h.results });
  const results = h.build(b, ...h.params.map((ty, i) => b.g.get(ty, i))) as Node[];
  b.g.return(...results, ...(b.faulted ? [b.g.i32(0)] : []));
  return b;
}
