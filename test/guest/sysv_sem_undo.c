// SEM_UNDO: at exit, by death, shared by threads and CLONE_SYSVSEM, not inherited by fork, kept by exec, cleared by SETVAL and SETALL.
#include "guest.h"
#include <pthread.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/sem.h>
static int id;
static int op(int n, int by, int flags) {
  struct sembuf s = {n, by, flags};
  return semop(id, &s, 1);
}
static void values(const char *when) {
  unsigned short v[3];
  MUST(semctl(id, 0, GETALL, v) == 0);
  printf("%s: %d %d %d\n", when, v[0], v[1], v[2]);
  fflush(stdout);
}
static void *thread(void *arg) {
  op(0, 2, SEM_UNDO);
  return 0;
}
static int cloned(void *arg) {
  op(0, 3, SEM_UNDO);
  op(1, -1, SEM_UNDO);
  return 0;
}
int main(int argc, char **argv) {
  static char stack[65536];
  int st;
  if (argc > 1) {
    id = atoi(argv[1]);
    op(1, 1, SEM_UNDO);
    values("after exec");
    return 0;
  }
  id = semget(IPC_PRIVATE, 3, 0600);
  unsigned short five[3] = {5, 5, 5};
  semctl(id, 0, SETALL, five);
  fflush(stdout);
  if (fork() == 0) {
    op(0, -3, SEM_UNDO);
    op(1, 4, SEM_UNDO);
    op(2, -1, 0);
    values("in the child");
    _exit(0);
  }
  wait(&st);
  values("it has ended");
  pid_t child = fork();
  if (child == 0) {
    op(0, -5, SEM_UNDO);
    op(1, 1, 0);
    for (;;) pause();
  }
  while (semctl(id, 1, GETVAL) != 6) usleep(1000);
  kill(child, SIGKILL);
  waitpid(child, &st, 0);
  values("killed");
  // The undo wakes who waits.
  child = fork();
  if (child == 0) {
    op(0, -5, SEM_UNDO);
    while (semctl(id, 0, GETNCNT) == 0) usleep(1000);
    _exit(0);
  }
  while (semctl(id, 0, GETVAL) != 0) usleep(1000);
  SHOW(op(0, -4, 0));
  waitpid(child, &st, 0);
  values("given back");
  if (fork() == 0) {
    op(0, 1, SEM_UNDO);
    if (fork() == 0) _exit(0); // it has nothing to undo
    wait(0);
    values("grandchild");
    _exit(0);
  }
  wait(0);
  values("child");
  if (fork() == 0) {
    pthread_t t;
    pthread_create(&t, 0, thread, 0);
    pthread_join(t, 0);
    values("thread has ended");
    _exit(0);
  }
  wait(0);
  values("its process too");
  if (fork() == 0) {
    child = clone(cloned, stack + sizeof stack, CLONE_SYSVSEM | SIGCHLD, 0);
    waitpid(child, 0, 0);
    values("shared list");
    if (fork() == 0) {
      unshare(CLONE_SYSVSEM);
      values("nothing of its own");
      _exit(0);
    }
    wait(0);
    SHOW(unshare(CLONE_SYSVSEM));
    values("unshared");
    _exit(0);
  }
  wait(0);
  // Range: an adjustment beyond it is refused, a result beyond it is cut.
  semctl(id, 0, SETALL, five);
  if (fork() == 0) {
    SHOW(op(0, 32762, SEM_UNDO));
    SHOW(op(0, -32767, 0));
    SHOW(op(0, 10, SEM_UNDO));
    values("at the limit");
    exit(0);
  }
  wait(0);
  values("cut at zero");
  if (fork() == 0) {
    op(2, -5, SEM_UNDO);
    semctl(id, 2, SETVAL, 32766);
    op(2, -1, SEM_UNDO);
    op(2, 2, 0);
    _exit(0);
  }
  wait(0);
  values("SETVAL forgets");
  if (fork() == 0) {
    op(0, 7, SEM_UNDO);
    semctl(id, 0, SETALL, five);
    op(1, 1, SEM_UNDO);
    char text[16];
    snprintf(text, sizeof text, "%d", id);
    execl("/proc/self/exe", argv[0], text, (char *)0);
    _exit(99);
  }
  wait(&st);
  print_status("exec", st);
  values("ended");
  SHOW(semctl(id, 0, IPC_RMID));
  if (fork() == 0) {
    id = semget(IPC_PRIVATE, 1, 0600);
    op(0, 1, SEM_UNDO);
    semctl(id, 0, IPC_RMID);
    _exit(0);
  }
  wait(&st);
  print_status("removed before", st);
  return 0;
}
