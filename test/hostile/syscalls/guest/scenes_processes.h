/* Sequences about processes, threads and what they run in. */

static void handle_process(struct fuzzer *f) {
    if (f->depth > 4) return;
    u64 *a = room(f, 88), *info = room(f, 128), *word = room(f, 8), *v = room(f, 16);
    memset(a, 0, 88);
    a[0] = CLONE_PIDFD | (one_in(f, 5) ? constant(f, TYPE_clone_flags) & ~(CLONE_VM | CLONE_SETTLS) : 0), a[1] = (u64)word, a[2] = a[3] = (u64)room(f, 8), a[4] = 17;
    *word = -1;
    long pid = CALL(NR_clone3, a, 88);
    if (pid == 0) {
        f->depth++;
        if (one_in(f, 2)) run(f, below(f, 20));
        else nap(f);
        leave(below(f, 200));
    }
    if (pid < 0) return;
    u64 fd = remember(f, PROCESS, *(int *)word);
    for (int i = below(f, 8); i > 0; i--) {
        u32 *poll = room(f, 16);
        switch (below(f, 9)) {
        case 0: CALL(NR_pidfd_send_signal, odd(f, fd), signal_number(f), 0, odd(f, below(f, 2) << below(f, 3))); break;
        case 1: memset(info, 0, 128), ((int *)info)[0] = 34, ((int *)info)[2] = -1; CALL(NR_pidfd_send_signal, fd, 34, info, 0); break;
        case 2: CALL(NR_close, CALL(NR_pidfd_getfd, fd, odd(f, below(f, 64)), odd(f, 0))); break;
        case 3: v[0] = region(f), v[1] = region_size(f); CALL(NR_process_madvise, fd, v, 1, odd(f, 20 + below(f, 6)), 0); break;
        case 4: CALL(NR_kill, pid, 9); CALL(NR_process_mrelease, fd, odd(f, 0)); break;
        case 5: CALL(NR_waitid, 3, fd, info, odd(f, 4 | 1 | (one_in(f, 2) ? 0x01000000 : 0)), one_in(f, 2) ? (u64)room(f, 144) : 0); break;
        case 6: CALL(NR_setns, fd, odd(f, 0x20000 << below(f, 14))); break;
        case 7: poll[0] = fd, poll[1] = 1; CALL(NR_poll, poll, 1, below(f, 2)); break;
        case 8: CALL(NR_ioctl, fd, odd(f, 0xff00 | below(f, 16)), info); break;
        }
    }
    if (one_in(f, 2)) CALL(NR_kill, pid, 9);
    await(f, pid);
    if (one_in(f, 2)) CALL(NR_close, fd);
}

/* A session with a terminal, with a foreground and a background, and someone who types. */
static void control_jobs(struct fuzzer *f) {
    long session = branch(f);
    if (session != 0) {
        await(f, session);
        return;
    }
    int zero = 0, n = 0;
    CALL(NR_setsid);
    long master = remember(f, MASTER, CALL(NR_open, "/dev/ptmx", 02 | 0400 | 04000));
    CALL(NR_ioctl, master, 0x40045431, &zero);
    long terminal = remember(f, TERMINAL, CALL(NR_ioctl, master, 0x5441, 0402));
    if (!one_in(f, 8)) CALL(NR_ioctl, terminal, 0x540e, odd(f, 0));
    u32 *modes = room(f, 64);
    CALL(NR_ioctl, terminal, 0x5401, modes);
    if (one_in(f, 2)) modes[3] ^= 1u << below(f, 16);
    if (one_in(f, 4)) modes[below(f, 9)] ^= next(f) & next(f);
    CALL(NR_ioctl, terminal, 0x5402 + below(f, 3), modes);
    long jobs[3] = {0};
    for (int i = 0; i < 3; i++) {
        jobs[i] = branch(f);
        if (jobs[i] == 0) {
            CALL(NR_setpgid, 0, 0);
            for (int k = below(f, 6); k > 0; k--) {
                int group = CALL(NR_getpgrp);
                switch (below(f, 5)) {
                case 0: CALL(NR_read, terminal, room(f, 64), 64); break;
                case 1: CALL(NR_write, terminal, pool, below(f, 300)); break;
                case 2: CALL(NR_ioctl, terminal, 0x5410, &group); break;
                case 3: CALL(NR_ioctl, terminal, odd(f, 0x5401 + below(f, 0x60)), room(f, 64)); break;
                case 4: if (one_in(f, 2)) run(f, 5); else nap(f); break;
                }
            }
            leave(0);
        }
        CALL(NR_setpgid, jobs[i], jobs[i]);
    }
    for (int i = below(f, 12); i > 0; i--) {
        static const char typed[] = "\003\032\034\021\023\004\027\025\022\026\nab\r\177\033";
        int group = OF(f, jobs);
        char *text = room(f, 64);
        switch (below(f, 8)) {
        case 0: case 1: for (int k = 0; k < 40; k++) text[k] = typed[below(f, 16)]; CALL(NR_write, master, text, odd(f, below(f, 40))); break;
        case 2: CALL(NR_ioctl, terminal, 0x5410, &group); break;
        case 3: CALL(NR_kill, -group, one_in(f, 2) ? 18 : 19 + below(f, 4)); break;
        case 4: CALL(NR_read, master, room(f, 500), 500); break;
        case 5: CALL(NR_ioctl, one_in(f, 2) ? master : terminal, odd(f, 0x5401 + below(f, 0x60)), room(f, 64)); break;
        case 6: CALL(NR_wait4, -1, &n, 0xb, 0); break;
        case 7: nap(f); break;
        }
    }
    if (one_in(f, 3)) CALL(NR_vhangup);
    if (one_in(f, 3)) CALL(NR_close, master);
    if (one_in(f, 3)) CALL(NR_ioctl, terminal, 0x5422, 0);
    if (one_in(f, 3)) for (int i = 0; i < 3; i++) if (jobs[i] > 0) CALL(NR_kill, -jobs[i], 9);
    leave(0);
}

/* A program of BPF instructions: tests of the call's number and of its arguments, and verdicts of all kinds. */
static void filter_calls(struct fuzzer *f) {
    static const u32 verdicts[] = {0x7fff0000, 0x7fff0000, 0x7fff0000, 0x00050001, 0x0005000d, 0x00030000, 0x7ffc0000, 0x7ff00000, 0x00000000, 0x80000000, 0x7fc00000, 0x00050fff};
    static const u16 codes[] = {0x20, 0x15, 0x15, 0x35, 0x45, 0x54, 0x04, 0x14, 0x44, 0x07, 0x87, 0x02, 0x60, 0x00, 0x01, 0x61, 0x62, 0xa4, 0x34, 0x84};
    long pid = branch(f);
    if (pid != 0) {
        await(f, pid);
        return;
    }
    u64 *code = room(f, 8 * 40), *program = room(f, 16);
    u32 length = 2 + below(f, 30);
    for (u32 i = 0; i < length; i++) {
        u32 op = OF(f, codes), k = op == 0x20 ? 4 * below(f, 16) : op == 0x15 ? below(f, 470) : op == 0x60 || op == 0x61 || op == 0x02 || op == 0x62 ? below(f, 16) : number(f);
        u32 left = length - i - 1;
        code[i] = op | (op & 7 == 5 ? (u64)below(f, left ? left : 1) << 16 | (u64)below(f, left ? left : 1) << 24 : 0) | (u64)k << 32;
        if (one_in(f, 60)) code[i] = next(f);
    }
    /* Most often it is one that is taken: it asks for the number, compares once, and decides. */
    if (!one_in(f, 3)) code[0] = 0x20, code[1] = 0x15 | (u64)below(f, length - 1) << 16 | (u64)below(f, length - 1) << 24 | (u64)below(f, 470) << 32, length = 3;
    for (u32 i = one_in(f, 3) ? length - 1 : 2; i < length; i++) code[i] = 6 | (u64)OF(f, verdicts) << 32;
    if (length == 3 && one_in(f, 2)) code[2] = 6 | 0x7fff0000ul << 32, code[3] = 6 | (u64)OF(f, verdicts) << 32, code[1] = 0x15 | (1ul << 16) | (u64)below(f, 470) << 32, length = 4;
    program[0] = odd(f, length), program[1] = pointer(f, code, 8 * length);
    if (!one_in(f, 4)) CALL(NR_prctl, 38, 1, 0, 0, 0);
    if (one_in(f, 3)) spawn(f);
    if (one_in(f, 4)) CALL(NR_prctl, 22, odd(f, one_in(f, 6) ? 1 : 2), program);
    else CALL(NR_seccomp, odd(f, one_in(f, 10) ? 0 : 1), one_in(f, 3) ? 1u << below(f, 6) : 0, program);
    end_after(3000);
    run(f, below(f, 60));
    leave(0);
}

/* A thread that is not the first calls execve, while others run or wait. */
static void execute_from_thread(struct fuzzer *f) {
    long pid = branch(f);
    if (pid != 0) {
        await(f, pid);
        return;
    }
    int two[2];
    pipe_pair(f, two);
    for (int i = below(f, 4); i > 0; i--) spawn(f);
    u64 size, stack = new_stack(f, &size);
    long tid = clone_with(NR_clone, THREAD | CLONE_SETTLS & 0, stack + size, two, two, 0, stack + size);
    f->depth = 5;
    if (one_in(f, 2)) execute(f);
    else if (one_in(f, 2)) CALL(NR_futex, SHARED + 200, 0, 0, 0);
    else CALL(NR_read, two[0], room(f, 16), 16);
    leave(0);
}

/* As many threads as there may be, each in a wait of its own or at an end. */
static void crowd(struct fuzzer *f) {
    long pid = branch(f);
    if (pid != 0) {
        await(f, pid);
        return;
    }
    f->depth = 4;
    for (int i = 10 + below(f, 40); i > 0; i--) {
        u64 size, stack = PLAYGROUND + (i % 16) * 2 * PAGE;
        CALL(NR_mmap, stack, 2 * PAGE, 3, 0x32, -1, 0);
        struct start *s = (struct start *)(stack + 2 * PAGE - 64);
        s->seed = next(f), s->depth = 5, s->calls = below(f, 8);
        int word;
        clone_with(NR_clone, THREAD | (one_in(f, 2) ? CLONE_CHILD_CLEARTID : 0), (u64)s, &word, (int *)(SHARED + 256), 0, (u64)s);
        if (one_in(f, 20)) nap(f);
    }
    if (one_in(f, 3)) CALL(NR_exit, 0);
    if (one_in(f, 3)) execute(f);
    if (one_in(f, 3)) nap(f);
    leave(0);
}

/* Pages until there are no more, or nearly. */
static void fill_memory(struct fuzzer *f) {
    long pid = branch(f);
    if (pid != 0) {
        await(f, pid);
        return;
    }
    u64 pages = one_in(f, 4) ? 5000 : 200 + below(f, 1500);
    int shared = one_in(f, 3);
    long at = CALL(NR_mmap, 0, pages * PAGE, 3, shared ? 0x21 : 0x22, -1, 0);
    if (at > 0 || at < -4095)
        for (u64 i = 0; i < pages; i++) *(volatile u8 *)(at + i * PAGE) = 1;
    pid = branch(f);
    if (pid == 0 && at > 0)
        for (u64 i = 0; i < pages; i += 2) *(volatile u8 *)(at + i * PAGE) = 2;
    run(f, below(f, 20));
    long fd = some_file(f);
    for (int i = below(f, 30); i > 0; i--) CALL(NR_write, fd, at, 16 * PAGE);
    leave(0);
}

/* A restartable sequence that is left in the middle, or whose description is wrong. */
static void restartable(struct fuzzer *f) {
    static u32 areas[4][16] __attribute__((aligned(64)));
    u32 *area = OF(f, areas), signature = 0x53053053;
    u64 *section = room(f, 48);
    section = (u64 *)((u64)section + 31 & ~31ul);
    CALL(NR_rseq, odd(f, (u64)area), odd(f, 32), odd(f, 0), odd(f, signature));
    if (one_in(f, 2)) {
        section[0] = 0, section[1] = (u64)&&begin, section[2] = odd(f, 16), section[3] = (u64)&&begin;
        *(volatile u64 *)(area + 2) = one_in(f, 4) ? bad_address(f, 32) : (u64)section;
    }
begin:
    if (one_in(f, 2)) CALL(NR_sched_yield);
    *(volatile u64 *)(area + 2) = 0;
    if (!one_in(f, 4)) CALL(NR_rseq, area, 32, odd(f, 1), signature);
}

/* Code that is noise, and code that changes while it runs. */
static void run_noise(struct fuzzer *f) {
    long pid = branch(f);
    if (pid != 0) {
        await(f, pid);
        return;
    }
    end_after(1000);
    u8 *code = (u8 *)CODE;
    for (int round = 0; round < 4; round++) {
        u32 size = 1 + below(f, 40), at = below(f, 2) ? below(f, 3000) : 4096 - below(f, 16);
        for (u32 i = 0; i < size; i++) code[at + i] = one_in(f, 3) ? OF(f, ((const u8[]){0x0f, 0x48, 0x66, 0xf2, 0xf3, 0x89, 0x8b, 0x01, 0xc0, 0x90, 0xeb, 0xe8, 0xc5})) : next(f);
        code[at + size] = 0xc3;
        if (one_in(f, 8)) CALL(NR_mprotect, CODE, PAGE, odd(f, 5));
        ((void (*)(void))(code + at))();
        if (one_in(f, 8)) CALL(NR_mprotect, CODE, PAGE, 7);
    }
    leave(0);
}

/* Clones the program's signal frame with other contents. */
static void bend_context(struct fuzzer *f, u64 *context) {
    for (int i = below(f, 3); i > 0; i--) context[below(f, 32)] ^= one_in(f, 2) ? 1ul << below(f, 64) : next(f);
    if (one_in(f, 3)) context[28] = one_in(f, 2) ? bad_address(f, 512) : context[28] + below(f, 64);
}
