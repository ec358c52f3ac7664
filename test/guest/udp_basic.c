/* udp(7): datagrams over the loopback interface: names, connecting, errors of connected sockets, truncation, corking, timeouts. */
#include "guest.h"
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
static socklen_t n;
static struct sockaddr_in loop(int fd) {
  struct sockaddr_in a = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  MUST(bind(fd, (void *)&a, sizeof a) == 0);
  n = sizeof a;
  getsockname(fd, (void *)&a, &n);
  return a;
}
static void events(const char *what, int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDHUP};
  poll(&p, 1, 0);
  printf("%s: %#x\n", what, p.revents);
}
int main(void) {
  char b[64];
  static char big[70000];
  int u = socket(AF_INET, SOCK_DGRAM, 0), v = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP), w;
  struct sockaddr_in a = loop(u), from, none = {AF_UNSPEC};
  events("fresh", v);
  SHOW(send(v, "x", 1, 0));
  SHOW(recv(v, b, 1, MSG_DONTWAIT));
  SHOW(sendto(v, "one", 3, 0, (void *)&a, sizeof a));
  SHOW(sendto(v, "", 0, 0, (void *)&a, sizeof a));
  SHOW(sendto(v, "three", 5, 0, (void *)&a, sizeof a));
  int bytes;
  SHOW(ioctl(u, FIONREAD, &bytes));
  printf("first has %d\n", bytes);
  n = sizeof from;
  SHOW(recvfrom(u, b, 64, MSG_PEEK, (void *)&from, &n));
  SHOW(recv(u, b, 2, MSG_TRUNC));
  SHOW(recv(u, b, 2, MSG_DONTWAIT));
  struct iovec i = {b, 2};
  struct msghdr m = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &i, .msg_iovlen = 1};
  SHOW(recvmsg(u, &m, 0));
  printf("flags %#x, name %u\n", m.msg_flags, m.msg_namelen);
  struct sockaddr_in own;
  n = sizeof own;
  getsockname(v, (void *)&own, &n);
  printf("the sender is bound to any: %d, its port is told: %d\n", own.sin_addr.s_addr == 0, own.sin_port == from.sin_port);
  SHOW(connect(u, (void *)&from, sizeof from));
  SHOW(send(u, "answer", 6, 0));
  SHOW(recv(v, b, 64, 0));
  w = socket(AF_INET, SOCK_DGRAM, 0);
  SHOW(sendto(w, "stranger", 8, 0, (void *)&a, sizeof a));
  SHOW(recv(u, b, 64, MSG_DONTWAIT));
  SHOW(connect(u, (void *)&none, sizeof none));
  n = sizeof own;
  getsockname(u, (void *)&own, &n);
  printf("a port that was not asked for is gone: %d, the address stays: %d\n", own.sin_port == 0, own.sin_addr.s_addr == a.sin_addr.s_addr);
  SHOW(getpeername(u, (void *)&own, &n));
  SHOW(sendto(w, "gone", 4, 0, (void *)&a, sizeof a));
  close(u);
  u = socket(AF_INET, SOCK_DGRAM, 0);
  a = loop(u);
  SHOW(sendto(v, big, 65508, 0, (void *)&a, sizeof a));
  SHOW(sendto(v, big, 60000, 0, (void *)&a, sizeof a));
  SHOW(recv(u, big, sizeof big, 0));
  SHOW(sendto(v, "x", 1, 0, (void *)&a, 8));
  struct sockaddr_in odd = a;
  odd.sin_port = 0;
  SHOW(sendto(v, "x", 1, 0, (void *)&odd, sizeof odd));
  odd = a;
  odd.sin_family = AF_INET6;
  SHOW(sendto(v, "x", 1, 0, (void *)&odd, sizeof odd));
  odd = a;
  odd.sin_addr.s_addr = htonl(INADDR_BROADCAST);
  SHOW(sendto(v, "x", 1, 0, (void *)&odd, sizeof odd));
  SHOW(sendto(v, "x", 1, MSG_OOB, (void *)&a, sizeof a));
  SHOW(shutdown(v, SHUT_RD));
  SHOW(listen(v, 1));
  SHOW(accept(v, 0, 0));
  /* Nobody is there: who is connected learns of it. */
  close(u);
  SHOW(sendto(w, "x", 1, 0, (void *)&a, sizeof a));
  SHOW(sendto(w, "x", 1, 0, (void *)&a, sizeof a));
  SHOW(connect(w, (void *)&a, sizeof a));
  SHOW(send(w, "x", 1, 0));
  usleep(1000);
  events("refused", w);
  SHOW(recv(w, b, 1, 0));
  events("told", w);
  SHOW(send(w, "x", 1, 0));
  usleep(1000);
  SHOW(send(w, "x", 1, 0));
  int e;
  n = sizeof e;
  SHOW(getsockopt(w, SOL_SOCKET, SO_ERROR, &e, &n));
  printf("error %d\n", e);
  SHOW(shutdown(w, SHUT_RDWR));
  events("shut", w);
  SHOW(recv(w, b, 1, 0));
  SHOW(send(w, "x", 1, MSG_NOSIGNAL));
  close(w);
  /* Parts of one datagram. */
  u = socket(AF_INET, SOCK_DGRAM, 0);
  a = loop(u);
  SHOW(sendto(v, "part ", 5, MSG_MORE, (void *)&a, sizeof a));
  SHOW(sendto(v, "whole", 5, 0, (void *)&a, sizeof a));
  SHOW(recv(u, b, 64, MSG_DONTWAIT));
  printf("%.10s\n", b);
  int on = 1, off = 0;
  SHOW(connect(v, (void *)&a, sizeof a));
  SHOW(setsockopt(v, IPPROTO_UDP, UDP_CORK, &on, sizeof on));
  SHOW(send(v, "ab", 2, 0));
  SHOW(send(v, "cd", 2, 0));
  SHOW(recv(u, b, 64, MSG_DONTWAIT));
  SHOW(setsockopt(v, IPPROTO_UDP, UDP_CORK, &off, sizeof off));
  SHOW(recv(u, b, 64, MSG_DONTWAIT));
  /* What does not fit is lost, not refused. */
  int size = 4096, lost = 0, kept = 0;
  setsockopt(u, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  for (int k = 0; k < 100; k++) lost += send(v, big, 1000, 0) == 1000;
  while (recv(u, big, 2000, MSG_DONTWAIT) == 1000) kept++;
  printf("sent %d, some kept %d, some lost %d\n", lost, kept > 0, kept < 100);
  struct timeval t = {0, 20000};
  setsockopt(u, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
  long before = milliseconds();
  SHOW(recv(u, b, 1, 0));
  printf("waited %d\n", milliseconds() - before >= 19);
  /* IPv6, and both. */
  int s6 = socket(AF_INET6, SOCK_DGRAM, 0);
  struct sockaddr_in6 a6 = {AF_INET6}, f6;
  MUST(bind(s6, (void *)&a6, sizeof a6) == 0);
  n = sizeof a6;
  getsockname(s6, (void *)&a6, &n);
  a.sin_port = a6.sin6_port;
  w = socket(AF_INET, SOCK_DGRAM, 0);
  SHOW(sendto(w, "four", 4, 0, (void *)&a, sizeof a));
  n = sizeof f6;
  SHOW(recvfrom(s6, b, 64, 0, (void *)&f6, &n));
  printf("length %u, mapped %d\n", n, IN6_IS_ADDR_V4MAPPED(&f6.sin6_addr));
  SHOW(sendto(s6, "back", 4, 0, (void *)&f6, sizeof f6));
  SHOW(recv(w, b, 64, 0));
  SHOW(sendto(s6, "self", 4, 0, (void *)&a6, sizeof a6));
  n = sizeof f6;
  SHOW(recvfrom(s6, b, 64, 0, (void *)&f6, &n));
  printf("from the loopback address %d\n", IN6_IS_ADDR_LOOPBACK(&f6.sin6_addr));
  SHOW(sendto(s6, "v4", 2, 0, (void *)&a, sizeof a));
  SHOW(recv(s6, b, 64, 0));
  return 0;
}
