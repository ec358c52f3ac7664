/* Edges of the mmap family: which call refuses what, in which order, and what is left afterwards. */
#include "guest.h"
#include <sys/syscall.h>

#define PAGE 4096L
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)
/* All mappings are made at fixed places in here; addresses are printed as page numbers from its start. */
static char *const base = (char *)0x30000000;

static sigjmp_buf back;
static volatile int fault;
static void on_fault(int sig, siginfo_t *info, void *context) {
  fault = sig * 100 + info->si_code;
  siglongjmp(back, 1);
}
/* The byte at page `n`, or minus the signal and its code. */
static int peek(long n) {
  fault = 0;
  if (sigsetjmp(back, 1) == 0) return *(volatile char *)(base + n * PAGE);
  return -fault;
}
static int poke(long n, int value) {
  fault = 0;
  if (sigsetjmp(back, 1) == 0) *(volatile char *)(base + n * PAGE) = value;
  return -fault;
}
static long place(void *p) {
  return p == MAP_FAILED ? -1 : ((char *)p - base) / PAGE;
}
static long map_at(long n, long pages, int prot, int flags, int fd, long offset) {
  return place(mmap(base + n * PAGE, pages * PAGE, prot, flags | MAP_FIXED, fd, offset));
}
static char *at(long n) {
  return base + n * PAGE;
}

static void refusals(int file, int read_only, int write_only) {
  int pipes[2];
  MUST(pipe(pipes) == 0);
  SHOW(map_at(0, 0, RW, ANON, -1, 0));
  SHOW(map_at(0, 1, RW, MAP_ANONYMOUS, -1, 0));
  SHOW(map_at(0, 1, RW, MAP_PRIVATE, 99, 0));
  SHOW(map_at(0, 1, RW, MAP_PRIVATE, file, 1));
  SHOW(map_at(0, 1, RW, MAP_PRIVATE, pipes[0], 0));
  SHOW(map_at(0, 1, RW, MAP_SHARED, read_only, 0));
  SHOW(map_at(0, 1, PROT_READ, MAP_SHARED, write_only, 0));
  SHOW(map_at(0, 1, RW, MAP_PRIVATE, write_only, 0));
  SHOW(map_at(0, 1, RW, MAP_PRIVATE, read_only, 0));
  SHOW(map_at(0, 1, RW, MAP_SHARED, file, -PAGE));
  SHOW(map_at(0, 1, RW, MAP_PRIVATE | MAP_GROWSDOWN, file, 0));
  SHOW(place(mmap(at(0) + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0)));
  SHOW(place(mmap((void *)0x7ffffffff000, 4 * PAGE, RW, ANON | MAP_FIXED, -1, 0)));
  SHOW(place(mmap(0, -1UL, RW, ANON, -1, 0)));
  SHOW(place(mmap(0, 1UL << 47, RW, ANON, -1, 0)));
  SHOW(map_at(0, 1, PROT_READ, MAP_SHARED, read_only, 0));
  SHOW(mprotect(at(0), PAGE, RW));
}

static void protection(void) {
  SHOW(map_at(0, 10, RW, ANON, -1, 0));
  SHOW(place(mmap(at(4), PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0)));
  SHOW(munmap(at(0) + 1, PAGE));
  SHOW(munmap(at(0), 0));
  SHOW(munmap(at(0), -1UL));
  SHOW(munmap(at(5), PAGE));
  SHOW(munmap(at(5), PAGE));
  SHOW(peek(5));
  SHOW(poke(4, 7));
  SHOW(mprotect(at(4), PAGE, PROT_READ));
  SHOW(poke(4, 8));
  SHOW(mprotect(at(4), PAGE, PROT_NONE));
  SHOW(peek(4));
  SHOW(mprotect(at(4), 3 * PAGE, RW));
  SHOW(peek(4));
  SHOW(mprotect(at(0), PAGE, 0x100));
  SHOW(mprotect(at(0), 0, RW));
  SHOW(mprotect(at(0), PAGE, RW | PROT_GROWSDOWN));
  SHOW(mprotect(at(0), PAGE, RW | PROT_GROWSDOWN | PROT_GROWSUP));
  SHOW(mprotect(at(0), -1UL, RW));
  SHOW(map_at(50, 4, RW, ANON | MAP_GROWSDOWN, -1, 0));
  SHOW(poke(49, 1));
  SHOW(peek(45));
}

static void moving(void) {
  SHOW(map_at(0, 10, RW, ANON, -1, 0));
  SHOW(place(mremap(at(0) + 1, PAGE, PAGE, 0)));
  SHOW(place(mremap(at(0), PAGE, 0, 0)));
  SHOW(place(mremap(at(0), PAGE, PAGE, 16)));
  SHOW(place(mremap(at(0), PAGE, PAGE, MREMAP_FIXED, at(20))));
  SHOW(place(mremap(at(0), 2 * PAGE, 2 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, at(1))));
  SHOW(place(mremap(at(0), 2 * PAGE, 2 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, at(20) + 1)));
  SHOW(place(mremap(at(90), PAGE, PAGE, MREMAP_MAYMOVE)));
  SHOW(place(mremap(at(0), 20 * PAGE, 30 * PAGE, MREMAP_MAYMOVE)));
  SHOW(place(mremap(at(0), 0, PAGE, MREMAP_MAYMOVE)));
  SHOW(place(mremap(at(0), -1UL, PAGE, MREMAP_MAYMOVE)));
  SHOW(place(mremap(at(0), 10 * PAGE, 12 * PAGE, 0)));
  SHOW(place(mremap(at(0), 12 * PAGE, 4 * PAGE, 0)));
  SHOW(peek(4));
  SHOW(poke(0, 3));
  SHOW(place(mremap(at(0), 4 * PAGE, 4 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, at(20))));
  SHOW(peek(0));
  SHOW(peek(20));
  SHOW(place(mremap(at(20), 4 * PAGE, 2 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, at(40))));
  SHOW(peek(22));
  SHOW(peek(41));
}

static void files(int file) {
  char byte;
  SHOW(map_at(0, 8, RW, MAP_SHARED, file, 0));
  SHOW(peek(3));
  SHOW(peek(4));
  SHOW(poke(4, 1));
  SHOW(poke(0, 'Z'));
  MUST(pread(file, &byte, 1, 0) == 1);
  MUST(pwrite(file, "Q", 1, 1) == 1);
  printf("%c %c\n", byte, at(0)[1]);
  SHOW(ftruncate(file, PAGE));
  SHOW(peek(1));
  SHOW(ftruncate(file, 2 * PAGE));
  SHOW(peek(1));
  SHOW(map_at(20, 2, RW, MAP_PRIVATE, file, 0));
  SHOW(poke(20, 'p'));
  printf("%c %c\n", at(0)[0], at(20)[0]);
  SHOW(madvise(at(20), PAGE, MADV_DONTNEED));
  MUST(pwrite(file, "W", 1, PAGE) == 1);
  printf("%c %c\n", at(20)[0], at(21)[0]);
  SHOW(msync(at(0), PAGE, MS_SYNC));
  SHOW(msync(at(0), PAGE, MS_SYNC | MS_ASYNC));
  SHOW(msync(at(0) + 1, PAGE, MS_SYNC));
  SHOW(msync(at(0), 100 * PAGE, MS_SYNC));
}

static void advice(void) {
  SHOW(map_at(30, 6, RW, ANON, -1, 0));
  SHOW(madvise(at(30), PAGE, 999));
  SHOW(madvise(at(30) + 1, PAGE, MADV_DONTNEED));
  SHOW(madvise(at(30), 0, MADV_DONTNEED));
  SHOW(madvise(at(30), -1UL, MADV_DONTNEED));
  SHOW(madvise(at(30), 7 * PAGE, MADV_DONTNEED));
  SHOW(madvise(at(0), PAGE, 8 /* MADV_FREE */));
  SHOW(madvise(at(0), PAGE, 18 /* MADV_WIPEONFORK */));
  SHOW(madvise(at(30), PAGE, 9 /* MADV_REMOVE */));
  unsigned char in_core[8];
  SHOW(map_at(50, 6, RW, ANON, -1, 0));
  SHOW(poke(51, 1));
  SHOW(mincore(at(50), 6 * PAGE, in_core));
  for (int i = 0; i < 6; i++) printf("%d", in_core[i] & 1);
  printf("\n");
  SHOW(mincore(at(50) + 1, PAGE, in_core));
  SHOW(syscall(SYS_mincore, at(50), 0, 8));
  SHOW(syscall(SYS_mincore, at(50), 0, 1ul << 63));
  SHOW(mincore(at(50), 7 * PAGE, in_core));
  SHOW(mincore(at(50), PAGE, (void *)1));
  SHOW(mlock(at(50), 100 * PAGE));
  SHOW(mlock(at(50), -1UL));
  SHOW(munlock(at(50), PAGE));
  SHOW(mlockall(0));
  SHOW(mlockall(8));
}

/* What a program that does not look at mmap's result goes on with. */
static void after_a_failure(void) {
  unsigned char in_core[1];
  for (long length = 0; length <= PAGE; length += PAGE) {
    SHOW(munmap(MAP_FAILED, length));
    SHOW(mprotect(MAP_FAILED, length, PROT_READ));
    SHOW(madvise(MAP_FAILED, length, MADV_DONTNEED));
    SHOW(msync(MAP_FAILED, length, MS_SYNC));
    SHOW(mlock(MAP_FAILED, length));
    SHOW(mincore(MAP_FAILED, length, in_core));
    SHOW(place(mremap(MAP_FAILED, length, PAGE, 0)));
  }
}

static void sharing(void) {
  SHOW(map_at(60, 3, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  SHOW(map_at(70, 3, RW, ANON, -1, 0));
  pid_t child = fork();
  if (child == 0) {
    poke(60, 9);
    poke(70, 9);
    _exit(0);
  }
  MUST(waitpid(child, 0, 0) == child);
  printf("shared %d private %d\n", peek(60), peek(70));
  SHOW(place(mremap(at(60), 3 * PAGE, 5 * PAGE, 0)));
  SHOW(peek(62));
  SHOW(peek(63));
  SHOW(madvise(at(60), PAGE, MADV_DONTNEED));
  SHOW(peek(60));
  SHOW(madvise(at(60), PAGE, 9 /* MADV_REMOVE */));
  SHOW(peek(60));
}

static void limits(void) {
  /* musl's brk() always fails. */
  char *start = (char *)syscall(SYS_brk, 0);
  SHOW(syscall(SYS_brk, start + 100000) - (long)start);
  start[99999] = 1;
  SHOW(syscall(SYS_brk, start) - (long)start);
  SHOW(syscall(SYS_brk, 1L << 62) - (long)start);
  struct rlimit limit = {64 << 20, 64 << 20};
  SHOW(setrlimit(RLIMIT_AS, &limit));
  SHOW(place(mmap(0, 100 << 20, RW, ANON, -1, 0)));
  limit.rlim_cur = limit.rlim_max = 0;
  SHOW(setrlimit(RLIMIT_DATA, &limit));
  SHOW(map_at(80, 1, RW, ANON, -1, 0));
  SHOW(map_at(80, 1, PROT_READ, ANON, -1, 0));
  SHOW(mprotect(at(80), PAGE, RW));
}

int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  set_info_handler(SIGSEGV, on_fault, 0);
  set_info_handler(SIGBUS, on_fault, 0);
  char name[] = "/tmp/memory_edges.XXXXXX";
  int file = mkstemp(name);
  MUST(file >= 0);
  for (int i = 0; i < 4; i++) {
    char page[PAGE];
    memset(page, 'a' + i, PAGE);
    MUST(write(file, page, i == 3 ? 100 : PAGE) > 0);
  }
  int read_only = open(name, O_RDONLY), write_only = open(name, O_WRONLY);
  MUST(unlink(name) == 0);
  refusals(file, read_only, write_only);
  protection();
  SHOW(munmap(at(0), 100 * PAGE));
  moving();
  SHOW(munmap(at(0), 100 * PAGE));
  files(file);
  advice();
  after_a_failure();
  sharing();
  limits();
  return 0;
}
