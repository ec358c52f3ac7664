/* Reservations far larger than what is used of them, as the run-time systems of V8 and GHC make: 4 GiB of addresses are not enough. */
#include "guest.h"
#define PAGE 4096L
#define GIB (1L << 30)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RESERVE (ANON | MAP_NORESERVE)
#define RW (PROT_READ | PROT_WRITE)
static sigjmp_buf back;
static volatile int fault;
static char *volatile where;
static void on_fault(int sig, siginfo_t *info, void *context) {
  fault = sig * 100 + info->si_code;
  where = info->si_addr;
  siglongjmp(back, 1);
}
static int peek(char *p) { fault = 0; if (sigsetjmp(back, 1) == 0) return *(volatile char *)p; return -fault; }
static int poke(char *p, int v) { fault = 0; if (sigsetjmp(back, 1) == 0) *(volatile char *)p = v; return -fault; }
static long ok(void *p) { return p == MAP_FAILED ? -1 : 0; }

static void contents(char *p) {
  SHOW(peek(p));
  printf("at the address %d\n", where == p);
  SHOW(mprotect(p, 16 * PAGE, RW));
  SHOW(peek(p + PAGE));
  for (long i = 0; i < 16 * PAGE; i++) p[i] = i * 7 + (i >> 12);
  printf("%llx\n", (unsigned long long)digest(p, 16 * PAGE, 0));
  /* Values that cross a page; strings; more pages at a time than one instruction names. */
  for (int size = 2; size <= 8; size *= 2)
    for (int k = 1; k < size; k++) {
      uint64_t v = 0x1122334455667788ull * (k + size);
      memcpy(p + 3 * PAGE - k, &v, size);
    }
  memmove(p + 5 * PAGE - 100, p + PAGE + 1, 2 * PAGE);
  memset(p + 9 * PAGE - 3, 5, PAGE);
  __asm__ volatile("lock xaddq %0, (%1)" : : "r"(77l), "r"(p + 4 * PAGE - 4) : "memory");
  char *from = p + 2 * PAGE - 5, *to = p + 11 * PAGE - 9;
  long n = 3000;
  __asm__ volatile("rep movsb" : "+S"(from), "+D"(to), "+c"(n) : : "memory");
  printf("%llx\n", (unsigned long long)digest(p, 16 * PAGE, 0));
  SHOW(mprotect(p + PAGE, PAGE, PROT_READ));
  SHOW(poke(p + PAGE + 5, 1));
  SHOW(peek(p + PAGE + 5));
  SHOW(poke(p + 16 * PAGE, 1));
}

/* Two pages that lie a power of two apart, in one instruction and by turns. */
static void apart(char *p) {
  for (long distance = 1L << 20; distance < 6 * GIB; distance *= 4) {
    char *q = p + distance;
    MUST(mprotect(q, PAGE, RW) == 0);
    memcpy(q, p, 2000);
    for (int i = 0; i < 100; i++) q[i]++, p[i]--;
    printf("%ld: %llx\n", distance >> 20, (unsigned long long)digest(q, PAGE, digest(p, PAGE, 0)));
    MUST(madvise(q, PAGE, MADV_DONTNEED) == 0);
    MUST(peek(q) == 0);
  }
}

/* System calls read and write there. */
static void calls(char *p) {
  int fds[2];
  MUST(pipe(fds) == 0);
  strcpy(p + 2 * PAGE - 3, "a string that crosses");
  SHOW(write(fds[1], p + 2 * PAGE - 3, 5000));
  SHOW(read(fds[0], p + 6 * PAGE - 1, 5000));
  SHOW(memcmp(p + 6 * PAGE - 1, p + 2 * PAGE - 3, 5000));
  SHOW(write(fds[1], p + GIB, 1));
  SHOW(open(p + 2 * PAGE - 3, O_RDONLY));
  SHOW(clock_gettime(CLOCK_MONOTONIC, (void *)(p + 3 * PAGE - 8)));
  SHOW(*(long *)(p + 3 * PAGE - 8) >= 0);
  unsigned char vector[2];
  SHOW(mincore(p, 2 * PAGE, vector));
  *(int *)p = 5;
  SHOW(syscall(SYS_futex, p, 1, 1, 0, 0, 0));
  SHOW(syscall(SYS_futex, p, 0, 4, 0, 0, 0));
  close(fds[0]), close(fds[1]);
}

static void forks(char *p) {
  p[0] = 1;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    p[0]++;
    exit(p[0] * 10 + (p[PAGE - 1] != 0));
  }
  int status;
  MUST(waitpid(child, &status, 0) == child);
  print_status("child", status);
  SHOW(p[0]);
}

int main(void) {
  set_info_handler(SIGSEGV, on_fault, 0);
  char *p = mmap(0, 10 * GIB, PROT_NONE, RESERVE, -1, 0);
  if (p == MAP_FAILED) { SHOW(-1); return 1; }
  contents(p + 2 * GIB);
  apart(p + 2 * GIB);
  MUST(mprotect(p, 16 * PAGE, RW) == 0);
  calls(p);
  forks(p);
  /* A hint far above, a part made anew, a part given back. */
  char *hint = (char *)0x4200000000;
  char *q = mmap(hint, 1024 * GIB, PROT_NONE, RESERVE, -1, 0);
  SHOW(q == hint);
  SHOW(ok(mmap(q + 512 * GIB, PAGE, RW, ANON | MAP_FIXED, -1, 0)));
  SHOW(poke(q + 512 * GIB, 9));
  SHOW(munmap(q + 512 * GIB, PAGE));
  SHOW(peek(q + 512 * GIB));
  SHOW(madvise(q, 512 * GIB, MADV_DONTNEED));
  SHOW(munmap(q, 1024 * GIB));
  SHOW(munmap(p, 10 * GIB));
  SHOW(peek(p));
  return 0;
}
