// What counts as an edge: of pipes, of event counters, for watches of one direction, across MOD and several descriptors.
#include "guest.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
static int ep;
static void next(const char *what) {
  struct epoll_event e[4];
  int n = epoll_wait(ep, e, 4, 0);
  printf("%s:", what);
  for (int i = 0; i < n; i++) printf(" %d:%#x", e[i].data.fd, e[i].events);
  printf("\n");
}
static void watch(int fd, unsigned events, int name) {
  struct epoll_event e = {.events = events | EPOLLET, .data.fd = name};
  MUST(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) == 0);
}
int main(void) {
  static char block[65536];
  int p[2];
  uint64_t v;
  ep = epoll_create1(0);
  MUST(pipe2(p, O_NONBLOCK) == 0);
  watch(p[1], EPOLLOUT, 1);
  watch(p[0], EPOLLIN, 0);
  next("empty pipe");
  next("again");
  write(p[1], block, 10);
  next("written");
  read(p[0], block, 5);
  next("read a part: it was not full");
  write(p[1], block, 1);
  next("written more");
  long filled = 0, n;
  while ((n = write(p[1], block, 4096)) > 0) filled += n;
  next("filled");
  next("still full");
  while (read(p[0], block, sizeof block) > 0) {}
  next("emptied");
  close(p[0]);
  next("no reader");
  int e = eventfd(0, EFD_NONBLOCK), out = dup(e);
  watch(e, EPOLLIN, 2);
  watch(out, EPOLLOUT, 3);
  next("counter");
  eventfd_write(e, 1);
  next("counted: for the reader only");
  eventfd_write(e, 1);
  next("again, unread");
  eventfd_read(e, (eventfd_t *)&v);
  next("read: for the writer only");
  close(out);
  eventfd_write(e, 1);
  close(e);
  next("closed while ready");
  return 0;
}
