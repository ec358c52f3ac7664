// Stacks of threads: sizes, a stack of one's own, guard pages, detached threads.
#include "guest.h"
#include <pthread.h>
static volatile int finished;
static char *lowest;
static sigjmp_buf back;
static int deep(int n) {
  volatile char part[1024];
  part[0] = n;
  lowest = (char *)part;
  return n == 0 ? 0 : deep(n - 1) + (part[0] != (char)n);
}
static void *uses(void *arg) { return (void *)(long)deep((long)arg); }
static void *detached(void *arg) {
  if (arg) pthread_detach(pthread_self());
  __sync_fetch_and_add(&finished, 1);
  return 0;
}
static void fault(int s, siginfo_t *i, void *c) {
  char *a = i->si_addr;
  siglongjmp(back, a <= lowest && a > lowest - 65536 ? 1 : 2);
}
static volatile int zero;
static int endless(int n) {
  volatile char part[512];
  lowest = (char *)part;
  part[0] = n;
  return endless(n + 1) + part[zero];
}
static void *overflows(void *arg) {
  static char alternate[65536];
  stack_t ss = {.ss_sp = alternate, .ss_size = sizeof alternate};
  sigaltstack(&ss, 0);
  int r = sigsetjmp(back, 1);
  if (r == 0) endless(0);
  return (void *)(long)r;
}
int main(void) {
  pthread_t t;
  pthread_attr_t a;
  void *r;
  size_t size;
  pthread_attr_init(&a);
  pthread_attr_setstacksize(&a, 1 << 20);
  pthread_attr_getstacksize(&a, &size);
  printf("size %zu\n", size);
  pthread_create(&t, &a, uses, (void *)600);
  pthread_join(t, &r);
  printf("deep %ld\n", (long)r);
  char *own = mmap(0, 1 << 18, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pthread_attr_setstack(&a, own, 1 << 18);
  pthread_create(&t, &a, uses, (void *)100);
  pthread_join(t, &r);
  printf("own stack: %d\n", lowest > own && lowest < own + (1 << 18));
  pthread_attr_init(&a);
  pthread_attr_setstacksize(&a, 1 << 17);
  struct sigaction sa = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGSEGV, &sa, 0);
  pthread_create(&t, &a, overflows, 0);
  pthread_join(t, &r);
  printf("guard page %ld\n", (long)r);
  pthread_attr_init(&a);
  pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED);
  for (int i = 0; i < 20; i++) pthread_create(&t, i % 2 ? &a : 0, detached, i % 2 ? 0 : &t);
  while (finished < 20) usleep(1000);
  printf("detached %d\n", finished);
  return 0;
}
