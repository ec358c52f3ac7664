// POSIX semaphores: unnamed in threads and between processes, named, time-outs; shared memory objects.
#include "guest.h"
#include <pthread.h>
#include <semaphore.h>
static sem_t s, done;
static int inside, most;
static void *worker(void *arg) {
  for (int i = 0; i < 50; i++) {
    sem_wait(&s);
    int n = __sync_add_and_fetch(&inside, 1);
    if (n > most) most = n;
    sched_yield();
    __sync_sub_and_fetch(&inside, 1);
    sem_post(&s);
  }
  sem_post(&done);
  return 0;
}
int main(void) {
  pthread_t t[6];
  int v;
  sem_init(&s, 0, 3);
  sem_init(&done, 0, 0);
  for (int i = 0; i < 6; i++) pthread_create(&t[i], 0, worker, 0);
  for (int i = 0; i < 6; i++) sem_wait(&done);
  for (int i = 0; i < 6; i++) pthread_join(t[i], 0);
  sem_getvalue(&s, &v);
  printf("at most %s inside, value %d\n", most <= 3 ? "3" : "too many", v);
  while (sem_trywait(&s) == 0) printf("taken\n");
  SHOW(sem_trywait(&s));
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 10000000;
  if (until.tv_nsec >= 1000000000) until.tv_nsec -= 1000000000, until.tv_sec++;
  SHOW(sem_timedwait(&s, &until));
  sem_t *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  sem_init(shared, 1, 0);
  sem_init(shared + 1, 1, 0);
  fflush(stdout);
  if (fork() == 0) {
    for (int i = 0; i < 5; i++) sem_wait(shared), sem_post(shared + 1);
    _exit(0);
  }
  for (int i = 0; i < 5; i++) sem_post(shared), sem_wait(shared + 1);
  wait(0);
  printf("ping-pong between processes\n");
  char name[32];
  snprintf(name, sizeof name, "/guest-%d", getpid());
  sem_t *named = sem_open(name, O_CREAT | O_EXCL, 0600, 2);
  printf("named %d\n", named != SEM_FAILED);
  printf("exclusive %s\n", sem_open(name, O_CREAT | O_EXCL, 0600, 2) == SEM_FAILED ? error_name(errno) : "opened");
  sem_t *same = sem_open(name, 0);
  sem_wait(same);
  sem_getvalue(named, &v);
  printf("same object %d, value %d\n", same == named, v);
  SHOW(sem_unlink(name));
  SHOW(sem_unlink(name));
  int fd = shm_open(name, O_RDWR | O_CREAT, 0600);
  SHOW(ftruncate(fd, 8192));
  int *m = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (fork() == 0) {
    int other = shm_open(name, O_RDWR, 0);
    int *n = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, other, 0);
    n[1000] = 77;
    _exit(0);
  }
  wait(0);
  printf("shared memory %d\n", m[1000]);
  SHOW(shm_unlink(name));
  return 0;
}
