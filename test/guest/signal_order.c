/* Delivery order, queueing of real-time signals, masks during handlers, nesting, SA_ flags, sigpending, sigtimedwait. */
#include "guest.h"
#include <sys/syscall.h>
static char line[4096];
static int depth;
static void note(const char *format, int a, int b) { snprintf(line + strlen(line), sizeof line - strlen(line), format, a, b); }
static void flush_notes(const char *what) { printf("%s:%s\n", what, line), line[0] = 0; }
static int name(int sig) { return sig >= SIGRTMIN ? 100 + sig - SIGRTMIN : sig; }
static void on(int sig, siginfo_t *i, void *c) { note(" %d(%d)", name(sig), i->si_value.sival_int); }
static void nested(int sig, siginfo_t *i, void *c) {
  note(" [%d", name(sig), 0);
  if (++depth < 4) raise(sig);
  note("]", 0, 0);
}
static void other(int sig, siginfo_t *i, void *c) {
  sigset_t now;
  sigprocmask(SIG_BLOCK, 0, &now);
  note(" %d masks", name(sig), 0);
  for (int s = 1; s < 65; s++)
    if (s != 32 && s != 33 && s != 34 && sigismember(&now, s) == 1) note(" %d", name(s), 0);
}
static void block_all(int how) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(how, &all, 0);
}
static void queue(int sig, int v) { MUST(sigqueue(getpid(), sig, (union sigval){.sival_int = v}) == 0); }
struct kernel_action { void *handler; unsigned long flags; void *restorer; uint64_t mask; };
static long action(int sig, const void *new_, void *old, size_t size) { return syscall(SYS_rt_sigaction, sig, new_, old, size); }
static volatile int children;
static void on_child(int sig, siginfo_t *i, void *c) { children++; note(" code %d", i->si_code, 0); }
static void chld(int flags, const char *what) {
  set_info_handler(SIGCHLD, on_child, flags);
  children = 0;
  pid_t p = fork();
  if (p == 0) for (;;) pause();
  kill(p, SIGSTOP);
  siginfo_t i;
  waitid(P_PID, p, &i, WSTOPPED);
  usleep(20000);
  kill(p, SIGCONT);
  waitid(P_PID, p, &i, WCONTINUED);
  usleep(20000);
  kill(p, SIGKILL);
  int r = waitpid(p, 0, 0);
  usleep(20000);
  note(" wait %d", r == p ? 0 : -errno, 0);
  flush_notes(what);
}
int main(void) {
  for (int s = 1; s < 65; s++)
    if (s != SIGKILL && s != SIGSTOP && s != 32 && s != 33 && s != 34 && s != SIGSEGV && s != SIGCONT) set_info_handler(s, on, 0);
  /* Lower numbers first when all can be delivered at once: the last frame pushed runs first, so each masks all others. */
  struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO};
  sigfillset(&sa.sa_mask);
  for (int s = 1; s < 65; s++)
    if (s != SIGKILL && s != SIGSTOP && s != 32 && s != 33 && s != 34 && s != SIGSEGV) sigaction(s, &sa, 0);
  block_all(SIG_BLOCK);
  queue(SIGRTMIN + 2, 1), queue(SIGRTMIN + 1, 2), queue(SIGUSR2, 3), queue(SIGRTMIN + 2, 4), queue(SIGUSR2, 5), queue(SIGUSR1, 6), queue(SIGRTMIN + 1, 7),
      queue(SIGRTMIN + 2, 8), queue(SIGHUP, 9), queue(SIGFPE, 10), queue(SIGTERM, 11);
  block_all(SIG_UNBLOCK);
  flush_notes("order");
  /* Thread-directed before process-directed. */
  block_all(SIG_BLOCK);
  kill(getpid(), SIGUSR1);
  raise(SIGUSR2);
  sigset_t pending;
  sigpending(&pending);
  printf("pending %d %d %d\n", sigismember(&pending, SIGUSR1), sigismember(&pending, SIGUSR2), sigismember(&pending, SIGHUP));
  block_all(SIG_UNBLOCK);
  flush_notes("thread first");
  set_info_handler(SIGUSR1, nested, SA_NODEFER);
  raise(SIGUSR1);
  flush_notes("NODEFER");
  set_info_handler(SIGUSR1, nested, 0);
  depth = 1;
  raise(SIGUSR1);
  flush_notes("deferred");
  sa = (struct sigaction){.sa_sigaction = other, .sa_flags = SA_SIGINFO};
  sigemptyset(&sa.sa_mask), sigaddset(&sa.sa_mask, SIGHUP), sigaddset(&sa.sa_mask, SIGKILL), sigaddset(&sa.sa_mask, SIGSTOP), sigaddset(&sa.sa_mask, SIGRTMIN + 3);
  sigaction(SIGUSR1, &sa, 0);
  raise(SIGUSR1);
  flush_notes("mask");
  sa.sa_flags |= SA_NODEFER;
  sigaction(SIGUSR1, &sa, 0);
  raise(SIGUSR1);
  flush_notes("mask and NODEFER");
  set_info_handler(SIGUSR1, on, SA_RESETHAND);
  raise(SIGUSR1);
  struct sigaction old;
  sigaction(SIGUSR1, 0, &old);
  printf("RESETHAND: default %d, flag kept %d\n", old.sa_handler == SIG_DFL, !!(old.sa_flags & SA_RESETHAND));
  flush_notes("once");
  /* Which flags the kernel knows. */
  struct kernel_action k = {SIG_IGN, 0xffffffffu & ~0x04000000u, 0, -1ul}, o;
  SHOW(action(SIGUSR1, &k, 0, 8));
  SHOW(action(SIGUSR1, 0, &o, 8));
  printf("flags %#lx mask %#lx\n", o.flags & ~0x04000000ul, (long)o.mask);
  SHOW(action(SIGUSR1, &k, 0, 4));
  SHOW(action(SIGUSR1, &k, 0, 16));
  SHOW(action(0, 0, &o, 8));
  SHOW(action(65, 0, &o, 8));
  SHOW(action(SIGKILL, &k, 0, 8));
  SHOW(action(SIGSTOP, 0, &o, 8));
  SHOW(action(SIGUSR1, (void *)8, 0, 8));
  SHOW(action(SIGUSR1, 0, (void *)8, 8));
  uint64_t mask = -1, was = 0;
  SHOW(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, &was, 8));
  SHOW(syscall(SYS_rt_sigprocmask, 77, 0, &was, 8));
  printf("not blocked %#lx\n", (long)~was);
  SHOW(syscall(SYS_rt_sigprocmask, 77, &mask, 0, 8));
  SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &mask, 0, 4));
  SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 8, 0, 8));
  SHOW(syscall(SYS_rt_sigpending, &was, 9));
  SHOW(syscall(SYS_rt_sigpending, 8, 8));
  /* Ignoring discards what is pending, even blocked; default-ignored signals too. */
  set_info_handler(SIGHUP, on, 0);
  kill(getpid(), SIGHUP);
  signal(SIGHUP, SIG_IGN);
  set_info_handler(SIGHUP, on, 0);
  sigpending(&pending);
  SHOW(sigismember(&pending, SIGHUP));
  /* While it is blocked and ignored a signal stays: the handler could change. */
  signal(SIGWINCH, SIG_DFL), kill(getpid(), SIGWINCH);
  signal(SIGHUP, SIG_IGN), kill(getpid(), SIGHUP);
  sigpending(&pending);
  printf("%d %d\n", sigismember(&pending, SIGWINCH), sigismember(&pending, SIGHUP));
  /* sigtimedwait */
  siginfo_t info;
  struct timespec zero = {0, 0}, brief = {0, 20000000}, bad = {0, 1000000000}, negative = {-1, 0};
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGRTMIN + 1), sigaddset(&set, SIGUSR2), sigaddset(&set, SIGKILL);
  set_info_handler(SIGUSR2, on, 0);
  queue(SIGRTMIN + 1, 5), queue(SIGUSR2, 6);
  SHOW(syscall(SYS_rt_sigtimedwait, &set, &info, &zero, 8));
  printf("code %d value %d\n", info.si_code, info.si_value.sival_int);
  SHOW(syscall(SYS_rt_sigtimedwait, &set, 0, 0, 8) - SIGRTMIN);
  long before = milliseconds();
  SHOW(syscall(SYS_rt_sigtimedwait, &set, &info, &zero, 8));
  SHOW(syscall(SYS_rt_sigtimedwait, &set, &info, &brief, 8));
  SHOW(milliseconds() - before >= 19);
  SHOW(syscall(SYS_rt_sigtimedwait, &set, &info, &bad, 8));
  SHOW(syscall(SYS_rt_sigtimedwait, &set, &info, &negative, 8));
  SHOW(syscall(SYS_rt_sigtimedwait, &set, &info, &zero, 4));
  SHOW(syscall(SYS_rt_sigtimedwait, 8, &info, &zero, 8));
  SHOW(syscall(SYS_rt_sigtimedwait, &set, &info, 8, 8));
  queue(SIGRTMIN + 1, 7);
  SHOW(syscall(SYS_rt_sigtimedwait, &set, 8, &zero, 8));
  SHOW(syscall(SYS_rt_sigtimedwait, &set, 0, &zero, 8)); /* lost */
  SHOW(syscall(SYS_rt_sigsuspend, &mask, 4));
  SHOW(syscall(SYS_rt_sigsuspend, 8, 8));
  block_all(SIG_UNBLOCK);
  line[0] = 0;
  chld(SA_RESTART, "children");
  chld(SA_RESTART | SA_NOCLDSTOP, "NOCLDSTOP");
  chld(SA_RESTART | SA_NOCLDWAIT, "NOCLDWAIT");
  return 0;
}
