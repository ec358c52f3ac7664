/* Who may use the controlling terminal: foreground and background groups, SIGTTIN, SIGTTOU, TOSTOP, orphaned groups. */
#include "pty.h"
static void handler(int s) { printf("  got %s\n", s == SIGTTIN ? "SIGTTIN" : "SIGTTOU"); }

/* Runs `f` in a background group, prints how it stops or ends, continues it once; `later` runs before that. */
static void background(const char *what, void (*f)(void), void (*later)(pid_t)) {
  int status;
  printf("-- %s\n", what);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    setpgid(0, 0);
    signal(SIGTTOU, SIG_DFL);
    f();
    fflush(stdout);
    _exit(0);
  }
  setpgid(p, p);
  MUST(waitpid(p, &status, WUNTRACED) == p);
  if (WIFSTOPPED(status)) {
    print_status("  child", status);
    if (later) later(p);
    kill(-p, SIGCONT);
    MUST(waitpid(p, &status, WUNTRACED) == p);
  }
  print_status("  child", status);
  if (WIFSTOPPED(status)) {
    kill(-p, SIGKILL);
    waitpid(p, &status, 0);
  }
  tcsetpgrp(slave, getpgrp());
}
static void to_foreground(pid_t p) { SHOW(tcsetpgrp(slave, p)); }
static void reader(void) {
  char bytes[100];
  print_bytes("  read", bytes, read(slave, bytes, sizeof bytes));
}
static void reader_ignoring(void) { signal(SIGTTIN, SIG_IGN); reader(); }
static void reader_blocking(void) {
  sigset_t s;
  sigemptyset(&s);
  sigaddset(&s, SIGTTIN);
  sigprocmask(SIG_BLOCK, &s, 0);
  reader();
}
static void reader_handling(void) {
  char c;
  set_handler(SIGTTIN, handler, 0);
  SHOW(read(slave, &c, 1));
}
static void writer(void) {
  SHOW(write(slave, "background", 10));
}
static void writer_ignoring(void) { signal(SIGTTOU, SIG_IGN); writer(); }
static void setter(void) {
  struct termios t;
  SHOW(tcgetattr(slave, &t));
  SHOW(tcsetattr(slave, TCSANOW, &t));
}
static void setter_ignoring(void) { signal(SIGTTOU, SIG_IGN); setter(); }
static void setter_handling(void) {
  struct termios t;
  set_handler(SIGTTOU, handler, 0);
  MUST(tcgetattr(slave, &t) == 0);
  SHOW(tcsetattr(slave, TCSANOW, &t));
}
static void grabber(void) { SHOW(tcsetpgrp(slave, getpgrp())); }
static void grabber_ignoring(void) {
  signal(SIGTTOU, SIG_IGN);
  SHOW(tcsetpgrp(slave, getpgrp()));
  printf("  foreground %d\n", tcgetpgrp(slave) == getpgrp());
}
static void flusher(void) { SHOW(tcflush(slave, TCIFLUSH)); }
static void through_master(void) {
  struct winsize w;
  int n;
  SHOW(ioctl(slave, TIOCGWINSZ, &w));
  SHOW(ioctl(slave, FIONREAD, &n));
  SHOW(poll(&(struct pollfd){slave, POLLOUT, 0}, 1, 0));
  SHOW(tcsetattr(master, TCSANOW, &(struct termios){0}));
}
/* A child whose parent ends: its group is orphaned. */
static void orphans(void (*f)(void)) {
  int done[2];
  char c;
  MUST(pipe(done) == 0);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    setpgid(0, 0);
    if (fork() == 0) {
      signal(SIGTTOU, SIG_DFL);
      while (getppid() == getpgrp()) usleep(1000);
      f();
      fflush(stdout);
      write(done[1], "d", 1);
      _exit(0);
    }
    _exit(0);
  }
  waitpid(p, 0, 0);
  read(done[0], &c, 1);
}

static void session(void) {
  /* As a shell does, which takes the terminal back. */
  signal(SIGTTOU, SIG_IGN);
  printf("foreground is the leader's %d\n", tcgetpgrp(slave) == getpgrp());
  printf("session %d\n", tcgetsid(slave) == getsid(0));
  background("read", reader, 0);
  type("typed\n");
  background("read, then in the foreground", reader, to_foreground);
  type("typed\n");
  background("SIGTTIN is ignored", reader_ignoring, 0);
  background("SIGTTIN is blocked", reader_blocking, 0);
  background("SIGTTIN is handled", reader_handling, 0);
  tcflush(slave, TCIFLUSH);
  background("write", writer, 0);
  set_flags(0, 0, 0, 0, 0, TOSTOP);
  background("write with TOSTOP", writer, 0);
  background("write with TOSTOP, then in the foreground", writer, to_foreground);
  background("SIGTTOU is ignored", writer_ignoring, 0);
  set_flags(0, 0, 0, 0, TOSTOP, 0);
  background("tcsetattr", setter, 0);
  background("tcsetattr, then in the foreground", setter, to_foreground);
  background("tcsetattr, SIGTTOU is ignored", setter_ignoring, 0);
  background("tcsetattr, SIGTTOU is handled", setter_handling, 0);
  background("tcsetpgrp", grabber, 0);
  background("tcsetpgrp, SIGTTOU is ignored", grabber_ignoring, 0);
  background("tcflush", flusher, 0);
  background("what is free", through_master, 0);
  printf("-- orphaned\n");
  orphans(reader);
  set_flags(0, 0, 0, 0, 0, TOSTOP);
  orphans(writer);
  orphans(setter);
  orphans(grabber);
  set_flags(0, 0, 0, 0, TOSTOP, 0);
  printf("-- the leader in the background\n");
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) { setpgid(0, 0); for (;;) pause(); }
  setpgid(p, p);
  SHOW(tcsetpgrp(slave, p));
  signal(SIGTTOU, SIG_DFL);
  reader();
  writer();
  SHOW(tcsetpgrp(slave, getpgrp()));
  signal(SIGTTOU, SIG_IGN);
  SHOW(tcsetpgrp(slave, getpgrp()));
  printf("-- arguments of tcsetpgrp\n");
  SHOW(tcsetpgrp(slave, -1));
  SHOW(tcsetpgrp(slave, 0));
  SHOW(tcsetpgrp(slave, 4000000));
  SHOW(tcsetpgrp(slave, getppid()));
  SHOW(tcsetpgrp(slave, p));
  SHOW(tcsetpgrp(slave, getpgrp()));
  SHOW(tcsetpgrp(0, getpgrp()));
  kill(p, SIGKILL);
  waitpid(p, 0, 0);
}
int main(void) {
  int status;
  open_pty();
  pid_t p = in_session(session);
  waitpid(p, &status, 0);
  print_status("session", status);
  show_pending("shown", master);
  return 0;
}
