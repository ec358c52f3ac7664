/* tcp(7): urgent data: the mark, MSG_OOB, SO_OOBINLINE, SIOCATMARK, SIGURG, POLLPRI. */
#include "guest.h"
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
static volatile int urgents;
static void on(int s) { (void)s; urgents++; }
static int k, c;
static void pair(void) {
  int l = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  socklen_t n = sizeof a;
  MUST(bind(l, (void *)&a, sizeof a) == 0 && listen(l, 1) == 0 && getsockname(l, (void *)&a, &n) == 0);
  k = socket(AF_INET, SOCK_STREAM, 0);
  MUST(connect(k, (void *)&a, sizeof a) == 0);
  c = accept(l, 0, 0);
  close(l);
}
static void state(const char *what) {
  int mark = -1, bytes = -1;
  usleep(1000);
  ioctl(c, SIOCATMARK, &mark);
  ioctl(c, FIONREAD, &bytes);
  struct pollfd p = {c, POLLIN | POLLPRI};
  poll(&p, 1, 0);
  printf("%s: at mark %d, readable %d, events %#x, signals %d\n", what, mark, bytes, p.revents, urgents);
}
static void take(int length, int flags) {
  char b[32];
  ssize_t n = recv(c, b, length, flags | MSG_DONTWAIT);
  if (n < 0) printf("%s\n", error_name(errno));
  else printf("\"%.*s\"\n", (int)n, b);
}
int main(void) {
  set_handler(SIGURG, on, SA_RESTART);
  pair();
  SHOW(fcntl(c, F_SETOWN, getpid()));
  state("nothing");
  take(1, MSG_OOB);
  SHOW(send(k, "abcU", 4, MSG_OOB));
  state("sent");
  take(2, 0);
  state("before the mark");
  take(10, 0);
  state("at the mark");
  take(1, MSG_OOB | MSG_PEEK);
  take(1, MSG_OOB);
  take(1, MSG_OOB);
  state("urgent byte read");
  SHOW(send(k, "de", 2, 0));
  state("more");
  take(10, 0);
  state("beyond");
  take(10, 0);
  SHOW(send(k, "xY", 2, MSG_OOB));
  SHOW(send(k, "zW", 2, MSG_OOB));
  state("twice");
  take(10, 0);
  take(10, 0);
  take(1, MSG_OOB);
  take(10, 0);
  SHOW(send(k, "skipS", 5, MSG_OOB));
  SHOW(send(k, "next", 4, 0));
  take(10, 0);
  take(10, 0);
  take(1, MSG_OOB);
  int one = 1;
  SHOW(setsockopt(c, SOL_SOCKET, SO_OOBINLINE, &one, sizeof one));
  SHOW(send(k, "inI", 3, MSG_OOB));
  SHOW(send(k, "line", 4, 0));
  state("inline");
  take(1, MSG_OOB);
  take(10, 0);
  state("inline at the mark");
  take(10, 0);
  state("inline beyond");
  return 0;
}
