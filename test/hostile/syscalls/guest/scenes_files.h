/* Sequences about files and descriptors that get further than single calls do. */
#include <linux/fcntl.h>

static void watch_files(struct fuzzer *f) {
    long fd = remember(f, INOTIFY, CALL(NR_inotify_init1, odd(f, 04000)));
    long a = CALL(NR_inotify_add_watch, fd, ".", odd(f, 0xfff)), b = CALL(NR_inotify_add_watch, fd, path(f), odd(f, one_in(f, 3) ? 0x80000fff : next(f)));
    CALL(NR_rename, path(f), path(f));
    CALL(NR_unlink, path(f));
    CALL(NR_close, CALL(NR_open, path(f), 0102, 0666));
    if (one_in(f, 2)) CALL(NR_read, fd, room(f, 200), length(f));
    CALL(NR_inotify_rm_watch, fd, odd(f, a));
    if (one_in(f, 2)) CALL(NR_inotify_rm_watch, fd, b);
    if (one_in(f, 2)) CALL(NR_read, fd, room(f, 200), 200);
    if (one_in(f, 3)) CALL(NR_close, fd);
}

static void handles(struct fuzzer *f) {
    u32 *handle = room(f, 160);
    int mount;
    handle[0] = odd(f, 128), handle[1] = 0;
    u64 name = path(f);
    CALL(NR_name_to_handle_at, -100, name, handle, &mount, odd(f, one_in(f, 3) ? 0x400 : 0));
    if (one_in(f, 4)) CALL(NR_unlink, name);
    if (one_in(f, 8)) handle[2 + below(f, 4)] = next(f);
    long fd = CALL(NR_open_by_handle_at, one_in(f, 4) ? of_kind(f, DIRECTORY) : (u64)(int)-100, handle, odd(f, below(f, 3) | (one_in(f, 4) ? 010000000 : 0)));
    CALL(NR_fstat, fd, room(f, 144));
    if (one_in(f, 2)) CALL(NR_close, fd);
}

/* Bytes go between descriptors of all kinds. */
static void move_bytes(struct fuzzer *f) {
    int a[2], b[2];
    if (pipe_pair(f, a) != 0) return;
    CALL(NR_write, a[1], pool, below(f, 6000));
    if (one_in(f, 2)) CALL(NR_fcntl, a[1], 1031, odd(f, 4096 << below(f, 6)));
    u64 *offset = room(f, 16);
    offset[0] = below(f, 5000), offset[1] = below(f, 5000);
    for (int i = below(f, 6); i > 0; i--) {
        static const u8 ends[] = {STREAM, DATAGRAM, REGULAR, EVENT, TIMER, MASTER, TERMINAL, MEMORY, PIPE_READ, PIPE_WRITE, INOTIFY, SIGNALS, QUEUE, DIRECTORY};
        u64 from = of_kind(f, OF(f, ends)), to = of_kind(f, OF(f, ends)), size = odd(f, 1 + below(f, 9000)), flags = 2 | (one_in(f, 3) ? below(f, 16) : 0);
        switch (below(f, 8)) {
        case 0: CALL(NR_splice, from, 0, a[1], 0, size, flags); break;
        case 1: CALL(NR_splice, a[0], 0, to, one_in(f, 4) ? (u64)offset : 0, size, flags); break;
        case 2: CALL(NR_splice, some_file(f), one_in(f, 2) ? (u64)offset : 0, a[1], 0, size, flags); break;
        case 3: if (pipe_pair(f, b) == 0) CALL(NR_tee, a[0], b[1], size, flags), CALL(NR_splice, b[0], 0, a[1], 0, size, flags); break;
        case 4: CALL(NR_vmsplice, a[below(f, 2)], vectors(f, 3), odd(f, below(f, 4)), flags | 8 * one_in(f, 3)); break;
        case 5: CALL(NR_sendfile, to, from, one_in(f, 2) ? (u64)offset : 0, size); break;
        case 6: CALL(NR_copy_file_range, some_file(f), one_in(f, 2) ? (u64)offset : 0, some_file(f), one_in(f, 2) ? (u64)(offset + 1) : 0, size, odd(f, 0)); break;
        case 7: CALL(NR_sendfile, a[1], some_file(f), 0, size); break;
        }
    }
    if (!one_in(f, 3)) CALL(NR_close, a[0]);
    if (!one_in(f, 3)) CALL(NR_close, a[1]);
}

/* Sets of descriptors that are in sets. */
static void nest_sets(struct fuzzer *f) {
    long set[6];
    u64 *event = room(f, 16);
    for (int i = 0; i < 6; i++) set[i] = remember(f, EPOLL, CALL(NR_epoll_create1, 0));
    for (int i = below(f, 12); i > 0; i--) {
        *(u32 *)event = below(f, 32) | (one_in(f, 2) ? 1u << 28 + below(f, 4) : 0);
        CALL(NR_epoll_ctl, OF(f, set), odd(f, one_in(f, 4) ? 1 + below(f, 3) : 1), one_in(f, 3) ? of_kind(f, below(f, KINDS)) : OF(f, set), event);
    }
    for (int i = below(f, 5); i > 0; i--) {
        u32 *poll = room(f, 16);
        switch (below(f, 5)) {
        case 0: CALL(NR_epoll_wait, OF(f, set), room(f, 96), odd(f, 8), below(f, 3)); break;
        case 1: CALL(NR_close, OF(f, set)); break;
        case 2: poll[0] = OF(f, set), poll[1] = 1; CALL(NR_poll, poll, 1, below(f, 3)); break;
        case 3: CALL(NR_write, of_kind(f, EVENT), "12345678", 8); break;
        case 4: CALL(NR_read, of_kind(f, PIPE_READ), room(f, 64), 64); break;
        }
    }
    for (int i = 0; i < 6; i++)
        if (!one_in(f, 4)) CALL(NR_close, set[i]);
}

/* What is mapped loses its pages. */
static void truncate_mapped(struct fuzzer *f) {
    long fd = remember(f, MEMORY, one_in(f, 2) ? CALL(NR_memfd_create, "m", 2) : some_file(f));
    u64 at = PLAYGROUND + below(f, PLAYGROUND_PAGES - 8) * PAGE, size = (1 + below(f, 6)) * PAGE;
    CALL(NR_ftruncate, fd, odd(f, size));
    CALL(NR_mmap, at, size, odd(f, 3), one_in(f, 3) ? 0x12 : 0x11, fd, odd(f, below(f, 2) * PAGE));
    long pid = one_in(f, 2) ? branch(f) : -1;
    if (pid == 0) {
        for (int i = 0; i < 12; i++) *(volatile u8 *)(at + below(f, size)) += 1;
        leave(0);
    }
    for (int i = below(f, 6); i > 0; i--) {
        u64 place = at + below(f, size);
        switch (below(f, 10)) {
        case 0: CALL(NR_ftruncate, fd, below(f, size)); break;
        case 1: CALL(NR_fallocate, fd, 3, below(f, size), below(f, size)); break;
        case 2: CALL(NR_read, of_kind(f, PIPE_READ), place, below(f, 5000)); break;
        case 3: CALL(NR_write, of_kind(f, PIPE_WRITE), place, below(f, 5000)); break;
        case 4: CALL(NR_msync, at, size, 1 + below(f, 7)); break;
        case 5: CALL(NR_mremap, at, size, size + PAGE, 1, 0); break;
        case 6: CALL(NR_fcntl, fd, 1033, odd(f, below(f, 32))); break;
        case 7: CALL(NR_madvise, at, size, odd(f, below(f, 26))); break;
        case 8: CALL(NR_futex, place & ~3, below(f, 2), 0, 0); break;
        case 9: CALL(NR_pwrite64, fd, at, size, below(f, size)); break;
        }
    }
    await(f, pid);
    if (!one_in(f, 3)) CALL(NR_munmap, at, size);
    if (!one_in(f, 4)) CALL(NR_close, fd);
}

/* Signals that tell of descriptors; leases, and those who break them. */
static void announce(struct fuzzer *f) {
    static const u8 sources[] = {PIPE_READ, STREAM, DATAGRAM, MASTER, TERMINAL, PIPE_WRITE, LISTENER};
    u64 fd = of_kind(f, OF(f, sources)), *owner = room(f, 8);
    owner[0] = below(f, 3) | (u64)(u32)CALL(NR_gettid) << 32;
    if (one_in(f, 2)) CALL(NR_fcntl, fd, 15, owner);
    else CALL(NR_fcntl, fd, 8, one_in(f, 2) ? CALL(NR_getpid) : process_id(f));
    CALL(NR_fcntl, fd, 10, odd(f, one_in(f, 2) ? 34 : 0));
    CALL(NR_fcntl, fd, 4, odd(f, 020000 | below(f, 2) * 04000));
    CALL(NR_write, of_kind(f, PIPE_WRITE), pool, below(f, 100));
    CALL(NR_sendto, of_kind(f, STREAM), pool, below(f, 100), 0x4040, 0, 0);
    long file = CALL(NR_open, "f1", one_in(f, 2) ? 0 : 1);
    CALL(NR_fcntl, file, 1024, odd(f, below(f, 3)));
    CALL(NR_fcntl, file, 1026, odd(f, next(f)));
    long pid = branch(f);
    if (pid == 0) {
        CALL(NR_open, "f1", below(f, 3) | (one_in(f, 2) ? 04000 : 0) | (one_in(f, 3) ? 01000 : 0));
        CALL(NR_truncate, "f1", 5);
        leave(0);
    }
    nap(f);
    if (one_in(f, 2)) CALL(NR_fcntl, file, 1024, 2);
    if (one_in(f, 2)) CALL(NR_close, file);
    await(f, pid);
}

/* Records that processes lock, and wait for each other with. */
static void lock_records(struct fuzzer *f) {
    long fd = CALL(NR_open, one_in(f, 3) ? "f1" : "f0", 02);
    long pid = branch(f);
    for (int i = below(f, 8); i > 0; i--) {
        u64 *lock = room(f, 32);
        lock[0] = (u64)below(f, 3) << 0 | (one_in(f, 4) ? 1ul << 16 : 0), lock[1] = odd(f, below(f, 20)), lock[2] = odd(f, below(f, 20)), lock[3] = 0;
        CALL(NR_fcntl, fd, one_in(f, 3) ? 5 + below(f, 3) : one_in(f, 2) ? 36 + below(f, 3) : 6, lock);
        if (one_in(f, 5)) CALL(NR_flock, fd, odd(f, 1 + below(f, 8)));
    }
    if (pid == 0) leave(0);
    if (one_in(f, 2)) CALL(NR_kill, pid, 9);
    await(f, pid);
    CALL(NR_close, fd);
}

static void name_attributes(struct fuzzer *f) {
    long fd = some_file(f);
    for (int i = below(f, 8); i > 0; i--) {
        u64 name = text(f, WORDS[below(f, 7)]);
        switch (below(f, 5)) {
        case 0: case 1: CALL(NR_fsetxattr, fd, name, room(f, 64), odd(f, below(f, 64)), odd(f, below(f, 3))); break;
        case 2: CALL(NR_fgetxattr, fd, name, room(f, 64), odd(f, 64)); break;
        case 3: CALL(NR_flistxattr, fd, room(f, 64), odd(f, 64)); break;
        case 4: CALL(NR_fremovexattr, fd, name); break;
        }
    }
    CALL(NR_close, fd);
}
