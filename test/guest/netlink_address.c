/* rtnetlink(7): addresses that are added to the loopback interface of an own network namespace and removed, and what they mean. */
#include "guest.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
/* <linux/netlink.h> and <linux/rtnetlink.h>, which musl does not come with. */
struct sockaddr_nl { unsigned short nl_family, nl_pad; uint32_t nl_pid, nl_groups; };
struct nlmsghdr { uint32_t nlmsg_len; uint16_t nlmsg_type, nlmsg_flags; uint32_t nlmsg_seq, nlmsg_pid; };
struct ifaddrmsg { uint8_t ifa_family, ifa_prefixlen, ifa_flags, ifa_scope; uint32_t ifa_index; };
struct rtattr { unsigned short rta_len, rta_type; };
enum { NLM_F_REQUEST = 1, NLM_F_ACK = 4, NLM_F_DUMP = 0x300, NLM_F_REPLACE = 0x100, NLM_F_EXCL = 0x200, NLM_F_CREATE = 0x400 };
enum { NLMSG_ERROR = 2, NLMSG_DONE = 3, RTM_NEWADDR = 20, RTM_DELADDR = 21, RTM_GETADDR = 22 };
enum { IFA_ADDRESS = 1, IFA_LOCAL = 2, IFA_LABEL = 3, IFA_BROADCAST = 4 };
static int s;
static char buffer[16384];
static int change(int type, int flags, const char *text, int prefix, int scope, int index) {
  struct { struct nlmsghdr h; struct ifaddrmsg a; struct rtattr r; unsigned char bytes[16]; } q = {{0}};
  int family = strchr(text, ':') ? AF_INET6 : AF_INET, length = family == AF_INET ? 4 : 16;
  q.h.nlmsg_len = sizeof q.h + sizeof q.a + 4 + length;
  q.h.nlmsg_type = type;
  q.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
  q.a = (struct ifaddrmsg){family, prefix, 0, scope, index};
  q.r = (struct rtattr){4 + length, IFA_LOCAL};
  if (type == RTM_DELADDR) q.r.rta_type = IFA_ADDRESS;
  MUST(inet_pton(family, text, q.bytes) == 1);
  MUST(send(s, &q, q.h.nlmsg_len, 0) > 0);
  MUST(recv(s, buffer, sizeof buffer, 0) >= 20);
  int result;
  memcpy(&result, buffer + sizeof(struct nlmsghdr), 4);
  printf("%s %s/%d scope %d: %s\n", type == RTM_NEWADDR ? "add" : "remove", text, prefix, scope, result == 0 ? "done" : error_name(-result));
  return result;
}
static void list(void) {
  struct { struct nlmsghdr h; struct ifaddrmsg a; } q = {{sizeof q, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}, {0}};
  MUST(send(s, &q, sizeof q, 0) > 0);
  for (;;) {
    long n = recv(s, buffer, sizeof buffer, 0);
    MUST(n > 0);
    for (char *at = buffer; at < buffer + n; at += (((struct nlmsghdr *)at)->nlmsg_len + 3) & ~3) {
      struct nlmsghdr *h = (void *)at;
      if (h->nlmsg_type == NLMSG_DONE) return;
      MUST(h->nlmsg_type == RTM_NEWADDR);
      struct ifaddrmsg *a = (void *)(h + 1);
      printf("  %s prefix %d scope %d flags %x", a->ifa_family == AF_INET ? "IPv4" : "IPv6", a->ifa_prefixlen, a->ifa_scope, a->ifa_flags & 0x81);
      for (char *r = (char *)(a + 1); r < at + h->nlmsg_len; r += (((struct rtattr *)r)->rta_len + 3) & ~3) {
        struct rtattr *t = (void *)r;
        char text[64];
        if (t->rta_type == IFA_ADDRESS) printf(" %s", inet_ntop(a->ifa_family, r + 4, text, sizeof text));
        if (t->rta_type == IFA_LABEL) printf(" %s", r + 4);
      }
      printf("\n");
    }
  }
}
static void from_to(const char *from, const char *to) {
  struct sockaddr_in a = {.sin_family = AF_INET}, b = {.sin_family = AF_INET};
  socklen_t n = sizeof a;
  int in = socket(AF_INET, SOCK_DGRAM, 0), out = socket(AF_INET, SOCK_DGRAM, 0);
  inet_pton(AF_INET, to, &a.sin_addr);
  inet_pton(AF_INET, from, &b.sin_addr);
  int bound = bind(in, (void *)&a, n);
  printf("%s to %s: bind %s", from, to, bound ? error_name(errno) : "done");
  if (bind(out, (void *)&b, n) < 0) printf(", source %s", error_name(errno));
  getsockname(in, (void *)&a, &n);
  if (bound) a.sin_port = htons(9);
  if (connect(out, (void *)&a, n) < 0) printf(", connect %s\n", error_name(errno));
  else {
    getsockname(out, (void *)&b, &n);
    printf(", connected from %s", inet_ntoa(b.sin_addr));
    char c = 0;
    printf(", sent %ld, received %ld\n", (long)send(out, "x", 1, 0), bound ? -1 : (long)recv(in, &c, 1, MSG_DONTWAIT));
  }
  close(in), close(out);
}
/* Whether what is left moves up when a first address goes is a setting, which a new namespace has of the first one. */
static void promote_none(void) {
  static const char *const files[] = {"/proc/sys/net/ipv4/conf/all/promote_secondaries", "/proc/sys/net/ipv4/conf/lo/promote_secondaries"};
  for (int i = 0; i < 2; i++) {
    char value = '0';
    int fd = open(files[i], O_RDWR);
    if (fd < 0) fd = open(files[i], O_RDONLY);
    else write(fd, "0", 1);
    if (fd < 0) continue;
    MUST(pread(fd, &value, 1, 0) == 1 && value == '0');
    close(fd);
  }
}
int main(void) {
  if (unshare(CLONE_NEWNET) < 0) MUST(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0);
  promote_none();
  s = socket(AF_NETLINK, SOCK_RAW, 0);
  struct ifreq up = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int d = socket(AF_INET, SOCK_DGRAM, 0);
  list();
  MUST(ioctl(d, SIOCSIFFLAGS, &up) == 0);
  list();
  int make = NLM_F_CREATE | NLM_F_EXCL;
  change(RTM_NEWADDR, make, "10.1.2.3", 24, 0, 1);
  change(RTM_NEWADDR, make, "10.1.2.3", 24, 0, 1);
  change(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, "10.1.2.3", 24, 0, 1);
  change(RTM_NEWADDR, make, "10.1.2.4", 24, 0, 1);
  change(RTM_NEWADDR, make, "10.1.2.5", 24, 254, 1);
  change(RTM_NEWADDR, make, "10.9.9.9", 32, 254, 1);
  change(RTM_NEWADDR, make, "10.1.2.3", 33, 0, 1);
  change(RTM_NEWADDR, make, "10.1.2.3", 24, 0, 77);
  change(RTM_NEWADDR, make, "fd00::7", 64, 0, 1);
  change(RTM_NEWADDR, make, "fd00::7", 64, 0, 1);
  list();
  from_to("0.0.0.0", "10.1.2.3");
  from_to("0.0.0.0", "10.1.2.77");
  from_to("10.1.2.4", "10.9.9.9");
  from_to("0.0.0.0", "10.9.9.8");
  from_to("127.0.0.1", "10.1.2.3");
  change(RTM_DELADDR, 0, "10.1.2.9", 24, 0, 1);
  change(RTM_DELADDR, 0, "10.1.2.3", 24, 0, 1);
  change(RTM_DELADDR, 0, "fd00::8", 64, 0, 1);
  list();
  from_to("0.0.0.0", "10.1.2.3");
  up.ifr_flags = 0;
  MUST(ioctl(d, SIOCSIFFLAGS, &up) == 0);
  list();
  up.ifr_flags = IFF_UP;
  MUST(ioctl(d, SIOCSIFFLAGS, &up) == 0);
  list();
  change(RTM_DELADDR, 0, "127.0.0.1", 8, 0, 1);
  from_to("0.0.0.0", "127.0.0.1");
}
