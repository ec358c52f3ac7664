/* Processes of several threads: exec, fork and exit from any of them, death of the leader, of the group, and of the parent. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *self;
static pid_t child;
static void nap(int ms) { struct timespec t = {0, ms * 1000000L}; while (nanosleep(&t, &t) < 0); }
static void *sleep_forever(void *arg) { (void)arg; for (;;) pause(); }
static void *run_self(void *arg) {
  char pid[16];
  snprintf(pid, sizeof pid, "%d", getpid());
  execl(self, self, (char *)arg, pid, NULL);
  return NULL;
}
static void *leave(void *arg) { nap(20); exit((int)(long)arg); }
static void *quit(void *arg) { nap(20); syscall(SYS_exit, 6); return arg; }
static void *fork_in_thread(void *arg) {
  (void)arg;
  child = fork();
  if (child == 0) _exit(syscall(SYS_gettid) == getpid() ? 11 : 12);
  return NULL;
}
static void *crash(void *arg) { nap(10); *(volatile int *)arg = 1; return NULL; }
static void start(void *(*f)(void *), void *arg) { pthread_t t; pthread_create(&t, NULL, f, arg); }
static void report(const char *what, pid_t pid) {
  int status;
  if (waitpid(pid, &status, 0) != pid) printf("%s: %s\n", what, strerror(errno));
  else if (WIFEXITED(status)) printf("%s: exited %d\n", what, WEXITSTATUS(status));
  else printf("%s: signal %d\n", what, WTERMSIG(status));
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IONBF, 0);
  self = argv[0];
  if (argc > 1) {
    printf("%s: same pid %d, tid is pid %d\n", argv[1], atoi(argv[2]) == getpid(), syscall(SYS_gettid) == getpid());
    return 8;
  }
  pid_t pid;
  if (!(pid = fork())) { start(sleep_forever, NULL); start(run_self, "exec"); for (;;) pause(); }
  report("exec in a thread", pid);
  if (!(pid = fork())) { start(leave, (void *)5L); start(sleep_forever, NULL); pthread_exit(NULL); }
  report("exit after the leader", pid);
  if (!(pid = fork())) { start(quit, NULL); syscall(SYS_exit, 4); }
  report("last thread exits", pid);
  if (!(pid = fork())) { start(run_self, "exec after the leader"); syscall(SYS_exit, 4); }
  report("exec after the leader", pid);
  if (!(pid = fork())) { for (int i = 0; i < 5; i++) start(sleep_forever, NULL); for (;;) pause(); }
  nap(20);
  kill(pid, SIGTERM);
  report("killed group", pid);
  if (!(pid = fork())) { start(crash, NULL); for (;;) pause(); }
  report("crash in a thread", pid);
  pthread_t t;
  pthread_create(&t, NULL, fork_in_thread, NULL);
  pthread_join(t, NULL);
  report("fork in a thread", child);

  int fds[2];
  char c;
  pipe(fds);
  if (!(pid = fork())) {
    if (!fork()) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      write(fds[1], "x", 1);
      for (;;) pause();
    }
    read(fds[0], &c, 1);
    _exit(0);
  }
  report("parent", pid);
  close(fds[1]);
  printf("child of the dead parent died: %d\n", (int)read(fds[0], &c, 1) == 0);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (!(pid = fork())) {
    if (!fork()) { nap(20); _exit(21); }
    _exit(0);
  }
  report("middle", pid);
  int status;
  printf("adopted: %d", waitpid(-1, &status, 0) > 0);
  printf(" status %d\n", WEXITSTATUS(status));
  return 0;
}
