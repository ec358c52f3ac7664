/* RLIMIT_CPU: SIGXCPU at the soft limit, again a second later, SIGKILL at the hard one; lowered from outside. */
#include "guest.h"
#include <sys/syscall.h>
static volatile int hits;
static void on(int sig) { hits++; }
static void spin(void) { for (volatile unsigned n = 0;; n++) {} }
static long used(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
int main(void) {
  struct rlimit l = {1, RLIM_INFINITY};
  int status;
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    setrlimit(RLIMIT_CPU, &l);
    set_handler(SIGXCPU, on, 0);
    while (!hits) {}
    _exit(used() >= 500 && used() < 5000 ? 1 : 2);
  }
  pid_t q = fork();
  if (q == 0) {
    l.rlim_cur = l.rlim_max = 0;
    setrlimit(RLIMIT_CPU, &l);
    signal(SIGXCPU, SIG_IGN);
    spin();
  }
  pid_t r = fork();
  if (r == 0) {
    l.rlim_cur = 0;
    setrlimit(RLIMIT_CPU, &l);
    spin();
  }
  waitpid(p, &status, 0);
  print_status("handled", status);
  waitpid(q, &status, 0);
  print_status("hard", status);
  waitpid(r, &status, 0);
  print_status("soft", status);
  return 0;
}
