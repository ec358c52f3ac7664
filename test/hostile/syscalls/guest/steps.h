/* What the sequences are made of. */

static void run(struct fuzzer *f, int calls);

static void leave(int status) {
    for (;;) {
        CALL(NR_exit_group, status);
        CALL(NR_exit, status);
        /* A filter refuses both. */
        __asm__ volatile("hlt");
    }
}

/* `value`, or seldom another: what a sequence does is then wrong from here on. */
static u64 odd(struct fuzzer *f, u64 value) { return one_in(f, 30) ? number(f) : value; }

/* fork(2) where there may be more; -1 otherwise. The child's branch ends with leave(). */
static long branch(struct fuzzer *f) {
    if (f->depth > 4) return -1;
    long pid = CALL(NR_fork);
    if (pid == 0) f->depth++, f->state = f->state * 31 + 7;
    return pid;
}

static void await(struct fuzzer *f, long pid) {
    if (pid > 0 && !one_in(f, 5)) CALL(NR_wait4, pid, 0, one_in(f, 4) ? 1 : 0x40000000, 0);
}

static void nap(struct fuzzer *f) {
    u64 time[] = {0, below(f, 2000000)};
    CALL(NR_nanosleep, time, 0);
}

/* A signal that nobody handles ends the process after so many microseconds of its time. */
static void end_after(u64 microseconds) {
    u64 soon[] = {0, 0, 0, microseconds};
    CALL(NR_setitimer, 1, soon, 0);
}

static long pipe_pair(struct fuzzer *f, int *two) {
    long result = CALL(NR_pipe2, two, one_in(f, 2) ? 04000 : one_in(f, 8) ? 040000 : 0);
    if (result == 0) remember(f, PIPE_READ, two[0]), remember(f, PIPE_WRITE, two[1]);
    return result;
}

/* A regular file, now and then one that is shared with others by name. */
static long some_file(struct fuzzer *f) {
    static const char *const names[] = {"f0", "f1", "d0/f0", "d0/f1"};
    long fd = one_in(f, 3) ? CALL(NR_memfd_create, "m", one_in(f, 2) ? 2 : 0) : CALL(NR_open, OF(f, names), 0102 | one_in(f, 6) * 02000, 0666);
    return remember(f, REGULAR, fd);
}

static void make_files(void) {
    CALL(NR_mkdir, "/tmp", 01777);
    CALL(NR_chdir, "/tmp");
    CALL(NR_mkdir, "d0", 0777);
    CALL(NR_mkdir, "d1", 0777);
    CALL(NR_mkdir, "d0/d2", 0777);
    CALL(NR_symlink, "f0", "l0");
    CALL(NR_symlink, "d0", "l1");
    CALL(NR_symlink, "loop", "loop");
    CALL(NR_mknod, "fifo", 0010666, 0);
    static const char *const names[] = {"f0", "f1", "d0/f0"};
    for (int i = 0; i < 3; i++) {
        long fd = CALL(NR_open, names[i], 0102, 0666);
        CALL(NR_write, fd, LONG_PATH, 1000 * i + 10);
        CALL(NR_close, fd);
    }
    long fd = CALL(NR_open, "script", 0102, 0777);
    CALL(NR_write, fd, "#!/program worker\n", 18);
    CALL(NR_close, fd);
}
