/* personality(2): what uname(2) says to 32-bit and to old programs, across fork and execve, and flags that 64-bit programs feel nothing of. */
#include "guest.h"
#include <sys/personality.h>
#include <sys/utsname.h>
static void names(const char *when) {
  struct utsname u;
  MUST(uname(&u) == 0);
  printf("%s: %s %s\n", when, u.machine, strncmp(u.release, "2.6.", 4) == 0 ? "2.6" : "as it is");
}
int main(int argc, char **argv) {
  if (argc > 1) {
    printf("after execve %lx\n", syscall(SYS_personality, 0xffffffff));
    names("after execve");
    return 0;
  }
  SHOW(syscall(SYS_personality, 0xffffffff));
  names("at first");
  SHOW(syscall(SYS_personality, PER_LINUX32));
  names("PER_LINUX32");
  SHOW(syscall(SYS_personality, PER_LINUX | UNAME26));
  names("UNAME26");
  unsigned long kept = ADDR_LIMIT_32BIT | SHORT_INODE | WHOLE_SECONDS | ADDR_LIMIT_3GB | ADDR_NO_RANDOMIZE | FDPIC_FUNCPTRS | 0x0200000;
  SHOW(syscall(SYS_personality, PER_LINUX32 | UNAME26 | kept));
  printf("%d\n", syscall(SYS_personality, 0xffffffff) == (PER_LINUX32 | UNAME26 | kept));
  fflush(stdout);
  if (fork() == 0) {
    names("child");
    fflush(stdout);
    execl("/proc/self/exe", argv[0], "again", NULL);
    _exit(1);
  }
  int status;
  MUST(wait(&status) > 0);
  SHOW(status);
  SHOW(syscall(SYS_personality, PER_LINUX) & 0xff);
  names("at last");
  return 0;
}
