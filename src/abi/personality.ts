/** Flags of personality(2) that are felt beyond uname(2) (include/uapi/linux/personality.h). */

/** What is mapped readable is executable too, as where page tables cannot tell. */
export const READ_IMPLIES_EXEC = 0x40_0000;
