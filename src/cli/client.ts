/** The management interface and the functions of one server, as the commands see them. */
import { join } from "node:path";
import { tokenIn } from "./token.ts";

export const CHECKOUT = join(import.meta.dirname, "../..");
export const DEFAULT_URL = "http://127.0.0.1:8787";

/** An error whose message is all that the user needs. */
export class CliError extends Error {}

export interface Connection {
  url: string;
  token?: string;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export class Client {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #fetch: Fetch;

  constructor(connection: Connection, fetch: Fetch = globalThis.fetch) {
    this.#url = connection.url.replace(/\/+$/, "");
    this.#token = connection.token ?? process.env.BINLET_TOKEN ?? tokenIn(join(CHECKOUT, ".dev.vars"));
    this.#fetch = fetch;
  }

  /** A request to a function: any status is an answer. Throws CliError when the server cannot be reached. */
  async invoke(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    // wrangler's server would hold streamed output back to compress it.
    if (!headers.has("Accept-Encoding")) headers.set("Accept-Encoding", "identity");
    try {
      // Redirects are the function's answer, so they are shown rather than followed.
      return await this.#fetch(`${this.#url}/${path}`, { redirect: "manual", ...init, headers });
    } catch (error) {
      const cause = (error as Error).cause as { code?: string; message?: string } | undefined;
      const reason = cause?.code ?? cause?.message ?? (error as Error).message;
      const hint = cause?.code === "ECONNREFUSED" ? "; npm start starts one" : "";
      throw new CliError(`no server answers at ${this.#url} (${reason})${hint}.`);
    }
  }

  /** A management request; `path` follows `/_/`. Throws CliError with the server's sentence unless it succeeds. */
  async manage(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token !== undefined) headers.set("Authorization", `Bearer ${this.#token}`);
    const response = await this.invoke(`_/${path}`, { ...init, method, headers });
    if (response.ok) return response;
    const text = await response.text();
    let sentence = text.trim() || `${response.status} ${response.statusText}`;
    try {
      sentence = (JSON.parse(text) as { error?: string }).error ?? sentence;
    } catch {}
    if (response.status === 401) sentence += " Give it with --token, $BINLET_TOKEN or .dev.vars.";
    throw new CliError(sentence);
  }

  /** Whether a HEAD of the path succeeds; false for 404. */
  async exists(path: string): Promise<boolean> {
    const headers = { Authorization: `Bearer ${this.#token ?? ""}` };
    const response = await this.invoke(`_/${path}`, { method: "HEAD", headers });
    if (response.status === 404) return false;
    if (!response.ok) await this.manage("GET", path);
    return true;
  }

  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
    const response = await this.manage(method, path, init);
    const text = await response.text();
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }
}
