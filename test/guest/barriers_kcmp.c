/* membarrier with its registrations, kcmp, personality, getcpu, sysinfo: what they answer and refuse. */
#include "guest.h"
#include <sched.h>
#include <sys/sysinfo.h>
#include <sys/syscall.h>
enum { KCMP_FILE, KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND, KCMP_IO, KCMP_SYSVSEM, KCMP_EPOLL_TFD };
static long barrier(int command, unsigned flags, int cpu) { return syscall(SYS_membarrier, command, flags, cpu); }
static long kcmp(pid_t a, pid_t b, int type, unsigned long x, unsigned long y) {
  long r = syscall(SYS_kcmp, a, b, type, x, y);
  return r > 0 ? 1 : r; /* the order is of no meaning */
}
static void barriers(void) {
  long all = barrier(0, 0, 0);
  printf("known %d\n", (all & 0x1f) == 0x1f);
  SHOW(barrier(8, 0, 0));
  SHOW(barrier(16, 0, 0));
  SHOW(barrier(8, 0, 0));
  SHOW(barrier(2, 0, 0));
  SHOW(barrier(4, 0, 0));
  SHOW(barrier(32, 0, 0));
  SHOW(barrier(64, 0, 0));
  SHOW(barrier(32, 0, 0));
  SHOW(barrier(128, 0, 0));
  SHOW(barrier(256, 0, 0));
  SHOW(barrier(128, 0, 0));
  SHOW(barrier(128, 1, 0));
  SHOW(barrier(128, 1, 100000));
  SHOW(barrier(0, 1, 0));
  SHOW(barrier(8, 1, 0));
  SHOW(barrier(3, 0, 0));
  SHOW(barrier(1 << 20, 0, 0));
  SHOW(barrier(512, 0, 0));
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) _exit(barrier(8, 0, 0) == 0); /* a copy of the memory keeps the registration */
  int status;
  waitpid(p, &status, 0);
  print_status("child", status);
}
static void compare(void) {
  pid_t me = getpid();
  int fd = open("/dev/null", O_RDONLY), copy = dup(fd), other = open("/dev/null", O_RDONLY);
  SHOW(kcmp(me, me, KCMP_FILE, fd, copy));
  SHOW(kcmp(me, me, KCMP_FILE, fd, other));
  SHOW(kcmp(me, me, KCMP_FILE, fd, 99));
  SHOW(kcmp(me, me, KCMP_VM, 0, 0));
  SHOW(kcmp(me, me, 8, 0, 0));
  SHOW(kcmp(me, 0x3fffffff, KCMP_VM, 0, 0));
  SHOW(kcmp(me, -1, KCMP_VM, 0, 0));
  int p[2];
  pipe(p);
  pid_t child = syscall(SYS_clone, 0x200 | 0x400 | 0x800 * 0 | SIGCHLD, 0, 0, 0, 0); /* FS and FILES */
  if (child == 0) {
    char c;
    read(p[0], &c, 1);
    _exit(0);
  }
  SHOW(kcmp(me, child, KCMP_FILE, fd, fd));
  SHOW(kcmp(me, child, KCMP_FILES, 0, 0));
  SHOW(kcmp(me, child, KCMP_FS, 0, 0));
  SHOW(kcmp(me, child, KCMP_SIGHAND, 0, 0));
  SHOW(kcmp(me, child, KCMP_VM, 0, 0));
  write(p[1], "x", 1);
  waitpid(child, 0, 0);
}
static void persona(void) {
  SHOW(syscall(SYS_personality, 0xffffffff));
  SHOW(syscall(SYS_personality, 0x0040000)); /* ADDR_NO_RANDOMIZE, as setarch -R sets it */
  SHOW(syscall(SYS_personality, 0xffffffff));
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) _exit(syscall(SYS_personality, 0xffffffff) == 0x0040000);
  int status;
  waitpid(p, &status, 0);
  print_status("inherited", status);
  SHOW(syscall(SYS_personality, 0));
  SHOW(syscall(SYS_personality, 0xffffffff));
}
int main(void) {
  barriers();
  compare();
  persona();
  unsigned cpu = 9999, node = 9999;
  SHOW(syscall(SYS_getcpu, &cpu, &node, 0));
  printf("%d %d\n", cpu < 9999, node < 9999);
  SHOW(syscall(SYS_getcpu, 0, 0, 0));
  SHOW(syscall(SYS_getcpu, 8, 0, 0));
  struct sysinfo s;
  memset(&s, 0, sizeof s);
  SHOW(sysinfo(&s));
  printf("uptime %d total %d free %d unit %d procs %d\n", s.uptime > 0, s.totalram > 0, s.freeram > 0 && s.freeram <= s.totalram, s.mem_unit > 0, s.procs > 0);
  SHOW(syscall(SYS_sysinfo, 8));
  return 0;
}
