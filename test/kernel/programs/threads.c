/* Threads: creation, joining, mutexes, conditions, thread-local storage, signals to one thread, exit of the group. */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static long counter;
static int turn;
static _Thread_local int own = 1;
static void *count(void *arg) {
  for (int i = 0; i < 20000; i++) { pthread_mutex_lock(&mutex); counter++; pthread_mutex_unlock(&mutex); }
  own += (int)(long)arg;
  return (void *)(long)own;
}
static void *alternate(void *arg) {
  int me = (int)(long)arg;
  for (int i = 0; i < 100; i++) {
    pthread_mutex_lock(&mutex);
    while (turn != me) pthread_cond_wait(&condition, &mutex);
    turn = !me;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
  }
  return NULL;
}
static volatile pid_t hit;
static void handler(int signal) { (void)signal; hit = syscall(SYS_gettid); }
static sem_t ready;
static void *wait_for_signal(void *arg) {
  pid_t *tid = arg;
  *tid = syscall(SYS_gettid);
  sem_post(&ready);
  while (!hit) usleep(1000);
  return NULL;
}
static void *robust(void *arg) { pthread_mutex_lock(arg); return NULL; }

int main(void) {
  pthread_t threads[8];
  void *result;
  long sum = 0;
  for (long i = 0; i < 8; i++) pthread_create(&threads[i], NULL, count, (void *)i);
  for (int i = 0; i < 8; i++) { pthread_join(threads[i], &result); sum += (long)result; }
  printf("counter %ld sum %ld own %d\n", counter, sum, own);
  for (long i = 0; i < 2; i++) pthread_create(&threads[i], NULL, alternate, (void *)i);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  printf("alternated\n");
  signal(SIGUSR1, handler);
  sem_init(&ready, 0, 0);
  pid_t tid;
  pthread_create(&threads[0], NULL, wait_for_signal, &tid);
  sem_wait(&ready);
  pthread_kill(threads[0], SIGUSR1);
  pthread_join(threads[0], NULL);
  printf("hit the thread %d\n", hit == tid);
  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_t mine;
  pthread_mutex_init(&mine, &attr);
  pthread_create(&threads[0], NULL, robust, &mine);
  pthread_join(threads[0], NULL);
  printf("robust %s\n", strerror(pthread_mutex_lock(&mine)));
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 20000000;
  if (until.tv_nsec >= 1000000000) { until.tv_sec++; until.tv_nsec -= 1000000000; }
  pthread_mutex_lock(&mutex);
  printf("timed out %s\n", strerror(pthread_cond_timedwait(&condition, &mutex, &until)));
  pthread_create(&threads[0], NULL, alternate, (void *)1);
  exit(9);
}
