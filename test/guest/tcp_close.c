/* tcp(7): how connections end: half-closed, reset, lingering, written to when nobody reads, seen by poll(2). */
#include "guest.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
static volatile int pipes;
static void on(int s) { (void)s; pipes++; }
static int l, k, c;
static struct sockaddr_in a;
static void events(const char *what, int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP};
  poll(&p, 1, 0);
  printf("%s: %#x\n", what, p.revents);
}
static void settle(void) { usleep(2000); }
static int state_of(int fd) {
  struct tcp_info i;
  socklen_t n = sizeof i;
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &n) == 0 ? i.tcpi_state : -1;
}
static void fresh(const char *what) {
  printf("-- %s\n", what);
  k = socket(AF_INET, SOCK_STREAM, 0);
  MUST(connect(k, (void *)&a, sizeof a) == 0);
  c = accept(l, 0, 0);
  pipes = 0;
}
int main(void) {
  set_handler(SIGPIPE, on, 0);
  char b[16];
  l = socket(AF_INET, SOCK_STREAM, 0);
  a = (struct sockaddr_in){AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  socklen_t n = sizeof a;
  MUST(bind(l, (void *)&a, sizeof a) == 0 && listen(l, 8) == 0 && getsockname(l, (void *)&a, &n) == 0);
  fresh("half-closed");
  SHOW(send(k, "last", 4, 0));
  SHOW(shutdown(k, SHUT_WR));
  settle();
  printf("state %d\n", state_of(c));
  events("who shut", k);
  events("the other", c);
  SHOW(send(k, "x", 1, 0));
  printf("signals %d\n", pipes);
  SHOW(recv(c, b, 16, MSG_WAITALL));
  SHOW(recv(c, b, 16, 0));
  SHOW(send(c, "answer", 6, 0));
  SHOW(recv(k, b, 16, 0));
  SHOW(shutdown(c, SHUT_WR));
  settle();
  events("both shut", c);
  events("both shut", k);
  SHOW(recv(k, b, 16, 0));
  SHOW(shutdown(k, SHUT_RD));
  n = sizeof a;
  struct sockaddr_in x;
  SHOW(getpeername(k, (void *)&x, &n));
  close(k), close(c);
  fresh("closed in order");
  SHOW(send(k, "rest", 4, 0));
  close(k);
  settle();
  events("left", c);
  SHOW(recv(c, b, 2, 0));
  SHOW(send(c, "to nobody", 9, 0));
  settle();
  events("reset", c);
  SHOW(recv(c, b, 16, 0));
  SHOW(recv(c, b, 16, 0));
  SHOW(send(c, "x", 1, MSG_NOSIGNAL));
  printf("signals %d\n", pipes);
  SHOW(send(c, "x", 1, 0));
  printf("signals %d\n", pipes);
  close(c);
  fresh("closed with unread data");
  SHOW(send(k, "unread", 6, 0));
  SHOW(send(c, "on its way", 10, 0));
  settle();
  close(c);
  settle();
  events("reset", k);
  SHOW(recv(k, b, 4, 0));
  SHOW(recv(k, b, 16, 0));
  SHOW(recv(k, b, 16, 0));
  SHOW(recv(k, b, 16, 0));
  SHOW(send(k, "x", 1, 0));
  printf("signals %d, state %d\n", pipes, state_of(k));
  close(k);
  fresh("much is sent to nobody");
  static char much[65536];
  static struct iovec parts[512];
  for (int i = 0; i < 512; i++) parts[i] = (struct iovec){much, sizeof much};
  close(c);
  settle();
  ssize_t sent = writev(k, parts, 512);
  printf("some of it: %d\n", sent > 0 && sent < 16 << 20);
  SHOW(writev(k, parts, 512));
  printf("signals %d\n", pipes);
  close(k);
  fresh("lingering for no time");
  struct linger linger = {1, 0};
  SHOW(setsockopt(k, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
  close(k);
  settle();
  events("reset", c);
  int e;
  n = sizeof e;
  getsockopt(c, SOL_SOCKET, SO_ERROR, &e, &n);
  printf("error %d\n", e);
  SHOW(recv(c, b, 16, 0));
  SHOW(shutdown(c, SHUT_RDWR));
  close(c);
  fresh("reading shut");
  SHOW(shutdown(c, SHUT_RD));
  events("shut", c);
  SHOW(send(k, "still", 5, 0));
  settle();
  SHOW(recv(c, b, 16, 0));
  SHOW(recv(c, b, 16, 0));
  close(k), close(c);
  fresh("a reader waits");
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    close(c);
    ssize_t r = recv(k, b, 16, 0);
    _exit(r == 0 ? 3 : r < 0 && errno == ECONNRESET ? 4 : 5);
  }
  close(k);
  usleep(10000);
  SHOW(shutdown(c, SHUT_RDWR));
  int status;
  wait(&status);
  print_status("reader", status);
  close(c);
  /* Connections that nobody accepted go with the listener. */
  k = socket(AF_INET, SOCK_STREAM, 0);
  MUST(connect(k, (void *)&a, sizeof a) == 0);
  close(l);
  settle();
  SHOW(recv(k, b, 1, 0));
  int k2 = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(connect(k2, (void *)&a, sizeof a));
  return 0;
}
