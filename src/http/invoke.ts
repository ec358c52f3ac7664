/** `ANY /<function>` and `ANY /<function>/<path>`: a request runs a program, the program's output is the response. */
import type { Context } from "hono";
import { metaVariables } from "./cgi.ts";
import type { AppEnv, Env } from "./env.ts";
import { HttpError, methodNotAllowed } from "./errors.ts";
import { CgiFraming, ExecFraming } from "./framing.ts";
import { NAME_PATTERN, withDefaults } from "./function-config.ts";
import { readFunction } from "./functions.ts";
import { resolveImage } from "./images.ts";
import { type Program, type ProgramSpec, startProgram } from "./program.ts";
import { bodyTooLarge, drain, feed, gated } from "./pump.ts";
import { Reply } from "./reply.ts";
import { StderrTail } from "./stderr-tail.ts";

const MAX_LOCAL_REDIRECTS = 10;
/** Mode exec does not tell the program the method, so only those make sense that ask for its output. */
const EXEC_METHODS = ["GET", "HEAD", "POST"];

export async function invoke(c: Context<AppEnv>): Promise<Response> {
  let request = c.req.raw;
  for (let redirects = 0; redirects <= MAX_LOCAL_REDIRECTS; redirects++) {
    const answer = await runFunction(request, c.env, c.executionCtx);
    if (answer instanceof Response) return answer;
    request = redirected(request, answer.localRedirect);
  }
  throw new HttpError(502, `The program redirected locally more than ${MAX_LOCAL_REDIRECTS} times.`);
}

/** The request that a local redirect stands for (RFC 3875 6.2.2): a GET without a body and without what described it. */
function redirected(request: Request, path: string): Request {
  const headers = new Headers(request.headers);
  for (const name of ["Content-Length", "Content-Type", "Transfer-Encoding"]) headers.delete(name);
  const method = request.method === "HEAD" ? "HEAD" : "GET";
  return new Request(new URL(path, request.url), { method, headers, signal: request.signal });
}

async function runFunction(
  request: Request,
  env: Env,
  context: Pick<ExecutionContext, "waitUntil">,
): Promise<Response | { readonly localRedirect: string }> {
  const url = new URL(request.url);
  const name = url.pathname.split("/", 2)[1];
  if (!NAME_PATTERN.test(name)) throw new HttpError(404, `There is no function named ${JSON.stringify(name)}.`);
  const { config, manifest } = await readFunction(env.OBJECTS, name);
  const exec = config.invoke === "exec";
  if (exec && !EXEC_METHODS.includes(request.method)) throw methodNotAllowed(request.method, EXEC_METHODS);
  const limits = withDefaults(config.limits);
  const bodyLimit = limits.bodyMiB << 20;
  if (Number(request.headers.get("Content-Length") ?? 0) > bodyLimit) throw bodyTooLarge(bodyLimit);

  const reply = new Reply(exec ? new ExecFraming() : new CgiFraming(), request.method);
  const variables = exec
    ? {}
    : metaVariables({
        method: request.method,
        url,
        headers: request.headers,
        protocol: request.cf?.httpProtocol as string | undefined,
        function: name,
        cwd: config.cwd ?? "/",
      });
  const spec = {
    function: name,
    argv: config.command,
    env: { ...config.env, ...variables },
    cwd: config.cwd,
    user: config.user,
    limits,
    egress: config.egress,
    namespace: config.namespace,
    manifest,
  };
  // Most programs have ended before they wait for anything. Only of the others it matters whether their client is still there.
  const client = new Client(request);
  const program = await startFunction(env, config.image, spec, () => {
    client.watch();
    void reply.flush()?.catch(() => {});
  });
  context.waitUntil(serve(program, reply, client, bodyLimit, limits.outputMiB << 20));
  return reply.head;
}

/** A function whose image is not there is broken, which the client cannot help: 502 rather than 404. */
async function startFunction(
  env: Env,
  image: string,
  spec: Omit<ProgramSpec, "image">,
  idle: () => void,
): Promise<Program> {
  try {
    return await startProgram(env, { ...spec, image: await resolveImage(env.OBJECTS, image) }, { idle });
  } catch (error) {
    throw error instanceof HttpError && error.status === 404 ? new HttpError(502, error.message) : error;
  }
}

/** Moves bytes both ways until the program has ended and its output is sent. Never rejects: failures are the reply's. */
async function serve(
  program: Program,
  reply: Reply,
  client: Client,
  bodyLimit: number,
  outputLimit: number,
): Promise<void> {
  const stderr = new StderrTail();
  let written = 0;
  const giveUp = (error: unknown) => {
    reply.fail(error);
    program.kill();
  };
  client.onGone(() => giveUp(new HttpError(499, "The client closed the request.")));
  const { body } = client;
  const ended = body === null ? null : new AbortController();
  if (ended === null) program.stdin.close();
  else feed(body, program.stdin, bodyLimit, ended.signal).catch(giveUp);
  const print = (bytes: Uint8Array) => {
    written += bytes.length;
    if (written > outputLimit)
      throw new HttpError(502, `The program printed more than ${outputLimit / (1 << 20)} MiB.`);
    return gated(program, () => reply.write(bytes));
  };
  const output = drain(program.stdout, print, program.exit).catch(giveUp);
  const complain = (bytes: Uint8Array) => {
    stderr.push(bytes);
    return null;
  };
  const errors = drain(program.stderr, complain, program.exit);
  try {
    const exit = await program.exit;
    await Promise.all([output, errors]);
    await reply.end(exit, stderr.text);
  } catch (error) {
    giveUp(error);
  } finally {
    ended?.abort();
    client.onGone(null);
  }
}

/** Who waits for the answer. */
class Client {
  readonly #request: Request;
  #watched = false;
  #gone: (() => void) | null = null;

  constructor(request: Request) {
    this.#request = request;
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#request.body;
  }

  /** From now on it is noticed when the client goes. */
  watch(): void {
    if (this.#watched) return;
    this.#watched = true;
    this.#request.signal.addEventListener("abort", () => this.#gone?.());
  }

  /** `callback` runs when the client goes, or now if it has gone; null ends that. */
  onGone(callback: (() => void) | null): void {
    this.#gone = callback;
    if (callback !== null && this.#watched && this.#request.signal.aborted) callback();
  }
}
