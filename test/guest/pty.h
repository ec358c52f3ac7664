/* Shared by the programs about terminals: a pseudoterminal of their own, and what its two sides say. */
#ifndef PTY_H
#define PTY_H
#include "guest.h"
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <termios.h>

static int master, slave;

/* A new pseudoterminal; the slave is open, and nobody's controlling terminal. */
static inline void open_pty(void) {
  MUST((master = posix_openpt(O_RDWR | O_NOCTTY)) >= 0);
  MUST(grantpt(master) == 0);
  MUST(unlockpt(master) == 0);
  MUST((slave = open(ptsname(master), O_RDWR | O_NOCTTY)) >= 0);
}

/* Prints bytes with what is not printable as \xx. */
static inline void print_bytes(const char *what, const char *bytes, long n) {
  if (n < 0) {
    printf("%s: %s\n", what, error_name(errno));
    return;
  }
  printf("%s: %ld \"", what, n);
  for (long i = 0; i < n; i++) {
    unsigned char c = bytes[i];
    if (c == '\n') printf("\\n");
    else if (c == '\r') printf("\\r");
    else if (c == '\b') printf("\\b");
    else if (c == '\t') printf("\\t");
    else if (c < ' ' || c > '~' || c == '\\' || c == '"') printf("\\%02x", c);
    else putchar(c);
  }
  printf("\"\n");
  fflush(stdout);
}

/* What can be read within 20 ms, as one string. */
static inline void show_pending(const char *what, int fd) {
  static char bytes[70000];
  long n = 0, r = 0;
  struct pollfd p = {fd, POLLIN, 0};
  while (n < (long)sizeof bytes && poll(&p, 1, 20) == 1 && p.revents & POLLIN && (r = read(fd, bytes + n, sizeof bytes - n)) > 0) n += r;
  print_bytes(what, bytes, n);
}

/* One read of up to `size` bytes, which must not wait. */
static inline void show_read(const char *what, int fd, int size) {
  static char bytes[70000];
  struct pollfd p = {fd, POLLIN, 0};
  if (poll(&p, 1, 1000) == 0) {
    printf("%s: nothing\n", what);
    return;
  }
  print_bytes(what, bytes, read(fd, bytes, size));
}

/* What was written to one side reaches the other a little later on Linux; a poll that finds nothing waits for that. */
static inline void settle(void) {
  struct pollfd p = {slave, POLLIN, 0}, q = {master, POLLIN, 0};
  poll(&p, 1, 0);
  poll(&q, 1, 0);
  usleep(3000);
}
/* Types a string at the master. */
static inline void type_bytes(const char *bytes, int n) {
  MUST(write(master, bytes, n) == n);
  settle();
}
static inline void type(const char *text) { type_bytes(text, strlen(text)); }

/* Changes flags of the slave. */
static inline void set_flags(int iflag_off, int iflag_on, int oflag_off, int oflag_on, int lflag_off, int lflag_on) {
  struct termios t;
  MUST(tcgetattr(slave, &t) == 0);
  t.c_iflag = (t.c_iflag & ~iflag_off) | iflag_on;
  t.c_oflag = (t.c_oflag & ~oflag_off) | oflag_on;
  t.c_lflag = (t.c_lflag & ~lflag_off) | lflag_on;
  MUST(tcsetattr(slave, TCSANOW, &t) == 0);
}
static inline void set_char(int index, int c) {
  struct termios t;
  MUST(tcgetattr(slave, &t) == 0);
  t.c_cc[index] = c;
  MUST(tcsetattr(slave, TCSANOW, &t) == 0);
}

/* Runs `f` in a child that leads a new session whose controlling terminal is the slave. */
static inline pid_t in_session(void (*f)(void)) {
  fflush(stdout);
  pid_t p = fork();
  MUST(p >= 0);
  if (p == 0) {
    MUST(setsid() > 0);
    MUST(ioctl(slave, TIOCSCTTY, 0) == 0);
    f();
    fflush(stdout);
    _exit(0);
  }
  return p;
}
#endif
