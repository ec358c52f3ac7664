/* unix(7): SOCK_DGRAM: bounds, addresses, limits of the queue, connected sockets, and what becomes of a peer. */
#include "guest.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
static volatile int pipes;
static void on(int s) { (void)s; pipes++; }
static struct sockaddr_un name(const char *path) {
  struct sockaddr_un a = {AF_UNIX};
  strcpy(a.sun_path, path);
  return a;
}
static void events(const char *what, int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDHUP};
  poll(&p, 1, 0);
  printf("%s: %#x\n", what, p.revents);
}
static void messages(void) {
  char b[64];
  int s[2], n;
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
  SHOW(send(s[0], "hello", 5, 0));
  SHOW(send(s[0], "", 0, 0));
  SHOW(write(s[0], "third", 5));
  SHOW(ioctl(s[1], FIONREAD, &n));
  printf("first has %d\n", n);
  SHOW(recv(s[1], b, 3, MSG_PEEK | MSG_TRUNC));
  SHOW(recv(s[1], b, 3, 0));
  SHOW(recv(s[1], b, 64, MSG_DONTWAIT));
  struct iovec v = {b, 2};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
  SHOW(recvmsg(s[1], &m, 0));
  printf("flags %#x, name %u\n", m.msg_flags, m.msg_namelen);
  SHOW(recv(s[1], b, 64, MSG_DONTWAIT));
  static char big[300000];
  SHOW(send(s[0], big, sizeof big, 0));
  SHOW(send(s[0], big, 100000, 0));
  SHOW(recv(s[1], b, 64, MSG_TRUNC));
  SHOW(send(s[0], "x", 1, MSG_OOB) < 0);
  SHOW(shutdown(s[1], SHUT_RD));
  SHOW(send(s[0], "x", 1, 0));
  SHOW(recv(s[1], b, 1, 0));
  SHOW(recv(s[1], b, 1, MSG_DONTWAIT));
  SHOW(shutdown(s[0], SHUT_WR));
  SHOW(send(s[0], "x", 1, 0));
  printf("signals %d\n", pipes);
  close(s[1]);
  SHOW(send(s[0], "x", 1, 0));
  close(s[0]);
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
  close(s[1]);
  events("peer gone", s[0]);
  SHOW(send(s[0], "x", 1, 0));
  SHOW(send(s[0], "x", 1, 0));
  SHOW(recv(s[0], b, 1, MSG_DONTWAIT));
  close(s[0]);
}
static void names(void) {
  char b[64];
  struct sockaddr_un x = name("x"), y = name("y"), from;
  socklen_t n;
  int p = socket(AF_UNIX, SOCK_DGRAM, 0), q = socket(AF_UNIX, SOCK_DGRAM, 0), r = socket(AF_UNIX, SOCK_DGRAM, 0);
  SHOW(bind(p, (void *)&x, sizeof x));
  SHOW(send(q, "x", 1, 0));
  SHOW(sendto(q, "one", 3, 0, (void *)&x, sizeof x));
  n = sizeof from;
  SHOW(recvfrom(p, b, 64, 0, (void *)&from, &n));
  printf("from length %u\n", n);
  SHOW(bind(q, (void *)&y, sizeof y));
  SHOW(sendto(q, "two", 3, 0, (void *)&x, sizeof x));
  n = sizeof from;
  SHOW(recvfrom(p, b, 64, 0, (void *)&from, &n));
  printf("from %s, length %u\n", from.sun_path, n);
  SHOW(connect(p, (void *)&y, sizeof y));
  SHOW(sendto(q, "three", 5, 0, (void *)&x, sizeof x));
  SHOW(sendto(r, "no", 2, 0, (void *)&x, sizeof x));
  SHOW(connect(r, (void *)&x, sizeof x));
  SHOW(recv(p, b, 64, 0));
  SHOW(write(p, "answer", 6));
  SHOW(recv(q, b, 64, 0));
  struct sockaddr none = {AF_UNSPEC};
  SHOW(connect(p, &none, sizeof none));
  SHOW(write(p, "x", 1));
  SHOW(sendto(r, "yes", 3, 0, (void *)&x, sizeof x));
  SHOW(recv(p, b, 64, 0));
  close(q);
  SHOW(sendto(p, "x", 1, 0, (void *)&y, sizeof y));
  SHOW(unlink("y"));
  SHOW(sendto(p, "x", 1, 0, (void *)&y, sizeof y));
  SHOW(connect(r, (void *)&x, sizeof x));
  close(p);
  SHOW(send(r, "x", 1, 0));
  SHOW(send(r, "x", 1, 0));
  SHOW(listen(r, 1));
  SHOW(accept(r, 0, 0));
  close(r);
  unlink("x");
}
/* A socket that is not connected back has a short queue; room in it is news to those who wait. */
static void limit(void) {
  char b[64], text[32] = {0};
  struct sockaddr_un x = name("x");
  int p = socket(AF_UNIX, SOCK_DGRAM, 0), q = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  MUST(bind(p, (void *)&x, sizeof x) == 0);
  MUST(connect(q, (void *)&x, sizeof x) == 0);
  int sent = 0;
  while (sent < 2000 && send(q, "message", 7, 0) == 7) sent++;
  printf("%s\n", error_name(errno));
  int f = open("/proc/sys/net/unix/max_dgram_qlen", O_RDONLY);
  if (f >= 0) read(f, text, 31);
  printf("as many as the limit and one more, or the buffer's fill: %d\n", sent == atoi(text) + 1 || sent == 278);
  events("full", q);
  MUST(recv(p, b, 64, 0) == 7);
  events("room", q);
  SHOW(send(q, "again", 5, 0));
  fflush(stdout);
  fcntl(q, F_SETFL, 0);
  pid_t c = fork();
  if (c == 0) _exit(send(q, "blocked", 7, 0) == 7 ? 3 : 4);
  usleep(20000);
  for (int i = 0; i < sent + 1; i++) MUST(recv(p, b, 64, 0) > 0);
  int status;
  wait(&status);
  print_status("blocked sender", status);
  close(p);
  close(q);
  unlink("x");
}
int main(void) {
  set_handler(SIGPIPE, on, 0);
  enter_folder();
  messages();
  names();
  limit();
  leave_folder();
  return 0;
}
