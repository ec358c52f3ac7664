/* unix(7): SOCK_STREAM pairs: partial writes, peeking, waiting for all, shutdown, broken pipes, resets, poll events. */
#include "guest.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
static volatile int pipes;
static void on(int s) { (void)s; pipes++; }
static void events(const char *what, int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP | POLLRDNORM | POLLWRNORM | POLLRDBAND | POLLWRBAND};
  poll(&p, 1, 0);
  printf("%s: %#x\n", what, p.revents);
}
static void data(int fd) {
  char b[64];
  int s[2], n;
  SHOW(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, s));
  SHOW(fcntl(s[0], F_GETFD));
  SHOW(fcntl(s[1], F_GETFL) & O_NONBLOCK);
  events("fresh", s[0]);
  SHOW(recv(s[0], b, 8, 0));
  SHOW(read(s[0], b, 0));
  SHOW(recv(s[0], b, 0, 0));
  SHOW(write(s[1], "abcdefgh", 8));
  SHOW(send(s[1], "ij", 2, MSG_NOSIGNAL));
  events("data", s[0]);
  SHOW(ioctl(s[0], FIONREAD, &n));
  printf("%d to read\n", n);
  SHOW(recv(s[0], b, 4, MSG_PEEK));
  SHOW(recv(s[0], b, 4, 0));
  printf("%.4s\n", b);
  SHOW(recv(s[0], b, 64, MSG_TRUNC));
  printf("%.6s\n", b);
  SHOW(recv(s[0], b, 4, MSG_OOB) < 0);
  struct iovec v[3] = {{"one ", 4}, {"", 0}, {"two", 3}};
  SHOW(writev(s[0], v, 3));
  struct iovec r[2] = {{b, 2}, {b + 10, 20}};
  SHOW(readv(s[1], r, 2));
  printf("%.2s|%.5s\n", b, b + 10);
  SHOW(lseek(s[0], 0, SEEK_SET));
  SHOW(pread(s[0], b, 1, 0));
  SHOW(send(s[0], 0, 5, 0));
  SHOW(send(s[0], "xy", 2, 0));
  SHOW(recv(s[1], (void *)8, 2, 0));
  SHOW(recv(s[1], b, 2, 0));
  struct stat st;
  SHOW(fstat(s[0], &st));
  printf("mode %o, size %ld, links %ld\n", st.st_mode, (long)st.st_size, (long)st.st_nlink);
  close(s[0]);
  close(s[1]);
}
static void shut(void) {
  char b[64];
  int s[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
  SHOW(write(s[0], "tail", 4));
  SHOW(shutdown(s[0], SHUT_WR));
  events("sender", s[0]);
  events("receiver", s[1]);
  SHOW(write(s[0], "x", 1));
  printf("signals %d\n", pipes);
  SHOW(send(s[0], "x", 1, MSG_NOSIGNAL));
  printf("signals %d\n", pipes);
  SHOW(read(s[1], b, 64));
  SHOW(read(s[1], b, 64));
  SHOW(write(s[1], "back", 4));
  SHOW(read(s[0], b, 64));
  SHOW(shutdown(s[1], SHUT_RD));
  SHOW(shutdown(s[1], 3));
  SHOW(shutdown(s[1], SHUT_RDWR));
  events("both", s[1]);
  close(s[0]);
  close(s[1]);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
  write(s[0], "left", 4);
  close(s[1]);
  events("reset", s[0]);
  SHOW(write(s[0], "x", 1));
  SHOW(read(s[0], b, 1));
  SHOW(read(s[0], b, 1));
  SHOW(write(s[0], "x", 1));
  printf("signals %d\n", pipes);
  close(s[0]);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
  write(s[0], "kept", 4);
  close(s[0]);
  events("closed", s[1]);
  SHOW(read(s[1], b, 64));
  SHOW(read(s[1], b, 64));
  int e = -1;
  socklen_t n = sizeof e;
  SHOW(getsockopt(s[1], SOL_SOCKET, SO_ERROR, &e, &n));
  printf("error %d\n", e);
  SHOW(shutdown(s[1], SHUT_RDWR));
  close(s[1]);
}
static void bulk(void) {
  int s[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
  fflush(stdout);
  pid_t c = fork();
  if (c == 0) {
    close(s[0]);
    static unsigned char big[300000];
    for (unsigned i = 0; i < sizeof big; i++) big[i] = i * 7 + (i >> 9);
    ssize_t w = write(s[1], big, sizeof big);
    _exit(w == sizeof big ? 5 : 6);
  }
  close(s[1]);
  static char in[300000];
  SHOW(recv(s[0], in, sizeof in, MSG_WAITALL));
  printf("digest %llx\n", (unsigned long long)digest(in, sizeof in, 0));
  SHOW(recv(s[0], in, 10, MSG_WAITALL));
  int status;
  wait(&status);
  print_status("writer", status);
  close(s[0]);
  /* What does not fit is refused, and there is room again only when most has been read. */
  MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s) == 0);
  long total = 0, w;
  while ((w = write(s[0], in, 4096)) > 0) total += w;
  SHOW(w);
  printf("buffered over 100 KiB: %d\n", total > 100 * 1024 && total < 400 * 1024);
  events("full", s[0]);
  read(s[1], in, 4096);
  events("little", s[0]);
  while (total > 8192) total -= read(s[1], in, 4096);
  events("most", s[0]);
}
static void unconnected(void) {
  char b[4];
  int s = socket(AF_UNIX, SOCK_STREAM, 0);
  events("unconnected", s);
  SHOW(read(s, b, 4));
  SHOW(write(s, b, 4));
  SHOW(send(s, b, 4, 0));
  SHOW(listen(s, 1));
  SHOW(accept(s, 0, 0));
  struct sockaddr_un a;
  socklen_t n = sizeof a;
  SHOW(getpeername(s, (void *)&a, &n));
  SHOW(shutdown(s, SHUT_RDWR));
  close(s);
}
int main(void) {
  set_handler(SIGPIPE, on, 0);
  data(0);
  shut();
  bulk();
  unconnected();
  return 0;
}
