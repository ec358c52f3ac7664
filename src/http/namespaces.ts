/** `/_/namespaces/<ns>`: the processes and System V objects of a namespace, for its administrator. */
import type { Context } from "hono";
import { ESRCH } from "../abi/errno.ts";
import { NSIG, SI_USER, signalName } from "../abi/signal.ts";
import type { ObjectKind } from "../ipc/wire.ts";
import type { ProcessReport } from "../kernel/namespace-port.ts";
import { readJson } from "./body.ts";
import type { AppEnv, Env } from "./env.ts";
import { HttpError } from "./errors.ts";
import { checkName } from "./function-config.ts";
import type { IpcListing, NamespaceProcess } from "./namespaces-protocol.ts";

const MAX_REQUEST = 4096;

/** The calls of durable/namespace.ts that serve this interface; RPC stubs' own types do not carry the unions well. */
interface NamespaceStub {
  processes(): Promise<ProcessReport[]>;
  kill(pid: number, signal: number, code: number): Promise<number>;
  ipc(): Promise<IpcListing>;
  removeObject(kind: ObjectKind, id: number): Promise<boolean>;
}

const stubOf = (env: Env, name: string): NamespaceStub =>
  env.NAMESPACES.getByName(checkName(name)) as unknown as NamespaceStub;

export async function listProcesses(c: Context<AppEnv>): Promise<Response> {
  const reports = await stubOf(c.env, c.req.param("ns")!).processes();
  const processes = reports.map(described).sort((a, b) => a.pid - b.pid);
  return c.json({ processes });
}

function described(report: ProcessReport): NamespaceProcess {
  const { pid, ppid, pgid, sid, uid, gid, state, started, comm, nice } = report;
  const text = new TextDecoder().decode(report.cmdline);
  return {
    ...{ pid, ppid, pgid, sid, uid, gid, state, nice, comm },
    started: new Date(started).toISOString(),
    cpuMs: Math.floor(report.cpuTime / 1e6),
    residentKiB: report.resident / 1024,
    command: text === "" ? [] : text.replace(/\0$/, "").split("\0"),
  };
}

/** `{"signal": 15}` or `{"signal": "TERM"}`; 0 asks whether there is such a process. A negative pid is a process group. */
export async function signalProcess(c: Context<AppEnv>): Promise<Response> {
  const text = c.req.param("pid")!;
  const pid = Number(text);
  if (!/^-?[1-9][0-9]{0,9}$/.test(text) || pid === -1) {
    throw new HttpError(
      400,
      `${JSON.stringify(text)} is not the number of a process, or of a process group with a minus sign.`,
    );
  }
  const { signal, ...rest } = Object(await readJson(c.req.raw, MAX_REQUEST)) as { signal?: unknown };
  const number = signalNumber(signal);
  if (number === null || Object.keys(rest).length > 0) {
    throw new HttpError(400, 'The body must be {"signal": n}, with a number from 0 to 64 or a name such as "TERM".');
  }
  const result = await stubOf(c.env, c.req.param("ns")!).kill(pid, number, SI_USER);
  if (result === -ESRCH) throw new HttpError(404, `There is no process ${pid < 0 ? "group " : ""}${Math.abs(pid)}.`);
  if (result < 0) throw new HttpError(409, `The signal was refused (errno ${-result}).`);
  return c.body(null, 204);
}

/** The number of a signal by number or name, with or without SIG; null for none. */
export function signalNumber(signal: unknown): number | null {
  if (typeof signal === "number") return Number.isInteger(signal) && signal >= 0 && signal <= NSIG ? signal : null;
  if (typeof signal !== "string") return null;
  const name = `SIG${signal.toUpperCase().replace(/^SIG/, "")}`;
  for (let number = 1; number <= NSIG; number++) if (signalName(number) === name) return number;
  return null;
}

export async function listIpc(c: Context<AppEnv>): Promise<Response> {
  return c.json(await stubOf(c.env, c.req.param("ns")!).ipc());
}

const KINDS: Readonly<Record<string, ObjectKind>> = { semaphores: "semaphore", queues: "message" };

export async function removeIpc(c: Context<AppEnv>): Promise<Response> {
  const [kind, id] = [c.req.param("kind")!, c.req.param("id")!];
  if (!Object.hasOwn(KINDS, kind) || !/^[0-9]{1,10}$/.test(id))
    throw new HttpError(404, "There is nothing at this path.");
  if (!(await stubOf(c.env, c.req.param("ns")!).removeObject(KINDS[kind], Number(id)))) {
    throw new HttpError(404, `There is no ${kind === "queues" ? "message queue" : "semaphore set"} with the id ${id}.`);
  }
  return c.body(null, 204);
}
