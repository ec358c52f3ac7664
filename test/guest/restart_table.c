/* EINTR or restart (signal(7)): each blocking call under a signal with and without SA_RESTART, and under a stop. */
#include "guest.h"
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
static int pipe_[2], full[2], epoll, event, timer, signals, word, locked, other;
static struct pollfd in;
static char buffer[65536];
static struct timespec ten = {10, 0}, left;
static struct timeval ten_v;
static sigset_t none;
static void on(int sig) {}
static long c_read(void) { return read(pipe_[0], buffer, 1); }
static long c_readv(void) { struct iovec v = {buffer, 1}; return readv(pipe_[0], &v, 1); }
static long c_write(void) { return write(full[1], buffer, 4096); }
static long c_poll(void) { return poll(&in, 1, 10000); }
static long c_poll_forever(void) { return poll(&in, 1, -1); }
static long c_ppoll(void) { return syscall(SYS_ppoll, &in, 1, 0, 0, 8); }
static long c_select(void) { fd_set s; FD_ZERO(&s); FD_SET(pipe_[0], &s); ten_v = (struct timeval){10, 0}; return syscall(SYS_select, pipe_[0] + 1, &s, 0, 0, &ten_v); }
static long c_pselect(void) { fd_set s; FD_ZERO(&s); FD_SET(pipe_[0], &s); return syscall(SYS_pselect6, pipe_[0] + 1, &s, 0, 0, 0, 0); }
static long c_epoll_wait(void) { struct epoll_event e; return epoll_wait(epoll, &e, 1, 10000); }
static long c_epoll_pwait(void) { struct epoll_event e; return epoll_pwait(epoll, &e, 1, -1, 0); }
static long c_nanosleep(void) { struct timespec t = ten; return nanosleep(&t, &t); }
static long c_clock_nanosleep(void) { return syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &ten, &left); }
static long c_clock_absolute(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); t.tv_sec += 10; return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &t, 0); }
static long c_pause(void) { return syscall(SYS_pause); }
static long c_sigsuspend(void) { return syscall(SYS_rt_sigsuspend, &none, 8); }
static long c_sigtimedwait(void) { sigset_t s; sigemptyset(&s), sigaddset(&s, SIGUSR2); return syscall(SYS_rt_sigtimedwait, &s, 0, &ten, 8); }
static long c_futex(void) { return syscall(SYS_futex, &word, 0, 0, 0, 0, 0); }
static long c_futex_timeout(void) { return syscall(SYS_futex, &word, 0, 0, &ten, 0, 0); }
static long c_futex_bitset(void) { return syscall(SYS_futex, &word, 9, 0, 0, 0, -1); }
static long c_wait4(void) { return syscall(SYS_wait4, other, 0, 0, 0); }
static long c_waitid(void) { siginfo_t i; return syscall(SYS_waitid, P_PID, other, &i, WEXITED, 0); }
static long c_eventfd(void) { uint64_t v; return read(event, &v, 8); }
static long c_timerfd(void) { uint64_t v; return read(timer, &v, 8); }
static long c_signalfd(void) { struct signalfd_siginfo i; return read(signals, &i, sizeof i); }
static long c_flock(void) { return flock(locked, LOCK_EX); }
static long c_setlkw(void) { struct flock l = {.l_type = F_WRLCK, .l_len = 1}; return fcntl(locked, F_SETLKW, &l); }
static long c_open_fifo(void) { return open("fifo", O_RDONLY); }
static long c_splice(void) { return splice(pipe_[0], 0, full[1], 0, 1, 0); }
#define CALL(f) {#f + 2, f}
static const struct { const char *name; long (*run)(void); } calls[] = {
    CALL(c_read), CALL(c_readv), CALL(c_write), CALL(c_poll), CALL(c_poll_forever), CALL(c_ppoll), CALL(c_select), CALL(c_pselect), CALL(c_epoll_wait), CALL(c_epoll_pwait),
    CALL(c_nanosleep), CALL(c_clock_nanosleep), CALL(c_clock_absolute), CALL(c_pause), CALL(c_sigsuspend), CALL(c_sigtimedwait), CALL(c_futex), CALL(c_futex_timeout),
    CALL(c_futex_bitset), CALL(c_wait4), CALL(c_waitid), CALL(c_eventfd), CALL(c_timerfd), CALL(c_signalfd), CALL(c_flock), CALL(c_setlkw), CALL(c_open_fifo), CALL(c_splice)};
enum { COUNT = sizeof calls / sizeof *calls };
/* The caller is interrupted; when it is still waiting afterwards the call was restarted. */
static void *results;
static pid_t start(int which, int flags) {
  pid_t p = fork();
  if (p != 0) return p;
  if (calls[which].run == c_wait4 || calls[which].run == c_waitid) {
    other = fork();
    if (other == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (;;) pause();
    }
  }
  set_handler(SIGUSR1, on, flags);
  long r = calls[which].run();
  ((int *)results)[which] = r < 0 ? errno : 1000;
  _exit(0);
}
/* Waits until each has ended, sleeps, or is stopped: has nothing left to do about what was sent to it. */
static void settle(const pid_t *p) {
  for (int i = 0; i < COUNT; i++) {
    char path[32], text[200], state = 'R';
    snprintf(path, sizeof path, "/proc/%d/stat", p[i]);
    for (;;) {
      FILE *f = fopen(path, "r");
      if (f) fgets(text, sizeof text, f), state = strrchr(text, ')')[2], fclose(f);
      if (strchr("SZT", state)) break;
      usleep(1000);
    }
  }
}
static void round_(const char *what, int flags, int stop) {
  pid_t p[COUNT];
  memset(results, 0, 4096);
  for (int i = 0; i < COUNT; i++) p[i] = start(i, flags);
  usleep(60000), settle(p);
  for (int i = 0; i < COUNT; i++) kill(p[i], stop ? SIGSTOP : SIGUSR1);
  usleep(30000), settle(p);
  if (stop) for (int i = 0; i < COUNT; i++) kill(p[i], SIGCONT);
  usleep(60000), settle(p);
  printf("%s\n", what);
  for (int i = 0; i < COUNT; i++) {
    int status, ended = waitpid(p[i], &status, WNOHANG) == p[i], r = ((int *)results)[i];
    printf("  %s: %s\n", calls[i].name, !ended ? "goes on" : r == 1000 ? "returned" : error_name(r));
    if (!ended) kill(p[i], SIGKILL), waitpid(p[i], &status, 0);
  }
}
int main(void) {
  enter_folder();
  results = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  MUST(pipe(pipe_) == 0 && pipe(full) == 0 && mkfifo("fifo", 0600) == 0);
  fcntl(full[1], F_SETFL, O_NONBLOCK);
  while (write(full[1], buffer, 4096) > 0) {}
  fcntl(full[1], F_SETFL, 0);
  in = (struct pollfd){pipe_[0], POLLIN, 0};
  epoll = epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN};
  epoll_ctl(epoll, EPOLL_CTL_ADD, pipe_[0], &e);
  event = eventfd(0, 0);
  timer = timerfd_create(CLOCK_MONOTONIC, 0);
  sigset_t s;
  sigemptyset(&s), sigaddset(&s, SIGUSR2), sigprocmask(SIG_BLOCK, &s, 0);
  signals = signalfd(-1, &s, 0);
  int holder = open("lock", O_CREAT | O_RDWR, 0600);
  flock(holder, LOCK_EX);
  struct flock l = {.l_type = F_WRLCK, .l_len = 1};
  fcntl(holder, F_SETLK, &l);
  locked = open("lock", O_RDWR);
  fflush(stdout);
  round_("handler", 0, 0);
  round_("handler with SA_RESTART", SA_RESTART, 0);
  round_("stopped and continued", 0, 1);
  unlink("fifo"), unlink("lock");
  leave_folder();
  return 0;
}
