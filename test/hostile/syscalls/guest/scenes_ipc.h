/* Sequences about what processes and threads share: semaphores, queues, sockets, futexes, timers. */

static void undo_semaphores(struct fuzzer *f) {
    long id = CALL(NR_semget, one_in(f, 3) ? 0 : below(f, 3), 6, 01666);
    for (int n = below(f, 4); n > 0; n--) {
        long pid = branch(f);
        if (pid == 0) {
            for (int i = below(f, 6); i > 0; i--) {
                u16 *s = room(f, 32);
                u64 time[] = {0, below(f, 3000000)};
                for (int k = 0; k < 3; k++) s[3 * k] = below(f, 6), s[3 * k + 1] = below(f, 7) - 3, s[3 * k + 2] = 010000 | (one_in(f, 3) ? 04000 : 0);
                CALL(NR_semtimedop, odd(f, id), s, 1 + below(f, 3), time);
                if (one_in(f, 8)) CALL(NR_unshare, 0x40000);
            }
            if (one_in(f, 3)) CALL(NR_kill, CALL(NR_getpid), 9);
            if (one_in(f, 3)) run(f, 5);
            leave(0);
        }
        if (one_in(f, 3)) CALL(NR_kill, pid, 9);
    }
    if (one_in(f, 2)) CALL(NR_semctl, id, below(f, 6), odd(f, 16), below(f, 3));
    if (one_in(f, 2)) nap(f);
    if (one_in(f, 3)) CALL(NR_semctl, id, 0, 0);
}

static void share_memory(struct fuzzer *f) {
    long id = CALL(NR_shmget, one_in(f, 2) ? 0 : below(f, 4), odd(f, (1 + below(f, 5)) * PAGE), 01666);
    long at = CALL(NR_shmat, id, one_in(f, 2) ? 0 : region(f), odd(f, one_in(f, 3) ? 010000 << below(f, 4) : 0));
    if (one_in(f, 2)) CALL(NR_shmctl, id, 0, 0);
    long pid = one_in(f, 2) ? branch(f) : -1;
    if (at > 0 || at < -4095) *(volatile u8 *)(at + below(f, PAGE)) = 1;
    CALL(NR_shmctl, id, odd(f, below(f, 16)), room(f, 112));
    CALL(NR_shmdt, odd(f, at));
    if (pid == 0) leave(0);
    await(f, pid);
}

static void queue_messages(struct fuzzer *f) {
    u64 *limits = room(f, 64), *event = room(f, 64), *time = room(f, 16);
    limits[0] = 0, limits[1] = odd(f, 1 + below(f, 4)), limits[2] = odd(f, 64), limits[3] = 0;
    long fd = remember(f, QUEUE, CALL(NR_mq_open, one_in(f, 2) ? "q0" : "q2", odd(f, 0102 | (one_in(f, 2) ? 04000 : 0)), 0600, limits));
    signal_event(f, (u32 *)event);
    if (one_in(f, 3)) ((u32 *)event)[3] = 2, ((u32 *)event)[2] = of_kind(f, STREAM), event[0] = (u64)pool;
    CALL(NR_mq_notify, fd, one_in(f, 8) ? 0 : (u64)event);
    CALL(NR_clock_gettime, 0, time);
    time[1] += below(f, 3000000);
    if (time[1] > 999999999) time[0]++, time[1] -= 1000000000;
    long pid = branch(f);
    for (int i = below(f, 5); i > 0; i--) {
        if (one_in(f, 2)) CALL(NR_mq_timedsend, fd, pool, odd(f, below(f, 65)), odd(f, below(f, 9)), time);
        else CALL(NR_mq_timedreceive, fd, room(f, 128), odd(f, 64 + below(f, 64)), room(f, 4), time);
    }
    if (pid == 0) leave(0);
    if (one_in(f, 3)) CALL(NR_mq_unlink, "q0");
    if (one_in(f, 2)) CALL(NR_close, fd);
    await(f, pid);
}

static long send_descriptors(struct fuzzer *f, long socket, const int *fds, u32 count) {
    u64 *control = room(f, 64), *m = room(f, 56), *v = room(f, 16);
    control[0] = 16 + 4 * count, control[1] = 1 | 1ul << 32;
    for (u32 i = 0; i < count; i++) ((u32 *)control)[4 + i] = odd(f, fds[i]);
    memset(m, 0, 56);
    v[0] = (u64)"x", v[1] = 1, m[2] = (u64)v, m[3] = 1, m[4] = (u64)control, m[5] = 16 + 4 * count + 7 & ~7;
    return CALL(NR_sendmsg, socket, m, 0x4040);
}

/* Sockets in each other's queues, with sets and pipes among them; nobody else has them when they are closed. */
static void tie_knot(struct fuzzer *f) {
    int s[6];
    for (int i = 0; i < 6; i += 2)
        if (CALL(NR_socketpair, 1, OF(f, ((const u8[]){1, 2, 5})), 0, s + i) != 0) s[i] = s[i + 1] = 0;
    for (int i = below(f, 8); i > 0; i--) {
        int fds[3] = {OF(f, s), one_in(f, 2) ? OF(f, s) : (int)of_kind(f, below(f, KINDS)), OF(f, s)};
        if (one_in(f, 4)) {
            u64 *event = room(f, 16);
            *(u32 *)event = 1 | (one_in(f, 2) ? 1u << 31 : 0);
            fds[0] = remember(f, EPOLL, CALL(NR_epoll_create1, 0));
            CALL(NR_epoll_ctl, fds[0], 1, OF(f, s), event);
        }
        if (one_in(f, 4)) {
            u8 *name = room(f, 16);
            *(u16 *)name = 1, name[2] = 0, name[3] = below(f, 4);
            fds[0] = remember(f, LISTENER, CALL(NR_socket, 1, 1, 0));
            CALL(NR_bind, fds[0], name, 4), CALL(NR_listen, fds[0], below(f, 4));
            long client = CALL(NR_socket, 1, 04001, 0);
            CALL(NR_connect, client, name, 4);
            send_descriptors(f, client, fds, 2);
            CALL(NR_close, client);
        }
        send_descriptors(f, OF(f, s), fds, 1 + below(f, 3));
        if (one_in(f, 4)) CALL(NR_close, fds[0]);
    }
    if (one_in(f, 4)) {
        u64 *m = room(f, 56), *v = room(f, 16);
        memset(m, 0, 56);
        v[0] = (u64)room(f, 16), v[1] = 16, m[2] = (u64)v, m[3] = 1, m[4] = (u64)room(f, 64), m[5] = 64;
        CALL(NR_recvmsg, OF(f, s), m, 0x40 | (one_in(f, 2) ? 2 : 0));
    }
    long pid = one_in(f, 4) ? branch(f) : -1;
    for (int i = 0; i < 6; i++)
        if (s[i] && !one_in(f, 5)) CALL(NR_close, s[i]);
    if (pid == 0) leave(0);
}

/* A server and its clients. */
static void converse(struct fuzzer *f) {
    u8 *address = room(f, 128);
    u32 size = socket_address(f, address), length = 128;
    int type = one_in(f, 3) ? 2 : one_in(f, 4) ? 5 : 1;
    long server = remember(f, type == 2 ? DATAGRAM : LISTENER, CALL(NR_socket, *(u16 *)address, type | (one_in(f, 2) ? 04000 : 0), 0));
    int one = 1;
    CALL(NR_setsockopt, server, 1, 2, &one, 4);
    CALL(NR_bind, server, address, size);
    CALL(NR_listen, server, odd(f, below(f, 4)));
    CALL(NR_getsockname, server, address, &length);
    long pid = branch(f);
    if (pid == 0) {
        for (int i = below(f, 3); i >= 0; i--) {
            long client = remember(f, STREAM, CALL(NR_socket, *(u16 *)address, type | (one_in(f, 2) ? 04000 : 0), 0));
            CALL(NR_connect, client, address, length < 128 ? length : size);
            for (int n = below(f, 4); n > 0; n--) {
                switch (below(f, 6)) {
                case 0: CALL(NR_shutdown, client, odd(f, below(f, 3))); break;
                case 1: CALL(NR_recvfrom, client, room(f, 500), odd(f, 500), one_in(f, 3) ? next(f) : 0x40, 0, 0); break;
                case 2: CALL(NR_setsockopt, client, one_in(f, 2) ? 1 : 6, below(f, 50), &one, 4); break;
                default: CALL(NR_sendto, client, pool, odd(f, below(f, 9000)), one_in(f, 4) ? next(f) : 0x4040, one_in(f, 4) ? (u64)address : 0, size);
                }
            }
            if (one_in(f, 2)) CALL(NR_close, client);
        }
        leave(0);
    }
    for (int n = below(f, 5); n > 0; n--) {
        u32 *poll = room(f, 16);
        poll[0] = server, poll[1] = 1;
        CALL(NR_poll, poll, 1, below(f, 3));
        long peer = remember(f, STREAM, CALL(one_in(f, 2) ? NR_accept : NR_accept4, server, one_in(f, 2) ? (u64)room(f, 128) : 0, one_in(f, 2) ? (u64)&length : 0, 04000));
        long with = peer >= 0 ? peer : server;
        CALL(NR_recvfrom, with, room(f, 3000), odd(f, 3000), 0x40, 0, 0);
        CALL(NR_sendto, with, pool, odd(f, below(f, 3000)), 0x4040, 0, 0);
        if (one_in(f, 2)) CALL(NR_close, peer);
    }
    if (one_in(f, 2)) CALL(NR_close, server);
    await(f, pid);
}

/* Mutexes of all kinds, whose owners end. */
static void lock_futexes(struct fuzzer *f) {
    u64 *head = room(f, 24), base = one_in(f, 2) ? SHARED : GOOD;
    u32 private = base == GOOD && one_in(f, 2) ? 128 : 0;
    long pid = branch(f);
    for (int i = below(f, 8); i > 0; i--) {
        u64 word = base + 64 + 24 * below(f, 4), other = base + 64 + 24 * below(f, 4), *time = room(f, 16);
        u32 tid = CALL(NR_gettid);
        CALL(NR_clock_gettime, 0, time);
        time[1] = (time[1] + below(f, 2000000)) % 1000000000;
        u64 *later = room(f, 16);
        later[0] = 0, later[1] = below(f, 2000000);
        switch (below(f, 12)) {
        case 0: CALL(NR_futex, word, 6 | private, 0, time); break;
        case 1: CALL(NR_futex, word, 7 | private, 0, 0); break;
        case 2: CALL(NR_futex, word, 8 | private, 0, 0); break;
        case 3: CALL(NR_futex, word, 13 | private, 0, time); break;
        case 4: CALL(NR_futex, word, 11 | private, odd(f, *(volatile u32 *)word), time, other); break;
        case 5: CALL(NR_futex, word, 12 | private, 1, one_in(f, 2) ? below(f, 3) : 1, other, odd(f, *(volatile u32 *)word)); break;
        case 6: *(volatile u32 *)word = one_in(f, 3) ? tid | (one_in(f, 2) ? 0x80000000 : 0) : below(f, 3); break;
        case 7: CALL(NR_futex, word, private, *(volatile u32 *)word, later); break;
        case 8: CALL(NR_futex, word, 1 | private, below(f, 4), 0); break;
        case 9:
            head[0] = word - 8, head[1] = 8, head[2] = one_in(f, 2) ? 0 : other - 8 | one_in(f, 2);
            *(volatile u64 *)(word - 8) = one_in(f, 3) ? other - 8 : (u64)head;
            *(volatile u64 *)(other - 8) = (u64)head | one_in(f, 3);
            *(volatile u32 *)word = tid | (one_in(f, 2) ? 0x80000000 : 0);
            CALL(NR_set_robust_list, head, odd(f, 24));
            break;
        case 10: CALL(NR_futex, word, 4 | private, 1, 1, other, *(volatile u32 *)word); break;
        case 11: {
            u64 *w = room(f, 24 * 3);
            for (int n = 0; n < 3; n++) w[3 * n] = *(volatile u32 *)(base + 64 + 24 * n), w[3 * n + 1] = base + 64 + 24 * n, w[3 * n + 2] = 2 | private;
            time[0] += one_in(f, 2);
            if (one_in(f, 3)) CALL(NR_futex_requeue, w, 0, below(f, 2), below(f, 3));
            else if (one_in(f, 2)) CALL(NR_futex_wait, word, *(volatile u32 *)word, -1, 2 | private, time, 0);
            else CALL(NR_futex_waitv, w, 1 + below(f, 3), 0, time, 0);
            break;
        }
        }
    }
    if (pid == 0) {
        u64 time[] = {1ul << 32, 0};
        if (one_in(f, 3)) CALL(NR_futex_wait, base + 64, *(volatile u32 *)(base + 64), 1, 2, time, 0);
        if (one_in(f, 3)) CALL(NR_kill, CALL(NR_getpid), 9);
        leave(0);
    }
    nap(f);
    CALL(NR_futex_wake, base + 64, 1, 9, 2);
    await(f, pid);
}

static void set_timers(struct fuzzer *f) {
    u64 *event = room(f, 64), *spec = room(f, 32), *mask = room(f, 8);
    int id = 0;
    signal_event(f, (u32 *)event);
    if (one_in(f, 2)) ((u32 *)event)[3] = 4, ((u32 *)event)[4] = CALL(NR_gettid);
    static const u8 clocks[] = {0, 1, 2, 3, 7, 8, 9, 11};
    CALL(NR_timer_create, odd(f, OF(f, clocks)), one_in(f, 5) ? 0 : (u64)event, &id);
    time_value(f, spec, 1), time_value(f, spec + 2, 1);
    if (one_in(f, 2)) spec[0] = spec[2] = 0, spec[1] = below(f, 2) * 1000, spec[3] = 1 + below(f, 100000);
    CALL(NR_timer_settime, odd(f, id), odd(f, below(f, 2)), spec, room(f, 32));
    mask[0] = one_in(f, 2) ? -1 : next(f);
    long fd = remember(f, SIGNALS, CALL(NR_signalfd4, one_in(f, 4) ? of_kind(f, SIGNALS) : -1, mask, 8, 04000));
    if (one_in(f, 2)) CALL(NR_rt_sigprocmask, 0, mask, 0, 8);
    for (int i = below(f, 4); i > 0; i--) {
        u64 some[2] = {0, below(f, 500000)};
        switch (below(f, 5)) {
        case 0: CALL(NR_read, fd, room(f, 256), odd(f, 128 * (1 + below(f, 2)))); break;
        case 1: CALL(NR_rt_sigtimedwait, mask, room(f, 128), some, 8); break;
        case 2: CALL(NR_timer_gettime, id, room(f, 32)); break;
        case 3: CALL(NR_timer_getoverrun, id); break;
        case 4: CALL(NR_rt_tgsigqueueinfo, CALL(NR_getpid), CALL(NR_gettid), 34, event); break;
        }
    }
    if (one_in(f, 2)) CALL(NR_timer_delete, id);
    if (one_in(f, 2)) CALL(NR_close, fd);
    mask[0] = 0;
    CALL(NR_rt_sigprocmask, 2, mask, 0, 8);
}
