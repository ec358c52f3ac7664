// The first thread ends before the others: the process lives on, and ends with the last one or with exit.
#include "guest.h"
#include <pthread.h>
static pthread_t first;
static void *last(void *arg) {
  void *r;
  printf("join the first: %d\n", pthread_join(first, &r));
  printf("it returned %s\n", (char *)r);
  char text[64] = {0};
  int fd = open("/proc/self/stat", O_RDONLY);
  read(fd, text, 40);
  char *state = strrchr(text, ')');
  printf("the leader is a %c\n", state ? state[2] : '?');
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(9);
  int status;
  waitpid(child, &status, 0);
  print_status("child", status);
  if (arg) exit(5);
  return 0;
}
static void run(const char *how) {
  static char self[4096];
  self[readlink("/proc/self/exe", self, sizeof self - 1)] = 0;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    execl(self, self, how, (char *)0);
    _exit(1);
  }
  int status;
  waitpid(child, &status, 0);
  print_status("process", status);
}
int main(int argc, char **argv) {
  // A process of its own for each: musl's fork does not let the first thread of the child exit (it keeps a lock).
  if (argc > 1) {
    pthread_t t;
    first = pthread_self();
    pthread_create(&t, 0, last, *argv[1] == 'e' ? argv[1] : 0);
    pthread_exit("from the first");
  }
  run("returns");
  run("exits");
  return 0;
}
