// futex(2) itself: compare, wake counts, bitsets, requeue, wake-op, time-outs, shared and private words.
#include "guest.h"
#include <pthread.h>
#include <sys/syscall.h>
// musl-gcc has no kernel headers.
enum {
  FUTEX_WAIT, FUTEX_WAKE, FUTEX_REQUEUE = 3, FUTEX_CMP_REQUEUE, FUTEX_WAKE_OP, FUTEX_WAIT_BITSET = 9, FUTEX_WAKE_BITSET,
  FUTEX_PRIVATE_FLAG = 128, FUTEX_CLOCK_REALTIME = 256, FUTEX_BITSET_MATCH_ANY = -1, FUTEX_OP_ADD = 1, FUTEX_OP_CMP_GT = 4
};
#define FUTEX_OP(op, arg, cmp, cmparg) ((op) << 28 | (cmp) << 24 | (arg) << 12 | (cmparg))
static int word, second;
static volatile int asleep, woken;
static long futex(int *a, int op, int v, void *t, int *b, int c) { return syscall(SYS_futex, a, op, v, t, b, c); }
static void *sleeper(void *arg) {
  __sync_fetch_and_add(&asleep, 1);
  long r = arg ? futex(&word, FUTEX_WAIT_BITSET, 0, 0, 0, (int)(long)arg) : futex(&word, FUTEX_WAIT, 0, 0, 0, 0);
  __sync_fetch_and_add(&woken, 1);
  return (void *)r;
}
static pthread_t t[8];
static void start(int n, long bits) {
  asleep = woken = 0;
  for (int i = 0; i < n; i++) pthread_create(&t[i], 0, sleeper, (void *)(bits ? bits << i : 0));
  while (asleep < n) sched_yield();
  usleep(20000);
}
static void finish(int n) {
  for (int i = 0; i < n; i++) pthread_join(t[i], 0);
}
int main(void) {
  SHOW(futex(&word, FUTEX_WAIT, 1, 0, 0, 0));
  struct timespec brief = {0, 5000000};
  SHOW(futex(&word, FUTEX_WAIT, 0, &brief, 0, 0));
  SHOW(futex(&word, FUTEX_WAKE, 1, 0, 0, 0));
  SHOW(futex((int *)((char *)&word + 1), FUTEX_WAIT, 0, &brief, 0, 0));
  SHOW(futex((int *)8, FUTEX_WAIT, 0, &brief, 0, 0));
  SHOW(futex(&word, 100, 0, 0, 0, 0));
  SHOW(futex(&word, FUTEX_WAIT_BITSET, 0, 0, 0, 0));
  brief.tv_nsec = 1000000000;
  SHOW(futex(&word, FUTEX_WAIT, 0, &brief, 0, 0));
  start(4, 0);
  SHOW(futex(&word, FUTEX_WAKE, 2, 0, 0, 0));
  for (int i = 0; i < 5000 && woken < 2; i++) usleep(1000);
  usleep(20000);
  printf("woken %d\n", woken);
  SHOW(futex(&word, FUTEX_WAKE, INT_MAX, 0, 0, 0));
  finish(4);
  start(4, 1);
  SHOW(futex(&word, FUTEX_WAKE_BITSET, 8, 0, 0, 0x6));
  SHOW(futex(&word, FUTEX_WAKE_BITSET, 8, 0, 0, 0x6));
  SHOW(futex(&word, FUTEX_WAKE_BITSET, 8, 0, 0, FUTEX_BITSET_MATCH_ANY));
  finish(4);
  start(5, 0);
  SHOW(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)2, &second, 7));
  SHOW(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)2, &second, 0));
  SHOW(futex(&second, FUTEX_WAKE, 9, 0, 0, 0));
  SHOW(futex(&word, FUTEX_REQUEUE, 0, (void *)9, &second, 0));
  SHOW(futex(&second, FUTEX_WAKE, 9, 0, 0, 0));
  finish(5);
  start(2, 0);
  second = 5;
  SHOW(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &second, FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_GT, 4)));
  printf("second %d\n", second);
  SHOW(futex(&word, FUTEX_WAKE, 9, 0, 0, 0));
  finish(2);
  struct timespec past = {1, 0};
  SHOW(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &past, 0, -1));
  SHOW(futex(&word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0, &past, 0, -1));
  int *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(futex(shared, FUTEX_WAIT, 0, 0, 0, 0) == 0 ? 4 : 5);
  while (futex(shared, FUTEX_WAKE, 1, 0, 0, 0) == 0) usleep(1000);
  int status;
  waitpid(child, &status, 0);
  print_status("child", status);
  return 0;
}
