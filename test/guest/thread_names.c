// Names and ids of threads, as the C library and /proc have them.
#include "guest.h"
#include <dirent.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/prctl.h>
static pthread_barrier_t meet;
static int tids[3];
static void *named(void *arg) {
  long i = (long)arg;
  char name[32], path[64], text[32] = {0};
  tids[i] = syscall(SYS_gettid);
  snprintf(name, sizeof name, "worker-%ld", i);
  prctl(PR_SET_NAME, name);
  pthread_barrier_wait(&meet);
  pthread_barrier_wait(&meet);
  return 0;
}
int main(void) {
  pthread_t t[3];
  char text[64], path[64];
  pthread_barrier_init(&meet, 0, 4);
  for (long i = 0; i < 3; i++) pthread_create(&t[i], 0, named, (void *)i);
  pthread_barrier_wait(&meet);
  for (int i = 0; i < 3; i++) {
    snprintf(path, sizeof path, "/proc/self/task/%d/comm", tids[i]);
    int fd = open(path, O_RDONLY);
    memset(text, 0, sizeof text);
    read(fd, text, 63);
    close(fd);
    printf("%s", text);
  }
  int listed = 0;
  DIR *d = opendir("/proc/self/task");
  for (struct dirent *e; (e = readdir(d));) listed += e->d_name[0] != '.';
  closedir(d);
  printf("listed %d\n", listed);
  FILE *f = fopen("/proc/self/status", "r");
  for (char line[256]; fgets(line, sizeof line, f);)
    if (!strncmp(line, "Threads:", 8)) printf("%s", line);
  printf("pid %d, tid %d, different %d\n", getpid() == syscall(SYS_gettid), tids[0] != tids[1], tids[0] != getpid());
  SHOW(syscall(SYS_tgkill, getpid(), tids[0], 0));
  SHOW(syscall(SYS_tgkill, getpid() + 100, tids[0], 0));
  SHOW(syscall(SYS_tkill, 99999, 0));
  pthread_barrier_wait(&meet);
  for (int i = 0; i < 3; i++) pthread_join(t[i], 0);
  prctl(PR_SET_NAME, "a name that is too long");
  memset(text, 0, sizeof text);
  prctl(PR_GET_NAME, text);
  printf("%s\n", text);
  return 0;
}
