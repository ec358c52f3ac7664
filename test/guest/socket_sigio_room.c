/* O_ASYNC with F_SETSIG on sockets: si_code and si_band for room to write, connections, ends and resets. */
#include "guest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
static volatile int count, code[16];
static volatile long band[16];
static void on_signal(int s, siginfo_t *info, void *context) {
  (void)context;
  if (count < 16) code[count] = s == SIGURG ? 100 : info->si_code, band[count] = info->si_band;
  count++;
}
static void told(const char *what) {
  printf("%s:", what);
  for (int i = 0; i < count && i < 16; i++)
    if (i > 0 && code[i] == code[i - 1]) continue;
    else if (code[i] == 100) printf(" SIGURG");
    else printf(" %d/%lx", code[i], band[i]);
  printf("\n");
  count = 0;
}
static void watch(int fd) {
  MUST(fcntl(fd, F_SETOWN, getpid()) == 0);
  MUST(fcntl(fd, F_SETSIG, SIGRTMIN) == 0);
  MUST(fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK) == 0);
}
static char block[4096];
static void fill(int fd) {
  while (send(fd, block, sizeof block, MSG_NOSIGNAL) > 0) {}
  printf("full: %s\n", error_name(errno));
}
static void drain(int fd) {
  while (recv(fd, block, sizeof block, MSG_DONTWAIT) > 0) {}
}
static void writable(int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT, 0};
  poll(&p, 1, 0);
  printf("poll %x\n", p.revents);
}
static void unix_room(int type) {
  int ends[2];
  MUST(socketpair(AF_UNIX, type, 0, ends) == 0);
  watch(ends[0]);
  told("nothing yet");
  MUST(send(ends[0], "x", 1, 0) == 1);
  drain(ends[1]);
  told("a byte goes through");
  fill(ends[0]);
  told("filled");
  drain(ends[1]);
  told("drained");
  drain(ends[1]);
  fill(ends[0]);
  writable(ends[0]);
  MUST(send(ends[1], "y", 1, 0) == 1);
  told("something to read");
  MUST(shutdown(ends[1], SHUT_WR) == 0);
  told("no more to read");
  close(ends[1]);
  told("closed");
}
static void tcp_pair(int *from, int *to, int async) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof a;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  MUST(bind(listener, (void *)&a, n) == 0 && listen(listener, 5) == 0 && getsockname(listener, (void *)&a, &n) == 0);
  *from = socket(AF_INET, SOCK_STREAM, 0);
  if (async) watch(*from);
  if (connect(*from, (void *)&a, n) < 0) printf("connect: %s\n", errno == EINPROGRESS ? "in progress" : error_name(errno));
  *to = accept(listener, 0, 0);
  MUST(*to >= 0);
  close(listener);
}
int main(void) {
  struct sigaction sa = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaction(SIGRTMIN, &sa, 0);
  sigaction(SIGURG, &sa, 0);
  sigaction(SIGIO, &sa, 0);
  unix_room(SOCK_STREAM);
  unix_room(SOCK_SEQPACKET);
  int from, to;
  tcp_pair(&from, &to, 1);
  told("connected");
  MUST(send(from, "x", 1, 0) == 1);
  told("a byte goes out");
  MUST(send(to, "x", 1, 0) == 1);
  told("a byte comes");
  MUST(send(to, "u", 1, MSG_OOB) == 1);
  told("an urgent byte comes");
  drain(from);
  MUST(shutdown(to, SHUT_WR) == 0);
  told("the other side sends no more");
  fill(from);
  told("filled");
  writable(from);
  drain(to);
  usleep(20000);
  drain(to);
  printf("%s\n", count > 0 && code[0] == 2 ? "room" : "no room");
  count = 0;
  MUST(shutdown(from, SHUT_WR) == 0);
  told("both ways shut");
  close(from);
  close(to);
  tcp_pair(&from, &to, 1);
  told("connected");
  struct linger l = {1, 0};
  MUST(setsockopt(to, SOL_SOCKET, SO_LINGER, &l, sizeof l) == 0);
  close(to);
  told("reset");
  close(from);
  /* A connection that is refused. */
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof a;
  int closed = socket(AF_INET, SOCK_STREAM, 0);
  MUST(bind(closed, (void *)&a, n) == 0 && getsockname(closed, (void *)&a, &n) == 0);
  from = socket(AF_INET, SOCK_STREAM, 0);
  watch(from);
  printf("connect: %s\n", connect(from, (void *)&a, n) == 0 ? "done" : errno == EINPROGRESS ? "in progress" : error_name(errno));
  told("refused");
  int udp = socket(AF_INET, SOCK_DGRAM, 0), other = socket(AF_INET, SOCK_DGRAM, 0);
  watch(udp);
  MUST(bind(other, (void *)&a, n) == 0 && connect(udp, (void *)&a, n) == 0);
  MUST(send(udp, "x", 1, 0) == 1);
  told("a datagram goes out");
  struct sockaddr_in u;
  n = sizeof u;
  MUST(getsockname(udp, (void *)&u, &n) == 0);
  MUST(sendto(other, "y", 1, 0, (void *)&u, n) == 1);
  told("a datagram comes");
  close(other);
  MUST(send(udp, "x", 1, 0) == 1);
  told("nobody is there");
}
