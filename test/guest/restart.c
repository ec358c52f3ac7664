/* read interrupted by a signal: EINTR without SA_RESTART, restarted with it; sleep gives what remains; sigsuspend. */
#include "guest.h"
static volatile int hits;
static void on(int s) { (void)s; hits++; }
static void arm(int ms) { struct itimerval t = {{0, 0}, {0, ms * 1000}}; MUST(setitimer(ITIMER_REAL, &t, 0) == 0); }
int main(void) {
  int p[2];
  char b[4];
  MUST(pipe(p) == 0);
  set_handler(SIGALRM, on, 0);
  arm(40);
  SHOW(read(p[0], b, 4));
  set_handler(SIGALRM, on, SA_RESTART);
  fflush(stdout);
  if (fork() == 0) { usleep(150000); write(p[1], "ok", 2); _exit(0); }
  arm(40);
  SHOW(read(p[0], b, 4));
  printf("hits %d\n", hits);
  wait(0);
  struct timespec want = {5, 0}, left = {0, 0};
  arm(40);
  SHOW(nanosleep(&want, &left));
  printf("left %ld, fraction %d\n", (long)left.tv_sec, left.tv_nsec > 0);
  struct pollfd f = {p[0], POLLIN, 0};
  arm(40);
  SHOW(poll(&f, 1, 5000));
  sigset_t block, none;
  sigemptyset(&none); sigemptyset(&block); sigaddset(&block, SIGALRM);
  sigprocmask(SIG_BLOCK, &block, 0);
  hits = 0;
  arm(5);
  usleep(20000);
  printf("held back %d\n", hits);
  SHOW(sigsuspend(&none));
  printf("taken %d\n", hits);
  sigprocmask(SIG_UNBLOCK, &block, 0);
  arm(40);
  SHOW(pause());
  SHOW(alarm(100));
  SHOW(alarm(0));
  struct itimerval t = {{0, 3000}, {0, 3000}}, old;
  hits = 0;
  setitimer(ITIMER_REAL, &t, 0);
  while (hits < 4) pause();
  memset(&t, 0, sizeof t);
  SHOW(setitimer(ITIMER_REAL, &t, &old));
  printf("interval %ld\n", (long)old.it_interval.tv_usec);
  return 0;
}
