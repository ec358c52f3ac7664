/* Scheduling attributes: policies, nice values, sched_attr, what children inherit, errors. */
#include "guest.h"
#include <sched.h>
#include <sys/syscall.h>
struct attributes { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; uint32_t min, max; uint64_t more; };
static struct attributes a;
static long set(int pid, unsigned flags) { return syscall(314, pid, &a, flags); }
static long get(int pid, unsigned size, unsigned flags) { return syscall(315, pid, &a, size, flags); }
static void state(const char *who) {
  MUST(get(0, 48, 0) == 0);
  printf("%s: size %u policy %u flags %lu nice %d priority %u, scheduler %ld\n", who, a.size, a.policy, (long)a.flags, a.nice, a.priority,
         syscall(SYS_sched_getscheduler, 0));
  fflush(stdout);
}
static void in_child(void) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) state("child"), exit(0);
  MUST(waitpid(child, 0, 0) == child);
}
static void fresh(unsigned policy) { a = (struct attributes){.size = 48, .policy = policy}; }
int main(void) {
  MUST(setpriority(PRIO_PROCESS, 0, 0) == 0);
  state("start");
  fresh(0), a.nice = 5;
  SHOW(set(0, 0));
  state("nice");
  SHOW(getpriority(PRIO_PROCESS, 0));
  in_child();
  fresh(3), a.nice = 7;
  SHOW(set(0, 0));
  state("batch");
  in_child();
  fresh(3), a.nice = 8, a.flags = 1;
  SHOW(set(0, 0));
  state("reset on fork");
  in_child();
  fresh(0), a.nice = 100;
  SHOW(set(0, 0));
  state("clamped");
  fresh(1), a.flags = 8 | 16;
  SHOW(set(0, 0));
  state("kept");
  fresh(5);
  SHOW(set(0, 0));
  state("idle");
  fresh(0), a.size = 0;
  SHOW(set(0, 0));
  state("no size");
  fresh(0), a.size = 20;
  SHOW(set(0, 0));
  SHOW(a.size >= 56);
  fresh(0), a.size = sizeof a, a.more = 1;
  SHOW(set(0, 0));
  fresh(77);
  SHOW(set(0, 0));
  fresh(0), a.priority = 4;
  SHOW(set(0, 0));
  fresh(1);
  SHOW(set(0, 0));
  fresh(0), a.flags = 1ull << 40;
  SHOW(set(0, 0));
  fresh(0);
  SHOW(set(0, 1));
  SHOW(set(-1, 0));
  SHOW(set(0x3fffffff, 0));
  SHOW(syscall(314, 0, 0, 0));
  SHOW(get(0, 47, 0));
  SHOW(get(0, 5000, 0));
  SHOW(get(0, 48, 1));
  SHOW(get(-1, 48, 0));
  SHOW(get(0x3fffffff, 48, 0));
  SHOW(syscall(315, 0, 8, 48, 0));
  struct sched_param param = {0};
  SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_BATCH | 0x40000000, &param));
  state("by setscheduler");
  in_child();
  SHOW(syscall(SYS_sched_setscheduler, 0, 77, &param));
  param.sched_priority = 1;
  SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &param));
  return 0;
}
