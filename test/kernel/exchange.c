/*
 * Processes that hand bytes, words and signals to each other by every means that can wait. Each round is counted by the one who is last
 * in it; who misses a wake-up stops for good. The argument is a seed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned state;

static unsigned upTo(unsigned limit) {
  state = state * 1664525 + 1013904223;
  return (state >> 8) % limit;
}

static void check(int true, const char *what) {
  if (true) return;
  printf("%s: %s\n", what, strerror(errno));
  exit(1);
}

static void finish(const char *what, int children) {
  int failed = 0, status;
  while (children-- > 0) {
    check(wait(&status) > 0, "wait");
    failed += status != 0;
  }
  printf("%s %s\n", what, failed ? "failed" : "done");
}

/* Sizes around PIPE_BUF and the capacity, and small ones. */
static size_t someSize(void) {
  static const unsigned limits[] = {16, 300, 5000, 20000, 90000};
  return 1 + upTo(limits[upTo(5)]);
}

static char buffer[100000];

/* `total` bytes, of which each tells its place. */
static void writeAll(int out, size_t total) {
  for (size_t done = 0; done < total;) {
    size_t size = someSize();
    if (size > total - done) size = total - done;
    for (size_t i = 0; i < size; i++) buffer[i] = (char)((done + i) % 251);
    ssize_t n = write(out, buffer, size);
    check(n > 0, "write");
    done += n;
  }
}

static void readAll(int in, size_t total) {
  size_t done = 0;
  for (;;) {
    ssize_t n = read(in, buffer, someSize());
    check(n >= 0, "read");
    if (n == 0) break;
    for (ssize_t i = 0; i < n; i++) check(buffer[i] == (char)((done + i) % 251), "bytes");
    done += n;
  }
  check(done == total, "total");
}

/* A row of three: a writer, one who passes on, a reader. */
static void row(const char *what, int sockets) {
  enum { TOTAL = 300000 };
  int a[2], b[2];
  check(sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, a) == 0 : pipe(a) == 0, "pipe");
  check(sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, b) == 0 : pipe(b) == 0, "pipe");
  for (int i = 0; i < 3; i++) {
    if (fork() != 0) continue;
    state += i * 7919;
    if (i != 0) close(a[1]);
    if (i != 1) close(b[1]);
    if (i == 0) writeAll(a[1], TOTAL);
    if (i == 2) close(a[0]), readAll(b[0], TOTAL);
    if (i == 1) {
      for (ssize_t n; (n = read(a[0], buffer, someSize())) != 0;) {
        check(n > 0, "read");
        for (ssize_t done = 0, m; done < n; done += m) check((m = write(b[1], buffer + done, n - done)) > 0, "write");
      }
    }
    exit(0);
  }
  close(a[0]), close(a[1]), close(b[0]), close(b[1]);
  finish(what, 3);
}

/* Two who wait for each other's byte without blocking in read: by poll, or by epoll with edges. */
static void turns(const char *what, int edges) {
  int pair[2];
  check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0, "socketpair");
  for (int side = 0; side < 2; side++) {
    if (fork() != 0) continue;
    int fd = pair[side], epoll = epoll_create1(0);
    close(pair[!side]);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
    check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
    char byte = 0;
    for (int i = 0; i < 200; i++) {
      if (side == 0) check(write(fd, &byte, 1) == 1, "write");
      while (read(fd, &byte, 1) != 1) {
        check(errno == EAGAIN, "read");
        struct pollfd ready = {fd, POLLIN, 0};
        check(edges ? epoll_wait(epoll, &event, 1, -1) == 1 : poll(&ready, 1, -1) == 1, "poll");
      }
      if (side == 1) check(write(fd, &byte, 1) == 1, "write");
    }
    exit(0);
  }
  close(pair[0]), close(pair[1]);
  finish(what, 2);
}

static long futex(_Atomic int *word, int operation, int value) {
  return syscall(SYS_futex, word, operation, value, NULL, NULL, 0);
}

/* Four who have the word in turn; all wait on it, so each change wakes all. */
static void words(void) {
  _Atomic int *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (int who = 0; who < 4; who++) {
    if (fork() != 0) continue;
    for (;;) {
      int now = atomic_load(word);
      if (now >= 400) exit(0);
      if (now % 4 != who) {
        futex(word, FUTEX_WAIT, now);
        continue;
      }
      atomic_store(word, now + 1);
      futex(word, FUTEX_WAKE, 4);
    }
  }
  finish("futex", 4);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;

static void *worker(void *argument) {
  long who = (long)argument;
  pthread_mutex_lock(&mutex);
  while (turn < 300) {
    if (turn % 3 == who) {
      turn++;
      pthread_cond_broadcast(&changed);
    } else pthread_cond_wait(&changed, &mutex);
  }
  pthread_mutex_unlock(&mutex);
  return NULL;
}

static void threads(void) {
  pthread_t all[3];
  for (long i = 0; i < 3; i++) pthread_create(&all[i], NULL, worker, (void *)i);
  for (int i = 0; i < 3; i++) pthread_join(all[i], NULL);
  printf("threads %d\n", turn);
}

static volatile sig_atomic_t got;
static void handler(int signal) { got++; }

/* Parent and child signal each other in turn; each waits in sigsuspend. */
static void signals(void) {
  sigset_t block, empty;
  sigemptyset(&empty), sigemptyset(&block), sigaddset(&block, SIGUSR1);
  sigprocmask(SIG_BLOCK, &block, NULL);
  signal(SIGUSR1, handler);
  pid_t parent = getpid(), child = fork();
  got = 0;
  for (int i = 0; i < 150; i++) {
    if (child != 0) check(kill(child, SIGUSR1) == 0, "kill");
    while (got <= i) sigsuspend(&empty);
    if (child == 0) kill(parent, SIGUSR1);
  }
  if (child == 0) exit(0);
  finish("signals", 1);
}

/* Children that end while the parent does something, or waits for SIGCHLD, or in wait. */
static void children(void) {
  sigset_t block, empty;
  sigemptyset(&empty), sigemptyset(&block), sigaddset(&block, SIGCHLD);
  sigprocmask(SIG_BLOCK, &block, NULL);
  signal(SIGCHLD, handler);
  int ended = 0;
  for (int i = 0; i < 60; i++) {
    int gate[2];
    check(pipe(gate) == 0, "pipe");
    got = 0;
    pid_t child = fork();
    if (child == 0) {
      char byte;
      close(gate[1]);
      exit(read(gate[0], &byte, 1) == 0 ? 7 : 1);
    }
    close(gate[0]);
    close(gate[1]);
    if (i % 2) while (!got) sigsuspend(&empty);
    int status = 0;
    check(wait4(child, &status, 0, NULL) == child, "wait4");
    ended += WEXITSTATUS(status) == 7;
  }
  sigprocmask(SIG_UNBLOCK, &block, NULL);
  printf("children %d\n", ended);
}

/* A FIFO is opened by both sides again and again; the writer of a pipe without reader gets SIGPIPE. */
static void openings(void) {
  unlink("/tmp/exchange");
  check(mkfifo("/tmp/exchange", 0600) == 0, "mkfifo");
  int there[2], back[2];
  check(pipe(there) == 0 && pipe(back) == 0, "pipe");
  if (fork() == 0) {
    for (int i = 0; i < 60; i++) {
      int fd = open("/tmp/exchange", O_WRONLY);
      check(fd >= 0 && write(fd, &i, sizeof i) == sizeof i, "fifo");
      close(fd);
      char byte;
      check(read(there[0], &byte, 1) == 1, "read");
    }
    exit(0);
  }
  for (int i = 0; i < 60; i++) {
    int fd = open("/tmp/exchange", O_RDONLY), value = -1;
    check(fd >= 0 && read(fd, &value, sizeof value) == sizeof value && value == i, "fifo");
    check(read(fd, &value, 1) == 0, "end of file");
    close(fd);
    check(write(there[1], "", 1) == 1, "write");
  }
  unlink("/tmp/exchange");
  finish("openings", 1);
  for (int i = 0; i < 20; i++) {
    int ends[2], status;
    check(pipe(ends) == 0, "pipe");
    pid_t writer = fork();
    if (writer == 0) {
      close(ends[0]);
      for (;;) check(write(ends[1], buffer, someSize()) > 0, "write");
    }
    close(ends[1]);
    ssize_t n = read(ends[0], buffer, someSize());
    close(ends[0]);
    check(n > 0 && wait4(writer, &status, 0, NULL) == writer && WTERMSIG(status) == SIGPIPE, "SIGPIPE");
  }
  printf("broken pipes\n");
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  mkdir("/tmp", 01777);
  state = argc > 1 ? atoi(argv[1]) : 1;
  row("pipes", 0);
  row("sockets", 1);
  turns("poll", 0);
  turns("edges", 1);
  words();
  threads();
  signals();
  children();
  openings();
  return 0;
}
