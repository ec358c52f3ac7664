/* prctl(2) about the processor and the kernel's accounting: what does not depend on which they are. */
#include "guest.h"
enum { GET_TSC = 25, SET_TSC, PERF_OFF = 31, PERF_ON, MCE_KILL, MCE_KILL_GET, GET_SPECULATION = 52, SET_SPECULATION, SET_IO_FLUSHER = 57, GET_IO_FLUSHER,
       GET_AUXV = 0x41555856, SET_VMA = 0x53564d41 };
static int child_kill(void) {
  int status;
  pid_t child = fork();
  if (child == 0) _exit(syscall(SYS_prctl, MCE_KILL_GET, 0, 0, 0, 0));
  MUST(waitpid(child, &status, 0) == child);
  return WEXITSTATUS(status);
}
int main(void) {
  int tsc = 77;
  CALL(prctl, GET_TSC, &tsc);
  printf("tsc %d\n", tsc);
  CALL(prctl, GET_TSC, 8);
  CALL(prctl, SET_TSC, 5);
  CALL(prctl, PERF_OFF);
  CALL(prctl, PERF_ON);
  CALL(prctl, MCE_KILL_GET, 0, 0, 0, 0);
  CALL(prctl, MCE_KILL, 1, 1, 0, 0);
  CALL(prctl, MCE_KILL_GET, 0, 0, 0, 0);
  printf("of a child %d\n", child_kill());
  CALL(prctl, MCE_KILL, 1, 5, 0, 0);
  CALL(prctl, MCE_KILL, 0, 0, 0, 0);
  CALL(prctl, MCE_KILL_GET, 0, 0, 0, 0);
  CALL(prctl, MCE_KILL, 7, 0, 0, 0);
  CALL(prctl, MCE_KILL_GET, 1, 0, 0, 0);
  CALL(prctl, GET_SPECULATION, 99, 0, 0, 0);
  CALL(prctl, GET_SPECULATION, 0, 1, 0, 0);
  CALL(prctl, SET_SPECULATION, 99, 2, 0, 0);
  CALL(prctl, SET_SPECULATION, 0, 2, 1, 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    MUST(geteuid() != 0 || syscall(SYS_setresuid, 1000, 1000, 1000) == 0);
    CALL(prctl, GET_IO_FLUSHER, 0, 0, 0, 0);
    CALL(prctl, SET_IO_FLUSHER, 1, 0, 0, 0);
    fflush(stdout);
    _exit(0);
  }
  MUST(waitpid(child, 0, 0) == child);
  unsigned long auxv[128] = {0};
  long bytes = syscall(SYS_prctl, GET_AUXV, auxv, sizeof auxv, 0, 0);
  int page = 0;
  for (int i = 0; i + 1 < 128 && auxv[i]; i += 2) if (auxv[i] == 6) page = auxv[i + 1];
  printf("auxv %d, page size %d\n", bytes >= 16 * 16, page);
  CALL(prctl, GET_AUXV, auxv, sizeof auxv, 1, 0);
  CALL(prctl, GET_AUXV, 8, 16, 0, 0);
  CALL(prctl, SET_VMA, 99, 0, 0, 0);
  return 0;
}
