/* CPU-time clocks: sleeping until another thread has worked, timers of the process and of a thread, errors. */
#include "guest.h"
#include <pthread.h>
#include <sys/syscall.h>
static volatile int stop;
static void *work(void *p) {
  volatile unsigned long n = 0;
  while (!stop) n++;
  return 0;
}
static long ns(clockid_t clock) {
  struct timespec t;
  MUST(clock_gettime(clock, &t) == 0);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}
static long sleep_(int clock, int flags, struct timespec *t, struct timespec *left) { return syscall(SYS_clock_nanosleep, clock, flags, t, left); }
static volatile int expired;
static void on(int sig, siginfo_t *info, void *c) { expired++; }
static void sleeping(void) {
  pthread_t thread;
  struct timespec t = {0, 30000000};
  stop = 0;
  MUST(pthread_create(&thread, 0, work, 0) == 0);
  long before = ns(CLOCK_PROCESS_CPUTIME_ID);
  SHOW(sleep_(CLOCK_PROCESS_CPUTIME_ID, 0, &t, 0));
  SHOW(ns(CLOCK_PROCESS_CPUTIME_ID) - before >= 30000000);
  t.tv_sec = 0, t.tv_nsec = 1;
  SHOW(sleep_(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &t, 0));
  clockid_t other;
  SHOW(pthread_getcpuclockid(thread, &other));
  before = ns(other);
  t = (struct timespec){0, 20000000};
  SHOW(sleep_(other, 0, &t, 0));
  SHOW(ns(other) - before >= 20000000);
  stop = 1;
  pthread_join(thread, 0);
  SHOW(sleep_(CLOCK_THREAD_CPUTIME_ID, 0, &t, 0));
  MUST(pthread_getcpuclockid(pthread_self(), &other) == 0);
  SHOW(sleep_(other, 0, &t, 0));
  t.tv_nsec = -1;
  SHOW(sleep_(CLOCK_PROCESS_CPUTIME_ID, 0, &t, 0));
}
/* Nobody works: a signal ends it with all that was left. */
static void interrupted(void) {
  struct timespec t = {5, 0}, left = {0};
  set_info_handler(SIGALRM, on, 0);
  struct itimerval soon = {.it_value = {0, 20000}};
  setitimer(ITIMER_REAL, &soon, 0);
  SHOW(sleep_(CLOCK_PROCESS_CPUTIME_ID, 0, &t, &left));
  SHOW(left.tv_sec);
  SHOW(expired);
}
static void timers(clockid_t clock, const char *name) {
  timer_t id;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  set_info_handler(SIGUSR1, on, 0);
  expired = 0;
  printf("%s\n", name);
  SHOW(timer_create(clock, &event, &id));
  struct itimerspec setting = {{0, 10000000}, {0, 20000000}}, now;
  long before = ns(clock);
  SHOW(timer_settime(id, 0, &setting, 0));
  SHOW(timer_gettime(id, &now));
  SHOW(now.it_value.tv_nsec > 0 && now.it_value.tv_nsec <= 20000000 && now.it_interval.tv_nsec == 10000000);
  while (expired < 1) ;
  SHOW(ns(clock) - before >= 20000000);
  while (expired < 3) ;
  SHOW(ns(clock) - before >= 40000000);
  setting = (struct itimerspec){{0, 0}, {0, 0}};
  SHOW(timer_settime(id, 0, &setting, &now));
  SHOW(now.it_interval.tv_nsec);
  SHOW(timer_gettime(id, &now));
  SHOW(now.it_value.tv_nsec);
  expired = 0;
  long at = ns(clock) + 15000000;
  setting.it_value = (struct timespec){at / 1000000000, at % 1000000000};
  SHOW(timer_settime(id, TIMER_ABSTIME, &setting, 0));
  while (!expired) ;
  SHOW(ns(clock) >= at);
  SHOW(expired);
  SHOW(timer_delete(id));
}
int main(void) {
  sleeping();
  interrupted();
  timers(CLOCK_PROCESS_CPUTIME_ID, "process");
  timers(CLOCK_THREAD_CPUTIME_ID, "thread");
  clockid_t own;
  MUST(clock_getcpuclockid(0, &own) == 0);
  timers(own, "by pid");
  int id;
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC_RAW, 0, &id));
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC_COARSE, 0, &id));
  SHOW(syscall(SYS_timer_create, 77, 0, &id));
  SHOW(syscall(SYS_timer_create, -1, 0, &id));
  return 0;
}
