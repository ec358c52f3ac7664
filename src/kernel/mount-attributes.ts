/** Between MOUNT_ATTR_*, as the descriptor based mount calls have them, and the MS_* that a mount keeps. */
import { EINVAL, Errno } from "../abi/errno.ts";
import * as api from "../abi/mount.ts";
import {
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_RDONLY,
  MS_STRICTATIME,
} from "../abi/statfs.ts";

const SIMPLE: readonly (readonly [attribute: number, flag: number])[] = [
  [api.MOUNT_ATTR_RDONLY, MS_RDONLY],
  [api.MOUNT_ATTR_NOSUID, MS_NOSUID],
  [api.MOUNT_ATTR_NODEV, MS_NODEV],
  [api.MOUNT_ATTR_NOEXEC, MS_NOEXEC],
  [api.MOUNT_ATTR_NODIRATIME, MS_NODIRATIME],
  [api.MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW],
];

/** MS_* of MOUNT_ATTR_*. Throws EINVAL for an access time that is none. */
export function mountFlags(attributes: number): number {
  let flags = 0;
  for (const [attribute, flag] of SIMPLE) if (attributes & attribute) flags |= flag;
  const atime = attributes & api.MOUNT_ATTR_ATIME;
  if (atime === api.MOUNT_ATTR_NOATIME) flags |= MS_NOATIME;
  else if (atime === api.MOUNT_ATTR_STRICTATIME) flags |= MS_STRICTATIME;
  else if (atime !== 0) throw new Errno(EINVAL);
  return flags;
}

/** MOUNT_ATTR_* of MS_*. */
export function mountAttributes(flags: number): number {
  let attributes = 0;
  for (const [attribute, flag] of SIMPLE) if (flags & flag) attributes |= attribute;
  if (flags & MS_NOATIME) attributes |= api.MOUNT_ATTR_NOATIME;
  else if (flags & MS_STRICTATIME) attributes |= api.MOUNT_ATTR_STRICTATIME;
  return attributes;
}
