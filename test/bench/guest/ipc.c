/*
 * What System V operations and signals cost: `ipc WORK ARGUMENTS` prints lines "NAME MICROSECONDS", each for one operation. The time is
 * the host's, which the Worker of the tests gives to those who ask for so many random bytes (test/durable/worker.ts).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/random.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MUST(e) do { if (!(e)) { printf("%s: %s\n", #e, strerror(errno)); exit(99); } } while (0)
/* Type that the machine that stays at an object waits for; semaphore that it waits for. */
enum { LEAVE = 99, WORK = 0, GATE = 1, CLOCK = 31338 };
/* Microseconds from one reading of the clock to the next. */
enum { TICK = 1000 };

struct message { long type; char text[16]; };
#define TEXT sizeof ((struct message *)0)->text

static int queue_of(const char *key) {
  int id = msgget(atoi(key), IPC_CREAT | 0600);
  MUST(id >= 0);
  return id;
}
static int set_of(const char *key) {
  int id = semget(atoi(key), 2, IPC_CREAT | 0600);
  MUST(id >= 0);
  return id;
}
static void change(int set, int index, int by, int flags) {
  struct sembuf operation = {index, by, flags};
  MUST(semop(set, &operation, 1) == 0);
}
static void put(int queue, long type) {
  struct message m = {.type = type};
  MUST(msgsnd(queue, &m, TEXT, 0) == 0);
}
static void take(int queue, long type) {
  struct message m;
  MUST(msgrcv(queue, &m, TEXT, type, 0) == TEXT);
}

/* Whole milliseconds: sums of many short times come out right. */
static double clock_us(void) {
  static double bytes[CLOCK / sizeof(double) + 1];
  MUST(getrandom(bytes, CLOCK, 0) == CLOCK);
  return bytes[0] * 1e3;
}

static int by_size(const void *a, const void *b) { return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b); }

/*
 * Operations of one machine, each kind apart: ROUNDS times DEPTH of each, and one round before that makes the objects. The clock has
 * whole milliseconds, so rounds of equal length differ by one at most, and their mean is right: those that are further above the
 * median, because of what the computer does besides, do not count. The namespace is asked before each time is taken, which
 * waits until the logs of leases are written: a round is short enough to be in one turn of the machine's loop, so that its time is
 * that of the calls. "section" is a lock around a message, two objects by turns; it goes on for many turns, and has its share of
 * the log.
 */
static void operations(const char *key, long type, int rounds, int depth, int nulls) {
  enum { NULL_CALL, SEND, RECEIVE, SEMOP, KINDS, MOST = 100 };
  static const char *names[] = {"null", "msgsnd", "msgrcv", "semop"};
  static double times[KINDS][MOST];
  int queue = queue_of(key), set = set_of(key);
  int counts[KINDS] = {nulls, depth, depth, 2 * depth};
  MUST(rounds <= MOST);
  for (int round = -1; round < rounds; round++) {
    for (int kind = 0; kind < KINDS; kind++) {
      queue_of(key);
      double start = clock_us();
      for (int i = 0; kind == NULL_CALL && i < nulls; i++) syscall(SYS_getppid);
      for (int i = 0; kind == SEND && i < depth; i++) put(queue, type);
      for (int i = 0; kind == RECEIVE && i < depth; i++) take(queue, type);
      for (int i = 0; kind == SEMOP && i < depth; i++) change(set, WORK, 1, SEM_UNDO);
      for (int i = 0; kind == SEMOP && i < depth; i++) change(set, WORK, -1, SEM_UNDO);
      if (round >= 0) times[kind][round] = clock_us() - start;
    }
  }
  for (int kind = 0; kind < KINDS; kind++) {
    int counted = 0;
    double sum = 0;
    qsort(times[kind], rounds, sizeof(double), by_size);
    double most = times[kind][rounds / 2] + TICK * 1.5;
    while (counted < rounds && times[kind][counted] < most) sum += times[kind][counted++];
    if (counts[kind] > 0) printf("%s %.4f\n", names[kind], sum / counted / counts[kind]);
  }
  double start = clock_us();
  int sections = nulls > 0 ? rounds * depth : rounds;
  for (int i = 0; i < sections; i++) {
    change(set, WORK, 1, SEM_UNDO);
    put(queue, type);
    change(set, WORK, -1, SEM_UNDO);
    take(queue, type);
  }
  printf("section %.4f\n", (clock_us() - start) / sections);
}

/* A lock that machines compete for: COUNT times down and up. */
static void lock(int set, int count) {
  double start = clock_us();
  for (int i = 0; i < count; i++) {
    change(set, WORK, -1, SEM_UNDO);
    change(set, WORK, 1, SEM_UNDO);
  }
  printf("lock %.4f\n", (clock_us() - start) / count);
}

/* Uses both objects until it is told to leave. */
static void stay(int queue, int set) {
  pid_t child = fork();
  MUST(child >= 0);
  if (child == 0) {
    change(set, GATE, -1, 0);
    _exit(0);
  }
  take(queue, LEAVE);
  MUST(waitpid(child, 0, 0) == child);
}

/* ---- signals */

static volatile sig_atomic_t arrived;
static volatile pid_t sender;

static void on_arrival(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  arrived = 1;
  sender = info->si_pid;
}
static void on_ping(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  kill(info->si_pid, SIGUSR1);
}
static void handle(int signal, void (*handler)(int, siginfo_t *, void *)) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  MUST(sigaction(signal, &action, 0) == 0);
}

/* Tells its pid through the queue; SIGUSR1 runs a handler, SIGUSR2 one that signals back, SIGTERM ends it. */
static void target(int queue) {
  struct message m = {.type = 1};
  handle(SIGUSR1, on_arrival);
  handle(SIGUSR2, on_ping);
  sprintf(m.text, "%d", getpid());
  MUST(msgsnd(queue, &m, TEXT, 0) == 0);
  for (;;) pause();
}

static void signals(int queue, int count) {
  struct message m;
  sigset_t blocked, open;
  MUST(msgrcv(queue, &m, TEXT, 1, 0) == TEXT);
  pid_t other = atoi(m.text);
  double start = clock_us();
  for (int i = 0; i < count; i++) MUST(kill(other, SIGUSR1) == 0);
  printf("queued %.4f\n", (clock_us() - start) / count);
  handle(SIGUSR1, on_arrival);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  MUST(sigprocmask(SIG_BLOCK, &blocked, &open) == 0);
  start = clock_us();
  for (int i = 0; i < count; i++) {
    MUST(kill(other, SIGUSR2) == 0);
    for (arrived = 0; !arrived;) sigsuspend(&open);
  }
  /* There and back. */
  printf("handled %.4f\n", (clock_us() - start) / count / 2);
  MUST(kill(other, SIGTERM) == 0);
}

/* ---- throughput */

/* COUNT messages, shared by so many processes; KIND: p sends, c receives. */
static void stream(int queue, char kind, int count, int processes) {
  for (int i = 0; i < processes; i++) {
    if (i < processes - 1 && fork() > 0) continue;
    for (int n = 0; n < count / processes; n++) kind == 'p' ? put(queue, 1) : take(queue, 1);
    if (i < processes - 1) _exit(0);
  }
  while (wait(0) > 0);
}

int main(int argc, char **argv) {
  MUST(argc > 3);
  const char *work = argv[1], *key = argv[2];
  int number = atoi(argv[3]), second = argc > 4 ? atoi(argv[4]) : 0, third = argc > 5 ? atoi(argv[5]) : 0;
  if (!strcmp(work, "operations")) operations(key, number, second, third, argc > 6 ? atoi(argv[6]) : 0);
  else if (!strcmp(work, "lock")) lock(set_of(key), number);
  else if (!strcmp(work, "unlock")) change(set_of(key), number, 1, 0);
  else if (!strcmp(work, "stay")) stay(queue_of(key), set_of(key));
  else if (!strcmp(work, "leave")) put(queue_of(key), LEAVE), change(set_of(key), GATE, 1, 0);
  else if (!strcmp(work, "target")) target(queue_of(key));
  else if (!strcmp(work, "signals")) signals(queue_of(key), number);
  else if (!strcmp(work, "stream")) stream(queue_of(key), argv[3][0], second, third);
  else return 2;
  return 0;
}
