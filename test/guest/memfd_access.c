/* memfd_create with its seals, process_vm_readv and writev, brk, remap_file_pages, pkeys, NUMA calls as with one node. */
#include "guest.h"
#include <sys/syscall.h>
#define PAGE 4096L
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)
enum { ADD = 1033, GET, SEAL = 1, SHRINK = 2, GROW = 4, WRITE = 8, FUTURE = 16, EXEC = 32 };
static long ok(void *p) { return p == MAP_FAILED ? -1 : 0; }
static int memfd(const char *name, unsigned flags) { return syscall(SYS_memfd_create, name, flags); }
static void seals(void) {
  char name[300];
  memset(name, 'x', sizeof name), name[299] = 0;
  SHOW(memfd(name, 0));
  name[249] = 0;
  SHOW(memfd(name, 0) >= 0);
  SHOW(memfd("a", 0x40));
  SHOW(memfd((char *)8, 0));
  SHOW(memfd("a", 8 | 16));
  int fd = memfd("a", 0);
  SHOW(fcntl(fd, GET));
  SHOW(fcntl(fd, ADD, GROW));
  SHOW(fcntl(fd, F_GETFD));
  fd = memfd("b", 3);
  SHOW(fcntl(fd, F_GETFD));
  SHOW(fcntl(fd, GET));
  SHOW(fcntl(fd, ADD, 0x100));
  SHOW(ftruncate(fd, 2 * PAGE));
  SHOW(fcntl(fd, ADD, GROW));
  SHOW(ftruncate(fd, 3 * PAGE));
  SHOW(pwrite(fd, "x", 1, 3 * PAGE));
  SHOW(pwrite(fd, "xy", 2, 2 * PAGE - 1));
  SHOW(fallocate(fd, 0, 0, 3 * PAGE));
  SHOW(ftruncate(fd, PAGE));
  SHOW(fcntl(fd, ADD, SHRINK));
  SHOW(ftruncate(fd, 0));
  char *m = mmap(0, PAGE, RW, MAP_SHARED, fd, 0);
  SHOW(fcntl(fd, ADD, WRITE)); /* a mapping could write */
  SHOW(fcntl(fd, ADD, FUTURE));
  m[0] = 1;
  SHOW(pwrite(fd, "x", 1, 0));
  SHOW(ok(mmap(0, PAGE, RW, MAP_SHARED, fd, 0)));
  SHOW(ok(mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0)));
  SHOW(munmap(m, PAGE));
  SHOW(fcntl(fd, ADD, WRITE));
  SHOW(fallocate(fd, 3, 0, PAGE));
  m = mmap(0, PAGE, RW, MAP_PRIVATE, fd, 0);
  m[0] = 5;
  SHOW(fcntl(fd, ADD, SEAL));
  SHOW(fcntl(fd, ADD, EXEC));
  SHOW(fcntl(fd, GET));
  int file = open("/tmp", 020200000 | O_RDWR, 0600);
  SHOW(fcntl(0, GET));
  struct stat s;
  fstat(fd, &s);
  printf("mode %o links %d size %ld\n", s.st_mode & 0777, (int)s.st_nlink, (long)s.st_size);
  fd = memfd("c", 2 | 8); /* NOEXEC_SEAL */
  fstat(fd, &s);
  printf("mode %o seals %d\n", s.st_mode & 0777, fcntl(fd, GET));
  SHOW(fchmod(fd, 0777));
  char path[64], link[64] = {0};
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  readlink(path, link, sizeof link - 1);
  printf("%s\n", link);
}
static void other_memory(void) {
  static char mine[3 * PAGE], buffer[3 * PAGE];
  char *edge = mmap(0, 2 * PAGE, RW, ANON, -1, 0);
  munmap(edge + PAGE, PAGE);
  memset(mine, 'm', sizeof mine), memset(edge, 'e', PAGE);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) { memset(mine, 'c', sizeof mine); kill(getpid(), SIGSTOP); printf("written: %c%c%c\n", mine[0], mine[1], mine[2]); exit(0); }
  waitpid(p, 0, WUNTRACED);
  struct iovec local[2] = {{buffer, 2}, {buffer + 100, 8000}}, remote[3] = {{mine, 5000}, {mine + 5000, 3}, {edge + PAGE - 2, 4}};
  SHOW(syscall(SYS_process_vm_readv, p, local, 2, remote, 2, 0));
  printf("%c %c\n", buffer[0], buffer[100 + 5000]);
  SHOW(syscall(SYS_process_vm_readv, p, local, 2, remote + 2, 1, 0));
  SHOW(syscall(SYS_process_vm_readv, p, local, 1, remote + 2, 1, 0));
  remote[0].iov_base = edge + PAGE;
  SHOW(syscall(SYS_process_vm_readv, p, local, 1, remote, 1, 0));
  memcpy(buffer, "abc", 3);
  local[0] = (struct iovec){buffer, 2}, remote[0] = (struct iovec){mine, 2};
  SHOW(syscall(SYS_process_vm_writev, p, local, 1, remote, 1, 0));
  SHOW(syscall(SYS_process_vm_writev, p, local, 1, remote, 1, 1));
  SHOW(syscall(SYS_process_vm_readv, 0x3fffffff, local, 1, remote, 1, 0));
  SHOW(syscall(SYS_process_vm_readv, p, local, 2000, remote, 1, 0));
  SHOW(syscall(SYS_process_vm_readv, p, local, 1, remote, 2000, 0));
  SHOW(syscall(SYS_process_vm_readv, p, 8, 1, remote, 1, 0));
  SHOW(syscall(SYS_process_vm_readv, p, local, 0, remote, 1, 0));
  local[0].iov_base = (void *)8;
  SHOW(syscall(SYS_process_vm_readv, p, local, 1, remote, 1, 0));
  kill(p, SIGCONT), waitpid(p, 0, 0);
  fflush(stdout);
  pid_t q = fork();
  if (q == 0) { local[0].iov_base = buffer; setresuid(54321, 54321, 54321); SHOW(syscall(SYS_process_vm_readv, getppid(), local, 1, remote, 1, 0)); exit(0); }
  waitpid(q, 0, 0);
}
static void remapped(void) {
  int fd = memfd("r", 0);
  char page[PAGE];
  for (int i = 0; i < 4; i++) memset(page, '0' + i, PAGE), write(fd, page, PAGE);
  char *m = mmap(0, 4 * PAGE, RW, MAP_SHARED, fd, 0), *private = mmap(0, PAGE, RW, MAP_PRIVATE, fd, 0);
  SHOW(syscall(SYS_remap_file_pages, m, PAGE, 0, 3, 0));
  SHOW(syscall(SYS_remap_file_pages, m + 3 * PAGE, PAGE, 0, 0, 0));
  printf("%c%c%c%c\n", m[0], m[PAGE], m[2 * PAGE], m[3 * PAGE]);
  SHOW(syscall(SYS_remap_file_pages, m, PAGE, 1, 3, 0));
  SHOW(syscall(SYS_remap_file_pages, private, PAGE, 0, 1, 0));
  SHOW(syscall(SYS_remap_file_pages, m, 0, 0, 1, 0));
  SHOW(syscall(SYS_remap_file_pages, 8, PAGE, 0, 1, 0));
}
static void break_(void) {
  char *now = (char *)syscall(SYS_brk, 0);
  SHOW(syscall(SYS_brk, now + 5 * PAGE + 100) - (long)now);
  now[5 * PAGE + 99] = 1;
  SHOW(syscall(SYS_brk, now + PAGE) - (long)now);
  SHOW(syscall(SYS_brk, now + 6 * PAGE) - (long)now);
  printf("zeroes again %d\n", now[5 * PAGE + 99]);
  SHOW(syscall(SYS_brk, 1) - (long)now);
  char *end = (char *)(((uintptr_t)now + 6 * PAGE + PAGE - 1) & -PAGE);
  mmap(end + 2 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
  SHOW(syscall(SYS_brk, end + 10 * PAGE) - (long)now);
  munmap(end + 2 * PAGE, PAGE);
}
static void nodes(void) {
  unsigned long nodes_[16] = {0}, mask = 1;
  int mode = -1, status = -1, node = 0;
  char *p = mmap(0, 4 * PAGE, RW, ANON, -1, 0);
  p[0] = 1;
  SHOW(syscall(SYS_get_mempolicy, &mode, nodes_, 1024, 0, 0));
  printf("mode %d nodes %ld\n", mode, nodes_[0]);
  SHOW(syscall(SYS_set_mempolicy, 0, 0, 0));
  SHOW(syscall(SYS_set_mempolicy, 2, &mask, 64)); /* BIND */
  SHOW(syscall(SYS_get_mempolicy, &mode, nodes_, 1024, 0, 0));
  printf("mode %d nodes %ld\n", mode, nodes_[0]);
  SHOW(syscall(SYS_set_mempolicy, 99, &mask, 64));
  SHOW(syscall(SYS_set_mempolicy, 2, 0, 0));
  SHOW(syscall(SYS_set_mempolicy, 0, &mask, 64));
  SHOW(syscall(SYS_set_mempolicy, 0, 0, 0));
  SHOW(syscall(SYS_mbind, p, PAGE, 2, &mask, 64, 0));
  SHOW(syscall(SYS_mbind, p + 1, PAGE, 2, &mask, 64, 0));
  SHOW(syscall(SYS_mbind, p, PAGE, 2, &mask, 64, 0x100));
  SHOW(syscall(SYS_mbind, p, PAGE, 99, &mask, 64, 0));
  SHOW(syscall(SYS_get_mempolicy, &mode, nodes_, 1024, p, 2));
  printf("mode %d\n", mode);
  SHOW(syscall(SYS_get_mempolicy, &mode, 0, 0, p, 3)); /* which node it is on */
  printf("node %d\n", mode);
  SHOW(syscall(SYS_get_mempolicy, 0, nodes_, 1024, 0, 4));
  printf("allowed %ld\n", nodes_[0]);
  SHOW(syscall(SYS_get_mempolicy, &mode, 0, 0, 0, 99));
  /* set_mempolicy_home_node(2): of what BIND is for, p's first page. */
  SHOW(syscall(450, p, PAGE, 0, 0));
  SHOW(syscall(450, p, 2 * PAGE, 0, 0));
  SHOW(syscall(450, p + PAGE, PAGE, 0, 0));
  SHOW(syscall(450, p, 0, 0, 0));
  SHOW(syscall(SYS_mbind, p + PAGE, PAGE, 3 /* INTERLEAVE */, &mask, 64, 0));
  SHOW(syscall(450, p, 2 * PAGE, 0, 0));
  SHOW(syscall(450, p + 1, PAGE, 0, 0));
  SHOW(syscall(450, p, PAGE, 1 << 20, 0));
  SHOW(syscall(450, p, PAGE, 0, 1));
  void *pages[2] = {p, p + 2 * PAGE};
  int statuses[2] = {77, 77};
  SHOW(syscall(SYS_move_pages, 0, 2, pages, 0, statuses, 2));
  printf("%d %d\n", statuses[0], statuses[1]);
  SHOW(syscall(SYS_move_pages, 0x3fffffff, 2, pages, 0, statuses, 2));
  SHOW(syscall(SYS_move_pages, 0, 2, pages, 0, statuses, 99));
  SHOW(syscall(SYS_migrate_pages, 0, 64, &mask, &mask));
  SHOW(syscall(SYS_migrate_pages, 0x3fffffff, 64, &mask, &mask));
}
int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  seals();
  other_memory();
  remapped();
  break_();
  nodes();
  return 0;
}
