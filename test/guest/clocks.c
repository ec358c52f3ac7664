/* Clocks go forward, agree with each other, and count CPU time of work. */
#include "guest.h"
static double now(clockid_t c) { struct timespec t; MUST(clock_gettime(c, &t) == 0); return t.tv_sec + t.tv_nsec / 1e9; }
int main(void) {
  double a = now(CLOCK_MONOTONIC), last = a;
  int back = 0;
  for (int i = 0; i < 10000; i++) { double t = now(CLOCK_MONOTONIC); back += t < last; last = t; }
  printf("steps back: %d\n", back);
  double r = now(CLOCK_REALTIME);
  struct timeval tv;
  gettimeofday(&tv, 0);
  printf("realtime agrees %d\n", tv.tv_sec - r < 2 && tv.tv_sec - r > -2);
  printf("after 2024 %d\n", r > 1.7e9);
  printf("time agrees %d\n", time(0) - r < 2 && time(0) - r > -2);
  usleep(20000);
  double slept = now(CLOCK_MONOTONIC) - a;
  printf("slept %d\n", slept >= 0.0199 && slept < 10);
  volatile unsigned x = 1;
  double c0 = now(CLOCK_PROCESS_CPUTIME_ID);
  for (int i = 0; i < 3000000; i++) x = x * 3 + 1;
  double c1 = now(CLOCK_PROCESS_CPUTIME_ID);
  printf("cpu time grows %d\n", c1 > c0);
  struct timespec res;
  SHOW(clock_getres(CLOCK_MONOTONIC, &res));
  SHOW(clock_gettime(77, &res));
  struct timespec bad = {0, 2000000000};
  SHOW(nanosleep(&bad, 0));
  struct timespec abs;
  clock_gettime(CLOCK_MONOTONIC, &abs);
  abs.tv_nsec += 5000000;
  if (abs.tv_nsec >= 1000000000) { abs.tv_nsec -= 1000000000; abs.tv_sec++; }
  SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &abs, 0));
  printf("reached %d\n", now(CLOCK_MONOTONIC) >= abs.tv_sec + abs.tv_nsec / 1e9 - 1e-6);
  return 0;
}
