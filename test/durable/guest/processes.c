/* A process of a namespace: waits for signals, sends them, and tells what it sees of others. */
#include "../../guest/guest.h"
#include <sched.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/msg.h>
#include <sys/prctl.h>

static volatile sig_atomic_t hups, done;

static void on_info(int signal, siginfo_t *info, void *context) {
  (void)context;
  printf("%s code %d pid %d uid %d value %d\n", strsignal(signal), info->si_code, info->si_pid, info->si_uid,
         info->si_code == SI_QUEUE ? info->si_value.sival_int : 0);
  fflush(stdout);
}
static void on_hup(int signal) { (void)signal; hups++; }
static void on_term(int signal) { (void)signal; done = 1; }

static void handle(int signal, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler};
  sigaction(signal, &action, 0);
}

/* Waits for COUNT signals and prints what came with each. */
static int second_or_zero;
static int wait_for(int count) {
  sigset_t set;
  sigfillset(&set);
  sigprocmask(SIG_BLOCK, &set, 0);
  for (int i = 0; i < count; i++) {
    siginfo_t info;
    int signal;
    while ((signal = sigwaitinfo(&set, &info)) < 0);
    on_info(signal, &info, 0);
  }
  return 0;
}

/* A server with WORKERS children that reads its configuration anew at SIGHUP, and ends at SIGTERM. */
static int prefork(int workers) {
  int status;
  handle(SIGHUP, on_hup);
  handle(SIGTERM, on_term);
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, &old);
  pid_t children[16];
  for (int generation = 1;; generation++) {
    for (int i = 0; i < workers; i++) {
      if ((children[i] = fork()) == 0) {
        signal(SIGHUP, SIG_IGN);
        signal(SIGTERM, SIG_DFL);
        sigprocmask(SIG_SETMASK, &old, 0);
        for (;;) pause();
      }
    }
    printf("generation %d\n", generation);
    fflush(stdout);
    int before = hups;
    while (hups == before && !done) sigsuspend(&old);
    for (int i = 0; i < workers; i++) kill(children[i], SIGTERM);
    for (int i = 0; i < workers; i++) waitpid(children[i], &status, 0);
    if (done) break;
  }
  printf("reloaded %d times\n", (int)hups);
  return 0;
}

/* COUNT processes at once, each of which prints its pid; they end at SIGTERM, or when they have all been seen. */
static int crowd(int count, int seconds) {
  for (int i = 1; i < count; i++) {
    pid_t child = fork();
    if (child < 0) { printf("fork: %s\n", error_name(errno)); return 1; }
    if (child == 0) { sleep(seconds); _exit(0); }
    printf("%d\n", child);
  }
  printf("%d\n", getpid());
  fflush(stdout);
  while (wait(0) > 0);
  return 0;
}

/* COUNT short processes, one after the other. */
static int churn(int count) {
  pid_t first = 0, last = 0;
  for (int i = 0; i < count; i++) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    if (i == 0) first = child;
    MUST(child > 0 && child != last);
    last = child;
    waitpid(child, 0, 0);
  }
  printf("%d %d\n", first, last);
  return 0;
}

static int ask(pid_t pid) {
  struct sched_param param;
  SHOW(getpgid(pid) == pid);
  SHOW(getsid(pid) == pid);
  SHOW(getpriority(PRIO_PROCESS, pid));
  SHOW(sched_getscheduler(pid));
  SHOW(sched_getparam(pid, &param));
  SHOW(setpgid(pid, 0));
  SHOW(setpgid(0, pid));
  return 0;
}

/* A child in a group of its own, which it leaves at SIGUSR1 for that of its parent, to begin a session. */
static int leaves_group(void) {
  sigset_t set;
  sigfillset(&set);
  sigprocmask(SIG_BLOCK, &set, 0);
  pid_t child = fork();
  if (child == 0) {
    siginfo_t info;
    MUST(setpgid(0, 0) == 0);
    sigwaitinfo(&set, &info);
    SHOW(setpgid(0, getppid()));
    SHOW(setsid() == getpid());
    fflush(stdout);
    sigwaitinfo(&set, &info);
    SHOW(setsid() == getpid());
    return 0;
  }
  waitpid(child, 0, 0);
  return 0;
}

/* A child in a group of its own, linked to its session by its parent. */
static int two_groups(void) {
  pid_t child = fork();
  if (child == 0) { MUST(setpgid(0, 0) == 0); for (;;) pause(); }
  for (;;) pause();
}

/* What a member of a group elsewhere sees of its children. */
static int member(pid_t group) {
  siginfo_t info;
  pid_t child = fork();
  if (child == 0) _exit(7);
  printf("%d %d %d\n", getpgrp() == group, getsid(0), getpgid(getppid()));
  SHOW(waitid(P_PGID, group, &info, WEXITED));
  printf("%d %d\n", info.si_pid == child, info.si_status);
  SHOW(waitid(P_PGID, group, &info, WEXITED));
  SHOW(setpriority(PRIO_PGRP, 0, 3));
  SHOW(getpriority(PRIO_PGRP, group));
  SHOW(syscall(SYS_ioprio_set, 2, group, (2 << 13) | 5));
  SHOW(syscall(SYS_ioprio_get, 2, 0));
  return 0;
}

/* Waits for the end of a process of another machine. */
static int watch(pid_t pid) {
  int fd = syscall(SYS_pidfd_open, pid, 0);
  MUST(fd >= 0);
  struct pollfd poll_fd = {fd, POLLIN, 0};
  siginfo_t info;
  SHOW(poll(&poll_fd, 1, 0));
  SHOW(waitid(P_PIDFD, fd, &info, WEXITED));
  SHOW(syscall(SYS_pidfd_getfd, fd, 0, 0));
  fflush(stdout);
  int epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = 9};
  MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
  while (epoll_wait(epoll, &event, 1, -1) < 0);
  printf("%#x %d\n", event.events, event.data.u32);
  SHOW(syscall(SYS_pidfd_send_signal, fd, 0, 0, 0));
  return 0;
}

/* A child with this pid. */
static int set_tid(pid_t pid) {
  struct { unsigned long flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size; } args =
      {.exit_signal = SIGCHLD, .set_tid = (unsigned long)&pid, .set_tid_size = 1};
  fflush(stdout);
  long child = syscall(SYS_clone3, &args, sizeof args);
  if (child == 0) { printf("child %d\n", getpid() == pid); fflush(stdout); sleep(second_or_zero); _exit(0); }
  if (child < 0) { printf("clone3 %s\n", error_name(errno)); return 0; }
  waitpid(child, 0, 0);
  return 0;
}

/* Sends COUNT signals with the values 1, 2, ... */
static int flood(pid_t pid, int count) {
  for (int i = 1; i <= count; i++) {
    union sigval value = {.sival_int = i};
    int result;
    while ((result = sigqueue(pid, SIGRTMIN, value)) < 0 && errno == EAGAIN) usleep(1000);
    if (result < 0) { printf("%d: %s\n", i, error_name(errno)); return 1; }
    usleep(3000);
  }
  return 0;
}

/* Sends COUNT signals and prints what came of each. */
static int burst(pid_t pid, int count) {
  union sigval value = {0};
  for (int i = 0; i < count; i++) puts(sigqueue(pid, SIGRTMIN, value) == 0 ? "0" : error_name(errno));
  return 0;
}

/* Has room for COUNT signals. */
static int full(int count) {
  struct rlimit limit = {count, count};
  sigset_t set;
  MUST(setrlimit(RLIMIT_SIGPENDING, &limit) == 0);
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, 0);
  for (;;) pause();
}

/* Counts COUNT signals: how often each value came, and whether in order by sender. */
static int collect(int count) {
  static int seen[100000];
  static pid_t senders[64];
  static int last[64];
  sigset_t set;
  int twice = 0, disorder = 0;
  sigfillset(&set);
  sigprocmask(SIG_BLOCK, &set, 0);
  for (int i = 0; i < count; i++) {
    siginfo_t info;
    struct timespec limit = {30, 0};
    int signal = sigtimedwait(&set, &info, &limit);
    if (signal < 0) { printf("%d have come\n", i); return 1; }
    int s = 0;
    while (s < 63 && senders[s] != 0 && senders[s] != info.si_pid) s++;
    senders[s] = info.si_pid;
    int value = info.si_value.sival_int;
    if (seen[s * 1000 + value]++) twice++;
    if (value != ++last[s]) disorder++;
  }
  struct timespec moment = {1, 0};
  printf("%d twice, %d out of order, %d more\n", twice, disorder, sigtimedwait(&set, 0, &moment) > 0);
  return 0;
}

static int sysctl(const char *name, const char *value) {
  char path[100], text[100];
  snprintf(path, sizeof path, "/proc/sys/kernel/%s", name);
  int fd = open(path, value ? O_RDWR : O_RDONLY);
  MUST(fd >= 0);
  if (value) { SHOW(write(fd, value, strlen(value)) == (ssize_t)strlen(value)); lseek(fd, 0, SEEK_SET); }
  ssize_t size = read(fd, text, sizeof text);
  fwrite(text, 1, size > 0 ? size : 0, stdout);
  return 0;
}

int main(int argc, char **argv) {
  const char *verb = argc > 1 ? argv[1] : "";
  int number = argc > 2 ? atoi(argv[2]) : 0, second = argc > 3 ? atoi(argv[3]) : 0;
  if (strcmp(verb, "user") == 0) { MUST(setuid(number) == 0); argv += 2; argc -= 2; verb = argv[1]; number = atoi(argv[2]); second = argc > 3 ? atoi(argv[3]) : 0; }
  second_or_zero = second;
  if (strcmp(verb, "leaves-group") == 0) return leaves_group();
  if (strcmp(verb, "two-groups") == 0) return two_groups();
  if (strcmp(verb, "member") == 0) return member(number);
  if (strcmp(verb, "watch") == 0) return watch(number);
  if (strcmp(verb, "set-tid") == 0) return set_tid(number);
  if (strcmp(verb, "burst") == 0) return burst(number, second);
  if (strcmp(verb, "full") == 0) return full(number);
  if (strcmp(verb, "flood") == 0) return flood(number, second);
  if (strcmp(verb, "collect") == 0) return collect(number);
  if (strcmp(verb, "sysctl") == 0) return sysctl(argv[2], argv[3]);
  if (strcmp(verb, "msgget") == 0) { for (int i = 0; i < number; i++) SHOW(msgget(IPC_PRIVATE, 0600) >= 0 ? 0 : -1); return 0; }
  if (strcmp(verb, "qbytes") == 0) {
    struct msqid_ds status;
    int id = msgget(IPC_PRIVATE, 0600);
    MUST(id >= 0 && msgctl(id, IPC_STAT, &status) == 0);
    status.msg_qbytes = number;
    SHOW(msgctl(id, IPC_SET, &status));
    MUST(msgctl(id, IPC_RMID, 0) == 0);
    return 0;
  }
  if (strcmp(verb, "join") == 0) { SHOW(setpgid(0, number)); SHOW(getpgrp() == number); SHOW(setpgid(0, 0)); SHOW(getpgrp() == getpid()); return 0; }
  if (strcmp(verb, "wait") == 0) return wait_for(number);
  if (strcmp(verb, "sleep") == 0) { while (number > 0) number = sleep(number); return 0; }
  if (strcmp(verb, "spin") == 0) for (;;);
  if (strcmp(verb, "chatter") == 0) for (fork();; usleep(20000)) { puts("still here"); fflush(stdout); }
  if (strcmp(verb, "prefork") == 0) return prefork(number);
  if (strcmp(verb, "crowd") == 0) return crowd(number, second);
  if (strcmp(verb, "churn") == 0) return churn(number);
  if (strcmp(verb, "ask") == 0) return ask(number);
  if (strcmp(verb, "pid") == 0) { printf("%d\n", getpid()); return 0; }
  if (strcmp(verb, "renice") == 0) {
    SHOW(setpriority(PRIO_PROCESS, number, second));
    SHOW(getpriority(PRIO_PROCESS, number));
    struct sched_param param = {.sched_priority = 7};
    SHOW(sched_setscheduler(number, SCHED_FIFO, &param));
    SHOW(sched_getscheduler(number));
    return 0;
  }
  if (strcmp(verb, "kill") == 0) { SHOW(kill(number, second)); printf("%d\n", getpid()); return 0; }
  if (strcmp(verb, "tgkill") == 0) { SHOW(syscall(SYS_tgkill, number, number, second)); return 0; }
  if (strcmp(verb, "tkill") == 0) { SHOW(syscall(SYS_tkill, number, second)); return 0; }
  if (strcmp(verb, "queue") == 0) { union sigval value = {.sival_int = 42}; SHOW(sigqueue(number, second, value)); return 0; }
  if (strcmp(verb, "pidfd") == 0) {
    int fd = syscall(SYS_pidfd_open, number, 0);
    if (fd < 0) { SHOW(fd); return 0; }
    SHOW(syscall(SYS_pidfd_send_signal, fd, second, 0, 0));
    return 0;
  }
  fprintf(stderr, "processes: what is %s?\n", verb);
  return 2;
}
