// Barriers, reader-writer locks, spin locks, once.
#include "guest.h"
#include <pthread.h>
static pthread_barrier_t barrier;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int phase[6], serial, early, initialised, readers, most_readers;
static long a, b, spun, torn;
static void init(void) {
  usleep(5000);
  initialised++;
}
static void *phases(void *arg) {
  long id = (long)arg;
  pthread_once(&once, init);
  if (initialised != 1) __sync_fetch_and_add(&early, 1);
  for (int round = 1; round <= 20; round++) {
    phase[id] = round;
    if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) __sync_fetch_and_add(&serial, 1);
    for (int i = 0; i < 6; i++)
      if (phase[i] < round) __sync_fetch_and_add(&early, 1);
    pthread_barrier_wait(&barrier);
  }
  return 0;
}
static void *reader(void *arg) {
  for (int i = 0; i < 300; i++) {
    pthread_rwlock_rdlock(&rw);
    int now = __sync_add_and_fetch(&readers, 1);
    if (now > most_readers) most_readers = now;
    if (i % 50 == 0) sched_yield();
    if (a != b) torn++;
    __sync_sub_and_fetch(&readers, 1);
    pthread_rwlock_unlock(&rw);
  }
  return 0;
}
static void *writer(void *arg) {
  for (int i = 0; i < 300; i++) {
    pthread_rwlock_wrlock(&rw);
    a++;
    if (i % 50 == 0) sched_yield();
    b++;
    pthread_rwlock_unlock(&rw);
    pthread_spin_lock(&spin);
    spun++;
    pthread_spin_unlock(&spin);
  }
  return 0;
}
static void *tries(void *arg) {
  int r = pthread_rwlock_tryrdlock(&rw), w = pthread_rwlock_trywrlock(&rw);
  printf("%s: read %s, write %s\n", (char *)arg, r ? error_name(r) : "0", w ? error_name(w) : "0");
  if (!r) pthread_rwlock_unlock(&rw);
  if (!w) pthread_rwlock_unlock(&rw);
  struct timespec past = {1, 0};
  int t = pthread_rwlock_timedwrlock(&rw, &past);
  printf("timed %s\n", t ? error_name(t) : "0");
  if (!t) pthread_rwlock_unlock(&rw);
  return 0;
}
int main(void) {
  pthread_t t[6];
  pthread_barrier_init(&barrier, 0, 6);
  pthread_spin_init(&spin, 0);
  for (long i = 0; i < 6; i++) pthread_create(&t[i], 0, phases, (void *)i);
  for (int i = 0; i < 6; i++) pthread_join(t[i], 0);
  printf("serial %d, early %d, once %d\n", serial, early, initialised);
  for (long i = 0; i < 6; i++) pthread_create(&t[i], 0, i < 4 ? reader : writer, 0);
  for (int i = 0; i < 6; i++) pthread_join(t[i], 0);
  printf("torn %ld, a %ld, b %ld, spun %ld\n", torn, a, b, spun);
  pthread_rwlock_rdlock(&rw);
  pthread_create(&t[0], 0, tries, "held for reading");
  pthread_join(t[0], 0);
  pthread_rwlock_unlock(&rw);
  pthread_rwlock_wrlock(&rw);
  pthread_create(&t[0], 0, tries, "held for writing");
  pthread_join(t[0], 0);
  pthread_rwlock_unlock(&rw);
  printf("barrier of none %s\n", error_name(pthread_barrier_init(&barrier, 0, 0)));
  return 0;
}
