/* The memory that arguments point to: a page of every kind, and addresses that nobody has. */
#include <sys/mman.h>

#define PAGE 4096ul
#define LOW_ARENA 0x20000000ul
/* Above 4 GiB, where code does not run (use_high_memory). */
#define HIGH_ARENA 0x2000000000ul
static u64 arena = LOW_ARENA;
#define ARENA arena
#define GOOD ARENA                   /* 16 pages, then none */
#define READ_ONLY (ARENA + 17 * PAGE) /* 4 */
#define FORBIDDEN (ARENA + 22 * PAGE)
#define SHARED (ARENA + 24 * PAGE) /* 8, shared by all processes; futexes are here */
#define PAST_END (ARENA + 33 * PAGE)
#define CODE (LOW_ARENA + 36 * PAGE) /* 4, writable and executable */
#define PLAYGROUND (ARENA + 48 * PAGE)
#define PLAYGROUND_PAGES 64
/* Reserved by those that use high memory. */
#define RESERVATION (HIGH_ARENA + (1ul << 40))
#define RESERVED (1ul << 41)

#define POOL_SIZE 32768
static u8 low_pool[POOL_SIZE] __attribute__((aligned(4096)));
static u8 *pool = low_pool;
static u8 stacks[8][16384] __attribute__((aligned(4096)));

static void map(u64 address, u64 pages, int protection, int flags, int fd) {
    CALL(NR_mmap, address, pages * PAGE, protection, flags | MAP_FIXED, fd, 0);
}

static void map_arena(void) {
    map(GOOD, 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    map(READ_ONLY, 4, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    map(FORBIDDEN, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    map(SHARED, 8, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
    map(CODE, 4, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    long fd = CALL(NR_open, "/tmp/short", 0102, 0666);
    CALL(NR_write, fd, "x", 1);
    map(PAST_END - PAGE, 2, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
    CALL(NR_close, fd);
}

/* From now on arguments point above 4 GiB. */
static void use_high_memory(void) {
    arena = HIGH_ARENA;
    pool = (u8 *)(HIGH_ARENA + 128 * PAGE);
    map((u64)pool, POOL_SIZE / PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

/* `size` bytes of the pool, filled with what is there or with noise. Threads and processes overwrite each other's. */
static void *room(struct fuzzer *f, u32 size) {
    if (f->used + size + 16 > POOL_SIZE) f->used = below(f, 64) * 8;
    u8 *at = pool + f->used;
    f->used += (size + 15) & ~15u;
    if (one_in(f, 2))
        for (u32 i = 0; i + 8 <= size; i += 8) *(u64 *)(at + i) = one_in(f, 2) ? next(f) : below(f, 64);
    return at;
}

#ifndef HIGH_STACK
#define HIGH_STACK 0
#endif

/* An address that is bad for `size` bytes in one way or another. */
static u64 bad_address(struct fuzzer *f, u32 size) {
    switch (below(f, 18 - 2 * HIGH_STACK)) {
    case 0: return 0;
    case 1: return below(f, 4096);
    case 2: return GOOD + 16 * PAGE;
    case 3: return GOOD + 16 * PAGE - below(f, size + 1);
    case 4: return READ_ONLY + below(f, 4096);
    case 5: return READ_ONLY - 1;
    case 6: return FORBIDDEN;
    case 7: return 0xffff888000000000;
    case 8: return 0x8000000000000000;
    case 9: return 0x7ffffffff000 - below(f, 32);
    case 12: return -(u64)below(f, 4096);
    case 13: return PAST_END - below(f, size + 1);
    case 14: return (u64)&bad_address;
    case 15: return (u64)pool + 0x100000000;
    case 10: return CODE + 4 * PAGE - below(f, size + 1);
    case 11: return next(f);
    /* At and near the top of what Binlet maps, where the stack is. */
    case 16: return 0xffffffff - below(f, 64);
    default: return 0xffff0000 - below(f, 64);
    }
}

/* `good`, or seldom something bad in its place. */
static u64 pointer(struct fuzzer *f, void *good, u32 size) {
    if (one_in(f, 12)) return bad_address(f, size);
    if (one_in(f, 20)) {
        u8 *edge = (u8 *)(GOOD + 16 * PAGE - size);
        if (size <= 4096) memcpy(edge, good, size);
        return (u64)edge;
    }
    if (one_in(f, 30)) return (u64)good + 1 + below(f, 7);
    return (u64)good;
}
