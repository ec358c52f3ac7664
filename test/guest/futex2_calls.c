/* futex_wait, futex_wake and futex_requeue (Linux 6.7), and what futex itself refuses; get_robust_list of others. */
#include "guest.h"
#include <pthread.h>
#include <sys/syscall.h>
enum { WAKE2 = 454, WAIT2, REQUEUE2, U32 = 2, PRIVATE = 128, OP_ADD = 1, OP_OR, OP_ANDN, OP_XOR };
static uint32_t word, second;
static struct timespec brief = {0, 5000000}, bad = {0, 1000000000};
struct waitv { uint64_t value, address; uint32_t flags, reserved; };
static long wait_(void *a, unsigned long value, unsigned long mask, unsigned flags, struct timespec *t, int clock) { return syscall(WAIT2, a, value, mask, flags, t, clock); }
static long wake(void *a, unsigned long mask, int n, unsigned flags) { return syscall(WAKE2, a, mask, n, flags); }
static long requeue(struct waitv *v, unsigned flags, int wakes, int moves) { return syscall(REQUEUE2, v, flags, wakes, moves); }
static long futex(void *a, int op, int v, void *t, void *b, int c) { return syscall(SYS_futex, a, op, v, t, b, c); }
static volatile int asleep;
static pthread_t threads[4];
static void *sleeper(void *mask) {
  __sync_fetch_and_add(&asleep, 1);
  return (void *)wait_(&word, 0, (unsigned long)mask, U32 | PRIVATE, 0, 1);
}
static void start(int n, unsigned long mask) {
  asleep = 0;
  for (int i = 0; i < n; i++) pthread_create(&threads[i], 0, sleeper, (void *)(mask << i));
  while (asleep < n) sched_yield();
  usleep(20000);
}
static void finish(int n) {
  long all = 0;
  for (int i = 0; i < n; i++) {
    void *r;
    pthread_join(threads[i], &r);
    all += (long)r;
  }
  printf("results %ld\n", all);
}
static struct timespec soon(int clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  t.tv_nsec += 20000000;
  if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
  return t;
}
static void op(int operation, int argument, int compare, int operand) {
  second = 12;
  long r = futex(&word, 5, 1, (void *)1, &second, (int)((unsigned)operation << 28 | compare << 24 | (argument & 0xfff) << 12 | (operand & 0xfff)));
  printf("op %d %d, cmp %d %d: %ld, %d\n", operation, argument, compare, operand, r < 0 ? -errno : r, (int)second);
}
int main(void) {
  SHOW(wait_(&word, 1, -1u, U32, 0, 1));
  SHOW(wait_(&word, 0, 0, U32, 0, 1));
  SHOW(wait_(&word, 0, 1ul << 32, U32, 0, 1));
  SHOW(wait_(&word, 1ul << 32, -1u, U32, 0, 1));
  SHOW(wait_(&word, 0, -1u, 0, 0, 1));
  SHOW(wait_(&word, 0, -1u, 3, 0, 1));
  SHOW(wait_(&word, 0, -1u, U32 | 0x40, 0, 1));
  SHOW(wait_((char *)&word + 1, 0, -1u, U32, 0, 1));
  SHOW(wait_((void *)8, 0, -1u, U32, 0, 1));
  SHOW(wait_(&word, 0, -1u, U32, &brief, 2));
  SHOW(wait_(&word, 0, -1u, U32, &bad, 1));
  struct timespec at = soon(1);
  SHOW(wait_(&word, 0, -1u, U32, &at, 1));
  at = soon(0);
  SHOW(wait_(&word, 0, -1u, U32 | PRIVATE, &at, 0));
  SHOW(wake(&word, -1u, 1, U32));
  SHOW(wake(&word, 0, 1, U32));
  SHOW(wake(&word, -1u, 1, 0));
  SHOW(wake(&word, 1ul << 32, 1, U32));
  start(3, 1);
  SHOW(wake(&word, 6, 8, U32 | PRIVATE));
  SHOW(wake(&word, 6, 8, U32 | PRIVATE));
  SHOW(wake(&word, -1u, 0, U32 | PRIVATE));
  SHOW(wake(&word, -1u, 8, U32)); /* those who wait with PRIVATE and those without do not meet */
  SHOW(wake(&word, -1u, 8, U32 | PRIVATE));
  finish(3);
  struct waitv v[2] = {{0, (uintptr_t)&word, U32 | PRIVATE, 0}, {0, (uintptr_t)&second, U32 | PRIVATE, 0}};
  start(4, 1);
  v[0].value = 1;
  SHOW(requeue(v, 0, 1, 1));
  v[0].value = 0;
  SHOW(requeue(v, 0, 1, 2));
  SHOW(wake(&second, -1u, 8, U32 | PRIVATE));
  SHOW(wake(&word, -1u, 8, U32 | PRIVATE));
  finish(4);
  SHOW(requeue(v, 1, 1, 1));
  SHOW(requeue(v, 0, -1, 1));
  SHOW(requeue(0, 0, 1, 1));
  SHOW(requeue((void *)8, 0, 1, 1));
  v[1].flags = 0;
  SHOW(requeue(v, 0, 1, 1));
  v[1].flags = U32 | PRIVATE, v[1].reserved = 1;
  SHOW(requeue(v, 0, 1, 1));
  op(0, 5, 0, 12), op(OP_ADD, 5, 1, 12), op(OP_ADD, -1, 2, 13), op(OP_OR, 3, 3, 12), op(OP_ANDN, 4, 4, 11), op(OP_XOR, 6, 5, 13), op(8 | OP_OR, 6, 0, 0), op(5, 0, 0, 0),
      op(0, 0, 6, 0), op(0, -1, 2, -1);
  SHOW(futex(&word, 5 | 256, 1, 0, &second, 0));
  SHOW(futex(&word, 3, -1, 0, &second, 0));
  SHOW(futex(&word, 4, 1, (void *)-1, &second, 0));
  SHOW(futex(&word, 1, 1, 0, 0, 0));
  SHOW(futex((char *)&word + 2, 1, 1, 0, 0, 0));
  SHOW(futex((void *)8, 1, 1, 0, 0, 0));
  SHOW(futex((void *)8, 1 | PRIVATE, 1, 0, 0, 0));
  SHOW(futex(&word, 2, 1, 0, 0, 0)); /* FUTEX_FD is gone */
  SHOW(futex(&word, 6 | 256, 0, 0, 0, 0));
  void *head = 0;
  size_t size = 0;
  SHOW(syscall(SYS_get_robust_list, 0, &head, &size));
  printf("size %zu\n", size);
  SHOW(syscall(SYS_get_robust_list, 0x3fffffff, &head, &size));
  SHOW(syscall(SYS_get_robust_list, 0, 8, &size));
  SHOW(syscall(SYS_get_robust_list, 0, &head, 8));
  SHOW(syscall(SYS_set_robust_list, &word, 23));
  SHOW(syscall(SYS_set_robust_list, &word, 24));
  SHOW(syscall(SYS_get_robust_list, 0, &head, &size));
  printf("as set %d\n", head == &word);
  syscall(SYS_set_robust_list, 0, 24);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    syscall(SYS_get_robust_list, 0, &head, &size);
    printf("not inherited %d\n", head != &word);
    setresuid(54321, 54321, 54321);
    SHOW(syscall(SYS_get_robust_list, getppid(), &head, &size));
    exit(0);
  }
  waitpid(p, 0, 0);
  return 0;
}
