// exec in a thread that is not the first: the others end, the process keeps its pid, the new program has one thread.
#include "guest.h"
#include <dirent.h>
#include <pthread.h>
#include <sys/syscall.h>
static char *self, pid[16];
static void *sleeps(void *arg) {
  for (;;) pause();
}
static void *spins(void *arg) {
  for (;;) sched_yield();
}
static void *execs(void *arg) {
  execl(self, self, "again", pid, (char *)0);
  printf("exec failed: %s\n", error_name(errno));
  exit(1);
}
int main(int argc, char **argv) {
  if (argc == 3) {
    int threads = 0;
    DIR *d = opendir("/proc/self/task");
    for (struct dirent *e; (e = readdir(d));) threads += e->d_name[0] != '.';
    printf("same pid %d, leader %d, threads %d\n", getpid() == atoi(argv[2]), syscall(SYS_gettid) == getpid(), threads);
    return 7;
  }
  static char path[4096];
  path[readlink("/proc/self/exe", path, sizeof path - 1)] = 0;
  self = path;
  snprintf(pid, sizeof pid, "%d", getpid());
  printf("before\n");
  fflush(stdout);
  pthread_t t;
  for (int i = 0; i < 3; i++) pthread_create(&t, 0, i ? sleeps : spins, 0);
  pthread_create(&t, 0, execs, 0);
  pthread_join(t, 0);
  printf("not reached\n");
  return 1;
}
