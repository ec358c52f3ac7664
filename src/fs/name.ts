/**
 * Names and paths inside the file system are byte strings: JavaScript strings with one character (U+0000 to U+00FF) for
 * each byte. Linux names are bytes, not text; this keeps every name exact, and string keys fast.
 */

const CHUNK = 4096;

/** The byte string of `bytes`. */
export function byteString(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += byteString(bytes.subarray(at, at + CHUNK));
  return text;
}

/** The bytes of a byte string. */
export function bytesOf(name: string): Uint8Array {
  const bytes = new Uint8Array(name.length);
  for (let i = 0; i < name.length; i++) bytes[i] = name.charCodeAt(i);
  return bytes;
}

const encoder = new TextEncoder();

/** The byte string of a text's UTF-8 encoding. */
export const fromText = (text: string): string => byteString(encoder.encode(text));

/** A byte string decoded as UTF-8, for messages. */
export const toText = (name: string): string => new TextDecoder().decode(bytesOf(name));
