/* Limits and usage: RLIMIT_CPU, RLIMIT_NPROC as root, prlimit on another process, getrusage, times, unshare. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int warned;
static void on_limit(int signal) { (void)signal; warned = 1; }

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  int status;
  pid_t pid = fork();
  if (pid == 0) {
    struct rlimit cpu = {1, 2};
    setrlimit(RLIMIT_CPU, &cpu);
    signal(SIGXCPU, on_limit);
    while (!warned);
    _exit(9);
  }
  waitpid(pid, &status, 0);
  printf("warned and exited %d\n", WEXITSTATUS(status));
  struct rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  printf("children used %d\n", usage.ru_utime.tv_sec + usage.ru_stime.tv_sec >= 1 || usage.ru_utime.tv_usec > 500000);
  struct tms tms;
  printf("times %d children %d\n", times(&tms) != -1, tms.tms_cutime + tms.tms_cstime > 50);
  pid = fork();
  if (pid == 0) for (;;) pause();
  struct rlimit limit = {100, 200}, old;
  printf("prlimit %d", prlimit(pid, RLIMIT_NOFILE, &limit, NULL));
  prlimit(pid, RLIMIT_NOFILE, NULL, &old);
  printf(" now %ld %ld\n", (long)old.rlim_cur, (long)old.rlim_max);
  limit.rlim_cur = 300;
  printf("above %d", prlimit(pid, RLIMIT_NOFILE, &limit, NULL));
  printf(" %s\n", strerror(errno));
  printf("resource %d", getrlimit(99, &limit));
  printf(" %s\n", strerror(errno));
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  pid = vfork();
  if (pid == 0) _exit(0);
  char stack[16384];
  printf("unshare %d\n", unshare(CLONE_FILES | CLONE_FS));
  setpriority(PRIO_PROCESS, 0, 0);
  printf("nice %d", nice(5));
  printf(" priority %d\n", getpriority(PRIO_PROCESS, 0));
  printf("cpu %d of %d\n", sched_getcpu() >= 0, sysconf(_SC_NPROCESSORS_ONLN) > 0);
  return stack[0] * 0;
}
