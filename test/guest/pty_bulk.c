/* Much data through a pseudoterminal both ways, with writers that wait and readers that are slow; and poll, epoll. */
#include "pty.h"
#include <sys/epoll.h>
static char data[200000], got[200000];
static void fill(unsigned seed) {
  for (int i = 0; i < sizeof data; i++) {
    seed = seed * 1103515245 + 12345;
    data[i] = seed >> 16;
  }
}
int main(void) {
  struct termios raw;
  open_pty();
  MUST(tcgetattr(slave, &raw) == 0);
  cfmakeraw(&raw);
  MUST(tcsetattr(slave, TCSANOW, &raw) == 0);
  for (int way = 0; way < 2; way++) {
    int from = way ? master : slave, to = way ? slave : master;
    fill(way + 1);
    fflush(stdout);
    pid_t p = fork();
    if (p == 0) {
      long n = 0, r;
      while (n < (long)sizeof data && (r = write(from, data + n, sizeof data - n)) > 0) n += r;
      _exit(n == sizeof data ? 0 : 1);
    }
    usleep(20000);
    long n = 0, r;
    while (n < (long)sizeof got && (r = read(to, got + n, 5000)) > 0) n += r;
    int status;
    waitpid(p, &status, 0);
    printf("%s: %ld bytes, equal %d, writer %d\n", way ? "in" : "out", n, memcmp(data, got, sizeof got) == 0, status);
  }
  /* Until there is no room, without waiting. */
  fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK);
  fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
  for (int way = 0; way < 2; way++) {
    int from = way ? master : slave, to = way ? slave : master;
    long n = 0, r;
    struct pollfd p = {from, POLLOUT, 0};
    /* The kernel may make room once more while it passes on what it has. */
    do while ((r = write(from, data + n, 1000)) > 0) n += r;
    while (poll(&p, 1, 50) == 1);
    printf("%s: full after more than 4 KiB %d and less than 64 KiB %d, %s\n", way ? "in" : "out", n > 4096, n < 65536, error_name(errno));
    SHOW(poll(&p, 1, 0));
    long m = 0;
    usleep(5000);
    while ((r = read(to, got + m, 1000)) > 0 || (errno == EAGAIN && m < n && usleep(1000) == 0)) m += r > 0 ? r : 0;
    printf("all of it %d\n", m == n && memcmp(data, got, n) == 0);
    SHOW(poll(&p, 1, 0));
  }
  /* A line discipline between: lines of a file through a terminal that echoes. */
  fcntl(slave, F_SETFL, O_RDWR);
  fcntl(master, F_SETFL, O_RDWR);
  raw.c_lflag |= ICANON | ECHO;
  raw.c_oflag |= OPOST | ONLCR;
  MUST(tcsetattr(slave, TCSANOW, &raw) == 0);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    for (int i = 0; i < 3000; i++) {
      char line[40];
      int n = sprintf(line, "line %d of the file\n", i);
      write(master, line, n);
    }
    _exit(0);
  }
  pid_t q = fork();
  if (q == 0) {
    long n = 0, r;
    while (n < 60000 && (r = read(master, got, sizeof got)) > 0) n += r;
    for (;;) pause();
  }
  int lines = 0, good = 0;
  char line[100], wanted[100];
  for (; lines < 3000; lines++) {
    long n = read(slave, line, sizeof line);
    if (n <= 0) break;
    sprintf(wanted, "line %d of the file\n", lines);
    good += n == (long)strlen(wanted) && memcmp(line, wanted, n) == 0;
  }
  printf("lines %d, good %d\n", lines, good);
  waitpid(p, 0, 0);
  kill(q, SIGKILL);
  waitpid(q, 0, 0);
  return 0;
}
