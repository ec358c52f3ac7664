/* What random calls alone would seldom come to: processes, threads, and descriptors of every kind. */
#include <linux/sched.h>

/* clone(2) whose child goes on in `entry` when it has a stack of its own; without one it returns 0 as from fork. */
long clone_with(u64 number, u64 flags_or_args, u64 stack_or_size, int *parent, int *child, u64 tls, u64 own_stack);
__asm__(".text\nclone_with:\n"
        "push %rbx\n"
        "mov 16(%rsp), %rbx\n"
        "mov %rdi, %rax\n mov %rsi, %rdi\n mov %rdx, %rsi\n mov %rcx, %rdx\n mov %r8, %r10\n mov %r9, %r8\n"
        "syscall\n"
        "test %rax, %rax\n jnz 1f\n"
        "test %rbx, %rbx\n jz 1f\n"
        "xor %ebp, %ebp\n and $-16, %rsp\n"
        "mov %rbx, %rdi\n call thread_entry\n hlt\n"
        "1: pop %rbx\n ret\n"
        "restorer: mov $15, %eax\n syscall\n hlt\n");

/* At the top of a new thread's stack. */
struct start {
    u64 seed;
    int depth;
    int calls;
};

__attribute__((used)) void thread_entry(struct start *s) {
    struct fuzzer f = {.state = s->seed, .depth = s->depth};
    run(&f, s->calls);
    CALL(NR_exit, 0);
}

static u64 new_stack(struct fuzzer *f, u64 *size) {
    u8 *stack = OF(f, stacks);
    struct start *s = (struct start *)(stack + sizeof(stacks[0]) - 64);
    s->seed = next(f), s->depth = f->depth + 1, s->calls = below(f, 60);
    *size = (u8 *)s - stack;
    return (u64)stack;
}

static void child(struct fuzzer *f, int calls) {
    f->depth++;
    f->state = f->state * 31 + 1;
    if (one_in(f, 3)) CALL(NR_setpgid, 0, 0);
    run(f, calls);
    if (one_in(f, 4)) CALL(NR_exit, 3);
    leave(below(f, 3));
}

static const u64 THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

static void spawn(struct fuzzer *f) {
    if (f->depth > 4) return;
    long pid;
    int calls = below(f, 60);
    u64 flags = one_in(f, 2) ? below(f, 65) : 17, size = 0, stack = 0;
    switch (below(f, 6)) {
    case 0: pid = CALL(NR_fork); break;
    case 1: pid = CALL(NR_vfork); calls /= 4; break;
    case 2: flags = THREAD; break;
    case 3: flags |= constant(f, TYPE_clone_flags) & ~0x7ful; break;
    case 4: flags = constant(f, TYPE_clone_flags) | constant(f, TYPE_clone_flags); break;
    default: flags |= 0x7c020000 & next(f) & next(f);
    }
    if (flags != 17 || one_in(f, 2)) {
        int parent, *set = one_in(f, 3) ? (int *)futex_word(f) : &parent;
        if (flags & CLONE_VM) stack = new_stack(f, &size);
        u64 own = stack ? stack + size : 0;
        if (one_in(f, 3)) {
            u64 *a = room(f, 88);
            memset(a, 0, 88);
            a[0] = (flags & ~0xfful) | (one_in(f, 20) ? 1ul << below(f, 40) : 0), a[1] = (u64)set, a[2] = a[3] = (u64)set, a[4] = flags & CLONE_THREAD ? 0 : flags & 0xff;
            a[5] = stack, a[6] = size, a[7] = 0;
            if (one_in(f, 10)) a[8] = (u64)room(f, 16), a[9] = below(f, 3);
            if (one_in(f, 20)) a[10] = descriptor(f), a[0] |= 0x200000000;
            if (a[0] & CLONE_SETTLS) a[7] = (u64)pool;
            pid = clone_with(NR_clone3, (u64)a, one_in(f, 20) ? length(f) : 88, 0, 0, 0, own);
        } else {
            pid = clone_with(NR_clone, flags, own, set, set, (u64)pool, own);
        }
    }
    if (pid == 0) child(f, calls);
    if (pid > 0 && one_in(f, 3)) CALL(NR_wait4, one_in(f, 2) ? pid : -1, 0, one_in(f, 2) ? 1 : 0x40000000, 0);
}

/* The fuzzer again as a new program, or something that is none. */
static void execute(struct fuzzer *f) {
    static const char digits[] = "0123456789abcdef";
    char *seed = room(f, 32), *calls = room(f, 32);
    u64 n = next(f);
    for (int i = 0; i < 16; i++) seed[i] = digits[n >> 4 * i & 15];
    seed[16] = 0, calls[0] = digits[below(f, 16)], calls[1] = 0;
    u64 *argv = room(f, 64), envp[] = {(u64)"A=b", 0};
    argv[0] = (u64)"fuzz", argv[1] = (u64)"worker", argv[2] = (u64)seed, argv[3] = (u64)calls, argv[4] = 0;
    if (one_in(f, 6)) argv[below(f, 5)] = bad_address(f, 8);
    const char *file = one_in(f, 4) ? "script" : "/program";
    long pid = one_in(f, 2) && f->depth < 4 ? CALL(one_in(f, 2) ? NR_vfork : NR_fork) : 0;
    if (pid == 0) {
        CALL(NR_execve, one_in(f, 6) ? path(f) : (u64)file, one_in(f, 10) ? generic(f) : (u64)argv, one_in(f, 10) ? generic(f) : (u64)envp);
        if (f->depth) leave(1);
    }
}

/* A new descriptor of some kind. */
static void open_something(struct fuzzer *f) {
    int two[2], nonblocking = one_in(f, 2) ? 04000 : 0;
    u64 *at = room(f, 64);
    long fd;
    switch (below(f, 24)) {
    case 0: pipe_pair(f, two); break;
    case 1:
        if (CALL(NR_socketpair, 1, OF(f, ((const u8[]){1, 2, 5})) | nonblocking, 0, two) == 0) remember(f, STREAM, two[0]), remember(f, DATAGRAM, two[1]);
        break;
    case 2: fd = remember(f, EPOLL, CALL(NR_epoll_create1, 0));
        for (int i = 0; i < 6; i++) at[0] = below(f, 32), CALL(NR_epoll_ctl, fd, 1, descriptor(f), at);
        break;
    case 3: remember(f, EVENT, CALL(NR_eventfd2, below(f, 3), nonblocking | one_in(f, 3))); break;
    case 4: fd = remember(f, TIMER, CALL(NR_timerfd_create, below(f, 2), nonblocking)); time_value(f, at, 1), time_value(f, at + 2, 1), CALL(NR_timerfd_settime, fd, 0, at, 0); break;
    case 5: at[0] = next(f); remember(f, SIGNALS, CALL(NR_signalfd4, -1, at, 8, nonblocking)); break;
    case 6: remember(f, PROCESS, CALL(NR_pidfd_open, process_id(f), nonblocking)); break;
    case 7: {
        int zero = 0, n;
        fd = remember(f, MASTER, CALL(NR_open, "/dev/ptmx", 02 | nonblocking));
        CALL(NR_ioctl, fd, 0x40045431, &zero);
        if (one_in(f, 2)) CALL(NR_setsid);
        if (CALL(NR_ioctl, fd, 0x80045430, &n) == 0) remember(f, TERMINAL, CALL(NR_ioctl, fd, 0x5441, 02));
        break;
    }
    case 8: fd = remember(f, MEMORY, CALL(NR_memfd_create, "m", 2)); CALL(NR_ftruncate, fd, below(f, 20000)); break;
    case 9: at[0] = nonblocking, at[1] = 3, at[2] = 40; remember(f, QUEUE, CALL(NR_mq_open, one_in(f, 2) ? "q0" : "q1", 0102 | nonblocking, 0600, at)); break;
    case 10: remember(f, DIRECTORY, CALL(NR_open, path(f), 0200000 | one_in(f, 2) * 02000000)); break;
    case 11: CALL(NR_open, path(f), 010000000); break;
    case 12: CALL(NR_open, OF(f, PATHS), nonblocking | below(f, 3)); break;
    case 13: remember(f, REGULAR, CALL(NR_open, path(f), 0100 | below(f, 3) | nonblocking, 0666)); break;
    case 14: case 15: {
        u8 *a = room(f, 128);
        u32 size = socket_address(f, a);
        fd = CALL(NR_socket, *(u16 *)a, OF(f, ((const u8[]){1, 1, 2, 3, 5})) | nonblocking, 0);
        CALL(NR_bind, fd, a, size);
        if (one_in(f, 2)) CALL(NR_listen, remember(f, LISTENER, fd), below(f, 3));
        else CALL(NR_connect, remember(f, STREAM, fd), a, size);
        break;
    }
    case 16: fd = remember(f, DIRECTORY, CALL(NR_open, "/proc/self/fd", 0200000)); CALL(NR_getdents64, fd, pool, 4096); break;
    case 17: remember(f, one_in(f, 2) ? PIPE_READ : PIPE_WRITE, CALL(NR_open, "fifo", 02 | nonblocking)); break;
    case 18: remember(f, REGULAR, CALL(NR_open, "f0", 020000000 | 02, 0600)); break;
    case 19: remember(f, REGULAR, CALL(NR_open, "/tmp", 020200000 | 02, 0600)); break;
    case 20: CALL(NR_dup2, below(f, 64), below(f, 64)); break;
    case 21: remember(f, CONFIGURATION, CALL(NR_fsopen, OF(f, FILE_SYSTEMS), 0)); break;
    case 22: remember(f, INOTIFY, CALL(NR_inotify_init1, nonblocking)); break;
    case 23: remember(f, NAMESPACE, CALL(NR_open, "/proc/self/ns/uts", 0)); break;
    }
}

/* Descriptors in flight: a socket in its own queue among them. */
static void pass_descriptors(struct fuzzer *f) {
    int two[2];
    if (CALL(NR_socketpair, 1, one_in(f, 2) ? 1 : 2, 0, two) != 0) return;
    u64 *control = room(f, 64), *m = room(f, 56), *v = room(f, 16);
    control[0] = 16 + 12, control[1] = 1 | 1ul << 32;
    ((u32 *)control)[4] = two[below(f, 2)], ((u32 *)control)[5] = descriptor(f), ((u32 *)control)[6] = one_in(f, 2) ? two[1] : 0;
    memset(m, 0, 56);
    v[0] = (u64)"x", v[1] = 1;
    m[2] = (u64)v, m[3] = 1, m[4] = (u64)control, m[5] = 32;
    CALL(NR_sendmsg, two[0], m, 0x4040);
    if (one_in(f, 3)) CALL(NR_recvmsg, two[1], m, one_in(f, 2) ? 0x42 : 0x40);
    if (!one_in(f, 3)) CALL(NR_close, two[0]);
    if (!one_in(f, 3)) CALL(NR_close, two[1]);
}

static void read_proc(struct fuzzer *f) {
    static const char *const directories[] = {"/proc", "/proc/self", "/proc/self/ns", "/proc/net", "/proc/sys/kernel", "/proc/sys/fs",
                                              "/proc/sys/vm", "/proc/sys/net/ipv4", "/proc/sys/fs/mqueue", "/proc/2", "/proc/3", "/proc/self/task", "/proc/sysvipc", "/dev", "/sys"};
    long directory = CALL(NR_open, OF(f, directories), 0200000);
    u8 *entries = room(f, 2048);
    long size = CALL(NR_getdents64, directory, entries, 2048), at = 0;
    if (size <= 0 || size > 2048) goto out;
    for (u32 skip = below(f, 30); skip > 0 && at + *(u16 *)(entries + at + 16) < size; skip--) at += *(u16 *)(entries + at + 16);
    long fd = CALL(NR_openat, directory, entries + at + 19, 04000 | below(f, 3) * one_in(f, 3));
    for (int i = 0; i < 3 && fd >= 0; i++) CALL(NR_read, fd, room(f, 1000), length(f));
    if (fd >= 0 && one_in(f, 2)) CALL(NR_write, fd, text(f, OF(f, WORDS)), one_in(f, 4) ? length(f) : 1 + below(f, 8));
    if (!one_in(f, 3)) CALL(NR_close, fd);
out:
    CALL(NR_close, directory);
}

static void bend_context(struct fuzzer *f, u64 *context);

/* The context is the third argument; a seldom one is changed. */
static void handler(int signal, void *info, u64 *context) {
    struct fuzzer f = {.state = signal + *(volatile u64 *)pool, .depth = 5};
    /* A fault would come again for ever. */
    if (signal == 11 || signal == 7 || signal == 4 || signal == 8) CALL(NR_exit, signal);
    if (one_in(&f, 6)) run(&f, below(&f, 4));
    if (one_in(&f, 60)) bend_context(&f, context);
    *(volatile u64 *)pool += 1;
}

static void install_handlers(struct fuzzer *f) {
    static const u8 signals[] = {1, 2, 10, 12, 13, 14, 17, 18, 23, 28, 29, 34, 35, 40, 64};
    for (u32 i = 0; i < sizeof(signals); i++) {
        u64 a[4];
        signal_action(f, a);
        if (a[0] < 2 || one_in(f, 2)) a[0] = (u64)handler;
        CALL(NR_rt_sigaction, signals[i], a, 0, 8);
    }
    u64 tick[] = {0, 5000, 0, 5000};
    CALL(NR_setitimer, 0, tick, 0);
}
