/* raw(7), icmp(7): echo requests over the loopback interface of an own network namespace, ICMP_FILTER, and what needs rights. */
#include "guest.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#ifndef ICMP_FILTER
#define ICMP_FILTER 1
#endif
static unsigned short sum(const void *data, int length) {
  const unsigned char *p = data;
  unsigned total = 0;
  for (int i = 0; i < length; i++) total += i & 1 ? p[i] << 8 : p[i];
  while (total >> 16) total = (total & 0xffff) + (total >> 16);
  return ~total;
}
static struct { struct icmphdr head; char data[16]; } request;
static void fill(int type, int id) {
  memset(&request, 0, sizeof request);
  request.head.type = type;
  request.head.un.echo.id = htons(id);
  request.head.un.echo.sequence = htons(7);
  strcpy(request.data, "some data");
  request.head.checksum = sum(&request, sizeof request);
}
static void receive(int fd) {
  unsigned char b[256];
  struct sockaddr_in from;
  socklen_t n = sizeof from;
  for (long got; (got = recvfrom(fd, b, sizeof b, MSG_DONTWAIT, (void *)&from, &n)) >= 0; n = sizeof from) {
    struct ip *ip = (void *)b;
    struct icmphdr *icmp = (void *)(b + ip->ip_hl * 4);
    printf("  %ld bytes from %s port %d: version %d header %d ttl %d protocol %d length %d header sum %s;", got,
        inet_ntoa(from.sin_addr), ntohs(from.sin_port), ip->ip_v, ip->ip_hl, ip->ip_ttl, ip->ip_p, ntohs(ip->ip_len), sum(b, 20) ? "bad" : "good");
    printf(" type %d code %d id %d sequence %d sum %s [%s]\n", icmp->type, icmp->code, ntohs(icmp->un.echo.id),
        ntohs(icmp->un.echo.sequence), sum(icmp, got - 20) ? "bad" : "good", (char *)(icmp + 1));
  }
}
static void receive6(int fd) {
  unsigned char b[256];
  struct sockaddr_in6 from;
  socklen_t n = sizeof from;
  for (long got; (got = recvfrom(fd, b, sizeof b, MSG_DONTWAIT, (void *)&from, &n)) >= 0; n = sizeof from) {
    struct icmp6_hdr *icmp = (void *)b;
    char text[64];
    printf("  %ld bytes from %s: type %d id %d sum %x [%s]\n", got, inet_ntop(AF_INET6, &from.sin6_addr, text, sizeof text), icmp->icmp6_type,
        ntohs(icmp->icmp6_id), icmp->icmp6_cksum, (char *)(icmp + 1));
  }
}
int main(void) {
  MUST(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0);
  SHOW(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
  SHOW(socket(AF_INET, SOCK_RAW, 0));
  int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  MUST(fd >= 0);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof to;
  fill(ICMP_ECHO, 99);
  SHOW(sendto(fd, &request, sizeof request, 0, (void *)&to, n));
  struct ifreq up = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  MUST(ioctl(fd, SIOCSIFFLAGS, &up) == 0);
  int value;
  n = sizeof value;
  SHOW(getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &value, &n));
  printf("protocol %d\n", value);
  struct sockaddr_in name;
  n = sizeof name;
  SHOW(getsockname(fd, (void *)&name, &n));
  printf("%s:%d\n", inet_ntoa(name.sin_addr), ntohs(name.sin_port));
  SHOW(send(fd, &request, sizeof request, 0));
  n = sizeof to;
  SHOW(sendto(fd, &request, sizeof request, 0, (void *)&to, n));
  receive(fd);
  printf("a bad checksum, a short message, another type\n");
  request.head.checksum ^= 1;
  SHOW(sendto(fd, &request, sizeof request, 0, (void *)&to, n));
  fill(ICMP_ECHO, 99);
  SHOW(sendto(fd, &request, 6, 0, (void *)&to, n));
  fill(ICMP_TIMESTAMPREPLY, 3);
  SHOW(sendto(fd, &request, sizeof request, 0, (void *)&to, n));
  receive(fd);
  printf("only replies\n");
  value = ~(1 << ICMP_ECHOREPLY);
  SHOW(setsockopt(fd, SOL_RAW, ICMP_FILTER, &value, sizeof value));
  value = 9;
  SHOW(setsockopt(fd, IPPROTO_IP, IP_TTL, &value, sizeof value));
  to.sin_addr.s_addr = htonl(0x7f010203);
  fill(ICMP_ECHO, 100);
  SHOW(sendto(fd, &request, sizeof request, 0, (void *)&to, n));
  receive(fd);
  printf("connected\n");
  SHOW(connect(fd, (void *)&to, n));
  n = sizeof name;
  SHOW(getsockname(fd, (void *)&name, &n));
  printf("%s\n", inet_ntoa(name.sin_addr));
  SHOW(send(fd, &request, sizeof request, 0));
  receive(fd);
  int other = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  SHOW(bind(other, (void *)&to, n));
  value = 64;
  fill(ICMP_ECHO, 101);
  SHOW(sendto(other, &request, sizeof request, 0, (void *)&to, n));
  printf("the one that is connected\n");
  receive(fd);
  printf("the other\n");
  receive(other);
  to.sin_addr.s_addr = htonl(0x08080808);
  SHOW(sendto(other, &request, sizeof request, 0, (void *)&to, n));
  SHOW(bind(other, (void *)&to, n));
  SHOW(listen(other, 1));
  int six = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
  struct { struct icmp6_hdr head; char data[8]; } ask = {{.icmp6_type = ICMP6_ECHO_REQUEST}, "six"};
  ask.head.icmp6_id = htons(6);
  struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  SHOW(sendto(six, &ask, sizeof ask, 0, (void *)&to6, sizeof to6));
  receive6(six);
  struct icmp6_filter filter;
  ICMP6_FILTER_SETBLOCKALL(&filter);
  ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
  SHOW(setsockopt(six, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter));
  SHOW(sendto(six, &ask, sizeof ask, 0, (void *)&to6, sizeof to6));
  receive6(six);
}
