// 200 threads at once, and many one after another.
#include "guest.h"
#include <pthread.h>
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all = PTHREAD_COND_INITIALIZER;
static int here;
static void *meet(void *arg) {
  volatile char stack[4096];
  memset((char *)stack, (int)(long)arg, sizeof stack);
  pthread_mutex_lock(&m);
  if (++here == 200) pthread_cond_broadcast(&all);
  while (here < 200) pthread_cond_wait(&all, &m);
  pthread_mutex_unlock(&m);
  long sum = 0;
  for (int i = 0; i < 4096; i++) sum += (unsigned char)stack[i];
  return (void *)(sum / 4096);
}
static void *nothing(void *arg) { return arg; }
int main(void) {
  static pthread_t t[200];
  pthread_attr_t a;
  pthread_attr_init(&a);
  pthread_attr_setstacksize(&a, 65536);
  int failed = 0;
  for (long i = 0; i < 200; i++) failed += pthread_create(&t[i], &a, meet, (void *)i) != 0;
  long sum = 0;
  for (int i = 0; i < 200; i++) {
    void *r;
    pthread_join(t[i], &r);
    sum += (long)r;
  }
  printf("failed %d, sum %ld\n", failed, sum);
  sum = 0;
  for (long i = 0; i < 500; i++) {
    pthread_t one;
    void *r;
    failed += pthread_create(&one, 0, nothing, (void *)i) != 0;
    pthread_join(one, &r);
    sum += (long)r;
  }
  printf("failed %d, sum %ld\n", failed, sum);
  return 0;
}
