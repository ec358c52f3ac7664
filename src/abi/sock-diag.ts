/** NETLINK_SOCK_DIAG of x86-64 Linux (sock_diag(7); include/uapi/linux/{sock_diag,inet_diag,unix_diag}.h). */

export const SOCK_DIAG_BY_FAMILY = 20;
export const SOCK_DESTROY = 21;

/** struct inet_diag_req_v2: { u8 family, protocol, ext, pad; u32 states; struct inet_diag_sockid id; }. */
export const INET_DIAG_REQ_BYTES = 56;
/** struct inet_diag_sockid: { be16 sport, dport; be32 src[4], dst[4]; u32 if, cookie[2]; }. */
export const INET_DIAG_SOCKID_BYTES = 48;
/** struct inet_diag_msg: { u8 family, state, timer, retrans; id; u32 expires, rqueue, wqueue, uid, inode; }. */
export const INET_DIAG_MSG_BYTES = 72;
/** Attributes of requests: the filter, and a protocol that is above 255. */
export const INET_DIAG_REQ_BYTECODE = 1;
export const INET_DIAG_REQ_PROTOCOL = 3;
/** Attributes of answers; those that `ext` asks for have bit n - 1 there. */
export const INET_DIAG_MEMINFO = 1;
export const INET_DIAG_INFO = 2;
export const INET_DIAG_CONG = 4;
export const INET_DIAG_TOS = 5;
export const INET_DIAG_TCLASS = 6;
export const INET_DIAG_SKMEMINFO = 7;
export const INET_DIAG_SHUTDOWN = 8;
export const INET_DIAG_SKV6ONLY = 11;

/** Operations of a filter: struct inet_diag_bc_op { u8 code, yes; u16 no; }. */
export const INET_DIAG_BC_NOP = 0;
export const INET_DIAG_BC_JMP = 1;
export const INET_DIAG_BC_S_GE = 2;
export const INET_DIAG_BC_S_LE = 3;
export const INET_DIAG_BC_D_GE = 4;
export const INET_DIAG_BC_D_LE = 5;
export const INET_DIAG_BC_AUTO = 6;
export const INET_DIAG_BC_S_COND = 7;
export const INET_DIAG_BC_D_COND = 8;
export const INET_DIAG_BC_S_EQ = 11;
export const INET_DIAG_BC_D_EQ = 12;

/** struct unix_diag_req: { u8 family, protocol; u16 pad; u32 states, ino, show, cookie[2]; }. */
export const UNIX_DIAG_REQ_BYTES = 24;
/** struct unix_diag_msg: { u8 family, type, state, pad; u32 ino, cookie[2]; }. */
export const UNIX_DIAG_MSG_BYTES = 16;
export const UDIAG_SHOW_NAME = 1;
export const UDIAG_SHOW_VFS = 2;
export const UDIAG_SHOW_PEER = 4;
export const UDIAG_SHOW_ICONS = 8;
export const UDIAG_SHOW_RQLEN = 0x10;
export const UDIAG_SHOW_MEMINFO = 0x20;
export const UDIAG_SHOW_UID = 0x40;
export const UNIX_DIAG_NAME = 0;
export const UNIX_DIAG_VFS = 1;
export const UNIX_DIAG_PEER = 2;
export const UNIX_DIAG_ICONS = 3;
export const UNIX_DIAG_RQLEN = 4;
export const UNIX_DIAG_MEMINFO = 5;
export const UNIX_DIAG_SHUTDOWN = 6;
export const UNIX_DIAG_UID = 7;
