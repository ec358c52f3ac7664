/* TCP_LINGER2: how long a closed socket whose peer does not end its side keeps its port (FIN_WAIT2). */
#include "guest.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
static struct sockaddr_in mine;
static int try_bind(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  int result = bind(fd, (void *)&mine, sizeof mine) < 0 ? errno : 0;
  close(fd);
  return result;
}
static int closed_with(int seconds) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof a;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  MUST(bind(listener, (void *)&a, n) == 0 && listen(listener, 5) == 0 && getsockname(listener, (void *)&a, &n) == 0);
  int from = socket(AF_INET, SOCK_STREAM, 0);
  MUST(setsockopt(from, IPPROTO_TCP, TCP_LINGER2, &seconds, sizeof seconds) == 0);
  MUST(connect(from, (void *)&a, n) == 0 && getsockname(from, (void *)&mine, &n) == 0);
  int to = accept(listener, 0, 0);
  MUST(to >= 0);
  close(listener);
  close(from);
  return to;
}
/* Until the other side's reset is there. */
static void await_reset(int fd) {
  struct pollfd p = {fd, 0};
  poll(&p, 1, 5000);
}
/* Waits for it, up to ten seconds. */
static const char *freed(void) {
  for (int i = 0; i < 100; i++, usleep(100000))
    if (try_bind() == 0) return "free";
  return "taken";
}
int main(void) {
  char b[4];
  signal(SIGPIPE, SIG_IGN);
  /* Nobody else takes the port. */
  if (unshare(CLONE_NEWNET) < 0) MUST(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0);
  struct ifreq up = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int d = socket(AF_INET, SOCK_DGRAM, 0);
  MUST(ioctl(d, SIOCSIFFLAGS, &up) == 0);
  int to = closed_with(1);
  SHOW(read(to, b, 4));
  printf("at once: %s\n", error_name(try_bind()));
  printf("after its time: %s\n", freed());
  SHOW(write(to, "x", 1));
  await_reset(to);
  SHOW(write(to, "x", 1));
  close(to);
  to = closed_with(-1);
  await_reset(to);
  SHOW(read(to, b, 4));
  SHOW(read(to, b, 4));
  SHOW(write(to, "x", 1));
  printf("without time: %s\n", freed());
}
