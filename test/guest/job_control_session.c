/* How a session gets and loses its controlling terminal: open, O_NOCTTY, TIOCSCTTY, TIOCNOTTY, setsid; /dev/tty. */
#include "pty.h"
/* tty_nr as major:minor index known, and tpgid (proc_pid_stat(5)). */
static void show_stat(const char *what) {
  char text[1000], *p;
  int fd = open("/proc/self/stat", O_RDONLY), pgrp, sid, tty, tpgid;
  long n = read(fd, text, sizeof text - 1);
  close(fd);
  text[n] = 0;
  p = strrchr(text, ')');
  MUST(sscanf(p + 2, "%*c %*d %d %d %d %d", &pgrp, &sid, &tty, &tpgid) == 4);
  printf("%s: terminal %s, foreground %s\n", what, tty == 0 ? "none" : (tty >> 8) == 136 ? "a pty" : "another",
         tpgid == -1 ? "none" : tpgid == 0 ? "0" : tpgid == getpgrp() ? "my group" : "another group");
}
static void in_child(const char *what, void (*f)(void)) {
  int status;
  printf("-- %s\n", what);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    MUST(setsid() > 0);
    f();
    fflush(stdout);
    _exit(0);
  }
  waitpid(p, &status, 0);
  print_status("child", status);
}
static void show_tty(void) {
  struct stat s;
  char link[64], path[64];
  int fd = open("/dev/tty", O_RDWR);
  if (fd < 0) { printf("/dev/tty: %s\n", error_name(errno)); return; }
  MUST(fstat(fd, &s) == 0);
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  long n = readlink(link, path, sizeof path - 1);
  path[n] = 0;
  printf("/dev/tty: %d:%d %s, isatty %d, session %d\n", major(s.st_rdev), minor(s.st_rdev), path, isatty(fd), tcgetsid(fd) == getsid(0));
  close(fd);
}
static void none(void) {
  show_tty();
  show_stat("none");
  SHOW(tcgetpgrp(slave));
  SHOW(tcgetsid(slave));
  SHOW(tcsetpgrp(slave, getpgrp()));
  SHOW(ioctl(slave, TIOCNOTTY));
}
static void opens(void) {
  int fd = open(ptsname(master), O_RDWR | O_NOCTTY);
  show_stat("O_NOCTTY");
  close(fd);
  fd = open(ptsname(master), O_WRONLY);
  show_stat("O_WRONLY");
  close(fd);
  fd = open(ptsname(master), O_RDONLY);
  show_stat("O_RDONLY");
  show_tty();
  close(fd);
  show_stat("closed");
  show_tty();
  char name[64];
  fflush(stdout);
  if (fork() == 0) {
    show_stat("child");
    show_tty();
    printf("setsid %d\n", setsid() == getpid());
    show_stat("setsid");
    show_tty();
    fd = open(ptsname(master), O_RDWR);
    show_stat("of another session");
    SHOW(ioctl(fd, TIOCSCTTY, 0));
    fflush(stdout);
    _exit(0);
  }
  wait(0);
  show_stat("still");
  SHOW(ioctl(slave, TIOCSCTTY, 0));
  int other = posix_openpt(O_RDWR);
  show_stat("a master");
  grantpt(other);
  unlockpt(other);
  strcpy(name, ptsname(other));
  int second = open(name, O_RDWR);
  SHOW(ioctl(second, TIOCSCTTY, 0));
  SHOW(tcgetpgrp(second));
  int group = -1;
  SHOW(ioctl(other, TIOCGPGRP, &group));
  printf("%d\n", group);
  MUST(ioctl(master, TIOCGPGRP, &group) == 0);
  printf("through the master %d\n", group == getpgrp());
  MUST(ioctl(master, TIOCGSID, &group) == 0);
  printf("through the master %d\n", group == getsid(0));
  SHOW(ioctl(master, TIOCSPGRP, &group));
  SHOW(ioctl(other, TIOCSCTTY, 0));
}
static void on(int s) { printf("got %s\n", s == SIGHUP ? "SIGHUP" : "SIGCONT"); }
static void gives_up(void) {
  int go[2], status;
  char c;
  MUST(ioctl(slave, TIOCSCTTY, 0) == 0);
  MUST(pipe(go) == 0);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    setpgid(0, 0);
    read(go[0], &c, 1);
    show_stat("in the background");
    SHOW(ioctl(slave, TIOCNOTTY));
    show_stat("its own TIOCNOTTY");
    SHOW(ioctl(slave, TIOCNOTTY));
    fflush(stdout);
    _exit(0);
  }
  setpgid(p, p);
  write(go[1], "g", 1);
  waitpid(p, 0, 0);
  show_stat("the leader");
  pid_t q = fork();
  if (q == 0) {
    set_handler(SIGHUP, on, 0);
    set_handler(SIGCONT, on, 0);
    write(go[1], "r", 1);
    pause();
    show_stat("child");
    fflush(stdout);
    _exit(0);
  }
  setpgid(q, q);
  signal(SIGTTOU, SIG_IGN);
  MUST(tcsetpgrp(slave, q) == 0);
  usleep(20000);
  read(go[0], &c, 1);
  SHOW(ioctl(slave, TIOCNOTTY));
  waitpid(q, &status, 0);
  print_status("the foreground", status);
  show_stat("the leader");
  show_tty();
  SHOW(ioctl(slave, TIOCSCTTY, 0));
  show_stat("again");
}
static void steals(void) {
  int ready[2], go[2];
  char c;
  MUST(pipe(ready) == 0 && pipe(go) == 0);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    MUST(setsid() > 0);
    MUST(ioctl(slave, TIOCSCTTY, 0) == 0);
    write(ready[1], "r", 1);
    read(go[0], &c, 1);
    show_stat("stolen");
    fflush(stdout);
    _exit(0);
  }
  read(ready[0], &c, 1);
  SHOW(ioctl(slave, TIOCSCTTY, 0));
  pid_t q = fork();
  if (q == 0) {
    SHOW(ioctl(slave, TIOCSCTTY, 1));
    fflush(stdout);
    _exit(0);
  }
  waitpid(q, 0, 0);
  SHOW(ioctl(slave, TIOCSCTTY, 1));
  show_stat("the thief");
  fflush(stdout);
  write(go[1], "g", 1);
  waitpid(p, 0, 0);
}
int main(void) {
  MUST(administrator());
  open_pty();
  in_child("no terminal", none);
  in_child("by open", opens);
  close(slave);
  MUST((slave = open(ptsname(master), O_RDWR | O_NOCTTY)) >= 0);
  in_child("TIOCNOTTY", gives_up);
  in_child("TIOCSCTTY of another's", steals);
  in_child("once more", none);
  return 0;
}
