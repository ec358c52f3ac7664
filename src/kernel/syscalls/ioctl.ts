/** ioctl(2): what every descriptor knows; the rest is the file's own. */
import { ENOTTY } from "../../abi/errno.ts";
import { O_ASYNC, O_NONBLOCK } from "../../abi/fcntl.ts";
import { FIOASYNC, FIOCLEX, FIONBIO, FIONCLEX, FIONREAD, FIOQSIZE } from "../../abi/ioctl.ts";
import { isDirectory, isRegular, isSymlink } from "../../abi/stat.ts";
import type { File } from "../../fs/file.ts";
import type { Thread } from "../task.ts";
import { fileOf } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

/** Sets or clears a status flag by the int at `address`. */
function changeFlag(t: Thread, file: File, address: number, flag: number): number {
  return file.setFlags(t.user.i32(address) !== 0 ? file.flags | flag : file.flags & ~flag);
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
      return changeFlag(t, file, argument, O_ASYNC);
    case FIONREAD:
      if (!isRegular(inode.mode)) break;
      t.user.setU32(argument, inode.size - file.offset);
      return 0;
    case FIOQSIZE:
      if (!isRegular(inode.mode) && !isDirectory(inode.mode) && !isSymlink(inode.mode)) return -ENOTTY;
      t.user.setU64(argument, inode.size);
      return 0;
  }
  return file.ioctl(t, t.user, request, argument);
};

export const rows: readonly SyscallRow[] = [call(16, "ioctl", "fd ioctl-request ptr", ioctl)];
