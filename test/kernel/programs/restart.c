/* Which calls a handler interrupts, and which go on after it (signal(7), "Interruption of system calls"). */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int ran;
static int fds[2];
static void handler(int signal) { (void)signal; ran++; if (ran == 2) write(fds[1], "x", 1); }
static void arm(int milliseconds, int repeat) {
  struct itimerval timer = {{0, repeat * 1000}, {0, milliseconds * 1000}};
  setitimer(ITIMER_REAL, &timer, NULL);
}
static void install(int flags) {
  struct sigaction action = {0};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(SIGALRM, &action, NULL);
  ran = 0;
}
#define TRY(call) do { errno = 0; long r = (long)(call); printf("%s = %ld %s, handler %s\n", #call, r, errno ? strerror(errno) : "", ran ? "ran" : "did not run"); } while (0)

int main(void) {
  char c;
  pipe(fds);
  install(0);
  arm(20, 0);
  TRY(read(fds[0], &c, 1));
  install(SA_RESTART);
  arm(20, 20);
  TRY(read(fds[0], &c, 1));
  arm(0, 0);
  for (int restart = 0; restart < 2; restart++) {
    int flags = restart ? SA_RESTART : 0;
    struct pollfd p = {fds[0], POLLIN, 0};
    install(flags); arm(20, 0);
    TRY(poll(&p, 1, 1000));
    install(flags); arm(20, 0);
    TRY(pause());
    install(flags); arm(20, 0);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fds[0], &set);
    TRY(select(fds[0] + 1, &set, NULL, NULL, NULL));
    install(flags); arm(20, 0);
    struct timespec sleep = {1, 0}, left = {0, 0};
    TRY(nanosleep(&sleep, &left));
    printf("left %d\n", left.tv_sec == 0 && left.tv_nsec > 500000000);
    install(flags); arm(20, 0);
    TRY(clock_nanosleep(CLOCK_MONOTONIC, 0, &sleep, &left));
    pid_t child = fork();
    if (child == 0) {
      struct timespec nap = {0, 60000000};
      nanosleep(&nap, NULL);
      _exit(3);
    }
    install(flags); arm(20, 0);
    int status;
    TRY(waitpid(child, &status, 0) > 0);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR);
    printf("status %d\n", WEXITSTATUS(status));
  }
  sigset_t empty;
  sigemptyset(&empty);
  sigset_t block;
  sigemptyset(&block);
  sigaddset(&block, SIGALRM);
  sigprocmask(SIG_BLOCK, &block, NULL);
  install(SA_RESTART);
  kill(getpid(), SIGALRM);
  printf("blocked: %d\n", ran);
  TRY(sigsuspend(&empty));
  kill(getpid(), SIGALRM);
  ran = 0;
  TRY(ppoll(NULL, 0, NULL, &empty));
  kill(getpid(), SIGALRM);
  ran = 0;
  TRY(pselect(0, NULL, NULL, NULL, NULL, &empty));
  sigprocmask(SIG_SETMASK, NULL, &block);
  printf("still blocked %d\n", sigismember(&block, SIGALRM));
  return 0;
}
