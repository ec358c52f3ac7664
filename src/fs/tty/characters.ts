/** What a terminal takes characters for: the kernel's own classes of Latin-1 (lib/ctype.c), and UTF-8's later bytes. */

export const BELL = 0x07;
export const BACKSPACE = 0x08;
export const TAB = 0x09;
export const NEWLINE = 0x0a;
export const RETURN = 0x0d;
export const SPACE = 0x20;
export const SLASH = 0x2f;
export const BACKSLASH = 0x5c;
export const CARET = 0x5e;
const UNDERSCORE = 0x5f;
const DELETE = 0x7f;
const MULTIPLICATION = 0xd7;
const DIVISION = 0xf7;

export const isControl = (c: number): boolean => c < SPACE || c === DELETE;

const isUpper = (c: number): boolean => (c >= 0x41 && c <= 0x5a) || (c >= 0xc0 && c <= 0xde && c !== MULTIPLICATION);
const isLower = (c: number): boolean => (c >= 0x61 && c <= 0x7a) || (c >= 0xdf && c !== DIVISION);

export const toUpper = (c: number): number => (isLower(c) ? c - 0x20 : c);
export const toLower = (c: number): number => (isUpper(c) ? c + 0x20 : c);

/** Part of a word for VWERASE. */
export const isWord = (c: number): boolean => (c >= 0x30 && c <= 0x39) || c === UNDERSCORE || isUpper(c) || isLower(c);

/** Not the first byte of a character in UTF-8. */
export const isContinuation = (c: number): boolean => (c & 0xc0) === 0x80;

/** The second half of "^X", as control characters are echoed. */
export const caretOf = (c: number): number => c ^ 0x40;
