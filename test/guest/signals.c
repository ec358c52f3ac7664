/* Handlers, masks, pending, sigaction's old values, SA_NODEFER, SA_RESETHAND, ignored signals, order of delivery. */
#include "guest.h"
static char trail[64];
static int depth;
static void on(int s) {
  char c = s == SIGUSR1 ? '1' : s == SIGUSR2 ? '2' : 'h';
  size_t n = strlen(trail);
  trail[n] = c;
  if (s == SIGUSR1 && depth++ < 2) { raise(SIGUSR1); strcat(trail, "."); }
}
static void report(const char *what) { printf("%s: %s\n", what, trail); memset(trail, 0, sizeof trail); depth = 0; }
int main(void) {
  set_handler(SIGUSR1, on, 0);
  raise(SIGUSR1);
  report("deferred");
  set_handler(SIGUSR1, on, SA_NODEFER);
  raise(SIGUSR1);
  report("nested");
  set_handler(SIGUSR2, on, SA_RESETHAND);
  raise(SIGUSR2);
  struct sigaction old;
  sigaction(SIGUSR2, 0, &old);
  printf("reset to default: %d\n", old.sa_handler == SIG_DFL);
  report("once");
  set_handler(SIGUSR1, on, 0); set_handler(SIGUSR2, on, 0); set_handler(SIGHUP, on, 0);
  depth = 9;
  sigset_t set, pending;
  sigemptyset(&set); sigaddset(&set, SIGUSR1); sigaddset(&set, SIGUSR2); sigaddset(&set, SIGHUP); sigaddset(&set, SIGKILL);
  SHOW(sigprocmask(SIG_BLOCK, &set, 0));
  kill(getpid(), SIGUSR2); kill(getpid(), SIGUSR1); kill(getpid(), SIGUSR1); kill(getpid(), SIGHUP);
  sigpending(&pending);
  printf("pending %d %d %d %d\n", sigismember(&pending, SIGUSR1), sigismember(&pending, SIGUSR2), sigismember(&pending, SIGHUP), sigismember(&pending, SIGTERM));
  sigset_t now;
  sigprocmask(SIG_SETMASK, 0, &now);
  printf("SIGKILL blocked %d\n", sigismember(&now, SIGKILL));
  report("blocked");
  sigprocmask(SIG_UNBLOCK, &set, 0);
  int ones = 0, twos = 0, hs = 0;
  for (char *p = trail; *p; p++) { ones += *p == '1'; twos += *p == '2'; hs += *p == 'h'; }
  printf("delivered once each: %d %d %d\n", ones, twos, hs);
  memset(trail, 0, sizeof trail);
  signal(SIGUSR1, SIG_IGN);
  raise(SIGUSR1);
  report("ignored");
  sigaction(SIGKILL, 0, &old);
  struct sigaction sa = {0};
  sa.sa_handler = on;
  SHOW(sigaction(SIGKILL, &sa, 0));
  SHOW(sigaction(65, &sa, 0));
  SHOW(kill(getpid(), 0));
  SHOW(kill(getpid(), 65));
  SHOW(kill(999999, 0));
  return 0;
}
