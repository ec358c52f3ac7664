/** A byte as the rows' encodings write it. */
export const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, "0");
