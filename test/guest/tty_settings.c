/* Settings of a terminal that take effect when its output is drained, and its input thrown away; lines that a pseudoterminal lacks. */
#include "pty.h"
enum { SETSW = 0x5403, SETSF, SETAW = 0x5407, SETAF, SEND_BREAK, SEND_BREAK_OF = 0x5425, BREAK_ON = 0x5427, BREAK_OFF, LINES = 0x5415, GET_LOCKED = 0x5456, CONSOLE = 0x541d };
#define GETS2 0x802c542a
#define SETSW2 0x402c542c
#define SETSF2 0x402c542d
struct settings { unsigned iflag, oflag, cflag, lflag; unsigned char line, cc[19]; unsigned ispeed, ospeed; };
struct old_settings { unsigned short iflag, oflag, cflag, lflag; unsigned char line, cc[8]; };
static struct settings now(void) {
  struct settings s;
  MUST(ioctl(slave, GETS2, &s) == 0);
  return s;
}
/* Sets an interrupt character, with input waiting, and tells what is left of both. */
static void set(const char *what, unsigned long request, int old, int c) {
  struct settings s = now();
  struct old_settings o = {s.iflag, s.oflag, s.cflag, s.lflag, s.line};
  int waiting = -1;
  memcpy(o.cc, s.cc, sizeof o.cc);
  s.cc[VINTR] = o.cc[VINTR] = c;
  type("typed\n");
  show(what, ioctl(slave, request, old ? (void *)&o : (void *)&s));
  MUST(ioctl(slave, FIONREAD, &waiting) == 0);
  printf("  interrupt %d, %d bytes waiting\n", now().cc[VINTR], waiting);
  tcflush(slave, TCIOFLUSH);
}
static void refused(const char *what, int fd, unsigned long request, long argument) {
  int bits = argument;
  long r = ioctl(fd, request, request == LINES || (request >= 0x5416 && request <= 0x5418) ? (long)&bits : argument);
  printf("%s: %ld %s\n", what, r, r < 0 ? error_name(errno) : "");
}
int main(void) {
  int p[2];
  MUST(pipe(p) == 0);
  open_pty();
  set_flags(0, 0, 0, 0, ECHO, 0);
  set("drained", SETSW, 0, 1);
  set("flushed", SETSF, 0, 2);
  set("drained, old form", SETAW, 1, 3);
  set("flushed, old form", SETAF, 1, 4);
  set("drained, with speeds", SETSW2, 0, 5);
  set("flushed, with speeds", SETSF2, 0, 6);
  const unsigned long requests[] = {SETSW, SETSF, SETAW, SETAF, SETSW2, SETSF2};
  for (int i = 0; i < 6; i++) {
    printf("%lx:", requests[i]);
    for (int k = 0; k < 2; k++) printf(" %s", ioctl(k ? p[0] : slave, requests[i], 8) ? error_name(errno) : "0");
    printf("\n");
  }
  // What settings are locked
  struct settings locked;
  memset(&locked, 0xee, sizeof locked);
  SHOW(ioctl(slave, GET_LOCKED, &locked));
  printf("locked %x %x %x %x\n", locked.iflag, locked.oflag, locked.cflag, locked.lflag);
  // Lines and breaks
  const struct { const char *name; unsigned long request; } lines[] = {
      {"break", SEND_BREAK}, {"break of some time", SEND_BREAK_OF}, {"break on", BREAK_ON}, {"break off", BREAK_OFF}, {"lines", LINES}, {"lines on", 0x5416}, {"lines off", 0x5417}, {"lines as", 0x5418}};
  for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
    refused(lines[i].name, slave, lines[i].request, 1);
    refused("  of a pipe", p[0], lines[i].request, 1);
  }
  refused("console, of a pipe", p[0], CONSOLE, 0);
  return 0;
}
