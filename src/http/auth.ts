/** The management interface's authentication: one Bearer token (RFC 6750). */
import { HttpError } from "./errors.ts";

/**
 * Throws unless `authorization` (the header's value) carries `token`: 503 when the Worker has no token configured, 401 otherwise.
 */
export async function authenticate(authorization: string | null | undefined, token: string | undefined): Promise<void> {
  if (!token) {
    throw new HttpError(503, "The management interface is off because the secret BINLET_TOKEN is not set.");
  }
  const presented = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? "")?.[1];
  if (presented === undefined) {
    throw new HttpError(401, "The management interface needs the header Authorization: Bearer TOKEN.", {
      "WWW-Authenticate": 'Bearer realm="binlet"',
    });
  }
  if (!(await equalSecrets(presented, token))) {
    throw new HttpError(401, "The bearer token is wrong.", {
      "WWW-Authenticate": 'Bearer realm="binlet", error="invalid_token"',
    });
  }
}

/** Compares digests, so that the time depends neither on the secrets' lengths nor on their common prefix. */
async function equalSecrets(a: string, b: string): Promise<boolean> {
  const encoder = new TextEncoder();
  const [left, right] = await Promise.all(
    [a, b].map(async (secret) => new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(secret)))),
  );
  let difference = 0;
  for (let i = 0; i < left.length; i++) difference |= left[i] ^ right[i];
  return difference === 0;
}
