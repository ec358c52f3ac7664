/* personality(2): what uname(2) says to 32-bit and to old programs, across fork and execve, and flags that 64-bit programs feel nothing of. */
#include "guest.h"
#include <sys/personality.h>
#include <sys/utsname.h>
static void names(const char *when) {
  struct utsname u;
  MUST(uname(&u) == 0);
  printf("%s: %s %s\n", when, u.machine, strncmp(u.release, "2.6.", 4) == 0 ? "2.6" : "as it is");
}
/* What may be done to memory: its line of /proc/self/maps. */
static void rights(const char *what, void *at) {
  FILE *f = fopen("/proc/self/maps", "r");
  char line[512], held[8];
  unsigned long from, to;
  while (fgets(line, sizeof line, f))
    if (sscanf(line, "%lx-%lx %7s", &from, &to, held) == 3 && from <= (uintptr_t)at && (uintptr_t)at < to) printf("%s: %s\n", what, held);
  fclose(f);
}
static void executable(void) {
  static const unsigned char returns_7[] = {0xb8, 7, 0, 0, 0, 0xc3};
  char *before = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SHOW(syscall(SYS_personality, READ_IMPLIES_EXEC));
  rights("mapped before", before);
  SHOW(mprotect(before, 4096, PROT_READ));
  rights("then protected", before);
  SHOW(mprotect(before, 4096, PROT_NONE));
  rights("not readable", before);
  char *code = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  rights("mapped", code);
  memcpy(code, returns_7, sizeof returns_7);
  SHOW(((int (*)(void))code)());
  char *end = (char *)syscall(SYS_brk, 0);
  MUST((char *)syscall(SYS_brk, end + 65536) == end + 65536);
  rights("break", end + 65535);
  syscall(SYS_brk, end);
  SHOW(syscall(SYS_personality, PER_LINUX));
  SHOW(mprotect(code, 4096, PROT_READ));
  rights("as before", code);
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
  executable();
  unsigned long kept = READ_IMPLIES_EXEC | ADDR_LIMIT_32BIT | SHORT_INODE | WHOLE_SECONDS | ADDR_LIMIT_3GB | ADDR_NO_RANDOMIZE | FDPIC_FUNCPTRS | 0x0200000;
  SHOW(syscall(SYS_personality, PER_LINUX32 | UNAME26 | kept));
  printf("kept %d\n", syscall(SYS_personality, 0xffffffff) == (PER_LINUX32 | UNAME26 | kept));
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
