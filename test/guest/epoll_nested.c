// epoll instances that watch epoll instances: readiness through them, ELOOP for circles and long rows, poll and select on them.
#include "guest.h"
#include <sys/epoll.h>
static int add(int ep, int fd, unsigned events) {
  struct epoll_event e = {.events = events, .data.fd = fd};
  return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}
int main(void) {
  int p[2], ep[12];
  struct epoll_event e;
  pipe(p);
  for (int i = 0; i < 12; i++) ep[i] = epoll_create1(0);
  SHOW(add(ep[0], p[0], EPOLLIN));
  SHOW(add(ep[1], ep[0], EPOLLIN));
  SHOW(add(ep[2], ep[1], EPOLLIN | EPOLLET));
  SHOW(add(ep[0], ep[2], EPOLLIN));
  SHOW(add(ep[0], ep[0], EPOLLIN));
  SHOW(add(ep[3], ep[0], EPOLLIN | EPOLLEXCLUSIVE));
  SHOW(epoll_wait(ep[2], &e, 1, 0));
  struct pollfd f = {ep[2], POLLIN | POLLOUT, 0};
  printf("poll %d\n", poll(&f, 1, 0));
  write(p[1], "x", 1);
  int n = poll(&f, 1, 0);
  printf("poll %d %#x\n", n, f.revents);
  fd_set r;
  FD_ZERO(&r);
  FD_SET(ep[1], &r);
  printf("select %d\n", select(ep[1] + 1, &r, 0, 0, &(struct timeval){0}));
  n = epoll_wait(ep[2], &e, 1, -1);
  printf("outer %d %#x %d\n", n, e.events, e.data.fd == ep[1]);
  printf("outer again, edge: %d\n", epoll_wait(ep[2], &e, 1, 0));
  n = epoll_wait(ep[1], &e, 1, -1);
  printf("middle %d %d\n", n, e.data.fd == ep[0]);
  n = epoll_wait(ep[0], &e, 1, -1);
  printf("inner %d %d\n", n, e.data.fd == p[0]);
  char c;
  read(p[0], &c, 1);
  printf("inner %d, middle %d\n", epoll_wait(ep[0], &e, 1, 0), epoll_wait(ep[1], &e, 1, 0));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    usleep(20000);
    write(p[1], "y", 1);
    _exit(0);
  }
  n = epoll_wait(ep[2], &e, 1, 10000);
  printf("woken through two: %d %d\n", n, n == 1 && e.data.fd == ep[1]);
  wait(0);
  close(ep[1]);
  printf("watched instance closed: %d\n", epoll_wait(ep[2], &e, 1, 0));
  int rows = 0;
  for (int i = 4; i < 11; i++) rows += add(ep[i + 1], ep[i], EPOLLIN) == 0;
  printf("a row of seven is %s\n", rows < 7 && errno == ELOOP ? "too long" : "accepted");
  return 0;
}
