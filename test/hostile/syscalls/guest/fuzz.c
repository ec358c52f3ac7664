/*
 * Random system calls by several processes and threads. `fuzz SEED MILLISECONDS` supervises; what it starts is its own program.
 * Built without libc: gcc -static -nostdlib -ffreestanding.
 */
#include "random.h"
#include "memory.h"
#include "kinds.h"
#include "arguments.h"
#include "steps.h"
#include "scenes_files.h"
#include "scenes.h"
#include "scenes_ipc.h"
#include "scenes_processes.h"
#include "scenes_namespaces.h"
#include "peers.h"

static void (*const SCENES[])(struct fuzzer *) = {
    watch_files, handles, move_bytes, nest_sets, truncate_mapped, announce, lock_records, name_attributes, undo_semaphores, share_memory, queue_messages,
    tie_knot, converse, lock_futexes, set_timers, handle_process, control_jobs, filter_calls, execute_from_thread, restartable, run_noise,
    build_mount, pile_mounts, change_root, ask_mounts, visit,
};

/* Calls that end the caller or what it lives by. */
static int deadly(u32 number) {
    switch (number) {
    case NR_exit: case NR_exit_group: case NR_rt_sigreturn: case NR_pause: case NR_rt_sigsuspend: case NR_seccomp: case NR_kill: case NR_tkill:
    case NR_close_range: case NR_brk: case NR_mlockall: case NR_setrlimit: case NR_prlimit64: case NR_chroot: case NR_pivot_root: case NR_sigaltstack:
    case NR_rt_sigaction: case NR_close: case NR_vhangup: case NR_mseal:
        return 1;
    }
    return 0;
}

static void random_call(struct fuzzer *f) {
    const struct call *c = &CALLS[below(f, COUNT)];
    switch (c->number) {
    case NR_fork: case NR_vfork: case NR_clone: case NR_clone3: spawn(f); return;
    case NR_execve: case NR_execveat: if (!one_in(f, 8)) return;
    }
    if (deadly(c->number) && !one_in(f, 12)) return;
    u64 a[6] = {0};
    for (int i = 0; i < 6 && c->type[i]; i++) a[i] = argument(f, c, i);
    for (int repeat = one_in(f, 20) ? 3 : 1; repeat > 0; repeat--) classify(f, c->number, call6(c->number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

static void run(struct fuzzer *f, int calls) {
    while (calls-- > 0) {
        switch (below(f, 170)) {
        case 0: case 1: case 2: case 3: spawn(f); break;
        case 4: execute(f); break;
        case 5: case 6: case 7: case 8: case 9: case 10: open_something(f); break;
        case 11: case 12: pass_descriptors(f); break;
        case 13: case 14: case 15: read_proc(f); break;
        case 16: call6(one_in(f, 4) ? number(f) : below(f, 480), number(f), number(f), number(f), number(f), number(f), number(f)); break;
        case 17: *(volatile u8 *)region(f) = 1; break;
        case 18: CALL(NR_close, below(f, 64)); break;
        case 19: *(volatile u8 *)(GOOD + below(f, 16 * PAGE)); break;
        case 20: case 21: case 22: case 23: case 24: case 25: OF(f, SCENES)(f); break;
        case 26: if (one_in(f, 8)) crowd(f); break;
        case 27: if (one_in(f, 100)) fill_memory(f); break;
        default: random_call(f);
        }
    }
}

static void worker(u64 seed, int calls) {
    struct fuzzer f = {.state = seed};
    if (one_in(&f, 3)) {
        CALL(NR_mmap, RESERVATION, RESERVED, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
        use_high_memory();
    }
    map_arena();
    install_handlers(&f);
    for (int i = below(&f, 30); i > 0; i--) open_something(&f);
    if (one_in(&f, 12)) CALL(NR_unshare, constant(&f, TYPE_clone_flags));
    if (one_in(&f, 3)) CALL(NR_setresgid, 1000, 1000, 1000), CALL(NR_setresuid, 1000, 1000, one_in(&f, 4) ? 0 : 1000);
    run(&f, calls);
    leave(0);
}

static u64 milliseconds(void) {
    u64 at[2];
    CALL(NR_clock_gettime, 1, at);
    return at[0] * 1000 + at[1] / 1000000;
}

static void supervise(u64 seed, u64 time) {
    struct fuzzer f = {.state = seed};
    long workers[6] = {0};
    u32 count = 1 + below(&f, 6);
    u64 all = -1, end = milliseconds() + time;
    CALL(NR_rt_sigprocmask, 0, &all, 0, 8);
    make_files();
    while (milliseconds() < end) {
        for (u32 i = 0; i < count; i++) {
            if (workers[i] > 0 && one_in(&f, 20)) CALL(NR_kill, workers[i], 9);
            if (workers[i] > 0 && CALL(NR_kill, workers[i], 0) == 0) continue;
            u64 its = next(&f), none = 0;
            long pid = CALL(NR_fork);
            if (pid == 0) {
                CALL(NR_rt_sigprocmask, 2, &none, 0, 8);
                if (one_in(&f, 2)) CALL(NR_setsid);
                worker(its, 50 + below(&f, 1000));
            }
            workers[i] = pid;
        }
        u64 nap[] = {0, 3000000};
        CALL(NR_nanosleep, nap, 0);
        while (CALL(NR_wait4, -1, 0, 0x40000001, 0) > 0) {}
    }
    /* What still runs is ended here, or by the machine. */
    if (one_in(&f, 2)) leave(0);
    CALL(NR_kill, -1, 9);
    for (int n = 0; n < 100 && CALL(NR_wait4, -1, 0, 0x40000001, 0) >= 0; n++) CALL(NR_sched_yield);
    leave(0);
}

static u64 parse(const char *s, int base) {
    u64 n = 0;
    for (; s && *s; s++) n = n * base + (*s <= '9' ? *s - '0' : *s - 'a' + 10);
    return n;
}

__attribute__((used)) void start(u64 *stack) {
    u64 argc = stack[0];
    const char **argv = (const char **)(stack + 1);
    if (argc == 2 && argv[1][0] == 'h') CALL(NR_write, 1, "hello\n", 6), leave(7);
    if (argc == 6 && argv[1][0] == 'p') peer(parse(argv[2], 10), parse(argv[3], 10), parse(argv[4], 10), argv[5][0] == 'w');
    if (argc == 2 && argv[1][0] == 'd') drain();
    if (argc == 2 && argv[1][0] == 'i') semaphores(), leave(0);
    if (argc == 3 && argv[1][0] != 'w') supervise(parse(argv[1], 10), parse(argv[2], 10));
    worker(argc > 2 ? parse(argv[2], 16) : 1, argc > 3 ? 8 * parse(argv[3], 16) : 20);
}
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call start\n hlt\n");
