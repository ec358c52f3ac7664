/* Signals that come while a process is stopped take effect when it is continued, also within a call that waits. */
#include "pty.h"
static int in[2], out[2], ready[2];
static long milliseconds_asleep = 10000;
/* The parent waits for this, and then for the call that waits. */
static void begun(void) { write(ready[1], "r", 1); }
static void on(int s) { write(out[1], s == SIGUSR1 ? "1" : s == SIGUSR2 ? "2" : "c", 1); }
static void reads(void) {
  char c;
  begun();
  long n = read(in[0], &c, 1);
  _exit(n == 1 ? 3 : n == 0 ? 4 : errno == EINTR ? 5 : 6);
}
static void handles(void) {
  set_handler(SIGUSR1, on, 0);
  set_handler(SIGCONT, on, SA_RESTART);
  reads();
}
static void restarts(void) {
  set_handler(SIGUSR1, on, SA_RESTART);
  set_handler(SIGUSR2, on, SA_RESTART);
  reads();
}
static void ignores(void) {
  signal(SIGUSR1, SIG_IGN);
  reads();
}
static void computes(void) {
  set_handler(SIGUSR1, on, 0);
  write(out[1], "s", 1);
  begun();
  for (volatile unsigned long i = 0;; i++) {}
}
static void sleeps(void) {
  struct timespec t = {milliseconds_asleep / 1000, milliseconds_asleep % 1000 * 1000000}, rest = {7, 7};
  set_handler(SIGUSR1, on, 0);
  begun();
  int r = nanosleep(&t, &rest);
  _exit(r == 0 ? 1 : errno == EINTR && rest.tv_nsec != 7 ? 2 : 3);
}
static void handled(int most) {
  char c;
  struct pollfd p = {out[0], POLLIN, 0};
  printf("handled:");
  for (int n = 0; poll(&p, 1, n < most ? 5000 : 20) == 1; n++) {
    read(out[0], &c, 1);
    printf(" %c", c);
  }
  printf("\n");
}
/* Whether the process sleeps (S), from the third word of /proc/[pid]/stat. */
static int asleep(pid_t p) {
  char path[32], text[64] = {0};
  snprintf(path, sizeof path, "/proc/%d/stat", p);
  int fd = open(path, O_RDONLY);
  read(fd, text, sizeof text - 1);
  close(fd);
  char *end = strrchr(text, ')');
  return end && end[2] == 'S';
}
static pid_t begin(const char *what, void (*f)(void)) {
  int status;
  char c;
  printf("-- %s\n", what);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    close(in[1]);
    setpgid(0, 0);
    f();
  }
  MUST(read(ready[0], &c, 1) == 1);
  for (int i = 0; f != computes && i < 5000 && !asleep(p); i++) usleep(1000);
  kill(p, SIGSTOP);
  MUST(waitpid(p, &status, WUNTRACED) == p);
  print_status("child", status);
  return p;
}
static void end(pid_t p) {
  int status;
  MUST(waitpid(p, &status, 0) == p);
  print_status("child", status);
}
int main(void) {
  int status;
  MUST(pipe(in) == 0 && pipe(out) == 0 && pipe(ready) == 0);
  pid_t p = begin("SIGTERM", reads);
  kill(p, SIGTERM);
  usleep(10000);
  SHOW(waitpid(p, &status, WNOHANG));
  kill(p, SIGCONT);
  end(p);
  p = begin("SIGKILL", reads);
  kill(p, SIGKILL);
  end(p);
  p = begin("a handler, SIGCONT's last", handles);
  kill(p, SIGUSR1);
  kill(p, SIGCONT);
  end(p);
  handled(2);
  p = begin("SA_RESTART", restarts);
  kill(p, SIGUSR2);
  kill(p, SIGUSR1);
  kill(p, SIGCONT);
  usleep(20000);
  SHOW(waitpid(p, &status, WNOHANG));
  write(in[1], "x", 1);
  end(p);
  handled(2);
  p = begin("ignored", ignores);
  kill(p, SIGUSR1);
  kill(p, SIGCONT);
  usleep(20000);
  write(in[1], "x", 1);
  end(p);
  p = begin("what it waits for comes meanwhile", reads);
  write(in[1], "x", 1);
  usleep(10000);
  SHOW(waitpid(p, &status, WNOHANG));
  kill(p, SIGCONT);
  end(p);
  p = begin("both", handles);
  write(in[1], "x", 1);
  usleep(10000);
  kill(p, SIGUSR1);
  kill(p, SIGCONT);
  end(p);
  handled(2);
  printf("left %d\n", poll(&(struct pollfd){in[0], POLLIN, 0}, 1, 0));
  char c;
  read(in[0], &c, 1);
  p = begin("a loop", computes);
  kill(p, SIGUSR1);
  kill(p, SIGCONT);
  handled(2);
  kill(p, SIGKILL);
  end(p);
  milliseconds_asleep = 300;
  p = begin("a sleep goes on", sleeps);
  kill(p, SIGCONT);
  end(p);
  milliseconds_asleep = 10000;
  p = begin("a sleep that a signal ends", sleeps);
  kill(p, SIGUSR1);
  kill(p, SIGCONT);
  end(p);
  handled(1);
  p = begin("stopped again", reads);
  kill(p, SIGCONT);
  kill(p, SIGTSTP);
  MUST(waitpid(p, &status, WUNTRACED) == p);
  print_status("child", status);
  kill(p, SIGCONT);
  MUST(waitpid(p, &status, WCONTINUED) == p);
  print_status("child", status);
  kill(p, SIGTERM);
  end(p);
  return 0;
}
