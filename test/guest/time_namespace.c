#include "guest.h"
#include <sched.h>
#include <sys/timerfd.h>
#include <sys/ioctl.h>
#include <sys/sysinfo.h>
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif
/* Time namespaces: offsets, who is in one, and the clocks, timers and files that they shift. */
static char text[4096];
static const char *slurp(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) return "none";
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  text[n < 0 ? 0 : n] = 0;
  return text;
}
static long put(const char *path, const char *what) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) return -1;
  long n = write(fd, what, strlen(what));
  int e = errno;
  close(fd);
  errno = e;
  return n;
}
#define PUT(what) show("offsets " #what, put("/proc/self/timens_offsets", what))
static long seconds(int clock) {
  struct timespec t;
  MUST(clock_gettime(clock, &t) == 0);
  return t.tv_sec;
}
static long base[2];
static int same(const char *a, const char *b) {
  char first[64];
  int n = readlink(a, first, sizeof first), m = readlink(b, text, sizeof text);
  return n > 0 && n == m && memcmp(first, text, n) == 0;
}
static void near(const char *what, long value, long wanted) {
  long off = value - wanted;
  printf("%s: %s\n", what, off >= -1 && off <= 5 ? "as expected" : "off");
}
static void inside(const char *who) {
  printf("%s\n", who);
  printf("time is time_for_children: %d\n", same("/proc/self/ns/time", "/proc/self/ns/time_for_children"));
  near("monotonic", seconds(CLOCK_MONOTONIC) - base[0], 1000);
  near("monotonic raw", seconds(CLOCK_MONOTONIC_RAW) - base[0], 1000);
  near("monotonic coarse", seconds(CLOCK_MONOTONIC_COARSE) - base[0], 1000);
  near("boottime", seconds(CLOCK_BOOTTIME) - base[1], 500000);
  double up;
  MUST(sscanf(slurp("/proc/uptime"), "%lf", &up) == 1);
  near("uptime", (long)up - base[1], 500000);
  struct sysinfo si;
  MUST(sysinfo(&si) == 0);
  near("sysinfo", si.uptime - base[1], 500000);
  const char *btime = strstr(slurp("/proc/stat"), "btime ");
  near("btime", seconds(CLOCK_REALTIME) - atol(btime + 6) - seconds(CLOCK_BOOTTIME), 0);
  const char *stat = strrchr(slurp("/proc/self/stat"), ')');
  for (int i = 0; i < 20; i++) stat = strchr(stat + 1, ' ');
  near("start time", atol(stat) / 100 - base[1], 500000);
  /* An absolute sleep is in the namespace's time, a relative one has none. */
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  long begun = milliseconds();
  t.tv_nsec += 20000000;
  if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
  SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, 0));
  printf("slept: %d\n", milliseconds() - begun >= 19 && milliseconds() - begun < 2000);
  clock_gettime(CLOCK_BOOTTIME, &t);
  t.tv_nsec += 20000000;
  if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
  begun = milliseconds();
  int fd = timerfd_create(CLOCK_BOOTTIME, 0);
  struct itimerspec it = {{0, 0}, t};
  SHOW(timerfd_settime(fd, TFD_TIMER_ABSTIME, &it, 0));
  uint64_t ticks;
  SHOW(read(fd, &ticks, 8));
  printf("timerfd: %d\n", milliseconds() - begun >= 19 && milliseconds() - begun < 2000);
  close(fd);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, 0);
  struct sigevent ev = {0};
  ev.sigev_notify = SIGEV_SIGNAL;
  ev.sigev_signo = SIGUSR1;
  timer_t timer;
  MUST(timer_create(CLOCK_MONOTONIC, &ev, &timer) == 0);
  clock_gettime(CLOCK_MONOTONIC, &t);
  t.tv_sec += 30;
  it.it_value = t;
  MUST(timer_settime(timer, TIMER_ABSTIME, &it, 0) == 0);
  MUST(timer_gettime(timer, &it) == 0);
  printf("timer: %d\n", it.it_value.tv_sec * 1000 + it.it_value.tv_nsec / 1000000 <= 30000 && (it.it_value.tv_sec | it.it_value.tv_nsec) != 0);
  timer_delete(timer);
  int word = 0;
  clock_gettime(CLOCK_MONOTONIC, &t);
  t.tv_nsec += 20000000;
  if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
  begun = milliseconds();
  show("futex", syscall(SYS_futex, &word, 9 /* FUTEX_WAIT_BITSET */, 0, &t, 0, -1));
  printf("futex: %d\n", milliseconds() - begun >= 19 && milliseconds() - begun < 2000);
  PUT("monotonic 1 0\n");
  fflush(stdout);
}
int main(void) {
  setvbuf(stdout, 0, _IOLBF, 0);
  printf("%s", slurp("/proc/self/timens_offsets"));
  PUT("monotonic 1 0\n");
  int before = open("/proc/self/ns/time", O_RDONLY);
  MUST(before >= 0);
  base[0] = seconds(CLOCK_MONOTONIC);
  base[1] = seconds(CLOCK_BOOTTIME);
  MUST(unshare(CLONE_NEWTIME) == 0);
  printf("time is time_for_children: %d\n", same("/proc/self/ns/time", "/proc/self/ns/time_for_children"));
  PUT("monotonic 1000 0");
  PUT("7 1 5\n1 2 6\n");
  printf("%s", slurp("/proc/self/timens_offsets"));
  PUT("monotonic 1000 0\nboottime 500000 0\nmonotonic 3 3\n");
  PUT("monotonic\n");
  PUT("");
  PUT("monotonic 1 2000000000\n");
  PUT("realtime 1 0\n");
  PUT("0 1 0\n");
  PUT("monotonic -4000000000 0\n");
  PUT("monotonic 4700000000 0\n");
  PUT("boottime 10000000000 0\n");
  PUT("monotonic 1 -5\n");
  PUT("monotonic 1 2 3\n");
  PUT("monotonic 1000 0\n");
  printf("%s", slurp("/proc/self/timens_offsets"));
  near("own", seconds(CLOCK_MONOTONIC) - base[0], 0);
  pid_t child = fork();
  if (child == 0) {
    inside("child");
    _exit(0);
  }
  int status;
  MUST(waitpid(child, &status, 0) == child);
  print_status("child", status);
  PUT("monotonic 5 0\n");
  int after = open("/proc/self/ns/time_for_children", O_RDONLY);
  MUST(after >= 0);
  show("type", ioctl(after, 0xb703));
  show("setns wrong", syscall(SYS_setns, after, CLONE_NEWUTS));
  child = fork();
  if (child == 0) {
    SHOW(syscall(SYS_setns, before, CLONE_NEWTIME));
    near("back", seconds(CLOCK_MONOTONIC) - base[0], 0);
    show("setns", syscall(SYS_setns, after, CLONE_NEWTIME));
    near("again", seconds(CLOCK_MONOTONIC) - base[0], 1000);
    /* A namespace made from another begins with its offsets. */
    SHOW(unshare(CLONE_NEWTIME));
    printf("%s", slurp("/proc/self/timens_offsets"));
    PUT("boottime 7 7\n");
    printf("%s", slurp("/proc/self/timens_offsets"));
    if (fork() == 0) {
      near("nested", seconds(CLOCK_BOOTTIME) - base[1], 7);
      _exit(0);
    }
    wait(0);
    _exit(0);
  }
  MUST(waitpid(child, &status, 0) == child);
  /* vfork keeps the parent's time. */
  child = vfork();
  if (child == 0) {
    struct timespec t;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
    _exit(t.tv_sec - base[0] < 900 ? 7 : 8);
  }
  MUST(waitpid(child, &status, 0) == child);
  print_status("vfork", status);
  /* Forking into it takes no privilege, making one does. */
  MUST(setresuid(1000, 1000, 1000) == 0);
  child = fork();
  if (child == 0) _exit(5);
  MUST(waitpid(child, &status, 0) == child);
  print_status("unprivileged", status);
  SHOW(unshare(CLONE_NEWTIME));
  PUT("monotonic 1 0\n");
  return 0;
}
