/* pipe(7): EAGAIN, partial writes, PIPE_BUF atomicity, EOF, SIGPIPE and EPIPE, capacity. */
#include "guest.h"
#include <sys/ioctl.h>
static volatile int pipes;
static void on(int s) { (void)s; pipes++; }
int main(void) {
  int p[2];
  MUST(pipe2(p, O_NONBLOCK | O_CLOEXEC) == 0);
  char big[70000] = {0};
  SHOW(read(p[0], big, 10));
  SHOW(write(p[1], big, sizeof big));
  SHOW(write(p[1], big, 1));
  int left;
  SHOW(ioctl(p[0], FIONREAD, &left));
  printf("readable %d, capacity %d\n", left, fcntl(p[0], F_GETPIPE_SZ));
  SHOW(read(p[0], big, 4095));
  SHOW(write(p[1], big, 4096));
  SHOW(read(p[0], big, 1));
  SHOW(write(p[1], big, 4096));
  SHOW(read(p[0], big, sizeof big));
  SHOW(fcntl(p[0], F_GETFD));
  SHOW(fcntl(p[0], F_GETFL) & (O_NONBLOCK | O_ACCMODE));
  SHOW(lseek(p[0], 0, SEEK_SET));
  SHOW(write(p[0], big, 1));
  SHOW(read(p[1], big, 1));
  close(p[1]);
  SHOW(read(p[0], big, 1));
  MUST(pipe(p) == 0);
  close(p[0]);
  signal(SIGPIPE, SIG_IGN);
  SHOW(write(p[1], "x", 1));
  signal(SIGPIPE, on);
  SHOW(write(p[1], "x", 1));
  printf("handled %d\n", pipes);
  fflush(stdout);
  pid_t c = fork();
  if (c == 0) { signal(SIGPIPE, SIG_DFL); write(p[1], "x", 1); _exit(0); }
  int status;
  wait(&status);
  print_status("writer", status);
  return 0;
}
