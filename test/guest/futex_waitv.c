/* futex_waitv: which word was woken, values that differ, time, errors, a signal. */
#include "guest.h"
#include <pthread.h>
#include <sys/syscall.h>
struct entry { uint64_t value, address; uint32_t flags, reserved; };
static volatile uint32_t words[4];
static struct entry entries[4];
static long waitv(unsigned n, unsigned flags, void *timeout, int clock) { return syscall(449, entries, n, flags, timeout, clock); }
static void reset(void) {
  for (int i = 0; i < 4; i++) entries[i] = (struct entry){0, (uintptr_t)&words[i], 2 | 128, 0}, words[i] = 0;
}
static void *waker(void *which) {
  volatile uint32_t *word = &words[(long)which];
  int shared = (long)which == 3;
  while (syscall(SYS_futex, word, 1 | (shared ? 0 : 128), 1, 0, 0, 0) == 0) usleep(500);
  return 0;
}
static void on(int sig) { (void)sig; }
static void *interrupter(void *thread) {
  usleep(20000);
  pthread_kill(*(pthread_t *)thread, SIGUSR1);
  return 0;
}
int main(void) {
  reset();
  for (long i = 0; i < 4; i++) {
    if (i == 3) entries[3].flags = 2;
    pthread_t thread;
    MUST(pthread_create(&thread, 0, waker, (void *)i) == 0);
    SHOW(waitv(4, 0, 0, 0));
    pthread_join(thread, 0);
  }
  reset();
  words[2] = 5;
  SHOW(waitv(4, 0, 0, 0));
  words[2] = 0;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  long before = milliseconds();
  now.tv_nsec += 30000000;
  if (now.tv_nsec >= 1000000000) now.tv_nsec -= 1000000000, now.tv_sec++;
  SHOW(waitv(4, 0, &now, CLOCK_MONOTONIC));
  SHOW(milliseconds() - before >= 29);
  now = (struct timespec){1, 0};
  SHOW(waitv(1, 0, &now, CLOCK_REALTIME));
  SHOW(waitv(1, 0, &now, CLOCK_BOOTTIME));
  now.tv_nsec = -1;
  SHOW(waitv(1, 0, &now, CLOCK_REALTIME));
  SHOW(waitv(0, 0, 0, 0));
  SHOW(waitv(129, 0, 0, 0));
  SHOW(waitv(1, 1, 0, 0));
  entries[0].flags = 128;
  SHOW(waitv(1, 0, 0, 0));
  entries[0].flags = 2 | 64;
  SHOW(waitv(1, 0, 0, 0));
  reset();
  entries[1].reserved = 1;
  SHOW(waitv(2, 0, 0, 0));
  reset();
  entries[1].address++;
  SHOW(waitv(2, 0, 0, 0));
  entries[1].address = 8;
  SHOW(waitv(2, 0, 0, 0));
  reset();
  set_handler(SIGUSR1, on, 0);
  pthread_t thread, self = pthread_self();
  MUST(pthread_create(&thread, 0, interrupter, &self) == 0);
  SHOW(waitv(4, 0, 0, 0));
  pthread_join(thread, 0);
  return 0;
}
