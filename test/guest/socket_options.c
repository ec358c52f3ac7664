/* socket(7), tcp(7), ip(7): options: defaults, what is doubled, bounded or refused, what accept(2) passes on. */
#include "guest.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
static void get(int fd, int level, int name, const char *text) {
  union { int number; unsigned char bytes[64]; } v;
  memset(&v, 0xee, sizeof v);
  socklen_t n = sizeof v;
  if (getsockopt(fd, level, name, &v, &n) < 0) printf("%s: %s\n", text, error_name(errno));
  else printf("%s: %d (%u bytes)\n", text, v.number, n);
}
static void set(int fd, int level, int name, int value, const char *text) {
  if (setsockopt(fd, level, name, &value, sizeof value) < 0) printf("%s <- %d: %s\n", text, value, error_name(errno));
  else {
    printf("%s <- %d; ", text, value);
    get(fd, level, name, text);
  }
}
#define GET(level, name) get(fd, level, name, #name)
#define SET(level, name, value) set(fd, level, name, value, #name)
static void common(int fd) {
  GET(SOL_SOCKET, SO_TYPE); GET(SOL_SOCKET, SO_DOMAIN); GET(SOL_SOCKET, SO_PROTOCOL); GET(SOL_SOCKET, SO_ERROR);
  GET(SOL_SOCKET, SO_ACCEPTCONN); GET(SOL_SOCKET, SO_RCVLOWAT); GET(SOL_SOCKET, SO_SNDLOWAT); GET(SOL_SOCKET, SO_PRIORITY);
  GET(SOL_SOCKET, SO_LINGER); GET(SOL_SOCKET, SO_RCVTIMEO); GET(SOL_SOCKET, SO_SNDTIMEO); GET(SOL_SOCKET, SO_PEEK_OFF);
  GET(SOL_SOCKET, SO_TIMESTAMP); GET(SOL_SOCKET, SO_BROADCAST); GET(SOL_SOCKET, SO_DONTROUTE); GET(SOL_SOCKET, SO_NO_CHECK);
  SET(SOL_SOCKET, SO_REUSEADDR, 7); SET(SOL_SOCKET, SO_KEEPALIVE, 1); SET(SOL_SOCKET, SO_BROADCAST, 1); SET(SOL_SOCKET, SO_OOBINLINE, 1);
  SET(SOL_SOCKET, SO_REUSEPORT, 1); SET(SOL_SOCKET, SO_RCVLOWAT, 5); SET(SOL_SOCKET, SO_RCVLOWAT, 0);
  SET(SOL_SOCKET, SO_SNDBUF, 10000); SET(SOL_SOCKET, SO_RCVBUF, 10000); SET(SOL_SOCKET, SO_SNDBUF, 1); SET(SOL_SOCKET, SO_RCVBUF, 0);
  SET(SOL_SOCKET, SO_TYPE, 1); SET(SOL_SOCKET, SO_ERROR, 1); SET(SOL_SOCKET, SO_SNDLOWAT, 1); SET(SOL_SOCKET, SO_ACCEPTCONN, 1);
  SET(SOL_SOCKET, SO_PRIORITY, 6); SET(SOL_SOCKET, SO_TIMESTAMP, 1); SET(SOL_SOCKET, SO_TIMESTAMPNS, 1); GET(SOL_SOCKET, SO_TIMESTAMP);
  struct linger l = {1, 30};
  SHOW(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, 4));
  SHOW(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l));
  l.l_onoff = l.l_linger = 0;
  socklen_t n = sizeof l;
  getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &n);
  printf("linger %d %d\n", l.l_onoff, l.l_linger);
  struct timeval t = {3, 500000}, bad = {1, 1000000};
  SHOW(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
  SHOW(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bad, sizeof bad));
  SHOW(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, 8));
  t.tv_sec = t.tv_usec = 0;
  n = sizeof t;
  getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, &n);
  printf("timeout %ld %ld, %u bytes\n", (long)t.tv_sec, (long)t.tv_usec, n);
  char small = 9;
  n = 1;
  SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, &small, &n));
  printf("one byte: %d, %u\n", small, n);
  unsigned long cookie[2] = {0};
  n = sizeof cookie[0];
  getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie[0], &n);
  getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie[1], &n);
  printf("cookie stays %d\n", cookie[0] && cookie[0] == cookie[1]);
  SHOW(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "nowhere", 8));
}
int main(void) {
  int fd;
  printf("-- unix\n");
  common(fd = socket(AF_UNIX, SOCK_STREAM, 0));
  SET(SOL_SOCKET, SO_PASSCRED, 1);
  SET(SOL_SOCKET, SO_PEEK_OFF, 3);
  printf("-- udp\n");
  common(fd = socket(AF_INET, SOCK_DGRAM, 0));
  SET(IPPROTO_IP, IP_TOS, 0x1ff); SET(IPPROTO_IP, IP_TTL, 256); SET(IPPROTO_IP, IP_TTL, 12); SET(IPPROTO_IP, IP_TTL, -1);
  SET(IPPROTO_IP, IP_MTU_DISCOVER, 2); SET(IPPROTO_IP, IP_MTU_DISCOVER, 9); SET(IPPROTO_IP, IP_RECVTTL, 3); GET(IPPROTO_IP, IP_MTU);
  SET(IPPROTO_IP, IP_MULTICAST_TTL, 3); SET(IPPROTO_IP, IP_MULTICAST_LOOP, 0); GET(IPPROTO_IP, 9999); SET(IPPROTO_IP, 9999, 1);
  GET(IPPROTO_IPV6, IPV6_V6ONLY); GET(12345, 1); GET(IPPROTO_TCP, TCP_NODELAY);
  printf("-- tcp\n");
  common(fd = socket(AF_INET, SOCK_STREAM, 0));
  SET(IPPROTO_IP, IP_TOS, 0x1f); SET(IPPROTO_IP, IP_MULTICAST_TTL, 3);
  GET(IPPROTO_TCP, TCP_NODELAY); GET(IPPROTO_TCP, TCP_MAXSEG); GET(IPPROTO_TCP, TCP_KEEPIDLE); GET(IPPROTO_TCP, TCP_KEEPINTVL);
  GET(IPPROTO_TCP, TCP_KEEPCNT); GET(IPPROTO_TCP, TCP_SYNCNT); GET(IPPROTO_TCP, TCP_DEFER_ACCEPT); GET(IPPROTO_TCP, TCP_USER_TIMEOUT);
  SET(IPPROTO_TCP, TCP_NODELAY, 1); SET(IPPROTO_TCP, TCP_CORK, 1); SET(IPPROTO_TCP, TCP_MAXSEG, 1000); SET(IPPROTO_TCP, TCP_MAXSEG, 10);
  SET(IPPROTO_TCP, TCP_KEEPIDLE, 60); SET(IPPROTO_TCP, TCP_KEEPIDLE, 0); SET(IPPROTO_TCP, TCP_KEEPINTVL, 40000);
  SET(IPPROTO_TCP, TCP_KEEPCNT, 127); SET(IPPROTO_TCP, TCP_KEEPCNT, 128); SET(IPPROTO_TCP, TCP_SYNCNT, 3); SET(IPPROTO_TCP, TCP_LINGER2, 5);
  SET(IPPROTO_TCP, TCP_DEFER_ACCEPT, 5); SET(IPPROTO_TCP, TCP_DEFER_ACCEPT, 1); SET(IPPROTO_TCP, TCP_DEFER_ACCEPT, 0); SET(IPPROTO_TCP, TCP_USER_TIMEOUT, 1000);
  SET(IPPROTO_TCP, TCP_USER_TIMEOUT, -1); SET(IPPROTO_TCP, TCP_FASTOPEN, 5); SET(IPPROTO_TCP, TCP_NOTSENT_LOWAT, 100); GET(IPPROTO_TCP, 9999);
  char name[16] = {0};
  socklen_t n = sizeof name;
  SHOW(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &n));
  printf("%u bytes\n", n);
  SHOW(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "no such", 7));
  SHOW(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
  SHOW(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &n));
  printf("%s\n", name);
  printf("-- passed on by accept\n");
  struct sockaddr_in a = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  n = sizeof a;
  MUST(bind(fd, (void *)&a, sizeof a) == 0 && listen(fd, 1) == 0 && getsockname(fd, (void *)&a, &n) == 0);
  int k = socket(AF_INET, SOCK_STREAM, 0);
  MUST(connect(k, (void *)&a, sizeof a) == 0);
  fd = accept(fd, 0, 0);
  GET(SOL_SOCKET, SO_KEEPALIVE); GET(SOL_SOCKET, SO_REUSEADDR); GET(SOL_SOCKET, SO_OOBINLINE); GET(SOL_SOCKET, SO_LINGER);
  GET(SOL_SOCKET, SO_RCVTIMEO); GET(SOL_SOCKET, SO_ACCEPTCONN); GET(IPPROTO_TCP, TCP_NODELAY); GET(IPPROTO_TCP, TCP_KEEPIDLE); GET(IPPROTO_IP, IP_TOS);
  printf("-- tcp over IPv6\n");
  fd = socket(AF_INET6, SOCK_STREAM, 0);
  GET(IPPROTO_IPV6, IPV6_V6ONLY); SET(IPPROTO_IPV6, IPV6_V6ONLY, 1); SET(IPPROTO_IPV6, IPV6_UNICAST_HOPS, 9); SET(IPPROTO_IPV6, IPV6_UNICAST_HOPS, -1);
  SET(IPPROTO_IPV6, IPV6_UNICAST_HOPS, 300); SET(IPPROTO_IPV6, IPV6_TCLASS, 8); SET(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1); GET(IPPROTO_IPV6, 9999);
  return 0;
}
