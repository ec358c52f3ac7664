/* POSIX timers and queued signals by their own system calls: overruns, deletion, a signal with a value to one thread. */
#include "guest.h"
static sigset_t usr1;
static int wait_for(siginfo_t *info, long ms) {
  struct timespec t = {ms / 1000, ms % 1000 * 1000000};
  memset(info, 0, sizeof *info);
  return syscall(SYS_rt_sigtimedwait, &usr1, info, &t, 8);
}
int main(void) {
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  sigprocmask(SIG_BLOCK, &usr1, 0);
  struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 77};
  struct itimerspec i = {{0, 2000000}, {0, 2000000}}, left = {{9, 9}, {9, 9}};
  int timer = -1, other = -1;
  siginfo_t info;
  CALL(timer_create, CLOCK_MONOTONIC, &e, &timer);
  CALL(timer_create, 99, &e, &other);
  CALL(timer_gettime, timer, &left);
  printf("%ld %ld %ld %ld\n", left.it_interval.tv_sec, left.it_interval.tv_nsec, left.it_value.tv_sec, left.it_value.tv_nsec);
  CALL(timer_settime, timer, 0, &i, 0);
  usleep(50000);
  SHOW(wait_for(&info, 1000));
  printf("value %d, code %d, overruns %d\n", info.si_value.sival_int, info.si_code == SI_TIMER, info.si_overrun >= 10);
  SHOW(syscall(SYS_timer_getoverrun, timer) >= 10);
  CALL(timer_gettime, timer, &left);
  printf("interval %ld, left %d\n", left.it_interval.tv_nsec, left.it_value.tv_sec == 0 && left.it_value.tv_nsec > 0 && left.it_value.tv_nsec <= 2000000);
  CALL(timer_delete, timer);
  while (wait_for(&info, 5) > 0);
  SHOW(wait_for(&info, 20));
  CALL(timer_delete, timer);
  CALL(timer_gettime, timer, &left);
  CALL(timer_settime, timer, 0, &i, 0);
  CALL(timer_getoverrun, timer);
  CALL(timer_getoverrun, 12345);
  // A timer that runs out once
  i = (struct itimerspec){{0, 0}, {0, 5000000}};
  CALL(timer_create, CLOCK_REALTIME, &e, &timer);
  CALL(timer_settime, timer, 0, &i, &left);
  SHOW(wait_for(&info, 1000));
  CALL(timer_getoverrun, timer);
  CALL(timer_delete, timer);
  // Signals with a value
  memset(&info, 0, sizeof info);
  info.si_signo = SIGUSR1;
  info.si_code = SI_QUEUE;
  info.si_value.sival_int = 31;
  int pid = getpid(), tid = syscall(SYS_gettid);
  SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, tid, SIGUSR1, &info));
  SHOW(wait_for(&info, 1000));
  printf("value %d, code %d\n", info.si_value.sival_int, info.si_code == SI_QUEUE);
  info.si_code = -77;
  info.si_value.sival_int = 32;
  SHOW(syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &info));
  SHOW(wait_for(&info, 1000));
  printf("value %d, code %d\n", info.si_value.sival_int, info.si_code);
  SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, tid, 0, &info));
  SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, tid, 65, &info));
  SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, 0x3fffffff, SIGUSR1, &info));
  SHOW(syscall(SYS_rt_tgsigqueueinfo, 0x3fffffff, tid, SIGUSR1, &info));
  SHOW(syscall(SYS_rt_tgsigqueueinfo, -1, tid, SIGUSR1, &info));
  SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, 0, SIGUSR1, &info));
  SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, tid, SIGUSR1, 8));
  pid_t child = fork();
  if (child == 0) for (;;) pause();
  info.si_code = SI_USER;
  SHOW(syscall(SYS_rt_sigqueueinfo, child, SIGUSR1, &info));
  SHOW(syscall(SYS_rt_tgsigqueueinfo, child, child, SIGUSR1, &info));
  info.si_code = SI_TKILL;
  SHOW(syscall(SYS_rt_tgsigqueueinfo, child, child, SIGUSR1, &info));
  SHOW(kill(child, SIGKILL));
  MUST(waitpid(child, 0, 0) == child);
  return 0;
}
