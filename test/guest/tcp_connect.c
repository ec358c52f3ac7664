/* tcp(7), connect(2): over the loopback interface: names, refusal, connections that do not wait, again and to nobody. */
#include "guest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
static struct sockaddr_in a, none = {AF_INET};
static socklen_t n;
static void events(const char *what, int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP};
  poll(&p, 1, 0);
  printf("%s: %#x\n", what, p.revents);
}
static int error_of(int fd) {
  int e = -1;
  n = sizeof e;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n);
  return e;
}
static int state_of(int fd) {
  struct tcp_info i;
  n = sizeof i;
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &n) == 0 ? i.tcpi_state : -1;
}
static int listener(void) {
  int l = socket(AF_INET, SOCK_STREAM, 0);
  a = (struct sockaddr_in){AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  n = sizeof a;
  MUST(bind(l, (void *)&a, sizeof a) == 0 && listen(l, 8) == 0 && getsockname(l, (void *)&a, &n) == 0);
  return l;
}
int main(void) {
  signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in x, y;
  char b[16];
  int l = listener(), k = socket(AF_INET, SOCK_STREAM, 0);
  n = sizeof x;
  SHOW(getsockname(k, (void *)&x, &n));
  printf("family %d address %#x port %d length %u\n", x.sin_family, x.sin_addr.s_addr, x.sin_port, n);
  n = sizeof x;
  SHOW(getpeername(k, (void *)&x, &n));
  events("fresh", k);
  SHOW(send(k, "x", 1, 0));
  SHOW(recv(k, b, 1, 0));
  SHOW(accept(k, 0, 0));
  SHOW(connect(k, (void *)&a, 15));
  SHOW(connect(k, (void *)&a, sizeof a));
  SHOW(connect(k, (void *)&a, sizeof a));
  printf("states %d %d\n", state_of(l), state_of(k));
  int c = accept(l, (void *)&x, &n);
  n = sizeof y;
  getsockname(k, (void *)&y, &n);
  printf("accepted who connected: %d, ephemeral port: %d\n", x.sin_port == y.sin_port && x.sin_addr.s_addr == y.sin_addr.s_addr,
         ntohs(y.sin_port) >= 1024);
  n = sizeof x;
  getpeername(k, (void *)&x, &n);
  printf("peer is the listener's address: %d, %u\n", !memcmp(&x, &a, 8), n);
  n = sizeof x;
  getsockname(c, (void *)&x, &n);
  printf("and the server's own: %d\n", !memcmp(&x, &a, 8));
  memset(&x, 0xee, sizeof x);
  n = 5;
  SHOW(getpeername(c, (void *)&x, &n));
  printf("length %u, beyond %x\n", n, ((unsigned char *)&x)[5]);
  n = -1;
  SHOW(getpeername(c, (void *)&x, &n));
  events("connected", k);
  SHOW(send(k, "hello", 5, 0));
  SHOW(sendto(k, "you", 3, 0, (void *)&none, sizeof none));
  n = sizeof x;
  SHOW(recvfrom(c, b, 16, 0, (void *)&x, &n));
  printf("address length %u\n", n);
  close(k);
  close(c);
  /* Nobody listens. */
  int u = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in dead = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  MUST(bind(u, (void *)&dead, sizeof dead) == 0);
  n = sizeof dead;
  getsockname(u, (void *)&dead, &n);
  k = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(connect(k, (void *)&dead, sizeof dead));
  printf("error %d\n", error_of(k));
  events("refused", k);
  SHOW(connect(k, (void *)&a, sizeof a));
  close(k);
  close(accept(l, 0, 0));
  k = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  SHOW(connect(k, (void *)&dead, sizeof dead));
  struct pollfd p = {k, POLLOUT};
  SHOW(poll(&p, 1, 5000));
  events("refused", k);
  SHOW(recv(k, b, 1, 0));
  SHOW(recv(k, b, 1, 0));
  SHOW(send(k, b, 1, 0));
  SHOW(connect(k, (void *)&dead, sizeof dead));
  SHOW(poll(&p, 1, 5000));
  printf("error %d, then %d\n", error_of(k), error_of(k));
  close(k);
  close(u);
  /* Without waiting. */
  k = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  CALL(accept4, l, 0, 0, 0x40);
  fcntl(l, F_SETFL, O_NONBLOCK);
  SHOW(accept(l, 0, 0));
  SHOW(connect(k, (void *)&a, sizeof a));
  SHOW(poll(&p, 1, 5000) >= 0);
  p.fd = k;
  SHOW(poll(&p, 1, 5000));
  printf("error %d\n", error_of(k));
  SHOW(connect(k, (void *)&a, sizeof a));
  SHOW(connect(k, (void *)&a, sizeof a));
  p = (struct pollfd){l, POLLIN};
  SHOW(poll(&p, 1, 5000));
  c = accept(l, 0, 0);
  SHOW(fcntl(c, F_GETFL) & O_NONBLOCK);
  /* AF_UNSPEC undoes it. */
  none.sin_family = AF_UNSPEC;
  SHOW(connect(k, (void *)&none, sizeof none));
  events("disconnected", k);
  events("its peer", c);
  SHOW(recv(c, b, 1, 0));
  SHOW(connect(k, (void *)&a, sizeof a));
  p = (struct pollfd){k, POLLOUT};
  SHOW(poll(&p, 1, 5000));
  close(c);
  close(k);
  /* Addresses that cannot be. */
  k = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in6 six = {AF_INET6};
  SHOW(connect(k, (void *)&six, sizeof six));
  SHOW(connect(k, (void *)&a, 1));
  SHOW(connect(l, (void *)&a, sizeof a));
  a.sin_addr.s_addr = 0;
  fcntl(l, F_SETFL, 0);
  SHOW(connect(k, (void *)&a, sizeof a));
  n = sizeof x;
  getpeername(k, (void *)&x, &n);
  int m = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(shutdown(m, SHUT_WR));
  SHOW(connect(m, (void *)&a, sizeof a));
  SHOW(send(m, "x", 1, MSG_NOSIGNAL));
  printf("any is the loopback address: %d\n", x.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
  return 0;
}
