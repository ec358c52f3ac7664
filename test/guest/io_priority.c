/* ioprio_set and ioprio_get: classes and levels, whose, what children inherit, errors; process_mrelease of the dying alone. */
#include "guest.h"
#include <sys/syscall.h>
static long get(int which, int who) { return syscall(SYS_ioprio_get, which, who); }
static long set(int which, int who, int class, int level) { return syscall(SYS_ioprio_set, which, who, class << 13 | level); }
int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  SHOW(get(1, 0) >> 13 == 0 || get(1, 0) >> 13 == 2);
  SHOW(set(1, 0, 2, 7));
  SHOW(get(1, 0));
  SHOW(get(1, getpid()));
  SHOW(set(1, 0, 2, 8));
  SHOW(set(1, 0, 3, 0));
  SHOW(get(1, 0));
  SHOW(set(1, 0, 4, 0));
  SHOW(set(1, 0, 7, 0));
  SHOW(set(1, 0, 0, 1));
  SHOW(set(0, 0, 2, 1));
  SHOW(set(4, 0, 2, 1));
  SHOW(get(0, 0));
  SHOW(set(1, 0x3fffffff, 2, 1));
  SHOW(get(1, 0x3fffffff));
  SHOW(get(2, 0x3fffffff));
  SHOW(get(3, 98765));
  SHOW(set(1, 0, 2, 3));
  pid_t p = fork();
  if (p == 0) {
    SHOW(get(1, 0));
    setpgid(0, 0);
    SHOW(set(2, 0, 2, 5));
    SHOW(get(2, 0));
    MUST(setresuid(54321, 54321, 54321) == 0);
    SHOW(set(3, 54321, 2, 6));
    SHOW(get(3, 54321));
    SHOW(set(1, 0, 1, 1));
    SHOW(set(1, getppid(), 2, 1));
    SHOW(set(1, 0, 0, 0));
    exit(0);
  }
  waitpid(p, 0, 0);
  SHOW(get(1, 0));
  int self = syscall(434, getpid(), 0);
  SHOW(syscall(448, self, 0));
  SHOW(syscall(448, self, 1));
  SHOW(syscall(448, 99, 0));
  SHOW(syscall(448, 0, 0));
  p = fork();
  if (p == 0) _exit(0);
  int fd = syscall(434, p, 0);
  waitpid(p, 0, 0);
  SHOW(syscall(448, fd, 0));
  return 0;
}
