// Waiting for POSIX messages and for room: order, timeouts, signals, poll and epoll, notification.
#include "guest.h"
#include <mqueue.h>
#include <sys/epoll.h>
static const char *path;
static mqd_t q;
static int report[2];
static volatile sig_atomic_t told, told_value, told_code, told_pid;
static void nothing(int sig) {}
static void notified(int sig, siginfo_t *info, void *context) {
  told = sig;
  told_value = info->si_value.sival_int;
  told_code = info->si_code;
  told_pid = info->si_pid;
}
static struct timespec in(long ms) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  t.tv_nsec += ms * 1000000;
  t.tv_sec += t.tv_nsec / 1000000000;
  t.tv_nsec %= 1000000000;
  return t;
}
// Returns when the child, or a thread, waits.
static void asleep(const char *task, int id) {
  char path[60], state;
  snprintf(path, sizeof path, "/proc/%s%d/stat", task, id);
  do {
    usleep(1000);
    FILE *f = fopen(path, "r");
    MUST(f && fscanf(f, "%*d (%*[^)]) %c", &state) == 1);
    fclose(f);
  } while (state != 'S');
}
static pid_t receiver(const char *who, int flags) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    char text[16] = "", line[80];
    set_handler(SIGUSR1, nothing, flags);
    ssize_t n = mq_receive(q, text, 16, 0);
    write(report[1], line, sprintf(line, "%s: %s\n", who, n < 0 ? error_name(errno) : text));
    _exit(0);
  }
  asleep("", child);
  return child;
}
static pid_t sender(const char *text, unsigned priority) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    char line[80];
    int r = mq_send(q, text, strlen(text) + 1, priority);
    write(report[1], line, sprintf(line, "sent %s: %d\n", text, r));
    _exit(0);
  }
  asleep("", child);
  return child;
}
static void reported(int count) {
  char c;
  while (count > 0) {
    MUST(read(report[0], &c, 1) == 1);
    putchar(c);
    if (c == '\n') count--;
  }
}
static void get(void) {
  char text[16];
  MUST(mq_receive(q, text, 16, 0) >= 0);
  printf("got %s\n", text);
}
static void events(int epoll) {
  struct pollfd p = {q, POLLIN | POLLOUT};
  struct epoll_event e;
  int n = poll(&p, 1, 0);
  printf("poll %d %x, epoll %d\n", n, p.revents, epoll_wait(epoll, &e, 1, 0));
}
// The signal of a notification may interrupt the wait.
static void finish(pid_t child) {
  while (waitpid(child, 0, 0) < 0) MUST(errno == EINTR);
}
int main(void) {
  char unique[40], text[16];
  struct mq_attr a = {0, 2, 16};
  struct timespec until, bad = {0, -1}, past = {1, 0};
  snprintf(unique, sizeof unique, "/guest-%d", getpid());
  path = unique;
  pipe(report);
  q = mq_open(path, O_RDWR | O_CREAT | O_EXCL, 0600, &a);
  MUST(q >= 0);
  MUST(mq_unlink(path) == 0);
  receiver("first", 0);
  receiver("second", 0);
  mq_send(q, "a", 2, 0), reported(1);
  mq_send(q, "b", 2, 0), reported(1);
  mq_send(q, "c", 2, 1), mq_send(q, "d", 2, 1);
  sender("e", 9);
  sender("f", 10);
  get(), reported(1);
  get(), reported(1);
  get(), get();
  // Timeouts, and what is checked when nothing has to be waited for.
  long before = milliseconds();
  until = in(30);
  SHOW(mq_timedreceive(q, text, 16, 0, &until));
  printf("waited %d\n", milliseconds() - before >= 30);
  SHOW(mq_timedreceive(q, text, 16, 0, &past));
  SHOW(mq_timedreceive(q, text, 16, 0, &bad));
  SHOW(mq_timedsend(q, "x", 2, 0, &past));
  SHOW(mq_timedsend(q, "y", 2, 0, &bad));
  SHOW(mq_timedsend(q, "y", 2, 0, &past));
  until = in(20);
  SHOW(mq_timedsend(q, "z", 2, 0, &until));
  get(), get();
  // Signals: restarted when the handler says so.
  pid_t child = receiver("interrupted", 0);
  kill(child, SIGUSR1), reported(1);
  child = receiver("restarted", SA_RESTART);
  kill(child, SIGUSR1);
  usleep(20000);
  mq_send(q, "later", 6, 0), reported(1);
  child = receiver("killed", 0);
  kill(child, SIGKILL);
  finish(child);
  // Readiness.
  int epoll = epoll_create1(0);
  struct epoll_event e = {EPOLLIN | EPOLLET};
  SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, q, &e));
  events(epoll);
  mq_send(q, "1", 2, 0), events(epoll);
  mq_send(q, "2", 2, 0), events(epoll);
  get(), get();
  events(epoll);
  fflush(stdout);
  child = fork();
  if (child == 0) {
    struct pollfd p = {q, POLLIN};
    printf("polled %d\n", poll(&p, 1, -1));
    exit(0);
  }
  asleep("", child);
  mq_send(q, "wake", 5, 0);
  finish(child);
  get();
  // Notification: once, when a message comes to the empty queue and nobody waits for it.
  set_info_handler(SIGUSR2, notified, 0);
  struct sigevent event = {0};
  event.sigev_notify = 99;
  SHOW(mq_notify(q, &event));
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = 65;
  SHOW(mq_notify(q, &event));
  event.sigev_signo = SIGUSR2;
  event.sigev_value.sival_int = 4711;
  SHOW(mq_notify(q, &event));
  SHOW(mq_notify(q, &event));
  char line[100] = "";
  pread(q, line, sizeof line, 0);
  *strstr(line, "NOTIFY_PID") = 0;
  printf("%s\n", line);
  fflush(stdout);
  child = fork();
  if (child == 0) {
    SHOW(mq_notify(q, &event));
    SHOW(mq_notify(q, 0));
    exit(mq_send(q, "tell", 5, 0));
  }
  finish(child);
  printf("told %d, value %d, code %d, pid %d\n", told, told_value, told_code, told_pid == child);
  told = 0;
  SHOW(mq_notify(q, &event));
  mq_send(q, "not empty", 10, 0);
  printf("told %d\n", told);
  get(), get();
  receiver("before the notified", 0);
  mq_send(q, "direct", 7, 0), reported(1);
  printf("told %d\n", told);
  SHOW(mq_notify(q, 0));
  mq_send(q, "nobody", 7, 0);
  printf("told %d\n", told);
  get();
  event.sigev_notify = SIGEV_NONE;
  SHOW(mq_notify(q, &event));
  mq_send(q, "quiet", 6, 0);
  SHOW(mq_notify(q, &event));
  get();
  // A registration ends with any descriptor of the process that it closes, and with the process.
  close(dup(q));
  SHOW(mq_notify(q, &event));
  SHOW(mq_notify(q, 0));
  fflush(stdout);
  child = fork();
  if (child == 0) {
    SHOW(mq_notify(q, &event));
    exit(0);
  }
  finish(child);
  SHOW(mq_notify(q, &event));
  mq_close(q);
  while (wait(0) > 0) {}
  return 0;
}
