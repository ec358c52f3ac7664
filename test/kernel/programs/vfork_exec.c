/* vfork, posix_spawn, exec and what survives it (execve(2), "Effect on process attributes"). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IONBF, 0);
  if (argc > 1 && !strcmp(argv[1], "child")) {
    struct sigaction hup, usr1;
    sigset_t mask, pending;
    sigaction(SIGHUP, NULL, &hup);
    sigaction(SIGUSR1, NULL, &usr1);
    sigprocmask(SIG_SETMASK, NULL, &mask);
    sigpending(&pending);
    char name[16];
    prctl(PR_GET_NAME, name);
    printf("child: hup ignored %d, usr1 default %d, mask usr2 %d, pending %d, env %s, name %s\n", hup.sa_handler == SIG_IGN,
           usr1.sa_handler == SIG_DFL, sigismember(&mask, SIGUSR2), sigismember(&pending, SIGUSR2), getenv("X") ?: "none", name);
    printf("fd 10 %s, fd 11 %s\n", fcntl(10, F_GETFD) < 0 ? "closed" : "open", fcntl(11, F_GETFD) < 0 ? "closed" : "open");
    return argc;
  }
  volatile int shared = 1;
  pid_t pid = vfork();
  if (pid == 0) { shared = 2; _exit(5); }
  int status;
  waitpid(pid, &status, 0);
  printf("vfork: shared %d status %d\n", shared, WEXITSTATUS(status));
  signal(SIGHUP, SIG_IGN);
  signal(SIGUSR1, (void (*)(int))abort);
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR2);
  dup2(1, 10);
  dup2(1, 11);
  fcntl(10, F_SETFD, FD_CLOEXEC);
  char *args[] = {argv[0], "child", "x", NULL};
  char *env[] = {"X=y", NULL};
  pid = vfork();
  if (pid == 0) {
    sigprocmask(SIG_BLOCK, &mask, NULL);
    raise(SIGUSR2);
    execve(argv[0], args, env);
    _exit(127);
  }
  waitpid(pid, &status, 0);
  printf("exec: status %d\n", WEXITSTATUS(status));
  args[2] = NULL;
  int error = posix_spawn(&pid, argv[0], NULL, NULL, args, environ);
  waitpid(pid, &status, 0);
  printf("spawn: %d status %d\n", error, WEXITSTATUS(status));
  error = posix_spawn(&pid, "/nonexistent", NULL, NULL, args, environ);
  printf("spawn: %s\n", strerror(error));
  printf("exec: %d %s\n", execve("/", args, env), strerror(errno));
  printf("exec: %d %s\n", execve("/dev/null", args, env), strerror(errno));
  return 0;
}
