/* unix(7): SOCK_SEQPACKET: connected, with bounds. */
#include "guest.h"
#include <sys/socket.h>
#include <sys/un.h>
static volatile int pipes;
static void on(int s) { (void)s; pipes++; }
static void events(const char *what, int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDHUP};
  poll(&p, 1, 0);
  printf("%s: %#x\n", what, p.revents);
}
int main(void) {
  set_handler(SIGPIPE, on, 0);
  enter_folder();
  char b[64];
  struct sockaddr_un a = {AF_UNIX, "s"};
  int l = socket(AF_UNIX, SOCK_SEQPACKET, 0), k = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  events("fresh", k);
  SHOW(send(k, "x", 1, 0));
  SHOW(recv(k, b, 1, 0));
  SHOW(bind(l, (void *)&a, sizeof a));
  SHOW(listen(l, 4));
  int w = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(connect(w, (void *)&a, sizeof a));
  SHOW(connect(k, (void *)&a, sizeof a));
  events("listener", l);
  SHOW(send(k, "early", 5, 0));
  int c = accept(l, 0, 0);
  SHOW(recv(c, b, 64, 0));
  SHOW(send(k, "abcdef", 6, MSG_EOR));
  SHOW(send(k, "gh", 2, 0));
  struct iovec v = {b, 4};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
  SHOW(recvmsg(c, &m, 0));
  printf("flags %#x\n", m.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
  SHOW(recv(c, b, 64, MSG_WAITALL));
  SHOW(send(k, "", 0, 0));
  SHOW(recv(c, b, 64, MSG_DONTWAIT));
  SHOW(recv(c, b, 64, MSG_DONTWAIT));
  SHOW(shutdown(k, SHUT_WR));
  events("after shutdown", c);
  SHOW(recv(c, b, 64, 0));
  SHOW(send(k, "x", 1, 0));
  printf("signals %d\n", pipes);
  SHOW(send(c, "left", 4, 0));
  close(k);
  events("closed", c);
  SHOW(send(c, "x", 1, 0));
  printf("signals %d\n", pipes);
  SHOW(recv(c, b, 64, 0));
  SHOW(recv(c, b, 64, 0));
  int type, domain, protocol, listening;
  socklen_t n = sizeof type;
  getsockopt(l, SOL_SOCKET, SO_TYPE, &type, &n);
  getsockopt(l, SOL_SOCKET, SO_DOMAIN, &domain, &n);
  getsockopt(l, SOL_SOCKET, SO_PROTOCOL, &protocol, &n);
  getsockopt(l, SOL_SOCKET, SO_ACCEPTCONN, &listening, &n);
  printf("type %d domain %d protocol %d listening %d\n", type, domain, protocol, listening);
  unlink("s");
  leave_folder();
  return 0;
}
