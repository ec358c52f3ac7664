/* What becomes of output on a terminal (termios(3), c_oflag), and echoes that depend on the column. */
#include "pty.h"
static void put(const char *what, const char *text) {
  MUST(write(slave, text, strlen(text)) == (long)strlen(text));
  show_pending(what, master);
}
int main(void) {
  struct termios start;
  open_pty();
  MUST(tcgetattr(slave, &start) == 0);
  put("standard", "a\nb\r\nc\td\b\x01\xe9\n");
  set_flags(0, 0, OPOST, 0, 0, 0);
  put("raw", "a\nb\r\nc\td\n");
  set_flags(0, 0, 0, OPOST, 0, 0);
  set_flags(0, 0, ONLCR, 0, 0, 0);
  put("no ONLCR", "a\nb\r\n\r");
  set_flags(0, 0, 0, OCRNL, 0, 0);
  put("OCRNL", "a\rb\n");
  set_flags(0, 0, OCRNL, ONOCR, 0, 0);
  put("ONOCR", "x\r\rab\r\r\n\ry\n\r\r");
  set_flags(0, 0, 0, ONLRET, 0, 0);
  put("ONOCR and ONLRET", "x\n\ry\r");
  set_flags(0, 0, ONOCR | ONLRET, OLCUC, 0, 0);
  put("OLCUC", "abC1\xe9\xdf\xf7\xff\n");
  set_flags(0, 0, OLCUC, XTABS | ONLCR, 0, 0);
  put("tabs", "\tx\n1234567\t8\t\n12345678\tx\n\x01\tx\b\b\ty\n");
  set_flags(0, IUTF8, 0, 0, 0, 0);
  put("tabs after UTF-8", "\xc3\xa9\xe2\x82\xac\tx\n");
  set_flags(IUTF8, 0, 0, 0, 0, 0);
  put("tabs after bytes", "\xc3\xa9\xe2\x82\xac\tx\n");
  put("before the echo", "abc");
  type("d\te\n");
  show_pending("echo", master);
  show_pending("read", slave);
  tcsetattr(slave, TCSANOW, &start);
  put("a prompt", "prompt> ");
  type("x\t\x7fy\n");
  show_pending("echo", master);
  show_pending("read", slave);
  put("a longer prompt", "prompt: \t..> ");
  type("ab\t\x7f\x7f\x7f\n");
  show_pending("echo", master);
  show_pending("read", slave);
  set_flags(0, 0, OPOST, 0, 0, 0);
  type("a\x01\tb\n");
  show_pending("echo without OPOST", master);
  show_pending("read", slave);
  return 0;
}
