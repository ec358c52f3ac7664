/* fcntl(2): O_ASYNC on sockets: SIGIO to the owner, F_SETSIG with its siginfo, FIOASYNC. */
#include "guest.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
static volatile int count, code, band, fd;
static void on(int s, siginfo_t *i, void *c) {
  count++;
  code = i->si_code;
  band = i->si_band;
  fd = i->si_fd;
}
int main(void) {
  int s[2], one = 1, zero = 0;
  char b[8];
  set_info_handler(SIGIO, on, 0);
  set_info_handler(SIGRTMIN, on, 0);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
  write(s[1], "a", 1);
  printf("without O_ASYNC %d\n", count);
  SHOW(fcntl(s[0], F_SETFL, O_ASYNC));
  SHOW(fcntl(s[0], F_GETFL) & O_ASYNC);
  write(s[1], "b", 1);
  printf("without an owner %d\n", count);
  SHOW(fcntl(s[0], F_SETOWN, getpid()));
  SHOW(fcntl(s[0], F_GETOWN) == getpid());
  write(s[1], "c", 1);
  printf("SIGIO %d\n", count);
  SHOW(fcntl(s[0], F_SETSIG, SIGRTMIN));
  write(s[1], "d", 1);
  printf("F_SETSIG %d, POLL_IN %d, band %#x, its descriptor %d\n", count, code == POLL_IN, band, fd == s[0]);
  SHOW(ioctl(s[0], FIOASYNC, &zero));
  write(s[1], "e", 1);
  printf("off %d\n", count);
  SHOW(ioctl(s[0], FIOASYNC, &one));
  SHOW(fcntl(s[0], F_SETSIG, 0));
  SHOW(fcntl(s[0], F_SETOWN, -getpgrp()));
  SHOW(fcntl(s[0], F_SETOWN, getpid()));
  SHOW(read(s[0], b, 8));
  printf("nothing by reading %d\n", count);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    write(s[1], "f", 1);
    _exit(count);
  }
  int status;
  while (waitpid(child, &status, 0) < 0);
  print_status("the child is not the owner", status);
  printf("from the child %d\n", count);
  return 0;
}
