// fork in a program with threads: only the caller goes on in the child; pthread_atfork; locks; threads of the child.
#include "guest.h"
#include <pthread.h>
#include <sys/syscall.h>
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static volatile int stop, ticks;
static int order;
static void prepare(void) { pthread_mutex_lock(&m); }
static void parent(void) { pthread_mutex_unlock(&m); }
static void child_after(void) { pthread_mutex_unlock(&m); order++; }
static void *tick(void *arg) {
  while (!stop) {
    pthread_mutex_lock(&m);
    ticks++;
    pthread_mutex_unlock(&m);
    free(malloc(100));
    sched_yield();
  }
  return 0;
}
static void *square(void *arg) { return (void *)((long)arg * (long)arg); }
static void *forks(void *arg) {
  pid_t child = fork();
  if (child == 0) {
    int before = ticks;
    usleep(5000);
    int alone = ticks == before;
    pthread_t t;
    void *r;
    pthread_create(&t, 0, square, (void *)7);
    pthread_join(t, &r);
    char *memory = malloc(1000);
    memset(memory, 1, 1000);
    free(memory);
    // This thread is the child's only one and its leader.
    _exit(alone && (long)r == 49 && order == 1 && getpid() == (pid_t)syscall(SYS_gettid) ? 12 : 13);
  }
  int status;
  waitpid(child, &status, 0);
  return (void *)(long)status;
}
int main(void) {
  pthread_t t[3], f;
  pthread_atfork(prepare, parent, child_after);
  for (int i = 0; i < 3; i++) pthread_create(&t[i], 0, tick, 0);
  while (ticks < 10) sched_yield();
  for (int i = 0; i < 5; i++) {
    void *status;
    pthread_create(&f, 0, forks, 0);
    pthread_join(f, &status);
    print_status("child", (int)(long)status);
  }
  int status;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) exit(3);
  waitpid(child, &status, 0);
  print_status("of main", status);
  stop = 1;
  for (int i = 0; i < 3; i++) pthread_join(t[i], 0);
  printf("ticked on: %d\n", ticks > 10);
  return 0;
}
