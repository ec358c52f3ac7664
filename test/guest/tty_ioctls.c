/* The requests that terminals know (ioctl_tty(2)), each on both sides of a pseudoterminal. */
#include "pty.h"
#include <sys/syscall.h>
struct kernel_termios { unsigned iflag, oflag, cflag, lflag; unsigned char line, cc[19]; };
struct kernel_termios2 { struct kernel_termios t; unsigned ispeed, ospeed; };
struct kernel_termio { unsigned short iflag, oflag, cflag, lflag; unsigned char line, cc[8]; };
#define GETS 0x5401
#define SETS 0x5402
#define GETS2 0x802c542a
#define SETS2 0x402c542b
#define GETA 0x5405
#define SETA 0x5406

static void show_termios(const char *what, int fd) {
  struct kernel_termios2 t;
  memset(&t, 0xee, sizeof t);
  if (ioctl(fd, GETS2, &t)) { printf("%s: %s\n", what, error_name(errno)); return; }
  printf("%s: i %o o %o c %o l %o line %d speed %u %u\n  ", what, t.t.iflag, t.t.oflag, t.t.cflag, t.t.lflag, t.t.line, t.ispeed, t.ospeed);
  for (int i = 0; i < 19; i++) printf(" %d", t.t.cc[i]);
  printf("\n");
}
static void both(const char *name, unsigned long request, void *argument) {
  long s = ioctl(slave, request, argument);
  const char *e = s < 0 ? error_name(errno) : "";
  printf("%s: slave %ld %s, ", name, s, e);
  long m = ioctl(master, request, argument);
  printf("master %ld %s\n", m, m < 0 ? error_name(errno) : "");
}
static void nothing(int s) {}

int main(void) {
  MUST(administrator());
  int n;
  /* Whoever runs it may have made it the leader of a session, its child is none. */
  if (fork() > 0) {
    wait(&n);
    return WEXITSTATUS(n);
  }
  open_pty();
  show_termios("slave", slave);
  show_termios("master", master);
  struct kernel_termios old;
  memset(&old, 0xee, sizeof old);
  MUST(ioctl(slave, GETS, &old) == 0);
  printf("%o %o %d\n", old.iflag, old.lflag, old.cc[18]);
  printf("-- speeds\n");
  struct kernel_termios2 t2;
  MUST(ioctl(slave, GETS2, &t2) == 0);
  t2.t.cflag = (t2.t.cflag & ~0x100fu) | 0x1000;
  t2.ispeed = 1234;
  t2.ospeed = 5678;
  SHOW(ioctl(slave, SETS2, &t2));
  show_termios("any speed", slave);
  t2.t.cflag = (t2.t.cflag & ~0x100fu) | B115200 | 0400 | 020;
  SHOW(ioctl(master, SETS2, &t2));
  show_termios("115200, 6 bits and parity", master);
  old.cflag = B9600 | (B300 << 16);
  SHOW(ioctl(slave, SETS, &old));
  show_termios("9600 and 300", slave);
  struct kernel_termio a;
  memset(&a, 0xee, sizeof a);
  SHOW(ioctl(slave, GETA, &a));
  printf("%o %o %o %o %d %d %d\n", a.iflag, a.oflag, a.cflag, a.lflag, a.line, a.cc[0], a.cc[7]);
  a.iflag = 0;
  a.cc[0] = 7;
  SHOW(ioctl(slave, SETA, &a));
  show_termios("termio", slave);
  SHOW(ioctl(slave, SETS, 8));
  SHOW(ioctl(slave, GETS, 8));
  printf("-- locked settings\n");
  struct kernel_termios fixed = {0};
  SHOW(ioctl(slave, TIOCGLCKTRMIOS, &fixed));
  printf("%o %o\n", fixed.iflag, fixed.lflag);
  memset(&fixed, 0, sizeof fixed);
  fixed.lflag = ECHO;
  fixed.cc[VINTR] = 1;
  SHOW(ioctl(slave, TIOCSLCKTRMIOS, &fixed));
  memset(&t2.t.cc, 1, 19);
  t2.t.lflag = 0;
  SHOW(ioctl(slave, SETS2, &t2));
  show_termios("ECHO and VINTR stay", slave);
  memset(&fixed, 0, sizeof fixed);
  SHOW(ioctl(slave, TIOCSLCKTRMIOS, &fixed));

  printf("-- window\n");
  struct winsize w = {1, 2, 3, 4};
  SHOW(ioctl(slave, TIOCGWINSZ, &w));
  printf("%d %d %d %d\n", w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel);
  w = (struct winsize){24, 80, 640, 480};
  SHOW(ioctl(master, TIOCSWINSZ, &w));
  memset(&w, 0, sizeof w);
  SHOW(ioctl(slave, TIOCGWINSZ, &w));
  printf("%d %d %d %d\n", w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel);
  w.ws_row = 25;
  SHOW(ioctl(slave, TIOCSWINSZ, &w));
  SHOW(ioctl(master, TIOCGWINSZ, &w));
  printf("%d\n", w.ws_row);
  SHOW(ioctl(slave, TIOCSWINSZ, 8));

  printf("-- the rest\n");
  n = -1; both("TIOCGETD", TIOCGETD, &n);
  printf("%d\n", n);
  n = 0; both("TIOCSETD 0", TIOCSETD, &n);
  n = 77; both("TIOCSETD 77", TIOCSETD, &n);
  n = -1; both("TIOCOUTQ", TIOCOUTQ, &n);
  printf("%d\n", n);
  both("TIOCEXCL", TIOCEXCL, 0);
  n = -1; MUST(ioctl(slave, TIOCGEXCL, &n) == 0);
  printf("%d\n", n);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    MUST(setgid(1000) == 0 && setuid(1000) == 0);
    int fd = open(ptsname(master), O_RDWR | O_NOCTTY);
    printf("open by another user: %d\n", fd >= 0);
    n = 'x';
    SHOW(ioctl(slave, TIOCSTI, &n));
    SHOW(ioctl(slave, TIOCVHANGUP, 0));
    SHOW(ioctl(slave, TIOCSLCKTRMIOS, &fixed));
    fflush(stdout);
    _exit(0);
  }
  waitpid(p, 0, 0);
  int again = open(ptsname(master), O_RDWR | O_NOCTTY);
  printf("by root: %d\n", again >= 0);
  close(again);
  both("TIOCNXCL", TIOCNXCL, 0);
  n = -1; MUST(ioctl(slave, TIOCGEXCL, &n) == 0);
  printf("%d\n", n);
  n = 1; both("TIOCGSOFTCAR", TIOCGSOFTCAR, &n);
  printf("%d\n", n);
  n = 1; both("TIOCSSOFTCAR", TIOCSSOFTCAR, &n);
  n = 0; both("TIOCGSOFTCAR", TIOCGSOFTCAR, &n);
  printf("%d\n", n);
  both("TIOCMGET", TIOCMGET, &n);
  both("TIOCSBRK", TIOCSBRK, 0);
  both("TIOCCBRK", TIOCCBRK, 0);
  both("TCSBRK", TCSBRK, 0);
  both("TCSBRKP", TCSBRKP, (void *)1);
  both("TIOCGPTN", TIOCGPTN, &n);
  both("TIOCGPTLCK", TIOCGPTLCK, &n);
  n = 0; both("TIOCPKT", TIOCPKT, &n);
  both("TIOCGPKT", TIOCGPKT, &n);
  both("TIOCSIG", TIOCSIG, (void *)SIGKILL);
  SHOW(ioctl(slave, TIOCGPTPEER, O_RDWR));
  both("TIOCGSID", TIOCGSID, &n);
  both("TIOCNOTTY", TIOCNOTTY, 0);
  n = -1; both("TIOCGPGRP", TIOCGPGRP, &n);
  printf("%d\n", n);
  n = getpgrp(); both("TIOCSPGRP", TIOCSPGRP, &n);
  n = -1; both("TIOCSPGRP -1", TIOCSPGRP, &n);
  both("TIOCSCTTY", TIOCSCTTY, 0);
  unsigned device = 0;
  MUST(ioctl(slave, TIOCGDEV, &device) == 0);
  printf("TIOCGDEV %d\n", device >> 8);
  both("unknown", 0x5499, 0);
  both("FIOQSIZE", 0x5460, &n);
  int peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  MUST(peer >= 0);
  printf("peer: %d, close on exec %d, flags %o\n", strcmp(ttyname(peer), ptsname(master)) == 0, fcntl(peer, F_GETFD), fcntl(peer, F_GETFL) & (O_ACCMODE | O_NOCTTY));
  printf("-- TIOCSTI\n");
  set_flags(0, 0, 0, 0, 0, ICANON | ECHO);
  char c = 'x';
  SHOW(ioctl(slave, TIOCSTI, &c));
  c = '\n';
  SHOW(ioctl(slave, TIOCSTI, &c));
  show_pending("read", slave);
  show_pending("echo", master);
  printf("-- vhangup\n");
  SHOW(ioctl(slave, TIOCVHANGUP, 0));
  SHOW(read(slave, &c, 1));
  SHOW(write(slave, &c, 1));
  SHOW(ioctl(peer, GETS, &old));
  slave = open(ptsname(master), O_RDWR | O_NOCTTY);
  show_termios("anew", slave);
  type("z\n");
  show_pending("read", slave);
  n = 1; MUST(ioctl(master, TIOCSPTLCK, &n) == 0);
  SHOW(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY));
  return 0;
}
