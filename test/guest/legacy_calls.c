/* Process, pipe, waiting and time calls that C libraries have other calls for, made directly. */
#include "guest.h"
#include <sys/signalfd.h>
static volatile int alarms;
static void on_alarm(int s) { (void)s; alarms++; }
int main(void) {
  int p[2] = {-1, -1}, status;
  char b[16];
  CALL(pipe, p);
  CALL(pipe, 8);
  printf("%d %d\n", p[0], p[1]);
  fflush(stdout);
  pid_t child = syscall(SYS_fork);
  if (child == 0) { write(p[1], "child", 5); _exit(3); }
  SHOW(child > 0);
  SHOW(read(p[0], b, sizeof b));
  SHOW(syscall(SYS_wait4, child, &status, 0, 0) == child);
  print_status("fork", status);
  CALL(dup2, p[0], 20);
  CALL(dup2, 99, 20);
  CALL(dup2, 20, 20);
  SHOW(write(p[1], "x", 1));
  // Waiting
  struct pollfd q = {20, POLLIN, 0};
  CALL(poll, &q, 1, 1000);
  printf("%x\n", q.revents);
  CALL(poll, 8, 1, 0);
  struct timespec t = {1, 0};
  q.revents = 0;
  CALL(ppoll, &q, 1, &t, 0, 8);
  printf("%x\n", q.revents);
  CALL(ppoll, &q, 1, &t, &q, 3);
  t.tv_nsec = -1;
  CALL(ppoll, &q, 1, &t, 0, 8);
  unsigned long set[16] = {1ul << 20};
  struct timeval v = {1, 0};
  CALL(select, 21, set, 0, 0, &v);
  printf("%lx\n", set[0]);
  CALL(select, -1, set, 0, 0, &v);
  v = (struct timeval){0, 20000};
  long before = milliseconds();
  CALL(select, 0, 0, 0, 0, &v);
  printf("waited %d, left %ld\n", milliseconds() - before >= 20, (long)v.tv_usec);
  int e = syscall(SYS_epoll_create, 1);
  SHOW(e >= 0);
  CALL(epoll_create, 0);
  SHOW(close(e));
  e = syscall(SYS_eventfd, 7);
  uint64_t value = 0;
  SHOW(read(e, &value, 8));
  printf("eventfd %d\n", (int)value);
  SHOW(close(e));
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  sigprocmask(SIG_BLOCK, &signals, 0);
  e = syscall(SYS_signalfd, -1, &signals, 8);
  raise(SIGUSR1);
  struct signalfd_siginfo info = {0};
  SHOW(read(e, &info, sizeof info));
  printf("signal %u\n", info.ssi_signo);
  CALL(signalfd, -1, &signals, 3);
  CALL(signalfd, 99, &signals, 8);
  SHOW(close(e));
  // Time
  t = (struct timespec){0, 20000000};
  before = milliseconds();
  CALL(nanosleep, &t, 0);
  printf("waited %d\n", milliseconds() - before >= 20);
  t.tv_nsec = 1000000000;
  CALL(nanosleep, &t, 0);
  CALL(nanosleep, 8, 0);
  set_handler(SIGALRM, on_alarm, 0);
  struct itimerval i = {{0, 0}, {50, 0}}, old = {{1, 1}, {1, 1}};
  CALL(setitimer, ITIMER_REAL, &i, 0);
  CALL(getitimer, ITIMER_REAL, &old);
  printf("left %d, interval %ld\n", old.it_value.tv_sec >= 40 && old.it_value.tv_sec <= 50, (long)old.it_interval.tv_sec);
  CALL(getitimer, 3, &old);
  CALL(getitimer, ITIMER_REAL, 8);
  CALL(alarm, 100);
  CALL(alarm, 0);
  i.it_value = (struct timeval){0, 20000};
  CALL(setitimer, ITIMER_REAL, &i, 0);
  t = (struct timespec){5, 0};
  struct timespec rest = {9, 9};
  CALL(nanosleep, &t, &rest);
  printf("alarms %d, rest %d\n", alarms, rest.tv_sec == 4 || rest.tv_sec == 3);
  i.it_value = (struct timeval){0, 20000};
  CALL(setitimer, ITIMER_REAL, &i, 0);
  CALL(pause);
  printf("alarms %d\n", alarms);
  long now = 5;
  SHOW(syscall(SYS_time, &now) == now && now > 1600000000);
  CALL(time, 8);
  CALL(restart_syscall);
  SHOW(syscall(SYS_getpgrp) == getpgid(0));
  return 0;
}
