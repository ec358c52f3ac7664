/* epoll(7) over sockets: edges of data, room, connections and ends; several processes at one listener. */
#include "guest.h"
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
static int e;
static void wait_for(const char *what, int ms) {
  struct epoll_event v[8];
  int n = epoll_wait(e, v, 8, ms);
  printf("%s: %d", what, n);
  for (int i = 0; i < n; i++) printf(" %#x of %d", v[i].events, v[i].data.u32);
  printf("\n");
}
static void watch(int fd, unsigned events, unsigned name) {
  struct epoll_event v = {events, {.u32 = name}};
  MUST(epoll_ctl(e, EPOLL_CTL_ADD, fd, &v) == 0);
}
int main(void) {
  signal(SIGPIPE, SIG_IGN);
  char b[65536];
  int s[2];
  e = epoll_create1(0);
  MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s) == 0);
  watch(s[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 1);
  wait_for("new", 0);
  wait_for("no change", 0);
  write(s[1], "ab", 2);
  wait_for("data", 100);
  wait_for("no change", 0);
  write(s[1], "c", 1);
  wait_for("more", 100);
  read(s[0], b, 3);
  wait_for("read", 0);
  while (write(s[0], b, sizeof b) > 0);
  wait_for("full", 0);
  while (read(s[1], b, sizeof b) > 0);
  wait_for("room", 100);
  shutdown(s[1], SHUT_WR);
  wait_for("shut", 100);
  close(s[1]);
  wait_for("closed", 100);
  close(s[0]);
  wait_for("nothing watched", 0);
  int l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in a = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  socklen_t n = sizeof a;
  MUST(bind(l, (void *)&a, sizeof a) == 0 && listen(l, 8) == 0 && getsockname(l, (void *)&a, &n) == 0);
  watch(l, EPOLLIN, 2);
  int k = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  watch(k, EPOLLOUT | EPOLLIN | EPOLLRDHUP | EPOLLET, 3);
  wait_for("unconnected", 0);
  connect(k, (void *)&a, sizeof a);
  usleep(2000);
  wait_for("connecting", 100);
  int c = accept4(l, 0, 0, SOCK_NONBLOCK);
  watch(c, EPOLLIN | EPOLLET, 4);
  wait_for("accepted", 0);
  send(k, "x", 1, 0);
  usleep(2000);
  wait_for("data", 100);
  shutdown(k, SHUT_WR);
  usleep(2000);
  wait_for("shut", 100);
  recv(c, b, 9, 0);
  close(c);
  usleep(2000);
  wait_for("both ended", 100);
  close(k);
  /* One connection, one of three is woken. */
  fflush(stdout);
  for (int i = 0; i < 3; i++)
    if (fork() == 0) {
      e = epoll_create1(0);
      watch(l, EPOLLIN | EPOLLEXCLUSIVE, 5);
      int served = 0;
      struct epoll_event v;
      while (epoll_wait(e, &v, 1, 3000) == 1) {
        c = accept(l, 0, 0);
        if (c < 0) continue;
        if (recv(c, b, 1, 0) == 1 && b[0] == 'q') _exit(served);
        served++;
        close(c);
      }
      _exit(99);
    }
  usleep(20000);
  for (int i = 0; i < 9; i++) {
    k = socket(AF_INET, SOCK_STREAM, 0);
    MUST(connect(k, (void *)&a, sizeof a) == 0);
    send(k, i < 6 ? "w" : "q", 1, 0);
    recv(k, b, 1, 0);
    close(k);
  }
  int status, sum = 0;
  for (int i = 0; i < 3; i++) {
    wait(&status);
    sum += WEXITSTATUS(status);
  }
  printf("served %d\n", sum);
  return 0;
}
