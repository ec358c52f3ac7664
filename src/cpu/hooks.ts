/**
 * What the CPU asks of the memory and the kernel, and what it offers them.
 *
 * The kernel switches a thread in by copying its STATE_SIZE bytes to STATE_ADDRESS and writing the address space's JUMP_TAG
 * and MMU_EPOCH there (both belong to the address space, not to the thread), sets `cpu.hooks`, calls `cpu.run(fuel)` and
 * finds out from the reason it returns what happened. State is complete in memory at every call out of `run`, hooks
 * included, except that inside `miss` RIP and FUEL are not up to date.
 */

/** Called from inside `run`. Set for a slice; none of them may suspend. */
export interface CpuHooks {
  /**
   * An access hit an invalid page-table entry, or its address is not below ADDRESS_LIMIT. `bytes` bytes at the linear
   * address lie in one page. Bit 0 of `write` is set for writes and read-modify-writes, bit 1 (only when `addressHigh` is
   * not 0) for an access through the stack segment, which raises #SS where others raise #GP.
   * Either fills the entry (PAGE_TABLE_READ or PAGE_TABLE_WRITE by bit 0) and returns 0: the access is tried again; or
   * records FAULT_VECTOR, FAULT_CODE and FAULT_ADDRESS in the state and returns 1.
   * A write to a frame that has code must call `CpuCode.dropFrame` first. A frame that the running address space has a
   * valid entry for must not be taken away meanwhile: an earlier operand of the instruction may be in it.
   */
  miss(addressLow: number, addressHigh: number, bytes: number, write: number): number;

  /**
   * SYSCALL: RCX, R11, RIP (already the next instruction) and FUEL are up to date in the state. Returns 0 to go on at the
   * state's RIP, which may have been changed, as may FUEL, JUMP_TAG and every register; non-zero leaves with EXIT_SYSCALL.
   */
  syscall(): number;

  /**
   * Code is needed from the page that holds `address` (unsigned). Returns the number of its frame, or -1 after recording
   * a fault with FAULT_CODE PF_FETCH (or PF_NEED_PAGE), as `miss` does.
   */
  fetch(address: number): number;

  /**
   * Frame `frame` now has decoded code: its write entries must go, under every alias, so that the next write misses. Called
   * outside WebAssembly, once until `dropFrame` is called for it.
   */
  onCode(frame: number): void;
}

/** What the memory and the kernel may ask of the CPU at any time, also from inside a hook. */
export interface CpuCode {
  /** Whether code decoded from this frame is cached: it may have no write entry. */
  hasCode(frame: number): boolean;
  /**
   * Forgets all code decoded from a frame: it is about to be written, or freed. The instruction that runs is completed,
   * then its block is left.
   */
  dropFrame(frame: number): void;
  /**
   * A JUMP_TAG that no jump cache entry carries yet. An address space takes one when it is created, and a new one whenever
   * an executable mapping is changed, moved, unmapped, protected or replaced by a copy.
   */
  newJumpTag(): number;
}
