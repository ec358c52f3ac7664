/*
 * Sequences of system calls whose results depend on nothing but what came before, to be run natively and in Binlet.
 * `differential FIRST LAST CALLS [high]` runs a sequence for each seed (with its memory above 4 GiB), in namespaces and a root directory of its own, and prints each
 * call with its result and a hash of the memory that calls fill. What differs by nature (times, inode numbers, addresses) is
 * cleared. Nothing outside of the namespaces can be reached: no call of the list mounts, kills others, sets clocks or makes devices.
 */
/* Addresses below 4 GiB that are the stack's in Binlet are left out. */
#define HIGH_STACK 1
#include "random.h"
#include "memory.h"
#include "kinds.h"
#include "arguments.h"
#include "steps.h"
#include <linux/sched.h>

#define LOG 0x30000000ul
#define LOG_SIZE (2ul << 20)
/* Bytes written so far are at its beginning. */
#define LENGTH (*(volatile u64 *)LOG)

static void put(char c) {
    if (LENGTH < LOG_SIZE - 16) ((volatile char *)LOG)[8 + LENGTH] = c, LENGTH++;
}
static void text_of(const char *s) {
    while (*s) put(*s++);
}
static void hex(u64 n) {
    int digits = 1;
    while (digits < 16 && n >> 4 * digits) digits++;
    while (digits-- > 0) put("0123456789abcdef"[n >> 4 * digits & 15]);
}
static void signed_hex(s64 n) {
    if (n < 0 && n > -5000) put('-'), n = -n;
    hex(n);
}

static volatile u32 signals_seen[65];
static void handler(int signal, void *info, u64 *context) { signals_seen[signal & 63]++; }
__asm__("restorer: mov $15, %eax\n syscall\n hlt\n");
static void run(struct fuzzer *f, int calls) {}

/* What may be called: results are the same each time, and nobody else is touched. */
static const u16 SAFE[] = {
    NR_read, NR_write, NR_open, NR_close, NR_stat, NR_fstat, NR_lstat, NR_poll, NR_lseek, NR_mmap, NR_mprotect, NR_munmap, NR_rt_sigaction,
    NR_rt_sigprocmask, NR_pread64, NR_pwrite64, NR_readv, NR_writev, NR_access, NR_pipe, NR_select, NR_mremap, NR_msync, NR_dup, NR_dup2,
    NR_socket, NR_connect, NR_accept, NR_sendto, NR_recvfrom, NR_shutdown, NR_bind, NR_listen, NR_getsockname,
    NR_getpeername, NR_socketpair, NR_fcntl, NR_flock, NR_fsync, NR_fdatasync, NR_truncate, NR_ftruncate, NR_getcwd, NR_chdir, NR_fchdir,
    NR_rename, NR_mkdir, NR_rmdir, NR_creat, NR_link, NR_unlink, NR_symlink, NR_readlink, NR_chmod, NR_fchmod, NR_chown, NR_fchown, NR_lchown,
    NR_umask, NR_getrlimit, NR_getuid, NR_getgid, NR_geteuid, NR_getegid, NR_getppid, NR_getpgrp, NR_getgroups, NR_setgroups, NR_getresuid,
    NR_getresgid, NR_getpgid, NR_getsid, NR_rt_sigpending, NR_sigaltstack, NR_utime, NR_utimes, NR_statfs, NR_fstatfs, NR_getpriority,
    NR_setpriority, NR_sched_getscheduler, NR_sched_getparam, NR_sched_get_priority_max, NR_sched_get_priority_min, NR_readahead, NR_setxattr,
    NR_lsetxattr, NR_fsetxattr, NR_getxattr, NR_lgetxattr, NR_fgetxattr, NR_listxattr, NR_llistxattr, NR_flistxattr, NR_removexattr,
    NR_lremovexattr, NR_fremovexattr, NR_epoll_create, NR_epoll_create1, NR_epoll_ctl, NR_epoll_wait, NR_fadvise64, NR_openat, NR_mkdirat,
    NR_fchownat, NR_futimesat, NR_newfstatat, NR_unlinkat, NR_renameat, NR_linkat, NR_symlinkat, NR_readlinkat, NR_fchmodat, NR_faccessat,
    NR_pselect6, NR_ppoll, NR_splice, NR_tee, NR_vmsplice, NR_sendfile, NR_copy_file_range, NR_utimensat, NR_epoll_pwait, NR_signalfd,
    NR_eventfd, NR_fallocate, NR_timerfd_create, NR_timerfd_gettime, NR_accept4, NR_signalfd4, NR_eventfd2, NR_dup3, NR_pipe2, NR_preadv, NR_pwritev,
    NR_preadv2, NR_pwritev2, NR_renameat2, NR_memfd_create, NR_statx, NR_openat2, NR_faccessat2, NR_fchmodat2,
    NR_close_range, NR_capget, NR_timer_create, NR_timer_delete, NR_timer_gettime, NR_timer_getoverrun, NR_shmget, NR_shmat, NR_shmdt,
    NR_semget, NR_semop, NR_msgget, NR_msgsnd, NR_msgrcv, NR_mq_open, NR_mq_unlink, NR_mq_timedsend, NR_mq_timedreceive, NR_mq_getsetattr,
    NR_mlock, NR_munlock, NR_madvise, NR_mknod, NR_mknodat, NR_getdents64, NR_setfsuid, NR_setfsgid, NR_setreuid, NR_setregid, NR_setpgid,
    NR_epoll_pwait2, NR_sync, NR_syncfs, NR_sync_file_range, NR_getdents, NR_setsockopt, NR_getsockopt, NR_ioctl, NR_semctl, NR_kill, NR_tgkill,
    NR_rt_sigtimedwait, NR_rt_sigqueueinfo, NR_process_vm_readv, NR_process_vm_writev, NR_futex, NR_kcmp,
};

static const char *const NAMES[] = {NAME_LIST};

static u64 hash_bytes(u64 h, const u64 *at, u64 count) {
    for (u64 i = 0; i < count; i++) h = (h ^ at[i]) * 0x100000001b3, h ^= h >> 29;
    return h;
}

static int in_pool(u64 at, u64 size) {
    return at >= (u64)pool && at + size <= (u64)pool + POOL_SIZE || at >= GOOD && at + size <= GOOD + 16 * PAGE;
}
static void clear(u64 at, u64 size) {
    if (in_pool(at, size)) memset((void *)at, 0, size);
}
/* Prints a field of what was filled. */
static void field(const char *name, u64 at, int size) {
    if (!in_pool(at, 8)) return;
    put(' '), text_of(name), put(' ');
    hex(size == 8 ? *(u64 *)at : size == 4 ? *(u32 *)at : *(u16 *)at);
}

static void show_stat(u64 at) {
    field("mode", at + 24, 4), field("links", at + 16, 8), field("uid", at + 28, 4), field("gid", at + 32, 4);
    /* How large a directory is is the file system's affair. */
    if (in_pool(at, 144) && (*(u32 *)(at + 24) & 0170000) != 0040000) field("size", at + 48, 8);
    clear(at, 144);
}

/* The names, in any order. */
static void show_entries(u64 at, s64 size, int wide) {
    u64 sum = 0;
    if (!in_pool(at, size)) return;
    for (s64 i = 0; i < size;) {
        u16 length = *(u16 *)(at + i + 16);
        const char *name = (const char *)at + i + (wide ? 19 : 18);
        u64 h = 7;
        while (*name) h = h * 31 + *name++;
        sum += h;
        if (length == 0) break;
        i += length;
    }
    put(' '), hex(sum);
    clear(at, size);
}

/* What the call has filled that is not the same each time. */
static void normalise(u32 number, const u64 *a, s64 result) {
    switch (number) {
    case NR_stat: case NR_lstat: case NR_fstat: if (result == 0) show_stat(a[1]); else clear(a[1], 144); break;
    case NR_newfstatat: if (result == 0) show_stat(a[2]); else clear(a[2], 144); break;
    case NR_statx:
        if (result == 0) field("mode", a[4] + 28, 2), field("links", a[4] + 16, 4);
        clear(a[4], 256);
        break;
    case NR_statfs: case NR_fstatfs: if (result == 0) field("type", a[1], 8); clear(a[1], 120); break;
    case NR_getdents64: if (result > 0) show_entries(a[1], result, 1); break;
    case NR_getdents: if (result > 0) show_entries(a[1], result, 0); break;
    case NR_getsockname: case NR_getpeername: case NR_accept: case NR_accept4: clear(a[1], 128), clear(a[2], 4); break;
    case NR_recvfrom: clear(a[4], 128), clear(a[5], 4); break;
    case NR_timer_create: clear(a[2], 4); break;
    case NR_rt_sigprocmask: if (result == 0) field("old", a[2], 8); break;
    case NR_sigaltstack: if (result == 0) field("sp", a[1], 8), field("flags", a[1] + 8, 4), field("size", a[1] + 16, 8); break;
    case NR_sendfile: if (result >= 0) field("offset", a[2], 8); break;
    case NR_semctl: clear(a[3], 104); break;
    /* On Linux the numbers are there already when the sockets cannot be made. */
    case NR_socketpair: if (result < 0) clear(a[3], 8); break;
    case NR_capget: if (result == 0) field("effective", a[1], 4), field("permitted", a[1] + 4, 4), field("high", a[1] + 12, 4); break;
    }
}

static int is_memory_call(u32 number) {
    return number == NR_mmap || number == NR_mprotect || number == NR_munmap || number == NR_mremap || number == NR_madvise || number == NR_shmat || number == NR_shmdt;
}

/* Which pages of the playground can be read. */
static u64 readable_pages(void) {
    u64 pages = 0;
    for (u64 i = 0; i < PLAYGROUND_PAGES; i++)
        if (CALL(NR_access, PLAYGROUND + i * PAGE + 4095, 0) != -14) pages |= 1ul << i;
    return pages;
}

/* Code does not run above 4 GiB in Binlet. */
static u64 rights(void) { return ARENA == LOW_ARENA ? 7 : 3; }

static int returns_address(u32 number) { return number == NR_mmap || number == NR_mremap || number == NR_shmat; }

/* Arguments that would make the call something else than it is meant to be here; 0 when it is left out. */
static int restrict_arguments(struct fuzzer *f, u32 number, u64 *a) {
    switch (number) {
    case NR_kill: a[0] = CALL(NR_getpid), a[1] = 10 + 2 * below(f, 2); return 1;
    case NR_tgkill: a[0] = CALL(NR_getpid), a[1] = CALL(NR_gettid), a[2] = one_in(f, 2) ? 12 : 34; return 1;
    case NR_rt_sigqueueinfo: a[0] = CALL(NR_getpid), a[1] = 34 + below(f, 2); return 1;
    case NR_rt_sigaction: {
        static const u8 usual[] = {10, 12, 34, 35, 9, 19, 0, 65};
        a[0] = OF(f, usual);
        /* Never one that ends it. */
        if (a[1] && in_pool(a[1], 32)) *(u64 *)a[1] = one_in(f, 2) ? 1 : (u64)handler;
        return a[1] == 0 || in_pool(a[1], 32);
    }
    case NR_rt_sigprocmask: return 1;
    case NR_rt_sigtimedwait: {
        u64 *time = room(f, 16);
        time[0] = time[1] = 0, a[2] = (u64)time;
        return 1;
    }
    case NR_futex: a[1] = one_in(f, 2) ? 1 : 3 + below(f, 2); return 1;
    case NR_process_vm_readv: case NR_process_vm_writev: a[0] = CALL(NR_getpid); return 1;
    case NR_kcmp: a[0] = a[1] = CALL(NR_getpid); a[2] = 0; return 0;
    case NR_mknod: a[1] = (one_in(f, 2) ? 0010000 : 0100000) | a[1] & 0777, a[2] = 0; return 1;
    case NR_mknodat: a[2] = (one_in(f, 2) ? 0010000 : 0100000) | a[2] & 0777, a[3] = 0; return 1;
    case NR_mmap:
        /* Fixed and in the playground, so that both have it there. */
        a[2] &= rights();
        a[0] = PLAYGROUND + below(f, PLAYGROUND_PAGES - 8) * PAGE, a[1] = (1 + below(f, 8)) * PAGE, a[3] = a[3] & 0x3f & ~0x10 | 0x10;
        if (!(a[3] & 0x20)) a[2] &= 3;
        if (one_in(f, 2)) a[3] = one_in(f, 2) ? 0x32 : 0x31;
        if (one_in(f, 4)) a[3] |= 0x100000;
        return 1;
    case NR_mremap: a[3] &= 3; if (a[3] & 2) a[4] = PLAYGROUND + below(f, PLAYGROUND_PAGES - 8) * PAGE; a[1] &= 0xffff, a[2] &= 0xffff; return a[0] >= PLAYGROUND && a[0] < PLAYGROUND + PLAYGROUND_PAGES * PAGE;
    case NR_mprotect: case NR_munmap: case NR_madvise: case NR_mlock: case NR_munlock: case NR_msync:
        if (a[0] < PLAYGROUND || a[0] >= PLAYGROUND + PLAYGROUND_PAGES * PAGE) return 0;
        if (a[1] > 64 * PAGE && a[1] < 1ul << 46 || a[1] >> 63) a[1] = PAGE;
        if (number == NR_madvise) { static const u8 advices[] = {0, 1, 2, 3, 4, 10, 11, 18, 19, 77}; a[2] = OF(f, advices); }
        if (number == NR_mprotect) a[2] &= rights();
        return 1;
    case NR_shmat: a[1] = one_in(f, 3) ? 0 : PLAYGROUND + below(f, PLAYGROUND_PAGES - 8) * PAGE + one_in(f, 4); return a[1] != 0;
    case NR_shmget: a[1] &= 0xffff, a[2] &= 03777; return 1;
    case NR_shmdt: a[0] = PLAYGROUND + below(f, PLAYGROUND_PAGES) * PAGE; return 1;
    case NR_setsockopt: case NR_getsockopt: {
        static const u8 options[] = {2, 3, 4, 7, 8, 9, 16, 18, 20, 21, 30, 38, 39, 42, 200};
        a[1] = 1, a[2] = OF(f, options);
        return 1;
    }
    case NR_ioctl: {
        static const u32 requests[] = {0x541b, 0x5421, 0x5450, 0x5451, 0x5452, 0x5411, 0x12345678, 0x5401};
        a[1] = OF(f, requests);
        return a[1] != 0x5452;
    }
    case NR_semctl: {
        static const u8 commands[] = {0, 11, 12, 13, 14, 15, 16, 17, 99};
        a[2] = OF(f, commands);
        return 1;
    }
    case NR_poll: a[2] = 0; return 1;
    case NR_epoll_wait: case NR_epoll_pwait: a[3] = 0; return 1;
    case NR_pipe2: a[1] &= ~0200ul; return 1;
    case NR_select: case NR_ppoll: case NR_pselect6: case NR_epoll_pwait2: {
        u64 *zero = room(f, 16);
        zero[0] = zero[1] = 0;
        /* Tables of descriptors do not grow alike. */
        if (number == NR_select || number == NR_pselect6) a[0] &= 63;
        a[number == NR_ppoll ? 2 : number == NR_epoll_pwait2 ? 3 : 4] = (u64)zero;
        return 1;
    }
    case NR_setpriority: a[0] = 0, a[1] = 0; return (s64)a[2] >= 0;
    case NR_getpriority: a[0] = 0, a[1] = 0; return 1;
    case NR_getpgid: case NR_getsid: case NR_sched_getscheduler: case NR_sched_getparam: a[0] = one_in(f, 2) ? 0 : CALL(NR_getpid); return 1;
    case NR_fcntl: {
        static const u16 commands[] = {0, 1, 2, 3, 4, 5, 6, 36, 37, 1030, 1031, 1032, 1033, 1034, 99, 1024, 1025};
        a[1] = OF(f, commands);
        if (a[1] == 0 || a[1] == 1030) a[2] = below(f, 40);
        /* Neither O_ASYNC nor O_DIRECT. */
        if (a[1] == 4) a[2] &= 06000;
        if (a[1] == 1031) a[2] = 4096 << below(f, 6);
        return 1;
    }
    case NR_getrlimit: a[0] = 7; return 1;
    /* Neither huge pages, nor packets, nor raw sockets. */
    case NR_memfd_create: if ((s64)a[1] != -1) a[1] &= ~4ul; return 1;
    case NR_socket: case NR_socketpair: return (u32)a[0] != 17 && (u32)a[0] != 16 && (a[0] == 1 || (a[1] & 15) != 3 && (a[1] & 15) != 10);
    /* What has no name: whose it is can be changed up to Linux 6.16. */
    /* What is cached is each system's affair. */
    case NR_openat2: if (in_pool(a[2], 24)) ((u64 *)a[2])[2] &= ~0x20ul; return in_pool(a[2], 24);
    case NR_fchown: case NR_fchmod: case NR_futimesat: case NR_utimensat: case NR_flistxattr: case NR_fgetxattr: case NR_fsetxattr: case NR_fremovexattr: case NR_fchownat: {
        static u64 status[15];
        if ((int)a[0] == -100) return 0;
        if (CALL(NR_fstatfs, a[0], status) != 0) return 1;
        return status[0] == 0x01021994;
    }
    case NR_timer_create: a[0] = below(f, 2), a[1] = 0; return in_pool(a[2], 4);
    case NR_sigaltstack: if (in_pool(a[0], 24)) ((u64 *)a[0])[0] &= 0xffffffff, ((u64 *)a[0])[2] &= 0xffff; return a[0] == 0 || in_pool(a[0], 24);
    case NR_mq_open: a[1] &= ~040000ul; return 1;
    case NR_capget: return in_pool(a[0], 8);
    case NR_sched_get_priority_max: case NR_sched_get_priority_min: return (u32)a[0] != 7;
    case NR_fallocate: case NR_ftruncate: case NR_truncate: {
        int at = number == NR_fallocate ? 2 : 1;
        for (int i = at; i < (number == NR_fallocate ? 4 : 2); i++)
            if ((s64)a[i] > 1 << 20) a[i] = one_in(f, 2) ? -1 : 4096;
        return 1;
    }
    case NR_lseek: case NR_pwrite64: case NR_pread64: {
        int at = number == NR_lseek ? 1 : 3;
        if ((s64)a[at] > 1 << 20) a[at] = below(f, 10000);
        return 1;
    }
    case NR_pwritev: case NR_preadv: case NR_pwritev2: case NR_preadv2: a[4] = 0; if ((s64)a[3] > 1 << 20) a[3] = below(f, 10000); return 1;
    case NR_getdents64: case NR_getdents: a[1] = (u64)room(f, 2048), a[2] = one_in(f, 4) ? below(f, 100) : 2048; return 1;
    case NR_signalfd: case NR_signalfd4: return 1;
    case NR_setfsuid: case NR_setfsgid: a[0] = one_in(f, 2) ? 1000 : 0; return one_in(f, 4);
    case NR_setreuid: case NR_setregid: a[0] = 0, a[1] = one_in(f, 2) ? 1000 : 0; return one_in(f, 4);
    case NR_setpgid: a[0] = 0, a[1] = one_in(f, 2) ? 0 : 9999; return 1;
    }
    return 1;
}

static void show(u32 number, const u64 *a, int count, s64 result) {
    text_of(NAMES[number]), put('(');
    for (int i = 0; i < count; i++) {
        if (i) put(','), put(' ');
        signed_hex(a[i]);
    }
    text_of(") = ");
    if (returns_address(number) && (result >= 0 || result < -4095)) put('+');
    else signed_hex(result);
}

static void do_call(struct fuzzer *f, u32 number, u64 *a, int count) {
    if (!restrict_arguments(f, number, a)) return;
    s64 result = call6(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    show(number, a, count, result);
    classify(f, number, result);
    normalise(number, a, result);
    /* How much has been filled up to a bad address is not told. */
    if (result == -14) memset((void *)(GOOD + 15 * PAGE), 0, PAGE);
    if (is_memory_call(number)) put(' '), hex(readable_pages());
    put(' '), put('#');
    hex(hash_bytes(hash_bytes(1, (u64 *)pool, POOL_SIZE / 8), (u64 *)(GOOD + 15 * PAGE), PAGE / 8) & 0xffffff);
    put('\n');
}

#define DO(number, ...) do_now(f, number, sizeof((u64[]){__VA_ARGS__}) / 8, (u64[6]){__VA_ARGS__})
static s64 do_now(struct fuzzer *f, u32 number, int count, u64 *a) {
    s64 result = call6(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    show(number, a, count, result);
    put('\n');
    classify(f, number, result);
    return result;
}

/* Descriptors that calls can be about. */
static void make_something(struct fuzzer *f) {
    u32 *two = room(f, 8);
    u64 nonblocking = one_in(f, 8) ? 0 : 04000;
    u8 *address = room(f, 16);
    s64 fd;
    switch (below(f, 14)) {
    case 0: if (DO(NR_pipe2, (u64)two, nonblocking) == 0) remember(f, PIPE_READ, two[0]), remember(f, PIPE_WRITE, two[1]); break;
    case 1: if (DO(NR_socketpair, 1, OF(f, ((const u8[]){1, 2, 5})) | nonblocking, 0, (u64)two) == 0) remember(f, STREAM, two[0]), remember(f, DATAGRAM, two[1]); break;
    case 2: DO(NR_eventfd2, below(f, 3), nonblocking | one_in(f, 3)); break;
    case 3: remember(f, REGULAR, DO(NR_memfd_create, (u64) "m", one_in(f, 2) ? 2 : 0)); break;
    case 4: case 5: remember(f, REGULAR, DO(NR_open, (u64)PATHS[below(f, 10)], 0100 | below(f, 3) | nonblocking | (one_in(f, 4) ? 02000 : 0), 0666)); break;
    case 6: remember(f, DIRECTORY, DO(NR_open, (u64)PATHS[below(f, 20)], 0200000)); break;
    case 7: DO(NR_open, (u64)PATHS[below(f, 20)], 010000000 | (one_in(f, 2) ? 0400000 : 0)); break;
    case 8: DO(NR_epoll_create1, 0); break;
    case 9: case 10:
        *(u16 *)address = 1, address[2] = 's', address[3] = '0' + below(f, 3), address[4] = 0;
        fd = DO(NR_socket, 1, OF(f, ((const u8[]){1, 2, 5})) | nonblocking, 0);
        if (one_in(f, 2)) DO(NR_bind, fd, (u64)address, 5), DO(NR_listen, remember(f, LISTENER, fd), below(f, 3));
        else DO(NR_connect, remember(f, STREAM, fd), (u64)address, 5);
        break;
    case 11: DO(NR_timerfd_create, below(f, 2), nonblocking); break;
    case 12: DO(NR_dup2, below(f, 30), below(f, 40)); break;
    case 13: remember(f, one_in(f, 2) ? PIPE_READ : PIPE_WRITE, DO(NR_open, (u64) "fifo", 02 | nonblocking)); break;
    }
}

/* What waits is interrupted. */
static void allow_alarm(void) {
    u64 alarm = 1ul << 13;
    CALL(NR_rt_sigprocmask, 1, &alarm, 0, 8);
}

static void switch_user(struct fuzzer *f) { DO(NR_setresuid, -1, one_in(f, 2) ? 0 : 1000, -1); }

static void sequence(u64 seed, int calls) {
    struct fuzzer f = {.state = seed * 0x10001 + 5};
    for (int i = 0; i < 8; i++) make_something(&f);
    for (int i = 0; i < calls; i++) {
        if (one_in(&f, 10)) {
            make_something(&f);
            continue;
        }
        if (one_in(&f, 40)) switch_user(&f);
        u32 number = OF(&f, SAFE);
        const struct call *c = CALLS;
        while (c->number != number) c++;
        u64 a[6] = {0};
        int count = 0;
        for (; count < 6 && c->type[count]; count++) a[count] = argument(&f, c, count);
        do_call(&f, number, a, count);
        allow_alarm();
    }
    text_of("signals");
    for (int i = 0; i < 65; i++)
        if (signals_seen[i] && i != 14) put(' '), hex(i), put(':'), hex(signals_seen[i]);
    put('\n');
}

static void drop_capability(void) {
    /* Not every root may exceed limits (CAP_SYS_RESOURCE). */
    CALL(NR_prctl, 24, 24, 0, 0, 0);
    u32 head[] = {0x20080522, 0}, sets[6];
    CALL(NR_capget, head, sets);
    sets[0] &= ~(1u << 24), sets[1] &= ~(1u << 24), sets[2] = 0, sets[5] = 0;
    CALL(NR_capset, head, sets);
}

/* In namespaces of its own: what it has the same everywhere, and a root directory that nothing leads out of. */
static void prepare(void) {
    CALL(NR_mount, 0, "/", 0, 0x44000, 0);
    CALL(NR_mkdir, "/tmp", 01777);
    if (CALL(NR_mount, "none", "/tmp", "tmpfs", 0, 0) != 0 || CALL(NR_chdir, "/tmp") != 0 || CALL(NR_chroot, ".") != 0) leave(97);
    CALL(NR_umask, 022);
    make_files();
    map_arena();
    CALL(NR_close_range, 0, -1, 0);
    for (int i = 0; i < 16; i++) {
        u64 now[2], limit[] = {i == 7 ? 256 : 100000, i == 7 ? 256 : 100000};
        if (i == 0 || i == 2 || i == 3 || i == 4 || i == 5 || i == 9 || i == 1) continue;
        CALL(NR_setrlimit, i, limit);
    }
    u64 ignore[] = {(u64)handler, 0x04000000, (u64)restorer, 0}, tick[] = {0, 20000, 0, 20000};
    static const u8 handled[] = {10, 12, 13, 14, 34, 35};
    for (u32 i = 0; i < sizeof(handled); i++) CALL(NR_rt_sigaction, handled[i], ignore, 0, 8);
    CALL(NR_setitimer, 0, tick, 0);
}

static void write_log(void) {
    for (u64 at = 0; at < LENGTH;) {
        long done = CALL(NR_write, 1, LOG + 8 + at, LENGTH - at);
        if (done <= 0) break;
        at += done;
    }
}

static u64 parse(const char *s) {
    u64 n = 0;
    for (; s && *s; s++) n = n * 10 + *s - '0';
    return n;
}

__attribute__((used)) void start(u64 *stack) {
    const char **argv = (const char **)(stack + 1);
    if (stack[0] != 4 && stack[0] != 5) leave(2);
    if (stack[0] == 5) use_high_memory();
    u64 first = parse(argv[1]), last = parse(argv[2]), calls = parse(argv[3]);
    map(LOG, LOG_SIZE / PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
    CALL(NR_setpriority, 0, 0, 0);
    for (u64 seed = first; seed <= last; seed++) {
        LENGTH = 0;
        text_of("seed "), hex(seed), put('\n');
        u32 status = 0;
        long init = CALL(NR_clone, CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID | 17, 0, 0, 0, 0);
        if (init == 0) {
            drop_capability();
            long pid = CALL(NR_fork);
            if (pid == 0) prepare(), sequence(seed, calls), leave(0);
            CALL(NR_wait4, pid, &status, 0, 0);
            leave(status & 127 ? 100 + (status & 127) : status >> 8);
        }
        CALL(NR_wait4, init, &status, 0, 0);
        text_of("status "), hex(status), put('\n');
        write_log();
    }
    leave(0);
}
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call start\n hlt\n");
