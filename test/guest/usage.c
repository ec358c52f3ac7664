/* getrusage, times, rlimits, getpriority: plausible and consistent. */
#include "guest.h"
#include <sys/times.h>

/* Ticks sample which of the two it was; their sum is exact. */
static int used(const struct rusage *r) {
  return r->ru_utime.tv_sec + r->ru_utime.tv_usec + r->ru_stime.tv_sec + r->ru_stime.tv_usec > 0;
}

int main(void) {
  volatile unsigned x = 1;
  for (int i = 0; i < 20000000; i++) x = x * 3 + 1;
  struct rusage r;
  SHOW(getrusage(RUSAGE_SELF, &r));
  printf("time %d memory %d\n", used(&r), r.ru_maxrss > 0);
  pid_t p = fork();
  if (p == 0) { for (int i = 0; i < 20000000; i++) x = x * 3 + 1; _exit(0); }
  struct rusage c;
  int status;
  MUST(wait4(p, &status, 0, &c) == p);
  printf("child time %d\n", used(&c));
  SHOW(getrusage(RUSAGE_CHILDREN, &r));
  printf("children %d\n", used(&r));
  SHOW(getrusage(99, &r));
  struct tms t;
  printf("times %d %d\n", times(&t) != -1, t.tms_utime >= 0);
  struct rlimit l;
  SHOW(getrlimit(RLIMIT_STACK, &l));
  printf("stack at least 1 MiB %d\n", l.rlim_cur >= 1 << 20);
  SHOW(getrlimit(RLIMIT_NOFILE, &l));
  printf("files at least 64 %d\n", l.rlim_cur >= 64);
  l.rlim_cur = 50;
  SHOW(setrlimit(RLIMIT_NOFILE, &l));
  SHOW(sysconf(_SC_OPEN_MAX));
  return 0;
}
