/** DNS messages (RFC 1035 4), as far as one between a program and its resolver must understand them. */

/** Offsets and lengths, in bytes. */
const HEADER = 12;
/** What a program can take in a datagram when it does not say (RFC 1035 2.3.4). */
const PLAIN_LIMIT = 512;

const FLAG_RESPONSE = 0x80;
const FLAG_TRUNCATED = 0x02;
const FLAG_RECURSION_DESIRED = 0x01;
const FLAG_RECURSION_AVAILABLE = 0x80;

export const TYPE_A = 1;
export const TYPE_AAAA = 28;
const TYPE_OPT = 41;
const CLASS_IN = 1;

/** RCODE. */
export const FORMAT_ERROR = 1;
export const SERVER_FAILURE = 2;
export const REFUSED = 5;

export interface Question {
  /** In lower case, without the last dot. */
  readonly name: string;
  readonly type: number;
  /** Where it ends in the message. */
  readonly end: number;
}

/** The one question of a query or of its answer; null for anything else. */
export function questionOf(message: Uint8Array): Question | null {
  if (message.length < HEADER || u16(message, 4) !== 1) return null;
  const name = readName(message, HEADER);
  if (name === null || name.end + 4 > message.length || u16(message, name.end + 2) !== CLASS_IN) return null;
  return { name: name.text, type: u16(message, name.end), end: name.end + 4 };
}

export const isQuery = (message: Uint8Array): boolean => message.length >= HEADER && (message[2] & FLAG_RESPONSE) === 0;

/** The addresses among a message's answers, whichever alias they are found at. */
export function addressesOf(message: Uint8Array): Uint8Array[] {
  const question = questionOf(message);
  const found: Uint8Array[] = [];
  if (question === null) return found;
  let at = question.end;
  for (let left = u16(message, 6); left > 0; left--) {
    const record = readRecord(message, at);
    if (record === null) break;
    const bytes = message.slice(record.data, record.end);
    if (record.type === TYPE_A && bytes.length === 4) found.push(bytes);
    if (record.type === TYPE_AAAA && bytes.length === 16) found.push(bytes);
    at = record.end;
  }
  return found;
}

/** An answer to `query` that says no more than why there is none. */
export function failure(query: Uint8Array, code: number): Uint8Array {
  const end = questionOf(query)?.end ?? HEADER;
  const answer = query.slice(0, Math.max(end, HEADER));
  answer[2] = FLAG_RESPONSE | (query[2] & ~FLAG_TRUNCATED & 0x7f & (0x78 | FLAG_RECURSION_DESIRED));
  answer[3] = FLAG_RECURSION_AVAILABLE | code;
  answer.fill(0, 4, HEADER);
  answer[5] = end > HEADER ? 1 : 0;
  return answer;
}

/** The answer as a datagram: when it is larger than the program takes, those answers that fit, and marked so. */
export function truncated(answer: Uint8Array, query: Uint8Array): Uint8Array {
  const limit = datagramLimit(query);
  if (answer.length <= limit) return answer;
  let end = questionOf(answer)?.end ?? HEADER;
  let count = 0;
  for (; count < u16(answer, 6); count++) {
    const record = readRecord(answer, end);
    if (record === null || record.end > limit) break;
    end = record.end;
  }
  const cut = answer.slice(0, end);
  cut[2] |= FLAG_TRUNCATED;
  cut.fill(0, 6, HEADER);
  cut[6] = count >> 8;
  cut[7] = count & 0xff;
  return cut;
}

/** What a program takes, from the OPT record of its query (RFC 6891 6.2.3). */
function datagramLimit(query: Uint8Array): number {
  let at = questionOf(query)?.end ?? query.length;
  for (let left = u16(query, 6) + u16(query, 8) + u16(query, 10); left > 0; left--) {
    const record = readRecord(query, at);
    if (record === null) break;
    if (record.type === TYPE_OPT) return Math.max(record.class, PLAIN_LIMIT);
    at = record.end;
  }
  return PLAIN_LIMIT;
}

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1];

interface DnsRecord {
  readonly type: number;
  readonly class: number;
  /** Where its data begins and ends. */
  readonly data: number;
  readonly end: number;
}

function readRecord(message: Uint8Array, at: number): DnsRecord | null {
  const name = readName(message, at);
  if (name === null || name.end + 10 > message.length) return null;
  const data = name.end + 10;
  const end = data + u16(message, name.end + 8);
  if (end > message.length) return null;
  return { type: u16(message, name.end), class: u16(message, name.end + 2), data, end };
}

/** A name with its compression pointers followed; null when it is malformed. */
function readName(message: Uint8Array, at: number): { text: string; end: number } | null {
  const labels: string[] = [];
  let end = -1;
  for (let hops = 0; hops < 128; hops++) {
    const length = message[at];
    if (length === undefined) return null;
    if (length === 0) return { text: labels.join(".").toLowerCase(), end: end < 0 ? at + 1 : end };
    if (length >= 0xc0) {
      if (end < 0) end = at + 2;
      const to = ((length & 0x3f) << 8) | message[at + 1];
      if (Number.isNaN(to) || to >= at) return null;
      at = to;
      continue;
    }
    if (length > 63 || at + 1 + length > message.length) return null;
    const label = String.fromCharCode(...message.subarray(at + 1, at + 1 + length));
    // A dot within a label would look like two labels to the rules.
    if (label.includes(".")) return null;
    labels.push(label);
    at += 1 + length;
  }
  return null;
}
