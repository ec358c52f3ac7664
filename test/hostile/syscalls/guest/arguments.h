/* Arguments by the types of the system call table's rows (calls.h is generated from it). */

#define LIST(name, ...) static const u64 name[] = {__VA_ARGS__}

LIST(EDGES, 0, 1, 2, 3, 4, 7, 8, 16, 64, 255, 256, 1000, 4095, 4096, 4097, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff,
     0x100000000, 0x7fffffffffffffff, 0x8000000000000000, -1, -2, -100, -4096, -4095, 0xfffff000, 1ul << 40, 1ul << 47);
LIST(LENGTHS, 0, 1, 2, 3, 4, 8, 12, 16, 24, 32, 36, 48, 56, 64, 88, 100, 108, 110, 120, 128, 144, 200, 255, 256, 1000, 1024, 4095,
     4096, 4097, 8192);

static const char *const PATHS[] = {
    "f0", "f1", "f2", "f3", "d0", "d1", "d0/f0", "d0/f1", "d1/f0", "d0/d2", "l0", "l1", "loop", "fifo", "sock", "hole", ".", "..", "/",
    "", "/tmp", "/tmp/f0", "/tmp/../tmp/./f1", "d0/", "f0/", "f0/x", "none/x", "nil", "script", "/program", "/dev/null", "/dev/zero",
    "/dev/full", "/dev/random", "/dev/tty", "/dev/ptmx", "/dev/pts/0", "/dev/pts/1", "/dev/pts", "/dev/shm/a", "/dev/fd/0",
    "/dev/console", "/dev/stdin", "/dev/mqueue", "/dev/mqueue/q0", "/proc", "/proc/self", "/proc/self/fd", "/proc/self/fd/0",
    "/proc/self/fd/5", "/proc/self/fd/9", "/proc/self/exe", "/proc/self/cwd", "/proc/self/root", "/proc/self/maps",
    "/proc/self/mem", "/proc/self/stat", "/proc/self/status", "/proc/self/comm", "/proc/self/oom_score_adj",
    "/proc/self/uid_map", "/proc/self/gid_map", "/proc/self/setgroups", "/proc/self/task", "/proc/self/ns/mnt",
    "/proc/self/ns/pid", "/proc/self/ns/net", "/proc/self/ns/user", "/proc/self/ns/ipc", "/proc/self/ns/uts", "/proc/self/mounts",
    "/proc/self/mountinfo", "/proc/self/fdinfo/3", "/proc/self/fdinfo/7", "/proc/self/environ", "/proc/self/timers",
    "/proc/self/limits", "/proc/self/auxv", "/proc/self/timerslack_ns", "/proc/self/coredump_filter", "/proc/thread-self",
    "/proc/1/status", "/proc/2/status", "/proc/2/fd/1", "/proc/3/stat", "/proc/3/root/f0", "/proc/4/cwd", "/proc/5/maps",
    "/proc/meminfo", "/proc/stat", "/proc/mounts", "/proc/net/tcp", "/proc/net/unix", "/proc/net/udp", "/proc/sysvipc/sem",
    "/proc/sysvipc/shm", "/proc/sysvipc/msg", "/proc/sys/kernel/hostname", "/proc/sys/kernel/pid_max", "/proc/sys/kernel/ns_last_pid",
    "/proc/sys/kernel/sem", "/proc/sys/kernel/shmmax", "/proc/sys/fs/pipe-max-size", "/proc/sys/fs/mqueue/msg_max",
    "/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/random/uuid", "/proc/sys", "/proc/filesystems", "/proc/cpuinfo",
    "/proc/uptime", "/proc/locks", "/proc/devices", "/proc/loadavg", "/proc/version"};
static const char *const FILE_SYSTEMS[] = {"tmpfs", "proc", "devpts", "mqueue", "overlay", "sysfs", "ramfs", "devtmpfs", "cgroup2", "none", ""};
static const char *const WORDS[] = {"user.a", "user.b", "trusted.c", "security.d", "system.posix_acl_access", "user.", "q0", "/q0", "/q1", "size=64k",
                                    "mode=700,uid=5", "source", "size", "mode", "newinstance", "1", "-1", "0 0 1", "0 1000 1", "deny",
                                    "lowerdir=d0,upperdir=d1,workdir=d2", "123456789012345678901234567890", "x"};
static const char LONG_PATH[5000] = {[0 ... 4998] = 'a'};
static const char DEEP_PATH[] = "d0/../d0/../d0/../d0/../d0/../d0/../d0/../d0/../d0/../d0/../d0/../d0/../d0/../d0/../d0/../f0";

static u64 text(struct fuzzer *f, const char *s) {
    u32 n = 0;
    while (s[n]) n++;
    if (n > 4000 || !one_in(f, 6)) return one_in(f, 60) ? bad_address(f, 16) : (u64)s;
    /* In memory that others change, or up to the end of a page, or without its end. */
    u8 *at = one_in(f, 2) ? room(f, n + 1) : (u8 *)(GOOD + 16 * PAGE - n - 1 + (one_in(f, 4)));
    if ((u64)at + n + 1 > GOOD + 16 * PAGE && (u64)at < GOOD + 17 * PAGE && (u64)at >= GOOD) n--;
    memcpy(at, s, n);
    at[n] = 0;
    if (one_in(f, 8)) at[below(f, n + 1)] = (u8)next(f);
    return (u64)at;
}

static u64 path(struct fuzzer *f) {
    if (one_in(f, 60)) return (u64)LONG_PATH + (one_in(f, 2) ? 0 : 4999 - (one_in(f, 2) ? 255 : 256));
    if (one_in(f, 60)) return (u64)DEEP_PATH;
    if (one_in(f, 2)) return text(f, PATHS[below(f, 20)]);
    return text(f, OF(f, PATHS));
}

static u64 number(struct fuzzer *f) {
    switch (below(f, 8)) {
    case 0: return next(f);
    case 1: return OF(f, EDGES);
    case 2: return OF(f, EDGES) + below(f, 5) - 2;
    case 3: return 1ul << below(f, 64);
    case 4: return next(f) & next(f) & next(f);
    default: return below(f, 8);
    }
}

static u64 length(struct fuzzer *f) {
    if (one_in(f, 12)) return OF(f, EDGES);
    return one_in(f, 3) ? below(f, 300) : OF(f, LENGTHS);
}

static u64 descriptor(struct fuzzer *f) {
    switch (below(f, 40)) {
    case 0: return -1;
    case 1: return OF(f, EDGES);
    case 2: return next(f);
    case 3: return 900 + below(f, 200);
    case 4: return (u64)(int)-100;
    default: return below(f, 64);
    }
}

static u64 process_id(struct fuzzer *f) {
    switch (below(f, 16)) {
    case 0: case 1: return 0;
    case 2: case 3: case 4: return CALL(NR_getpid);
    case 5: case 6: return CALL(NR_gettid);
    case 7: return one_in(f, 20) ? (u64)-1 : OF(f, EDGES);
    case 8: return -CALL(NR_getpgrp);
    case 9: return one_in(f, 10) ? CALL(NR_getppid) : 1;
    default: return 3 + below(f, 40);
    }
}

static u64 user_id(struct fuzzer *f) {
    switch (below(f, 5)) {
    case 0: return 0;
    case 1: return 1000;
    case 2: return -1;
    case 3: return OF(f, EDGES);
    default: return below(f, 3);
    }
}

/* One of the type's constants, some of its bits, all of them, or neither. */
static u64 constant(struct fuzzer *f, int type) {
    const struct constants *c = &CONSTANTS[type];
    if (one_in(f, 30)) return number(f);
    u64 value = c->values ? c->value[below(f, c->values)] : 0;
    if (c->flags == 0) return value;
    if (one_in(f, 40)) return -1;
    if (!one_in(f, 3))
        for (u32 n = below(f, c->flags < 4 ? c->flags + 1 : 5); n > 0; n--) value |= c->flag[below(f, c->flags)];
    if (one_in(f, 50)) value |= 1ul << below(f, 32);
    return value;
}

static u64 nanoseconds(struct fuzzer *f) { return one_in(f, 12) ? OF(f, EDGES) : below(f, one_in(f, 3) ? 999999999 : 3000000); }

static u64 *time_value(struct fuzzer *f, u64 *at, int per) {
    at[0] = one_in(f, 12) ? OF(f, EDGES) : one_in(f, 12);
    at[1] = nanoseconds(f) / per;
    if (one_in(f, 4)) at[0] = at[1] = 0;
    return at;
}

static u64 vectors(struct fuzzer *f, u32 count) {
    u64 *v = room(f, 16 * count);
    for (u32 i = 0; i < count; i++) {
        u32 size = one_in(f, 3) ? below(f, 3000) : below(f, 64);
        v[2 * i] = pointer(f, room(f, size), size);
        v[2 * i + 1] = one_in(f, 25) ? length(f) : size;
    }
    return pointer(f, v, 16 * count);
}

static u32 socket_address(struct fuzzer *f, u8 *at) {
    u32 size = 16;
    static const u16 families[] = {1, 1, 1, 2, 2, 10, 16, 0, 17, 99};
    *(u16 *)at = OF(f, families);
    switch (*(u16 *)at) {
    case 1: {
        const char *name = one_in(f, 3) ? "\0abstract" : one_in(f, 2) ? "sock" : PATHS[below(f, 20)];
        for (size = 2; size < 12; size++) at[size] = name[size - 2];
        at[size] = 0;
        size = one_in(f, 4) ? 2 + below(f, 109) : size;
        break;
    }
    case 2:
        *(u16 *)(at + 2) = one_in(f, 3) ? 0 : (u16)((5000 + below(f, 4)) >> 8 | (5000 + below(f, 4)) << 8);
        *(u32 *)(at + 4) = one_in(f, 4) ? 0 : one_in(f, 10) ? (u32)next(f) : 0x0100007f;
        break;
    case 10:
        memset(at + 2, 0, 26);
        *(u16 *)(at + 2) = one_in(f, 3) ? 0 : 0x8813;
        at[23] = one_in(f, 2);
        size = 28;
        break;
    case 16: *(u64 *)(at + 2) = 0, size = 12; break;
    }
    return one_in(f, 12) ? (u32)length(f) : size;
}

/* struct msghdr; control messages pass descriptors and credentials. */
static void message(struct fuzzer *f, u64 *m) {
    u8 *name = room(f, 128);
    u64 size = socket_address(f, name);
    u32 count = below(f, 4);
    m[0] = one_in(f, 2) ? 0 : pointer(f, name, 16);
    m[1] = m[0] ? size : one_in(f, 20) ? number(f) : 0;
    m[2] = vectors(f, count);
    m[3] = one_in(f, 30) ? number(f) : count;
    u8 *control = room(f, 256);
    u32 at = 0;
    for (u32 n = below(f, 3); n > 0; n--) {
        u32 items = 1 + below(f, 4);
        static const u32 levels[] = {1, 1, 1, 0, 41, 6, 17};
        *(u64 *)(control + at) = one_in(f, 15) ? number(f) : 16 + 4 * items;
        *(u32 *)(control + at + 8) = OF(f, levels);
        *(u32 *)(control + at + 12) = one_in(f, 4) ? below(f, 30) : 1;
        for (u32 i = 0; i < items; i++) *(u32 *)(control + at + 16 + 4 * i) = one_in(f, 10) ? CALL(NR_getpid) : (u32)descriptor(f);
        at += 16 + 4 * items + 7 & ~7;
    }
    m[4] = at && !one_in(f, 3) ? pointer(f, control, at) : 0;
    m[5] = one_in(f, 15) ? length(f) : one_in(f, 3) ? 256 : at;
    if (m[4] == 0 && one_in(f, 2)) m[4] = (u64)control;
    m[6] = one_in(f, 10) ? next(f) : 0;
}

static void signal_event(struct fuzzer *f, u32 *e) {
    *(u64 *)e = next(f);
    e[2] = one_in(f, 8) ? (u32)number(f) : one_in(f, 3) ? 32 + below(f, 33) : 10 + below(f, 20);
    e[3] = one_in(f, 8) ? (u32)number(f) : one_in(f, 3) ? 4 : below(f, 2);
    e[4] = one_in(f, 2) ? CALL(NR_gettid) : (u32)process_id(f);
}

static u64 signal_number(struct fuzzer *f) {
    if (one_in(f, 10)) return OF(f, EDGES);
    if (one_in(f, 30)) return 9;
    if (one_in(f, 12)) return 18 + below(f, 5);
    /* Those that the fuzzer handles, mostly; see install_handlers. */
    static const u8 usual[] = {0, 1, 2, 10, 12, 13, 14, 17, 18, 23, 28, 29, 34, 35, 40, 64};
    return one_in(f, 8) ? below(f, 66) : OF(f, usual);
}

static void handler(int signal, void *info, u64 *context);
static void restorer(void);

static void signal_action(struct fuzzer *f, u64 *a) {
    static const u64 flags[] = {0x10000000, 0x40000000, 0x80000000, 0x08000000, 4, 1, 2, 0x800};
    a[0] = one_in(f, 4) ? below(f, 2) : one_in(f, 100) ? number(f) : (u64)handler;
    a[1] = 0x04000000;
    for (u32 n = below(f, 3); n > 0; n--) a[1] |= OF(f, flags);
    a[2] = (u64)restorer;
    a[3] = one_in(f, 3) ? next(f) & next(f) : 0;
}

static u64 generic(struct fuzzer *f) {
    u64 *at = room(f, 256);
    switch (below(f, 8)) {
    case 0: for (int i = 0; i < 32; i++) at[i] = next(f); break;
    case 1: for (int i = 0; i < 32; i++) at[i] = number(f); break;
    case 2: for (int i = 0; i < 64; i++) ((u32 *)at)[i] = descriptor(f); break;
    case 3: for (int i = 0; i < 32; i += 2) time_value(f, at + i, 1); break;
    case 4: return text(f, OF(f, WORDS));
    case 5: for (int i = 0; i < 32; i++) at[i] = 0; break;
    case 6: for (int i = 0; i < 64; i++) ((u32 *)at)[i] = below(f, 4); break;
    case 7: return path(f);
    }
    return pointer(f, at, 256);
}

/* An address for calls that change mappings: mostly of the playground, so that the fuzzer lives on. */
static u64 region(struct fuzzer *f) {
    if (one_in(f, 40)) return one_in(f, 2) ? ((u64)pool & -PAGE) + below(f, 16) * PAGE : bad_address(f, 4096);
    if (one_in(f, 10)) return ARENA + below(f, 48) * PAGE;
    if (ARENA == HIGH_ARENA && one_in(f, 4)) return RESERVATION + (u64)below(f, 1 << 19) * (one_in(f, 2) ? PAGE : 1 << 22);
    return PLAYGROUND + below(f, PLAYGROUND_PAGES) * PAGE + (one_in(f, 20) ? below(f, 4096) : 0);
}

static u64 region_size(struct fuzzer *f) {
    if (ARENA == HIGH_ARENA && one_in(f, 8)) return 1ul << 20 + below(f, 22);
    return one_in(f, 20) ? OF(f, EDGES) : (1 + below(f, one_in(f, 8) ? 64 : 6)) * PAGE - (one_in(f, 8) ? below(f, 4096) : 0);
}

static u64 futex_word(struct fuzzer *f) {
    u64 at = one_in(f, 30) ? bad_address(f, 4) : (one_in(f, 3) ? SHARED : GOOD) + below(f, 6) * 8 + (one_in(f, 30) ? below(f, 8) : 0);
    if (at == SHARED && one_in(f, 4)) *(volatile u32 *)at = one_in(f, 2) ? 0 : CALL(NR_gettid);
    return at;
}

/* Argument `i` where the type alone says too little; returns 0 when there is nothing special. */
static int special(struct fuzzer *f, int number_of_call, int i, u64 *value) {
#define AT(name, index) case (NR_##name << 3 | (index))
    u64 *at;
    switch (number_of_call << 3 | i) {
    AT(mmap, 0): AT(mprotect, 0): AT(munmap, 0): AT(mremap, 0): AT(mremap, 4): AT(msync, 0): AT(mincore, 0): AT(madvise, 0): AT(mlock, 0):
    AT(munlock, 0): AT(mlock2, 0): AT(remap_file_pages, 0): AT(mbind, 0): AT(pkey_mprotect, 0): AT(mseal, 0): AT(shmat, 1):
    AT(set_mempolicy_home_node, 0):
        *value = region(f);
        if (number_of_call == NR_shmat && one_in(f, 2)) *value = 0;
        return 1;
    AT(mmap, 1): AT(mprotect, 1): AT(munmap, 1): AT(mremap, 1): AT(mremap, 2): AT(msync, 1): AT(mincore, 1): AT(madvise, 1): AT(mlock, 1):
    AT(munlock, 1): AT(mlock2, 1): AT(mbind, 1): AT(pkey_mprotect, 1): AT(mseal, 1): AT(remap_file_pages, 1):
        *value = region_size(f);
        return 1;
    AT(mmap, 5): *value = one_in(f, 10) ? number(f) : below(f, 4) * PAGE; return 1;
    AT(brk, 0): *value = one_in(f, 4) ? number(f) : CALL(NR_brk, 0) + (below(f, 16) - 8) * 1024; return 1;
    AT(poll, 1): AT(ppoll, 1): *value = one_in(f, 20) ? number(f) : below(f, 6); return 1;
    AT(poll, 2): AT(epoll_wait, 3): AT(epoll_pwait, 3): *value = one_in(f, 20) ? number(f) : below(f, 4); return 1;
    AT(epoll_wait, 2): AT(epoll_pwait, 2): AT(epoll_pwait2, 2): *value = one_in(f, 20) ? number(f) : 1 + below(f, 8); return 1;
    AT(readv, 2): AT(writev, 2): AT(preadv, 2): AT(pwritev, 2): AT(preadv2, 2): AT(pwritev2, 2): AT(vmsplice, 2): AT(process_vm_readv, 2):
    AT(process_vm_writev, 2): AT(process_vm_readv, 4): AT(process_vm_writev, 4): AT(process_madvise, 2):
        *value = one_in(f, 20) ? number(f) : below(f, 5);
        return 1;
    AT(select, 0): AT(pselect6, 0): *value = one_in(f, 20) ? number(f) : below(f, 70); return 1;
    AT(pselect6, 5): at = room(f, 16); at[0] = one_in(f, 3) ? 0 : (u64)room(f, 8); at[1] = 8; *value = one_in(f, 2) ? 0 : pointer(f, at, 16); return 1;
    AT(sendmsg, 1): AT(recvmsg, 1): at = room(f, 56); message(f, at); *value = pointer(f, at, 56); return 1;
    AT(sendmmsg, 1): AT(recvmmsg, 1): at = room(f, 256); for (int n = 0; n < 4; n++) message(f, at + 8 * n); *value = pointer(f, at, 256); return 1;
    AT(sendmmsg, 2): AT(recvmmsg, 2): *value = one_in(f, 20) ? number(f) : below(f, 5); return 1;
    AT(shmget, 0): AT(semget, 0): AT(msgget, 0): *value = one_in(f, 10) ? number(f) : below(f, 4); return 1;
    AT(shmget, 1): *value = one_in(f, 10) ? number(f) : below(f, 5) * PAGE; return 1;
    AT(semget, 1): *value = one_in(f, 10) ? number(f) : below(f, 6); return 1;
    AT(shmget, 2): AT(semget, 2): AT(msgget, 1): *value = one_in(f, 10) ? number(f) : 0600 | (one_in(f, 4) ? 0 : 01000) | (one_in(f, 8) ? 02000 : 0); return 1;
    AT(shmat, 0): AT(semop, 0): AT(semtimedop, 0): AT(msgsnd, 0): AT(msgrcv, 0): AT(shmctl, 0): AT(semctl, 0): AT(msgctl, 0):
        *value = one_in(f, 10) ? number(f) : below(f, 4) | (one_in(f, 6) ? 32768 * below(f, 3) : 0);
        return 1;
    AT(shmctl, 1): AT(msgctl, 1): AT(semctl, 2): *value = one_in(f, 20) ? number(f) : below(f, 21) | (one_in(f, 30) ? 0x100 : 0); return 1;
    AT(semctl, 1): *value = below(f, 6); return 1;
    AT(semctl, 3): *value = one_in(f, 2) ? below(f, 10) : generic(f); return 1;
    AT(semop, 1): AT(semtimedop, 1): {
        u16 *s = room(f, 64);
        for (int n = 0; n < 10; n++) s[3 * n] = below(f, 6), s[3 * n + 1] = below(f, 5) - 2, s[3 * n + 2] = below(f, 4) << 11;
        *value = pointer(f, s, 60);
        return 1;
    }
    AT(semop, 2): AT(semtimedop, 2): *value = one_in(f, 20) ? number(f) : 1 + below(f, 4); return 1;
    AT(msgsnd, 1): at = room(f, 4096); at[0] = one_in(f, 10) ? number(f) : 1 + below(f, 4); *value = pointer(f, at, 4096); return 1;
    AT(msgrcv, 3): *value = one_in(f, 10) ? number(f) : below(f, 8) - 3; return 1;
    AT(msgsnd, 3): AT(msgrcv, 4): *value = one_in(f, 10) ? number(f) : (one_in(f, 3) ? 0 : 04000) | below(f, 8) << 12; return 1;
    AT(futex, 0): AT(futex, 4): AT(futex_wake, 0): AT(futex_wait, 0): AT(rseq, 0): *value = futex_word(f); return 1;
    AT(futex, 2): AT(futex, 5): AT(futex_wait, 1): *value = one_in(f, 4) ? number(f) : below(f, 3); return 1;
    AT(futex, 3): if (one_in(f, 3)) { *value = below(f, 4); return 1; } return 0;
    AT(futex_wake, 1): AT(futex_wait, 2): *value = one_in(f, 4) ? number(f) : (u32)-1; return 1;
    AT(futex_wake, 3): AT(futex_wait, 3): *value = one_in(f, 8) ? number(f) : 2 | (one_in(f, 2) ? 128 : 0); return 1;
    AT(futex_waitv, 0): AT(futex_requeue, 0):
        at = room(f, 24 * 8);
        for (int n = 0; n < 8; n++) at[3 * n] = below(f, 3), at[3 * n + 1] = futex_word(f), at[3 * n + 2] = one_in(f, 10) ? next(f) : 2;
        *value = pointer(f, at, 24 * 8);
        return 1;
    AT(futex_waitv, 1): *value = one_in(f, 10) ? number(f) : 1 + below(f, 8); return 1;
    AT(futex_waitv, 2): AT(futex_requeue, 1): *value = one_in(f, 20) ? number(f) : 0; return 1;
    AT(timer_create, 1): AT(mq_notify, 1): at = room(f, 64); signal_event(f, (u32 *)at); *value = one_in(f, 4) ? 0 : pointer(f, at, 64); return 1;
    AT(timer_settime, 0): AT(timer_gettime, 0): AT(timer_getoverrun, 0): AT(timer_delete, 0): *value = one_in(f, 10) ? number(f) : below(f, 4); return 1;
    AT(mq_open, 0): AT(mq_unlink, 0): *value = text(f, one_in(f, 8) ? OF(f, WORDS) : one_in(f, 2) ? "q0" : "q1"); return 1;
    AT(mq_open, 3): AT(mq_getsetattr, 1):
        at = room(f, 64);
        at[0] = one_in(f, 2) ? 0 : 04000, at[1] = one_in(f, 8) ? number(f) : 1 + below(f, 10), at[2] = one_in(f, 8) ? number(f) : 1 + below(f, 100), at[3] = 0;
        *value = one_in(f, 3) ? 0 : pointer(f, at, 64);
        return 1;
    AT(mount, 0): *value = one_in(f, 2) ? path(f) : text(f, "none"); return 1;
    AT(mount, 2): AT(fsopen, 0): *value = text(f, OF(f, FILE_SYSTEMS)); return 1;
    AT(mount, 4): *value = one_in(f, 2) ? 0 : text(f, OF(f, WORDS)); return 1;
    AT(fsconfig, 1): *value = one_in(f, 20) ? number(f) : below(f, 9); return 1;
    AT(fsconfig, 2): AT(fsconfig, 3): *value = one_in(f, 4) ? 0 : text(f, OF(f, WORDS)); return 1;
    AT(fsconfig, 4): AT(fsmount, 1): AT(fsopen, 1): AT(fspick, 2): AT(umount2, 1): AT(fsmount, 2): *value = one_in(f, 10) ? number(f) : below(f, 3); return 1;
    AT(setxattr, 1): AT(lsetxattr, 1): AT(fsetxattr, 1): AT(getxattr, 1): AT(lgetxattr, 1): AT(fgetxattr, 1): AT(removexattr, 1): AT(lremovexattr, 1):
    AT(fremovexattr, 1):
        *value = text(f, WORDS[below(f, 7)]);
        return 1;
    AT(setsockopt, 2): AT(getsockopt, 2): *value = one_in(f, 20) ? number(f) : below(f, 80); return 1;
    AT(setsockopt, 1): AT(getsockopt, 1): {
        static const u16 levels[] = {1, 1, 1, 1, 0, 0, 6, 6, 17, 41, 41, 270, 263, 2};
        *value = OF(f, levels);
        return 1;
    }
    AT(getsockopt, 4): at = room(f, 8); *(u32 *)at = length(f); *value = pointer(f, at, 4); return 1;
    AT(setsockopt, 4): *value = one_in(f, 3) ? length(f) : 4; return 1;
    AT(socket, 2): AT(socketpair, 2): *value = one_in(f, 5) ? number(f) : one_in(f, 3) ? 6 : one_in(f, 3) ? 17 : 0; return 1;
    AT(seccomp, 0): *value = one_in(f, 20) ? below(f, 2) : 2 + below(f, 3); return 1;
    AT(prctl, 0): if (one_in(f, 100)) return 0; do *value = constant(f, TYPE_prctl_option); while (*value == 22); return 1;
    AT(prctl, 1): AT(prctl, 2): *value = one_in(f, 3) ? generic(f) : number(f); return 1;
    AT(ioctl, 2): *value = one_in(f, 4) ? number(f) : generic(f); return 1;
    AT(fcntl, 2): *value = one_in(f, 3) ? generic(f) : one_in(f, 2) ? descriptor(f) : number(f); return 1;
    AT(openat2, 2): at = room(f, 32); at[0] = constant(f, TYPE_open_flags), at[1] = one_in(f, 2) ? 0 : 0666, at[2] = one_in(f, 2) ? 0 : below(f, 64), at[3] = 0; *value = pointer(f, at, 24); return 1;
    AT(openat2, 3): *value = one_in(f, 5) ? length(f) : 24; return 1;
    AT(rt_sigaction, 3): AT(rt_sigprocmask, 3): AT(rt_sigpending, 1): AT(rt_sigtimedwait, 3): AT(rt_sigsuspend, 1): AT(ppoll, 4): AT(epoll_pwait, 5):
    AT(epoll_pwait2, 5): AT(signalfd, 2): AT(signalfd4, 2):
        *value = one_in(f, 30) ? length(f) : 8;
        return 1;
    AT(kcmp, 2): *value = below(f, 9); return 1;
    AT(kcmp, 3): AT(kcmp, 4): *value = descriptor(f); return 1;
    AT(membarrier, 0): *value = one_in(f, 5) ? number(f) : 1u << below(f, 10); return 1;
    AT(close_range, 0): *value = one_in(f, 30) ? number(f) : 50 + below(f, 20); return 1;
    AT(close_range, 1): *value = one_in(f, 10) ? number(f) : 50 + below(f, 40); return 1;
    AT(splice, 1): AT(splice, 3): AT(sendfile, 2): AT(copy_file_range, 1): AT(copy_file_range, 3): at = room(f, 8); at[0] = number(f); *value = one_in(f, 2) ? 0 : pointer(f, at, 8); return 1;
    AT(tee, 1): AT(splice, 2): *value = of_kind(f, PIPE_WRITE); return 1;
    AT(copy_file_range, 2): AT(sendfile, 1): *value = of_kind(f, REGULAR); return 1;
    AT(pidfd_send_signal, 3): AT(process_mrelease, 1): AT(pidfd_getfd, 2): AT(process_madvise, 4): *value = one_in(f, 6) ? number(f) : 0; return 1;
    AT(inotify_rm_watch, 1): *value = one_in(f, 6) ? number(f) : 1 + below(f, 4); return 1;
    AT(setns, 1): *value = one_in(f, 2) ? 0 : constant(f, TYPE_clone_flags); return 1;
    AT(shmdt, 0): *value = one_in(f, 2) ? region(f) & -PAGE : CALL(NR_shmat, below(f, 4), 0, 0); return 1;
    AT(sched_setscheduler, 1): *value = below(f, 8); return 1;
    AT(sched_setattr, 1): {
        u32 *a = room(f, 56);
        memset(a, 0, 56);
        a[0] = one_in(f, 5) ? (u32)length(f) : 48, a[1] = below(f, 8), *(u64 *)(a + 2) = one_in(f, 3) ? number(f) : 0, a[4] = below(f, 40) - 20, a[5] = below(f, 100);
        *value = pointer(f, a, 56);
        return 1;
    }
    AT(sched_setattr, 2): AT(sched_getattr, 3): *value = one_in(f, 10) ? number(f) : 0; return 1;
    AT(setrlimit, 1): AT(prlimit64, 2):
        at = room(f, 16);
        at[0] = one_in(f, 3) ? number(f) : 1u << below(f, 31), at[1] = one_in(f, 3) ? number(f) : -1;
        *value = one_in(f, 2) ? 0 : pointer(f, at, 16);
        return 1;
    AT(rt_sigqueueinfo, 2): AT(rt_tgsigqueueinfo, 3): AT(pidfd_send_signal, 2): at = room(f, 128); ((int *)at)[2] = one_in(f, 3) ? below(f, 10) : -1; *value = pointer(f, at, 128); return 1;
    AT(capget, 0): AT(capset, 0): at = room(f, 8); ((u32 *)at)[0] = one_in(f, 8) ? (u32)next(f) : 0x20080522, ((u32 *)at)[1] = one_in(f, 2) ? 0 : (u32)process_id(f); *value = pointer(f, at, 8); return 1;
    AT(sethostname, 1): AT(setdomainname, 1): *value = one_in(f, 5) ? number(f) : below(f, 65); return 1;
    AT(alarm, 0): *value = one_in(f, 10) ? number(f) : below(f, 2); return 1;
    AT(getgroups, 0): AT(setgroups, 0): *value = one_in(f, 5) ? number(f) : below(f, 10); return 1;
    AT(truncate, 1): AT(ftruncate, 1): AT(fallocate, 2): AT(fallocate, 3): AT(lseek, 1): *value = one_in(f, 8) ? number(f) : below(f, 20000); return 1;
    AT(set_mempolicy_home_node, 2): AT(set_mempolicy_home_node, 3): AT(linkat, 4): AT(execveat, 4): *value = one_in(f, 4) ? constant(f, TYPE_at_flags) : 0; return 1;
    AT(execveat, 1): *value = one_in(f, 2) ? (u64)"/program" : path(f); return 1;
    AT(execveat, 2): AT(execve, 1): AT(execveat, 3): AT(execve, 2): at = room(f, 64); at[0] = (u64)"fuzz", at[1] = 0; *value = one_in(f, 3) ? generic(f) : (u64)at; return 1;
    AT(set_mempolicy, 0): AT(mbind, 2): *value = one_in(f, 5) ? number(f) : below(f, 8); return 1;
    AT(personality, 0): *value = one_in(f, 4) ? number(f) : one_in(f, 2) ? 0xffffffff : 0; return 1;
    AT(mknod, 1): AT(mknodat, 2): {
        static const u16 kinds[] = {0100000, 0010000, 0140000, 0020000, 0060000, 0040000, 0};
        *value = OF(f, kinds) | 0666;
        return 1;
    }
    AT(mknod, 2): AT(mknodat, 3): *value = one_in(f, 2) ? 0 : 0x100 + below(f, 12); return 1;
    }
    return 0;
}

static u64 argument(struct fuzzer *f, const struct call *c, int i) {
    u64 value, *at;
    if (one_in(f, 150)) return number(f);
    if (i == 0 && wanted(c->number) != ANY && !one_in(f, 3)) return of_kind(f, wanted(c->number));
    if (special(f, c->number, i, &value)) return value;
    int type = c->type[i];
    switch (type) {
    case TYPE_fd: case TYPE_dirfd: return type == TYPE_dirfd && !one_in(f, 3) ? (u64)(int)-100 : descriptor(f);
    case TYPE_pid: return process_id(f);
    case TYPE_uid: case TYPE_gid: return user_id(f);
    case TYPE_signal: return signal_number(f);
    case TYPE_mode: return one_in(f, 8) ? number(f) : one_in(f, 3) ? below(f, 4096) : 0777;
    case TYPE_path: return path(f);
    case TYPE_size: return length(f);
    case TYPE_in: case TYPE_out: return pointer(f, room(f, 512), 512);
    case TYPE_iovec: case TYPE_iovec_out: return vectors(f, 1 + below(f, 5));
    case TYPE_strings:
        at = room(f, 64);
        for (int n = 0; n < 6; n++) at[n] = text(f, OF(f, WORDS));
        at[below(f, 7)] = 0, at[7] = 0;
        return pointer(f, at, 64);
    case TYPE_timespec: return one_in(f, 8) ? 0 : pointer(f, time_value(f, room(f, 16), 1), 16);
    case TYPE_timeval: return one_in(f, 8) ? 0 : pointer(f, time_value(f, room(f, 16), 1000), 16);
    case TYPE_itimerval: case TYPE_itimerspec:
        at = room(f, 32);
        time_value(f, at, type == TYPE_itimerval ? 1000 : 1);
        time_value(f, at + 2, type == TYPE_itimerval ? 1000 : 1);
        return pointer(f, at, 32);
    case TYPE_sigset:
        at = room(f, 8);
        *at = one_in(f, 4) ? next(f) : one_in(f, 2) ? 1ul << below(f, 64) : next(f) & next(f) & next(f);
        return one_in(f, 10) ? 0 : pointer(f, at, 8);
    case TYPE_sigaction: signal_action(f, at = room(f, 32)); return one_in(f, 4) ? 0 : pointer(f, at, 32);
    case TYPE_sigaltstack:
        at = room(f, 24);
        at[0] = one_in(f, 2) ? CODE : bad_address(f, 8192), at[1] = one_in(f, 8) ? below(f, 4) : 0, at[2] = one_in(f, 4) ? number(f) : 8192;
        return one_in(f, 3) ? 0 : pointer(f, at, 24);
    case TYPE_pollfds:
        at = room(f, 64);
        for (int n = 0; n < 8; n++) at[n] = (u32)descriptor(f) | (u64)(one_in(f, 4) ? (u16)next(f) : below(f, 8)) << 32;
        return pointer(f, at, 64);
    case TYPE_epoll_event: {
        u8 *e = room(f, 12);
        *(u32 *)e = (one_in(f, 4) ? (u32)next(f) : below(f, 32)) | (one_in(f, 3) ? 1u << (28 + below(f, 4)) : 0);
        return pointer(f, e, 12);
    }
    case TYPE_sockaddr: case TYPE_sockaddr_out: {
        u8 *a = room(f, 128);
        socket_address(f, a);
        return one_in(f, 8) ? 0 : pointer(f, a, 16);
    }
    case TYPE_int_out: at = room(f, 8); *(u32 *)at = length(f); return one_in(f, 8) ? 0 : pointer(f, at, 4);
    case TYPE_ptr: return one_in(f, 8) ? 0 : generic(f);
    case TYPE_int: case TYPE_uint: case TYPE_long: case TYPE_ulong: case TYPE_hex: case TYPE_off:
        if (c->number == NR_connect || c->number == NR_bind || c->number == NR_sendto) return one_in(f, 4) ? length(f) : one_in(f, 2) ? 16 : 12;
        return one_in(f, 2) ? below(f, 6) : number(f);
    }
    if (CONSTANTS[type].values + CONSTANTS[type].flags > 0) return constant(f, type);
    return one_in(f, 12) ? 0 : pointer(f, room(f, 256), 256);
}
