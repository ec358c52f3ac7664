/* A grandchild whose parent is gone belongs to somebody else, and a pipe tells when it ends. */
#include "guest.h"
int main(void) {
  int p[2];
  MUST(pipe(p) == 0);
  pid_t child = fork();
  if (child == 0) {
    pid_t me = getpid();
    if (fork() == 0) {
      close(p[0]);
      while (getppid() == me) usleep(1000);
      write(p[1], "adopted", 7);
      _exit(0);
    }
    _exit(0);
  }
  close(p[1]);
  waitpid(child, 0, 0);
  char b[16] = {0};
  SHOW(read(p[0], b, 15));
  puts(b);
  SHOW(read(p[0], b, 15));
  SHOW(wait(0));
  return 0;
}
