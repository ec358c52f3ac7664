/* mremap with DONTUNMAP and old size 0, madvise that lasts over fork, populates, frees and removes; process_madvise, mseal, mlock2. */
#include "guest.h"
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#define PAGE 4096L
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
enum { COLD = 20, PAGEOUT, POPULATE_READ, POPULATE_WRITE, DONTNEED_LOCKED, COLLAPSE, GUARD_INSTALL = 102, GUARD_REMOVE };
static sigjmp_buf back;
static volatile int fault;
static void on_fault(int sig, siginfo_t *info, void *context) { fault = sig * 100 + info->si_code; siglongjmp(back, 1); }
static int peek(char *p) { fault = 0; if (sigsetjmp(back, 1) == 0) return *(volatile char *)p; return -fault; }
static int poke(char *p, int v) { fault = 0; if (sigsetjmp(back, 1) == 0) *(volatile char *)p = v; return -fault; }
static long ok(void *p) { return p == MAP_FAILED ? -1 : 0; }
static char *fresh(int pages, int flags) {
  char *p = mmap(0, pages * PAGE, RW, flags, -1, 0);
  MUST(p != MAP_FAILED);
  return p;
}
static int resident(char *p) { unsigned char v = 9; return mincore(p, PAGE, &v) < 0 ? -1 : v & 1; }
static void in_child(void (*run)(char *), char *p) {
  fflush(stdout);
  pid_t c = fork();
  if (c == 0) { run(p); exit(0); }
  waitpid(c, 0, 0);
}
static void look(char *p) { printf("child sees %d\n", peek(p)); }
static void moves(void) {
  char *p = fresh(4, ANON);
  p[0] = 1, p[PAGE] = 2;
  char *q = mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
  printf("DONTUNMAP: moved %d %d, left %d %d\n", peek(q), peek(q + PAGE), peek(p), peek(p + PAGE));
  SHOW(poke(p, 5));
  printf("apart %d %d\n", p[0], q[0]);
  SHOW(ok(mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0)));
  SHOW(ok(mremap(p, PAGE, PAGE, MREMAP_DONTUNMAP, 0)));
  char *target = fresh(4, ANON);
  SHOW(mremap(q, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED, target) == target);
  printf("at target %d, left %d\n", peek(target), peek(q));
  char *s = fresh(2, MAP_SHARED | MAP_ANONYMOUS);
  s[0] = 9;
  char *twice = mremap(s, 0, 2 * PAGE, MREMAP_MAYMOVE);
  twice[0]++;
  printf("old size 0: %d %d\n", s[0], twice[0]);
  SHOW(ok(mremap(s, 0, PAGE, 0)));
  SHOW(ok(mremap(p, 0, PAGE, MREMAP_MAYMOVE)));
  char *shared2 = mremap(s, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
  printf("shared DONTUNMAP: %d %d\n", shared2 == MAP_FAILED ? -errno : peek(shared2), peek(s));
  /* Growing where there is no room moves; what follows stays. */
  char *block = fresh(3, ANON);
  munmap(block + PAGE, PAGE);
  block[0] = 3, block[2 * PAGE] = 4;
  SHOW(ok(mremap(block, PAGE, 3 * PAGE, 0)));
  SHOW(mremap(block, PAGE, 2 * PAGE, 0) == block);
  char *moved = mremap(block, 2 * PAGE, 5 * PAGE, MREMAP_MAYMOVE);
  printf("%d, %d left, %d\n", moved != block && moved[0] == 3, peek(block), peek(block + 2 * PAGE));
}
/* The only mapping of an object is moved: what no page table holds at the time stays in it. */
static char *move_only(char *p, char *to) {
  SHOW(madvise(p, 2 * PAGE, MADV_DONTNEED));
  char *q = mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
  MUST(q == to);
  printf("moved %d %d\n", q[0], q[PAGE]);
  SHOW(madvise(q, 2 * PAGE, MADV_DONTNEED));
  printf("again %d %d\n", q[0], q[PAGE]);
  return q;
}
static void moves_of_objects(void) {
  char *room = fresh(8, ANON);
  char *s = fresh(2, MAP_SHARED | MAP_ANONYMOUS);
  s[0] = 2, s[PAGE] = 3;
  move_only(s, room);
  int fd = memfd_create("moved", 0);
  MUST(fd >= 0 && ftruncate(fd, 2 * PAGE) == 0);
  char *m = mmap(0, 2 * PAGE, RW, MAP_SHARED, fd, 0);
  MUST(m != MAP_FAILED);
  close(fd);
  m[0] = 4, m[PAGE] = 5;
  move_only(m, room + 2 * PAGE);
  int id = shmget(IPC_PRIVATE, 2 * PAGE, IPC_CREAT | 0600);
  char *t = shmat(id, 0, 0);
  MUST(id >= 0 && t != (void *)-1);
  SHOW(shmctl(id, IPC_RMID, 0)); /* it lasts as long as it is attached */
  t[0] = 6, t[PAGE] = 7;
  SHOW(shmat(id, t, SHM_REMAP) == t); /* over its only attachment */
  SHOW(madvise(t, PAGE, MADV_DONTNEED)); /* it stays one attachment */
  char *moved = move_only(t, room + 4 * PAGE);
  struct shmid_ds ds;
  SHOW(shmctl(id, IPC_STAT, &ds));
  printf("attached %lu\n", (unsigned long)ds.shm_nattch);
  SHOW(shmdt(moved));
  SHOW(shmctl(id, IPC_STAT, &ds));
}
static void advice(void) {
  char *p = fresh(8, ANON);
  p[0] = 1;
  SHOW(madvise(p, PAGE, MADV_DONTFORK)), in_child(look, p);
  SHOW(madvise(p, PAGE, MADV_DOFORK)), in_child(look, p);
  SHOW(madvise(p, PAGE, 18)), in_child(look, p); /* WIPEONFORK */
  printf("here %d\n", p[0]);
  SHOW(madvise(p, PAGE, 19)), in_child(look, p);
  SHOW(madvise(p, PAGE, MADV_DONTNEED)), printf("DONTNEED %d\n", p[0]);
  p[PAGE] = 2;
  SHOW(madvise(p + PAGE, PAGE, 8)); /* FREE: a write cancels it */
  p[PAGE] = 3, printf("FREE %d\n", p[PAGE]);
  printf("%d", resident(p + 2 * PAGE)), madvise(p + 2 * PAGE, PAGE, POPULATE_READ), printf("%d ", resident(p + 2 * PAGE));
  printf("%d", resident(p + 3 * PAGE)), madvise(p + 3 * PAGE, PAGE, POPULATE_WRITE), printf("%d\n", resident(p + 3 * PAGE));
  mprotect(p + 4 * PAGE, PAGE, PROT_READ);
  SHOW(madvise(p + 4 * PAGE, PAGE, POPULATE_READ));
  SHOW(madvise(p + 4 * PAGE, PAGE, POPULATE_WRITE));
  munmap(p + 5 * PAGE, PAGE);
  SHOW(madvise(p + 5 * PAGE, PAGE, POPULATE_READ));
  SHOW(madvise(p + 4 * PAGE, 3 * PAGE, MADV_DONTNEED));
  SHOW(madvise(p + PAGE, PAGE, COLD)), SHOW(madvise(p + PAGE, PAGE, PAGEOUT)), printf("%d\n", p[PAGE]);
  for (int a = 0; a < 5; a++) SHOW(madvise(p, PAGE, a));
  SHOW(madvise(p, PAGE, MADV_DONTDUMP)), SHOW(madvise(p, PAGE, MADV_DODUMP));
  char *s = fresh(2, MAP_SHARED | MAP_ANONYMOUS);
  s[0] = 4;
  SHOW(madvise(s, PAGE, 8)), SHOW(madvise(s, PAGE, 18));
  SHOW(madvise(s, PAGE, MADV_DONTNEED)), printf("shared %d\n", s[0]);
  SHOW(madvise(s, PAGE, MADV_REMOVE)), printf("removed %d\n", s[0]);
  mlock(p, PAGE);
  SHOW(madvise(p, PAGE, MADV_DONTNEED)), SHOW(madvise(p, PAGE, DONTNEED_LOCKED)), SHOW(madvise(p, PAGE, COLD)), SHOW(madvise(p, PAGE, PAGEOUT));
  munlock(p, PAGE);
  SHOW(madvise(p, PAGE, 100)); /* HWPOISON needs another kernel, or privilege */
}
static void by_pidfd(void) {
  int fd = syscall(434, getpid(), 0);
  char *p = fresh(4, ANON);
  p[0] = p[PAGE] = p[3 * PAGE] = 6;
  struct iovec v[2] = {{p, PAGE}, {p + PAGE, PAGE}};
  SHOW(syscall(440, fd, v, 2, COLD, 0));
  SHOW(syscall(440, fd, v, 2, MADV_WILLNEED, 0));
  SHOW(syscall(440, fd, v, 2, PAGEOUT, 0));
  printf("%d %d\n", p[0], p[PAGE]);
  SHOW(syscall(440, fd, v, 2, COLD, 1));
  SHOW(syscall(440, fd, v, 2000, COLD, 0));
  SHOW(syscall(440, 99, v, 2, COLD, 0));
  SHOW(syscall(440, 0, v, 2, COLD, 0));
  SHOW(syscall(440, fd, 8, 2, COLD, 0));
  munmap(p + PAGE, PAGE);
  SHOW(syscall(440, fd, v, 2, COLD, 0));
  v[0].iov_base = p + PAGE;
  SHOW(syscall(440, fd, v, 1, COLD, 0));
  v[0].iov_base = p + 1;
  SHOW(syscall(440, fd, v, 1, COLD, 0));
  SHOW(syscall(440, fd, v, 0, COLD, 0));
  pid_t c = fork();
  if (c == 0) for (;;) pause();
  int other = syscall(434, c, 0);
  v[0] = (struct iovec){p, PAGE};
  SHOW(syscall(440, other, v, 1, COLD, 0));
  SHOW(syscall(440, other, v, 1, MADV_DONTNEED, 0));
  kill(c, SIGKILL), waitpid(c, 0, 0);
  SHOW(syscall(440, other, v, 1, COLD, 0));
  close(other), close(fd);
}
static void sealed(void) {
  char *p = fresh(4, ANON);
  p[0] = 1;
  SHOW(syscall(462, p, PAGE, 1));
  SHOW(syscall(462, p + 1, PAGE, 0));
  SHOW(syscall(462, p, -1UL, 0));
  SHOW(syscall(462, p, 0, 0));
  munmap(p + 3 * PAGE, PAGE);
  SHOW(syscall(462, p, 4 * PAGE, 0));
  SHOW(munmap(p + 2 * PAGE, PAGE)); /* nothing was sealed */
  SHOW(syscall(462, p, 2 * PAGE, 0));
  SHOW(syscall(462, p, 2 * PAGE, 0));
  SHOW(munmap(p, PAGE));
  SHOW(munmap(p, 3 * PAGE));
  SHOW(mprotect(p, PAGE, PROT_READ));
  SHOW(mprotect(p, PAGE, RW));
  SHOW(ok(mremap(p, 2 * PAGE, PAGE, 0)));
  SHOW(ok(mremap(p, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE)));
  SHOW(ok(mmap(p, PAGE, RW, ANON | MAP_FIXED, -1, 0)));
  char *other = fresh(2, ANON);
  SHOW(ok(mremap(other, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p)));
  SHOW(madvise(p, PAGE, MADV_WILLNEED));
  SHOW(madvise(p, PAGE, MADV_DONTNEED)); /* it is writable */
  SHOW(poke(p, 2));
  char *read_only = fresh(1, ANON);
  read_only[0] = 7;
  mprotect(read_only, PAGE, PROT_READ);
  SHOW(syscall(462, read_only, PAGE, 0));
  SHOW(madvise(read_only, PAGE, MADV_DONTNEED));
  SHOW(mprotect(read_only, PAGE, RW));
  fflush(stdout);
  pid_t c = fork();
  if (c == 0) { SHOW(munmap(p, PAGE)); exit(0); }
  waitpid(c, 0, 0);
}
static void locking(void) {
  char *p = fresh(8, ANON);
  SHOW(syscall(325, p, 2 * PAGE, 0)), printf("%d%d\n", resident(p), resident(p + PAGE));
  SHOW(syscall(325, p + 4 * PAGE, 2 * PAGE, 1)), printf("%d\n", resident(p + 4 * PAGE));
  p[4 * PAGE] = 1, printf("%d\n", resident(p + 4 * PAGE));
  SHOW(syscall(325, p, PAGE, 2));
  SHOW(mlock(p + 100, 1));
  SHOW(msync(p, PAGE, MS_INVALIDATE));
  SHOW(munlock(p, 8 * PAGE));
  SHOW(msync(p, PAGE, MS_INVALIDATE));
  munmap(p + 7 * PAGE, PAGE);
  SHOW(mlock(p + 6 * PAGE, 2 * PAGE));
  SHOW(munlock(p + 6 * PAGE, 2 * PAGE));
  SHOW(mlockall(MCL_FUTURE));
  char *q = fresh(2, ANON);
  printf("%d\n", resident(q + PAGE));
  SHOW(mlockall(4)), SHOW(mlockall(MCL_CURRENT | 8));
  SHOW(munlockall());
  q = fresh(2, ANON);
  printf("%d\n", resident(q));
}
int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  set_info_handler(SIGSEGV, on_fault, 0), set_info_handler(SIGBUS, on_fault, 0);
  moves();
  moves_of_objects();
  advice();
  by_pidfd();
  sealed();
  locking();
  return 0;
}
