/* netlink(7), rtnetlink(7), netdevice(7): what getifaddrs(3), if_nametoindex(3) and ioctls say of the loopback interface. */
#include "guest.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
/* <linux/netlink.h> and <linux/rtnetlink.h>, which musl does not come with. */
struct sockaddr_nl { unsigned short nl_family, nl_pad; uint32_t nl_pid, nl_groups; };
struct nlmsghdr { uint32_t nlmsg_len; uint16_t nlmsg_type, nlmsg_flags; uint32_t nlmsg_seq, nlmsg_pid; };
struct rtgenmsg { unsigned char rtgen_family; };
struct ifinfomsg { unsigned char ifi_family, pad; unsigned short ifi_type; int ifi_index; unsigned ifi_flags, ifi_change; };
struct ifaddrmsg { uint8_t ifa_family, ifa_prefixlen, ifa_flags, ifa_scope; uint32_t ifa_index; };
struct rtattr { unsigned short rta_len, rta_type; };
enum { NETLINK_ROUTE = 0, NLM_F_REQUEST = 1, NLM_F_MULTI = 2, NLM_F_DUMP = 0x300, NLMSG_ERROR = 2, NLMSG_DONE = 3 };
enum { RTM_NEWLINK = 16, RTM_GETLINK = 18, RTM_NEWADDR = 20, RTM_GETADDR = 22 };
enum { IFLA_ADDRESS = 1, IFLA_IFNAME = 3, IFLA_MTU = 4, IFA_ADDRESS = 1, IFA_LABEL = 3 };
#define ALIGN4(n) (((n) + 3) & ~3)
#define NLMSG_LENGTH(n) ((n) + sizeof(struct nlmsghdr))
#define NLMSG_DATA(h) ((void *)((char *)(h) + sizeof(struct nlmsghdr)))
#define NLMSG_OK(h, n) ((n) >= (long)sizeof(struct nlmsghdr) && (h)->nlmsg_len >= sizeof(struct nlmsghdr) && (long)(h)->nlmsg_len <= (n))
#define NLMSG_NEXT(h, n) ((n) -= ALIGN4((h)->nlmsg_len), (struct nlmsghdr *)((char *)(h) + ALIGN4((h)->nlmsg_len)))
#define FIRST(i) ((struct rtattr *)((char *)(i) + sizeof *(i)))
#define REST(h, i) ((int)((h)->nlmsg_len - NLMSG_LENGTH(sizeof *(i))))
#define RTA_OK(r, n) ((n) >= 4 && (r)->rta_len >= 4 && (r)->rta_len <= (n))
#define RTA_NEXT(r, n) ((n) -= ALIGN4((r)->rta_len), (struct rtattr *)((char *)(r) + ALIGN4((r)->rta_len)))
#define RTA_DATA(r) ((void *)((char *)(r) + 4))
#define RTA_PAYLOAD(r) ((r)->rta_len - 4)
static int s;
static void ask(int type, int flags, int family) {
  struct { struct nlmsghdr h; struct rtgenmsg g; char pad[28]; } q = {{0}};
  q.h.nlmsg_len = NLMSG_LENGTH(sizeof(struct rtgenmsg));
  q.h.nlmsg_type = type;
  q.h.nlmsg_flags = NLM_F_REQUEST | flags;
  q.h.nlmsg_seq = 77;
  q.g.rtgen_family = family;
  struct sockaddr_nl to = {AF_NETLINK};
  SHOW(sendto(s, &q, q.h.nlmsg_len, 0, (void *)&to, sizeof to));
}
/* Prints what is said of the loopback interface only. */
static void answers(void) {
  static char buffer[65536];
  for (int done = 0; !done;) {
    struct sockaddr_nl from = {0};
    socklen_t n = sizeof from;
    ssize_t length = recvfrom(s, buffer, sizeof buffer, 0, (void *)&from, &n);
    MUST(length > 0 && from.nl_pid == 0 && n == sizeof from && from.nl_family == AF_NETLINK);
    for (struct nlmsghdr *h = (void *)buffer; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
      MUST(h->nlmsg_seq == 77);
      if (h->nlmsg_type == NLMSG_DONE) { printf("done, multi %d\n", h->nlmsg_flags & NLM_F_MULTI); done = 1; }
      else if (h->nlmsg_type == NLMSG_ERROR) { printf("error %d\n", *(int *)NLMSG_DATA(h)); done = 1; }
      else if (h->nlmsg_type == RTM_NEWLINK) {
        struct ifinfomsg *i = NLMSG_DATA(h);
        if (i->ifi_index != 1) continue;
        printf("link %d: type %d, flags %#x", i->ifi_index, i->ifi_type, i->ifi_flags);
        int left = REST(h, i);
        for (struct rtattr *r = FIRST(i); RTA_OK(r, left); r = RTA_NEXT(r, left)) {
          if (r->rta_type == IFLA_IFNAME) printf(", name %s", (char *)RTA_DATA(r));
          if (r->rta_type == IFLA_MTU) printf(", mtu %u", *(unsigned *)RTA_DATA(r));
          if (r->rta_type == IFLA_ADDRESS) printf(", address of %d", (int)RTA_PAYLOAD(r));
        }
        printf("\n");
      } else if (h->nlmsg_type == RTM_NEWADDR) {
        struct ifaddrmsg *i = NLMSG_DATA(h);
        if (i->ifa_index != 1 || i->ifa_prefixlen == 32) continue;
        printf("address: family %d/%d, scope %d, flags %#x", i->ifa_family, i->ifa_prefixlen, i->ifa_scope, i->ifa_flags);
        int left = REST(h, i);
        char text[64];
        for (struct rtattr *r = FIRST(i); RTA_OK(r, left); r = RTA_NEXT(r, left)) {
          if (r->rta_type == IFA_ADDRESS) printf(", %s", inet_ntop(i->ifa_family, RTA_DATA(r), text, 64));
          if (r->rta_type == IFA_LABEL) printf(", label %s", (char *)RTA_DATA(r));
        }
        printf("\n");
      }
    }
  }
}
int main(void) {
  struct sockaddr_nl a = {AF_NETLINK};
  socklen_t n = sizeof a;
  s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  SHOW(bind(s, (void *)&a, 5));
  SHOW(bind(s, (void *)&a, sizeof a));
  SHOW(getsockname(s, (void *)&a, &n));
  printf("%u bytes, family %d, port is the process %d\n", n, a.nl_family, a.nl_pid == (unsigned)getpid());
  int t = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE);
  SHOW(bind(t, (void *)&a, sizeof a));
  a.nl_pid = 0;
  SHOW(bind(t, (void *)&a, sizeof a));
  getsockname(t, (void *)&a, &n);
  printf("another port %d\n", a.nl_pid != (unsigned)getpid() && a.nl_pid != 0);
  ask(RTM_GETLINK, NLM_F_DUMP, AF_UNSPEC);
  answers();
  ask(RTM_GETADDR, NLM_F_DUMP, AF_INET);
  answers();
  ask(RTM_GETADDR, NLM_F_DUMP, AF_INET6);
  answers();
  char b[8192];
  SHOW(recv(s, b, 10, MSG_DONTWAIT));
  ask(RTM_GETLINK, NLM_F_DUMP, AF_UNSPEC);
  SHOW(recv(s, b, 10, MSG_PEEK));
  SHOW(recv(s, b, 10, MSG_PEEK | MSG_TRUNC) > 100);
  close(s), close(t);
  struct ifaddrs *all;
  SHOW(getifaddrs(&all));
  int families = 0;
  for (struct ifaddrs *i = all; i; i = i->ifa_next) {
    if (strcmp(i->ifa_name, "lo") || !i->ifa_addr) continue;
    if (i->ifa_addr->sa_family == AF_INET && ((struct sockaddr_in *)i->ifa_addr)->sin_addr.s_addr == htonl(INADDR_LOOPBACK)) {
      printf("127.0.0.1, mask %#x, flags %#x\n", ntohl(((struct sockaddr_in *)i->ifa_netmask)->sin_addr.s_addr), i->ifa_flags);
    }
    if (i->ifa_addr->sa_family == AF_INET6) printf("::1 %d\n", IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr));
  }
  freeifaddrs(all);
  char name[IF_NAMESIZE];
  SHOW(if_nametoindex("lo"));
  SHOW(if_nametoindex("nowhere"));
  printf("%s\n", if_indextoname(1, name) ? name : "none");
  struct ifreq r = {0};
  int d = socket(AF_INET, SOCK_DGRAM, 0);
  strcpy(r.ifr_name, "lo");
  SHOW(ioctl(d, SIOCGIFFLAGS, &r));
  printf("flags %#x\n", r.ifr_flags);
  SHOW(ioctl(d, SIOCGIFMTU, &r));
  printf("mtu %d\n", r.ifr_mtu);
  SHOW(ioctl(d, SIOCGIFADDR, &r));
  printf("%s\n", inet_ntoa(((struct sockaddr_in *)&r.ifr_addr)->sin_addr));
  SHOW(ioctl(d, SIOCGIFNETMASK, &r));
  printf("%s\n", inet_ntoa(((struct sockaddr_in *)&r.ifr_addr)->sin_addr));
  SHOW(ioctl(d, SIOCGIFHWADDR, &r));
  printf("type %d\n", r.ifr_hwaddr.sa_family);
  strcpy(r.ifr_name, "nowhere");
  SHOW(ioctl(d, SIOCGIFFLAGS, &r));
  struct ifconf c = {sizeof b, {b}};
  SHOW(ioctl(d, SIOCGIFCONF, &c));
  printf("the first is %s\n", ((struct ifreq *)b)->ifr_name);
  return 0;
}
