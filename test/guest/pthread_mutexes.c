// pthread mutexes: each type's answers, contention, time-outs.
#include "guest.h"
#include <pthread.h>
static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;
static long counter;
static void *count(void *arg) {
  for (int i = 0; i < 2000; i++) {
    pthread_mutex_lock(&shared);
    long v = counter;
    if (i % 64 == 0) sched_yield();
    counter = v + 1;
    pthread_mutex_unlock(&shared);
  }
  return 0;
}
struct probe { pthread_mutex_t *m; int lock, unlock; };
static void *other(void *arg) {
  struct probe *p = arg;
  p->lock = pthread_mutex_trylock(p->m);
  p->unlock = p->lock == 0 ? 0 : pthread_mutex_unlock(p->m);
  if (p->lock == 0) pthread_mutex_unlock(p->m);
  return 0;
}
static void from_another(const char *what, pthread_mutex_t *m, int unlock_is_defined) {
  struct probe p = {m};
  pthread_t t;
  pthread_create(&t, 0, other, &p);
  pthread_join(t, 0);
  printf("%s from another thread: %s", what, p.lock ? error_name(p.lock) : "0");
  if (unlock_is_defined) printf(", unlock %s", p.unlock ? error_name(p.unlock) : "0");
  printf("\n");
}
static const char *r(int e) { return e ? error_name(e) : "0"; }
int main(void) {
  pthread_t t[8];
  for (int i = 0; i < 8; i++) pthread_create(&t[i], 0, count, 0);
  for (int i = 0; i < 8; i++) pthread_join(t[i], 0);
  printf("%ld\n", counter);

  pthread_mutex_t m;
  pthread_mutexattr_t a;
  pthread_mutexattr_init(&a);
  pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&m, &a);
  for (int i = 0; i < 3; i++) printf("recursive lock %s\n", r(pthread_mutex_lock(&m)));
  printf("trylock %s\n", r(pthread_mutex_trylock(&m)));
  from_another("recursive", &m, 1);
  for (int i = 0; i < 4; i++) printf("unlock %s\n", r(pthread_mutex_unlock(&m)));
  printf("once too often %s\n", r(pthread_mutex_unlock(&m)));
  from_another("free", &m, 0);
  pthread_mutex_destroy(&m);

  pthread_mutexattr_settype(&a, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutex_init(&m, &a);
  printf("unlock unlocked %s\n", r(pthread_mutex_unlock(&m)));
  printf("lock %s\n", r(pthread_mutex_lock(&m)));
  printf("lock again %s\n", r(pthread_mutex_lock(&m)));
  printf("trylock %s\n", r(pthread_mutex_trylock(&m)));
  from_another("error-checking", &m, 1);
  printf("unlock %s\n", r(pthread_mutex_unlock(&m)));
  pthread_mutex_destroy(&m);

  pthread_mutexattr_settype(&a, PTHREAD_MUTEX_NORMAL);
  pthread_mutex_init(&m, &a);
  pthread_mutex_lock(&m);
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 20000000;
  if (until.tv_nsec >= 1000000000) until.tv_nsec -= 1000000000, until.tv_sec++;
  long before = milliseconds();
  printf("timed lock of one's own %s\n", r(pthread_mutex_timedlock(&m, &until)));
  printf("it took its time: %d\n", milliseconds() - before >= 15);
  until.tv_nsec = -1;
  printf("bad time %s\n", r(pthread_mutex_timedlock(&m, &until)));
  pthread_mutex_unlock(&m);
  printf("timed lock of a free one %s\n", r(pthread_mutex_timedlock(&m, &until)));
  return 0;
}
