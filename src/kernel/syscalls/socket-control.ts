/** Control messages in user memory (cmsg(3)): descriptors and credentials on their way in and out. */
import { CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN } from "../../abi/capability.ts";
import { EINVAL, ENOBUFS, EPERM, Errno, ESRCH } from "../../abi/errno.ts";
import {
  AF_UNIX,
  CMSG_HEADER,
  cmsgAlign,
  MSG_CTRUNC,
  OPTMEM_MAX,
  SCM_CREDENTIALS,
  SCM_MAX_FD,
  SCM_PIDFD,
  SCM_RIGHTS,
  SOL_SOCKET,
} from "../../abi/socket.ts";
import type { File } from "../../fs/file.ts";
import type { ControlMessage, Incoming, Outgoing } from "../../net/message.ts";
import type { Socket } from "../../net/socket.ts";
import type { PeerCredentials } from "../../net/types.ts";
import { capableIn, capableInside } from "../capabilities.ts";
import { globalPid } from "../lookup.ts";
import { ownerOf } from "../namespaces.ts";
import { PidFile } from "../pidfd.ts";
import type { Process, Thread } from "../task.ts";
import { ucredBytes } from "../ucred.ts";
import { toKernel } from "../user-namespace.ts";

/** Reads the control messages at `address` into `message`. Throws EINVAL, EBADF, EPERM, ESRCH, ENOBUFS, ETOOMANYREFS. */
export function readControl(t: Thread, socket: Socket, address: number, length: number, message: Outgoing): void {
  if (length > OPTMEM_MAX) throw new Errno(ENOBUFS);
  const bytes = t.user.read(address, length);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const rights: File[] = [];
  const others: ControlMessage[] = [];
  for (let at = 0; at + CMSG_HEADER <= length; ) {
    const size = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
    if (size < CMSG_HEADER || size > length - at) throw new Errno(EINVAL);
    const level = view.getInt32(at + 8, true);
    const type = view.getInt32(at + 12, true);
    const data = bytes.subarray(at + CMSG_HEADER, at + size);
    if (socket.family !== AF_UNIX) others.push({ level, type, data });
    else if (level === SOL_SOCKET) readScm(t, type, data, rights, message);
    at += cmsgAlign(size);
  }
  message.control = others;
  if (rights.length === 0) return;
  socket.network.inFlight.check(socket.network.environment, t);
  message.rights = rights;
}

function readScm(t: Thread, type: number, data: Uint8Array, rights: File[], message: Outgoing): void {
  const words = new Int32Array(data.slice(0, data.length & ~3).buffer);
  if (type === SCM_RIGHTS) {
    if (words.length > SCM_MAX_FD || rights.length + words.length > SCM_MAX_FD) throw new Errno(EINVAL);
    for (const fd of words) rights.push(t.files.file(fd));
  } else if (type === SCM_CREDENTIALS) {
    if (data.length !== 12) throw new Errno(EINVAL);
    message.credentials = claimed(t, words[0], words[1] >>> 0, words[2] >>> 0);
  } else {
    throw new Errno(EINVAL);
  }
}

/** What the sender says it is: only the privileged may say anything (scm_check_creds). */
function claimed(t: Thread, pidGiven: number, uidGiven: number, gidGiven: number): PeerCredentials {
  const c = t.credentials;
  const pid = globalPid(t.process, pidGiven);
  const uid = toKernel(c.userNamespace.uids, uidGiven);
  const gid = toKernel(c.userNamespace.gids, gidGiven);
  if (uid < 0 || gid < 0) throw new Errno(EINVAL);
  const mayPid = pid === t.pid || capableIn(c, ownerOf(t.process.pidNamespace), CAP_SYS_ADMIN);
  const mayUid = uid === c.uid || uid === c.euid || uid === c.suid || capableInside(c, CAP_SETUID);
  const mayGid = gid === c.gid || gid === c.egid || gid === c.sgid || capableInside(c, CAP_SETGID);
  if (!mayPid || !mayUid || !mayGid) throw new Errno(EPERM);
  const process = t.kernel.processes.get(pid);
  if (process === undefined) throw new Errno(ESRCH);
  return { pid, uid, gid, groups: c.groups, process };
}

/** Room for control messages in user memory, which they fill in order. Throws EFAULT when it is made. */
export class ControlTarget {
  /** Bytes that have been filled. */
  used = 0;
  readonly #t: Thread;
  readonly #address: number;
  readonly #length: number;
  readonly #closeOnExec: boolean;

  constructor(t: Thread, address: number, length: number, closeOnExec: boolean) {
    this.#t = t;
    this.#address = address;
    this.#length = address === 0 ? 0 : length;
    this.#closeOnExec = closeOnExec;
    t.user.probe(address, Math.min(this.#length, OPTMEM_MAX), true);
  }

  get #left(): number {
    return this.#length - this.used;
  }

  /** Everything that came along with a message; what has no room is dropped, and MSG_CTRUNC says so. */
  put(message: Incoming): void {
    for (const { level, type, data } of message.control) this.#put(level, type, data, message);
    const { credentials } = message;
    if (credentials !== null) {
      this.#put(SOL_SOCKET, SCM_CREDENTIALS, ucredBytes(this.#t, credentials), message);
    }
    if (message.rights !== null) this.#putRights(message.rights, message);
    if (message.pidfd !== null) this.#putPidfd(message.pidfd.process ?? null, message);
  }

  #put(level: number, type: number, data: Uint8Array, message: Incoming): void {
    if (this.#left < CMSG_HEADER) {
      message.found |= MSG_CTRUNC;
      return;
    }
    const length = Math.min(CMSG_HEADER + data.length, this.#left);
    if (length < CMSG_HEADER + data.length) message.found |= MSG_CTRUNC;
    this.#header(length, level, type);
    this.#t.user.copyOut(this.#address + this.used + CMSG_HEADER, data.subarray(0, length - CMSG_HEADER));
    this.used += Math.min(cmsgAlign(length), this.#left);
  }

  #header(length: number, level: number, type: number): void {
    const { user } = this.#t;
    const at = this.#address + this.used;
    user.setU64(at, length);
    user.setU32(at + 8, level);
    user.setU32(at + 12, type);
  }

  /** As many as there is room for, in memory and in the table of descriptors. */
  #putRights(files: readonly File[], message: Incoming): void {
    const room = Math.max(Math.floor((this.#left - CMSG_HEADER) / 4), 0);
    let count = 0;
    for (const file of files) {
      if (count >= room || !this.#install(file, this.used + CMSG_HEADER + count * 4)) {
        file.close();
        message.found |= MSG_CTRUNC;
      } else {
        count++;
      }
    }
    message.rights = null;
    if (count === 0) return;
    const length = CMSG_HEADER + count * 4;
    this.#header(length, SOL_SOCKET, SCM_RIGHTS);
    this.used += Math.min(cmsgAlign(length), this.#left);
  }

  #install(file: File, at: number): boolean {
    const t = this.#t;
    try {
      t.user.probe(this.#address + at, 4, true);
      const fd = t.files.install(file, this.#closeOnExec, t.process.limits.openFiles);
      t.user.setU32(this.#address + at, fd);
      return true;
    } catch (error) {
      if (error instanceof Errno) return false;
      throw error;
    }
  }

  #putPidfd(process: object | null, message: Incoming): void {
    const t = this.#t;
    if (this.#left < CMSG_HEADER + 4) {
      message.found |= MSG_CTRUNC;
      return;
    }
    let fd = -ESRCH;
    if (process !== null) {
      const file = new PidFile(t, process as Process, 0);
      try {
        if (!file.reaped) fd = t.files.install(file, true, t.process.limits.openFiles);
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        // The number says why there is none (scm_pidfd_recv).
        fd = -error.errno;
      }
      if (fd < 0) file.close();
    }
    this.#put(SOL_SOCKET, SCM_PIDFD, new Uint8Array(Int32Array.of(fd).buffer), message);
  }
}
