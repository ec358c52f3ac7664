/** Errors that are answers: a status code, one sentence, and the headers that the status asks for. */

export class HttpError extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, sentence: string, headers: Record<string, string> = {}) {
    super(sentence);
    this.status = status;
    this.headers = headers;
  }
}

/** Allow (RFC 9110 10.2.1) is part of every 405. */
export function methodNotAllowed(method: string, allowed: readonly string[]): HttpError {
  const allow = allowed.join(", ");
  return new HttpError(405, `The method ${method} is not allowed here; allowed: ${allow}.`, { Allow: allow });
}

/**
 * The answer for an error: JSON `{error}` under `/_/`, text/plain elsewhere. What is not an HttpError is a fault of ours:
 * it is answered 500 without details, which go to the log.
 */
export function errorResponse(error: unknown, path: string): Response {
  const known = error instanceof HttpError;
  if (!known) console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const sentence = known ? error.message : "Binlet failed internally; the log has the details.";
  const headers = new Headers(known ? error.headers : undefined);
  const json = path === "/_" || path.startsWith("/_/");
  headers.set("Content-Type", json ? "application/json" : "text/plain; charset=utf-8");
  return new Response(json ? `${JSON.stringify({ error: sentence })}\n` : `${sentence}\n`, {
    status: known ? error.status : 500,
    headers,
  });
}
