/* sock_diag(7): what the kernel says of the TCP, UDP and Unix sockets of an own network namespace, whole or filtered, and of single ones. */
#include "guest.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
/* <linux/netlink.h>, <linux/inet_diag.h> and <linux/unix_diag.h>, which musl does not come with. */
struct nlmsghdr { uint32_t nlmsg_len; uint16_t nlmsg_type, nlmsg_flags; uint32_t nlmsg_seq, nlmsg_pid; };
struct id { uint16_t sport, dport; uint32_t src[4], dst[4], device, cookie[2]; };
struct inet_request { uint8_t family, protocol, ext, pad; uint32_t states; struct id id; };
struct inet_answer { uint8_t family, state, timer, retrans; struct id id; uint32_t expires, rqueue, wqueue, uid, inode; };
struct unix_request { uint8_t family, protocol; uint16_t pad; uint32_t states, ino, show, cookie[2]; };
struct unix_answer { uint8_t family, type, state, pad; uint32_t ino, cookie[2]; };
struct attribute { unsigned short length, type; };
struct operation { uint8_t code, yes; uint16_t no; };
enum { NLM_F_REQUEST = 1, NLM_F_DUMP = 0x300, NLMSG_ERROR = 2, NLMSG_DONE = 3, SOCK_DIAG_BY_FAMILY = 20 };
static int s;
static struct { char bytes[64]; } known[32];
static unsigned inodes[32];
static int names;
/* Sockets by their own names instead of their numbers. */
static const char *name_of(unsigned inode) {
  if (inode == 0) return "none";
  for (int i = 0; i < names; i++) if (inodes[i] == inode) return known[i].bytes;
  return "unknown";
}
static void name(int fd, const char *text) {
  struct stat st;
  MUST(fstat(fd, &st) == 0);
  inodes[names] = st.st_ino;
  strcpy(known[names++].bytes, text);
}
static unsigned short ports[16];
static int known_ports;
static int port_name(unsigned short port) {
  if (port == 0) return 0;
  for (int i = 0; i < known_ports; i++) if (ports[i] == port) return i + 1;
  ports[known_ports] = port;
  return ++known_ports;
}
static int by_text(const void *a, const void *b) { return strcmp(a, b); }
static void attributes(char *line, char *from, char *end, int family) {
  for (; from < end; from += (((struct attribute *)from)->length + 3) & ~3) {
    struct attribute *a = (void *)from;
    unsigned *words = (void *)(a + 1);
    if (family == AF_UNIX && a->type == 0) {
      const char *path = from + 4;
      sprintf(line + strlen(line), " name %s (%d)", *path ? path : path + 1, a->length - 4);
    } else if (family == AF_UNIX && a->type == 2) sprintf(line + strlen(line), " peer %s", name_of(words[0]));
    else if (family == AF_UNIX && a->type == 3) sprintf(line + strlen(line), " waits %s", a->length == 8 ? name_of(words[0]) : "more");
    else if (family == AF_UNIX && a->type == 4 && strstr(line, " state 10")) sprintf(line + strlen(line), " queue %u of %u", words[0], words[1]);
    else if (family == AF_UNIX && a->type == 6) sprintf(line + strlen(line), " shut %d", from[4]);
    else if (family == AF_UNIX && a->type == 7) sprintf(line + strlen(line), " uid %u", words[0]);
    else if (family != AF_UNIX && a->type == 2) sprintf(line + strlen(line), " info %d", *(unsigned char *)words);
    else if (family != AF_UNIX && a->type == 8) sprintf(line + strlen(line), " shut %d", from[4]);
    else if (family != AF_UNIX && a->type == 11) sprintf(line + strlen(line), " v6only %d", from[4]);
  }
}
/* Sends a request and prints the answers in the order of their text. */
static int ask(const char *what, void *body, int length, int dump) {
  static char buffer[32768], request[512], lines[32][256];
  struct nlmsghdr head = {sizeof head + length, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | (dump ? NLM_F_DUMP : 0), 1, 0};
  memcpy(request, &head, sizeof head);
  memcpy(request + sizeof head, body, length);
  MUST(send(s, request, head.nlmsg_len, 0) > 0);
  int count = 0, result = 0, more = 1;
  while (more) {
    long n = recv(s, buffer, sizeof buffer, 0);
    MUST(n > 0);
    for (char *at = buffer; at < buffer + n; at += (((struct nlmsghdr *)at)->nlmsg_len + 3) & ~3) {
      struct nlmsghdr *h = (void *)at;
      char *line = lines[count];
      if (h->nlmsg_type == NLMSG_DONE) { more = 0; break; }
      if (h->nlmsg_type == NLMSG_ERROR) {
        memcpy(&result, h + 1, 4);
        more = 0;
        break;
      }
      if (((char *)(h + 1))[0] == AF_UNIX) {
        struct unix_answer *a = (void *)(h + 1);
        sprintf(line, "  unix %s type %d state %d", name_of(a->ino), a->type, a->state);
        attributes(line, (char *)(a + 1), at + h->nlmsg_len, AF_UNIX);
      } else {
        struct inet_answer *a = (void *)(h + 1);
        char from[64], to[64];
        inet_ntop(a->family, a->id.src, from, sizeof from);
        inet_ntop(a->family, a->id.dst, to, sizeof to);
        sprintf(line, "  %s %s state %d %s port %d to %s port %d queued %u uid %u timer %d", a->family == AF_INET ? "IPv4" : "IPv6", name_of(a->inode), a->state, from,
                port_name(a->id.sport), to, port_name(a->id.dport), a->rqueue, a->uid, a->timer);
        if (a->state == 10) sprintf(line + strlen(line), " of %u", a->wqueue);
        attributes(line, (char *)(a + 1), at + h->nlmsg_len, a->family);
      }
      count++;
      if (!dump) more = 0;
    }
  }
  qsort(lines, count, sizeof lines[0], by_text);
  printf("%s: %s\n", what, result == 0 ? "" : result == -ENOENT ? "ENOENT" : error_name(-result));
  for (int i = 0; i < count; i++) printf("%s\n", lines[i]);
  return result;
}
static struct sockaddr_in at(int fd) {
  struct sockaddr_in a;
  socklen_t n = sizeof a;
  MUST(getsockname(fd, (void *)&a, &n) == 0);
  port_name(a.sin_port);
  return a;
}
int main(void) {
  MUST(administrator());
  MUST(unshare(CLONE_NEWNET) == 0);
  struct ifreq up = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int control = socket(AF_INET, SOCK_DGRAM, 0);
  MUST(ioctl(control, SIOCSIFFLAGS, &up) == 0);
  close(control);
  s = socket(AF_NETLINK, SOCK_RAW, 4);
  MUST(s >= 0);
  struct inet_request tcp = {AF_INET, IPPROTO_TCP, 0, 0, 0xfff, {0}}, udp = {AF_INET, IPPROTO_UDP, 0, 0, -1, {0}};
  struct unix_request local = {AF_UNIX, 0, 0, -1, 0, 1 | 4 | 8 | 0x10 | 0x40, {0}};
  MUST(ask("TCP at first", &tcp, sizeof tcp, 1) == 0);
  MUST(ask("UDP at first", &udp, sizeof udp, 1) == 0);
  MUST(ask("Unix at first", &local, sizeof local, 1) == 0);
  struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int listener = socket(AF_INET, SOCK_STREAM, 0), bound = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  name(listener, "listener"), name(bound, "bound"), name(client, "client");
  MUST(bind(listener, (void *)&loopback, sizeof loopback) == 0 && listen(listener, 7) == 0);
  MUST(bind(bound, (void *)&loopback, sizeof loopback) == 0);
  struct sockaddr_in to = at(listener);
  MUST(connect(client, (void *)&to, sizeof to) == 0);
  MUST(send(client, "hello", 5, 0) == 5);
  struct sockaddr_in from = at(client);
  ask("TCP, to be accepted", &tcp, sizeof tcp, 1);
  int server = accept(listener, NULL, NULL);
  name(server, "server");
  tcp.ext = 1 << 1;
  ask("TCP, accepted", &tcp, sizeof tcp, 1);
  tcp.states = 1 << 10;
  ask("those that listen", &tcp, sizeof tcp, 1);
  tcp.states = 0xfff;
  tcp.ext = 0;
  tcp.id.sport = to.sin_port;
  ask("by local port", &tcp, sizeof tcp, 1);
  tcp.id.sport = 0;
  tcp.id.dport = to.sin_port;
  ask("by remote port", &tcp, sizeof tcp, 1);
  tcp.id.dport = 0;
  struct { struct inet_request q; struct attribute a; struct operation o[8]; } filtered = {tcp, {4 + 16, 1}, {{2, 8, 20}, {0, 0, ntohs(to.sin_port)}, {3, 8, 12}, {0, 0, ntohs(to.sin_port)}}};
  ask("local port neither below nor above the listener's", &filtered, sizeof tcp + 20, 1);
  filtered.a.length = 4 + 16;
  filtered.o[0] = (struct operation){8, 16, 20};
  int port = -1;
  filtered.o[1] = (struct operation){AF_INET, 8, 0};
  memcpy(&filtered.o[2], &port, 4);
  filtered.o[3] = (struct operation){127, 0, 0};
  ask("remote address in 127.0.0.0/8", &filtered, sizeof tcp + 20, 1);
  filtered.o[3] = (struct operation){10, 0, 0};
  ask("remote address in 10.0.0.0/8", &filtered, sizeof tcp + 20, 1);
  struct inet_request one = {AF_INET, IPPROTO_TCP, 0, 0, -1, {to.sin_port, from.sin_port, {to.sin_addr.s_addr}, {from.sin_addr.s_addr}, 0, {-1, -1}}};
  ask("the connection of a server", &one, sizeof one, 0);
  one.id.cookie[0] = 12345;
  ask("with another cookie", &one, sizeof one, 0);
  one.id.cookie[0] = -1;
  one.id.sport = htons(1);
  ask("where nobody is", &one, sizeof one, 0);
  one.family = 77;
  ask("an unknown family", &one, sizeof one, 1);
  one.family = AF_INET;
  ask("too short", &one, 20, 1);
  int six = socket(AF_INET6, SOCK_STREAM, 0), only = 1;
  name(six, "six");
  setsockopt(six, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  MUST(listen(six, 3) == 0);
  tcp.family = AF_INET6;
  ask("TCP over IPv6", &tcp, sizeof tcp, 1);
  int receiver = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0);
  name(receiver, "receiver"), name(sender, "sender");
  MUST(bind(receiver, (void *)&loopback, sizeof loopback) == 0);
  struct sockaddr_in there = at(receiver);
  MUST(connect(sender, (void *)&there, sizeof there) == 0);
  at(sender);
  ask("UDP", &udp, sizeof udp, 1);
  struct sockaddr_un address = {AF_UNIX, "\0sock_diag"};
  int waits = socket(AF_UNIX, SOCK_STREAM, 0), calls = socket(AF_UNIX, SOCK_STREAM, 0), pair[2];
  name(waits, "waits"), name(calls, "calls");
  MUST(bind(waits, (void *)&address, 2 + 11) == 0 && listen(waits, 4) == 0);
  MUST(connect(calls, (void *)&address, 2 + 11) == 0);
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
  name(pair[0], "left"), name(pair[1], "right");
  shutdown(pair[0], SHUT_WR);
  ask("Unix", &local, sizeof local, 1);
  local.ino = inodes[names - 1];
  local.cookie[0] = local.cookie[1] = -1;
  ask("one of a pair", &local, sizeof local, 0);
  local.cookie[0] = 12345;
  SHOW(ask("with another cookie", &local, sizeof local, 0) == -ESTALE);
  local.ino = 1;
  ask("no such inode", &local, sizeof local, 0);
  return 0;
}
