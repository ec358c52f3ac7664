/* A megabyte through a pipe that holds 64 KiB, with odd sizes on both sides. */
#include "guest.h"
int main(void) {
  int p[2];
  MUST(pipe(p) == 0);
  pid_t child = fork();
  if (child == 0) {
    close(p[0]);
    unsigned char buf[3333];
    unsigned x = 1;
    size_t left = 1 << 20;
    while (left) {
      size_t n = left < sizeof buf ? left : sizeof buf;
      for (size_t i = 0; i < n; i++) buf[i] = (x = x * 1103515245 + 12345) >> 16;
      for (size_t done = 0; done < n;) { ssize_t w = write(p[1], buf + done, n - done); MUST(w > 0); done += w; }
      left -= n;
    }
    _exit(0);
  }
  close(p[1]);
  static unsigned char buf[70001];
  size_t total = 0;
  uint64_t h = 0;
  ssize_t n;
  while ((n = read(p[0], buf, sizeof buf)) > 0) { h = digest(buf, n, h); total += n; }
  printf("%zu bytes, digest %llx, end %zd\n", total, (unsigned long long)h, n);
  int status;
  wait(&status);
  print_status("writer", status);
  return 0;
}
