/* Each advice of madvise(2): what it does to the pages, what a child sees, what is refused. */
#include "guest.h"
#define PAGE 4096
#ifndef MADV_FREE
#define MADV_FREE 8
#endif
#ifndef MADV_COLD
#define MADV_COLD 20
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#define MADV_KEEPONFORK 19
#endif
static char *pages(int n, int flags) {
  char *p = mmap(0, n * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
  MUST(p != MAP_FAILED);
  return p;
}
static void resident(const char *what, char *p, int n) {
  unsigned char v[16];
  printf("%s:", what);
  MUST(mincore(p, n * PAGE, v) == 0);
  for (int i = 0; i < n; i++) printf(" %d", v[i] & 1);
  printf("\n");
}
static int child_reads(volatile char *p) {
  int status;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(*p);
  MUST(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}
int main(void) {
  char *p = pages(4, MAP_PRIVATE), *s = pages(4, MAP_SHARED), *end = pages(2, MAP_PRIVATE);
  MUST(munmap(end + PAGE, PAGE) == 0);
  resident("untouched", p, 4);
  CALL(madvise, p, 2 * PAGE, MADV_POPULATE_READ);
  resident("populated to read", p, 4);
  CALL(madvise, p + 2 * PAGE, 2 * PAGE, MADV_POPULATE_WRITE);
  resident("populated to write", p, 4);
  memset(p, 7, 4 * PAGE);
  CALL(madvise, p, PAGE, MADV_DONTNEED);
  printf("%d %d\n", p[0], p[PAGE]);
  MUST(mlock(p + PAGE, PAGE) == 0);
  CALL(madvise, p + PAGE, PAGE, MADV_DONTNEED);
  CALL(madvise, p + PAGE, PAGE, MADV_FREE);
  CALL(madvise, p + PAGE, PAGE, 24 /* MADV_DONTNEED_LOCKED */);
  printf("%d\n", p[PAGE]);
  MUST(munlock(p + PAGE, PAGE) == 0);
  const int neutral[] = {MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_COLD, MADV_PAGEOUT, MADV_DONTDUMP, MADV_DODUMP, MADV_FREE};
  for (unsigned i = 0; i < sizeof neutral / sizeof *neutral; i++) {
    memset(s, 5, PAGE);
    printf("advice %d:", neutral[i]);
    if (neutral[i] != MADV_FREE) printf(" %ld", syscall(SYS_madvise, s, PAGE, neutral[i]));
    printf(" kept %d,", s[0]);
    long r = syscall(SYS_madvise, end, 2 * PAGE, neutral[i]);
    printf(" with a hole %s,", r == 0 ? "0" : error_name(errno));
    r = syscall(SYS_madvise, end + 1, PAGE, neutral[i]);
    printf(" unaligned %s\n", r == 0 ? "0" : error_name(errno));
  }
  CALL(madvise, s, PAGE, MADV_FREE);
  p[2 * PAGE] = 42, p[3 * PAGE] = 43;
  CALL(madvise, p + 2 * PAGE, PAGE, MADV_DONTFORK);
  printf("child %d %d\n", child_reads(p + 2 * PAGE), child_reads(p + 3 * PAGE));
  CALL(madvise, p + 2 * PAGE, PAGE, MADV_DOFORK);
  printf("child %d\n", child_reads(p + 2 * PAGE));
  CALL(madvise, p + 2 * PAGE, PAGE, MADV_WIPEONFORK);
  printf("child %d, here %d\n", child_reads(p + 2 * PAGE), p[2 * PAGE]);
  CALL(madvise, p + 2 * PAGE, PAGE, MADV_KEEPONFORK);
  printf("child %d\n", child_reads(p + 2 * PAGE));
  CALL(madvise, s, PAGE, MADV_WIPEONFORK);
  s[0] = 9;
  CALL(madvise, s, PAGE, MADV_REMOVE);
  printf("removed %d\n", s[0]);
  CALL(madvise, p, PAGE, MADV_REMOVE);
  CALL(madvise, p, PAGE, 999);
  CALL(madvise, p, PAGE, -1);
  CALL(madvise, p, 0, MADV_DONTNEED);
  CALL(madvise, p, -1ul, MADV_DONTNEED);
  MUST(mprotect(p, PAGE, PROT_READ) == 0);
  CALL(madvise, p, PAGE, MADV_POPULATE_WRITE);
  CALL(madvise, p, PAGE, MADV_POPULATE_READ);
  MUST(mprotect(p, PAGE, PROT_NONE) == 0);
  CALL(madvise, p, PAGE, MADV_POPULATE_READ);
  CALL(madvise, end, 2 * PAGE, MADV_POPULATE_READ);
  // What these do depends on the kernel's configuration; the address is looked at first.
  const int optional[] = {12 /* MADV_MERGEABLE */, 13 /* MADV_UNMERGEABLE */, 14 /* MADV_HUGEPAGE */, 15 /* MADV_NOHUGEPAGE */, 25 /* MADV_COLLAPSE */};
  for (int i = 0; i < 5; i++) {
    long r = syscall(SYS_madvise, s + 1, PAGE, optional[i]);
    printf("advice %d unaligned: %ld %s\n", optional[i], r, error_name(errno));
  }
  return 0;
}
