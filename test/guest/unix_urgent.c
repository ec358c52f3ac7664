/* MSG_OOB on AF_UNIX streams: the mark, SIOCATMARK, MSG_PEEK, SO_OOBINLINE, poll and SIGURG. */
#include "guest.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
#ifndef SIOCATMARK
#define SIOCATMARK 0x8905
#endif
static int ends[2];
static volatile int urgent;
static void on_urgent(int s) { (void)s; urgent++; }
static void begin(const char *title) {
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  printf("-- %s\n", title);
}
static void finish(void) { close(ends[0]); close(ends[1]); }
static void state(void) {
  int mark = -1;
  MUST(ioctl(ends[1], SIOCATMARK, &mark) == 0);
  struct pollfd p = {ends[1], POLLIN | POLLPRI | POLLRDBAND, 0};
  poll(&p, 1, 0);
  printf("  mark %d, poll %x, signals %d\n", mark, p.revents, urgent);
}
static void put(const char *text, int flags) {
  long n = send(ends[0], text, strlen(text), flags | MSG_NOSIGNAL);
  printf("send %s%s = %ld\n", text, flags & MSG_OOB ? " (OOB)" : "", n < 0 ? -errno : n);
  state();
}
static void get(int size, int flags) {
  char b[64] = "";
  struct iovec v = {b, size};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
  long n = recvmsg(ends[1], &m, flags | MSG_DONTWAIT);
  printf("recv %d%s%s", size, flags & MSG_OOB ? " OOB" : "", flags & MSG_PEEK ? " PEEK" : "");
  if (n < 0) printf(" = %s\n", error_name(errno));
  else printf(" = %ld [%.*s] flags %x\n", n, (int)n, b, m.msg_flags);
  state();
}
int main(void) {
  signal(SIGURG, on_urgent);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && send(ends[0], "x", 1, MSG_OOB) == 1);
  finish();
  begin("plain");
  get(1, MSG_OOB);
  MUST(fcntl(ends[1], F_SETOWN, getpid()) == 0);
  put("hello", MSG_OOB);
  get(1, MSG_OOB | MSG_PEEK);
  get(10, MSG_PEEK);
  get(10, 0);
  get(10, 0);
  get(1, MSG_OOB);
  get(1, MSG_OOB);
  get(10, 0);
  finish();
  begin("read over the mark");
  put("hello", MSG_OOB);
  put("world", 0);
  get(3, 0);
  get(10, 0);
  get(10, 0);
  get(1, MSG_OOB);
  get(10, 0);
  finish();
  begin("read out of line first");
  put("hello", MSG_OOB);
  put("world", 0);
  get(1, MSG_OOB);
  get(10, MSG_PEEK);
  get(10, 0);
  get(10, 0);
  finish();
  begin("two marks");
  put("hello", MSG_OOB);
  put("world", MSG_OOB);
  get(1, MSG_OOB | MSG_PEEK);
  get(20, MSG_PEEK);
  get(20, 0);
  get(20, 0);
  get(1, MSG_OOB);
  finish();
  begin("inline");
  int one = 1;
  MUST(setsockopt(ends[1], SOL_SOCKET, SO_OOBINLINE, &one, sizeof one) == 0);
  put("hello", MSG_OOB);
  put("world", 0);
  get(1, MSG_OOB);
  get(20, MSG_PEEK);
  get(20, 0);
  get(20, 0);
  finish();
  begin("at the mark");
  put("x", MSG_OOB);
  get(10, 0);
  put("y", 0);
  get(10, 0);
  get(1, MSG_OOB);
  finish();
  begin("read out of line, more data");
  put("x", MSG_OOB);
  get(1, MSG_OOB);
  put("y", 0);
  get(10, MSG_PEEK);
  get(10, 0);
  finish();
  begin("read out of line, another mark");
  put("ab", MSG_OOB);
  get(1, MSG_OOB);
  put("cd", MSG_OOB);
  get(10, 0);
  get(10, 0);
  get(10, 0);
  finish();
  begin("only a mark");
  put("x", MSG_OOB);
  get(1, MSG_OOB);
  get(10, MSG_PEEK);
  get(10, 0);
  get(10, 0);
  finish();
  begin("all is waited for, but not over the mark");
  put("hello", MSG_OOB);
  put("world", 0);
  char b[16];
  SHOW(recv(ends[1], b, 8, MSG_WAITALL));
  SHOW(recv(ends[1], b, 5, MSG_WAITALL));
  finish();
  begin("the reader is gone");
  shutdown(ends[1], SHUT_RD);
  put("x", MSG_OOB);
  finish();
  begin("the writer is gone");
  put("ab", MSG_OOB);
  shutdown(ends[0], SHUT_WR);
  get(1, 0);
  get(1, 0);
  get(1, MSG_OOB);
  get(1, MSG_OOB);
  finish();
  begin("empty");
  put("", MSG_OOB);
  get(0, MSG_OOB);
  put("q", MSG_OOB);
  get(0, MSG_OOB);
  get(1, MSG_OOB | MSG_WAITALL);
  finish();
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
  SHOW(send(ends[0], "x", 1, MSG_OOB) < 0 ? errno : 0);
  MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
  SHOW(send(ends[0], "x", 1, MSG_OOB) < 0 ? errno : 0);
}
