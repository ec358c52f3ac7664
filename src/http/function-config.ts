/** The configuration of a function, as `functions/<name>.json` holds it, and its validation. */
import { parseRule } from "../net/egress/rules.ts";
import { HttpError } from "./errors.ts";

const MOST_RULES = 256;

export const INVOKE_MODES = ["cgi", "exec"] as const;
export type InvokeMode = (typeof INVOKE_MODES)[number];

export interface Limits {
  /** Guest CPU time, in milliseconds of the machine's clock. */
  cpuMs: number;
  /** From request to exit, in milliseconds. */
  wallMs: number;
  /** Frames that the machine may hold. */
  memoryMiB: number;
  /** Processes and threads at one time. */
  processes: number;
  /** Descriptors of one process. */
  files: number;
  /** What the program may write to its standard output. */
  outputMiB: number;
  /** Largest request body. */
  bodyMiB: number;
}

/** Default, least and most of each limit. 100 MB is the platform's own bound of a request body. */
const LIMITS: Record<keyof Limits, readonly [number, number, number]> = {
  cpuMs: [25_000, 1, 300_000],
  wallMs: [60_000, 1, 3_600_000],
  memoryMiB: [48, 1, 72],
  processes: [256, 1, 4096],
  files: [1024, 8, 65_536],
  outputMiB: [64, 1, 1024],
  bodyMiB: [100, 1, 100],
};

/** What the user put; absent fields come from the image at invocation. */
export interface FunctionConfig {
  /** `sha256:` and 64 hexadecimal digits, or an image's name. */
  readonly image: string;
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** `uid:gid`. */
  readonly user?: string;
  readonly invoke?: InvokeMode;
  readonly limits?: Readonly<Partial<Limits>>;
  /** `host:port` of what its programs may connect to (net/egress/rules.ts). */
  readonly egress?: readonly string[];
  /** The machines of functions that name the same one are one Linux as far as System V objects go. */
  readonly namespace?: string;
}

export const DEFAULT_LIMITS = Object.fromEntries(
  Object.entries(LIMITS).map(([name, [standard]]) => [name, standard]),
) as unknown as Limits;

export function withDefaults(limits: Readonly<Partial<Limits>> | undefined): Limits {
  return { ...DEFAULT_LIMITS, ...limits };
}

/** Names of functions and images: one path segment, never `_`, which is the management interface's. */
export const NAME_PATTERN = /^[a-z0-9][a-z0-9._-]{0,62}$/;
export const DIGEST_PATTERN = /^sha256:[0-9a-f]{64}$/;

/** Throws 400 unless `name` can name a function or an image. */
export function checkName(name: string): string {
  if (!NAME_PATTERN.test(name)) {
    throw new HttpError(
      400,
      `The name ${JSON.stringify(name)} is not valid: 1 to 63 of a-z, 0-9, ".", "_" and "-", the first a letter or digit.`,
    );
  }
  return name;
}

/** Each check throws HttpError 400 with one sentence that names the field. */
type Check = (value: unknown, field: string) => void;

const FIELDS: Record<string, Check> = {
  image: checkImageReference,
  command: checkArguments,
  env: checkEnvironment,
  cwd: checkAbsolutePath,
  user: checkUser,
  invoke(value, field) {
    if (value === "http") throw new HttpError(501, 'The mode "http" of invoke is not implemented in this version.');
    if (!INVOKE_MODES.includes(value as InvokeMode)) bad(field, 'one of "cgi" and "exec"');
  },
  limits: checkLimits,
  port: notImplemented,
  namespace: checkNamespace,
  volumes: notImplemented,
  egress: checkEgress,
  cpu: notImplemented,
};

/** Throws HttpError 400 (501 for what this version does not have) unless `value` is a function's configuration. */
export function checkFunctionConfig(value: unknown): FunctionConfig {
  checkFields(value, "The function's configuration", FIELDS, ["image"]);
  return value as unknown as FunctionConfig;
}

/** Throws 400 unless `value` is an object that has `required` and whose every key passes its check in `fields`. */
export function checkFields(
  value: unknown,
  what: string,
  fields: Readonly<Record<string, Check>>,
  required: readonly string[] = [],
): asserts value is Record<string, unknown> {
  if (!isObject(value)) throw new HttpError(400, `${what} must be a JSON object.`);
  for (const [key, member] of Object.entries(value)) {
    if (!Object.hasOwn(fields, key)) {
      throw new HttpError(
        400,
        `${what} has the unknown field ${JSON.stringify(key)}; known are ${Object.keys(fields).join(", ")}.`,
      );
    }
    fields[key](member, key);
  }
  for (const key of required) {
    if (!Object.hasOwn(value, key)) throw new HttpError(400, `${what} lacks the field ${JSON.stringify(key)}.`);
  }
}

export function checkImageReference(value: unknown, field: string): void {
  if (typeof value !== "string" || !(DIGEST_PATTERN.test(value) || NAME_PATTERN.test(value))) {
    bad(field, "an image's name, or sha256: and 64 hexadecimal digits");
  }
}

/** A namespace has a name of the same form as a function. */
export function checkNamespace(value: unknown, field: string): void {
  if (typeof value !== "string" || !NAME_PATTERN.test(value)) {
    bad(field, 'a name: 1 to 63 of a-z, 0-9, ".", "_" and "-", the first a letter or digit');
  }
}

export function checkArguments(value: unknown, field: string): void {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isCString)) {
    bad(field, "a list of at least one string, without NUL characters");
  }
}

export function checkEnvironment(value: unknown, field: string): void {
  const valid = isObject(value) && Object.entries(value).every(([k, v]) => /^[^=\0]+$/.test(k) && isCString(v));
  if (!valid) bad(field, 'an object of strings, without "=" in names and without NUL characters');
}

export function checkUser(value: unknown, field: string): void {
  if (typeof value !== "string" || !/^\d{1,9}:\d{1,9}$/.test(value)) bad(field, 'a string "uid:gid" of two numbers');
}

export function checkAbsolutePath(value: unknown, field: string): void {
  if (!isCString(value) || !value.startsWith("/")) bad(field, "an absolute path");
}

export function checkBoolean(value: unknown, field: string): void {
  if (typeof value !== "boolean") bad(field, "true or false");
}

export function checkLimits(value: unknown, field: string): void {
  const fields: Record<string, Check> = {};
  for (const [name, [, least, most]] of Object.entries(LIMITS)) {
    fields[name] = (limit, key) => {
      if (!Number.isInteger(limit) || (limit as number) < least || (limit as number) > most) {
        bad(`${field}.${key}`, `a whole number from ${least} to ${most}`);
      }
    };
  }
  checkFields(value, `The field ${field}`, fields);
}

/** A list of rules `host:port`. */
export function checkEgress(value: unknown, field: string): void {
  if (!Array.isArray(value) || value.length > MOST_RULES)
    bad(field, `a list of at most ${MOST_RULES} rules "host:port"`);
  for (const rule of value) {
    if (typeof rule === "string" && parseRule(rule) !== null) continue;
    throw new HttpError(
      400,
      `The field ${field} has the rule ${JSON.stringify(rule)}, which is not "host:port": a name, *.name, an address with or without /bits (IPv6 in brackets) or *, and a number or *.`,
    );
  }
}

/** For the names of what this version does not have: refused rather than ignored. */
export function notImplemented(_value: unknown, field: string): void {
  throw new HttpError(501, `The field ${field} is not implemented in this version.`);
}

export function bad(field: string, expected: string): never {
  throw new HttpError(400, `The field ${field} must be ${expected}.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCString(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0");
}
