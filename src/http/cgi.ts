/** CGI/1.1 (RFC 3875): a request as meta-variables, and a program's header block as a response. */
import { HttpError } from "./errors.ts";

export const SERVER_SOFTWARE = "binlet/0.1";

/** A request as CGI sees it. */
export interface CgiRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** "HTTP/1.1", "HTTP/2" …, or undefined where the platform does not say. */
  readonly protocol?: string;
  /** First path segment, not decoded. */
  readonly function: string;
  /** The function's working directory, to which PATH_TRANSLATED is relative. */
  readonly cwd: string;
}

/**
 * Headers that never become meta-variables: credentials (4.1.18), those of the connection, those that have a variable of
 * their own, and Proxy, which would appear as HTTP_PROXY and be obeyed by HTTP clients in the program (CVE-2016-5385).
 */
const UNMAPPED = new Set(
  "authorization proxy-authorization proxy content-type content-length connection keep-alive te trailer transfer-encoding upgrade".split(
    " ",
  ),
);

/**
 * The meta-variables of RFC 3875 4.1, and REQUEST_URI, REQUEST_SCHEME and HTTPS, which programs expect of every server.
 *
 * AUTH_TYPE, REMOTE_IDENT and REMOTE_USER are never set, since functions see no credentials. CONTENT_LENGTH is not set for
 * a body of unknown length: the program reads up to the end of file. Words of a query without "=" are not put into argv
 * (4.4 allows that), because programs take them for options (CVE-2012-1823).
 */
export function metaVariables(request: CgiRequest): Record<string, string> {
  const { url, headers, method } = request;
  const scriptName = `/${request.function}`;
  const pathInfo = decodePath(url.pathname.slice(scriptName.length));
  const remote = headers.get("CF-Connecting-IP") ?? "127.0.0.1";
  const secure = url.protocol === "https:";
  const variables: Record<string, string> = {
    GATEWAY_INTERFACE: "CGI/1.1",
    PATH_INFO: pathInfo,
    QUERY_STRING: url.search.slice(1),
    REMOTE_ADDR: remote,
    REMOTE_HOST: remote,
    REQUEST_METHOD: method,
    REQUEST_SCHEME: secure ? "https" : "http",
    REQUEST_URI: url.pathname + url.search,
    SCRIPT_NAME: scriptName,
    SERVER_NAME: url.hostname,
    SERVER_PORT: url.port || (secure ? "443" : "80"),
    SERVER_PROTOCOL: request.protocol ?? "HTTP/1.1",
    SERVER_SOFTWARE,
  };
  if (secure) variables.HTTPS = "on";
  if (pathInfo !== "") variables.PATH_TRANSLATED = request.cwd.replace(/\/+$/, "") + pathInfo;
  const type = headers.get("Content-Type");
  if (type !== null) variables.CONTENT_TYPE = type;
  const length = headers.get("Content-Length");
  if (length !== null) variables.CONTENT_LENGTH = length;
  for (const [name, value] of headers) {
    // "X_Real" would collide with "X-Real".
    if (!UNMAPPED.has(name) && /^[a-z0-9-]+$/.test(name))
      variables[`HTTP_${name.toUpperCase().replaceAll("-", "_")}`] = value;
  }
  return variables;
}

/** %-decoding of PATH_INFO (4.1.5). A NUL cannot be in the environment, and broken UTF-8 has no one meaning. */
function decodePath(path: string): string {
  try {
    const decoded = decodeURIComponent(path);
    if (!decoded.includes("\0")) return decoded;
  } catch {}
  throw new HttpError(400, "The path contains an invalid percent-encoding.");
}

export type CgiResponse =
  | { readonly kind: "response"; readonly status: number; readonly statusText: string; readonly headers: Headers }
  /** The server is to answer as if `path` (path and query) had been requested with GET (6.2.2). */
  | { readonly kind: "local redirect"; readonly path: string };

/** Fields of the connection, which is the server's (RFC 9110 7.6.1). */
const HOP_BY_HOP = /^(connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i;

/**
 * What a header block asks for (6.2 and 6.3).
 *
 * `Location: /path` alone is a local redirect. With `Status` or any other field than Content-Type it is sent to the client, as
 * an absolute Location is: 302 unless Status says otherwise. Without Content-Type the body is text/plain. Throws 502 where
 * a CGI field is there twice or malformed.
 */
export function cgiResponse(fields: readonly (readonly [string, string])[]): CgiResponse {
  const headers = new Headers();
  let status: [number, string] | undefined;
  let location: string | undefined;
  let others = 0;
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    if (lower === "status") {
      if (status !== undefined) throw twice("Status");
      status = parseStatus(value);
    } else if (lower === "location") {
      if (location !== undefined) throw twice("Location");
      location = checked(name, value);
    } else if (lower === "content-type") {
      if (headers.has(name)) throw twice("Content-Type");
      headers.set(name, checked(name, value));
    } else if (!HOP_BY_HOP.test(name)) {
      others++;
      headers.append(name, checked(name, value));
    }
  }
  if (location !== undefined) {
    if (location.startsWith("/") && !location.startsWith("//") && status === undefined && others === 0) {
      return { kind: "local redirect", path: location };
    }
    headers.set("Location", location);
    status ??= [302, "Found"];
  }
  if (!headers.has("Content-Type")) headers.set("Content-Type", "text/plain; charset=utf-8");
  const [code, statusText] = status ?? [200, ""];
  return { kind: "response", status: code, statusText, headers };
}

/** `3digit [ SP reason-phrase ]`; a final status, since 1xx is the server's business. */
function parseStatus(value: string): [number, string] {
  const match = /^([2-5]\d\d)(?: +([\t\x20-\x7e]*))?$/.exec(value);
  if (match === null) throw new HttpError(502, "The program printed a Status that is not a number from 200 to 599.");
  return [Number(match[1]), match[2] ?? ""];
}

/** RFC 9110 5.5: no control characters. */
function checked(name: string, value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) {
    throw new HttpError(502, `The program printed a control character in the header field ${name}.`);
  }
  return value;
}

function twice(name: string): HttpError {
  return new HttpError(502, `The program printed the header field ${name} twice.`);
}
