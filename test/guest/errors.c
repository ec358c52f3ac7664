/* What wrong arguments give, over many calls. */
#include "guest.h"
#include <sys/syscall.h>
#include <sys/ioctl.h>
static int ioctl_not_tty(void) { int f = open("/dev/null", O_RDONLY); struct winsize w; int r = ioctl(f, TIOCGWINSZ, &w); int e = errno; close(f); errno = e; return r; }
int main(void) {
  char b[8];
  SHOW(close(-1));
  SHOW(read(-1, b, 1));
  SHOW(write(1000, b, 1));
  SHOW(fcntl(-1, F_GETFL));
  SHOW(dup(50));
  SHOW(open((char *)1, O_RDONLY));
  SHOW(stat("/none/at/all", (struct stat *)b));
  SHOW(chdir("/none"));
  SHOW(chdir("/dev/null"));
  SHOW(mkdir("/", 0777));
  SHOW(rmdir("/"));
  SHOW(unlink("/"));
  SHOW(readlink("/none", b, 8));
  SHOW(pipe((int *)4));
  SHOW(syscall(SYS_pipe2, b, 0x12345678));
  SHOW(waitpid(999999, 0, 0));
  SHOW(syscall(SYS_wait4, -1, 0, 0xffff, 0));
  SHOW(kill(1000000, SIGTERM));
  SHOW(syscall(SYS_rt_sigprocmask, 0, 0, 0, 4));
  SHOW(syscall(SYS_rt_sigprocmask, 9, b, 0, 8));
  SHOW(lseek(0, 0, 12345));
  SHOW(syscall(SYS_gettimeofday, 1, 0));
  SHOW(getcwd(b, 1) == 0 ? -1 : 0);
  SHOW(syscall(SYS_getrandom, 1, 10, 0));
  SHOW(syscall(SYS_uname, 0));
  struct iovec v = {b, (size_t)-1};
  SHOW(readv(0, &v, 1));
  SHOW(readv(0, &v, -1));
  SHOW(writev(1, (struct iovec *)8, 1));
  SHOW(setpgid(-1, 0));
  SHOW(getpgid(-1));
  SHOW(syscall(SYS_setitimer, 99, 0, 0));
  SHOW(ioctl_not_tty());
  SHOW(syscall(100000));
  SHOW(access("/", 64));
  SHOW(umask(022) & 0);
  struct rlimit l = {10, 5};
  SHOW(setrlimit(RLIMIT_NOFILE, &l));
  SHOW(getrlimit(77, &l));
  return 0;
}
