/* Priority-inheritance futexes: the word's values, hand-over, deadlock, an owner's end, requeueing, robust mutexes. */
#include "guest.h"
#include <pthread.h>
#include <sys/syscall.h>
enum { LOCK_PI = 6, UNLOCK_PI = 7, TRYLOCK_PI = 8, WAIT_REQUEUE_PI = 11, CMP_REQUEUE_PI = 12, LOCK_PI2 = 13, PRIVATE = 128, REALTIME = 256 };
#define WAITERS 0x80000000u
#define DIED 0x40000000u
static volatile unsigned word, other, condition;
static volatile int stage;
static long futex_(volatile unsigned *at, int op, long value, void *timeout, volatile unsigned *second, unsigned third) {
  return syscall(SYS_futex, at, op | PRIVATE, value, timeout, second, third);
}
static unsigned me(void) { return syscall(SYS_gettid); }
static void say(const char *what, unsigned owner) {
  unsigned w = word;
  printf("%s: owner %s%s%s\n", what, (w & 0x3fffffff) == 0 ? "none" : (w & 0x3fffffff) == owner ? "as expected" : "another",
         w & WAITERS ? " waiters" : "", w & DIED ? " died" : "");
  fflush(stdout);
}
static void await(int wanted) { while (stage < wanted) usleep(500); }

static void *locker(void *p) {
  await(1);
  stage = 2;
  long r = futex_(&word, LOCK_PI, 0, 0, 0, 0);
  printf("lock in thread %ld\n", r);
  say("in thread", me());
  stage = 3;
  await(4);
  SHOW(futex_(&word, UNLOCK_PI, 0, 0, 0, 0));
  return 0;
}
static void hand_over(void) {
  pthread_t thread;
  MUST(pthread_create(&thread, 0, locker, 0) == 0);
  SHOW(futex_(&word, LOCK_PI, 0, 0, 0, 0));
  say("locked", me());
  SHOW(futex_(&word, LOCK_PI, 0, 0, 0, 0));
  SHOW(futex_(&word, TRYLOCK_PI, 0, 0, 0, 0));
  SHOW(futex_(&other, UNLOCK_PI, 0, 0, 0, 0));
  stage = 1;
  await(2);
  while (!(word & WAITERS)) usleep(500);
  usleep(5000);
  say("contended", me());
  long unlocked = futex_(&word, UNLOCK_PI, 0, 0, 0, 0);
  await(3);
  SHOW(unlocked);
  SHOW(futex_(&word, UNLOCK_PI, 0, 0, 0, 0));
  SHOW(futex_(&word, TRYLOCK_PI, 0, 0, 0, 0));
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 20000000;
  if (until.tv_nsec >= 1000000000) until.tv_nsec -= 1000000000, until.tv_sec++;
  SHOW(futex_(&word, LOCK_PI, 0, &until, 0, 0));
  clock_gettime(CLOCK_MONOTONIC, &until);
  SHOW(futex_(&word, LOCK_PI2, 0, &until, 0, 0));
  stage = 4;
  pthread_join(thread, 0);
  say("free", 0);
  word = 0x3ffffff0;
  SHOW(futex_(&word, LOCK_PI, 0, 0, 0, 0));
  printf("word %#x\n", word);
  word = 0;
}

static void *deadlocker(void *p) {
  SHOW(futex_(&other, LOCK_PI, 0, 0, 0, 0));
  stage = 11;
  MUST(futex_(&word, LOCK_PI, 0, 0, 0, 0) == 0);
  futex_(&word, UNLOCK_PI, 0, 0, 0, 0);
  futex_(&other, UNLOCK_PI, 0, 0, 0, 0);
  return 0;
}
static void deadlock(void) {
  pthread_t thread;
  SHOW(futex_(&word, LOCK_PI, 0, 0, 0, 0));
  MUST(pthread_create(&thread, 0, deadlocker, 0) == 0);
  await(11);
  while (!(word & WAITERS)) usleep(500);
  usleep(5000);
  SHOW(futex_(&other, LOCK_PI, 0, 0, 0, 0));
  SHOW(futex_(&other, TRYLOCK_PI, 0, 0, 0, 0));
  SHOW(futex_(&word, UNLOCK_PI, 0, 0, 0, 0));
  pthread_join(thread, 0);
}

static void *dies(void *p) {
  MUST(futex_(&word, LOCK_PI, 0, 0, 0, 0) == 0);
  stage = 21;
  while (!(word & WAITERS)) usleep(500);
  usleep(5000);
  return 0;
}
static void owner_ends(void) {
  pthread_t thread;
  MUST(pthread_create(&thread, 0, dies, 0) == 0);
  await(21);
  SHOW(futex_(&word, LOCK_PI, 0, 0, 0, 0));
  say("after the owner", me());
  pthread_join(thread, 0);
  SHOW(futex_(&word, UNLOCK_PI, 0, 0, 0, 0));
  say("free", 0);
}

static void *requeued(void *p) {
  __sync_fetch_and_add(&stage, 1);
  long r = futex_(&condition, WAIT_REQUEUE_PI, 0, 0, &word, 0);
  if (r == 0 && (word & 0x3fffffff) != me()) r = 100;
  if (r == 0) futex_(&word, UNLOCK_PI, 0, 0, 0, 0);
  return (void *)r;
}
static void requeue(void) {
  pthread_t threads[3];
  for (int i = 0; i < 3; i++) MUST(pthread_create(&threads[i], 0, requeued, 0) == 0);
  await(33);
  usleep(20000);
  SHOW(futex_(&condition, CMP_REQUEUE_PI, 1, (void *)5, &word, 7));
  SHOW(futex_(&condition, CMP_REQUEUE_PI, 2, (void *)5, &word, 0));
  SHOW(futex_(&condition, CMP_REQUEUE_PI, 1, (void *)5, &condition, 0));
  SHOW(futex_(&condition, CMP_REQUEUE_PI, 1, (void *)5, &other, 0));
  SHOW(futex_(&condition, 1, 1, 0, 0, 0));
  SHOW(futex_(&word, LOCK_PI, 0, 0, 0, 0));
  SHOW(futex_(&condition, CMP_REQUEUE_PI, 1, (void *)1, &word, 0));
  say("requeued", me());
  SHOW(futex_(&word, UNLOCK_PI, 0, 0, 0, 0));
  usleep(20000);
  SHOW(futex_(&condition, CMP_REQUEUE_PI, 1, (void *)5, &word, 0));
  for (int i = 0; i < 3; i++) {
    void *result;
    pthread_join(threads[i], &result);
    printf("thread %ld\n", (long)result);
  }
  say("free", 0);
  struct timespec past = {0, 1};
  SHOW(futex_(&condition, WAIT_REQUEUE_PI, 0, &past, &word, 0));
  SHOW(futex_(&condition, WAIT_REQUEUE_PI, 1, 0, &word, 0));
  SHOW(futex_(&condition, WAIT_REQUEUE_PI, 0, 0, &condition, 0));
}

static pthread_mutex_t mutex;
static void *leaves_locked(void *p) { return (void *)(long)pthread_mutex_lock(&mutex); }
static void robust(void) {
  pthread_mutexattr_t a;
  pthread_t thread;
  void *result;
  pthread_mutexattr_init(&a);
  if (pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT)) return;
  pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
  pthread_mutexattr_settype(&a, PTHREAD_MUTEX_ERRORCHECK);
  MUST(pthread_mutex_init(&mutex, &a) == 0);
  MUST(pthread_create(&thread, 0, leaves_locked, 0) == 0);
  pthread_join(thread, &result);
  printf("locked %ld\n", (long)result);
  printf("owner died: %d\n", pthread_mutex_lock(&mutex) == EOWNERDEAD);
  printf("again: %d\n", pthread_mutex_lock(&mutex) == EDEADLK);
  SHOW(pthread_mutex_consistent(&mutex));
  SHOW(pthread_mutex_unlock(&mutex));
  SHOW(pthread_mutex_lock(&mutex));
  SHOW(pthread_mutex_trylock(&mutex) == EBUSY);
  SHOW(pthread_mutex_unlock(&mutex));
}

int main(void) {
  hand_over();
  stage = 10;
  deadlock();
  stage = 20;
  owner_ends();
  stage = 30;
  requeue();
  robust();
  return 0;
}
