// Memory that processes share: atomics on it, a futex lock, files mapped by both, what fork copies and what it shares.
#include "guest.h"
#include <sched.h>
struct shared { int counter, ready; volatile int lock; char text[64]; };
int main(void) {
  struct shared *s = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int *private = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *private = 1;
  fflush(stdout);
  for (int i = 0; i < 4; i++) {
    if (fork() == 0) {
      for (int n = 0; n < 500; n++) {
        while (__sync_lock_test_and_set(&s->lock, 1)) sched_yield();
        s->counter++;
        __sync_lock_release(&s->lock);
        __atomic_fetch_add(&s->ready, 1, __ATOMIC_SEQ_CST);
      }
      *private = 100 + i;
      _exit(0);
    }
  }
  while (wait(0) > 0) {}
  printf("counter %d, ready %d, private %d\n", s->counter, s->ready, *private);
  enter_folder();
  int fd = open("file", O_RDWR | O_CREAT, 0600);
  ftruncate(fd, 12288);
  char *a = mmap(0, 12288, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (fork() == 0) {
    int again = open("file", O_RDWR);
    char *b = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, again, 4096);
    strcpy(b, "through another mapping");
    pwrite(again, "by write", 9, 8192);
    _exit(0);
  }
  wait(0);
  printf("%s, %s\n", a + 4096, a + 8192);
  a[0] = 'z';
  char c;
  pread(fd, &c, 1, 0);
  printf("read %c, msync %d\n", c, msync(a, 4096, MS_SYNC));
  char *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 4096);
  p[0] = 'T';
  printf("%.7s %.7s\n", p, a + 4096);
  unlink("file");
  close(fd);
  printf("unlinked: %.7s\n", a + 4096);
  leave_folder();
  return 0;
}
