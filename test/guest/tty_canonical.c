/* Canonical mode (termios(3)): lines, how they are edited, how much of one is kept, and how it is echoed. */
#include "pty.h"

/* Types, then prints the echo and the lines that can be read. */
static void line(const char *what, const char *text) {
  printf("-- %s\n", what);
  type(text);
  show_pending("echo", master);
  show_pending("read", slave);
}
static void restore(const struct termios *t) {
  MUST(tcsetattr(slave, TCSAFLUSH, t) == 0);
  show_pending("left", master);
}

int main(void) {
  struct termios start;
  char bytes[5000];
  open_pty();
  MUST(tcgetattr(slave, &start) == 0);
  line("plain", "one\n");
  line("two lines at once", "one\ntwo\n");
  line("erase", "abc\x7f\x7f" "d\n");
  line("erase at the start", "\x7f\x7fx\n");
  line("erase a control character", "a\x01\x7f" "b\n");
  line("erase a tab", "ab\t\x7f" "c\n");
  line("erase a second tab", "ab\tcde\t\x7f" "f\n");
  line("word", "one two  three\x17\x17x\n");
  line("word of signs", "a+b--\x17" "c\n");
  line("kill", "abc def\x15" "x\n");
  line("kill after a control character", "a\x01" "b\x15" "c\n");
  line("literal", "a\x16\x7f" "b\x16\x03\x16\n\n");
  line("reprint", "ab\x01" "c\x12" "d\n");
  line("control characters", "\x01\x1b[A\x1f\n");
  line("end of file within a line", "abc\x04");
  line("rest of the line", "def\n");
  line("a byte above 127", "\xe9t\xe9\x7f\n");
  printf("-- end of file\n");
  type("\x04");
  show_read("read", slave, 100);
  type("\x04\x04z\n");
  show_read("read", slave, 100);
  show_read("read", slave, 100);
  show_read("read", slave, 100);
  show_pending("echo", master);
  printf("-- parts of lines\n");
  type("abcdef\nghi\n");
  show_read("read", slave, 4);
  show_read("read", slave, 3);
  show_read("read", slave, 2);
  show_read("read", slave, 10);
  type("hello\x04");
  show_read("a read that the end of file follows", slave, 5);
  type("x\n");
  show_read("read", slave, 5);
  show_pending("echo", master);
  printf("-- FIONREAD\n");
  int n;
  type("ab");
  MUST(ioctl(slave, FIONREAD, &n) == 0);
  printf("%d\n", n);
  type("c\nde\x04");
  MUST(ioctl(slave, FIONREAD, &n) == 0);
  printf("%d\n", n);
  show_read("read", slave, 10);
  show_read("read", slave, 10);
  show_pending("echo", master);

  printf("-- VEOL and VEOL2\n");
  set_char(VEOL, '.');
  set_char(VEOL2, ';');
  type("a.b;c\n");
  show_read("read", slave, 10);
  show_read("read", slave, 10);
  show_read("read", slave, 10);
  set_flags(0, 0, 0, 0, IEXTEN, 0);
  line("without IEXTEN", "a;b\x17" "c\x16" "d\n");
  restore(&start);

  set_flags(0, IUTF8, 0, 0, 0, 0);
  line("erase in UTF-8", "a\xc3\xa9\x7f" "b\xe2\x82\xac\x7f\x7f\n");
  line("tab after UTF-8", "\xc3\xa9\t\x7f" "b\n");
  line("half a character", "\xa9\x7f" "b\n");
  restore(&start);

  set_flags(0, 0, 0, 0, ECHOE, 0);
  line("no ECHOE: erase", "abc\x7f\n");
  line("no ECHOE: kill", "abc\x15" "d\n");
  restore(&start);
  set_flags(0, 0, 0, 0, ECHOKE, 0);
  line("no ECHOKE", "abc\x15" "d\n");
  set_flags(0, 0, 0, 0, ECHOK, 0);
  line("no ECHOK", "abc\x15" "d\n");
  restore(&start);
  set_flags(0, 0, 0, 0, ECHOCTL, 0);
  line("no ECHOCTL", "a\x01" "b\x7f\x7f\x7f" "c\x16" "d\n");
  restore(&start);
  set_flags(0, 0, 0, 0, 0, ECHOPRT);
  line("ECHOPRT", "abcd\x7f\x7fx\x7f\x7f\x7fy\n");
  line("ECHOPRT, kill", "abc\x15" "d\n");
  restore(&start);
  set_flags(0, 0, 0, 0, ECHO, 0);
  line("no ECHO", "ab\x7f" "c\n");
  line("no ECHO, kill", "ab\x15" "c\n");
  set_flags(0, 0, 0, 0, 0, ECHONL);
  line("ECHONL", "ab\n");
  restore(&start);
  set_char(VERASE, 0);
  set_char(VKILL, 0);
  set_char(VINTR, 0);
  line("disabled characters", "a\x7f" "b\x15\x03" "c\n");
  restore(&start);
  set_char(VERASE, '#');
  line("another VERASE", "a\x7f#b##c\n");
  restore(&start);

  printf("-- a line that is too long\n");
  set_flags(0, 0, 0, 0, ECHO, 0);
  memset(bytes, 'x', sizeof bytes);
  bytes[4093] = 'a';
  bytes[4094] = 'b';
  bytes[4095] = 'c';
  bytes[4096] = 'd';
  type_bytes(bytes, 4500);
  MUST(ioctl(slave, FIONREAD, &n) == 0);
  printf("%d\n", n);
  type("\x7f" "e\n");
  long r = read(slave, bytes, sizeof bytes);
  printf("%ld ", r);
  print_bytes("its end", bytes + r - 5, 5);
  restore(&start);

  printf("-- from one mode to the other\n");
  type("abc");
  set_flags(0, 0, 0, 0, ICANON, 0);
  show_pending("raw", slave);
  type("def");
  set_flags(0, 0, 0, 0, 0, ICANON);
  MUST(ioctl(slave, FIONREAD, &n) == 0);
  printf("%d\n", n);
  type("gh\n");
  show_read("read", slave, 100);
  show_read("read", slave, 100);
  set_flags(0, 0, 0, 0, ICANON, 0);
  type("ij\nkl");
  set_flags(0, 0, 0, 0, 0, ICANON);
  show_read("read", slave, 100);
  type("\n");
  show_read("read", slave, 100);
  show_pending("echo", master);

  printf("-- TCSAFLUSH\n");
  type("line\npart");
  restore(&start);
  line("what is left", "x\n");
  return 0;
}
