// Cancellation: at cancellation points, asynchronous, disabled, pending; cleanup handlers and locks.
#include "guest.h"
#include <pthread.h>
#include <semaphore.h>
static int p[2];
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static sem_t s;
static volatile int ready, spun, cleaned;
static void clean(void *what) {
  printf("clean %s\n", (char *)what);
  cleaned++;
}
static void unlock(void *mutex) { printf("unlock %d\n", pthread_mutex_unlock(mutex)); }
static void *in_read(void *a) {
  char b;
  pthread_cleanup_push(clean, "outer");
  pthread_cleanup_push(clean, "inner");
  ready = 1;
  read(p[0], &b, 1);
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
  return "not cancelled";
}
static void *in_wait(void *a) {
  pthread_mutex_lock(&m);
  pthread_cleanup_push(unlock, &m);
  ready = 1;
  for (;;) pthread_cond_wait(&c, &m);
  pthread_cleanup_pop(1);
  return 0;
}
static void *in_semaphore(void *a) {
  ready = 1;
  sem_wait(&s);
  return "not cancelled";
}
static void *in_sleep(void *a) {
  ready = 1;
  for (;;) sleep(100);
}
static void *asynchronous(void *a) {
  int old;
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
  ready = 1;
  for (;;) spun++;
}
static void *disabled(void *a) {
  int old;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
  ready = 1;
  for (int i = 0; i < 20; i++) usleep(1000);
  printf("still here\n");
  pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
  pthread_testcancel();
  return "not cancelled";
}
static void *popped(void *a) {
  pthread_cleanup_push(clean, "by pop");
  pthread_cleanup_pop(1);
  pthread_cleanup_push(clean, "by exit");
  ready = 1;
  pthread_exit("exited");
  pthread_cleanup_pop(0);
}
static void try(const char *what, void *(*f)(void *), int cancel) {
  pthread_t t;
  void *r;
  ready = 0;
  pthread_create(&t, 0, f, 0);
  while (!ready) sched_yield();
  usleep(3000);
  int cancelled = cancel ? pthread_cancel(t) : 0;
  pthread_join(t, &r);
  printf("%s: cancel %d, %s\n", what, cancelled, r == PTHREAD_CANCELED ? "cancelled" : (char *)r);
}
int main(void) {
  pipe(p);
  sem_init(&s, 0, 0);
  try("read", in_read, 1);
  try("condition", in_wait, 1);
  printf("the mutex is free: %d\n", pthread_mutex_trylock(&m));
  try("semaphore", in_semaphore, 1);
  try("sleep", in_sleep, 1);
  try("asynchronous", asynchronous, 1);
  try("disabled", disabled, 1);
  try("pop", popped, 0);
  printf("cleaned %d, spun %d\n", cleaned, spun > 0);
  return 0;
}
