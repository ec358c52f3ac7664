/* epoll on both sides of a pseudoterminal, level- and edge-triggered. */
#include "pty.h"
#include <sys/epoll.h>
static int e;
static void events_within(int ms, const char *what) {
  struct epoll_event v[4];
  settle();
  int n = epoll_wait(e, v, 4, ms);
  printf("%s: %d", what, n);
  for (int side = 0; side < 2; side++)
    for (int i = 0; i < n; i++)
      if (v[i].data.fd == (side ? slave : master)) printf(" %s %x", side ? "slave" : "master", v[i].events);
  printf("\n");
}
static void events(const char *what) { events_within(0, what); }
static void drain(int fd) {
  char bytes[1000];
  fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
  while (read(fd, bytes, sizeof bytes) > 0) {}
  fcntl(fd, F_SETFL, O_RDWR);
}
int main(void) {
  open_pty();
  for (int edge = 0; edge < 2; edge++) {
    printf("-- %s\n", edge ? "edge" : "level");
    e = epoll_create1(0);
    struct epoll_event v = {EPOLLIN | EPOLLPRI | EPOLLRDHUP | (edge ? EPOLLET : 0), {.fd = master}};
    SHOW(epoll_ctl(e, EPOLL_CTL_ADD, master, &v));
    v.data.fd = slave;
    SHOW(epoll_ctl(e, EPOLL_CTL_ADD, slave, &v));
    events("nothing");
    type("ab");
    events("half a line");
    events("again");
    drain(master);
    type("c\n");
    events("a line");
    events("again");
    drain(master);
    drain(slave);
    events("read");
    write(slave, "out", 3);
    events("output");
    events("again");
    write(slave, "more", 4);
    events_within(5000, "more output"); /* no poll waits for it: there is output already */
    drain(master);
    events("read");
    close(e);
  }
  e = epoll_create1(0);
  struct epoll_event v = {EPOLLIN | EPOLLOUT, {.fd = master}};
  MUST(epoll_ctl(e, EPOLL_CTL_ADD, master, &v) == 0);
  events("with EPOLLOUT");
  close(slave);
  events("slave closed");
  MUST((slave = open(ptsname(master), O_RDWR | O_NOCTTY)) >= 0);
  events("open again");
  v.data.fd = slave;
  MUST(epoll_ctl(e, EPOLL_CTL_ADD, slave, &v) == 0);
  close(master);
  events("master closed");
  return 0;
}
