/* ipv6(7): connections over ::1, IPv4 clients of a socket for both, mapped addresses, scopes and lengths. */
#include "guest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
static socklen_t n;
static void print_name(const char *what, int fd, int peer) {
  struct sockaddr_in6 a;
  char text[64];
  n = sizeof a;
  if ((peer ? getpeername : getsockname)(fd, (void *)&a, &n) < 0) printf("%s: %s\n", what, error_name(errno));
  else printf("%s: family %d, %s, length %u\n", what, a.sin6_family,
              a.sin6_family == AF_INET6 ? inet_ntop(AF_INET6, &a.sin6_addr, text, 64) : inet_ntop(AF_INET, &((struct sockaddr_in *)&a)->sin_addr, text, 64), n);
}
int main(void) {
  struct sockaddr_in6 a = {AF_INET6};
  char b[8];
  int l = socket(AF_INET6, SOCK_STREAM, 0), one = 1;
  print_name("fresh", l, 0);
  SHOW(bind(l, (void *)&a, 23));
  SHOW(bind(l, (void *)&a, 24));
  SHOW(listen(l, 4));
  print_name("listener", l, 0);
  n = sizeof a;
  getsockname(l, (void *)&a, &n);
  struct sockaddr_in4 { int x; };
  struct sockaddr_in four = {AF_INET, a.sin6_port, {htonl(INADDR_LOOPBACK)}};
  int k = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(connect(k, (void *)&four, sizeof four));
  int c = accept(l, 0, 0);
  print_name("IPv4 client", k, 0);
  print_name("its peer", k, 1);
  print_name("server's end", c, 0);
  print_name("server's peer", c, 1);
  SHOW(send(k, "four", 4, 0));
  SHOW(recv(c, b, 8, 0));
  close(k), close(c);
  k = socket(AF_INET6, SOCK_STREAM, 0);
  SHOW(connect(k, (void *)&four, sizeof four));
  inet_pton(AF_INET6, "::1", &a.sin6_addr);
  SHOW(connect(k, (void *)&a, sizeof a));
  c = accept(l, 0, 0);
  print_name("IPv6 client", k, 0);
  print_name("server's peer", c, 1);
  close(k), close(c);
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &a.sin6_addr);
  k = socket(AF_INET6, SOCK_STREAM, 0);
  SHOW(connect(k, (void *)&a, sizeof a));
  c = accept(l, 0, 0);
  print_name("mapped client", k, 0);
  print_name("its peer", k, 1);
  close(k), close(c);
  k = socket(AF_INET6, SOCK_STREAM, 0);
  SHOW(setsockopt(k, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one));
  SHOW(connect(k, (void *)&a, sizeof a));
  SHOW(bind(k, (void *)&a, sizeof a));
  memset(&a.sin6_addr, 0, 16);
  SHOW(connect(k, (void *)&a, sizeof a));
  c = accept(l, 0, 0);
  print_name("to any", k, 1);
  close(k), close(c), close(l);
  /* Bound to one family only. */
  l = socket(AF_INET6, SOCK_STREAM, 0);
  setsockopt(l, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
  a = (struct sockaddr_in6){AF_INET6};
  MUST(bind(l, (void *)&a, sizeof a) == 0 && listen(l, 4) == 0);
  n = sizeof a;
  getsockname(l, (void *)&a, &n);
  four.sin_port = a.sin6_port;
  k = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(connect(k, (void *)&four, sizeof four));
  close(k), close(l);
  l = socket(AF_INET6, SOCK_STREAM, 0);
  inet_pton(AF_INET6, "::1", &a.sin6_addr);
  a.sin6_port = 0;
  SHOW(bind(l, (void *)&a, sizeof a));
  print_name("bound", l, 0);
  inet_pton(AF_INET6, "2001:db8::1", &a.sin6_addr);
  k = socket(AF_INET6, SOCK_STREAM, 0);
  SHOW(bind(k, (void *)&a, sizeof a));
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &a.sin6_addr);
  SHOW(bind(k, (void *)&a, sizeof a));
  print_name("bound to mapped", k, 0);
  return 0;
}
