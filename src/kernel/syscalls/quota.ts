/** quotactl(2), quotactl_fd(2): no file system here has quotas, and there are no block devices (fs/quota/quota.c). */
import { EBADF, EINVAL, ENODEV, ENOSYS, ENOTBLK } from "../../abi/errno.ts";
import { AT_FDCWD } from "../../abi/fcntl.ts";
import { isBlockDevice } from "../../abi/stat.ts";
import { requireWritable } from "../../fs/permission.ts";
import { locate, locationOf, pathAt } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

/** Kinds of quotas: of users, groups and projects, in the low byte of a command. */
const KINDS = 3;
/** Commands, above the kind: those that change nothing, and the one that writes all back. */
const Q_SYNC = 0x800001;
const Q_GETFMT = 0x800004;
const Q_GETINFO = 0x800005;
const Q_XGETQUOTA = 0x5803;
const Q_XGETQSTAT = 0x5805;
const Q_XQUOTASYNC = 0x5807;
const Q_XGETQSTATV = 0x5808;
const Q_XGETNEXTQUOTA = 0x5809;
const ASKING = new Set([
  Q_SYNC,
  Q_GETFMT,
  Q_GETINFO,
  Q_XGETQUOTA,
  Q_XGETQSTAT,
  Q_XQUOTASYNC,
  Q_XGETQSTATV,
  Q_XGETNEXTQUOTA,
]);

const quotactl: Handler = (t, command, special) => {
  if ((command & 0xff) >= KINDS) return -EINVAL;
  if (special === 0) return command >>> 8 === Q_SYNC ? 0 : -ENODEV;
  const { inode } = locate(t, AT_FDCWD, pathAt(t, special), 0);
  return isBlockDevice(inode.mode) ? -ENODEV : -ENOTBLK;
};

const quotactlFd: Handler = (t, fd, command) => {
  if (fd < 0) return -EBADF;
  const { mount } = locationOf(t, t.files.file(fd));
  if ((command & 0xff) >= KINDS) return -EINVAL;
  if (!ASKING.has(command >>> 8)) requireWritable(mount);
  return -ENOSYS;
};

export const rows: readonly SyscallRow[] = [
  call(179, "quotactl", "hex path int ptr", quotactl, "no file system has quotas"),
  call(443, "quotactl_fd", "fd hex int ptr", quotactlFd, "no file system has quotas"),
];
