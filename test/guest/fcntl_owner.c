/* Who is told about a descriptor (F_SETOWN and its kin), and descriptor flags by ioctl(2). */
#include "guest.h"
#include <sys/ioctl.h>
struct owner { int type, pid; };
enum { TID, PID, PGRP };
int main(void) {
  int p[2], one = 1, zero = 0, count = 77;
  MUST(pipe(p) == 0);
  struct owner o = {7, 7};
  CALL(fcntl, p[0], F_GETOWN);
  CALL(fcntl, p[0], F_GETOWN_EX, &o);
  printf("%d %d\n", o.type, o.pid);
  SHOW(syscall(SYS_fcntl, p[0], F_SETOWN, getpid()));
  SHOW(syscall(SYS_fcntl, p[0], F_GETOWN) == getpid());
  CALL(fcntl, p[0], F_GETOWN_EX, &o);
  printf("type %d own %d\n", o.type, o.pid == getpid());
  SHOW(syscall(SYS_fcntl, p[0], F_SETOWN, -getpgrp()));
  o = (struct owner){7, 7};
  CALL(fcntl, p[0], F_GETOWN_EX, &o);
  printf("type %d group %d\n", o.type, o.pid == getpgrp());
  CALL(fcntl, p[0], F_SETOWN, 0x3fffffff);
  o = (struct owner){TID, syscall(SYS_gettid)};
  CALL(fcntl, p[0], F_SETOWN_EX, &o);
  o = (struct owner){7, 7};
  CALL(fcntl, p[0], F_GETOWN_EX, &o);
  printf("type %d own %d\n", o.type, o.pid == getpid());
  o = (struct owner){9, 1};
  CALL(fcntl, p[0], F_SETOWN_EX, &o);
  o = (struct owner){PID, 0x3fffffff};
  CALL(fcntl, p[0], F_SETOWN_EX, &o);
  CALL(fcntl, p[0], F_SETOWN_EX, 8);
  CALL(fcntl, p[0], F_GETOWN_EX, 8);
  CALL(fcntl, p[0], F_GETSIG);
  CALL(fcntl, p[0], F_SETSIG, SIGUSR2);
  CALL(fcntl, p[0], F_GETSIG);
  CALL(fcntl, p[0], F_SETSIG, 65);
  CALL(fcntl, p[0], F_SETSIG, -1);
  CALL(fcntl, p[0], F_SETSIG, 0);
  CALL(fcntl, 99, F_GETOWN);
  // ioctl
  CALL(ioctl, p[0], FIOCLEX);
  CALL(fcntl, p[0], F_GETFD);
  CALL(ioctl, p[0], FIONCLEX);
  CALL(fcntl, p[0], F_GETFD);
  CALL(ioctl, p[0], FIONBIO, &one);
  SHOW(syscall(SYS_fcntl, p[0], F_GETFL) & O_NONBLOCK);
  CALL(ioctl, p[0], FIONBIO, &zero);
  SHOW(syscall(SYS_fcntl, p[0], F_GETFL) & O_NONBLOCK);
  CALL(ioctl, p[0], FIONBIO, 8);
  CALL(ioctl, p[0], FIOASYNC, 8);
  SHOW(write(p[1], "abc", 3));
  CALL(ioctl, p[0], FIONREAD, &count);
  printf("%d to read\n", count);
  int f = open("/tmp", O_TMPFILE | O_RDWR, 0600);
  if (f >= 0) {
    long long size = 77;
    SHOW(write(f, "12345", 5));
    CALL(ioctl, f, FIOQSIZE, &size);
    printf("size %d\n", size >= 0 && size != 77);
    CALL(ioctl, f, FIOQSIZE, 8);
    CALL(ioctl, f, FIOASYNC, &one);
    CALL(fcntl, f, F_GETLEASE);
    SHOW(lseek(f, 2, SEEK_SET));
    CALL(ioctl, f, FIONREAD, &count);
    printf("%d to read\n", count);
  }
  CALL(ioctl, p[0], FIOQSIZE, &count);
  return 0;
}
