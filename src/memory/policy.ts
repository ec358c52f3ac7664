/** Memory policies (set_mempolicy(2), mbind(2)): kept and told. There is one node, which every policy that is valid leads to. */

export interface MemoryPolicy {
  /** MPOL_*, with its MPOL_F_* flags. */
  readonly mode: number;
  /** Bit n is node n. */
  readonly nodes: number;
}
