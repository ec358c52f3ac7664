/* What prctl(2) keeps for a process: read back, inherited or not, and refused. */
#include "guest.h"
#include <sys/prctl.h>
static int in_child(int (*f)(void)) {
  int status;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(f());
  MUST(waitpid(child, &status, 0) == child && WIFEXITED(status));
  return WEXITSTATUS(status);
}
static int death_signal(void) { int s = 77; return syscall(SYS_prctl, PR_GET_PDEATHSIG, &s) ? 99 : s; }
static int subreaper(void) { int s = 77; return syscall(SYS_prctl, PR_GET_CHILD_SUBREAPER, &s) ? 99 : s; }
static int privileges(void) { return syscall(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); }
static int dumpable(void) { return syscall(SYS_prctl, PR_GET_DUMPABLE); }
static int keep(void) { return syscall(SYS_prctl, PR_GET_KEEPCAPS); }
static int slack(void) { return syscall(SYS_prctl, PR_GET_TIMERSLACK) / 1000; }
static int huge(void) { return syscall(SYS_prctl, PR_GET_THP_DISABLE, 0, 0, 0, 0); }
int main(void) {
  int value = 77;
  CALL(prctl, PR_SET_PDEATHSIG, SIGUSR2);
  CALL(prctl, PR_SET_PDEATHSIG, 65);
  CALL(prctl, PR_GET_PDEATHSIG, &value);
  printf("death signal %d, of a child %d\n", value, in_child(death_signal));
  CALL(prctl, PR_GET_PDEATHSIG, 8);
  CALL(prctl, PR_SET_PDEATHSIG, 0);
  CALL(prctl, PR_GET_DUMPABLE);
  CALL(prctl, PR_SET_DUMPABLE, 0);
  CALL(prctl, PR_SET_DUMPABLE, 2);
  CALL(prctl, PR_GET_DUMPABLE);
  printf("of a child %d\n", in_child(dumpable));
  CALL(prctl, PR_SET_DUMPABLE, 1);
  CALL(prctl, PR_GET_KEEPCAPS);
  CALL(prctl, PR_SET_KEEPCAPS, 1);
  CALL(prctl, PR_SET_KEEPCAPS, 2);
  CALL(prctl, PR_GET_KEEPCAPS);
  printf("of a child %d\n", in_child(keep));
  CALL(prctl, PR_SET_KEEPCAPS, 0);
  CALL(prctl, PR_GET_TIMING);
  CALL(prctl, PR_SET_TIMING, 0);
  CALL(prctl, PR_SET_TIMING, 1);
  CALL(prctl, PR_GET_SECCOMP);
  char name[16] = "";
  CALL(prctl, PR_SET_NAME, "a name of more than fifteen bytes");
  CALL(prctl, PR_GET_NAME, name);
  printf("%s\n", name);
  CALL(prctl, PR_SET_NAME, 8);
  CALL(prctl, PR_GET_NAME, 8);
  long slack_before = syscall(SYS_prctl, PR_GET_TIMERSLACK);
  CALL(prctl, PR_SET_TIMERSLACK, 77000);
  CALL(prctl, PR_GET_TIMERSLACK);
  printf("of a child %d us\n", in_child(slack));
  CALL(prctl, PR_SET_TIMERSLACK, 1ul << 36);
  CALL(prctl, PR_GET_TIMERSLACK);
  CALL(prctl, PR_SET_TIMERSLACK, -1l);
  SHOW(syscall(SYS_prctl, PR_GET_TIMERSLACK) == -1);
  CALL(prctl, PR_SET_TIMERSLACK, 0);
  printf("default again %d\n", syscall(SYS_prctl, PR_GET_TIMERSLACK) == slack_before);
  CALL(prctl, PR_SET_CHILD_SUBREAPER, 1);
  CALL(prctl, PR_GET_CHILD_SUBREAPER, &value);
  printf("subreaper %d, a child %d\n", value, in_child(subreaper));
  CALL(prctl, PR_GET_CHILD_SUBREAPER, 8);
  CALL(prctl, PR_SET_CHILD_SUBREAPER, 0);
  CALL(prctl, PR_CAPBSET_READ, 0);
  CALL(prctl, PR_CAPBSET_READ, 1000);
  CALL(prctl, PR_CAPBSET_DROP, 1000);
  CALL(prctl, PR_GET_THP_DISABLE, 0, 0, 0, 0);
  CALL(prctl, PR_SET_THP_DISABLE, 1, 0, 0, 0);
  CALL(prctl, PR_GET_THP_DISABLE, 0, 0, 0, 0);
  CALL(prctl, PR_GET_THP_DISABLE, 1, 0, 0, 0);
  printf("of a child %d\n", in_child(huge));
  unsigned long address = 1;
  SHOW(syscall(SYS_set_tid_address, &value) == syscall(SYS_gettid));
  long e = syscall(SYS_prctl, PR_GET_TID_ADDRESS, &address);
  printf("tid address %s\n", e == 0 ? address == (unsigned long)&value ? "as set" : "other" : error_name(errno));
  CALL(prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
  CALL(prctl, PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0);
  CALL(prctl, PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
  CALL(prctl, PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0);
  CALL(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  CALL(prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
  printf("of a child %d\n", in_child(privileges));
  CALL(prctl, 12345);
  return 0;
}
