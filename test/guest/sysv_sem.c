// System V semaphores: values, operations on several at once, all or none, waiting for zero, timeouts, signals, errors.
#include "guest.h"
#include <sys/ipc.h>
#include <sys/sem.h>
#define EIDRM_NAME(e) ((e) == EIDRM ? "EIDRM" : error_name(e))
static void nothing(int sig) {}
static int id;
static int op(int n, int by, int flags) {
  struct sembuf s = {n, by, flags};
  return semop(id, &s, 1);
}
static void values(const char *when) {
  unsigned short v[3];
  MUST(semctl(id, 0, GETALL, v) == 0);
  printf("%s: %d %d %d\n", when, v[0], v[1], v[2]);
}
static void wait_for(int command, int n, int count) {
  while (semctl(id, n, command) < count) usleep(1000);
}
int main(void) {
  struct timespec ms = {0, 20000000}, bad = {0, 1000000000}, zero = {0, 0};
  int st;
  id = semget(IPC_PRIVATE, 3, 0600);
  MUST(id >= 0);
  values("new");
  SHOW(op(0, 5, 0));
  SHOW(op(0, -2, 0));
  SHOW(op(0, -4, IPC_NOWAIT));
  SHOW(op(0, 0, IPC_NOWAIT));
  SHOW(op(1, 0, 0));
  struct sembuf all[3] = {{0, -1, 0}, {1, 2, 0}, {2, -1, IPC_NOWAIT}};
  SHOW(semop(id, all, 3));
  values("none of three");
  struct sembuf twice[3] = {{0, 4, 0}, {0, -6, 0}, {1, 1, 0}};
  SHOW(semop(id, twice, 3));
  values("up and down");
  SHOW(semctl(id, 2, SETVAL, 32767));
  SHOW(op(2, 1, 0));
  struct sembuf over[2] = {{1, 1, 0}, {2, 1, 0}};
  SHOW(semop(id, over, 2));
  values("out of range");
  SHOW(semctl(id, 2, SETVAL, 32768));
  SHOW(semctl(id, 2, SETVAL, -1));
  SHOW(semctl(id, 3, SETVAL, 1));
  SHOW(semctl(id, -1, GETVAL));
  SHOW(op(3, 1, 0));
  SHOW(semop(id, all, 0));
  struct sembuf many[501] = {{0}};
  SHOW(semop(id, many, 501));
  SHOW(semop(id, (void *)8, 1));
  SHOW(semop(-1, all, 1));
  SHOW(semctl(id, 0, 99));
  unsigned short set[3] = {1, 0, 40000};
  SHOW(semctl(id, 0, SETALL, set));
  set[2] = 0;
  SHOW(semctl(id, 0, SETALL, set));
  values("set");
  struct sembuf take = {2, -1, 0};
  long before = milliseconds();
  SHOW(semtimedop(id, &take, 1, &ms));
  printf("waited %d\n", milliseconds() - before >= 20);
  SHOW(semtimedop(id, &take, 1, &zero));
  SHOW(semtimedop(id, &take, 1, &bad));
  SHOW(semtimedop(id, &take, 1, (void *)8));
  fflush(stdout);

  // A signal ends the wait, with SA_RESTART too; so does a stop.
  for (int restart = 0; restart < 2; restart++) {
    pid_t child = fork();
    if (child == 0) {
      set_handler(SIGUSR1, nothing, restart ? SA_RESTART : 0);
      SHOW(op(2, -1, 0));
      exit(0);
    }
    wait_for(GETNCNT, 2, 1);
    kill(child, SIGUSR1);
    waitpid(child, &st, 0);
  }
  pid_t child = fork();
  if (child == 0) {
    SHOW(op(2, -1, 0));
    exit(0);
  }
  wait_for(GETNCNT, 2, 1);
  kill(child, SIGSTOP);
  waitpid(child, &st, WUNTRACED);
  kill(child, SIGCONT);
  waitpid(child, &st, 0);
  printf("nobody waits: %d\n", semctl(id, 2, GETNCNT));
  fflush(stdout);

  // Waiting for zero, and on several.
  if (fork() == 0) _exit(op(0, 0, 0) == 0 ? 1 : 99);
  wait_for(GETZCNT, 0, 1);
  printf("%d %d\n", semctl(id, 0, GETZCNT), semctl(id, 0, GETNCNT));
  SHOW(op(0, -1, 0));
  wait(&st);
  print_status("zero", st);
  struct sembuf both[2] = {{1, -1, 0}, {2, -1, 0}};
  if (fork() == 0) _exit(semop(id, both, 2) == 0 ? 2 : 99);
  wait_for(GETNCNT, 1, 1);
  printf("%d %d\n", semctl(id, 1, GETNCNT), semctl(id, 2, GETNCNT));
  SHOW(op(1, 1, 0));
  wait_for(GETNCNT, 2, 1);
  printf("%d %d\n", semctl(id, 1, GETNCNT), semctl(id, 2, GETNCNT));
  SHOW(op(2, 1, 0));
  wait(&st);
  print_status("both", st);
  values("after");
  printf("pid %d %d\n", semctl(id, 2, GETPID) != getpid() && semctl(id, 2, GETPID) > 0, semctl(id, 0, GETPID) > 0);
  fflush(stdout);

  // A multiple operation whose second part may not wait fails when the first can go on.
  struct sembuf later[2] = {{0, -1, 0}, {1, -1, IPC_NOWAIT}};
  if (fork() == 0) {
    SHOW(semop(id, later, 2));
    exit(0);
  }
  wait_for(GETNCNT, 0, 1);
  op(0, 1, 0);
  wait(0);
  values("refused");
  fflush(stdout);
  // Removal.
  for (int i = 0; i < 2; i++) {
    if (fork() == 0) {
      int r = i ? op(2, -1, 0) : semop(id, both, 2);
      printf("removed: %d %s\n", r, EIDRM_NAME(errno));
      exit(0);
    }
    wait_for(GETNCNT, i ? 2 : 1, 1);
  }
  SHOW(semctl(id, 0, IPC_RMID));
  while (wait(0) > 0) {}
  SHOW(op(0, 1, 0));
  SHOW(semctl(id, 0, GETVAL));
  SHOW(semctl(id, 0, IPC_RMID));
  return 0;
}
