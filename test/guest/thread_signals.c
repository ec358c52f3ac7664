// Signals and threads: pthread_kill, sigwait, masks of each thread, who gets a signal to the process, faults, alternate stacks.
#include "guest.h"
#include <pthread.h>
static __thread int mine;
static volatile int ready;
static pthread_t where;
static void note(int s) {
  mine += s;
  where = pthread_self();
}
static void *target(void *arg) {
  sigset_t none;
  sigfillset(&none);
  sigdelset(&none, SIGUSR1);
  sigset_t block;
  sigemptyset(&block);
  sigaddset(&block, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &block, 0);
  ready = 1;
  while (!mine) sigsuspend(&none);
  return (void *)(long)mine;
}
static void *waits(void *arg) {
  sigset_t *set = arg;
  long sum = 0;
  for (int i = 0; i < 3; i++) {
    int s;
    sigwait(set, &s);
    sum = sum * 100 + s;
    ready = 1;
  }
  return (void *)sum;
}
static sigjmp_buf back;
static __thread char *stack;
static void fault(int s, siginfo_t *i, void *c) {
  char here;
  int on_stack = &here >= stack && &here < stack + 65536;
  siglongjmp(back, 1 + on_stack);
}
static void *faults(void *arg) {
  stack = malloc(65536);
  stack_t ss = {.ss_sp = stack, .ss_size = 65536};
  sigaltstack(&ss, 0);
  int r = sigsetjmp(back, 1);
  if (r == 0) *(volatile int *)8 = 1;
  ss.ss_flags = SS_DISABLE;
  sigaltstack(&ss, 0);
  return (void *)(long)r;
}
static void *unmasked(void *arg) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  pthread_sigmask(SIG_UNBLOCK, &set, 0);
  ready = 1;
  while (!mine) usleep(1000);
  return (void *)(long)mine;
}
int main(void) {
  pthread_t t;
  void *r;
  sigset_t set;
  set_handler(SIGUSR1, note, 0);
  set_handler(SIGUSR2, note, SA_RESTART);
  pthread_create(&t, 0, target, 0);
  while (!ready) sched_yield();
  printf("kill %d\n", pthread_kill(t, SIGUSR1));
  pthread_join(t, &r);
  printf("the thread had %ld, main %d, it ran there %d\n", (long)r, mine, pthread_equal(where, t));
  printf("bad signal %s\n", error_name(pthread_kill(pthread_self(), 99)));

  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  sigaddset(&set, SIGRTMIN);
  pthread_sigmask(SIG_BLOCK, &set, 0);
  pthread_create(&t, 0, waits, &set);
  int sent[] = {SIGUSR2, SIGUSR1, SIGUSR2};
  for (int i = 0; i < 3; i++) {
    ready = 0;
    if (i == 1) pthread_kill(t, sent[i]);
    else kill(getpid(), sent[i]);
    while (!ready) sched_yield();
  }
  pthread_join(t, &r);
  printf("sigwait %ld, no handler ran: %d\n", (long)r, mine);

  ready = 0;
  pthread_create(&t, 0, unmasked, 0);
  while (!ready) sched_yield();
  kill(getpid(), SIGUSR2);
  pthread_join(t, &r);
  printf("the one that does not block it: %ld, %d\n", (long)r, pthread_equal(where, t));

  struct sigaction sa = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGSEGV, &sa, 0);
  for (int i = 0; i < 2; i++) {
    pthread_create(&t, 0, faults, 0);
    pthread_join(t, &r);
    printf("fault %ld\n", (long)r);
  }
  sigset_t now;
  pthread_sigmask(0, 0, &now);
  printf("mask %d %d\n", sigismember(&now, SIGUSR1), sigismember(&now, SIGTERM));
  union sigval v = {.sival_int = 5};
  sigqueue(getpid(), SIGRTMIN, v);
  siginfo_t info;
  printf("sigwaitinfo %d", sigwaitinfo(&set, &info) == SIGRTMIN);
  printf(" %d\n", info.si_value.sival_int);
  return 0;
}
