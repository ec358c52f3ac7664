/* Does without end what its first argument says, whatever the kernel answers. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char buffer[65536];

static int is(const char *a, const char *b) { return strcmp(a, b) == 0; }

static void *sleeper(void *unused) {
  for (;;) pause();
  return unused;
}

static void on_signal(int unused) { (void)unused; }

/* A frame of a page a call, none of which can be optimised away. */
static int deeper(int n) {
  volatile char frame[4096];
  frame[0] = (char)n;
  return deeper(n + 1) + frame[0];
}

/* Threads that all run: the limit is met while they take each other's time. */
static void *spinner(void *unused) {
  for (;;) __asm__ volatile("");
  return unused;
}

static void *start_thread(void *(*body)(void *)) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 16384);
  pthread_t thread;
  for (;;) pthread_create(&thread, &small, body, 0);
  return 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  char name[64];
  if (is(what, "fork")) for (;;) fork();
  if (is(what, "fork-sleep")) for (;;) if (fork() == 0) pause();
  if (is(what, "fork-exit")) for (;;) if (fork() == 0) _exit(0);
  if (is(what, "fork-stop")) {
    int n = 0;
    while (fork() > 0) n++;
    if (errno != EAGAIN) pause();
    printf("%d: %s\n", n, strerror(errno));
    return 1;
  }
  if (is(what, "vfork")) for (;;) if (vfork() == 0) _exit(0);
  if (is(what, "map")) for (;;) mmap(0, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (is(what, "map-apart"))
    for (int i = 0;; i++)
      mmap(0, 4096, i & 1 ? PROT_NONE : PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (is(what, "touch"))
    for (;;) {
      char *p = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (p != MAP_FAILED) memset(p, 1, 1 << 20);
    }
  if (is(what, "touch-child")) {
    if (fork() == 0)
      for (;;) memset(malloc(1 << 20), 1, 1 << 20);
    wait(0);
    for (;;) pause();
  }
  if (is(what, "touch-shared"))
    for (;;) {
      char *p = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
      if (p != MAP_FAILED) memset(p, 1, 1 << 20);
    }
  if (is(what, "brk")) for (;;) *(volatile char *)sbrk(4096) = 1;
  if (is(what, "open")) for (;;) open("/proc/self/exe", O_RDONLY);
  if (is(what, "open-stop")) {
    int n = 0;
    while (open("/", O_RDONLY) >= 0) n++;
    printf("%d: %s\n", n, strerror(errno));
    return 1;
  }
  if (is(what, "pipe")) for (int fds[2];;) pipe(fds);
  if (is(what, "epoll")) for (;;) epoll_create1(0);
  if (is(what, "memfd")) for (int i = 0;; i++) {
    int fd = memfd_create("x", 0);
    if (fd >= 0) write(fd, buffer, sizeof buffer);
  }
  if (is(what, "print")) for (;;) write(1, buffer, sizeof buffer);
  if (is(what, "complain")) for (;;) write(2, buffer, sizeof buffer);
  if (is(what, "file")) {
    int fd = open("/tmp/file", O_CREAT | O_WRONLY, 0600);
    for (;;) write(fd, buffer, sizeof buffer);
  }
  if (is(what, "file-stop")) {
    int fd = open("/tmp/file", O_CREAT | O_WRONLY, 0600);
    while (write(fd, buffer, sizeof buffer) > 0);
    fprintf(stderr, "%s\n", strerror(errno));
    return 1;
  }
  if (is(what, "files")) for (int i = 0;; i++) {
    snprintf(name, sizeof name, "/tmp/%d", i);
    close(open(name, O_CREAT | O_WRONLY, 0600));
  }
  if (is(what, "directories")) for (int i = 0;; i++) {
    mkdir("d", 0700);
    chdir("d");
  }
  if (is(what, "fill-pipe")) {
    int fds[2];
    pipe(fds);
    for (;;) write(fds[1], buffer, sizeof buffer);
  }
  if (is(what, "spin")) for (;;) __asm__ volatile("");
  if (is(what, "calls")) for (;;) getppid();
  if (is(what, "sleep")) for (;;) pause();
  if (is(what, "naps")) for (struct timespec nap = {0, 1000};;) nanosleep(&nap, 0);
  if (is(what, "stack")) return deeper(0);
  if (is(what, "threads")) start_thread(sleeper);
  if (is(what, "spinners")) start_thread(spinner);
  if (is(what, "exec")) execv("/proc/self/exe", argv);
  if (is(what, "exec-large")) {
    /* A mebibyte of arguments each time. */
    char *large = malloc(100001), *many[12] = {argv[0], argv[1], large, large, large, large, large, large, large, large, large, 0};
    memset(large, 'x', 100000), large[100000] = 0;
    execv("/proc/self/exe", many);
  }
  if (is(what, "signals")) {
    signal(SIGUSR1, on_signal);
    for (;;) raise(SIGUSR1);
  }
  if (is(what, "queue")) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, 0);
    for (union sigval v = {0};;) sigqueue(getpid(), SIGRTMIN, v);
  }
  if (is(what, "timers")) {
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    for (timer_t timer;;) timer_create(CLOCK_MONOTONIC, &event, &timer);
  }
  if (is(what, "faults")) {
    /* The handler returns to the instruction that faults. */
    signal(SIGSEGV, on_signal);
    *(volatile int *)8 = 1;
  }
  if (is(what, "code")) {
    /* New code each time round: nothing that was decoded is of use again. */
    unsigned char *code = mmap(0, 1 << 20, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (unsigned n = 0;; n++) {
      unsigned char *p = code + (n % 65536) * 16;
      memcpy(p, "\xb8\0\0\0\0\xc3", 6);
      memcpy(p + 1, &n, 4);
      if (((unsigned (*)(void))p)() != n) return 2;
    }
  }
  fprintf(stderr, "unknown: %s\n", what);
  return 2;
}
