/* fcntl(2): O_ASYNC on pipes, FIFOs, terminals and inotify: SIGIO or F_SETSIG's signal to the owner, F_SETOWN_EX, FIOASYNC. */
#include "guest.h"
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <termios.h>
static volatile int count, code, band, fd, thread;
static void on(int s, siginfo_t *i, void *c) {
  count++;
  code = i->si_code;
  band = i->si_band;
  fd = i->si_fd;
  thread = syscall(SYS_gettid);
}
static int expected;
static void told(const char *what) {
  printf("%s: %d", what, count);
  if (count && code > 0 && code < 10) printf(" code %d band %#x its descriptor %d", code, band, fd == expected);
  printf("\n");
  count = code = 0;
}
int main(void) {
  int p[2], one = 1, zero = 0;
  char b[8];
  set_info_handler(SIGIO, on, SA_RESTART);
  set_info_handler(SIGRTMIN, on, SA_RESTART);
  MUST(pipe(p) == 0);
  SHOW(fcntl(p[0], F_SETFL, O_ASYNC));
  write(p[1], "a", 1);
  told("no owner");
  SHOW(fcntl(p[0], F_SETOWN, getpid()));
  write(p[1], "b", 1);
  told("SIGIO");
  SHOW(fcntl(p[0], F_SETSIG, SIGRTMIN));
  expected = p[0];
  write(p[1], "c", 1);
  write(p[1], "d", 1);
  told("written to");
  SHOW(read(p[0], b, 2));
  told("read by itself");
  SHOW(fcntl(p[1], F_SETFL, O_ASYNC | O_NONBLOCK));
  SHOW(fcntl(p[1], F_SETOWN, getpid()));
  SHOW(fcntl(p[1], F_SETSIG, SIGRTMIN));
  expected = p[1];
  SHOW(read(p[0], b, 1));
  told("room");
  expected = p[0];
  close(p[1]);
  told("no writer");
  close(p[0]);

  MUST(pipe(p) == 0);
  struct f_owner_ex owner = {F_OWNER_TID, syscall(SYS_gettid)};
  SHOW(fcntl(p[0], F_SETOWN_EX, &owner));
  SHOW(fcntl(p[0], F_SETSIG, SIGRTMIN));
  SHOW(ioctl(p[0], FIOASYNC, &one));
  SHOW(fcntl(p[0], F_GETFL) & O_ASYNC);
  expected = p[0];
  pid_t child = fork();
  if (child == 0) {
    write(p[1], "x", 1);
    _exit(count);
  }
  int status;
  waitpid(child, &status, 0);
  print_status("who wrote", status);
  told("from another process");
  printf("in the thread %d\n", thread == getpid());
  SHOW(ioctl(p[0], FIOASYNC, &zero));
  write(p[1], "y", 1);
  told("off");
  close(p[0]);
  close(p[1]);

  /* Its owner may be gone. */
  MUST(pipe(p) == 0);
  if ((child = fork()) == 0) pause();
  SHOW(fcntl(p[0], F_SETOWN, child));
  SHOW(fcntl(p[0], F_SETFL, O_ASYNC));
  kill(child, SIGKILL);
  waitpid(child, 0, 0);
  SHOW(write(p[1], "z", 1));
  told("owner gone");
  close(p[0]);
  close(p[1]);

  int in = inotify_init1(0);
  inotify_add_watch(in, "/dev/shm", IN_CREATE);
  fcntl(in, F_SETOWN, getpid());
  fcntl(in, F_SETSIG, SIGRTMIN);
  SHOW(fcntl(in, F_SETFL, O_ASYNC));
  expected = in;
  char name[] = "/dev/shm/sigioXXXXXX";
  int file = mkstemp(name);
  MUST(file >= 0);
  unlink(name);
  printf("inotify %d", count > 0);
  count = 1;
  told("");
  SHOW(ioctl(file, FIOASYNC, &one));
  SHOW(ioctl(file, FIOASYNC, &zero));
  SHOW(fcntl(file, F_SETFL, O_ASYNC));
  close(file);
  close(in);

  int master = posix_openpt(O_RDWR | O_NOCTTY);
  MUST(grantpt(master) == 0 && unlockpt(master) == 0);
  int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
  fcntl(slave, F_SETOWN, getpid());
  fcntl(slave, F_SETSIG, SIGRTMIN);
  SHOW(fcntl(slave, F_SETFL, O_ASYNC));
  expected = slave;
  count = 0;
  write(master, "line\n", 5);
  usleep(20000);
  printf("terminal %d code %d\n", count > 0, code);
  return 0;
}
