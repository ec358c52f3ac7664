/* IP_RECVERR and IPV6_RECVERR (ip(7), ipv6(7)): what recvmsg(2) with MSG_ERRQUEUE tells of datagrams that nobody receives. */
#include "guest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
/* <linux/errqueue.h>, which musl does not come with. */
struct extended { uint32_t code; uint8_t origin, type, icmp, pad; uint32_t info, data; };
static const char *text(int e) { return e == ECONNREFUSED ? "ECONNREFUSED" : e == EMSGSIZE ? "EMSGSIZE" : error_name(e); }
static void take_with(int flags, int fd, int room, int port) {
  char bytes[2048], control[512];
  struct sockaddr_in6 from = {0};
  struct iovec v = {bytes, room};
  struct msghdr m = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  long n = recvmsg(fd, &m, flags);
  if (n < 0) {
    printf("  %s\n", text(errno));
    return;
  }
  printf("  %ld bytes flags %x:", n, m.msg_flags);
  char name[64] = "none";
  if (m.msg_namelen) inet_ntop(from.sin6_family, from.sin6_family == AF_INET ? (void *)&((struct sockaddr_in *)&from)->sin_addr : (void *)&from.sin6_addr, name, sizeof name);
  printf(" to %s, that port %d;", name, from.sin6_port == port);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) || (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)) {
      struct extended e;
      struct sockaddr_in6 offender = {0};
      memcpy(&e, CMSG_DATA(c), sizeof e);
      memcpy(&offender, CMSG_DATA(c) + sizeof e, c->cmsg_len - CMSG_LEN(sizeof e));
      strcpy(name, "nobody");
      if (offender.sin6_family) inet_ntop(offender.sin6_family, offender.sin6_family == AF_INET ? (void *)&((struct sockaddr_in *)&offender)->sin_addr : (void *)&offender.sin6_addr, name, sizeof name);
      printf(" %s origin %d type %d code %d info %u data %u from %s", text(e.code), e.origin, e.type, e.icmp, e.info, e.data, name);
    } else if (c->cmsg_type == IP_TTL || c->cmsg_type == IPV6_HOPLIMIT) printf(" hops %d", *(int *)CMSG_DATA(c));
    else if (c->cmsg_type == IP_TOS) printf(" tos %x", *CMSG_DATA(c));
    else printf(" level %d type %d length %d", c->cmsg_level, c->cmsg_type, (int)c->cmsg_len);
  }
  printf("\n");
}
static void take(int fd, int room, int port) { take_with(MSG_ERRQUEUE, fd, room, port); }
static void state(int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT, 0};
  int e = 0;
  socklen_t n = sizeof e;
  poll(&p, 1, 0);
  MUST(getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n) == 0);
  printf("  poll %x error %s\n", p.revents, e ? text(e) : "none");
}
/* A port that nobody has. */
static int unused(int family) {
  struct sockaddr_in6 a = {.sin6_family = family};
  socklen_t n = sizeof a;
  int fd = socket(family, SOCK_DGRAM, 0);
  MUST(bind(fd, (void *)&a, n) == 0 && getsockname(fd, (void *)&a, &n) == 0);
  close(fd);
  return a.sin6_port;
}
static void four(int option) {
  printf("IPv4, option %d\n", option);
  int on = 1, off = 0, port = unused(AF_INET);
  struct sockaddr_in to = {AF_INET, port, {htonl(INADDR_LOOPBACK)}, {0}};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  SHOW(setsockopt(fd, IPPROTO_IP, IP_RECVERR, &option, sizeof option));
  SHOW(setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &on, sizeof on));
  SHOW(setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof on));
  take(fd, 2048, port);
  SHOW(sendto(fd, "hello", 5, 0, (void *)&to, sizeof to));
  state(fd);
  take(fd, 2048, port);
  state(fd);
  take(fd, 2048, port);
  char big[1000] = {0};
  SHOW(sendto(fd, big, sizeof big, 0, (void *)&to, sizeof to));
  printf("  next send: %s\n", sendto(fd, "x", 1, 0, (void *)&to, sizeof to) < 0 ? text(errno) : "done");
  SHOW(sendto(fd, "xy", 2, 0, (void *)&to, sizeof to));
  take(fd, 100, port);
  state(fd);
  take(fd, 2048, port);
  SHOW(sendto(fd, "z", 1, 0, (void *)&to, sizeof to));
  char c;
  printf("  recv: %s\n", recv(fd, &c, 1, 0) < 0 ? text(errno) : "done");
  SHOW(setsockopt(fd, IPPROTO_IP, IP_RECVERR, &off, sizeof off));
  take(fd, 2048, port);
  state(fd);
  close(fd);
}
/* What is longer than any packet: EMSGSIZE, and the kernel's own word of it. */
static void too_long(int family, int connected) {
  printf("too long, family %d%s\n", family, connected ? ", connected" : "");
  static char big[70000];
  int on = 1, port = unused(family), v6 = family == AF_INET6;
  struct sockaddr_in to4 = {AF_INET, port, {htonl(INADDR_LOOPBACK)}, {0}};
  struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  void *to = v6 ? (void *)&to6 : (void *)&to4;
  socklen_t n = v6 ? sizeof to6 : sizeof to4;
  int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  MUST(setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof on) == 0);
  if (connected) MUST(connect(fd, to, n) == 0);
  const int lengths[] = {65507, 65508, 65527, 65528, 65535, 65536, 70000};
  for (unsigned i = v6 ? 3 : 1; i < 7; i++) {
    long r = sendto(fd, big, lengths[i], 0, connected ? NULL : to, connected ? 0 : n);
    printf("%d: %s\n", lengths[i], r >= 0 ? "sent" : errno == EMSGSIZE ? "EMSGSIZE" : text(errno));
    state(fd);
    take(fd, 2048, port);
  }
  sendto(fd, big, 70000, 0, connected ? NULL : to, connected ? 0 : n);
  sendto(fd, big, 65530, 0, connected ? NULL : to, connected ? 0 : n);
  sendto(fd, big, 10, 0, connected ? NULL : to, connected ? 0 : n);
  for (int i = 0; i < 4; i++) state(fd), take(fd, 2048, port);
  close(fd);
}
static void six(int mapped) {
  printf("IPv6%s\n", mapped ? ", an IPv4 address" : "");
  int on = 1, port = unused(AF_INET6);
  struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = port};
  inet_pton(AF_INET6, mapped ? "::ffff:127.0.0.1" : "::1", &to.sin6_addr);
  int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  SHOW(setsockopt(fd, mapped ? IPPROTO_IP : IPPROTO_IPV6, mapped ? IP_RECVERR : IPV6_RECVERR, &on, sizeof on));
  SHOW(setsockopt(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof on));
  SHOW(sendto(fd, "hello", 5, 0, (void *)&to, sizeof to));
  state(fd);
  take(fd, 2048, port);
  state(fd);
  static char big[2000];
  SHOW(sendto(fd, big, sizeof big, 0, (void *)&to, sizeof to));
  take(fd, 2048, port);
  /* What comes as IPv4 has no hop limit for IPv6. */
  struct sockaddr_in6 own = {.sin6_family = AF_INET6};
  socklen_t n = sizeof own;
  MUST(getsockname(fd, (void *)&own, &n) == 0);
  to.sin6_port = own.sin6_port;
  SHOW(sendto(fd, "self", 4, 0, (void *)&to, sizeof to));
  take_with(0, fd, 2048, own.sin6_port);
  close(fd);
}
int main(void) {
  four(1);
  four(0);
  six(0);
  six(1);
  too_long(AF_INET, 0);
  too_long(AF_INET, 1);
  too_long(AF_INET6, 0);
  too_long(AF_INET6, 1);
  int tcp = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(tcp, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
  printf("TCP\n");
  take(tcp, 10, 0);
  MUST(listen(tcp, 1) == 0);
  take(tcp, 10, 0);
  return 0;
}
