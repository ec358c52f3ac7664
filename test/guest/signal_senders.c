/* siginfo by sender: kill, tkill, tgkill, sigqueue, timers, children, SIGPIPE, raw queueing and what it may claim. */
#include "guest.h"
#include <pthread.h>
#include <sys/syscall.h>
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif
static siginfo_t seen[64];
static volatile int count;
static void on(int sig, siginfo_t *i, void *c) { seen[count++] = *i; }
static void last(const char *what) {
  siginfo_t *i = &seen[count - 1];
  if (count == 0) { printf("%s: none\n", what); return; }
  printf("%s: %d of signal %d code %d errno %d self %d uid %d value %d\n", what, count, i->si_signo, i->si_code, i->si_errno, i->si_pid == getpid(), i->si_uid == getuid(),
         i->si_code == SI_USER || i->si_code == SI_TKILL ? 0 : i->si_value.sival_int);
  count = 0;
}
static long tgkill_(int pid, int tid, int sig) { return syscall(SYS_tgkill, pid, tid, sig); }
static long queue(int pid, int sig, siginfo_t *i) { return syscall(SYS_rt_sigqueueinfo, pid, sig, i); }
static long tqueue(int pid, int tid, int sig, siginfo_t *i) { return syscall(SYS_rt_tgsigqueueinfo, pid, tid, sig, i); }
static siginfo_t make(int sig, int code, int value) {
  siginfo_t i;
  memset(&i, 0, sizeof i);
  i.si_signo = sig, i.si_code = code, i.si_pid = 12345, i.si_uid = 77, i.si_value.sival_int = value, i.si_errno = 9;
  return i;
}
static void errors(void) {
  int me = getpid(), tid = syscall(SYS_gettid);
  SHOW(kill(me, 65));
  SHOW(kill(me, -1));
  SHOW(kill(0x3fffffff, SIGTERM));
  SHOW(kill(-0x3fffffff, SIGTERM));
  SHOW(kill(0x3fffffff, 0));
  SHOW(kill(me, 0));
  SHOW(syscall(SYS_tkill, tid, 65));
  SHOW(syscall(SYS_tkill, 0, SIGTERM));
  SHOW(syscall(SYS_tkill, -1, SIGTERM));
  SHOW(syscall(SYS_tkill, 0x3fffffff, SIGTERM));
  SHOW(tgkill_(me, tid, 0));
  SHOW(tgkill_(me + 1000000, tid, SIGTERM));
  SHOW(tgkill_(-1, tid, SIGTERM));
  SHOW(tgkill_(0, tid, SIGTERM));
  SHOW(tgkill_(me, 0, SIGTERM));
  SHOW(tgkill_(me, tid, 65));
  siginfo_t i = make(SIGUSR1, SI_QUEUE, 1);
  SHOW(queue(me, 65, &i));
  SHOW(queue(me, 0, &i));
  SHOW(queue(0x3fffffff, SIGUSR1, &i));
  SHOW(queue(me, SIGUSR1, (void *)8));
  SHOW(queue(-1, SIGUSR1, &i));
  SHOW(tqueue(me, tid, 65, &i));
  SHOW(tqueue(-1, tid, SIGUSR1, &i));
  SHOW(tqueue(me, 0, SIGUSR1, &i));
  SHOW(tqueue(me + 1000000, tid, SIGUSR1, &i));
  /* Only to itself may a process pretend. */
  pid_t p = fork();
  if (p == 0) for (;;) pause();
  i = make(SIGUSR2, SI_USER, 0);
  SHOW(queue(p, SIGUSR2, &i));
  i.si_code = SI_KERNEL;
  SHOW(queue(p, SIGUSR2, &i));
  i.si_code = SI_TKILL;
  SHOW(queue(p, SIGUSR2, &i));
  i.si_code = 5;
  SHOW(queue(p, SIGUSR2, &i));
  i.si_code = SI_ASYNCIO;
  SHOW(queue(p, 0, &i));
  SHOW(tqueue(p, p, 0, &i));
  kill(p, SIGKILL), waitpid(p, 0, 0);
  p = fork();
  if (p == 0) {
    setresuid(54321, 54321, 54321);
    _exit((kill(getppid(), 0) < 0 && errno == EPERM) + 2 * (tgkill_(getppid(), getppid(), SIGTERM) < 0 && errno == EPERM) + 4 * (kill(getppid(), SIGCONT) == 0));
  }
  int status;
  waitpid(p, &status, 0);
  print_status("another user", status);
}
static pthread_t thread;
static volatile int thread_tid, ready;
static void *waiter(void *arg) {
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGRTMIN + 5);
  thread_tid = syscall(SYS_gettid), ready = 1;
  siginfo_t i;
  int sig = sigwaitinfo(&set, &i);
  printf("thread got +%d code %d value %d\n", sig - SIGRTMIN, i.si_code, i.si_value.sival_int);
  return 0;
}
int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  errors();
  int me = getpid(), tid = syscall(SYS_gettid);
  for (int s = 1; s < 65; s++)
    if (s != SIGKILL && s != SIGSTOP && s != 32 && s != 33 && s != 34 && s != SIGSEGV) set_info_handler(s, on, SA_RESTART);
  kill(me, SIGUSR1), last("kill");
  kill(0, SIGCONT), last("group");
  syscall(SYS_tkill, tid, SIGUSR1), last("tkill");
  tgkill_(me, tid, SIGUSR1), last("tgkill");
  sigqueue(me, SIGUSR1, (union sigval){.sival_int = 11}), last("sigqueue");
  siginfo_t i = make(SIGUSR2, SI_QUEUE, 12);
  SHOW(queue(me, SIGUSR1, &i)), last("the signal of the call counts");
  printf("claimed pid %d uid %d\n", seen[0].si_pid, seen[0].si_uid);
  i = make(SIGUSR1, SI_USER, 13);
  SHOW(queue(me, SIGUSR1, &i)), last("to itself as kill");
  i = make(SIGUSR1, -30, 14);
  SHOW(queue(me, SIGUSR1, &i)), last("a code of its own");
  i = make(SIGUSR1, SI_MESGQ, 15);
  SHOW(tqueue(me, tid, SIGUSR1, &i)), last("tgsigqueueinfo");
  int p[2];
  pipe(p), close(p[0]);
  SHOW(write(p[1], "x", 1)), last("SIGPIPE");
  struct itimerval soon = {.it_value = {0, 1000}};
  setitimer(ITIMER_REAL, &soon, 0);
  while (!count) usleep(1000);
  last("ITIMER_REAL");
  timer_t id;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1, .sigev_value.sival_int = 21};
  struct itimerspec setting = {.it_value = {0, 1000000}};
  MUST(timer_create(CLOCK_MONOTONIC, &event, &id) == 0 && timer_settime(id, 0, &setting, 0) == 0);
  while (!count) usleep(1000);
  printf("timer: code %d overrun %d value %d\n", seen[0].si_code, seen[0].si_overrun, seen[0].si_value.sival_int);
  count = 0;
  timer_delete(id);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(9);
  while (!count) usleep(1000);
  printf("child: signal %d code %d status %d pid %d uid %d\n", seen[0].si_signo, seen[0].si_code, seen[0].si_status, seen[0].si_pid == child, seen[0].si_uid == getuid());
  wait(0);
  count = 0;
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGRTMIN + 5), pthread_sigmask(SIG_BLOCK, &set, 0);
  pthread_create(&thread, 0, waiter, 0);
  while (!ready) usleep(1000);
  i = make(SIGRTMIN + 5, SI_QUEUE, 31);
  tqueue(me, thread_tid, SIGRTMIN + 5, &i);
  pthread_join(thread, 0);
  /* A timer for one thread. */
  ready = 0;
  pthread_create(&thread, 0, waiter, 0);
  while (!ready) usleep(1000);
  event = (struct sigevent){.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN + 5, .sigev_value.sival_int = 32};
  event.sigev_notify_thread_id = thread_tid;
  MUST(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id) == 0);
  SHOW(syscall(SYS_timer_settime, *(int *)&id, 0, &setting, 0));
  pthread_join(thread, 0);
  sigset_t pending;
  sigpending(&pending);
  SHOW(sigismember(&pending, SIGRTMIN + 5));
  return 0;
}
