// eventfd: sums, semaphore mode, limits, blocking writers and readers, errors.
#include "guest.h"
#include <pthread.h>
#include <sys/eventfd.h>
static int e;
static void *late(void *arg) {
  usleep(10000);
  if (arg) {
    uint64_t v;
    read(e, &v, 8);
  } else eventfd_write(e, 7);
  return 0;
}
static void ready(const char *what, int fd) {
  struct pollfd f = {fd, POLLIN | POLLOUT, 0};
  poll(&f, 1, 0);
  printf("%s: %#x\n", what, f.revents);
}
int main(void) {
  uint64_t v = 0;
  uint32_t small;
  e = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);
  printf("flags %d %#x\n", fcntl(e, F_GETFD), fcntl(e, F_GETFL));
  ready("3", e);
  SHOW(eventfd_write(e, 4));
  SHOW(read(e, &v, 8));
  printf("%llu\n", (unsigned long long)v);
  SHOW(read(e, &v, 8));
  ready("0", e);
  SHOW(read(e, &small, 4));
  SHOW(write(e, &small, 4));
  v = UINT64_MAX;
  SHOW(write(e, &v, 8));
  v = UINT64_MAX - 1;
  SHOW(write(e, &v, 8));
  ready("full", e);
  v = 1;
  SHOW(write(e, &v, 8));
  v = 0;
  SHOW(write(e, &v, 8));
  SHOW(read(e, &v, 8));
  printf("%llx\n", (unsigned long long)v);
  v = 0xffffffff;
  write(e, &v, 8);
  v = 2;
  write(e, &v, 8);
  char big[16];
  SHOW(read(e, big, 16));
  memcpy(&v, big, 8);
  printf("%llx\n", (unsigned long long)v);
  SHOW(lseek(e, 0, SEEK_SET));
  SHOW(pread(e, &v, 8, 0));
  SHOW(eventfd(0, 8));
  int s = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
  while (read(s, &v, 8) == 8) printf("semaphore %llu\n", (unsigned long long)v);
  SHOW(read(s, &v, 8));
  pthread_t t;
  fcntl(e, F_SETFL, 0);
  pthread_create(&t, 0, late, 0);
  SHOW(read(e, &v, 8));
  printf("from a thread %llu\n", (unsigned long long)v);
  pthread_join(t, 0);
  v = UINT64_MAX - 1;
  write(e, &v, 8);
  pthread_create(&t, 0, late, &t);
  v = 5;
  SHOW(write(e, &v, 8));
  pthread_join(t, 0);
  SHOW(read(e, &v, 8));
  printf("after a wait %llu\n", (unsigned long long)v);
  char link[64] = {0};
  char name[32];
  snprintf(name, sizeof name, "/proc/self/fd/%d", e);
  readlink(name, link, 63);
  printf("%s\n", link);
  return 0;
}
