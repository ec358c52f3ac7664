/* pipe2(2) with O_DIRECT: a write is a packet, a read takes one and loses what does not fit; full by packets, F_SETFL, mixed. */
#include "guest.h"
#include <sys/ioctl.h>
int main(void) {
  int p[2], waiting;
  static char b[20000];
  MUST(pipe2(p, O_DIRECT | O_NONBLOCK) == 0);
  printf("flags %d %d\n", fcntl(p[0], F_GETFL) & O_DIRECT, fcntl(p[1], F_GETFL) & O_DIRECT);
  SHOW(write(p[1], "one", 3));
  SHOW(write(p[1], "second", 6));
  SHOW(write(p[1], "3", 1));
  SHOW(ioctl(p[0], FIONREAD, &waiting));
  printf("waiting %d\n", waiting);
  SHOW(read(p[0], b, 0));
  SHOW(read(p[0], b, 100));
  SHOW(read(p[0], b, 2));
  printf("%.2s\n", b);
  SHOW(read(p[0], b, 1));
  printf("%.1s\n", b);
  SHOW(read(p[0], b, 1));
  SHOW(write(p[1], b, 0));
  SHOW(read(p[0], b, 10));
  /* Longer ones are several packets. */
  SHOW(write(p[1], b, 10000));
  for (int i = 0; i < 4; i++) SHOW(read(p[0], b, sizeof b));
  /* As many as there are pages. */
  int n = 0;
  while (write(p[1], "x", 1) == 1) n++;
  printf("full after %d %s\n", n, error_name(errno));
  struct pollfd w = {p[1], POLLOUT, 0};
  SHOW(poll(&w, 1, 0));
  SHOW(read(p[0], b, 5));
  SHOW(poll(&w, 1, 0));
  SHOW(write(p[1], "yz", 2));
  while (read(p[0], b, 5) > 0) n--;
  printf("left %d\n", n);
  struct iovec v[2] = {{"ab", 2}, {"cde", 3}};
  SHOW(writev(p[1], v, 2));
  SHOW(write(p[1], "f", 1));
  struct iovec r[2] = {{b, 1}, {b + 1, 50}};
  SHOW(readv(p[0], r, 2));
  SHOW(read(p[0], b, 50));
  /* A stream again, and both in one pipe. */
  SHOW(fcntl(p[1], F_SETFL, O_NONBLOCK));
  SHOW(write(p[1], "plain", 5));
  SHOW(write(p[1], "er", 2));
  SHOW(fcntl(p[1], F_SETFL, O_NONBLOCK | O_DIRECT));
  SHOW(write(p[1], "packet", 6));
  SHOW(fcntl(p[1], F_SETFL, O_NONBLOCK));
  SHOW(write(p[1], "tail", 4));
  SHOW(read(p[0], b, 3));
  SHOW(read(p[0], b, 8));
  printf("%.8s\n", b);
  SHOW(read(p[0], b, 100));
  printf("%.4s\n", b);
  /* A reader waits for a packet. */
  fcntl(p[0], F_SETFL, 0);
  fcntl(p[1], F_SETFL, O_DIRECT);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    for (int i = 1; i <= 40; i++) MUST(write(p[1], b, i) == i);
    _exit(0);
  }
  long total = 0;
  for (int i = 1; i <= 40; i++) total += read(p[0], b, sizeof b) == i;
  printf("in order %ld\n", total);
  waitpid(child, 0, 0);
  /* One that cannot be read from memory leaves nothing behind. */
  SHOW(write(p[1], (void *)16, 4));
  SHOW(write(p[1], "after", 5));
  SHOW(read(p[0], b, 100));
  close(p[0]);
  set_handler(SIGPIPE, SIG_IGN, 0);
  SHOW(write(p[1], "x", 1));
  return 0;
}
