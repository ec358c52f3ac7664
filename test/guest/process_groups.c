/* Process groups and sessions as a shell uses them: setpgid, kill to a group, wait for a group, setsid. */
#include "guest.h"
int main(void) {
  int ready[2];
  char c;
  MUST(pipe(ready) == 0);
  pid_t leader = 0, kids[3];
  for (int i = 0; i < 3; i++) {
    kids[i] = fork();
    if (kids[i] == 0) { setpgid(0, leader); write(ready[1], "r", 1); for (;;) pause(); }
    if (!leader) leader = kids[i];
    setpgid(kids[i], leader);
  }
  for (int i = 0; i < 3; i++) read(ready[0], &c, 1);
  printf("groups %d %d %d\n", getpgid(kids[0]) == leader, getpgid(kids[2]) == leader, getpgrp() != leader);
  SHOW(waitpid(-leader, 0, WNOHANG));
  SHOW(kill(-leader, SIGTERM));
  int n = 0, status;
  while (waitpid(-leader, &status, 0) > 0) n += WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
  printf("ended %d\n", n);
  SHOW(kill(-leader, 0));
  SHOW(waitpid(-leader, 0, 0));
  SHOW(setpgid(999999, 0));
  SHOW(getpgid(999999));
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    pid_t s = setsid();
    printf("session %d group %d sid %d\n", s == getpid(), getpgrp() == getpid(), getsid(0) == getpid());
    SHOW(setsid());
    SHOW(setpgid(0, 0));
    fflush(stdout);
    _exit(0);
  }
  waitpid(p, 0, 0);
  p = fork();
  if (p == 0) for (;;) pause();
  kill(p, SIGSTOP);
  MUST(waitpid(p, &status, WUNTRACED) == p);
  print_status("child", status);
  kill(p, SIGCONT);
  MUST(waitpid(p, &status, WCONTINUED) == p);
  print_status("child", status);
  siginfo_t info = {0};
  SHOW(waitid(P_PID, p, &info, WEXITED | WNOHANG));
  printf("none yet %d\n", info.si_pid == 0);
  kill(p, SIGINT);
  SHOW(waitid(P_PID, p, &info, WEXITED | WNOWAIT));
  printf("code %d status %d pid %d\n", info.si_code, info.si_status, info.si_pid == p);
  MUST(waitpid(p, &status, 0) == p);
  print_status("child", status);
  return 0;
}
