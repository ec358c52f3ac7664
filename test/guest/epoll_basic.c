// epoll over pipes: level and edge triggering, one-shot, data, errors of epoll_ctl, duplicates, closing what is watched.
#include "guest.h"
#include <sys/epoll.h>
static int ep;
static void wait_show(const char *what, int timeout) {
  struct epoll_event e[8];
  int n = epoll_wait(ep, e, 8, timeout);
  printf("%s: %d", what, n);
  for (int i = 0; i < n; i++) printf(" [%#x %llx]", e[i].events, (unsigned long long)e[i].data.u64);
  printf("\n");
}
static void ctl(const char *what, int op, int fd, unsigned events, unsigned long long data) {
  struct epoll_event e = {.events = events, .data.u64 = data};
  int r = epoll_ctl(ep, op, fd, &e);
  printf("%s: %d %s\n", what, r, r < 0 ? error_name(errno) : "");
}
int main(void) {
  int p[2], q[2];
  ep = epoll_create1(EPOLL_CLOEXEC);
  printf("cloexec %d\n", fcntl(ep, F_GETFD));
  printf("create(0) %d %s\n", epoll_create(0), error_name(errno));
  printf("create1(1) %d %s\n", epoll_create1(1), error_name(errno));
  pipe(p), pipe(q);
  ctl("add read", EPOLL_CTL_ADD, p[0], EPOLLIN, 0x1122334455667788);
  ctl("add again", EPOLL_CTL_ADD, p[0], EPOLLIN, 1);
  ctl("mod unknown", EPOLL_CTL_MOD, q[0], EPOLLIN, 1);
  ctl("del unknown", EPOLL_CTL_DEL, q[0], EPOLLIN, 1);
  ctl("add bad", EPOLL_CTL_ADD, 99, EPOLLIN, 1);
  ctl("unknown operation", 9, q[0], EPOLLIN, 1);
  int file = open("/proc/self/exe", O_RDONLY);
  ctl("add regular file", EPOLL_CTL_ADD, file, EPOLLIN, 1);
  int null = open("/dev/null", O_RDWR);
  ctl("add /dev/null", EPOLL_CTL_ADD, null, EPOLLIN, 1);
  ctl("add itself", EPOLL_CTL_ADD, ep, EPOLLIN, 1);
  printf("not an epoll: %d", epoll_ctl(p[0], EPOLL_CTL_ADD, q[0], &(struct epoll_event){0}));
  printf(" %s\n", error_name(errno));
  printf("null event: %d", epoll_ctl(ep, EPOLL_CTL_ADD, q[0], NULL));
  printf(" %s\n", error_name(errno));
  struct epoll_event one;
  printf("no room: %d", epoll_wait(ep, &one, 0, 0));
  printf(" %s\n", error_name(errno));
  wait_show("nothing", 0);
  write(p[1], "ab", 2);
  wait_show("level", -1);
  wait_show("level again", -1);
  char c;
  read(p[0], &c, 1);
  wait_show("one byte left", 0);
  read(p[0], &c, 1);
  wait_show("empty", 0);
  ctl("mod edge", EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 2);
  write(p[1], "ab", 2);
  wait_show("edge", -1);
  wait_show("no new edge", 0);
  write(p[1], "c", 1);
  wait_show("new edge", -1);
  read(p[0], &c, 1);
  wait_show("reading makes none", 0);
  ctl("mod while ready", EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 3);
  wait_show("mod makes one", 0);
  ctl("mod oneshot", EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 4);
  wait_show("oneshot", 0);
  write(p[1], "d", 1);
  wait_show("disarmed", 0);
  ctl("rearm", EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 5);
  wait_show("armed", 0);
  ctl("add write", EPOLL_CTL_ADD, q[1], EPOLLOUT, 6);
  wait_show("writable", 0);
  close(q[0]);
  wait_show("no reader", 0);
  ctl("del write", EPOLL_CTL_DEL, q[1], 0, 0);
  wait_show("deleted", 0);
  ctl("level", EPOLL_CTL_MOD, p[0], EPOLLIN, 7);
  int copy = dup(p[0]);
  ctl("add copy", EPOLL_CTL_ADD, copy, EPOLLIN, 8);
  wait_show("both", 0);
  close(copy);
  wait_show("the description is open", 0);
  ctl("del closed", EPOLL_CTL_DEL, copy, 0, 0);
  close(p[1]);
  wait_show("hung up", 0);
  close(p[0]);
  wait_show("all closed", 0);
  long before = milliseconds();
  wait_show("timeout", 30);
  long took = milliseconds() - before;
  printf("waited %d\n", took >= 29 && took < 1000);
  return 0;
}
