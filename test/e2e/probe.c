/* A CGI program that does what PATH_INFO says; with arguments, what the first one says. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

extern char **environ;

static int is(const char *what, const char *name) { return what && strcmp(what, name) == 0; }

static void header(const char *type) { printf("Content-Type: %s\r\n\r\n", type); }

/* Standard input to standard output as it arrives, upper-cased. */
static int upper(void) {
  char buffer[4096];
  ssize_t n;
  fflush(stdout);
  while ((n = read(0, buffer, sizeof buffer)) > 0) {
    for (ssize_t i = 0; i < n; i++)
      if (buffer[i] >= 'a' && buffer[i] <= 'z') buffer[i] -= 32;
    for (ssize_t done = 0; done < n;) {
      ssize_t w = write(1, buffer + done, n - done);
      if (w < 0) return 1;
      done += w;
    }
  }
  return n < 0;
}

/* `kib` KiB of lines that are all different. */
static int much(long kib) {
  for (long i = 0; i < kib * 64; i++) printf("%015ld\n", i);
  return 0;
}

static void show_window(int signal) {
  struct winsize w;
  ioctl(0, TIOCGWINSZ, &w);
  printf("%s%dx%d\n", signal ? "now " : "", w.ws_row, w.ws_col);
  fflush(stdout);
}
static void interrupted(int signal) {
  write(1, "interrupted\n", 12);
}

/* What standard input is as a terminal; then lines, until end of file. */
static int terminal(void) {
  char line[100];
  struct sigaction window = {.sa_handler = show_window, .sa_flags = SA_RESTART};
  struct sigaction interrupt = {.sa_handler = interrupted, .sa_flags = SA_RESTART};
  sigaction(SIGWINCH, &window, 0);
  sigaction(SIGINT, &interrupt, 0);
  printf("%s %d %d, session %d, foreground %d, ", isatty(0) ? ttyname(0) : "none", isatty(1), isatty(2), getsid(0) == getpid(), tcgetpgrp(0) == getpgrp());
  show_window(0);
  while (fgets(line, sizeof line, stdin)) {
    printf("read %s", line);
    fflush(stdout);
  }
  fprintf(stderr, "end\n");
  return 7;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : getenv("PATH_INFO");
  if (is(what, "terminal")) return terminal();
  if (is(what, "/env")) {
    header("text/plain");
    for (char **e = environ; *e; e++) puts(*e);
  } else if (is(what, "/upper")) {
    header("application/octet-stream");
    return upper();
  } else if (is(what, "upper")) {
    return upper();
  } else if (is(what, "/status")) {
    printf("Status: 418 Short and stout\nX-Probe: a\nX-Probe: b\nContent-Type: text/html\n\n<p>tea");
  } else if (is(what, "/redirect")) {
    printf("Location: /probe/upper\n\n");
  } else if (is(what, "/circle")) {
    printf("Location: /probe/circle\n\n");
  } else if (is(what, "/elsewhere")) {
    printf("Location: https://example.com/\n\n");
  } else if (is(what, "/plain")) {
    printf("no header block\n");
  } else if (is(what, "/silent")) {
    return 0;
  } else if (is(what, "/fail")) {
    fprintf(stderr, "first\nlast line\n");
    return 3;
  } else if (is(what, "/segv")) {
    header("text/plain");
    *(volatile char *)(unsigned long)argc = 1;
  } else if (is(what, "/malformed")) {
    printf("Status: good\n\n");
  } else if (is(what, "/much")) {
    header("text/plain");
    return much(1024);
  } else if (is(what, "much")) {
    return much(atol(argv[2]));
  } else if (is(what, "/pause")) {
    header("text/plain");
    puts("before");
    fflush(stdout);
    usleep(300000);
    puts("after");
  } else if (is(what, "/late")) {
    header("text/plain");
    puts("before");
    fflush(stdout);
    usleep(300000);
    abort();
  } else if (is(what, "/length")) {
    printf("Content-Length: 5\nContent-Type: text/plain\n\n");
    fflush(stdout);
    usleep(100000);
    printf("abcde");
  } else if (is(what, "/spin") || is(what, "spin")) {
    for (;;) __asm__ volatile("");
  } else if (is(what, "/hog")) {
    for (int i = 0; i < 64; i++) memset(malloc(1 << 20), 1, 1 << 20);
  } else if (is(what, "/sleep") || is(what, "sleep")) {
    for (;;) pause();
  } else if (is(what, "exit")) {
    fprintf(stderr, "to stderr\n");
    return atoi(argv[2]);
  } else if (is(what, "kill")) {
    kill(getpid(), atoi(argv[2]));
    pause();
  } else if (is(what, "arguments")) {
    for (int i = 1; i < argc; i++) puts(argv[i]);
  } else if (is(what, "getenv")) {
    puts(getenv(argv[2]) ? getenv(argv[2]) : "(unset)");
  } else if (is(what, "cwd")) {
    char path[256];
    puts(getcwd(path, sizeof path) ? path : "?");
  } else {
    fprintf(stderr, "unknown: %s\n", what ? what : "(nothing)");
    return 2;
  }
  return 0;
}
