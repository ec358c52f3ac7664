/* ip(7), ipv6(7): what comes along with a datagram: addresses, hops, type of service, times; and what a sender may set. */
#include "guest.h"
#include <netinet/in.h>
#include <sys/socket.h>
static char control[512];
static void receive(int fd, const char *what) {
  char text[64];
  struct iovec v = {text, sizeof text};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t n = recvmsg(fd, &m, 0);
  printf("%s: %zd bytes, flags %#x", what, n, m.msg_flags);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    unsigned char *d = CMSG_DATA(c);
    printf("; level %d type %d length %zu", c->cmsg_level, c->cmsg_type, (size_t)c->cmsg_len);
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
      printf(" address %d.%d.%d.%d, local %d.%d.%d.%d, interface %d", d[8], d[9], d[10], d[11], d[4], d[5], d[6], d[7], d[0]);
    else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) printf(" %d", d[0]);
    else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) printf(" last byte %d, interface %d", d[15], d[16]);
    else if (c->cmsg_level == SOL_SOCKET) {
      struct timespec now;
      clock_gettime(CLOCK_REALTIME, &now);
      long sec = *(long *)d, fraction = *(long *)(d + 8);
      printf(" recent %d, fraction ok %d", labs(now.tv_sec - sec) < 10, fraction >= 0 && fraction < 1000000000);
    } else if (c->cmsg_len == CMSG_LEN(4)) printf(" %d", *(int *)d);
  }
  printf("\n");
}
static int say(int fd, void *to, int length, int level, int type, void *data, int size) {
  struct iovec v = {"said", 4};
  struct msghdr m = {.msg_name = to, .msg_namelen = length, .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(size)};
  memset(control, 0, sizeof control);
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(size), .cmsg_level = level, .cmsg_type = type};
  memcpy(CMSG_DATA(c), data, size);
  return sendmsg(fd, &m, 0);
}
static void set(int fd, int level, int name, int value) {
  if (setsockopt(fd, level, name, &value, sizeof value) < 0) printf("level %d option %d: %s\n", level, name, error_name(errno));
}
int main(void) {
  int u = socket(AF_INET, SOCK_DGRAM, 0), v = socket(AF_INET, SOCK_DGRAM, 0), number;
  struct sockaddr_in a = {AF_INET};
  socklen_t n = sizeof a;
  MUST(bind(u, (void *)&a, sizeof a) == 0 && getsockname(u, (void *)&a, &n) == 0);
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 4);
  set(u, IPPROTO_IP, IP_PKTINFO, 1);
  set(u, IPPROTO_IP, IP_RECVTTL, 1);
  set(u, IPPROTO_IP, IP_RECVTOS, 1);
  SHOW(sendto(v, "plain", 5, 0, (void *)&a, n));
  receive(u, "plain");
  set(v, IPPROTO_IP, IP_TTL, 7);
  set(v, IPPROTO_IP, IP_TOS, 0x10);
  SHOW(sendto(v, "options", 7, 0, (void *)&a, n));
  receive(u, "options");
  number = 9;
  SHOW(say(v, &a, n, IPPROTO_IP, IP_TTL, &number, 4));
  receive(u, "said");
  number = 0;
  SHOW(say(v, &a, n, IPPROTO_IP, IP_TTL, &number, 4));
  SHOW(say(v, &a, n, IPPROTO_IP, 999, &number, 4));
  SHOW(say(v, &a, n, SOL_SOCKET, SCM_RIGHTS, &number, 4));
  receive(u, "rights");
  struct in_pktinfo info = {0, {htonl(INADDR_LOOPBACK + 8)}};
  SHOW(say(v, &a, n, IPPROTO_IP, IP_PKTINFO, &info, sizeof info));
  struct sockaddr_in from;
  char b[8];
  n = sizeof from;
  recvfrom(u, b, 8, 0, (void *)&from, &n);
  printf("from %#x\n", ntohl(from.sin_addr.s_addr));
  set(u, IPPROTO_IP, IP_PKTINFO, 0);
  set(u, IPPROTO_IP, IP_RECVTTL, 0);
  set(u, IPPROTO_IP, IP_RECVTOS, 0);
  set(u, SOL_SOCKET, SO_TIMESTAMP, 1);
  sendto(v, "timed", 5, 0, (void *)&a, n);
  receive(u, "microseconds");
  set(u, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  sendto(v, "timed", 5, 0, (void *)&a, n);
  receive(u, "nanoseconds");
  int s = socket(AF_INET6, SOCK_DGRAM, 0);
  struct sockaddr_in6 six = {AF_INET6, 0, 0, IN6ADDR_LOOPBACK_INIT};
  MUST(bind(s, (void *)&six, sizeof six) == 0);
  n = sizeof six;
  getsockname(s, (void *)&six, &n);
  set(s, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  set(s, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
  set(s, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
  int k = socket(AF_INET6, SOCK_DGRAM, 0);
  set(k, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 5);
  set(k, IPPROTO_IPV6, IPV6_TCLASS, 0x20);
  SHOW(sendto(k, "six", 3, 0, (void *)&six, n));
  receive(s, "six");
  return 0;
}
