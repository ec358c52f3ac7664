/* Signal characters, window changes and what they do to pending input and output (termios(3), ISIG, NOFLSH). */
#include "pty.h"
static int report[2];
static const char *names[] = {[SIGINT] = "SIGINT", [SIGQUIT] = "SIGQUIT", [SIGTSTP] = "SIGTSTP", [SIGWINCH] = "SIGWINCH", [SIGCONT] = "SIGCONT"};
static void on(int s, siginfo_t *i, void *c) {
  char text[80];
  int n = sprintf(text, "%s from the kernel %d\n", names[s], i->si_code == SI_KERNEL && i->si_pid == 0);
  write(report[1], text, n);
}
static void session(void) {
  for (int s = 1; s < 32; s++)
    if (s < sizeof names / sizeof *names && names[s]) set_info_handler(s, on, SA_RESTART);
  write(report[1], "ready\n", 6);
  for (;;) pause();
}
/* What is reported, the first of it within `ms`. */
static void reported_within(int ms, const char *what) {
  char text[200];
  struct pollfd p = {report[0], POLLIN, 0};
  printf("-- %s\n", what);
  for (; poll(&p, 1, ms) == 1; ms = 50) {
    long n = read(report[0], text, sizeof text);
    fwrite(text, 1, n, stdout);
  }
}
static void reported(const char *what) { reported_within(5000, what); }
static void silence(const char *what) { reported_within(50, what); }
int main(void) {
  open_pty();
  MUST(pipe(report) == 0);
  pid_t p = in_session(session);
  reported("begin");
  type("abc");
  type("\x03" "d\n");
  reported("^C");
  show_pending("echo", master);
  show_pending("read", slave);
  type("abc");
  type("\x1c" "d\n");
  reported("^\\");
  show_pending("echo", master);
  show_pending("read", slave);
  type("line\npart");
  type("\x1a" "d\n");
  reported("^Z");
  show_pending("echo", master);
  show_pending("read", slave);
  set_flags(0, 0, 0, 0, 0, NOFLSH);
  type("line\npart");
  type("\x03" "d\n");
  reported("NOFLSH");
  show_pending("echo", master);
  show_pending("read", slave);
  set_flags(0, 0, 0, 0, ISIG, 0);
  type("a\x03\x1c\x1a\n");
  silence("no ISIG");
  show_pending("echo", master);
  show_pending("read", slave);
  set_flags(0, 0, 0, 0, ICANON | ECHO | NOFLSH, ISIG);
  type("ab\x03" "cd");
  reported("raw with ISIG");
  show_pending("echo", master);
  MUST(tcsetattr(slave, TCSANOW, &(struct termios){0}) == 0);
  struct winsize w = {30, 90, 0, 0};
  SHOW(ioctl(master, TIOCSWINSZ, &w));
  reported("window");
  SHOW(ioctl(slave, TIOCSWINSZ, &w));
  silence("the same window");
  w.ws_col = 91;
  SHOW(ioctl(slave, TIOCSWINSZ, &w));
  reported("another");
  SHOW(ioctl(master, TIOCSIG, SIGINT));
  reported("TIOCSIG");
  SHOW(ioctl(master, TIOCSIG, SIGTSTP));
  SHOW(ioctl(master, TIOCSIG, SIGWINCH));
  reported("TIOCSIG");
  kill(p, SIGKILL);
  waitpid(p, 0, 0);
  SHOW(ioctl(master, TIOCSIG, SIGINT));
  type("\x03");
  return 0;
}
