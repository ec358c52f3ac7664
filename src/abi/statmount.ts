/** statmount(2) and listmount(2) (include/uapi/linux/mount.h, Linux 6.18). */

/** Ids of mounts that are never used again are above this (MNT_UNIQUE_ID_OFFSET). */
export const UNIQUE_MOUNT_IDS = 2 ** 31;

/** Bytes of struct mnt_id_req, without and with the namespace's id. */
export const MNT_ID_REQ_SIZE_VER0 = 24;
export const MNT_ID_REQ_SIZE_VER1 = 32;

export const LISTMOUNT_REVERSE = 1;
/** Most ids of one listmount(2). */
export const LISTMOUNT_MAX = 1_000_000;

/** What to tell of. */
export const STATMOUNT_SB_BASIC = 0x1;
export const STATMOUNT_MNT_BASIC = 0x2;
export const STATMOUNT_PROPAGATE_FROM = 0x4;
export const STATMOUNT_MNT_ROOT = 0x8;
export const STATMOUNT_MNT_POINT = 0x10;
export const STATMOUNT_FS_TYPE = 0x20;
export const STATMOUNT_MNT_NS_ID = 0x40;
export const STATMOUNT_MNT_OPTS = 0x80;
export const STATMOUNT_FS_SUBTYPE = 0x100;
export const STATMOUNT_SB_SOURCE = 0x200;
export const STATMOUNT_OPT_ARRAY = 0x400;
export const STATMOUNT_OPT_SEC_ARRAY = 0x800;
export const STATMOUNT_SUPPORTED_MASK = 0x1000;
export const STATMOUNT_MNT_UIDMAP = 0x2000;
export const STATMOUNT_MNT_GIDMAP = 0x4000;
export const STATMOUNT_SUPPORTED = 0x7fff;
/** Those that are strings. */
export const STATMOUNT_STRINGS =
  STATMOUNT_MNT_ROOT |
  STATMOUNT_MNT_POINT |
  STATMOUNT_FS_TYPE |
  STATMOUNT_MNT_OPTS |
  STATMOUNT_FS_SUBTYPE |
  STATMOUNT_SB_SOURCE |
  STATMOUNT_OPT_ARRAY |
  STATMOUNT_OPT_SEC_ARRAY |
  STATMOUNT_MNT_UIDMAP |
  STATMOUNT_MNT_GIDMAP;

/** Bytes of struct statmount before its strings, and where its fields are. */
export const STATMOUNT_SIZE = 512;
export const STATMOUNT_FIELDS = {
  size: 0,
  options: 4,
  mask: 8,
  deviceMajor: 16,
  deviceMinor: 20,
  magic: 24,
  superFlags: 32,
  type: 36,
  id: 40,
  parentId: 48,
  oldId: 56,
  oldParentId: 60,
  attributes: 64,
  propagation: 72,
  peerGroup: 80,
  master: 88,
  propagateFrom: 96,
  root: 104,
  point: 108,
  namespaceId: 112,
  source: 124,
  optionCount: 128,
  optionArray: 132,
  supported: 144,
} as const;
