/** POSIX message queues (mq_overview(7), include/linux/ipc_namespace.h, ipc/mqueue.c). */

export const MQUEUE_MAGIC = 0x19800202;
/** Priorities are below it. */
export const MQ_PRIO_MAX = 32768;
/** Limits that hold for the privileged too. */
export const HARD_MSGMAX = 65536;
export const HARD_MSGSIZEMAX = 16 << 20;
/** Most bytes of a name. */
export const NAME_MAX = 255;
/** What a message, and a priority, count for in RLIMIT_MSGQUEUE (struct msg_msg, struct posix_msg_tree_node). */
export const MESSAGE_OVERHEAD = 48;
export const PRIORITY_OVERHEAD = 48;
/** st_size of a queue. */
export const QUEUE_FILE_SIZE = 80;
/** struct mq_attr: mq_flags, mq_maxmsg, mq_msgsize, mq_curmsgs, four reserved; longs. */
export const MQ_ATTR_SIZE = 64;
/** si_code of a notification. */
export const SI_MESGQ = -3;
/** Bytes of the cookie of SIGEV_THREAD, and what its last one becomes. */
export const NOTIFY_COOKIE_SIZE = 32;
export const NOTIFY_WOKENUP = 1;
export const NOTIFY_REMOVED = 2;
/** sigev_notify beside those of abi/time.ts. */
export const SIGEV_THREAD = 2;
