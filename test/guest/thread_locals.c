// Thread-local storage: __thread variables with initial values, alignment, keys and their destructors.
#include "guest.h"
#include <pthread.h>
static __thread int number = 42;
static __thread char text[16] = "initial";
static __thread struct { char c; double aligned __attribute__((aligned(64))); } big = {'x', 2.5};
__thread long zero;
static pthread_key_t key, again, empty;
static int destroyed, rounds;
static void destroy(void *p) {
  __sync_fetch_and_add(&destroyed, 1);
  free(p);
}
static void destroy_again(void *p) {
  __sync_fetch_and_add(&rounds, 1);
  pthread_setspecific(again, p);
}
static void never(void *p) { printf("called for NULL\n"); }
static void *run(void *arg) {
  long id = (long)arg;
  if (number != 42 || strcmp(text, "initial") || big.aligned != 2.5 || zero) return "not initial";
  if ((uintptr_t)&big.aligned % 64) return "not aligned";
  number += id;
  snprintf(text, sizeof text, "thread %ld", id);
  zero = id * 1000;
  for (int i = 0; i < 20; i++) {
    sched_yield();
    if (number != 42 + id || zero != id * 1000) return "mixed up";
  }
  pthread_setspecific(key, malloc(10));
  pthread_setspecific(empty, 0);
  if (id == 3) pthread_setspecific(again, &rounds);
  return "fine";
}
int main(void) {
  pthread_t t[10];
  pthread_key_create(&key, destroy);
  pthread_key_create(&again, destroy_again);
  pthread_key_create(&empty, never);
  for (long i = 0; i < 10; i++) pthread_create(&t[i], 0, run, (void *)i);
  for (int i = 0; i < 10; i++) {
    void *r;
    pthread_join(t[i], &r);
    printf("%s\n", (char *)r);
  }
  printf("destroyed %d, rounds %d\n", destroyed, rounds);
  printf("main %d %s %ld\n", number, text, zero);
  pthread_key_t keys[100];
  int made = 0;
  for (int i = 0; i < 100; i++) made += pthread_key_create(&keys[i], 0) == 0;
  pthread_setspecific(keys[99], &made);
  printf("keys %d %d %d\n", made, pthread_getspecific(keys[99]) == &made, pthread_getspecific(keys[0]) == 0);
  printf("errno is per thread: %d\n", &errno != 0);
  return 0;
}
