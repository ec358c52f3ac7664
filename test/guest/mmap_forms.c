/* mmap in the forms that memory_edges leaves out: validation, 32BIT, LOCKED, POPULATE, GROWSDOWN, HUGETLB, sharing across fork and exec, files. */
#include "guest.h"
#include <sys/syscall.h>
#define PAGE 4096L
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)
#ifndef MAP_SHARED_VALIDATE
#define MAP_SHARED_VALIDATE 3
#endif
#ifndef MAP_SYNC
#define MAP_SYNC 0x80000
#endif
#ifndef MAP_UNINITIALIZED
#define MAP_UNINITIALIZED 0x4000000
#endif
static sigjmp_buf back;
static volatile int fault;
static void on_fault(int sig, siginfo_t *info, void *context) { fault = sig * 100 + info->si_code; siglongjmp(back, 1); }
static int peek(char *p) { fault = 0; if (sigsetjmp(back, 1) == 0) return *(volatile char *)p; return -fault; }
static int poke(char *p, int v) { fault = 0; if (sigsetjmp(back, 1) == 0) *(volatile char *)p = v; return -fault; }
static long ok(void *p) { return p == MAP_FAILED ? -1 : 0; }
static int resident(char *p) { unsigned char v = 9; return mincore(p, PAGE, &v) < 0 ? -1 : v & 1; }
static void flags(int file) {
  SHOW(ok(mmap(0, PAGE, RW, MAP_SHARED_VALIDATE, file, 0)));
  SHOW(ok(mmap(0, PAGE, RW, MAP_SHARED_VALIDATE | MAP_SYNC, file, 0)));
  SHOW(ok(mmap(0, PAGE, RW, MAP_SHARED_VALIDATE | 0x200000, file, 0)));
  SHOW(ok(mmap(0, PAGE, RW, MAP_SHARED | 0x200000, file, 0)));
  SHOW(ok(mmap(0, PAGE, RW, MAP_SHARED | 0x8000000, file, 0)));
  SHOW(ok(mmap(0, PAGE, RW, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0)));
  SHOW(ok(mmap(0, PAGE, RW, 4, file, 0)));
  SHOW(ok(mmap(0, PAGE, RW, ANON, 77, 0)));
  SHOW(ok(mmap(0, PAGE, RW | 0x100, ANON, -1, 0)));
  SHOW(ok(mmap(0, PAGE, RW, ANON, -1, 100)));
  SHOW(ok(mmap(0, PAGE, RW, ANON, -1, PAGE * 5)));
  SHOW(ok(mmap(0, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, PAGE * 5)));
  SHOW(ok(mmap(0, PAGE, PROT_NONE, MAP_PRIVATE, file, 1L << 40)));
  SHOW(ok(mmap(0, PAGE, RW, ANON | MAP_UNINITIALIZED, -1, 0)));
  SHOW(ok(mmap(0, 2 << 20, RW, MAP_PRIVATE | MAP_HUGETLB, file, 0)));
  char *low = mmap(0, PAGE, RW, ANON | MAP_32BIT, -1, 0);
  printf("below 2 GiB: %d\n", (unsigned long)low < 1ul << 31);
  char *hint = mmap((void *)0x51000123, PAGE, RW, ANON, -1, 0);
  printf("hint rounded: %d\n", hint == (char *)0x51000000);
  char *taken = mmap((void *)0x51000000, PAGE, RW, ANON, -1, 0);
  printf("elsewhere: %d\n", taken != hint && taken != MAP_FAILED);
  printf("NOREPLACE: %d\n", mmap((void *)0x52000000, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == (void *)0x52000000);
  char *pages = mmap(0, 8 * PAGE, RW, ANON, -1, 0), *filled = mmap(0, 8 * PAGE, RW, ANON | MAP_POPULATE, -1, 0);
  printf("present %d, populated %d, non-blocking %d\n", resident(pages), resident(filled + 7 * PAGE), resident(mmap(0, PAGE, RW, ANON | MAP_POPULATE | MAP_NONBLOCK, -1, 0)));
  char *locked = mmap(0, 2 * PAGE, RW, ANON | MAP_LOCKED, -1, 0);
  printf("locked %d %d\n", resident(locked), resident(locked + PAGE));
  SHOW(madvise(locked, PAGE, MADV_DONTNEED));
  SHOW(ok(mmap(0, 1L << 36, PROT_NONE, ANON | MAP_NORESERVE, -1, 0)) == 0 || errno == ENOMEM);
}
static void growing(void) {
  char *area = mmap((void *)0x60000000, 512 * PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0);
  munmap(area, 512 * PAGE);
  char *top = mmap(area + 500 * PAGE, 4 * PAGE, RW, ANON | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
  SHOW(poke(top - PAGE, 1));
  SHOW(poke(top - 100 * PAGE, 2));
  SHOW(peek(top - 50 * PAGE));
  SHOW(mprotect(top, PAGE, PROT_READ | PROT_GROWSDOWN));
  SHOW(poke(top - 100 * PAGE, 2));
  SHOW(poke(top + PAGE, 2));
  /* The guard gap to what is below. */
  mmap(area, PAGE, RW, ANON | MAP_FIXED, -1, 0);
  SHOW(peek(area + 300 * PAGE));
  SHOW(peek(area + 200 * PAGE));
  munmap(area, 512 * PAGE);
}
static void files(int file) {
  char *a = mmap(0, 3 * PAGE, RW, MAP_SHARED, file, 0), *b = mmap(0, 3 * PAGE, PROT_READ, MAP_SHARED, file, PAGE), *c = mmap(0, 3 * PAGE, RW, MAP_PRIVATE, file, 0);
  a[PAGE] = 'x';
  printf("offset %c private %c\n", b[0], c[PAGE]);
  c[PAGE] = 'y';
  a[PAGE] = 'z';
  printf("copied %c\n", c[PAGE]);
  SHOW(peek(b + PAGE * 2));
  /* A mapping outlives its descriptor and its name. */
  char name[] = "/tmp/mmap_forms.XXXXXX";
  int fd = mkstemp(name);
  write(fd, "hello", 5);
  char *m = mmap(0, PAGE, RW, MAP_SHARED, fd, 0);
  close(fd);
  fd = open(name, O_RDONLY);
  unlink(name);
  m[0] = 'J';
  char text[6] = {0};
  pread(fd, text, 5, 0);
  printf("%s, then %d\n", text, m[5]);
  m[4000] = 7; /* beyond the end, within the page: not in the file */
  struct stat s;
  fstat(fd, &s);
  printf("size %ld\n", (long)s.st_size);
  SHOW(ok(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, open("/tmp", O_RDONLY), 0)));
  SHOW(ok(mmap(0, PAGE, RW, MAP_SHARED, open("/dev/zero", O_RDWR), 0)));
  SHOW(ok(mmap(0, PAGE, RW, MAP_PRIVATE, open("/dev/zero", O_RDONLY), 0)));
  SHOW(ok(mmap(0, PAGE, RW, MAP_PRIVATE, open("/dev/null", O_RDWR), 0)));
  SHOW(ok(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, open(name, 010000000 | O_CREAT), 0)));
  unlink(name);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) { a[0] = 'F', c[0] = 'F'; _exit(0); }
  waitpid(p, 0, 0);
  printf("after fork: shared %c private %c\n", a[0], c[0]);
  a[2 * PAGE] = 'q';
  SHOW(msync(a, 3 * PAGE, MS_SYNC));
  SHOW(munmap(a + PAGE, PAGE));
  SHOW(peek(a + PAGE));
  SHOW(peek(a + 2 * PAGE));
  SHOW(peek(a));
}
static void code(void) {
  unsigned char *p = mmap(0, PAGE, RW | PROT_EXEC, ANON, -1, 0);
  memcpy(p, "\xb8\x05\0\0\0\xc3", 6);
  printf("code %d\n", ((int (*)(void))p)());
  p[1] = 6;
  printf("changed %d\n", ((int (*)(void))p)());
  mprotect(p, PAGE, PROT_READ);
  fault = 0;
  if (sigsetjmp(back, 1) == 0) ((int (*)(void))p)();
  printf("not executable %d\n", fault);
  mprotect(p, PAGE, PROT_EXEC);
  printf("executable is readable: %d %d\n", ((int (*)(void))p)(), peek((char *)p + 1));
}
int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  set_info_handler(SIGSEGV, on_fault, 0), set_info_handler(SIGBUS, on_fault, 0);
  char name[] = "/tmp/mmap_forms.XXXXXX";
  int file = mkstemp(name);
  unlink(name);
  for (int i = 0; i < 3; i++) {
    char page[PAGE];
    memset(page, 'a' + i, PAGE);
    write(file, page, PAGE);
  }
  flags(file);
  growing();
  files(file);
  code();
  return 0;
}
