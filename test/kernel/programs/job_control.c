/* Stopping, continuing and waiting for it; process groups and sessions; what a parent is told. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void on_child(int signal, siginfo_t *info, void *context) {
  (void)context;
  char text[96];
  write(1, text, snprintf(text, sizeof text, "SIGCHLD %d code %d status %d\n", signal, info->si_code, info->si_status));
}
static void nap(int ms) { struct timespec t = {ms / 1000, ms % 1000 * 1000000L}; while (nanosleep(&t, &t) < 0); }

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  struct sigaction action = {0};
  action.sa_sigaction = on_child;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigaction(SIGCHLD, &action, NULL);
  pid_t child = fork();
  if (child == 0) {
    setpgid(0, 0);
    for (;;) pause();
  }
  setpgid(child, child);
  int status;
  kill(-child, SIGSTOP);
  printf("stop: %d", waitpid(child, &status, WUNTRACED) == child);
  printf(" stopped %d by %d\n", WIFSTOPPED(status), WSTOPSIG(status));
  printf("again %d\n", waitpid(child, &status, WUNTRACED | WNOHANG));
  kill(child, SIGCONT);
  nap(20); /* SIGCHLD comes when the child runs again */
  printf("continued %d", waitpid(child, &status, WCONTINUED) == child);
  printf(" %d\n", WIFCONTINUED(status));
  siginfo_t info;
  kill(child, SIGTSTP);
  nap(20);
  memset(&info, 0, sizeof info);
  printf("waitid %d ", waitid(P_PID, child, &info, WSTOPPED | WNOWAIT));
  printf("code %d status %d signo %d\n", info.si_code, info.si_status, info.si_signo);
  printf("waitid %d\n", waitid(P_PGID, child, &info, WSTOPPED));
  kill(child, SIGTERM); /* pending until it continues */
  printf("pending: %d\n", waitpid(child, &status, WNOHANG));
  /* Whether the two SIGCHLD to come are one is a race. */
  signal(SIGCHLD, SIG_DFL);
  kill(child, SIGCONT);
  printf("ended %d", waitpid(-child, &status, 0) == child);
  printf(" signal %d\n", WTERMSIG(status));
  printf("none %d", waitpid(-1, &status, 0));
  printf(" %s\n", strerror(errno));

  sigaction(SIGCHLD, &action, NULL);

  /* An orphaned group with a stopped member gets SIGHUP and SIGCONT. */
  int fds[2];
  pipe(fds);
  pid_t middle = fork();
  if (middle == 0) {
    pid_t grandchild = fork();
    if (grandchild == 0) {
      setpgid(0, 0);
      signal(SIGHUP, SIG_IGN);
      write(fds[1], "r", 1);
      raise(SIGSTOP);
      char text[64];
      write(fds[1], text, snprintf(text, sizeof text, "orphan continued, parent changed %d", getppid() != 0));
      _exit(0);
    }
    char c;
    read(fds[0], &c, 1);
    nap(30);
    _exit(0);
  }
  close(fds[1]);
  waitpid(middle, &status, 0);
  char text[128] = {0};
  read(fds[0], text, sizeof text - 1);
  printf("%s\n", text);

  pid_t session = fork();
  if (session == 0) {
    pid_t id = setsid();
    printf("setsid %d sid %d pgrp %d\n", id == getpid(), getsid(0) == getpid(), getpgrp() == getpid());
    printf("again %d", setsid());
    printf(" %s\n", strerror(errno));
    printf("setpgid %d", setpgid(0, 0));
    printf(" %s\n", strerror(errno));
    exit(7);
  }
  waitid(P_ALL, 0, &info, WEXITED);
  printf("waitid code %d status %d\n", info.si_code, info.si_status);

  /* An ignored SIGCHLD reaps children by itself. */
  signal(SIGCHLD, SIG_IGN);
  pid_t ignored = fork();
  if (ignored == 0) _exit(1);
  printf("reaped %d", waitpid(ignored, &status, 0));
  printf(" %s\n", strerror(errno));
  signal(SIGCHLD, SIG_DFL);

  /* Signals default: a child that dies by each of some. */
  int deadly[] = {SIGHUP, SIGABRT, SIGSEGV, SIGKILL, SIGUSR2, SIGPIPE, SIGRTMIN + 3};
  for (unsigned i = 0; i < sizeof deadly / sizeof *deadly; i++) {
    pid_t victim = fork();
    if (victim == 0) { raise(deadly[i]); _exit(0); }
    waitpid(victim, &status, 0);
    printf("%d: signaled %d by %d\n", deadly[i], WIFSIGNALED(status), WTERMSIG(status));
  }
  return 0;
}
