/* Each resource limit where it bites: the signal or error, and who may change whose. */
#include "guest.h"
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
static const char *const names[] = {"CPU", "FSIZE", "DATA", "STACK", "CORE", "RSS", "NPROC", "NOFILE", "MEMLOCK", "AS", "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME"};
static void limit(int which, rlim_t soft, rlim_t hard) {
  struct rlimit l = {soft, hard};
  MUST(setrlimit(which, &l) == 0);
}
static void in_child(const char *what, void (*run)(void)) {
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    run();
    fflush(stdout);
    _exit(0);
  }
  int status;
  waitpid(p, &status, 0);
  print_status(what, status);
}
/* Limits that count by user need one that nobody else is. */
static void as_user(void) {
  uid_t user = 10000 + getpid() % 50000;
  MUST(setresuid(user, user, user) == 0);
}
static volatile int hits;
static void on(int sig) { hits++; }
static void spin(void) { for (volatile unsigned n = 0;; n++) {} }
static void cpu_hard(void) { limit(RLIMIT_CPU, 0, 0); spin(); }
static void file_size(void) {
  char name[] = "/tmp/limits.XXXXXX", block[100] = {0};
  int fd = mkstemp(name);
  unlink(name);
  signal(SIGXFSZ, SIG_IGN);
  limit(RLIMIT_FSIZE, 150, RLIM_INFINITY);
  SHOW(write(fd, block, 100));
  SHOW(write(fd, block, 100));
  SHOW(write(fd, block, 100));
  SHOW(pwrite(fd, block, 100, 140));
  SHOW(pwrite(fd, block, 1, 150));
  SHOW(ftruncate(fd, 151));
  SHOW(ftruncate(fd, 150));
  SHOW(posix_fallocate(fd, 0, 200));
  set_handler(SIGXFSZ, on, 0);
  SHOW(pwrite(fd, block, 1, 150));
  printf("signals %d\n", hits);
  signal(SIGXFSZ, SIG_DFL);
  pwrite(fd, block, 1, 150);
}
static void data(void) {
  limit(RLIMIT_DATA, 0, RLIM_INFINITY);
  SHOW(mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
  SHOW(mmap(0, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
  SHOW(mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
  char *now = (char *)syscall(SYS_brk, 0);
  SHOW(syscall(SYS_brk, now + (1 << 20)) - (long)now);
}
static int deep(int n) { volatile char pad[4096]; pad[0] = n; return n < 0 ? 0 : deep(n + 1) + pad[0]; }
static void stack(void) { limit(RLIMIT_STACK, 1 << 20, 1 << 20); deep(0); }
static void address_space(void) {
  limit(RLIMIT_AS, 64 << 20, RLIM_INFINITY);
  SHOW(mmap(0, 100 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED);
  SHOW(errno == ENOMEM);
  char *p = mmap(0, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SHOW(p == MAP_FAILED);
  SHOW(mremap(p, 8 << 20, 100 << 20, MREMAP_MAYMOVE) == MAP_FAILED);
}
static void *idle(void *p) { return 0; }
static void processes(void) {
  as_user();
  limit(RLIMIT_NPROC, 3, 3);
  pid_t a = fork();
  if (a == 0) for (;;) pause();
  pid_t b = fork();
  if (b == 0) for (;;) pause();
  SHOW(a > 0 && b > 0);
  SHOW(fork());
  pthread_t t;
  printf("thread: %s\n", error_name(pthread_create(&t, 0, idle, 0)));
  kill(a, SIGKILL), waitpid(a, 0, 0);
  pid_t c = fork();
  if (c == 0) _exit(0);
  SHOW(c > 0);
  kill(b, SIGKILL);
}
static void descriptors(void) {
  limit(RLIMIT_NOFILE, 10, 10);
  int p[2];
  SHOW(dup2(0, 9));
  SHOW(dup2(0, 10));
  SHOW(fcntl(0, F_DUPFD, 10));
  while (dup(0) >= 0) {}
  SHOW(dup(0));
  SHOW(open("/", O_RDONLY));
  SHOW(pipe(p));
  struct pollfd f[11];
  SHOW(poll(f, 11, 0));
}
static void locked(void) {
  as_user();
  limit(RLIMIT_MEMLOCK, 65536, 65536);
  char *p = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SHOW(mlock(p, 65536));
  SHOW(mlock(p + 65536, 4096));
  SHOW(munlock(p, 4096));
  SHOW(mlock(p + 65536, 4096));
  SHOW(mlockall(MCL_CURRENT));
  SHOW(mmap(0, 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) == MAP_FAILED);
  SHOW(errno == EAGAIN);
  limit(RLIMIT_MEMLOCK, 0, 0);
  SHOW(mlock(p, 4096));
  SHOW(munlockall());
}
static void pending(void) {
  as_user();
  limit(RLIMIT_SIGPENDING, 3, 3);
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, 0);
  union sigval v = {0};
  for (int i = 0; i < 3; i++) SHOW(sigqueue(getpid(), SIGRTMIN, v));
  SHOW(sigqueue(getpid(), SIGRTMIN, v));
  SHOW(sigqueue(getpid(), SIGRTMIN + 1, v));
  SHOW(kill(getpid(), SIGRTMIN + 2)); /* without its siginfo, but not lost */
  SHOW(kill(getpid(), SIGUSR1));
  SHOW(syscall(SYS_tkill, syscall(SYS_gettid), SIGRTMIN));
  sigset_t one;
  siginfo_t info;
  sigemptyset(&one), sigaddset(&one, SIGRTMIN + 2);
  SHOW(sigwaitinfo(&one, &info) == SIGRTMIN + 2);
  printf("code %d pid %d\n", info.si_code, info.si_pid);
  timer_t id;
  SHOW(timer_create(CLOCK_MONOTONIC, 0, &id));
  /* Those of the same user count together. */
  pid_t p = fork();
  if (p == 0) _exit(sigqueue(getpid(), SIGRTMIN, v) < 0 ? errno : 0);
  int status;
  waitpid(p, &status, 0);
  printf("child: %s\n", error_name(WEXITSTATUS(status)));
}
static void nice_(void) {
  limit(RLIMIT_NICE, 0, 0);
  setpriority(PRIO_PROCESS, 0, 10);
  as_user();
  SHOW(setpriority(PRIO_PROCESS, 0, 9));
  SHOW(setpriority(PRIO_PROCESS, 0, 12));
  SHOW(getpriority(PRIO_PROCESS, 0));
}
static void real_time(void) {
  struct sched_param param = {.sched_priority = 1};
  limit(RLIMIT_RTPRIO, 0, 0);
  as_user();
  SHOW(syscall(SYS_sched_setscheduler, 0, 1, &param));
}
static void rules(void) {
  struct rlimit l = {5, 4}, old;
  setvbuf(stdout, 0, _IONBF, 0);
  SHOW(setrlimit(RLIMIT_CPU, &l));
  SHOW(setrlimit(16, &l));
  SHOW(getrlimit(16, &l));
  SHOW(syscall(SYS_getrlimit, 0, 0));
  SHOW(syscall(SYS_setrlimit, 0, 0));
  SHOW(syscall(SYS_prlimit64, 0, 77, 0, 0));
  SHOW(syscall(SYS_prlimit64, 0x3fffffff, RLIMIT_CPU, 0, 0));
  SHOW(syscall(SYS_prlimit64, 0, RLIMIT_CPU, 8, 0));
  for (int i = 0; i < 16; i++) {
    struct rlimit small = {100, 200};
    if (i == RLIMIT_NICE || i == 14 /* RTPRIO */) small = (struct rlimit){0, 0};
    MUST(setrlimit(i, &small) == 0);
    MUST(getrlimit(i, &old) == 0);
    printf("%s %ld %ld\n", names[i], (long)old.rlim_cur, (long)old.rlim_max);
  }
  /* Without privilege the hard limit only goes down. */
  as_user();
  l = (struct rlimit){100, 201};
  SHOW(setrlimit(RLIMIT_FSIZE, &l));
  l = (struct rlimit){150, 150};
  SHOW(setrlimit(RLIMIT_FSIZE, &l));
  l = (struct rlimit){150, 151};
  SHOW(setrlimit(RLIMIT_FSIZE, &l));
  SHOW(syscall(SYS_prlimit64, getppid(), RLIMIT_FSIZE, 0, &l));
}
static void others(void) {
  pid_t p = fork();
  if (p == 0) {
    for (;;) pause();
  }
  struct rlimit l = {40, 50}, old = {0}, back = {0};
  SHOW(syscall(SYS_prlimit64, p, RLIMIT_NOFILE, &l, &old));
  SHOW(syscall(SYS_prlimit64, p, RLIMIT_NOFILE, 0, &back));
  printf("%ld %ld\n", (long)back.rlim_cur, (long)back.rlim_max);
  getrlimit(RLIMIT_NOFILE, &back);
  printf("own %d\n", back.rlim_cur == old.rlim_cur);
  kill(p, SIGKILL);
}
int main(void) {
  signal(SIGXCPU, SIG_DFL);
  in_child("rules", rules);
  in_child("others", others);
  in_child("file size", file_size);
  in_child("data", data);
  in_child("stack", stack);
  in_child("address space", address_space);
  in_child("processes", processes);
  in_child("descriptors", descriptors);
  in_child("locked", locked);
  in_child("pending", pending);
  in_child("nice", nice_);
  in_child("real time", real_time);
  return 0;
}
