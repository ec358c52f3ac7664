/* Control messages of datagrams: times of arrival, lost datagrams, packet information, hops and types of service, both ways. */
#include "guest.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#ifndef SO_TIMESTAMP_NEW
#define SO_TIMESTAMP_NEW 63
#define SO_TIMESTAMPNS_NEW 64
#endif
static int from, to;
static union { char bytes[512]; struct cmsghdr align; } control;
static void list(int flags) {
  char b[64];
  struct sockaddr_storage name;
  struct iovec v = {b, sizeof b};
  struct msghdr m = {.msg_name = &name, .msg_namelen = sizeof name, .msg_iov = &v, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control};
  long n = recvmsg(to, &m, flags | MSG_DONTWAIT);
  if (n < 0) { printf("  recvmsg: %s\n", error_name(errno)); return; }
  printf("  %ld bytes, flags %x\n", n, m.msg_flags);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    printf("  level %d type %d length %zu:", c->cmsg_level, c->cmsg_type, c->cmsg_len);
    int value;
    memcpy(&value, CMSG_DATA(c), 4);
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type != SO_RXQ_OVFL) {
      struct timespec t, now;
      memcpy(&t, CMSG_DATA(c), sizeof t);
      clock_gettime(CLOCK_REALTIME, &now);
      long most = c->cmsg_type == SO_TIMESTAMP || c->cmsg_type == SO_TIMESTAMP_NEW ? 1000000 : 1000000000;
      printf(" %s, %s\n", t.tv_sec >= now.tv_sec - 5 && t.tv_sec <= now.tv_sec ? "now" : "not now", t.tv_nsec < most ? "in range" : "out of range");
    } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo *p = (void *)CMSG_DATA(c);
      printf(" interface %d %s", p->ipi_ifindex, inet_ntoa(p->ipi_spec_dst));
      printf(" %s\n", inet_ntoa(p->ipi_addr));
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo *p = (void *)CMSG_DATA(c);
      char t[64];
      printf(" interface %d %s\n", p->ipi6_ifindex, inet_ntop(AF_INET6, &p->ipi6_addr, t, sizeof t));
    } else if (c->cmsg_len == CMSG_LEN(1)) {
      printf(" %d\n", *CMSG_DATA(c));
    } else if (c->cmsg_len == CMSG_LEN(4)) {
      printf(" %d\n", value);
    } else {
      printf(" other\n");
    }
  }
}
static void one(const char *what) {
  printf("%s\n", what);
  MUST(send(from, "x", 1, 0) == 1);
  list(0);
}
static void with(const char *what, int level, int type, const void *data, int length) {
  union { char bytes[128]; struct cmsghdr align; } c;
  memset(&c, 0, sizeof c);
  struct iovec v = {"y", 1};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = c.bytes, .msg_controllen = CMSG_SPACE(length)};
  struct cmsghdr *h = CMSG_FIRSTHDR(&m);
  h->cmsg_level = level, h->cmsg_type = type, h->cmsg_len = CMSG_LEN(length);
  memcpy(CMSG_DATA(h), data, length);
  long n = sendmsg(from, &m, 0);
  printf("%s: %s\n", what, n < 0 ? error_name(errno) : "sent");
  if (n > 0) list(0);
}
static void set(int fd, int level, int name, int value) { MUST(setsockopt(fd, level, name, &value, sizeof value) == 0); }
#define WITH(level, type, value) do { int v = value; with(#type " " #value, level, type, &v, sizeof v); } while (0)
static void overflow(void) {
  set(to, SOL_SOCKET, SO_RXQ_OVFL, 1);
  set(to, SOL_SOCKET, SO_RCVBUF, 2304);
  char big[600] = {0};
  for (int i = 0; i < 40; i++) send(from, big, sizeof big, 0);
  printf("more than fits\n");
  int count = 0;
  while (recv(to, big, sizeof big, MSG_DONTWAIT) >= 0) count++;
  printf("%s got through\n", count > 0 && count < 40 ? "some" : "all or none");
  MUST(send(from, "z", 1, 0) == 1);
  struct iovec v = {big, sizeof big};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control};
  MUST(recvmsg(to, &m, 0) == 1);
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  int lost = 0;
  if (c) memcpy(&lost, CMSG_DATA(c), 4);
  printf("type %d, the rest was lost: %d\n", c ? c->cmsg_type : -1, lost == 40 - count);
}
int main(void) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof a;
  from = socket(AF_INET, SOCK_DGRAM, 0), to = socket(AF_INET, SOCK_DGRAM, 0);
  MUST(bind(to, (void *)&a, n) == 0 && getsockname(to, (void *)&a, &n) == 0 && connect(from, (void *)&a, n) == 0);
  one("nothing asked");
  int times[] = {SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMP_NEW, SO_TIMESTAMPNS_NEW};
  for (int i = 0; i < 4; i++) {
    set(to, SOL_SOCKET, times[i], 1);
    one("time");
  }
  set(to, SOL_SOCKET, SO_TIMESTAMPNS_NEW, 0);
  set(to, IPPROTO_IP, IP_PKTINFO, 1);
  set(to, IPPROTO_IP, IP_RECVTTL, 1);
  set(to, IPPROTO_IP, IP_RECVTOS, 1);
  one("IP_PKTINFO, IP_RECVTTL, IP_RECVTOS");
  set(to, SOL_SOCKET, SO_TIMESTAMP, 1);
  MUST(send(from, "x", 1, 0) == 1);
  printf("peeked\n");
  list(MSG_PEEK);
  list(0);
  set(to, SOL_SOCKET, SO_TIMESTAMP, 0);
  set(from, IPPROTO_IP, IP_TTL, 9);
  set(from, IPPROTO_IP, IP_TOS, 0x10);
  one("the sender's options");
  WITH(IPPROTO_IP, IP_TTL, 7);
  WITH(IPPROTO_IP, IP_TTL, 0);
  WITH(IPPROTO_IP, IP_TTL, 256);
  WITH(IPPROTO_IP, IP_TOS, 8);
  WITH(IPPROTO_IP, IP_TOS, -1);
  WITH(IPPROTO_IP, IP_TOS, 256);
  unsigned char tos = 4;
  with("IP_TOS of one byte", IPPROTO_IP, IP_TOS, &tos, 1);
  WITH(IPPROTO_IP, 99, 0);
  WITH(SOL_SOCKET, 99, 0);
  WITH(99, 1, 0);
  struct in_pktinfo p = {.ipi_spec_dst.s_addr = htonl(0x7f000005)};
  with("from 127.0.0.5", IPPROTO_IP, IP_PKTINFO, &p, sizeof p);
  p.ipi_ifindex = if_nametoindex("lo");
  with("by lo", IPPROTO_IP, IP_PKTINFO, &p, sizeof p);
  p.ipi_ifindex = 9999;
  with("by no interface", IPPROTO_IP, IP_PKTINFO, &p, sizeof p);
  p.ipi_ifindex = 0, p.ipi_spec_dst.s_addr = htonl(0x01020304);
  with("from an address of others", IPPROTO_IP, IP_PKTINFO, &p, sizeof p);
  set(to, IPPROTO_IP, IP_PKTINFO, 0);
  set(to, IPPROTO_IP, IP_RECVTTL, 0);
  set(to, IPPROTO_IP, IP_RECVTOS, 0);
  overflow();
  struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  n = sizeof a6;
  from = socket(AF_INET6, SOCK_DGRAM, 0), to = socket(AF_INET6, SOCK_DGRAM, 0);
  MUST(bind(to, (void *)&a6, n) == 0 && getsockname(to, (void *)&a6, &n) == 0 && connect(from, (void *)&a6, n) == 0);
  one("IPv6, nothing asked");
  set(to, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  set(to, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
  set(to, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
  one("IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS");
  WITH(IPPROTO_IPV6, IPV6_HOPLIMIT, 3);
  WITH(IPPROTO_IPV6, IPV6_HOPLIMIT, -1);
  WITH(IPPROTO_IPV6, IPV6_HOPLIMIT, 256);
  WITH(IPPROTO_IPV6, IPV6_TCLASS, 12);
  WITH(IPPROTO_IPV6, IPV6_TCLASS, 300);
  struct in6_pktinfo p6 = {.ipi6_addr = IN6ADDR_LOOPBACK_INIT, .ipi6_ifindex = if_nametoindex("lo")};
  with("from ::1", IPPROTO_IPV6, IPV6_PKTINFO, &p6, sizeof p6);
  p6.ipi6_ifindex = 9999;
  with("by no interface", IPPROTO_IPV6, IPV6_PKTINFO, &p6, sizeof p6);
}
