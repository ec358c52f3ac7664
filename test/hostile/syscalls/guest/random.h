/* Numbers at random, and the raw system call. No libc: what a random call breaks is then ours alone. */
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;
typedef int64_t s64;
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;

#include "calls.h"

/* One a thread. A repeated seed repeats what the thread does. */
struct fuzzer {
    u64 state;
    /* The next free bytes of the pool that arguments are built in. */
    u32 used;
    /* How many processes and threads are above it. */
    int depth;
    int supervisor;
};

static u64 next(struct fuzzer *f) {
    u64 z = (f->state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* 0 to n - 1. */
static u32 below(struct fuzzer *f, u32 n) { return (u32)((next(f) >> 32) * n >> 32); }
static int one_in(struct fuzzer *f, u32 n) { return below(f, n) == 0; }
#define OF(f, list) ((list)[below(f, sizeof(list) / sizeof((list)[0]))])

static long call6(long number, u64 a, u64 b, u64 c, u64 d, u64 e, u64 g) {
    long result;
    register u64 r10 __asm__("r10") = d;
    register u64 r8 __asm__("r8") = e;
    register u64 r9 __asm__("r9") = g;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}
#define CALL(...) CALL_(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define CALL_(n, a, b, c, d, e, g, ...) call6(n, (u64)(a), (u64)(b), (u64)(c), (u64)(d), (u64)(e), (u64)(g))

void *memcpy(void *to, const void *from, size_t n) {
    for (size_t i = 0; i < n; i++) ((u8 *)to)[i] = ((const u8 *)from)[i];
    return to;
}
void *memset(void *to, int byte, size_t n) {
    for (size_t i = 0; i < n; i++) ((volatile u8 *)to)[i] = byte;
    return to;
}
