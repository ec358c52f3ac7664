/** ioctl(2): what every descriptor knows; the rest is the file's own. */
import { CAP_SYS_TTY_CONFIG } from "../../abi/capability.ts";
import { EIO, ENOTTY, EPERM } from "../../abi/errno.ts";
import { O_ASYNC, O_CLOEXEC, O_LARGEFILE, O_NONBLOCK } from "../../abi/fcntl.ts";
import { FIGETBSZ, FIOASYNC, FIOCLEX, FIONBIO, FIONCLEX, FIONREAD, FIOQSIZE, TIOCGPTPEER } from "../../abi/ioctl.ts";
import { FIOGETOWN, FIOSETOWN, SIOCGPGRP, SIOCSPGRP } from "../../abi/socket.ts";
import { isDirectory, isRegular, isSymlink } from "../../abi/stat.ts";
import type { File } from "../../fs/file.ts";
import { MasterFile } from "../../fs/tty/master.ts";
import { TtyFile } from "../../fs/tty/tty-file.ts";
import { SocketFile } from "../../net/file.ts";
import type { Block } from "../../wait/queue.ts";
import { capable } from "../capabilities.ts";
import { isAsynchronous, setAsynchronous } from "../owner-signal.ts";
import type { Thread } from "../task.ts";
import { ownerShown, setOwner } from "./fcntl.ts";
import { fileOf } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

/** Sets or clears a status flag by the int at `address`. */
function changeFlag(t: Thread, file: File, address: number, flag: number): number {
  return file.setFlags(t.user.i32(address) !== 0 ? file.flags | flag : file.flags & ~flag);
}

/** FIOASYNC: ENOTTY for what has nothing to tell. */
function changeAsync(t: Thread, file: File, on: boolean): number {
  if (on === ((file.flags & O_ASYNC) !== 0)) return 0;
  if (!isAsynchronous(file) && !(file instanceof SocketFile)) return -ENOTTY;
  const result = file.setFlags(on ? file.flags | O_ASYNC : file.flags & ~O_ASYNC);
  if (result === 0) setAsynchronous(t.kernel, file, on);
  return result;
}

const ioctl: Handler = (t, fd, request, argument) => {
  const file = fileOf(t, fd);
  const { inode } = file;
  switch (request) {
    case FIOCLEX:
    case FIONCLEX:
      t.files.setCloseOnExec(fd, request === FIOCLEX);
      return 0;
    case FIONBIO:
      return changeFlag(t, file, argument, O_NONBLOCK);
    case FIOASYNC:
      return changeAsync(t, file, t.user.i32(argument) !== 0);
    case FIONREAD:
      if (!isRegular(inode.mode)) break;
      t.user.setU32(argument, inode.size - file.offset);
      return 0;
    case FIGETBSZ:
      t.user.setU32(argument, inode.fileSystem.blockSize);
      return 0;
    case FIOQSIZE:
      if (!isRegular(inode.mode) && !isDirectory(inode.mode) && !isSymlink(inode.mode)) return -ENOTTY;
      t.user.setU64(argument, inode.size);
      return 0;
  }
  if (request === TIOCGPTPEER && file instanceof TtyFile) return openPeer(t, file, argument);
  const owner = file instanceof SocketFile ? socketOwner(t, file, request, argument) : null;
  return owner ?? file.ioctl(t, t.user, request, argument);
};

/** Who gets SIGIO and SIGURG of a socket, as F_SETOWN and F_GETOWN have it; null for other requests (sock_ioctl). */
function socketOwner(t: Thread, file: SocketFile, request: number, argument: number): number | null {
  switch (request) {
    case FIOSETOWN:
    case SIOCSPGRP:
      return setOwner(t, file, t.user.i32(argument));
    case FIOGETOWN:
    case SIOCGPGRP:
      t.user.setU32(argument, ownerShown(t, file));
      return 0;
  }
  return null;
}

/** TIOCGPTPEER: the slave of a master, whether or not it has a path that leads to it. */
function openPeer(t: Thread, master: TtyFile, flags: number): number | Block {
  if (!(master instanceof MasterFile) || master.hungUp) return -EIO;
  const limit = t.process.limits.openFiles;
  t.files.reserve(1, limit);
  const { slave } = master;
  if (slave === null) return -EIO;
  const file = slave.inode.open(t, flags & ~O_CLOEXEC, slave);
  if (!("inode" in file)) return file;
  file.flags |= O_LARGEFILE;
  return t.files.install(file, (flags & O_CLOEXEC) !== 0, limit);
}

/** vhangup(2): the caller's terminal is hung up, as if the line were gone. */
function vhangup(t: Thread): number {
  if (!capable(t.credentials, CAP_SYS_TTY_CONFIG)) return -EPERM;
  t.process.terminal?.hangUp();
  return 0;
}

export const rows: readonly SyscallRow[] = [
  call(16, "ioctl", "fd ioctl-request ptr", ioctl),
  call(153, "vhangup", "", vhangup),
];
