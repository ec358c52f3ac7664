/* rtnetlink(7): requests that would change, make and remove interfaces, in an own network namespace; names of RFC 2292 (ipv6(7)). */
#include "guest.h"
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
/* <linux/netlink.h> and <linux/rtnetlink.h>, which musl does not come with. */
struct nlmsghdr { uint32_t nlmsg_len; uint16_t nlmsg_type, nlmsg_flags; uint32_t nlmsg_seq, nlmsg_pid; };
struct ifinfomsg { uint8_t family, pad; uint16_t type; int index; unsigned flags, change; };
struct rtattr { unsigned short rta_len, rta_type; };
enum { NLM_F_REQUEST = 1, NLM_F_ACK = 4, NLM_F_EXCL = 0x200, NLM_F_CREATE = 0x400, RTM_NEWLINK = 16, RTM_DELLINK = 17 };
enum { IFLA_IFNAME = 3, IFLA_TXQLEN = 13, IFLA_LINKINFO = 18, IFLA_INFO_KIND = 1 };
static int s;
static void ask(const char *what, int type, int flags, struct ifinfomsg info, int attribute, const void *value, int length) {
  struct { struct nlmsghdr h; struct ifinfomsg i; struct rtattr r; char bytes[64]; } q = {{0}};
  q.h.nlmsg_len = sizeof q.h + sizeof q.i + (attribute ? 4 + length : 0);
  q.h.nlmsg_type = type;
  q.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
  q.i = info;
  q.r = (struct rtattr){4 + length, attribute};
  if (attribute) memcpy(q.bytes, value, length);
  char answer[1024];
  MUST(send(s, &q, q.h.nlmsg_len, 0) > 0);
  MUST(recv(s, answer, sizeof answer, 0) >= 20);
  int result;
  memcpy(&result, answer + sizeof(struct nlmsghdr), 4);
  struct ifreq r = {.ifr_name = "lo"};
  int up = ioctl(s, SIOCGIFFLAGS, &r) == 0 ? r.ifr_flags & IFF_UP : -1;
  int queue = ioctl(s, SIOCGIFTXQLEN, &r) == 0 ? r.ifr_metric : -1;
  printf("%s: %s, up %d, queue %d\n", what, result ? error_name(-result) : "done", up, queue);
}
static void old_names(void) {
  struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  socklen_t n = sizeof a;
  int fd = socket(AF_INET6, SOCK_DGRAM, 0), on = 1;
  SHOW(setsockopt(fd, IPPROTO_IPV6, 2 /* IPV6_2292PKTINFO */, &on, sizeof on));
  SHOW(setsockopt(fd, IPPROTO_IPV6, 8 /* IPV6_2292HOPLIMIT */, &on, sizeof on));
  MUST(bind(fd, (void *)&a, n) == 0 && getsockname(fd, (void *)&a, &n) == 0);
  SHOW(sendto(fd, "x", 1, 0, (void *)&a, n));
  char c, control[256];
  struct iovec v = {&c, 1};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  SHOW(recvmsg(fd, &m, 0));
  for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
    printf("  type %d, %d bytes:", h->cmsg_type, (int)(h->cmsg_len - CMSG_LEN(0)));
    if (h->cmsg_type == 8) printf(" %d", *(int *)CMSG_DATA(h));
    else printf(" last of the address %d, interface %d", CMSG_DATA(h)[15], CMSG_DATA(h)[16]);
    printf("\n");
  }
}
int main(void) {
  MUST(administrator());
  MUST(unshare(CLONE_NEWNET) == 0);
  s = socket(AF_NETLINK, SOCK_RAW, 0);
  struct ifinfomsg none = {0}, up = {.index = 1, .flags = IFF_UP, .change = IFF_UP}, down = {.index = 1, .change = IFF_UP}, ninth = {.index = 9};
  struct ifinfomsg named = {.flags = IFF_UP, .change = IFF_UP};
  unsigned queue = 77;
  struct rtattr kind[2] = {{4 + 4, IFLA_INFO_KIND}};
  memcpy(&kind[1], "nuh", 4);
  ask("none", RTM_NEWLINK, 0, none, 0, "", 0);
  ask("the first one up", RTM_NEWLINK, 0, up, 0, "", 0);
  ask("down", RTM_NEWLINK, 0, down, 0, "", 0);
  ask("up by name", RTM_NEWLINK, 0, named, IFLA_IFNAME, "lo", 3);
  ask("another name", RTM_NEWLINK, 0, named, IFLA_IFNAME, "nuh", 4);
  ask("index 9", RTM_NEWLINK, 0, ninth, 0, "", 0);
  ask("exclusively", RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, up, 0, "", 0);
  ask("queue", RTM_NEWLINK, 0, up, IFLA_TXQLEN, &queue, 4);
  ask("a new one of no kind", RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, none, IFLA_IFNAME, "nuh", 4);
  ask("a new one of an unknown kind", RTM_NEWLINK, NLM_F_CREATE, none, IFLA_LINKINFO, kind, 8);
  ask("remove it", RTM_DELLINK, 0, none, IFLA_IFNAME, "nuh", 4);
  ask("remove the first", RTM_DELLINK, 0, up, 0, "", 0);
  ask("remove none", RTM_DELLINK, 0, none, 0, "", 0);
  old_names();
  return 0;
}
