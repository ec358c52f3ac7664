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
/* Which fields there are is told by signal and code, whoever sent it. */
static void layouts(void) {
  const struct { int signal, code; } kinds[] = {{SIGUSR2, -1}, {SIGUSR2, -5}, {SIGUSR2, -2}, {SIGUSR2, -60}, {SIGUSR2, 1}, {SIGUSR2, 7}, {SIGUSR2, 0x90}, {SIGIO, -5},
    {SIGIO, 1}, {SIGILL, 1}, {SIGBUS, 4}, {SIGBUS, 6}, {SIGBUS, 9}, {SIGFPE, 15}, {SIGSEGV, 2}, {SIGTRAP, 1}, {SIGCHLD, 1}, {SIGCHLD, 7}, {SIGSYS, 1}, {SIGRTMIN + 2, 1}, {SIGRTMIN + 2, -5}};
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  int every = signalfd(-1, &all, SFD_NONBLOCK), p[2];
  unsigned char info[128];
  /* What is beyond the 48 bytes that the kernel knows must be 0 where it does not know the code. */
  for (int i = 0; i < 128; i++) info[i] = i < 16 || i >= 48 ? 0 : i;
  for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    memcpy(info + 8, &kinds[i].code, 4);
    struct signalfd_siginfo s = {0};
    MUST(syscall(SYS_rt_sigqueueinfo, getpid(), kinds[i].signal, info) == 0 && read(every, &s, sizeof s) == sizeof s);
    printf("%d %d: pid %x uid %x fd %x band %x tid %x overrun %x status %x int %x ptr %llx times %llx %llx addr %llx %x system call %x %x\n", kinds[i].signal, kinds[i].code, s.ssi_pid, s.ssi_uid, s.ssi_fd, s.ssi_band,
           s.ssi_tid, s.ssi_overrun, s.ssi_status, s.ssi_int, (long long)s.ssi_ptr, (long long)s.ssi_utime, (long long)s.ssi_stime, (long long)s.ssi_addr, ((uint16_t *)&s)[40], ((int *)&s)[21], ((int *)&s)[24]);
  }
  /* The signal of F_SETSIG tells the descriptor. */
  MUST(pipe(p) == 0);
  fcntl(p[0], F_SETOWN, getpid()), fcntl(p[0], F_SETSIG, SIGRTMIN + 3), fcntl(p[0], F_SETFL, O_ASYNC);
  struct signalfd_siginfo s = {0};
  MUST(write(p[1], "x", 1) == 1 && read(every, &s, sizeof s) == sizeof s);
  printf("F_SETSIG: %d code %d descriptor %d band %#x pid %d\n", s.ssi_signo == SIGRTMIN + 3, s.ssi_code, s.ssi_fd == p[0], s.ssi_band, s.ssi_pid);
  close(p[0]), close(p[1]), close(every);
  sigprocmask(SIG_SETMASK, &before, 0);
}
int main(void) {
  layouts();
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
