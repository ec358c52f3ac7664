/* Descriptors by kind, so that calls that want one kind get it; and values that are now and then others. */

enum kind {
    ANY, PIPE_READ, PIPE_WRITE, STREAM, DATAGRAM, LISTENER, EPOLL, EVENT, TIMER, SIGNALS, PROCESS, MASTER, TERMINAL, MEMORY, QUEUE,
    DIRECTORY, REGULAR, INOTIFY, CONFIGURATION, MOUNTED, NAMESPACE, KINDS
};
/* The last few of each. All threads of a process have the same; a child begins with a copy. */
static volatile u8 kinds[KINDS][4];

static long remember(struct fuzzer *f, enum kind kind, long fd) {
    if (fd >= 0 && fd < 256) kinds[kind][below(f, 4)] = fd;
    return fd;
}

static u64 descriptor(struct fuzzer *f);

/* A descriptor that was of that kind when it was made. */
static u64 of_kind(struct fuzzer *f, enum kind kind) { return one_in(f, 12) ? descriptor(f) : kinds[kind][below(f, 4)]; }

/* What the call has returned is remembered by what it makes. */
static void classify(struct fuzzer *f, u32 number, long result) {
    if (result < 0) return;
    switch (number) {
    case NR_accept: case NR_accept4: remember(f, STREAM, result); break;
    case NR_epoll_create: case NR_epoll_create1: remember(f, EPOLL, result); break;
    case NR_eventfd: case NR_eventfd2: remember(f, EVENT, result); break;
    case NR_timerfd_create: remember(f, TIMER, result); break;
    case NR_signalfd: case NR_signalfd4: remember(f, SIGNALS, result); break;
    case NR_pidfd_open: remember(f, PROCESS, result); break;
    case NR_memfd_create: remember(f, MEMORY, result); break;
    case NR_mq_open: remember(f, QUEUE, result); break;
    case NR_inotify_init: case NR_inotify_init1: remember(f, INOTIFY, result); break;
    case NR_creat: remember(f, REGULAR, result); break;
    case NR_fsopen: case NR_fspick: remember(f, CONFIGURATION, result); break;
    case NR_fsmount: case NR_open_tree: remember(f, MOUNTED, result); break;
    }
}

/* The kind that the call's first argument should be of. */
static enum kind wanted(u32 number) {
    switch (number) {
    case NR_accept: case NR_accept4: case NR_listen: return LISTENER;
    case NR_epoll_ctl: case NR_epoll_wait: case NR_epoll_pwait: case NR_epoll_pwait2: return EPOLL;
    case NR_timerfd_settime: case NR_timerfd_gettime: return TIMER;
    case NR_pidfd_send_signal: case NR_pidfd_getfd: case NR_process_madvise: case NR_process_mrelease: return PROCESS;
    case NR_mq_timedsend: case NR_mq_timedreceive: case NR_mq_notify: case NR_mq_getsetattr: return QUEUE;
    case NR_inotify_add_watch: case NR_inotify_rm_watch: return INOTIFY;
    case NR_fsconfig: case NR_fsmount: return CONFIGURATION;
    case NR_move_mount: case NR_mount_setattr: return MOUNTED;
    case NR_setns: return NAMESPACE;
    case NR_fgetxattr: case NR_fsetxattr: case NR_fremovexattr: case NR_flistxattr: case NR_copy_file_range: case NR_fallocate:
    case NR_ftruncate: case NR_sendfile:
        return REGULAR;
    case NR_getdents: case NR_getdents64: case NR_fchdir: return DIRECTORY;
    case NR_tee: case NR_splice: return PIPE_READ;
    case NR_vmsplice: return PIPE_WRITE;
    case NR_sendto: case NR_sendmsg: case NR_sendmmsg: case NR_recvfrom: case NR_recvmsg: case NR_recvmmsg: case NR_shutdown:
    case NR_getpeername: case NR_setsockopt: case NR_getsockopt:
        return STREAM;
    }
    return ANY;
}
