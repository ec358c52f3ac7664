// signalfd: signals of several kinds read as structures, order, epoll, changing the mask, a child's own signals.
#include "guest.h"
#include <sys/epoll.h>
#include <sys/signalfd.h>
static int fd;
static void show_next(const char *what) {
  struct signalfd_siginfo s;
  memset(&s, 0xee, sizeof s);
  long n = read(fd, &s, sizeof s);
  if (n < 0) printf("%s: %s\n", what, error_name(errno));
  else
    printf("%s: signal %u code %d pid %d status %d int %d ptr %llx overrun %d\n", what, s.ssi_signo, s.ssi_code,
           s.ssi_pid == getpid(), s.ssi_status, s.ssi_int, (unsigned long long)s.ssi_ptr, s.ssi_overrun);
}
int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGRTMIN + 1);
  sigprocmask(SIG_BLOCK, &set, 0);
  fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  printf("flags %d %#x\n", fcntl(fd, F_GETFD), fcntl(fd, F_GETFL));
  show_next("nothing");
  raise(SIGUSR1);
  kill(getpid(), SIGUSR1);
  show_next("raise");
  show_next("kill");
  show_next("merged or not");
  union sigval v = {.sival_int = 42};
  sigqueue(getpid(), SIGRTMIN + 1, v);
  v.sival_int = 43;
  sigqueue(getpid(), SIGRTMIN + 1, v);
  kill(getpid(), SIGUSR1);
  show_next("lowest first");
  show_next("queued");
  show_next("queued");
  int ep = epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN};
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
  SHOW(epoll_wait(ep, &e, 1, 0));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    struct signalfd_siginfo s;
    kill(getpid(), SIGUSR1);
    _exit(read(fd, &s, sizeof s) == sizeof s && s.ssi_pid == getpid() ? 5 : 6);
  }
  SHOW(epoll_wait(ep, &e, 1, 5000));
  show_next("child");
  int status;
  waitpid(child, &status, 0);
  print_status("child", status);
  sigdelset(&set, SIGUSR1);
  SHOW(signalfd(fd, &set, 0) == fd);
  kill(getpid(), SIGUSR1);
  show_next("not in the mask");
  sigpending(&set);
  printf("pending %d\n", sigismember(&set, SIGUSR1));
  char small[64];
  SHOW(read(fd, small, sizeof small));
  SHOW(signalfd(0, &set, 0));
  SHOW(signalfd(-1, &set, 1));
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 77};
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  signalfd(fd, &set, 0);
  show_next("pending before");
  timer_create(CLOCK_MONOTONIC, &event, &timer);
  struct itimerspec soon = {{0, 0}, {0, 1000000}};
  timer_settime(timer, 0, &soon, 0);
  epoll_wait(ep, &e, 1, 5000);
  show_next("timer");
  return 0;
}
