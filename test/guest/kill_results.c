/* What kill(2) and its kin answer: nobody, no such signal, nobody that may be signalled. */
#include "guest.h"
#include <grp.h>
#include <sched.h>

/* Above PID_MAX_LIMIT. */
#define NOBODY 4194310

static int results(void) {
  siginfo_t info = {.si_code = SI_QUEUE};
  SHOW(kill(NOBODY, 0));
  SHOW(kill(NOBODY, 99));
  SHOW(kill(NOBODY, -1));
  SHOW(kill(-NOBODY, 99));
  SHOW(kill(getpid(), 99));
  SHOW(kill(0, 99));
  SHOW(kill(1, 65));
  CALL(tgkill, NOBODY, NOBODY, 99);
  CALL(tkill, NOBODY, 99);
  CALL(tkill, getpid(), 99);
  CALL(rt_sigqueueinfo, NOBODY, 99, &info);
  CALL(rt_sigqueueinfo, getpid(), 99, &info);
  fflush(stdout);
  pid_t other = fork();
  if (other == 0) for (;;) pause();
  pid_t child = fork();
  if (child == 0) {
    MUST(setgroups(0, 0) == 0 && setgid(54321) == 0 && setuid(54321) == 0);
    SHOW(kill(other, 0));
    SHOW(kill(other, 99));
    SHOW(kill(-getpgrp(), 0));
    SHOW(kill(-1, 0));
    SHOW(kill(-1, 15));
    SHOW(kill(-1, 99));
    fflush(stdout);
    _exit(0);
  }
  waitpid(child, 0, 0);
  SHOW(kill(other, SIGTERM));
  int status;
  MUST(waitpid(other, &status, 0) == other);
  printf("%d\n", WTERMSIG(status));
  return 0;
}
/* In a PID namespace of its own: kill(-1) is about everyone. */
int main(void) {
  MUST(unshare(CLONE_NEWPID) == 0);
  pid_t init = fork();
  if (init == 0) exit(results());
  int status;
  MUST(waitpid(init, &status, 0) == init);
  print_status("init", status);
  return 0;
}
