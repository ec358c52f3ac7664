/* Reads without canonical mode: VMIN and VTIME in all combinations (termios(3)), without waiting, and with signals. */
#include "pty.h"
#include <pthread.h>

static void set_min_time(int min, int time) {
  struct termios t;
  MUST(tcgetattr(slave, &t) == 0);
  cfmakeraw(&t);
  t.c_cc[VMIN] = min;
  t.c_cc[VTIME] = time;
  MUST(tcsetattr(slave, TCSANOW, &t) == 0);
}
/* A child that types the parts of `text` separated by '|' after 30 ms each, '.' being 250 ms. */
static pid_t typist(const char *text) {
  fflush(stdout);
  pid_t p = fork();
  if (p) return p;
  for (; *text; text++) {
    if (*text == '|') usleep(30000);
    else if (*text == '.') usleep(250000);
    else write(master, text, 1);
  }
  _exit(0);
}
static void timed(const char *what, int size, long least, long most) {
  char bytes[100];
  long start = milliseconds();
  long n = read(slave, bytes, size);
  int saved = errno;
  long took = milliseconds() - start;
  errno = saved;
  print_bytes(what, bytes, n);
  if (took < least || took > most) printf("  took %ld ms\n", took);
}
static void nothing(int s) {}

int main(void) {
  struct pollfd p;
  int n;
  open_pty();
  printf("-- MIN 1\n");
  set_min_time(1, 0);
  type("abc");
  timed("what is there", 10, 0, 500);
  pid_t t = typist("|x");
  timed("waits", 10, 20, 2000);
  waitpid(t, 0, 0);
  printf("-- MIN 3\n");
  set_min_time(3, 0);
  p = (struct pollfd){slave, POLLIN, 0};
  type("ab");
  SHOW(poll(&p, 1, 0));
  MUST(ioctl(slave, FIONREAD, &n) == 0);
  printf("%d\n", n);
  timed("a read of less", 2, 0, 500);
  t = typist("a|b|c");
  timed("waits for all", 10, 40, 2000);
  waitpid(t, 0, 0);
  type("abcd");
  SHOW(poll(&p, 1, 0));
  timed("more", 10, 0, 500);
  printf("-- MIN 0\n");
  set_min_time(0, 0);
  timed("never waits", 10, 0, 500);
  type("ab");
  timed("what is there", 10, 0, 500);
  SHOW(poll(&p, 1, 0));
  printf("-- TIME 2\n");
  set_min_time(0, 2);
  timed("ends", 10, 150, 2000);
  t = typist("|a");
  timed("the first byte", 10, 20, 2000);
  waitpid(t, 0, 0);
  waitpid(typist("|b"), 0, 0);
  set_min_time(0, 20);
  timed("and the next", 10, 0, 1500);
  printf("-- MIN 3, TIME 2\n");
  set_min_time(3, 2);
  t = typist("...a..b");
  timed("time is between bytes", 10, 500, 3000);
  waitpid(t, 0, 0);
  timed("the late one", 10, 0, 2000);
  t = typist("a|b|c..d");
  timed("enough", 10, 40, 2000);
  waitpid(t, 0, 0);
  timed("the rest", 10, 0, 2000);
  p.revents = 0;
  type("e");
  SHOW(poll(&p, 1, 0));
  timed("one", 10, 50, 2000);

  printf("-- without waiting\n");
  fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK);
  int settings[][2] = {{1, 0}, {3, 0}, {0, 0}, {0, 20}, {3, 20}};
  for (int i = 0; i < 5; i++) {
    char text[30];
    set_min_time(settings[i][0], settings[i][1]);
    snprintf(text, sizeof text, "%d %d, nothing", settings[i][0], settings[i][1]);
    timed(text, 10, 0, 1500);
    type("ab");
    snprintf(text, sizeof text, "%d %d, two", settings[i][0], settings[i][1]);
    timed(text, 10, 0, 1500);
  }
  fcntl(slave, F_SETFL, O_RDWR);

  printf("-- signals\n");
  set_min_time(5, 0);
  set_handler(SIGALRM, nothing, 0);
  struct itimerval alarm = {{0, 0}, {0, 40000}};
  setitimer(ITIMER_REAL, &alarm, 0);
  timed("interrupted", 10, 20, 2000);
  type("ab");
  setitimer(ITIMER_REAL, &alarm, 0);
  timed("interrupted in the middle", 10, 20, 2000);
  set_handler(SIGALRM, nothing, SA_RESTART);
  setitimer(ITIMER_REAL, &alarm, 0);
  t = typist("|||12345");
  timed("goes on", 10, 60, 2000);
  waitpid(t, 0, 0);

  printf("-- a change of settings\n");
  set_min_time(1, 0);
  fflush(stdout);
  t = fork();
  if (t == 0) {
    timed("a reader", 10, 0, 3000);
    fflush(stdout);
    _exit(0);
  }
  usleep(30000);
  struct termios c;
  MUST(tcgetattr(slave, &c) == 0);
  c.c_lflag |= ICANON;
  c.c_cc[VEOF] = 4;
  MUST(tcsetattr(slave, TCSANOW, &c) == 0);
  waitpid(t, 0, WNOHANG);
  type("x");
  type("y\n");
  waitpid(t, 0, 0);
  return 0;
}
