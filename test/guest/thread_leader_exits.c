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
static void run(void *how) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    pthread_t t;
    first = pthread_self();
    pthread_create(&t, 0, last, how);
    pthread_exit("from the first");
  }
  int status;
  waitpid(child, &status, 0);
  print_status("process", status);
}
int main(void) {
  run(0);
  run(&first);
  return 0;
}
