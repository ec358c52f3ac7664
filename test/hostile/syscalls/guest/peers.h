/*
 * One of several machines of a namespace: `fuzz peer SEED MILLISECONDS NUMBER MODE`. Its workers send each other messages with a
 * number of their own, take from semaphores what is given back when they end, and signal, watch and join processes of other machines.
 * What has been sent and received is printed, so that it can be counted (world.ts). In the mode "wild" they make random calls too.
 * `fuzz init` makes the semaphores before; `fuzz drain` receives what is left, prints the semaphores, and removes the objects.
 */

#define QUEUES 2
#define SEMAPHORES 4
#define FULL 10
static const u32 QUEUE_KEYS[QUEUES] = {101, 102};
#define SET_KEY 200

struct message { s64 type; u32 id, check; u8 more[248]; };

static volatile int over;
static void end_worker(int signal) { if (signal == 15) over = 1; }
__asm__("peer_restorer: mov $15, %eax\n syscall\n hlt\n");
extern void peer_restorer(void);

static void say(char what, u32 value) {
    char line[16];
    int n = 0;
    line[n++] = what, line[n++] = ' ';
    for (int shift = 28; shift >= 0; shift -= 4) line[n++] = "0123456789abcdef"[value >> shift & 15];
    line[n++] = '\n';
    CALL(NR_write, 1, line, n);
}

static long queue_of(struct fuzzer *f) { return CALL(NR_msgget, OF(f, QUEUE_KEYS), 01666); }

static long semaphores(void) {
    long set = CALL(NR_semget, SET_KEY, SEMAPHORES, 03666);
    if (set >= 0) {
        u16 full[SEMAPHORES];
        for (int i = 0; i < SEMAPHORES; i++) full[i] = FULL;
        CALL(NR_semctl, set, 0, 17, full);
        /* Only then can others tell that it is ready: sem_otime is set. */
        u16 change[] = {0, 1, 0, 0, -1, 0};
        CALL(NR_semop, set, change, 2);
        return set;
    }
    return CALL(NR_semget, SET_KEY, SEMAPHORES, 0666);
}

static void send_message(struct fuzzer *f, u32 *id) {
    struct message m = {.type = 1 + below(f, 4), .id = *id, .check = *id * 2654435761u};
    if (CALL(NR_msgsnd, queue_of(f), &m, one_in(f, 8) ? 8 + below(f, 240) : 8, one_in(f, 5) ? 0 : 04000) != 0) return;
    say('S', *id);
    ++*id;
}

static int print_received(struct message *m, long size) {
    if (size < 8) return 0;
    say(m->check == m->id * 2654435761u ? 'R' : 'X', m->id);
    return 1;
}

static void receive_message(struct fuzzer *f) {
    struct message m;
    print_received(&m, CALL(NR_msgrcv, queue_of(f), &m, 256, (s64)below(f, 6) - 3, one_in(f, 5) ? 0 : 04000));
}

/*
 * What a process has taken is given back when it ends, if it does not before. It gives no more than that: what is undone of a
 * semaphore that others have taken to 0 meanwhile would be lost.
 */
static void take_semaphores(struct fuzzer *f, long set, int *taken) {
    u16 changes[9];
    u64 time[] = {0, below(f, 3000000)};
    u32 count = 1 + below(f, 3), first = below(f, SEMAPHORES);
    for (u32 i = 0; i < count; i++) {
        u32 n = (first + i) % SEMAPHORES;
        changes[3 * i] = n, changes[3 * i + 1] = taken[n] > 0 && one_in(f, 2) ? 1 + below(f, taken[n]) : -below(f, 4);
        changes[3 * i + 2] = 010000 | (one_in(f, 2) ? 04000 : 0);
    }
    if (CALL(NR_semtimedop, set, changes, count, time) == 0)
        for (u32 i = 0; i < count; i++) taken[changes[3 * i]] -= (short)changes[3 * i + 1];
}

/* A process of whatever machine, as /proc shows it. */
static long any_process(struct fuzzer *f) {
    static u8 entries[4096];
    long found = 0, seen = 0, fd = CALL(NR_open, "/proc", 0200000);
    for (long n; (n = CALL(NR_getdents64, fd, entries, sizeof entries)) > 0;)
        for (long at = 0; at < n; at += *(u16 *)(entries + at + 16)) {
            const char *name = (const char *)entries + at + 19;
            long pid = 0;
            while (*name >= '0' && *name <= '9') pid = pid * 10 + *name++ - '0';
            if (pid > 1 && *name == 0 && below(f, ++seen) == 0) found = pid;
        }
    CALL(NR_close, fd);
    return found;
}

static void meet(struct fuzzer *f) {
    long pid = any_process(f);
    u64 info[16];
    switch (below(f, 14)) {
    case 0: CALL(NR_kill, pid, 10); break;
    case 1: CALL(NR_kill, -CALL(NR_getpgid, pid), one_in(f, 2) ? 18 : 0); break;
    case 2: CALL(NR_setpgid, 0, CALL(NR_getpgid, pid)); break;
    case 3: CALL(NR_setpgid, 0, 0); break;
    case 4: CALL(NR_setsid); break;
    case 5: CALL(NR_getsid, pid); break;
    case 6: {
        long fd = CALL(NR_pidfd_open, pid, 0);
        u32 poll[] = {fd, 1};
        CALL(NR_pidfd_send_signal, fd, one_in(f, 2) ? 0 : 10, 0, 0);
        CALL(NR_poll, poll, 1, below(f, 6));
        CALL(NR_waitid, 3, fd, info, 4 | 1, 0);
        if (one_in(f, 2)) CALL(NR_close, fd);
        break;
    }
    case 7: CALL(NR_setpriority, below(f, 2), one_in(f, 2) ? pid : 0, below(f, 3)); break;
    case 8: CALL(NR_getpriority, below(f, 3), pid); break;
    case 9: CALL(NR_sched_setscheduler, pid, 0, &(int){0}); break;
    case 10: memset(info, 0, 128), ((int *)info)[2] = -1; CALL(NR_rt_sigqueueinfo, pid, 34, info); break;
    case 11: {
        static u64 args[8];
        memset(args, 0, 64);
        args[0] = 0, args[4] = 17;
        long child = CALL(NR_clone3, args, 64);
        if (child == 0) {
            if (one_in(f, 2)) CALL(NR_setsid);
            if (one_in(f, 2)) CALL(NR_kill, any_process(f), 10);
            leave(0);
        }
        if (one_in(f, 2)) CALL(NR_setpgid, child, CALL(NR_getpgid, pid));
        CALL(NR_wait4, child, 0, 0x40000000, 0);
        break;
    }
    case 12: CALL(NR_tgkill, pid, pid, 10); break;
    case 13: CALL(NR_kill, pid, 0); break;
    }
}

static void peer_worker(u64 seed, u32 id, int wild) {
    struct fuzzer f = {.state = seed};
    map_arena();
    u64 action[] = {(u64)end_worker, 0x04000000, (u64)peer_restorer, 0};
    static const u8 handled[] = {10, 14, 15, 34};
    for (u32 i = 0; i < sizeof handled; i++) CALL(NR_rt_sigaction, handled[i], action, 0, 8);
    /* Waits come to an end. */
    u64 tick[] = {0, 2000, 0, 2000};
    CALL(NR_setitimer, 0, tick, 0);
    long set = semaphores();
    int taken[SEMAPHORES] = {0};
    while (!over) {
        switch (below(&f, 12)) {
        case 0: case 1: case 2: send_message(&f, &id); break;
        case 3: case 4: case 5: receive_message(&f); break;
        case 6: case 7: take_semaphores(&f, set, taken); break;
        case 8: case 9: meet(&f); break;
        case 10: nap(&f); break;
        case 11: if (wild) run(&f, below(&f, 10)); break;
        }
    }
    leave(0);
}

static u64 milliseconds(void);

static void peer(u64 seed, u64 time, u32 number, int wild) {
    struct fuzzer f = {.state = seed};
    long workers[4] = {0};
    u64 all = -1, none = 0, end = milliseconds() + time;
    CALL(NR_rt_sigprocmask, 0, &all, 0, 8);
    make_files();
    for (u32 round = 0; milliseconds() < end; round++) {
        for (int i = 0; i < 4; i++) {
            int status;
            if (workers[i] > 0 && one_in(&f, 40)) CALL(NR_kill, workers[i], one_in(&f, 3) ? 9 : 15);
            if (workers[i] > 0 && CALL(NR_wait4, workers[i], &status, 0x40000001, 0) == 0) continue;
            /* What it had received is lost with it. */
            if (workers[i] > 0 && status != 0) say('K', status);
            u64 its = next(&f);
            workers[i] = CALL(NR_fork);
            if (workers[i] != 0) continue;
            CALL(NR_rt_sigprocmask, 2, &none, 0, 8);
            peer_worker(its, number << 24 | (round & 0xfff) << 12 | i << 10, wild);
        }
        u64 pause[] = {0, 3000000};
        CALL(NR_nanosleep, pause, 0);
    }
    for (int i = 0; i < 4; i++) if (workers[i] > 0) CALL(NR_kill, workers[i], 15);
    for (int tries = 0; tries < 400; tries++) {
        int status;
        long pid = CALL(NR_wait4, -1, &status, 0x40000001, 0);
        if (pid < 0) break;
        if (pid > 0 && status != 0) say('K', status);
        u64 pause[] = {0, 2000000};
        if (pid == 0) CALL(NR_nanosleep, pause, 0);
        if (tries == 300) for (int i = 0; i < 4; i++) if (workers[i] > 0) CALL(NR_kill, workers[i], 9);
    }
    leave(0);
}

static void drain(void) {
    struct message m;
    u16 values[SEMAPHORES];
    long set = CALL(NR_semget, SET_KEY, 0, 0);
    /* What vanished machines have to give back comes a moment later. */
    for (int tries = 0; set >= 0 && tries < 100; tries++) {
        int full = 1;
        CALL(NR_semctl, set, 0, 13, values);
        for (int i = 0; i < SEMAPHORES; i++) full &= values[i] == FULL;
        u64 pause[] = {0, 50000000};
        if (full) break;
        CALL(NR_nanosleep, pause, 0);
    }
    for (int i = 0; set >= 0 && i < SEMAPHORES; i++) say('V', values[i]);
    for (int i = 0; i < QUEUES; i++) {
        long queue = CALL(NR_msgget, QUEUE_KEYS[i], 0);
        for (int tries = 0; tries < 10; tries++) {
            u64 pause[] = {0, 10000000};
            while (print_received(&m, CALL(NR_msgrcv, queue, &m, 256, 0, 04000))) {}
            CALL(NR_nanosleep, pause, 0);
        }
        CALL(NR_msgctl, queue, 0, 0);
    }
    CALL(NR_semctl, set, 0, 0);
    leave(0);
}
