/* A megabyte each way over a loopback connection at once, with poll(2), odd sizes, half-close at the end; sendfile, splice. */
#include "guest.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#define TOTAL (1 << 20)
static unsigned char out[TOTAL], in[TOTAL];
static void exchange(int fd, unsigned seed, size_t step) {
  for (size_t i = 0; i < TOTAL; i++) out[i] = (i * 31 + (i >> 11) + seed);
  size_t sent = 0, got = 0;
  int ended = 0;
  fcntl(fd, F_SETFL, O_NONBLOCK);
  while (!ended || sent < TOTAL) {
    struct pollfd p = {fd, POLLIN | (sent < TOTAL ? POLLOUT : 0)};
    poll(&p, 1, -1);
    if (sent < TOTAL && p.revents & POLLOUT) {
      ssize_t n = send(fd, out + sent, TOTAL - sent < step ? TOTAL - sent : step, 0);
      if (n > 0) sent += n;
      if (sent == TOTAL) shutdown(fd, SHUT_WR);
    }
    if (p.revents & POLLIN) {
      ssize_t n = recv(fd, in + got, TOTAL - got ? TOTAL - got : 1, 0);
      if (n > 0) got += n;
      if (n == 0) ended = 1;
    }
  }
  printf("sent %zu, received %zu, digest %llx\n", sent, got, (unsigned long long)digest(in, got, 0));
}
int main(void) {
  int l = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  socklen_t n = sizeof a;
  MUST(bind(l, (void *)&a, sizeof a) == 0 && listen(l, 1) == 0 && getsockname(l, (void *)&a, &n) == 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    int k = socket(AF_INET, SOCK_STREAM, 0);
    MUST(connect(k, (void *)&a, sizeof a) == 0);
    freopen("/dev/null", "w", stdout);
    exchange(k, 7, 3333);
    exit(0);
  }
  int c = accept(l, 0, 0), status;
  exchange(c, 99, 60001);
  wait(&status);
  print_status("peer", status);
  close(c);
  /* A sender that waits writes everything; a file goes by sendfile, a pipe by splice. */
  fflush(stdout);
  child = fork();
  if (child == 0) {
    int k = socket(AF_INET, SOCK_STREAM, 0), p[2];
    MUST(connect(k, (void *)&a, sizeof a) == 0);
    int whole = write(k, out, TOTAL) == TOTAL;
    FILE *f = tmpfile();
    fwrite(out, 1, 200000, f);
    fflush(f);
    off_t at = 1000;
    whole += sendfile(k, fileno(f), &at, 150000) == 150000 && at == 151000;
    MUST(pipe(p) == 0 && write(p[1], out, 5000) == 5000);
    whole += splice(p[0], 0, k, 0, 5000, 0) == 5000;
    _exit(whole);
  }
  c = accept(l, 0, 0);
  usleep(5000);
  int unread;
  SHOW(ioctl(c, FIONREAD, &unread));
  printf("some to read: %d\n", unread > 0);
  SHOW(recv(c, in, TOTAL, MSG_WAITALL));
  printf("digest %llx\n", (unsigned long long)digest(in, TOTAL, 0));
  SHOW(recv(c, in, 150000, MSG_WAITALL));
  printf("digest %llx\n", (unsigned long long)digest(in, 150000, 0));
  int p[2];
  MUST(pipe(p) == 0);
  long moved = 0, r;
  while (moved < 5000 && (r = splice(c, 0, p[1], 0, 5000 - moved, 0)) > 0) moved += r;
  printf("spliced %ld\n", moved);
  SHOW(read(p[0], in, 5000));
  printf("digest %llx\n", (unsigned long long)digest(in, 5000, 0));
  SHOW(recv(c, in, 1, 0));
  wait(&status);
  print_status("sender", status);
  return 0;
}
