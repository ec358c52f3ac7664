/* A process of a namespace: waits for signals, sends them, and tells what it sees of others. */
#include "../../guest/guest.h"
#include <sched.h>
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

int main(int argc, char **argv) {
  const char *verb = argc > 1 ? argv[1] : "";
  int number = argc > 2 ? atoi(argv[2]) : 0, second = argc > 3 ? atoi(argv[3]) : 0;
  if (strcmp(verb, "wait") == 0) return wait_for(number);
  if (strcmp(verb, "sleep") == 0) { while (number > 0) number = sleep(number); return 0; }
  if (strcmp(verb, "spin") == 0) for (;;);
  if (strcmp(verb, "chatter") == 0) for (fork();; usleep(20000)) { puts("still here"); fflush(stdout); }
  if (strcmp(verb, "prefork") == 0) return prefork(number);
  if (strcmp(verb, "crowd") == 0) return crowd(number, second);
  if (strcmp(verb, "churn") == 0) return churn(number);
  if (strcmp(verb, "ask") == 0) return ask(number);
  if (strcmp(verb, "pid") == 0) { printf("%d\n", getpid()); return 0; }
  if (strcmp(verb, "user") == 0) { MUST(setuid(number) == 0); argv += 2; argc -= 2; verb = argv[1]; number = atoi(argv[2]); second = atoi(argv[3]); }
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
