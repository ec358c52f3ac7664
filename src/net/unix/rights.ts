/**
 * Descriptions in flight: passed by SCM_RIGHTS and not received yet. A queued message holds a reference to each. Sockets that
 * are in each other's queues would keep each other open for good, so whenever an AF_UNIX socket is closed those are looked for
 * that nothing but queues refers to and no open socket's queue leads to (net/unix/garbage.c).
 */
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from "../../abi/capability.ts";
import { Errno, ETOOMANYREFS } from "../../abi/errno.ts";
import type { File } from "../../fs/file.ts";
import { SocketFile } from "../file.ts";
import type { NetCaller, NetEnvironment } from "../types.ts";
import { UnixSocket } from "./socket.ts";

/** The AF_UNIX socket behind a description, or null. */
const unixSocket = (file: File): UnixSocket | null =>
  file instanceof SocketFile && file.socket instanceof UnixSocket ? file.socket : null;

export class InFlight {
  /** Open AF_UNIX sockets in flight, and in how many messages. */
  readonly #sockets = new Map<File, number>();
  /** Sockets whose queue has messages with descriptions, and how many. */
  readonly #holders = new Map<UnixSocket, number>();
  /** Descriptions in flight by the sender's user. */
  readonly #byUser = new Map<number, number>();
  #collecting = false;

  /** ETOOMANYREFS when the caller has too many descriptions in flight. */
  check(environment: NetEnvironment, caller: NetCaller): void {
    const count = this.#byUser.get(caller.credentials.uid) ?? 0;
    if (count <= environment.fileLimit(caller)) return;
    if (environment.capable(caller, CAP_SYS_RESOURCE) || environment.capable(caller, CAP_SYS_ADMIN)) return;
    throw new Errno(ETOOMANYREFS);
  }

  /** References to `files` for a message in the queue of `holder`, sent by user `uid`. */
  send(files: readonly File[], holder: UnixSocket, uid: number): File[] {
    for (const file of files) {
      file.references++;
      if (unixSocket(file) !== null) this.#sockets.set(file, (this.#sockets.get(file) ?? 0) + 1);
    }
    add(this.#holders, holder, 1);
    add(this.#byUser, uid, files.length);
    return [...files];
  }

  /** The message has left the queue; its references are the taker's. */
  receive(files: readonly File[], holder: UnixSocket, uid: number): void {
    for (const file of files) if (unixSocket(file) !== null) add(this.#sockets, file, -1);
    add(this.#holders, holder, -1);
    add(this.#byUser, uid, -files.length);
  }

  /** Frees what only queues refer to. */
  collect(): void {
    if (this.#collecting || this.#sockets.size === 0) return;
    const garbage = new Set<File>();
    for (const [file, count] of this.#sockets) if (file.references === count) garbage.add(file);
    if (garbage.size === 0) return;
    const reached: UnixSocket[] = [];
    for (const holder of this.#holders.keys()) {
      const { file } = holder.listener ?? holder;
      if (file !== null && !garbage.has(file)) reached.push(holder);
    }
    for (let socket = reached.pop(); socket !== undefined; socket = reached.pop()) {
      for (const file of socket.filesInQueue()) if (garbage.delete(file)) reached.push(unixSocket(file)!);
    }
    this.#collecting = true;
    try {
      for (const file of garbage) unixSocket(file)!.purge();
    } finally {
      this.#collecting = false;
    }
  }
}

/** Adds to a count, which is not kept at 0. */
function add<K>(counts: Map<K, number>, of: K, amount: number): void {
  const count = (counts.get(of) ?? 0) + amount;
  if (count === 0) counts.delete(of);
  else counts.set(of, count);
}
