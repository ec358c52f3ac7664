/* fork, exit statuses, wait in any order, ECHILD at the end. */
#include "guest.h"
int main(void) {
  pid_t pids[8];
  for (int i = 0; i < 8; i++) {
    pids[i] = fork();
    MUST(pids[i] >= 0);
    if (pids[i] == 0) _exit(i * 10);
  }
  for (int i = 7; i >= 0; i--) {
    int status;
    MUST(waitpid(pids[i], &status, 0) == pids[i]);
    printf("child %d ", i);
    print_status("", status);
  }
  SHOW(wait(0));
  SHOW(waitpid(-1, 0, WNOHANG));
  pid_t p = fork();
  if (p == 0) { for (;;) pause(); }
  SHOW(waitpid(p, 0, WNOHANG));
  kill(p, SIGKILL);
  int status;
  MUST(wait(&status) == p);
  print_status("killed", status);
  printf("parent pid stays %d\n", getpid() != p && getppid() > 0);
  return 0;
}
