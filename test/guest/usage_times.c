/* times, sysinfo, and the clocks' resolutions; what clock_settime refuses. */
#include "guest.h"
#include <sys/sysinfo.h>
#include <sys/times.h>
static volatile unsigned x = 1;
/* Uses `ms` of CPU time. */
static void burn(long ms) {
  struct timespec t;
  do {
    for (int i = 0; i < 100000; i++) x = x * 3 + 1;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  } while (t.tv_sec * 1000 + t.tv_nsec / 1000000 < ms);
}
int main(void) {
  struct tms t = {-1, -1, -1, -1};
  struct timespec pause = {0, 50000000};
  burn(60);
  long before = syscall(SYS_times, &t);
  printf("own %d, of children %ld\n", t.tms_utime + t.tms_stime >= 4 && t.tms_utime + t.tms_stime < 100, t.tms_cutime + t.tms_cstime);
  pid_t child = fork();
  if (child == 0) burn(60), _exit(0);
  MUST(waitpid(child, 0, 0) == child);
  nanosleep(&pause, 0);
  long ticks = syscall(SYS_times, &t) - before;
  printf("of children %d, ticks %d\n", t.tms_cutime + t.tms_cstime >= 4 && t.tms_cutime + t.tms_cstime < 100, ticks >= 4 && ticks < 1000);
  CALL(times, 8);
  SHOW(syscall(SYS_times, 0) >= before);
  struct sysinfo s;
  memset(&s, 0xff, sizeof s);
  CALL(sysinfo, &s);
  printf("memory %d, free %d, swap %d, unit %d\n", s.totalram > 0 && s.totalram < 1ul << 50, s.freeram <= s.totalram, s.freeswap <= s.totalswap, s.mem_unit > 0 && s.mem_unit <= 4096);
  printf("up %d, processes %d\n", s.uptime >= 0 && s.uptime < 1l << 32, s.procs > 0 && s.procs < 65535);
  CALL(sysinfo, 8);
  const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW,
                        CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_TAI};
  struct timespec last = {0, 0};
  for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++) {
    struct timespec r = {-1, -1}, now = {-1, -1}, again;
    long got = syscall(SYS_clock_getres, clocks[i], &r);
    printf("clock %d: %ld, resolution %s", clocks[i], got, r.tv_sec != 0 || r.tv_nsec <= 0 ? "none" : r.tv_nsec == 1 ? "1 ns" : r.tv_nsec <= 10000000 ? "a tick" : "more");
    got = syscall(SYS_clock_gettime, clocks[i], &now);
    syscall(SYS_clock_gettime, clocks[i], &again);
    int since1970 = clocks[i] == CLOCK_REALTIME || clocks[i] == CLOCK_REALTIME_COARSE || clocks[i] == CLOCK_TAI;
    printf(", %ld, plausible %d, goes on %d\n", got, now.tv_nsec >= 0 && now.tv_nsec < 1000000000 && (now.tv_sec > 1600000000) == since1970 && now.tv_sec >= 0,
           again.tv_sec > now.tv_sec || (again.tv_sec == now.tv_sec && again.tv_nsec >= now.tv_nsec));
  }
  struct timespec mono, raw, boot, coarse;
  clock_gettime(CLOCK_MONOTONIC, &mono), clock_gettime(CLOCK_BOOTTIME, &boot);
  printf("since boot %d\n", boot.tv_sec >= mono.tv_sec);
  clock_gettime(CLOCK_REALTIME, &mono), clock_gettime(CLOCK_REALTIME_COARSE, &coarse), clock_gettime(CLOCK_TAI, &raw);
  printf("coarse near %d, TAI ahead by less than a minute %d\n", labs(mono.tv_sec - coarse.tv_sec) <= 1, raw.tv_sec - mono.tv_sec >= 0 && raw.tv_sec - mono.tv_sec < 60);
  CALL(clock_getres, 99, &last);
  CALL(clock_getres, CLOCK_MONOTONIC, 0);
  CALL(clock_getres, CLOCK_MONOTONIC, 8);
  CALL(clock_gettime, 99, &last);
  CALL(clock_gettime, CLOCK_MONOTONIC, 8);
  // Nothing here may set the time.
  last.tv_nsec = 1000000000;
  CALL(clock_settime, CLOCK_REALTIME, &last);
  CALL(clock_settime, CLOCK_MONOTONIC, &last);
  CALL(clock_settime, 99, &last);
  CALL(clock_settime, CLOCK_REALTIME, 8);
  struct timeval v = {0, 1000000};
  CALL(settimeofday, &v, 0);
  CALL(settimeofday, 8, 0);
  v = (struct timeval){-1, -1};
  CALL(gettimeofday, &v, 0);
  printf("%d\n", v.tv_sec > 1600000000 && v.tv_usec >= 0 && v.tv_usec < 1000000);
  CALL(gettimeofday, 8, 0);
  return 0;
}
