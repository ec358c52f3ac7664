/* sched_*: affinity, intervals, priorities, policies and who may change them; nice values of processes, groups and users. */
#include "guest.h"
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
static uint64_t mask[16];
static struct sched_param param;
static volatile int ready, stop;
static void *thread(void *arg) {
  *(int *)arg = syscall(SYS_gettid);
  ready = 1;
  while (!stop) usleep(1000);
  return 0;
}
int main(void) {
  /* How many bytes the kernel's masks have depends on the machine. */
  MUST(setpriority(PRIO_PROCESS, 0, 0) == 0);
  long size = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  printf("multiple of 8: %d, a CPU: %d\n", size > 0 && size % 8 == 0, mask[0] != 0);
  SHOW(syscall(SYS_sched_getaffinity, 0, 7, mask));
  SHOW(syscall(SYS_sched_getaffinity, 0, 0, mask));
  SHOW(syscall(SYS_sched_getaffinity, 0, sizeof mask, 8));
  SHOW(syscall(SYS_sched_getaffinity, 0x3fffffff, sizeof mask, mask));
  SHOW(syscall(SYS_sched_getaffinity, -1, sizeof mask, mask));
  syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  SHOW(syscall(SYS_sched_setaffinity, 0, sizeof mask, mask));
  uint64_t one = mask[0] & -mask[0];
  SHOW(syscall(SYS_sched_setaffinity, 0, 8, &one));
  uint64_t now[16] = {0};
  syscall(SYS_sched_getaffinity, 0, sizeof now, now);
  printf("one CPU: %d\n", now[0] == one);
  unsigned cpu;
  syscall(SYS_getcpu, &cpu, 0, 0);
  printf("runs there: %d\n", one == 1ul << cpu);
  uint64_t none = 0;
  SHOW(syscall(SYS_sched_setaffinity, 0, 8, &none));
  SHOW(syscall(SYS_sched_setaffinity, 0, 0, &none));
  SHOW(syscall(SYS_sched_setaffinity, 0, 8, 8));
  SHOW(syscall(SYS_sched_setaffinity, 0x3fffffff, 8, &one));
  SHOW(syscall(SYS_sched_setaffinity, 0, sizeof mask, mask));
  for (int policy = -1; policy < 7; policy++)
    printf("policy %d: %ld to %ld\n", policy, (long)syscall(SYS_sched_get_priority_min, policy) < 0 ? -errno : syscall(SYS_sched_get_priority_min, policy),
           (long)syscall(SYS_sched_get_priority_max, policy) < 0 ? -errno : syscall(SYS_sched_get_priority_max, policy));
  struct timespec interval = {-1, -1};
  SHOW(syscall(SYS_sched_rr_get_interval, 0, &interval));
  printf("an interval: %d\n", interval.tv_sec == 0 && interval.tv_nsec >= 0);
  SHOW(syscall(SYS_sched_rr_get_interval, -1, &interval));
  SHOW(syscall(SYS_sched_rr_get_interval, 0x3fffffff, &interval));
  SHOW(syscall(SYS_sched_rr_get_interval, 0, 8));
  SHOW(syscall(SYS_sched_getparam, 0, 0));
  SHOW(syscall(SYS_sched_getparam, -1, &param));
  SHOW(syscall(SYS_sched_getparam, 0x3fffffff, &param));
  SHOW(syscall(SYS_sched_getparam, 0, &param));
  SHOW(syscall(SYS_sched_getscheduler, -1));
  SHOW(syscall(SYS_sched_getscheduler, 0x3fffffff));
  param.sched_priority = 1;
  SHOW(syscall(SYS_sched_setparam, 0, &param));
  param.sched_priority = 0;
  SHOW(syscall(SYS_sched_setparam, 0, &param));
  SHOW(syscall(SYS_sched_setparam, 0, 0));
  SHOW(syscall(SYS_sched_setparam, 0, 8));
  SHOW(syscall(SYS_sched_setparam, 0x3fffffff, &param));
  SHOW(syscall(SYS_sched_setscheduler, 0, 6, &param)); /* SCHED_DEADLINE needs sched_setattr */
  SHOW(syscall(SYS_sched_setscheduler, 0, -1, &param));
  SHOW(syscall(SYS_sched_setscheduler, -1, 0, &param));
  param.sched_priority = 100;
  SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param));
  param.sched_priority = 10;
  SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_RR, &param));
  SHOW(syscall(SYS_sched_getscheduler, 0));
  SHOW(syscall(SYS_sched_getparam, 0, &param));
  printf("priority %d\n", param.sched_priority);
  SHOW(syscall(SYS_sched_rr_get_interval, 0, &interval));
  printf("interval above 0: %d\n", interval.tv_nsec > 0);
  SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param));
  SHOW(syscall(SYS_sched_rr_get_interval, 0, &interval));
  printf("FIFO has none: %d\n", interval.tv_sec == 0 && interval.tv_nsec == 0);
  param.sched_priority = 0;
  SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &param));
  SHOW(sched_yield());
  /* Threads have their own. */
  pthread_t t;
  int tid;
  pthread_create(&t, 0, thread, &tid);
  while (!ready) usleep(1000);
  SHOW(syscall(SYS_sched_setscheduler, tid, SCHED_IDLE, &param));
  SHOW(syscall(SYS_sched_getscheduler, tid));
  SHOW(syscall(SYS_sched_getscheduler, 0));
  SHOW(setpriority(PRIO_PROCESS, tid, 7));
  SHOW(getpriority(PRIO_PROCESS, tid));
  SHOW(getpriority(PRIO_PROCESS, 0));
  SHOW(setpriority(PRIO_PROCESS, 0, 3));
  SHOW(syscall(SYS_getpriority, PRIO_PROCESS, 0));
  SHOW(syscall(SYS_getpriority, PRIO_PROCESS, tid));
  stop = 1;
  pthread_join(t, 0);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    setpgid(0, 0);
    SHOW(setpriority(PRIO_PGRP, 0, 5));
    SHOW(getpriority(PRIO_PGRP, 0));
    pid_t q = fork();
    if (q == 0) _exit(getpriority(PRIO_PROCESS, 0));
    int status;
    waitpid(q, &status, 0);
    print_status("inherited", status);
    MUST(setresuid(54321, 54321, 54321) == 0);
    SHOW(setpriority(PRIO_USER, 54321, 6));
    SHOW(getpriority(PRIO_USER, 0));
    errno = 0;
    SHOW(setpriority(PRIO_PROCESS, getppid(), 10));
    SHOW(setpriority(PRIO_PROCESS, 0, 100));
    SHOW(getpriority(PRIO_PROCESS, 0));
    SHOW(syscall(SYS_sched_setscheduler, getppid(), SCHED_OTHER, &param));
    SHOW(syscall(SYS_sched_setaffinity, getppid(), 8, &one));
    SHOW(syscall(SYS_sched_getaffinity, getppid(), sizeof mask, mask) > 0);
    /* IDLE may be left for OTHER only as far as RLIMIT_NICE goes. */
    SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_IDLE, &param));
    SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &param));
    SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &param));
    exit(0);
  }
  waitpid(p, 0, 0);
  SHOW(getpriority(3, 0));
  SHOW(getpriority(PRIO_PROCESS, 0x3fffffff));
  SHOW(setpriority(3, 0, 0));
  SHOW(setpriority(PRIO_PROCESS, 0x3fffffff, 0));
  SHOW(getpriority(PRIO_USER, 98765));
  return 0;
}
