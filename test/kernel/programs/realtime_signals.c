/* Real-time signals queue in order and carry values; standard ones merge (signal(7)). */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void handler(int signal, siginfo_t *info, void *context) {
  (void)context;
  printf("%d code %d value %d self %d\n", signal, info->si_code, info->si_value.sival_int, info->si_pid == getpid());
}

int main(void) {
  struct sigaction action = {0};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO;
  sigset_t all, pending;
  sigfillset(&all);
  int signals[] = {SIGUSR1, SIGRTMIN, SIGRTMIN + 1};
  for (int i = 0; i < 3; i++) sigaction(signals[i], &action, NULL);
  sigprocmask(SIG_BLOCK, &all, NULL);
  for (int i = 0; i < 3; i++) {
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = i});
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 10 + i});
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 20 + i});
  }
  sigpending(&pending);
  for (int s = 1; s < 65; s++) if (sigismember(&pending, s)) printf("pending %d\n", s);
  sigset_t usr1;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  siginfo_t info;
  printf("waited %d value %d\n", sigwaitinfo(&usr1, &info), info.si_value.sival_int);
  struct timespec none = {0, 0}, some = {0, 20000000};
  printf("again %d %s\n", sigtimedwait(&usr1, &info, &none), strerror(errno));
  printf("again %d %s\n", sigtimedwait(&usr1, &info, &some), strerror(errno));
  sigprocmask(SIG_UNBLOCK, &all, NULL);
  raise(SIGUSR1);
  kill(getpid(), SIGUSR1);
  printf("%ld\n", syscall(SYS_rt_sigqueueinfo, getpid() + 100000, SIGUSR1, &info));
  printf("%d %s\n", sigqueue(getpid(), 65, (union sigval){0}), strerror(errno));
  printf("%d %s\n", sigqueue(getpid(), 0, (union sigval){0}), "ok");
  return 0;
}
