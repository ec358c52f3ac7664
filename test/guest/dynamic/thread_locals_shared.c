// Thread-local variables of a shared object, in threads and across fork; each thread begins with the initial values.
// link: -lcounter
#include "guest.h"
#include <pthread.h>
extern __thread int per_thread;
extern int counter_per_thread(void), *counter_address(void);
static void *run(void *arg) {
  int n = (int)(long)arg;
  for (int i = 0; i < n; i++) counter_per_thread(), sched_yield();
  return (void *)(long)(per_thread * 10 + (counter_address() == &per_thread));
}
int main(void) {
  pthread_t t[5];
  per_thread = 1000;
  for (long i = 0; i < 5; i++) pthread_create(&t[i], 0, run, (void *)i);
  for (int i = 0; i < 5; i++) {
    void *r;
    pthread_join(t[i], &r);
    printf("%ld\n", (long)r);
  }
  printf("main %d %d\n", per_thread, counter_per_thread());
  fflush(stdout);
  if (fork() == 0) {
    printf("child %d\n", counter_per_thread());
    exit(0);
  }
  wait(0);
  return 0;
}
