/* siginfo: SI_USER, SI_QUEUE with a value, SIGCHLD's CLD_ codes; real-time signals queue in order. */
#include "guest.h"
static volatile int chld, code, child_status;
static void on_child(int s, siginfo_t *i, void *c) { (void)s; (void)c; chld++; code = i->si_code; child_status = i->si_status; }
static void on_rt(int s, siginfo_t *i, void *c) { (void)c; printf("rt +%d value %d code %d self %d\n", s - SIGRTMIN, i->si_value.sival_int, i->si_code, i->si_pid == getpid()); }
static void on_usr(int s, siginfo_t *i, void *c) { (void)c; printf("signal %d code %d self %d uid %d\n", s, i->si_code, i->si_pid == getpid(), i->si_uid == getuid()); }
int main(void) {
  set_info_handler(SIGUSR1, on_usr, 0);
  kill(getpid(), SIGUSR1);
  raise(SIGUSR1);
  for (int i = 0; i < 3; i++) set_info_handler(SIGRTMIN + i, on_rt, 0);
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < 3; i++) sigaddset(&set, SIGRTMIN + i);
  sigprocmask(SIG_BLOCK, &set, 0);
  for (int i = 0; i < 9; i++) { union sigval v = {.sival_int = i}; MUST(sigqueue(getpid(), SIGRTMIN + 2 - i % 3, v) == 0); }
  siginfo_t info;
  SHOW(sigwaitinfo(&set, &info) - SIGRTMIN);
  printf("taken value %d\n", info.si_value.sival_int);
  /* One at a time, so that the order of handlers is the order of the queue. */
  for (int i = 0; i < 3; i++) {
    sigset_t one;
    sigemptyset(&one); sigaddset(&one, SIGRTMIN + i);
    sigprocmask(SIG_UNBLOCK, &one, 0);
  }
  struct timespec zero = {0, 1000000};
  SHOW(sigtimedwait(&set, &info, &zero));
  set_info_handler(SIGCHLD, on_child, SA_RESTART);
  pid_t p = fork();
  if (p == 0) _exit(5);
  while (!chld) usleep(1000);
  printf("chld code %d status %d\n", code, child_status);
  wait(0);
  chld = 0;
  p = fork();
  if (p == 0) for (;;) pause();
  kill(p, SIGTERM);
  while (!chld) usleep(1000);
  printf("chld code %d status %d\n", code, child_status);
  int status;
  wait(&status);
  print_status("child", status);
  return 0;
}
