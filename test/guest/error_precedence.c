/* Of two errors in one call the one that Linux tells, and the lesser forms of calls about processes: signals, clone, limits. */
#include "guest.h"
#include <sched.h>
#include <sys/prctl.h>

enum { FUTEX_WAIT = 0, FUTEX_WAIT_BITSET = 9, FUTEX_CLOCK_REALTIME = 256 };
#define NOWHERE ((void *)-1L)
#define NOBODY 0x3fffffff

static void signals(void) {
  CALL(rt_sigaction, 65, NOWHERE, 0, 8);
  CALL(rt_sigaction, SIGKILL, NOWHERE, 0, 8);
  CALL(rt_sigaction, SIGKILL, NOWHERE, 0, 4);
  CALL(rt_tgsigqueueinfo, 0, 0, 70, NOWHERE);
  siginfo_t info = {.si_code = SI_USER};
  CALL(rt_tgsigqueueinfo, 0, 0, 70, &info);
  CALL(rt_tgsigqueueinfo, NOBODY, NOBODY, SIGUSR1, &info);
  info.si_code = SI_QUEUE;
  CALL(rt_tgsigqueueinfo, NOBODY, NOBODY, SIGUSR1, &info);
  CALL(lseek, syscall(SYS_pidfd_open, getpid(), 0), 0, SEEK_SET);
}

static int wait_for(pid_t child) {
  int status = -1;
  MUST(syscall(SYS_wait4, child, &status, __WALL, 0) == child);
  return status;
}

/* An exit signal that is none is accepted by clone(2), not by clone3(2), and tells nobody. */
static void clones(void) {
  for (int signal = 65; signal <= 255; signal += 190) {
    fflush(stdout);
    pid_t child = syscall(SYS_clone, signal, 0, 0, 0, 0);
    if (child == 0) _exit(5);
    MUST(child > 0);
    SHOW(waitpid(child, 0, WNOHANG));
    printf("exit signal %d: status %x\n", signal, wait_for(child));
  }
  SHOW(unshare(CLONE_SIGHAND));
  SHOW(unshare(CLONE_VM | CLONE_THREAD));
  int gate[2];
  char byte;
  static char stack[65536];
  MUST(pipe(gate) == 0);
  pid_t child = syscall(SYS_clone, CLONE_VM | SIGCHLD, stack + sizeof stack, 0, 0, 0);
  if (child == 0) {
    /* No frame of the parent's may be used here. */
    syscall(SYS_read, gate[0], &byte, 1);
    syscall(SYS_exit, 0);
  }
  SHOW(unshare(CLONE_SIGHAND));
  SHOW(unshare(CLONE_VM));
  MUST(write(gate[1], "", 1) == 1);
  wait_for(child);
  close(gate[0]);
  close(gate[1]);
}

static void scheduling(void) {
  struct sched_param none = {0}, low = {1};
  CALL(sched_setscheduler, NOBODY, 99, &none);
  CALL(sched_setscheduler, 0, 99, &none);
  CALL(sched_setscheduler, 0, 99, NOWHERE);
  CALL(ioprio_set, 1, 0, 4 << 13);
  long milliseconds = 0;
  FILE *f = fopen("/proc/sys/kernel/sched_rr_timeslice_ms", "r");
  MUST(f && fscanf(f, "%ld", &milliseconds) == 1);
  fclose(f);
  struct timespec slice;
  if (syscall(SYS_sched_setscheduler, 0, SCHED_RR, &low) == 0) {
    MUST(syscall(SYS_sched_rr_get_interval, 0, &slice) == 0);
    MUST(slice.tv_sec * 1000 + slice.tv_nsec / 1000000 == milliseconds);
    MUST(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &none) == 0);
  }
}

static void limits(void) {
  struct rlimit limit = {1, 1};
  CALL(setrlimit, 16, NOWHERE);
  CALL(setrlimit, 16, &limit);
  CALL(prlimit64, NOBODY, 16, 0, &limit);
  CALL(prlimit64, NOBODY, 16, NOWHERE, 0);
  CALL(prlimit64, 0, 16, 0, 0);
}

static void others(void) {
  /* A directory does not matter to an absolute path. */
  char *arguments[] = {"none", 0};
  CALL(execveat, -1, "/nonexistent", arguments, 0, 0);
  CALL(execveat, -1, "nonexistent", arguments, 0, 0);
  CALL(execveat, -1, "", arguments, 0, AT_EMPTY_PATH);
  int word = 0;
  struct timespec past = {0, 0};
  CALL(futex, &word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 0, &past, 0, 0);
  CALL(futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &past, 0, -1);
  struct { unsigned short count; void *filter; } program = {1, 0};
  MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  CALL(seccomp, 1, 0, &program);
  program.filter = NOWHERE;
  CALL(seccomp, 1, 0, &program);
}

/* Another's process may not be looked into: EACCES here, where process_vm_readv says EPERM. */
static void strangers(void) {
  int parent = syscall(SYS_pidfd_open, getpid(), 0);
  pid_t pid = getpid();
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    char byte;
    struct iovec here = {&byte, 1}, there = {stdout, 1};
    MUST(setresgid(1000, 1000, 1000) == 0 && setresuid(1000, 1000, 1000) == 0);
    CALL(process_madvise, parent, &there, 1, MADV_WILLNEED, 0);
    CALL(process_vm_readv, pid, &here, 1, &there, 1, 0);
    CALL(pidfd_getfd, parent, 0, 0);
    exit(0);
  }
  wait_for(child);
}

int main(void) {
  setvbuf(stdout, 0, _IOLBF, 0);
  signals();
  clones();
  scheduling();
  limits();
  strangers();
  others();
  return 0;
}
