/*
 * Plays a terminal session: opens a pseudo-terminal, runs a command as its session, types and waits as a script says, and
 * prints all that the terminal shows. The same program runs natively and in Binlet.
 *
 *   terminal SCRIPT COMMAND [ARGUMENTS]
 *
 * A line of the script is one of
 *   expect TEXT       waits until TEXT is shown, after what was waited for before
 *   type TEXT         types TEXT; ^C is control-C, ^^ a circumflex
 *   line TEXT         types TEXT and Return
 *   pause MS          for what nothing shows: that a program reads by now
 *   resize ROWS COLUMNS
 *   hangup            closes the terminal
 *   end               waits until the command ends
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 10000 /* milliseconds that the terminal may be silent */

static int master;
static char shown[1 << 20];
static size_t length, seen;

static void fail(const char *what) {
  printf("\n[terminal: %s: %s]\n", what, strerror(errno));
  exit(99);
}

/* Reads once; 0 when the terminal is gone. */
static int receive(void) {
  struct pollfd p = {master, POLLIN, 0};
  int ready = poll(&p, 1, PATIENCE);
  if (ready < 0) fail("poll");
  if (ready == 0) {
    errno = ETIMEDOUT;
    return -1;
  }
  ssize_t n = read(master, shown + length, sizeof shown - 1 - length);
  if (n < 0 && errno != EIO) fail("read");
  if (n <= 0) return 0;
  fwrite(shown + length, 1, n, stdout);
  fflush(stdout);
  length += n;
  return 1;
}

static void expect(const char *text) {
  for (;;) {
    char *at = memmem(shown + seen, length - seen, text, strlen(text));
    if (at) {
      seen = at + strlen(text) - shown;
      return;
    }
    if (receive() <= 0) {
      printf("\n[terminal: \"%s\" was not shown]\n", text);
      exit(98);
    }
  }
}

static void type(const char *text) {
  for (; *text; text++) {
    char c = *text;
    if (c == '^' && text[1]) c = *++text == '^' ? '^' : *text & 31;
    if (write(master, &c, 1) != 1) fail("write");
  }
}

static void run(char **command) {
  setsid();
  int slave = open(ptsname(master), O_RDWR);
  if (slave < 0 || ioctl(slave, TIOCSCTTY, 0) < 0) _exit(97);
  for (int i = 0; i < 3; i++) dup2(slave, i);
  if (slave > 2) close(slave);
  close(master);
  execvp(command[0], command);
  _exit(127);
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  FILE *script = fopen(argv[1], "re");
  if (!script) fail(argv[1]);
  master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt(master) || unlockpt(master)) fail("posix_openpt");
  struct winsize size = {24, 200, 0, 0};
  ioctl(master, TIOCSWINSZ, &size);
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) run(argv + 2);
  char text[1024];
  while (fgets(text, sizeof text, script)) {
    text[strcspn(text, "\n")] = 0;
    char *argument = strchr(text, ' ');
    if (argument) *argument++ = 0;
    else argument = "";
    if (!strcmp(text, "expect")) expect(argument);
    else if (!strcmp(text, "type")) type(argument);
    else if (!strcmp(text, "line")) type(argument), type("^M");
    else if (!strcmp(text, "resize")) {
      sscanf(argument, "%hu %hu", &size.ws_row, &size.ws_col);
      ioctl(master, TIOCSWINSZ, &size);
    } else if (!strcmp(text, "pause")) usleep(atoi(argument) * 1000);
    else if (!strcmp(text, "hangup")) close(master);
    else if (!strcmp(text, "end")) while (receive() > 0) ;
  }
  int status;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) printf("\n[terminal: signal %d]\n", WTERMSIG(status));
  else printf("\n[terminal: status %d]\n", WEXITSTATUS(status));
  return 0;
}
