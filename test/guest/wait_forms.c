/* wait4 and waitid in their forms: whom, what, WNOWAIT, __WCLONE and __WALL, rusage, auto-reaping, errors. */
#include "guest.h"
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#ifndef __WNOTHREAD
#define __WNOTHREAD 0x20000000
#endif
static siginfo_t info;
static void report(const char *what, long result, pid_t child) {
  if (result < 0) printf("%s: %s\n", what, error_name(errno));
  else printf("%s: %ld signo %d code %d status %d pid %d uid %d errno %d\n", what, result, info.si_signo, info.si_code, info.si_status,
              info.si_pid == child, info.si_uid == getuid(), info.si_errno);
  memset(&info, 0x55, sizeof info);
}
static pid_t start(int code) {
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    if (code < 0) for (;;) pause();
    _exit(code);
  }
  return p;
}
static void errors(void) {
  SHOW(syscall(SYS_wait4, -1, 0, 0, 0));
  SHOW(syscall(SYS_wait4, -1, 0, 0x100, 0));
  SHOW(syscall(SYS_wait4, INT_MIN, 0, 0, 0));
  SHOW(syscall(SYS_wait4, -1, 0, WNOWAIT, 0));
  SHOW(syscall(SYS_waitid, P_ALL, 0, &info, 0, 0));
  SHOW(syscall(SYS_waitid, P_ALL, 0, &info, WNOHANG, 0));
  SHOW(syscall(SYS_waitid, P_ALL, 0, &info, WEXITED | 0x100, 0));
  SHOW(syscall(SYS_waitid, 9, 0, &info, WEXITED, 0));
  SHOW(syscall(SYS_waitid, P_PID, 0, &info, WEXITED, 0));
  SHOW(syscall(SYS_waitid, P_PID, -1, &info, WEXITED, 0));
  SHOW(syscall(SYS_waitid, P_PGID, -1, &info, WEXITED, 0));
  SHOW(syscall(SYS_waitid, P_PGID, 0, &info, WEXITED, 0));
  pid_t p = start(1);
  SHOW(syscall(SYS_wait4, p, 8, 0, 0));
  SHOW(syscall(SYS_wait4, p, 0, 0, 0)); /* it was lost */
  p = start(1);
  SHOW(syscall(SYS_waitid, P_PID, p, 8, WEXITED, 0));
  SHOW(syscall(SYS_wait4, p, 0, 0, 0));
}
static void life(void) {
  pid_t p = start(-1);
  report("none yet", waitid(P_PID, p, &info, WEXITED | WNOHANG), 0);
  SHOW(waitpid(p, 0, WNOHANG));
  kill(p, SIGSTOP);
  report("stopped, kept", waitid(P_PID, p, &info, WSTOPPED | WNOWAIT), p);
  report("stopped", waitid(P_ALL, 0, &info, WSTOPPED), p);
  report("told once", waitid(P_PID, p, &info, WSTOPPED | WNOHANG), p);
  kill(p, SIGCONT);
  report("continued, kept", waitid(P_PID, p, &info, WCONTINUED | WNOWAIT), p);
  report("continued", waitid(P_PGID, getpgrp(), &info, WCONTINUED), p);
  kill(p, SIGSTOP);
  int status;
  printf("%d ", waitpid(p, &status, WUNTRACED) == p);
  print_status("by wait4", status);
  kill(p, SIGCONT);
  printf("%d ", waitpid(-getpgrp(), &status, WCONTINUED) == p);
  print_status("by wait4", status);
  kill(p, SIGTERM);
  report("killed, kept", waitid(P_PID, p, &info, WEXITED | WNOWAIT), p);
  report("killed, again", waitid(P_PID, p, &info, WEXITED | WSTOPPED | WNOWAIT), p);
  SHOW(kill(p, 0));
  printf("%d ", waitpid(0, &status, 0) == p);
  print_status("by wait4", status);
  SHOW(kill(p, 0));
  p = start(300);
  report("exited", waitid(P_PID, p, &info, WEXITED), p);
  report("gone", waitid(P_PID, p, &info, WEXITED), p);
  p = start(3);
  SHOW(waitid(P_PID, p, 0, WEXITED));
}
static void groups(void) {
  pid_t a = start(-1), b = start(-1);
  setpgid(a, a), setpgid(b, a);
  kill(b, SIGKILL);
  int status;
  SHOW(waitpid(-a, &status, 0) == b);
  SHOW(waitpid(-getpgrp(), &status, WNOHANG));
  SHOW(waitpid(-b, &status, WNOHANG));
  kill(a, SIGKILL);
  report("group", waitid(P_PGID, a, &info, WEXITED), a);
}
static int nothing(void *arg) { _exit(6); }
static void clones(void) {
  static char stack[16384] __attribute__((aligned(16)));
  fflush(stdout);
  signal(SIGUSR2, SIG_IGN);
  pid_t c = clone(nothing, stack + sizeof stack, SIGUSR2, 0), p = start(5);
  int status;
  SHOW(waitpid(c, &status, 0));
  SHOW(waitpid(p, &status, __WCLONE));
  SHOW(waitpid(c, &status, __WCLONE) == c);
  SHOW(waitpid(p, &status, __WALL) == p);
  c = clone(nothing, stack + sizeof stack, 0, 0);
  SHOW(waitpid(-1, &status, __WALL) == c);
}
static void usage(void) {
  struct rusage r;
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    volatile unsigned n = 0;
    struct timespec t;
    do n++, clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); while (t.tv_sec * 1000000000l + t.tv_nsec < 30000000);
    _exit(0);
  }
  memset(&r, 0, sizeof r);
  SHOW(wait4(p, 0, 0, &r) == p);
  printf("used %d\n", r.ru_utime.tv_sec * 1000000 + r.ru_utime.tv_usec + r.ru_stime.tv_sec * 1000000 + r.ru_stime.tv_usec >= 20000);
  struct rusage all;
  SHOW(getrusage(RUSAGE_CHILDREN, &all));
  printf("counted %d\n", all.ru_utime.tv_sec * 1000000 + all.ru_utime.tv_usec + all.ru_stime.tv_sec * 1000000 + all.ru_stime.tv_usec >= 20000);
  p = start(0);
  memset(&r, 0, sizeof r);
  SHOW(syscall(SYS_waitid, P_PID, p, &info, WEXITED, &r));
  printf("faults %d\n", r.ru_minflt > 0);
}
/* Nobody has to wait for them: the call lasts until the last has gone. */
static void unwanted(void) {
  signal(SIGCHLD, SIG_IGN);
  pid_t p = start(1), q = start(2);
  SHOW(wait(0));
  SHOW(kill(p, 0));
  set_handler(SIGCHLD, SIG_DFL, SA_NOCLDWAIT);
  p = start(1);
  SHOW(waitpid(p, 0, 0));
  signal(SIGCHLD, SIG_DFL);
  p = start(3);
  int status;
  SHOW(waitpid(p, &status, 0) == p);
}
static pid_t of_main;
static void *other(void *arg) {
  int status;
  printf("another thread's child, __WNOTHREAD: %s\n", waitpid(of_main, &status, __WNOTHREAD | WNOHANG) < 0 ? error_name(errno) : "there");
  printf("any thread: %d\n", waitpid(of_main, &status, 0) == of_main);
  pid_t own = fork();
  if (own == 0) _exit(4);
  printf("own: %d\n", waitpid(own, &status, __WNOTHREAD) == own);
  of_main = fork();
  if (of_main == 0) _exit(4);
  return 0;
}
static void threads(void) {
  pthread_t t;
  of_main = start(4);
  pthread_create(&t, 0, other, 0);
  pthread_join(t, 0);
  usleep(20000);
  /* The thread has ended: its child is another's of the process. */
  printf("inherited: %d\n", waitpid(of_main, 0, __WNOTHREAD) == of_main);
}
static volatile int hits;
static void on(int sig) { hits++; }
static void interrupted(void) {
  pid_t p = start(-1);
  set_handler(SIGALRM, on, 0);
  struct itimerval soon = {.it_value = {0, 10000}};
  setitimer(ITIMER_REAL, &soon, 0);
  SHOW(waitpid(p, 0, 0));
  setitimer(ITIMER_REAL, &soon, 0);
  SHOW(waitid(P_PID, p, &info, WEXITED));
  kill(p, SIGKILL);
  waitpid(p, 0, 0);
}
/* Whatever is wrong, siginfo_t says that there is no child; a zombie is none for those who wait for stops alone. */
static void nobody(void) {
  CALL(waitid, P_ALL, 0, (void *)-1L, WEXITED, 0);
  CALL(waitid, P_ALL, 0, (void *)-1L, 0, 0);
  info.si_pid = info.si_signo = 7;
  CALL(waitid, P_ALL, 0, &info, 0, 0);
  printf("signal %d pid %d\n", info.si_signo, info.si_pid);
  pid_t p = fork();
  if (p == 0) _exit(3);
  CALL(waitid, P_ALL, 0, &info, WEXITED | WNOWAIT, 0);
  CALL(waitid, P_ALL, 0, &info, WSTOPPED, 0);
  CALL(waitid, P_ALL, 0, &info, WCONTINUED | WNOHANG, 0);
  CALL(waitid, P_ALL, 0, &info, WEXITED, 0);
}
int main(void) {
  setvbuf(stdout, 0, _IOLBF, 0);
  errors();
  life();
  groups();
  clones();
  usage();
  unwanted();
  threads();
  interrupted();
  nobody();
  return 0;
}
