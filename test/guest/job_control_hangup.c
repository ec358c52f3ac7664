/* The end of a session leader, the end of the line, and groups that become orphaned with stopped members. */
#include "pty.h"
static int report[2];
static void say(const char *text) { write(report[1], text, strlen(text)); }
static volatile int hung_up;
static void on(int s) {
  char text[40];
  sprintf(text, "%s\n", s == SIGHUP ? "SIGHUP" : s == SIGCONT ? "SIGCONT" : "another");
  say(text);
  hung_up |= s == SIGHUP;
}
static void handle(void) {
  set_handler(SIGHUP, on, SA_RESTART);
  set_handler(SIGCONT, on, SA_RESTART);
}
static char text[2000];
static int length;
/* Reads what is reported until `line` is there; null: until all processes of the session have ended. */
static void wait_for(const char *line) {
  while (line == 0 || !strstr(text, line)) {
    long n = read(report[0], text + length, sizeof text - 1 - length);
    if (n <= 0) break;
    text[length += n] = 0;
  }
}
static pid_t begin(void (*f)(void), const char *line) {
  MUST(pipe(report) == 0);
  pid_t p = in_session(f);
  close(report[1]);
  text[length = 0] = 0;
  if (line) wait_for(line);
  usleep(30000);
  return p;
}
static void reported(const char *what, pid_t leader) {
  int status;
  wait_for(0);
  close(report[0]);
  waitpid(leader, &status, 0);
  printf("-- %s\n%s", what, text);
  print_status("leader", status);
}
/* A member of the session in a group of its own that reports its signals until it is hung up on, then its terminal. */
static pid_t member(const char *name, int foreground) {
  int ready[2];
  char c, text[60];
  MUST(pipe(ready) == 0);
  pid_t p = fork();
  if (p == 0) {
    setpgid(0, 0);
    handle();
    write(ready[1], "r", 1);
    for (int i = 0; !hung_up && i < 5000; i++) usleep(1000);
    usleep(50000);
    sprintf(text, "%s: /dev/tty %s\n", name, open("/dev/tty", O_RDWR) >= 0 ? "opens" : error_name(errno));
    say(text);
    struct pollfd p = {slave, POLLIN, 0};
    if (poll(&p, 1, 0) == 0) sprintf(text, "%s: nothing to read\n", name);
    else sprintf(text, "%s: poll %x, read %ld\n", name, p.revents, (long)read(slave, &c, 1));
    say(text);
    _exit(0);
  }
  setpgid(p, p);
  if (foreground) {
    signal(SIGTTOU, SIG_IGN);
    MUST(tcsetpgrp(slave, p) == 0);
    signal(SIGTTOU, SIG_DFL);
  }
  read(ready[0], &c, 1);
  return p;
}
static void leader_exits(void) {
  close(master);
  member("foreground", 1);
  say("leader ends\n");
}
static void leader_waits(void) {
  close(master);
  char c;
  handle();
  member("foreground", 1);
  say("leader is ready\n");
  pause();
  struct timespec t = {0, 50000000};
  while (nanosleep(&t, &t) && errno == EINTR) {}
  say("leader ends\n");
}
static void leader_reads(void) {
  close(master);
  char c, text[60];
  handle();
  say("leader reads\n");
  long n = read(slave, &c, 1);
  sprintf(text, "leader read %ld %s\n", n, n < 0 ? error_name(errno) : "");
  say(text);
  n = write(slave, &c, 1);
  sprintf(text, "leader wrote %ld %s\n", n, n < 0 ? error_name(errno) : "");
  say(text);
  n = open("/dev/tty", O_RDWR);
  sprintf(text, "leader opened %ld %s\n", n, n < 0 ? error_name(errno) : "");
  say(text);
}
static void leader_dies(void) {
  close(master);
  say("leader reads\n");
  char c;
  read(slave, &c, 1);
  say("not reached\n");
}
static void leader_hangs_up(void) {
  char c, text[60];
  handle();
  pid_t q = fork();
  if (q == 0) {
    MUST(setuid(1000) == 0);
    _exit(vhangup() < 0 ? errno : 0);
  }
  int status;
  waitpid(q, &status, 0);
  sprintf(text, "another user's vhangup: %s\n", error_name(WEXITSTATUS(status)));
  say(text);
  sprintf(text, "vhangup %d\n", vhangup());
  say(text);
  sprintf(text, "read %ld\n", (long)read(slave, &c, 1));
  say(text);
  sprintf(text, "vhangup without a terminal %d\n", vhangup());
  say(text);
}
/* The parent of a stopped process in another group ends. */
static void orphans(void) {
  pid_t p = fork();
  if (p == 0) {
    setpgid(0, 0);
    pid_t q = fork();
    if (q == 0) {
      setpgid(0, 0);
      handle();
      raise(SIGSTOP);
      struct timespec t = {0, 50000000};
      while (nanosleep(&t, &t) && errno == EINTR) {}
      say("stopped member goes on\n");
      say(raise(SIGTSTP) == 0 ? "SIGTSTP does not stop an orphaned group\n" : "");
      _exit(0);
    }
    setpgid(q, q);
    int status;
    waitpid(q, &status, WUNTRACED);
    say("parent ends\n");
    _exit(0);
  }
  waitpid(p, 0, 0);
  usleep(120000);
}
static void renew(void) {
  close(slave);
  close(master);
  open_pty();
}
int main(void) {
  MUST(administrator());
  open_pty();
  pid_t p = begin(leader_exits, 0);
  reported("the leader exits", p);
  int session = 0;
  printf("%ld", (long)ioctl(master, TIOCGSID, &session));
  printf(" %s\n", error_name(errno));
  type("x\n");
  show_read("the terminal is there for others", slave, 10);

  renew();
  p = begin(leader_waits, "leader is ready");
  close(master);
  reported("the master is closed", p);
  SHOW(poll(&(struct pollfd){slave, POLLIN, 0}, 1, 0));
  close(slave);

  open_pty();
  p = begin(leader_reads, "leader reads");
  close(master);
  reported("within a read", p);
  close(slave);

  open_pty();
  p = begin(leader_dies, "leader reads");
  close(master);
  reported("SIGHUP is not handled", p);
  close(slave);

  open_pty();
  p = begin(leader_reads, "leader reads");
  SHOW(ioctl(slave, TIOCVHANGUP, 0));
  reported("vhangup", p);
  SHOW(read(slave, &session, 1));
  close(slave);
  close(master);

  open_pty();
  p = begin(leader_hangs_up, 0);
  reported("its own vhangup", p);
  close(slave);
  close(master);

  open_pty();
  p = begin(orphans, 0);
  reported("an orphaned group", p);
  return 0;
}
