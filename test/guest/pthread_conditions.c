// Condition variables: a bounded buffer, broadcast, signals that are not lost, waits with both clocks that time out.
#include "guest.h"
#include <pthread.h>
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER, emptied = PTHREAD_COND_INITIALIZER, go = PTHREAD_COND_INITIALIZER;
static int buffer[4], count, head, started, waiting, passed;
static void *produce(void *arg) {
  for (int i = 1; i <= 250; i++) {
    pthread_mutex_lock(&m);
    while (count == 4) pthread_cond_wait(&emptied, &m);
    buffer[(head + count++) % 4] = i;
    pthread_cond_signal(&filled);
    pthread_mutex_unlock(&m);
  }
  return 0;
}
static void *consume(void *arg) {
  long sum = 0;
  for (int i = 0; i < 250; i++) {
    pthread_mutex_lock(&m);
    while (count == 0) pthread_cond_wait(&filled, &m);
    sum += buffer[head];
    head = (head + 1) % 4;
    count--;
    pthread_cond_signal(&emptied);
    pthread_mutex_unlock(&m);
  }
  return (void *)sum;
}
static void *wait_for_go(void *arg) {
  pthread_mutex_lock(&m);
  waiting++;
  while (!started) pthread_cond_wait(&go, &m);
  passed++;
  pthread_mutex_unlock(&m);
  return 0;
}
static void timed(const char *what, clockid_t clock) {
  pthread_condattr_t a;
  pthread_cond_t c;
  struct timespec until;
  pthread_condattr_init(&a);
  pthread_condattr_setclock(&a, clock);
  pthread_cond_init(&c, &a);
  clock_gettime(clock, &until);
  until.tv_nsec += 20000000;
  if (until.tv_nsec >= 1000000000) until.tv_nsec -= 1000000000, until.tv_sec++;
  long before = milliseconds();
  pthread_mutex_lock(&m);
  int e = pthread_cond_timedwait(&c, &m, &until);
  printf("%s: %s, %s\n", what, error_name(e), milliseconds() - before >= 15 ? "waited" : "did not wait");
  printf("holds the mutex: %s\n", error_name(pthread_mutex_trylock(&m)));
  until.tv_sec -= 10;
  printf("in the past: %s\n", error_name(pthread_cond_timedwait(&c, &m, &until)));
  pthread_mutex_unlock(&m);
  pthread_cond_destroy(&c);
}
int main(void) {
  pthread_t p[4], c[4];
  long total = 0;
  for (int i = 0; i < 4; i++) pthread_create(&p[i], 0, produce, 0), pthread_create(&c[i], 0, consume, 0);
  for (int i = 0; i < 4; i++) {
    void *sum;
    pthread_join(p[i], 0);
    pthread_join(c[i], &sum);
    total += (long)sum;
  }
  printf("consumed %ld\n", total);
  pthread_t w[10];
  for (int i = 0; i < 10; i++) pthread_create(&w[i], 0, wait_for_go, 0);
  for (;;) {
    pthread_mutex_lock(&m);
    int n = waiting;
    pthread_mutex_unlock(&m);
    if (n == 10) break;
    sched_yield();
  }
  pthread_mutex_lock(&m);
  started = 1;
  pthread_cond_broadcast(&go);
  pthread_mutex_unlock(&m);
  for (int i = 0; i < 10; i++) pthread_join(w[i], 0);
  printf("passed %d\n", passed);
  timed("realtime", CLOCK_REALTIME);
  timed("monotonic", CLOCK_MONOTONIC);
  return 0;
}
