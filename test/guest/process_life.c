/* Subreapers, death signals, orphans, vfork, de-threading exec, what fork and exec keep and drop. */
#include "guest.h"
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
static int p[2];
static char byte;
static void say(int v) { write(p[1], &v, sizeof v); }
static int hear(void) { int v = -99; read(p[0], &v, sizeof v); return v; }
static volatile int hits, last_code;
static void on(int sig, siginfo_t *i, void *c) { hits++, last_code = i->si_code; }
static void subreaper(void) {
  int v = -1;
  SHOW(prctl(PR_GET_CHILD_SUBREAPER, &v)), printf("%d\n", v);
  SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1));
  pid_t middle = fork();
  if (middle == 0) {
    v = -1;
    prctl(PR_GET_CHILD_SUBREAPER, &v);
    pid_t self = getpid(), low = fork();
    if (low == 0) {
      while (getppid() == self) usleep(1000);
      _exit(44);
    }
    say(low), say(v);
    _exit(0);
  }
  pid_t low = hear();
  printf("not inherited %d\n", hear());
  int status;
  waitpid(middle, &status, 0);
  printf("orphan is mine %d ", waitpid(low, &status, 0) == low);
  print_status("", status);
  SHOW(prctl(PR_SET_CHILD_SUBREAPER, 0));
}
static void *fork_and_end(void *arg) {
  pid_t c = fork();
  if (c == 0) {
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    set_info_handler(SIGUSR1, on, 0);
    say(1);
    for (int i = 0; i < 2000 && !hits; i++) usleep(1000);
    say(hits), say(getppid() != 1);
    _exit(0);
  }
  *(pid_t *)arg = c;
  hear();
  return 0;
}
static void death_signal(void) {
  int v = -1;
  SHOW(prctl(PR_SET_PDEATHSIG, 65));
  SHOW(prctl(PR_SET_PDEATHSIG, -1));
  SHOW(prctl(PR_SET_PDEATHSIG, SIGUSR2));
  SHOW(prctl(PR_GET_PDEATHSIG, &v)), printf("%d\n", v);
  pid_t c = fork();
  if (c == 0) { prctl(PR_GET_PDEATHSIG, &v); _exit(v); }
  int status;
  waitpid(c, &status, 0);
  print_status("not inherited", status);
  prctl(PR_SET_PDEATHSIG, 0);
  pid_t middle = fork();
  if (middle == 0) {
    pid_t low = fork();
    if (low == 0) {
      set_info_handler(SIGUSR1, on, 0);
      prctl(PR_SET_PDEATHSIG, SIGUSR1);
      say(1);
      for (int i = 0; i < 2000 && !hits; i++) usleep(1000);
      say(hits), say(last_code);
      _exit(0);
    }
    hear();
    _exit(0);
  }
  waitpid(middle, 0, 0);
  int h = hear();
  printf("signals %d code %d\n", h, hear());
  /* The thread that forked it counts, not the process. */
  pthread_t t;
  pthread_create(&t, 0, fork_and_end, &c), pthread_join(t, 0);
  h = hear();
  printf("signals %d, parent lives %d\n", h, hear());
  waitpid(c, 0, 0);
}
static int variable;
static void vforks(void) {
  variable = 1;
  long before = milliseconds();
  pid_t c = vfork();
  if (c == 0) {
    variable = 2;
    struct timespec t = {0, 30000000};
    syscall(SYS_nanosleep, &t, 0);
    _exit(3);
  }
  printf("memory is shared %d, the parent waited %d\n", variable, milliseconds() - before >= 28);
  int status;
  waitpid(c, &status, 0);
  print_status("child", status);
  /* A signal for the parent comes after. */
  set_info_handler(SIGALRM, on, 0);
  hits = 0;
  struct itimerval soon = {.it_value = {0, 5000}};
  setitimer(ITIMER_REAL, &soon, 0);
  c = vfork();
  if (c == 0) {
    struct timespec t = {0, 30000000};
    syscall(SYS_nanosleep, &t, 0);
    variable = hits;
    _exit(0);
  }
  printf("held back %d, then %d\n", variable, hits);
  waitpid(c, 0, 0);
}
static void *sleeper(void *arg) { for (;;) pause(); }
static void *execs(void *arg) {
  char *const argv[] = {"self", "again", arg, 0};
  execv("/proc/self/exe", argv);
  _exit(1);
}
static void de_threading(void) {
  pid_t c = fork();
  if (c == 0) {
    char pid[16];
    snprintf(pid, sizeof pid, "%d", getpid());
    sigset_t set;
    sigemptyset(&set), sigaddset(&set, SIGHUP), sigprocmask(SIG_BLOCK, &set, 0);
    raise(SIGHUP), kill(getpid(), SIGHUP);
    set_info_handler(SIGUSR1, on, 0), signal(SIGUSR2, SIG_IGN);
    alarm(100);
    timer_t id;
    timer_create(CLOCK_MONOTONIC, 0, &id);
    int closing = open("/dev/null", O_RDONLY | O_CLOEXEC), kept = open("/dev/null", O_RDONLY);
    dup2(kept, 40), fcntl(dup2(kept, 41), F_SETFD, FD_CLOEXEC);
    setpriority(PRIO_PROCESS, 0, 3);
    umask(017);
    pthread_t t[3];
    for (int i = 0; i < 2; i++) pthread_create(&t[i], 0, sleeper, 0);
    pthread_create(&t[2], 0, execs, pid);
    for (;;) pause();
  }
  int status;
  waitpid(c, &status, 0);
  print_status("exec of a thread", status);
}
static int again(const char *pid) {
  struct sigaction one, two;
  sigset_t mask, pending;
  sigaction(SIGUSR1, 0, &one), sigaction(SIGUSR2, 0, &two);
  sigprocmask(SIG_BLOCK, 0, &mask), sigpending(&pending);
  struct itimerspec s;
  printf("pid %d tid %d\n", getpid() == atoi(pid), syscall(SYS_gettid) == getpid());
  printf("handlers: default %d ignored %d; mask %d pending %d\n", one.sa_handler == SIG_DFL, two.sa_handler == SIG_IGN, sigismember(&mask, SIGHUP), sigismember(&pending, SIGHUP));
  printf("alarm %d timer %ld\n", alarm(0) > 90, syscall(SYS_timer_gettime, 0, &s));
  printf("descriptors %d %d\n", fcntl(40, F_GETFD), fcntl(41, F_GETFD));
  printf("nice %d umask %o\n", getpriority(PRIO_PROCESS, 0), umask(0));
  return 7;
}
static void forked(void) {
  sigset_t set, pending;
  sigemptyset(&set), sigaddset(&set, SIGUSR1), sigprocmask(SIG_BLOCK, &set, 0);
  kill(getpid(), SIGUSR1);
  char *locked = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pid_t c = fork();
  if (c == 0) {
    sigpending(&pending), sigprocmask(SIG_BLOCK, 0, &set);
    struct rusage r;
    getrusage(RUSAGE_CHILDREN, &r);
    say(sigismember(&pending, SIGUSR1)), say(sigismember(&set, SIGUSR1)), say(getpgrp() == getpgid(getppid())), say(getsid(0) == getsid(getppid()));
    _exit(0);
  }
  int a = hear(), b = hear(), d = hear();
  printf("pending %d mask %d group %d session %d\n", a, b, d, hear());
  waitpid(c, 0, 0);
  struct timespec zero = {0, 0};
  sigtimedwait(&set, 0, &zero);
  sigprocmask(SIG_UNBLOCK, &set, 0);
}
static void *leader_gone(void *arg) {
  usleep(20000);
  printf("the leader has ended, kill finds it: %d\n", kill(getpid(), 0));
  exit(23);
}
static void leader(void) {
  fflush(stdout);
  pid_t c = fork();
  if (c == 0) {
    pthread_t t;
    pthread_create(&t, 0, leader_gone, 0);
    syscall(SYS_exit, 5);
  }
  int status;
  waitpid(c, &status, 0);
  print_status("the last thread counts", status);
}
int main(int argc, char **argv) {
  setvbuf(stdout, 0, _IONBF, 0);
  if (argc > 2) return again(argv[2]);
  MUST(pipe(p) == 0);
  subreaper();
  death_signal();
  vforks();
  de_threading();
  forked();
  leader();
  return 0;
}
