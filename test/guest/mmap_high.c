/* What the kernel does with memory above 4 GiB, where a mapping lies that has no room below: files and what is beyond their ends, fork,
 * mremap, memory that is shared, and the calls that look at other processes' memory or that take vectors, paths and arguments. */
#include "guest.h"
#include <sys/shm.h>
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define PAGE 4096L
#define GIB (1L << 30)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RESERVE (ANON | MAP_NORESERVE)
#define RW (PROT_READ | PROT_WRITE)
static sigjmp_buf back;
static volatile int fault;
static char *volatile where;
static void on_fault(int sig, siginfo_t *info, void *context) {
  fault = sig * 100 + info->si_code;
  where = info->si_addr;
  siglongjmp(back, 1);
}
static int peek(char *p) { fault = 0; if (sigsetjmp(back, 1) == 0) return *(volatile char *)p; return -fault; }
static int poke(char *p, int v) { fault = 0; if (sigsetjmp(back, 1) == 0) *(volatile char *)p = v; return -fault; }
static void *fixed(char *p, long size, int prot, int flags, int fd) { return mmap(p, size, prot, flags | MAP_FIXED, fd, 0); }

static void files(char *p) {
  int fd = memfd_create("file", 0);
  MUST(fd >= 0 && ftruncate(fd, 3 * PAGE) == 0 && pwrite(fd, "abc", 3, PAGE) == 3);
  char *shared = fixed(p, 8 * PAGE, RW, MAP_SHARED, fd), *copy = fixed(p + 8 * PAGE, 8 * PAGE, RW, MAP_PRIVATE, fd);
  SHOW(shared[PAGE] + copy[PAGE]);
  SHOW(poke(shared + PAGE + 1, 'X'));
  SHOW(copy[PAGE + 1]);
  SHOW(poke(copy + PAGE + 1, 'Y'));
  SHOW(poke(shared + PAGE + 1, 'Z'));
  char text[4] = "";
  SHOW(pread(fd, text, 3, PAGE));
  printf("%s %c\n", text, copy[PAGE + 1]);
  SHOW(msync(shared, 8 * PAGE, MS_SYNC));
  SHOW(peek(shared + 3 * PAGE)); /* SIGBUS */
  SHOW(write(1, shared + 3 * PAGE, 1));
  MUST(ftruncate(fd, 0) == 0);
  SHOW(peek(shared + PAGE));
  SHOW(peek(copy + PAGE));
  SHOW(where == copy + PAGE);
  MUST(ftruncate(fd, 2 * PAGE) == 0);
  SHOW(peek(shared + PAGE));
  close(fd);
}

static void forks(char *p) {
  char *shared = fixed(p, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1), *own = fixed(p + PAGE, 3 * PAGE, RW, ANON, -1);
  int *word = (int *)shared;
  own[0] = own[PAGE] = 1;
  MUST(madvise(own + PAGE, PAGE, MADV_WIPEONFORK) == 0 && madvise(own + 2 * PAGE, PAGE, MADV_DONTFORK) == 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    while (*(volatile int *)word == 0) syscall(SYS_futex, word, FUTEX_WAIT, 0, 0, 0, 0);
    int result = own[0] * 10 + own[PAGE] + (peek(own + 2 * PAGE) == -1101) * 100;
    own[0] = 5;
    _exit(result);
  }
  own[0] = 2;
  usleep(2000);
  *(volatile int *)word = 1;
  syscall(SYS_futex, word, FUTEX_WAKE, 9, 0, 0, 0);
  int status;
  MUST(waitpid(child, &status, 0) == child);
  print_status("child", status);
  SHOW(own[0]);
  /* Another process's memory. */
  child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  char bytes[8] = "";
  struct iovec *local = (void *)(own + PAGE - 8), remote = {own, 4};
  local[0] = (struct iovec){own + 3 * PAGE - 2, 4};
  SHOW(syscall(SYS_process_vm_readv, child, local, 1, &remote, 1, 0)); /* as far as the first page */
  local[0] = (struct iovec){bytes, 4};
  SHOW(syscall(SYS_process_vm_writev, child, local, 1, &remote, 1, 0));
  kill(child, SIGKILL);
  MUST(waitpid(child, &status, 0) == child);
}

static void moves(char *p) {
  MUST(fixed(p, 16 * PAGE, RW, ANON, -1) == p);
  for (int i = 0; i < 16; i++) p[i * PAGE] = i;
  char *q = mremap(p + 4 * PAGE, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 3 * GIB);
  SHOW(q == p + 3 * GIB);
  SHOW(peek(p + 4 * PAGE));
  SHOW(q[3 * PAGE]);
  char *low = mmap(0, 8 * PAGE, RW, ANON | MAP_32BIT, -1, 0);
  MUST(low != MAP_FAILED);
  low[PAGE] = 77;
  SHOW(mremap(q, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, low) == low);
  SHOW(low[PAGE] + low[5 * PAGE]);
  low[5 * PAGE] = 3;
  SHOW(mremap(low, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) == q);
  SHOW(q[PAGE] + q[5 * PAGE]);
  SHOW(peek(low));
  SHOW(mremap(q, 8 * PAGE, 2 * PAGE, 0) == q);
  SHOW(peek(q + 2 * PAGE));
  SHOW(peek(q + PAGE));
  MUST(mmap(p, 12 * GIB, PROT_NONE, RESERVE | MAP_FIXED, -1, 0) == p);
  SHOW(peek(q));
}

/* Pages far from each other: what goes over all of it sees those that are there. */
static void far(char *p) {
  MUST(mprotect(p, 12 * GIB, PROT_READ) == 0);
  SHOW(peek(p + 11 * GIB));
  for (long i = 0; i < 40; i++) {
    char *q = p + i * (300L << 20);
    MUST(mprotect(q, PAGE, RW) == 0);
    *q = i;
  }
  char *to = mremap(p, 6 * GIB, 6 * GIB, MREMAP_MAYMOVE);
  SHOW(to == p); /* as large as it was */
  long sum = 0;
  for (long i = 0; i < 40; i++) sum += p[i * (300L << 20)] * i;
  SHOW(sum);
  SHOW(madvise(p, 6 * GIB, MADV_DONTNEED));
  for (long i = 0; i < 40; i++) sum += p[i * (300L << 20)] * i;
  SHOW(sum);
  SHOW(mprotect(p, 12 * GIB, PROT_NONE));
  SHOW(peek(p + (300L << 20) * 39));
  SHOW(mprotect(p, 12 * GIB, PROT_READ));
  SHOW(peek(p + (300L << 20) * 39));
}

static void seen(char *p) {
  MUST(fixed(p, 8 * PAGE, RW, ANON, -1) == p);
  p[0] = 1, p[2 * PAGE] = 2;
  int fd = open("/proc/self/mem", O_RDWR);
  char c = 0;
  SHOW(pread(fd, &c, 1, (long)p + 2 * PAGE));
  SHOW(c);
  MUST(mprotect(p, PAGE, PROT_NONE) == 0);
  SHOW(pwrite(fd, "Q", 1, (long)p));
  MUST(mprotect(p, PAGE, RW) == 0);
  SHOW(p[0]);
  SHOW(pread(fd, &c, 1, (long)p + 13 * GIB));
  close(fd);
  fd = open("/proc/self/pagemap", O_RDONLY);
  uint64_t entries[4];
  SHOW(pread(fd, entries, sizeof entries, (long)p / PAGE * 8));
  for (int i = 0; i < 3; i++) printf("%d", (int)(entries[i] >> 63));
  printf("\n");
  close(fd);
  unsigned char vector[4];
  SHOW(mincore(p, 3 * PAGE, vector));
  printf("%d%d%d\n", vector[0] & 1, vector[1] & 1, vector[2] & 1);
  SHOW(mlock(p, PAGE));
  SHOW(munlock(p, PAGE));
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[400], range[64];
  int found = 0;
  snprintf(range, sizeof range, "%lx-%lx rw-p", (long)p, (long)p + 8 * PAGE);
  while (fgets(line, sizeof line, maps)) found += strncmp(line, range, strlen(range)) == 0;
  fclose(maps);
  SHOW(found);
  int id = shmget(IPC_PRIVATE, 2 * PAGE, 0600);
  char *q = shmat(id, p + GIB, SHM_REMAP);
  SHOW(q == p + GIB);
  SHOW(poke(q + PAGE, 3));
  SHOW(shmdt(q));
  SHOW(peek(q));
  shmctl(id, IPC_RMID, 0);
}

static void calls(char *p, char *self) {
  MUST(fixed(p, 16 * PAGE, RW, ANON, -1) == p);
  int fds[2];
  MUST(pipe(fds) == 0);
  struct iovec *v = (void *)(p + PAGE - 24);
  strcpy(p + 2 * PAGE - 2, "hello");
  v[0] = (struct iovec){p + 2 * PAGE - 2, 5}, v[1] = (struct iovec){p + 4 * PAGE - 3, 6};
  SHOW(writev(fds[1], v, 2));
  v[1].iov_base = p + 7 * PAGE - 1;
  SHOW(readv(fds[0], v, 2));
  printf("%.6s\n", p + 7 * PAGE - 1);
  struct pollfd *set = (void *)(p + PAGE - 4);
  set[0] = (struct pollfd){fds[0], POLLIN, 0};
  SHOW(poll(set, 1, 0));
  struct stat *info = (void *)(p + PAGE - 60);
  strcpy(p + 3 * PAGE - 2, "/dev/null");
  SHOW(stat(p + 3 * PAGE - 2, info));
  SHOW(S_ISCHR(info->st_mode));
  fflush(stdout);
  /* The program's name, arguments and environment. */
  char *path = strcpy(p + 5 * PAGE - 7, self), *one = strcpy(p + 6 * PAGE - 2, "child");
  char **list = (char **)(p + 8 * PAGE - 8);
  list[0] = path, list[1] = one, list[2] = 0;
  pid_t child = fork();
  if (child == 0) {
    execve(path, list, list + 2);
    _exit(98);
  }
  int status;
  MUST(waitpid(child, &status, 0) == child);
  print_status("program", status);
  close(fds[0]), close(fds[1]);
}

static void grows(char *p) {
  char *top = fixed(p + 64 * PAGE, 2 * PAGE, RW, ANON | MAP_GROWSDOWN, -1);
  MUST(top == p + 64 * PAGE && munmap(p, 64 * PAGE) == 0);
  SHOW(poke(top - 1, 4));
  SHOW(poke(top - 20 * PAGE, 4));
  SHOW(peek(top - PAGE + 7));
}

int main(int argc, char **argv) {
  if (argc > 1) return strcmp(argv[1], "child") == 0 ? 33 : 34;
  set_info_handler(SIGSEGV, on_fault, 0);
  set_info_handler(SIGBUS, on_fault, 0);
  char *p = mmap(0, 12 * GIB, PROT_NONE, RESERVE, -1, 0);
  MUST(p != MAP_FAILED);
  files(p + GIB);
  forks(p + 2 * GIB);
  moves(p);
  far(p);
  MUST(mmap(p, 12 * GIB, PROT_NONE, RESERVE | MAP_FIXED, -1, 0) == p);
  seen(p);
  calls(p + 5 * GIB, argv[0]);
  grows(p + 6 * GIB);
  SHOW(munmap(p, 12 * GIB));
  SHOW(munmap((void *)0x200000000000, PAGE));
  SHOW(munmap((void *)0x7ffffffff000, PAGE));
  SHOW(madvise((void *)0x7ffffff00000, PAGE, MADV_DONTNEED));
  char *own = mmap(0, PAGE, RW, ANON, -1, 0);
  SHOW(madvise(own, 1L << 62, MADV_RANDOM));
  return 0;
}
