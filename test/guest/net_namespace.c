/* network_namespaces(7): a new one has a loopback interface that is down, and names and ports of its own. */
#include "guest.h"
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
int main(void) {
  struct ifreq r = {0};
  struct sockaddr_in a = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  socklen_t n = sizeof a;
  struct sockaddr_un u = {AF_UNIX};
  int length = sizeof(sa_family_t) + 1 + sprintf(u.sun_path + 1, "guest.%d", getpid());
  char b[8];
  int l = socket(AF_INET, SOCK_STREAM, 0), x = socket(AF_UNIX, SOCK_STREAM, 0), old = socket(AF_INET, SOCK_STREAM, 0);
  MUST(bind(l, (void *)&a, n) == 0 && listen(l, 4) == 0 && getsockname(l, (void *)&a, &n) == 0);
  MUST(bind(x, (void *)&u, length) == 0 && listen(x, 4) == 0);
  if (unshare(CLONE_NEWNET) < 0) MUST(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0);
  strcpy(r.ifr_name, "lo");
  int d = socket(AF_INET, SOCK_DGRAM, 0), t = socket(AF_INET, SOCK_STREAM, 0), y = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(ioctl(d, SIOCGIFFLAGS, &r));
  printf("flags %#x\n", r.ifr_flags);
  SHOW(ioctl(d, SIOCGIFADDR, &r));
  SHOW(connect(t, (void *)&a, sizeof a));
  SHOW(sendto(d, "x", 1, 0, (void *)&a, sizeof a));
  SHOW(connect(y, (void *)&u, length));
  /* Sockets stay where they were made. */
  SHOW(connect(old, (void *)&a, sizeof a));
  int c = accept(l, 0, 0);
  SHOW(send(old, "hello", 5, 0));
  SHOW(recv(c, b, 8, 0));
  r.ifr_flags = IFF_UP;
  SHOW(ioctl(d, SIOCSIFFLAGS, &r));
  SHOW(ioctl(d, SIOCGIFFLAGS, &r));
  printf("flags %#x\n", r.ifr_flags);
  SHOW(connect(t, (void *)&a, sizeof a));
  int m = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(bind(m, (void *)&a, sizeof a));
  SHOW(listen(m, 1));
  SHOW(connect(t, (void *)&a, sizeof a));
  return 0;
}
