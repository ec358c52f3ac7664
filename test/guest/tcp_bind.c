/* bind(2), listen(2): who may share a port: addresses, SO_REUSEADDR, SO_REUSEPORT, TIME_WAIT, privileged ports, both families. */
#include "guest.h"
#include <netinet/in.h>
#include <sys/socket.h>
static struct sockaddr_in in(uint32_t ip, int port) { return (struct sockaddr_in){AF_INET, htons(port), {htonl(ip)}}; }
static int port_of(int fd) {
  struct sockaddr_in6 a;
  socklen_t n = sizeof a;
  MUST(getsockname(fd, (void *)&a, &n) == 0);
  return ntohs(a.sin6_port);
}
static int make(int type, int option) {
  int s = socket(AF_INET, type, 0), one = 1;
  if (option) MUST(setsockopt(s, SOL_SOCKET, option, &one, sizeof one) == 0);
  return s;
}
static int bound(int s, uint32_t ip, int port) {
  struct sockaddr_in a = in(ip, port);
  return bind(s, (void *)&a, sizeof a);
}
static int connected(int port, int from) {
  struct sockaddr_in a = in(INADDR_LOOPBACK, port);
  int k = make(SOCK_STREAM, SO_REUSEADDR);
  if (from) MUST(bound(k, INADDR_LOOPBACK, from) == 0);
  return connect(k, (void *)&a, sizeof a) == 0 ? k : -1;
}
#define LO INADDR_LOOPBACK
static void sharing(int type) {
  printf("-- type %d\n", type);
  int a = make(type, 0), b = make(type, 0), p;
  SHOW(bound(a, LO, 0));
  p = port_of(a);
  SHOW(bound(a, LO, 0));
  SHOW(bound(b, LO, p));
  SHOW(bound(b, 0, p));
  SHOW(bound(b, LO + 1, p));
  int c = make(type, 0);
  SHOW(bound(c, 0x08080808, 0));
  struct sockaddr_in six = {AF_INET6};
  SHOW(bind(c, (void *)&six, sizeof six));
  six.sin_family = AF_UNSPEC;
  SHOW(bind(c, (void *)&six, 8));
  SHOW(bind(c, (void *)&six, sizeof six));
  close(a), close(b), close(c);
  a = make(type, SO_REUSEADDR), b = make(type, SO_REUSEADDR), c = make(type, 0);
  SHOW(bound(a, LO, 0));
  p = port_of(a);
  SHOW(bound(b, LO, p));
  SHOW(bound(c, LO, p));
  if (type == SOCK_STREAM) {
    SHOW(listen(a, 1));
    SHOW(listen(b, 1));
    int d = make(type, SO_REUSEADDR);
    SHOW(bound(d, LO, p));
    SHOW(bound(d, 0, p));
    close(d);
  }
  close(a), close(b), close(c);
  a = make(type, SO_REUSEPORT), b = make(type, SO_REUSEPORT), c = make(type, SO_REUSEADDR);
  SHOW(bound(a, LO, 0));
  p = port_of(a);
  SHOW(bound(b, LO, p));
  SHOW(bound(c, LO, p));
  if (type == SOCK_STREAM) SHOW(listen(a, 1) + listen(b, 1));
  close(a), close(b), close(c);
}
static void both(int only) {
  int one = 1, six = socket(AF_INET6, SOCK_STREAM, 0), four = make(SOCK_STREAM, 0);
  printf("-- IPv6 only %d\n", only);
  SHOW(setsockopt(six, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only));
  struct sockaddr_in6 a = {AF_INET6};
  SHOW(bind(six, (void *)&a, sizeof a));
  SHOW(setsockopt(six, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one));
  int p = port_of(six);
  SHOW(bound(four, 0, p));
  if (only) SHOW(listen(six, 1) + listen(four, 1));
  close(six), close(four);
}
int main(void) {
  sharing(SOCK_STREAM);
  sharing(SOCK_DGRAM);
  both(0);
  both(1);
  printf("-- connections\n");
  int l = make(SOCK_STREAM, 0);
  MUST(bound(l, LO, 0) == 0);
  int p = port_of(l);
  SHOW(listen(l, 4));
  int k = connected(p, 0), c = accept(l, 0, 0), q = port_of(k);
  int s = make(SOCK_STREAM, 0), r = make(SOCK_STREAM, SO_REUSEADDR);
  SHOW(bound(s, LO, q));
  close(l);
  SHOW(bound(s, LO, p));
  SHOW(bound(r, LO, p));
  close(r);
  /* The side that closes first waits. */
  close(c);
  usleep(2000);
  close(k);
  usleep(2000);
  SHOW(bound(s, LO, p));
  r = make(SOCK_STREAM, SO_REUSEADDR);
  SHOW(bound(r, LO, p));
  close(r), close(s);
  l = make(SOCK_STREAM, SO_REUSEADDR);
  MUST(bound(l, LO, 0) == 0 && listen(l, 4) == 0);
  p = port_of(l);
  k = connected(p, 0);
  c = accept(l, 0, 0);
  close(l), close(c);
  usleep(2000);
  close(k);
  usleep(2000);
  r = make(SOCK_STREAM, SO_REUSEADDR);
  SHOW(bound(r, LO, p));
  SHOW(listen(r, 4));
  /* The same two ends cannot be connected twice. */
  k = connected(p, 0);
  q = port_of(k);
  struct sockaddr_in a = in(LO, p);
  s = make(SOCK_STREAM, SO_REUSEADDR);
  int again = bound(s, LO, q);
  if (again == 0) again = connect(s, (void *)&a, sizeof a);
  printf("twice: %d\n", again);
  /* An ephemeral port is bound at once by listen. */
  s = make(SOCK_STREAM, 0);
  SHOW(listen(s, 1));
  printf("port chosen: %d\n", port_of(s) >= 1024);
  SHOW(listen(make(SOCK_DGRAM, 0), 1));
  return 0;
}
