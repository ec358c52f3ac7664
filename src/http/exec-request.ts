/** `/_/exec`: what to run, from a request's JSON. */
import type { Env } from "./env.ts";
import { HttpError } from "./errors.ts";
import type { ExecRequest, TerminalSize } from "./exec-protocol.ts";
import {
  bad,
  checkAbsolutePath,
  checkArguments,
  checkBoolean,
  checkEgress,
  checkEnvironment,
  checkFields,
  checkImageReference,
  checkLimits,
  checkNamespace,
  checkUser,
  NAME_PATTERN,
  withDefaults,
} from "./function-config.ts";
import { getFunction } from "./functions.ts";
import { resolveImage } from "./images.ts";
import type { ProgramSpec } from "./program.ts";

const FIELDS = {
  image: checkImageReference,
  function(value: unknown, field: string) {
    if (typeof value !== "string" || !NAME_PATTERN.test(value)) bad(field, "a function's name");
  },
  argv: checkArguments,
  env: checkEnvironment,
  cwd: checkAbsolutePath,
  user: checkUser,
  stdin(value: unknown, field: string) {
    if (typeof value !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) bad(field, "a string in base64");
  },
  limits: checkLimits,
  egress: checkEgress,
  strace: checkBoolean,
  tty(value: unknown, field: string) {
    if (!isTerminalSize(value)) bad(field, '{"rows": n, "cols": n}, each from 0 to 65535');
  },
  namespace: checkNamespace,
};

export function isTerminalSize(value: unknown): value is TerminalSize {
  if (typeof value !== "object" || value === null) return false;
  const { rows, cols, ...rest } = value as Record<string, unknown>;
  return (
    Object.keys(rest).length === 0 && [rows, cols].every((n) => Number.isInteger(n) && n === ((n as number) & 0xffff))
  );
}

/** Throws HttpError 400 (501 for what this version does not have) unless `value` is a request. */
export function checkExecRequest(value: unknown): ExecRequest {
  checkFields(value, "The request", FIELDS);
  if ("image" in value === "function" in value) {
    throw new HttpError(400, 'The request must have one of the fields "image" and "function".');
  }
  return value;
}

/** Fills in what the function says; throws 404 where function or image is unknown. */
export async function specOf(request: ExecRequest, env: Env): Promise<ProgramSpec> {
  const config =
    request.function === undefined ? { image: request.image! } : await getFunction(env.OBJECTS, request.function);
  return {
    image: await resolveImage(env.OBJECTS, config.image),
    argv: request.argv ?? config.command,
    env: { ...config.env, ...request.env },
    cwd: request.cwd ?? config.cwd,
    user: request.user ?? config.user,
    limits: withDefaults({ ...config.limits, ...request.limits }),
    egress: request.egress ?? config.egress,
    namespace: request.namespace ?? config.namespace,
    terminal: request.tty && { rows: request.tty.rows, columns: request.tty.cols },
  };
}
