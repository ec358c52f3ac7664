/* mlock and its kin: which pages are locked, and present; protection keys without a key, remap_file_pages. */
#include "guest.h"
#define PAGE 4096
/* Pages that are locked cannot be thrown away. */
static int locked(char *p) { return madvise(p, PAGE, MADV_DONTNEED) == -1 && errno == EINVAL; }
static char *p;
static void which(void) {
  printf("locked:");
  for (int i = 0; i < 8; i++) if (i != 4) printf(" %d", locked(p + i * PAGE));
  printf("\n");
}
static int resident(char *p) { unsigned char v = 0; MUST(mincore(p, PAGE, &v) == 0); return v & 1; }
int main(void) {
  p = mmap(0, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MUST(p != MAP_FAILED && munmap(p + 4 * PAGE, PAGE) == 0);
  which();
  CALL(mlock, p + 1, 2 * PAGE);
  printf("resident %d %d\n", resident(p + 2 * PAGE), resident(p + 3 * PAGE));
  which();
  CALL(munlock, p + PAGE, 1);
  which();
  CALL(mlock, p + 3 * PAGE, 2 * PAGE);
  CALL(munlock, p + 4 * PAGE, PAGE);
  CALL(munlock, p, 4 * PAGE);
  which();
  CALL(mlock2, p + 5 * PAGE, PAGE, 1);
  printf("resident %d\n", resident(p + 5 * PAGE));
  which();
  CALL(mlock2, p + 5 * PAGE, PAGE, 2);
  CALL(mlock2, p + 5 * PAGE, PAGE, 0);
  printf("resident %d\n", resident(p + 5 * PAGE));
  which();
  CALL(mlockall, 0);
  CALL(mlockall, 8);
  CALL(munlockall);
  which();
  CALL(mlockall, MCL_CURRENT);
  which();
  CALL(munlockall);
  which();
  struct rlimit none = {0, 0};
  if (geteuid() == 0) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
      MUST(setrlimit(RLIMIT_MEMLOCK, &none) == 0 && syscall(SYS_setresuid, 1000, 1000, 1000) == 0);
      CALL(mlock, p, PAGE);
      CALL(mlockall, MCL_CURRENT);
      fflush(stdout);
      _exit(0);
    }
    MUST(waitpid(child, 0, 0) == child);
  }
  // Keys: none can be had with these arguments, on any processor
  CALL(pkey_alloc, 1, 0);
  CALL(pkey_alloc, 0, 8);
  CALL(pkey_free, -1);
  CALL(pkey_free, 99);
  CALL(pkey_mprotect, p, PAGE, PROT_READ, 99);
  CALL(pkey_mprotect, p, PAGE, PROT_READ, -1);
  int pipes[2];
  MUST(pipe(pipes) == 0 && write(pipes[1], "x", 1) == 1);
  CALL(read, pipes[0], p, 1);
  // Pages of a shared mapping in another order
  char name[] = "/tmp/guest.XXXXXX";
  int f = mkstemp(name);
  MUST(f >= 0 && unlink(name) == 0 && ftruncate(f, 4 * PAGE) == 0);
  for (int i = 0; i < 4; i++) MUST(pwrite(f, &"0123"[i], 1, i * PAGE) == 1);
  char *m = mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
  MUST(m != MAP_FAILED);
  CALL(remap_file_pages, m, PAGE, 0, 3, 0);
  CALL(remap_file_pages, m + 3 * PAGE, PAGE, 0, 0, 0);
  printf("%c%c%c%c\n", m[0], m[PAGE], m[2 * PAGE], m[3 * PAGE]);
  CALL(remap_file_pages, m, PAGE, 1, 0, 0);
  CALL(remap_file_pages, p, PAGE, 0, 0, 0);
  return 0;
}
