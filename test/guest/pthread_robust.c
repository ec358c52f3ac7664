// Robust mutexes: owners that end while holding one, in a thread and in another process.
#include "guest.h"
#include <pthread.h>
static const char *r(int e) {
  return e == 0 ? "0" : e == EOWNERDEAD ? "EOWNERDEAD" : e == ENOTRECOVERABLE ? "ENOTRECOVERABLE" : error_name(e);
}
static void *dies(void *m) {
  pthread_mutex_lock(m);
  return 0;
}
struct shared { pthread_mutex_t m; pthread_mutex_t second; };
int main(void) {
  struct shared *s = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_t a;
  pthread_mutexattr_init(&a);
  pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
  pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&s->m, &a);
  pthread_mutex_init(&s->second, &a);
  pthread_t t;
  pthread_create(&t, 0, dies, &s->m);
  pthread_join(t, 0);
  printf("lock %s\n", r(pthread_mutex_lock(&s->m)));
  printf("consistent %s\n", r(pthread_mutex_consistent(&s->m)));
  printf("unlock %s\n", r(pthread_mutex_unlock(&s->m)));
  printf("lock %s\n", r(pthread_mutex_lock(&s->m)));
  pthread_mutex_unlock(&s->m);
  fflush(stdout);
  int locked[2];
  pipe(locked);
  for (int how = 0; how < 3; how++) {
    pid_t child = fork();
    if (child == 0) {
      pthread_mutex_lock(&s->m);
      pthread_mutex_lock(&s->second);
      if (how == 0) _exit(0);
      if (how == 1) raise(SIGKILL);
      write(locked[1], "", 1);
      usleep(30000);
      abort();
    }
    if (how < 2) waitpid(child, 0, 0);
    else read(locked[0], &(char){0}, 1);
    int e = pthread_mutex_lock(&s->m);
    printf("after a process: %s", r(e));
    if (e == EOWNERDEAD) pthread_mutex_consistent(&s->m);
    printf(" %s", r(pthread_mutex_lock(&s->second)));
    pthread_mutex_consistent(&s->second);
    pthread_mutex_unlock(&s->second);
    pthread_mutex_unlock(&s->m);
    printf("\n");
    if (how == 2) waitpid(child, 0, 0);
  }
  pthread_create(&t, 0, dies, &s->m);
  pthread_join(t, 0);
  printf("trylock %s\n", r(pthread_mutex_trylock(&s->m)));
  printf("unlock without consistent %s\n", r(pthread_mutex_unlock(&s->m)));
  printf("lock %s\n", r(pthread_mutex_lock(&s->m)));
  printf("trylock %s\n", r(pthread_mutex_trylock(&s->m)));
  return 0;
}
