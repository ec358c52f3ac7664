/* Packet mode (ioctl_tty(2), TIOCPKT): a byte before the data says what happened on the slave. */
#include "pty.h"
static void packets(const char *what) {
  char bytes[100];
  struct pollfd p = {master, POLLIN | POLLPRI, 0};
  printf("-- %s\n", what);
  while (poll(&p, 1, 20) == 1) {
    long n = read(master, bytes, sizeof bytes);
    printf("%x ", p.revents);
    print_bytes("packet", bytes, n);
    if (n <= 0) break;
  }
}
int main(void) {
  int on = 1;
  struct termios t;
  open_pty();
  MUST(tcgetattr(slave, &t) == 0);
  write(slave, "before", 6);
  settle();
  SHOW(ioctl(master, TIOCPKT, &on));
  on = 0;
  SHOW(ioctl(master, TIOCGPKT, &on));
  printf("%d\n", on);
  packets("what was there");
  write(slave, "data", 4);
  packets("data");
  write(slave, "data", 4);
  settle();
  show_read("one byte", master, 1);
  show_read("two bytes", master, 2);
  packets("the rest");
  type("\x13");
  packets("stopped");
  type("\x11");
  packets("started");
  type("\x13\x11");
  packets("both");
  tcflow(slave, TCOOFF);
  packets("TCOOFF");
  tcflow(slave, TCOON);
  packets("TCOON");
  tcflush(slave, TCIFLUSH);
  packets("TCIFLUSH");
  tcflush(slave, TCOFLUSH);
  packets("TCOFLUSH");
  tcflush(slave, TCIOFLUSH);
  packets("TCIOFLUSH");
  set_flags(IXON, 0, 0, 0, 0, 0);
  packets("no IXON");
  set_flags(0, IXON, 0, 0, 0, 0);
  packets("IXON");
  set_char(VSTOP, 'x');
  packets("another VSTOP");
  set_flags(ICRNL, 0, 0, 0, 0, 0);
  packets("something else");
  set_flags(0, 0, 0, 0, 0, EXTPROC);
  packets("EXTPROC");
  type("a\x03\x7f\n");
  show_pending("read with EXTPROC", slave);
  packets("no echo with EXTPROC");
  set_flags(0, 0, 0, 0, EXTPROC, 0);
  packets("no EXTPROC");
  MUST(tcsetattr(slave, TCSANOW, &t) == 0);
  packets("as it was");
  type("\x03");
  packets("a signal character");
  write(slave, "x", 1);
  tcflush(slave, TCIFLUSH);
  packets("status goes first");
  tcflush(slave, TCIFLUSH);
  on = 0;
  SHOW(ioctl(master, TIOCPKT, &on));
  write(slave, "y", 1);
  packets("off");
  on = 1;
  SHOW(ioctl(master, TIOCPKT, &on));
  packets("on again");
  close(slave);
  packets("the slave is closed");
  return 0;
}
