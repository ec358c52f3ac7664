/* Scheduling policies, niceness and affinity of a process: what can be set, read back and inherited, and what is refused. */
#include "guest.h"
#include <sched.h>
static unsigned long mask[16], all[16];
static void policy(void) {
  const int policies[] = {SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE, 99, -1};
  for (unsigned i = 0; i < sizeof policies / sizeof *policies; i++)
    printf("%d: %ld to %ld\n", policies[i], syscall(SYS_sched_get_priority_min, policies[i]), syscall(SYS_sched_get_priority_max, policies[i]));
  struct sched_param p = {0};
  CALL(sched_setscheduler, 0, SCHED_BATCH, &p);
  CALL(sched_getscheduler, 0);
  p.sched_priority = 55;
  CALL(sched_getparam, 0, &p);
  printf("priority %d\n", p.sched_priority);
  CALL(sched_setparam, 0, &p);
  p.sched_priority = 1;
  CALL(sched_setparam, 0, &p);
  CALL(sched_setparam, 0, 0);
  CALL(sched_setparam, 0, 8);
  CALL(sched_setparam, -1, &p);
  CALL(sched_setparam, 0x3fffffff, &p);
  CALL(sched_getparam, 0, 0);
  CALL(sched_getparam, 0, 8);
  CALL(sched_getparam, -1, &p);
  CALL(sched_getparam, 0x3fffffff, &p);
  CALL(sched_setscheduler, 0, 99, &p);
  CALL(sched_setscheduler, 0, SCHED_OTHER, &p);
  CALL(sched_getscheduler, -1);
  CALL(sched_getscheduler, 0x3fffffff);
  struct timespec t = {-1, -1};
  CALL(sched_rr_get_interval, 0, &t);
  printf("interval %d\n", t.tv_sec == 0 && t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
  CALL(sched_rr_get_interval, -1, &t);
  CALL(sched_rr_get_interval, 0x3fffffff, &t);
  CALL(sched_rr_get_interval, 0, 8);
  CALL(sched_yield);
}
static void niceness(void) {
  int status;
  CALL(setpriority, PRIO_PROCESS, 0, 18);
  CALL(getpriority, PRIO_PROCESS, 0);
  CALL(setpriority, PRIO_PROCESS, 0, 1000);
  CALL(getpriority, PRIO_PROCESS, 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(syscall(SYS_getpriority, PRIO_PROCESS, 0));
  MUST(waitpid(child, &status, 0) == child);
  print_status("inherited", status);
  CALL(setpriority, 3, 0, 0);
  CALL(setpriority, PRIO_PROCESS, 0x3fffffff, 0);
  CALL(getpriority, 3, 0);
  CALL(getpriority, PRIO_PROCESS, 0x3fffffff);
}
static void affinity(void) {
  long bytes = syscall(SYS_sched_getaffinity, 0, sizeof all, all);
  printf("whole words %d\n", bytes > 0 && bytes % 8 == 0);
  long first = 0;
  while (first < bytes * 8 && !(all[first / 64] >> first % 64 & 1)) first++;
  MUST(first < bytes * 8);
  mask[first / 64] = 1ul << first % 64;
  CALL(sched_setaffinity, 0, sizeof mask, mask);
  unsigned long now[16];
  memset(now, 0xff, sizeof now);
  printf("same %d\n", syscall(SYS_sched_getaffinity, 0, sizeof now, now) == bytes && !memcmp(now, mask, bytes));
  unsigned cpu = -1, node = -1;
  CALL(getcpu, &cpu, &node, 0);
  printf("there %d %d\n", cpu == first, node != -1u);
  CALL(getcpu, 0, 0, 0);
  CALL(getcpu, 8, 0, 0);
  memset(mask, 0, sizeof mask);
  CALL(sched_setaffinity, 0, sizeof mask, mask);
  CALL(sched_setaffinity, 0, sizeof mask, 8);
  CALL(sched_setaffinity, 0x3fffffff, sizeof all, all);
  CALL(sched_getaffinity, 0, 7, all);
  CALL(sched_getaffinity, 0x3fffffff, sizeof all, all);
  CALL(sched_getaffinity, 0, sizeof all, 8);
}
int main(void) {
  policy();
  niceness();
  affinity();
  return 0;
}
