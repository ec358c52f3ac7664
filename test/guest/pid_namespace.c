/* CLONE_NEWPID: numbers of one's own, who is seen as what, and what the namespace's init is spared and answers for. */
#include "guest.h"
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#ifndef P_PIDFD
#define P_PIDFD 3
#endif
static pid_t clone_(unsigned long flags) { fflush(stdout); return syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0); }
static void ids(const char *who) {
  printf("%s: pid %d, tid %ld, parent %d, group %d, session %d\n", who, getpid(), syscall(SYS_gettid), getppid(), getpgid(0), getsid(0));
  fflush(stdout);
}
static void finish(const char *what, pid_t child) {
  int status;
  MUST(waitpid(child, &status, 0) == child);
  print_status(what, status);
}
static volatile sig_atomic_t got, from;
static void handler(int sig, siginfo_t *info, void *context) { got = sig; from = info->si_pid; }
static void wait_for(int *ends) { char c; close(ends[1]); MUST(read(ends[0], &c, 1) == 0); close(ends[0]); }

/* Init: its children are 2, 3 …; orphans come to it; nothing from within ends it. */
static void init(int *ends) {
  ids("init");
  pid_t child = clone_(0);
  if (child == 0) { ids("child"); exit(3); }
  printf("child is %d\n", child);
  finish("child", child);
  child = clone_(0);
  if (child == 0) {
    pid_t orphan = clone_(0);
    if (orphan == 0) {
      while (getppid() != 1) usleep(1000);
      exit(getpid());
    }
    printf("orphan is %d\n", orphan);
    exit(0);
  }
  finish("its parent", child);
  siginfo_t info = {0};
  MUST(waitid(P_ALL, 0, &info, WEXITED) == 0);
  printf("adopted: %d exited %d\n", info.si_pid, info.si_status);
  child = clone_(0);
  if (child == 0) {
    SHOW(kill(1, 0));
    SHOW(kill(1, SIGKILL));
    SHOW(kill(1, SIGTERM));
    SHOW(kill(1, SIGSTOP));
    SHOW(kill(-1, 0));
    SHOW(syscall(SYS_tgkill, 1, 1, SIGINT));
    exit(0);
  }
  finish("killer", child);
  set_info_handler(SIGUSR1, handler, SA_RESTART);
  child = clone_(0);
  if (child == 0) { SHOW(kill(getppid(), SIGUSR1)); exit(0); }
  finish("signaller", child);
  printf("handled %d from %d, child was %d\n", got == SIGUSR1, from, child);
  SHOW(setsid());
  ids("own session");
  SHOW(kill(getpid(), SIGTERM));
  SHOW(raise(SIGKILL));
  SHOW(getpgid(4711));
  /* From outside. */
  set_info_handler(SIGUSR2, handler, 0);
  got = 0;
  fflush(stdout);
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, &old);
  close(ends[0]);
  MUST(write(ends[1], "x", 1) == 1);
  while (!got) sigsuspend(&old);
  printf("handled %d from %d\n", got == SIGUSR2, from);
  fflush(stdout);
  child = clone_(0);
  if (child == 0) for (;;) pause();
  MUST(write(ends[1], "x", 1) == 1);
  for (;;) pause();
}

int main(void) {
  int ends[2], status;
  char c;
  MUST(administrator());
  MUST(pipe(ends) == 0);
  pid_t first = clone_(CLONE_NEWPID);
  if (first == 0) init(ends);
  close(ends[1]);
  MUST(read(ends[0], &c, 1) == 1);
  SHOW(kill(first, SIGTERM));
  SHOW(kill(first, SIGUSR2));
  MUST(read(ends[0], &c, 1) == 1);
  SHOW(kill(first, SIGKILL));
  finish("namespace", first);
  /* Its child, which had the pipe too, is gone as well. */
  MUST(read(ends[0], &c, 1) == 0);
  close(ends[0]);

  /* unshare: for children only; once. */
  pid_t me = getpid();
  SHOW(unshare(CLONE_NEWPID));
  printf("same pid: %d\n", getpid() == me);
  SHOW(unshare(CLONE_NEWPID));
  SHOW(clone_(CLONE_NEWPID));
  SHOW(syscall(SYS_clone, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0, 0, 0, 0));
  first = clone_(0);
  if (first == 0) {
    ids("unshared");
    SHOW(clone_(CLONE_PARENT));
    int nested[2];
    MUST(pipe(nested) == 0);
    pid_t inner = clone_(CLONE_NEWPID);
    if (inner == 0) {
      ids("nested");
      pid_t deep = clone_(0);
      if (deep == 0) { ids("below"); SHOW(kill(2, 0)); SHOW(kill(3, 0)); exit(0); }
      finish("below", deep);
      exit(5);
    }
    printf("nested is %d\n", inner);
    finish("nested", inner);
    /* The second in the namespace while the first lives. */
    pid_t second = clone_(0);
    if (second == 0) { ids("second"); exit(6); }
    siginfo_t info = {0};
    MUST(waitid(P_PID, second, &info, WEXITED) == 0);
    printf("second is %d, reported %d\n", second, info.si_pid == second);
    exit(7);
  }
  finish("unshared", first);
  SHOW(clone_(0));
  return 0;
}
