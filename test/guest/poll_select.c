/* poll and select over pipes and files: readiness, hang-up, errors, time-outs, waking by another process. */
#include "guest.h"
static void p1(const char *what, int fd, short events, int timeout) {
  struct pollfd f = {fd, events, 0};
  int n = poll(&f, 1, timeout);
  printf("%s: %d revents %x\n", what, n, f.revents);
}
int main(void) {
  int p[2], q[2];
  MUST(pipe(p) == 0 && pipe(q) == 0);
  p1("empty, read", p[0], POLLIN, 0);
  p1("empty, write", p[1], POLLOUT, 0);
  write(p[1], "abc", 3);
  p1("data", p[0], POLLIN | POLLPRI, -1);
  p1("bad descriptor", 77, POLLIN, 0);
  p1("ignored", -1, POLLIN, 0);
  close(p[1]);
  p1("data and hang-up", p[0], POLLIN, 0);
  char b[8];
  read(p[0], b, 8);
  p1("hang-up", p[0], POLLIN, 0);
  p1("hang-up, no events", p[0], 0, 0);
  close(q[0]);
  p1("no reader", q[1], POLLOUT, 0);
  int f = open("/dev/null", O_RDWR);
  p1("/dev/null", f, POLLIN | POLLOUT, 0);
  struct timespec t0, t1;
  clock_gettime(CLOCK_MONOTONIC, &t0);
  SHOW(poll(0, 0, 30));
  clock_gettime(CLOCK_MONOTONIC, &t1);
  long ms = (t1.tv_sec - t0.tv_sec) * 1000 + (t1.tv_nsec - t0.tv_nsec) / 1000000;
  printf("waited %s\n", ms >= 29 && ms < 5000 ? "long enough" : "wrongly");
  MUST(pipe(p) == 0);
  fflush(stdout);
  pid_t c = fork();
  if (c == 0) { usleep(20000); write(p[1], "late", 4); _exit(0); }
  p1("woken", p[0], POLLIN, 10000);
  fd_set r, w;
  FD_ZERO(&r); FD_ZERO(&w);
  FD_SET(p[0], &r); FD_SET(p[1], &w);
  struct timeval tv = {5, 0};
  int n = select(p[1] + 1, &r, &w, 0, &tv);
  printf("select %d: %d %d\n", n, !!FD_ISSET(p[0], &r), !!FD_ISSET(p[1], &w));
  read(p[0], b, 8);
  FD_ZERO(&r); FD_SET(p[0], &r);
  tv = (struct timeval){0, 10000};
  n = select(p[0] + 1, &r, 0, 0, &tv);
  printf("select %d: %d, left %ld\n", n, !!FD_ISSET(p[0], &r), (long)tv.tv_usec);
  close(60);
  FD_SET(60, &r);
  tv.tv_usec = 0;
  SHOW(select(61, &r, 0, 0, &tv));
  wait(0);
  // A fork's table has room for what is open, at least 64; bits beyond it are not looked at.
  for (int fd = 64; fd < 1024; fd++) close(fd);
  fflush(stdout);
  if (fork() == 0) {
    FD_ZERO(&r); FD_SET(99, &r);
    SHOW(select(100, &r, 0, 0, &tv));
    printf("still set: %d\n", !!FD_ISSET(99, &r));
    dup2(p[1], 70);
    SHOW(select(100, &r, 0, 0, &tv));
    fflush(stdout);
    _exit(0);
  }
  wait(0);
  return 0;
}
