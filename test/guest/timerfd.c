// timerfd: one expiry, intervals, absolute times, what was missed, polling, disarming, errors.
#include "guest.h"
#include <sys/epoll.h>
#include <sys/timerfd.h>
static struct itimerspec spec(long first_ms, long interval_ms) {
  struct itimerspec s = {{interval_ms / 1000, interval_ms % 1000 * 1000000}, {first_ms / 1000, first_ms % 1000 * 1000000}};
  return s;
}
int main(void) {
  uint64_t n = 0;
  int t = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  printf("flags %d %#x\n", fcntl(t, F_GETFD), fcntl(t, F_GETFL));
  SHOW(read(t, &n, 8));
  struct itimerspec s = spec(0, 0), old = {0};
  SHOW(timerfd_gettime(t, &old));
  printf("%ld %ld\n", (long)old.it_value.tv_sec, old.it_value.tv_nsec);
  s = spec(30, 0);
  long before = milliseconds();
  SHOW(timerfd_settime(t, 0, &s, &old));
  timerfd_gettime(t, &old);
  printf("armed %d\n", old.it_value.tv_sec == 0 && old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 30000000);
  struct pollfd f = {t, POLLIN | POLLOUT, 0};
  SHOW(poll(&f, 1, 5000));
  printf("%#x after %s\n", f.revents, milliseconds() - before >= 29 ? "30 ms" : "too little");
  SHOW(read(t, &n, 4));
  SHOW(read(t, &n, 8));
  printf("%d\n", (int)n);
  SHOW(read(t, &n, 8));
  s = spec(10, 10);
  timerfd_settime(t, 0, &s, 0);
  usleep(55000);
  SHOW(read(t, &n, 8));
  printf("expired several times: %d\n", n >= 5 && n < 200);
  fcntl(t, F_SETFL, 0);
  SHOW(read(t, &n, 8));
  printf("once more: %d\n", n >= 1);
  s = spec(0, 0);
  SHOW(timerfd_settime(t, 0, &s, &old));
  printf("interval was %ld\n", old.it_interval.tv_nsec);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  int r = timerfd_create(CLOCK_REALTIME, 0);
  s.it_value = now;
  s.it_value.tv_nsec += 20000000;
  if (s.it_value.tv_nsec >= 1000000000) s.it_value.tv_nsec -= 1000000000, s.it_value.tv_sec++;
  SHOW(timerfd_settime(r, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &s, 0));
  SHOW(read(r, &n, 8));
  printf("absolute %d\n", (int)n);
  s.it_value.tv_sec -= 100;
  SHOW(timerfd_settime(r, TFD_TIMER_ABSTIME, &s, 0));
  SHOW(read(r, &n, 8));
  printf("in the past %d\n", (int)n);
  int ep = epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN | EPOLLET, .data.u32 = 9};
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, r, &e));
  s = spec(5, 5);
  timerfd_settime(r, 0, &s, 0);
  e.data.u32 = 0;
  SHOW(epoll_wait(ep, &e, 1, 5000));
  printf("epoll %u\n", e.data.u32);
  read(r, &n, 8);
  SHOW(epoll_wait(ep, &e, 1, 5000));
  SHOW(timerfd_create(77, 0));
  SHOW(timerfd_create(CLOCK_MONOTONIC, 1));
  SHOW(timerfd_settime(0, 0, &s, 0));
  SHOW(timerfd_settime(t, 8, &s, 0));
  s.it_value.tv_nsec = 1000000000;
  SHOW(timerfd_settime(t, 0, &s, 0));
  SHOW(write(t, &n, 8));
  return 0;
}
