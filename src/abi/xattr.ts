/** Extended attributes (include/uapi/linux/limits.h, xattr.h; xattr(7)). */

/** Longest name, the NUL apart, and largest value, in bytes. */
export const XATTR_NAME_MAX = 255;
export const XATTR_SIZE_MAX = 65536;
/** Largest list of names, in bytes. */
export const XATTR_LIST_MAX = 65536;

/** setxattr(2): the attribute must not be there yet, or must be there. */
export const XATTR_CREATE = 1;
export const XATTR_REPLACE = 2;

/** Access control lists (include/uapi/linux/posix_acl.h, posix_acl_xattr.h; acl(5)): kinds of entries. */
export const ACL_USER_OBJ = 0x01;
export const ACL_USER = 0x02;
export const ACL_GROUP_OBJ = 0x04;
export const ACL_GROUP = 0x08;
export const ACL_MASK = 0x10;
export const ACL_OTHER = 0x20;
/** Id of an entry that names no user or group. */
export const ACL_UNDEFINED_ID = -1;
export const POSIX_ACL_XATTR_VERSION = 2;

/** Capabilities of a file (include/uapi/linux/capability.h): the attribute, revisions of its form, its flag. */
export const FILE_CAPABILITY = "security.capability";
export const VFS_CAP_REVISION_2 = 0x0200_0000;
export const VFS_CAP_REVISION_3 = 0x0300_0000;
export const VFS_CAP_EFFECTIVE = 1;
