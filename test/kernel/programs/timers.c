/* Interval timers and POSIX timers: signals, values, overruns, what is left (setitimer(2), timer_create(2)). */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int count, last;
static void handler(int signal, siginfo_t *info, void *context) {
  (void)signal; (void)context;
  count++;
  last = info->si_code == SI_TIMER ? info->si_value.sival_int : -info->si_code;
}
static void nap(int ms) { struct timespec t = {0, ms * 1000000L}; while (nanosleep(&t, &t) < 0); }

int main(void) {
  struct sigaction action = {0};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGALRM, &action, NULL);
  sigaction(SIGRTMIN, &action, NULL);
  sigaction(SIGVTALRM, &action, NULL);
  sigaction(SIGPROF, &action, NULL);
  printf("alarm %u", alarm(100));
  printf(" then %u\n", alarm(0));
  struct itimerval timer = {{0, 10000}, {0, 10000}}, old;
  setitimer(ITIMER_REAL, &timer, NULL);
  while (count < 3) pause();
  memset(&timer, 0, sizeof timer);
  setitimer(ITIMER_REAL, &timer, &old);
  printf("interval %ld left %d code %d\n", old.it_interval.tv_usec, old.it_value.tv_usec <= 10000, last);
  for (int which = ITIMER_VIRTUAL; which <= ITIMER_PROF; which++) {
    count = 0;
    struct itimerval cpu = {{0, 0}, {0, 20000}};
    setitimer(which, &cpu, NULL);
    while (!count);
    getitimer(which, &cpu);
    printf("cpu timer %d fired, left %ld\n", which, cpu.it_value.tv_usec);
  }
  timer_t id;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 77};
  printf("create %d\n", timer_create(CLOCK_MONOTONIC, &event, &id));
  struct itimerspec spec = {{0, 5000000}, {0, 5000000}}, now;
  count = 0;
  timer_settime(id, 0, &spec, NULL);
  while (count < 2) pause();
  timer_gettime(id, &now);
  printf("value %d interval %ld armed %d\n", last, now.it_interval.tv_nsec, now.it_value.tv_nsec > 0);
  sigset_t block;
  sigemptyset(&block);
  sigaddset(&block, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &block, NULL);
  nap(60);
  count = 0;
  sigprocmask(SIG_UNBLOCK, &block, NULL);
  printf("merged %d overrun %d\n", count <= 2, timer_getoverrun(id) > 5);
  printf("delete %d", timer_delete(id));
  printf(" again %d\n", timer_delete(id));
  event.sigev_notify = 99;
  printf("bad %d", timer_create(CLOCK_MONOTONIC, &event, &id));
  printf(" %s\n", strerror(errno));
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  a.tv_nsec += 30000000;
  if (a.tv_nsec >= 1000000000) { a.tv_sec++; a.tv_nsec -= 1000000000; }
  printf("absolute %d", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &a, NULL));
  clock_gettime(CLOCK_MONOTONIC, &b);
  printf(" late enough %d\n", b.tv_sec > a.tv_sec || (b.tv_sec == a.tv_sec && b.tv_nsec >= a.tv_nsec));
  clock_gettime(CLOCK_REALTIME, &a);
  struct timeval tv;
  gettimeofday(&tv, NULL);
  printf("real time agrees %d\n", tv.tv_sec - a.tv_sec <= 1 && a.tv_sec > 1600000000);
  return 0;
}
