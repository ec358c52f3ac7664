// A thread that takes a lock again as soon as it has released it, and holds it in a system call: who waits for the lock gets it all the same.
#include "guest.h"
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int done;

static void *hog(void *block) {
  int zero = open("/dev/zero", O_RDONLY);
  MUST(zero >= 0);
  while (!done) {
    pthread_mutex_lock(&lock);
    MUST(read(zero, block, 16384) == 16384);
    pthread_mutex_unlock(&lock);
    for (volatile int i = 0; i < 50; i++) {
    }
  }
  return NULL;
}

int main(void) {
  static char block[16384];
  pthread_t thread;
  MUST(pthread_create(&thread, NULL, hog, block) == 0);
  for (int i = 0; i < 3; i++) {
    usleep(5000);
    pthread_mutex_lock(&lock);
    printf("held\n");
    pthread_mutex_unlock(&lock);
  }
  done = 1;
  MUST(pthread_join(thread, NULL) == 0);
  printf("joined\n");
}
