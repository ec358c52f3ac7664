/* Clocks, sleeping and timers: which clock may what, absolute and relative, remaining time, overruns, privileges, errors. */
#include "guest.h"
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
static struct timespec ts(long s, long n) { return (struct timespec){s, n}; }
static long gettime(int c) { struct timespec t = {-1, -1}; long r = syscall(SYS_clock_gettime, c, &t); return r < 0 ? -errno : t.tv_nsec >= 0 && t.tv_nsec < 1000000000; }
static long sleep_(int c, int flags, long s, long n) { struct timespec t = ts(s, n); return syscall(SYS_clock_nanosleep, c, flags, &t, 0); }
static long create(int c) {
  int id;
  struct sigevent e = {.sigev_notify = SIGEV_NONE};
  if (syscall(SYS_timer_create, c, &e, &id) < 0) return -errno;
  syscall(SYS_timer_delete, id);
  return 0;
}
static volatile int hits;
static siginfo_t last;
static void on(int sig, siginfo_t *i, void *c) { hits++, last = *i; }
static void clocks(void) {
  for (int c = -2; c < 20; c++) {
    struct timespec t = ts(-1, -1);
    long resolution = syscall(SYS_clock_getres, c, &t) < 0 ? -errno : t.tv_nsec == 1 ? 1 : t.tv_nsec > 0 ? 2 : 0;
    /* Alarm clocks need a real-time clock in the machine. */
    if (c == 8 || c == 9 || c == 10 || c >= 16) continue;
    printf("clock %d: get %ld res %ld sleep %ld timer %ld timerfd %d\n", c, gettime(c), resolution, sleep_(c, TIMER_ABSTIME, 0, 1) < 0 ? -(long)errno : 0L, create(c), timerfd_create(c, 0) < 0 ? -errno : 0);
  }
  SHOW(syscall(SYS_clock_gettime, 0, 8));
  SHOW(syscall(SYS_clock_getres, 0, 0));
  SHOW(syscall(SYS_clock_getres, 0, 8));
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a), clock_gettime(CLOCK_BOOTTIME, &b);
  printf("boot time is not before: %d\n", b.tv_sec >= a.tv_sec - 1);
  clock_gettime(CLOCK_REALTIME, &a), clock_gettime(CLOCK_REALTIME_COARSE, &b);
  printf("coarse is close: %d\n", labs(a.tv_sec - b.tv_sec) <= 1);
  /* Of another process, and of none. */
  pid_t p = fork();
  if (p == 0) for (;;) pause();
  SHOW(gettime((~p << 3) | 2));
  SHOW(gettime((~p << 3) | 6) == -EINVAL);
  SHOW(gettime((~0x3fffffff << 3) | 2) == -EINVAL);
  SHOW(gettime((~p << 3) | 3) == -EINVAL);
  kill(p, SIGKILL), waitpid(p, 0, 0);
}
static void setting(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  struct timespec bad = ts(1, 1000000000), negative = ts(-1, 0);
  struct timeval bad_v = {1, 1000000};
  SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, &bad));
  SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, &negative));
  SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, 8));
  SHOW(syscall(SYS_clock_settime, CLOCK_MONOTONIC, &t));
  SHOW(syscall(SYS_clock_settime, CLOCK_PROCESS_CPUTIME_ID, &t));
  SHOW(syscall(SYS_clock_settime, CLOCK_BOOTTIME, &t));
  SHOW(syscall(SYS_clock_settime, 99, &t));
  SHOW(syscall(SYS_settimeofday, 8, 0));
  SHOW(syscall(SYS_settimeofday, &bad_v, 0));
  SHOW(syscall(SYS_settimeofday, 0, 0));
  struct timex x = {.modes = 0};
  SHOW(syscall(SYS_adjtimex, &x) >= 0);
  printf("tick %ld sensible %d\n", x.tick, x.time.tv_sec > 1600000000);
  SHOW(syscall(SYS_adjtimex, 8));
  memset(&x, 0, sizeof x);
  SHOW(syscall(SYS_clock_adjtime, CLOCK_REALTIME, &x) >= 0);
  SHOW(syscall(SYS_clock_adjtime, CLOCK_MONOTONIC, &x));
  SHOW(syscall(SYS_clock_adjtime, 99, &x));
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    MUST(setresuid(54321, 54321, 54321) == 0);
    struct timeval v = {t.tv_sec, 0};
    SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
    SHOW(syscall(SYS_settimeofday, &v, 0));
    x.modes = ADJ_FREQUENCY;
    SHOW(syscall(SYS_adjtimex, &x));
    x.modes = 0;
    SHOW(syscall(SYS_adjtimex, &x) >= 0);
    SHOW(timerfd_create(8, 0));
    exit(0);
  }
  waitpid(p, 0, 0);
}
static void sleeping(void) {
  SHOW(sleep_(CLOCK_MONOTONIC, 0, 0, -1));
  SHOW(sleep_(CLOCK_MONOTONIC, 0, -1, 0));
  SHOW(sleep_(CLOCK_MONOTONIC, 0, 0, 1000000000));
  SHOW(sleep_(CLOCK_MONOTONIC, TIMER_ABSTIME, 0, 0));
  SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, 8, 0));
  SHOW(syscall(SYS_nanosleep, 8, 0));
  struct timespec t, left = ts(77, 77);
  long before = milliseconds();
  clock_gettime(CLOCK_REALTIME, &t);
  t.tv_nsec += 30000000;
  if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
  SHOW(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &t, &left));
  printf("slept %d, untouched %ld\n", milliseconds() - before >= 28, (long)left.tv_sec);
  set_info_handler(SIGALRM, on, 0);
  struct itimerval soon = {.it_value = {0, 20000}};
  setitimer(ITIMER_REAL, &soon, 0);
  clock_gettime(CLOCK_MONOTONIC, &t), t.tv_sec += 10;
  SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &t, &left));
  printf("untouched %ld\n", (long)left.tv_sec);
  setitimer(ITIMER_REAL, &soon, 0);
  t = ts(10, 0);
  SHOW(syscall(SYS_nanosleep, &t, 8)); /* EFAULT for the rest */
  setitimer(ITIMER_REAL, &soon, 0);
  SHOW(syscall(SYS_nanosleep, &t, &t));
  printf("left %d\n", t.tv_sec == 9 && t.tv_nsec > 0);
}
static void intervals(void) {
  struct itimerval v = {{0, 0}, {5, 500000}}, old;
  SHOW(setitimer(3, &v, 0));
  SHOW(getitimer(3, &old));
  SHOW(getitimer(-1, &old));
  SHOW(syscall(SYS_getitimer, 0, 8));
  SHOW(syscall(SYS_setitimer, 0, 8, 0));
  v.it_value.tv_usec = 1000000;
  SHOW(setitimer(0, &v, 0));
  v.it_value.tv_usec = -1;
  SHOW(setitimer(0, &v, 0));
  v.it_value = (struct timeval){-1, 0};
  SHOW(setitimer(0, &v, 0));
  v.it_value = (struct timeval){5, 500000};
  SHOW(setitimer(ITIMER_REAL, &v, 0));
  SHOW(alarm(7)); /* 5.5 s round to 6, or 5 when a moment has gone */
  getitimer(ITIMER_REAL, &old);
  printf("shared %d\n", old.it_value.tv_sec >= 6);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) { getitimer(ITIMER_REAL, &old); _exit(old.it_value.tv_sec == 0 && old.it_value.tv_usec == 0); }
  int status;
  waitpid(p, &status, 0);
  print_status("not inherited", status);
  SHOW(syscall(SYS_setitimer, ITIMER_REAL, 0, &old)); /* disarms */
  printf("was %d\n", old.it_value.tv_sec >= 5);
  SHOW(alarm(0));
  /* Without a value there is no timer; those of CPU time keep the interval all the same. */
  for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
    v = (struct itimerval){{10, 20}, {0, 0}};
    SHOW(setitimer(which, &v, 0));
    SHOW(getitimer(which, &old));
    printf("interval %ld, left %ld\n", (long)old.it_interval.tv_sec, (long)old.it_value.tv_sec);
    v.it_interval = (struct timeval){0, 0};
    SHOW(setitimer(which, &v, 0));
  }
  /* Virtual time and profiling count work. */
  hits = 0;
  set_info_handler(SIGVTALRM, on, 0), set_info_handler(SIGPROF, on, 0);
  v = (struct itimerval){{0, 10000}, {0, 10000}};
  setitimer(ITIMER_VIRTUAL, &v, 0);
  while (hits < 3) {}
  printf("virtual: signal %d code %d\n", last.si_signo, last.si_code == SI_KERNEL);
  v = (struct itimerval){0};
  setitimer(ITIMER_VIRTUAL, &v, &old);
  printf("interval %ld\n", (long)old.it_interval.tv_usec);
  v = (struct itimerval){{0, 0}, {0, 10000}};
  hits = 0;
  setitimer(ITIMER_PROF, &v, 0);
  while (hits < 1) {}
  getitimer(ITIMER_PROF, &old);
  printf("profiling: signal %d once %d\n", last.si_signo, old.it_value.tv_sec == 0 && old.it_value.tv_usec == 0);
}
static void timers(void) {
  timer_t id, other;
  int raw;
  struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 5};
  struct itimerspec s = {{0, 1000000}, {0, 1000000}}, now;
  set_info_handler(SIGUSR1, on, 0);
  e.sigev_signo = 65;
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &raw));
  e.sigev_signo = 0;
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &raw));
  e.sigev_signo = SIGUSR1, e.sigev_notify = 9;
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &raw));
  e.sigev_notify = SIGEV_THREAD_ID, ((int *)&e)[4] = 1;
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &raw));
  e.sigev_notify = SIGEV_SIGNAL;
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, 8, &raw));
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, 8));
  SHOW(timer_create(CLOCK_MONOTONIC, &e, &id));
  SHOW(syscall(SYS_timer_settime, 999, 0, &s, 0));
  SHOW(syscall(SYS_timer_gettime, 999, &now));
  SHOW(syscall(SYS_timer_getoverrun, 999));
  SHOW(syscall(SYS_timer_delete, 999));
  raw = *(int *)&id;
  s.it_value.tv_nsec = 1000000000;
  SHOW(timer_settime(id, 0, &s, 0));
  s.it_value.tv_nsec = 1000000;
  SHOW(timer_gettime(id, &now));
  printf("not armed %ld %ld\n", (long)now.it_value.tv_sec, now.it_value.tv_nsec);
  /* Blocked, it is one signal, which says how often. */
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGUSR1), sigprocmask(SIG_BLOCK, &set, 0);
  timer_settime(id, 0, &s, 0);
  usleep(50000);
  hits = 0;
  siginfo_t info;
  SHOW(sigwaitinfo(&set, &info));
  printf("code %d value %d overrun %d the same %d\n", info.si_code, info.si_value.sival_int, info.si_overrun >= 20, info.si_overrun == timer_getoverrun(id));
  s = (struct itimerspec){0};
  timer_settime(id, 0, &s, &now);
  printf("interval %ld\n", now.it_interval.tv_nsec);
  /* Disarmed: what is pending stays or goes, nothing new comes. */
  struct timespec zero = {0, 20000000};
  sigtimedwait(&set, &info, &zero);
  SHOW(sigtimedwait(&set, &info, &zero));
  sigprocmask(SIG_UNBLOCK, &set, 0);
  e.sigev_notify = SIGEV_NONE;
  SHOW(timer_create(CLOCK_REALTIME, &e, &other));
  s.it_value.tv_sec = 100;
  SHOW(timer_settime(other, 0, &s, 0));
  SHOW(timer_gettime(other, &now));
  printf("counts %d\n", now.it_value.tv_sec == 99 && now.it_value.tv_nsec > 0);
  clock_gettime(CLOCK_REALTIME, &s.it_value), s.it_value.tv_sec -= 10;
  SHOW(timer_settime(other, TIMER_ABSTIME, &s, 0));
  SHOW(timer_gettime(other, &now));
  printf("past %ld %ld\n", (long)now.it_value.tv_sec, now.it_value.tv_nsec);
  SHOW(timer_delete(other));
  SHOW(timer_delete(id));
  SHOW(timer_delete(id) < 0);
  /* The default is SIGALRM with the timer's number. */
  set_info_handler(SIGALRM, on, 0);
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, 0, &raw));
  s = (struct itimerspec){{0, 0}, {0, 1000000}};
  hits = 0;
  SHOW(syscall(SYS_timer_settime, raw, 0, &s, 0));
  while (!hits) usleep(1000);
  printf("signal %d value is its number %d\n", last.si_signo, last.si_value.sival_int == raw);
  syscall(SYS_timer_delete, raw);
}
static void descriptors(void) {
  struct itimerspec s = {{0, 0}, {0, 1000000000}}, now;
  int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
  uint64_t n;
  SHOW(timerfd_settime(fd, 0, &s, 0));
  s.it_value.tv_nsec = 1000000;
  SHOW(timerfd_settime(fd, 4, &s, 0));
  SHOW(timerfd_settime(99, 0, &s, 0));
  SHOW(syscall(SYS_timerfd_settime, fd, 0, 8, 0));
  SHOW(syscall(SYS_timerfd_gettime, fd, 8));
  SHOW(timerfd_gettime(0, &now));
  SHOW(timerfd_settime(fd, TFD_TIMER_CANCEL_ON_SET, &s, 0)); /* relative: of no effect */
  usleep(20000);
  SHOW(read(fd, &n, 7));
  SHOW(read(fd, &n, 8));
  SHOW(read(fd, &n, 8));
  SHOW(syscall(SYS_read, fd, 8, 8));
  SHOW(lseek(fd, 0, SEEK_SET));
  SHOW(pread(fd, &n, 8, 0));
  s.it_interval.tv_sec = 7;
  SHOW(timerfd_settime(fd, 0, &s, 0));
  SHOW(timerfd_settime(fd, 0, &s, &now));
  printf("interval %ld\n", (long)now.it_interval.tv_sec);
  struct timeval tv;
  SHOW(syscall(SYS_gettimeofday, 8, 0));
  SHOW(syscall(SYS_gettimeofday, 0, 0));
  SHOW(syscall(SYS_time, 8));
  SHOW(syscall(SYS_time, 0) > 1600000000);
  SHOW(syscall(SYS_times, 8));
  SHOW(syscall(SYS_times, 0) > 0);
  SHOW(syscall(SYS_getrusage, 0, 8));
  SHOW(syscall(SYS_getrusage, 5, &tv));
  SHOW(syscall(SYS_getrusage, -3, &tv));
}
#define NOWHERE ((void *)-1L)
/* Which of two errors comes first, and what lasts longer than the kernel can count. */
static void orders(void) {
  struct timespec t = {-1, 0};
  CALL(clock_settime, -2, &t);
  CALL(clock_settime, -5, &t);
  CALL(clock_settime, 0, &(struct timespec){LONG_MAX, 0});
  CALL(clock_adjtime, -2, (char[208]){0});
  CALL(clock_adjtime, -2, NOWHERE);
  CALL(clock_adjtime, -5, (char[208]){0});
  struct itimerval i = {.it_value = {LONG_MAX, 0}}, o;
  CALL(setitimer, 5, NOWHERE, 0);
  CALL(setitimer, 5, &i, 0);
  CALL(setitimer, ITIMER_REAL, &i, 0);
  CALL(getitimer, ITIMER_REAL, &o);
  printf("292 years: %d\n", o.it_value.tv_sec > 9000000000L && o.it_value.tv_sec <= 9223372036L);
  i.it_value.tv_sec = 0;
  CALL(setitimer, ITIMER_REAL, &i, 0);
  int id;
  struct sigevent e = {.sigev_notify = SIGEV_THREAD, .sigev_signo = SIGUSR1};
  CALL(timer_create, 99, NOWHERE, NOWHERE);
  CALL(timer_create, -5, 0, &id);
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id) >= 0);
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  uint64_t n = 5;
  long set = ioctl(fd, _IOW('T', 0, uint64_t), &n);
  printf("ticks: %d\n", set == 0 ? read(fd, &n, 8) == 8 && n == 5 : errno == ENOTTY);
  SHOW(ioctl(fd, FIONREAD, &n));
}
/* A bad place for what was before is found when the timer is armed. */
static void armed(void) {
  struct itimerval i = {{7, 0}, {100, 0}}, o;
  for (int which = 0; which < 3; which++) {
    CALL(setitimer, which, &i, NOWHERE);
    CALL(getitimer, which, &o);
    printf("%d: interval %ld armed %d\n", which, (long)o.it_interval.tv_sec, o.it_value.tv_sec > 0);
  }
  i.it_value.tv_sec = 0;
  for (int which = 0; which < 3; which++) CALL(setitimer, which, &i, 0);
  int id;
  struct sigevent e = {.sigev_notify = SIGEV_NONE};
  CALL(timer_create, CLOCK_MONOTONIC, &e, &id);
  struct timespec setting[2] = {{7, 0}, {100, 0}}, now[2];
  CALL(timer_settime, id, 0, setting, NOWHERE);
  CALL(timer_gettime, id, now);
  printf("interval %ld armed %d\n", (long)now[0].tv_sec, now[1].tv_sec > 0);
  CALL(timer_settime, 999, 0, NOWHERE, NOWHERE);
  CALL(timer_settime, 999, 0, setting, NOWHERE);
  CALL(timer_delete, id);
  int fd = timerfd_create(CLOCK_MONOTONIC, 0);
  CALL(timerfd_settime, fd, 0, setting, NOWHERE);
  CALL(timerfd_gettime, fd, now);
  printf("interval %ld armed %d\n", (long)now[0].tv_sec, now[1].tv_sec > 0);
  close(fd);
  struct rlimit64 { uint64_t soft, hard; } before, after;
  CALL(prlimit64, 0, RLIMIT_CORE, 0, &before);
  after.soft = 0, after.hard = before.hard;
  CALL(prlimit64, 0, RLIMIT_CORE, &after, NOWHERE);
  CALL(prlimit64, 0, RLIMIT_CORE, 0, &after);
  SHOW(after.soft);
}
int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  clocks();
  setting();
  sleeping();
  intervals();
  timers();
  descriptors();
  orders();
  armed();
  return 0;
}
