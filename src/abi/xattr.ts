/** Extended attributes (include/uapi/linux/limits.h, xattr.h; xattr(7)). */

/** Longest name, the NUL apart, and largest value, in bytes. */
export const XATTR_NAME_MAX = 255;
export const XATTR_SIZE_MAX = 65536;
/** Largest list of names, in bytes. */
export const XATTR_LIST_MAX = 65536;

/** setxattr(2): the attribute must not be there yet, or must be there. */
export const XATTR_CREATE = 1;
export const XATTR_REPLACE = 2;
