/* eventfd and signalfd: limits, semaphores, blocking, errors; what signalfd takes and how it tells it. */
#include "guest.h"
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
static uint64_t v;
static long put(int fd, uint64_t n) { return write(fd, &n, 8); }
static void *reader(void *arg) { usleep(20000); uint64_t n; read(*(int *)arg, &n, 8); return 0; }
static void counters(void) {
  SHOW(syscall(SYS_eventfd2, 0, 0x10));
  int e = eventfd(5, EFD_NONBLOCK | EFD_CLOEXEC), s = eventfd(3, EFD_SEMAPHORE | EFD_NONBLOCK);
  printf("%d %#x\n", fcntl(e, F_GETFD), fcntl(e, F_GETFL));
  SHOW(read(e, &v, 8)), printf("%lu\n", (long)v);
  SHOW(read(e, &v, 8));
  SHOW(read(e, &v, 7));
  char big[16];
  SHOW(put(e, 1)), SHOW(read(e, big, 16));
  SHOW(write(e, &v, 7));
  SHOW(put(e, -1ul));
  SHOW(put(e, 0)), SHOW(read(e, &v, 8));
  SHOW(put(e, 0xfffffffffffffffe));
  SHOW(put(e, 1));
  SHOW(put(e, 0));
  SHOW(read(e, &v, 8)), printf("%lx\n", (long)v);
  SHOW(syscall(SYS_read, e, 8, 8));
  put(e, 1);
  SHOW(syscall(SYS_read, e, 8, 8));
  SHOW(read(e, &v, 8));
  SHOW(syscall(SYS_write, e, 8, 8));
  for (int i = 0; i < 4; i++) SHOW(read(s, &v, 8)), printf("%lu\n", (long)v);
  SHOW(lseek(e, 0, SEEK_SET));
  SHOW(pread(e, &v, 8, 0));
  SHOW(pwrite(e, &v, 8, 0));
  SHOW(ftruncate(e, 0));
  struct iovec parts[2] = {{&v, 4}, {(char *)&v + 4, 4}};
  v = 7;
  SHOW(writev(e, parts, 2));
  SHOW(readv(e, parts, 2));
  int full = eventfd(0, 0);
  put(full, 0xfffffffffffffffe);
  pthread_t t;
  pthread_create(&t, 0, reader, &full);
  long before = milliseconds();
  SHOW(put(full, 3)); /* waits for room */
  printf("waited %d\n", milliseconds() - before >= 15);
  pthread_join(t, 0);
  SHOW(read(full, &v, 8)), printf("%lu\n", (long)v);
}
static void signals(void) {
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGUSR1), sigaddset(&set, SIGRTMIN + 2), sigaddset(&set, SIGKILL), sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, 0);
  SHOW(syscall(SYS_signalfd4, -1, &set, 8, 0x10));
  SHOW(syscall(SYS_signalfd4, -1, &set, 4, 0));
  SHOW(syscall(SYS_signalfd4, -1, 8, 8, 0));
  SHOW(syscall(SYS_signalfd4, 99, &set, 8, 0));
  SHOW(syscall(SYS_signalfd4, 0, &set, 8, 0));
  int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  printf("%d %#x\n", fcntl(fd, F_GETFD), fcntl(fd, F_GETFL) & ~O_RDWR);
  struct signalfd_siginfo i[4];
  SHOW(read(fd, i, sizeof i));
  SHOW(read(fd, i, sizeof *i - 1));
  union sigval value = {.sival_int = 42};
  sigqueue(getpid(), SIGRTMIN + 2, value), kill(getpid(), SIGUSR1), sigqueue(getpid(), SIGRTMIN + 2, value);
  SHOW(read(fd, i, 2 * sizeof *i + 5) / sizeof *i);
  for (int n = 0; n < 2; n++)
    printf("signo %d code %d pid %d uid %d int %d\n", i[n].ssi_signo, i[n].ssi_code, i[n].ssi_pid == getpid(), i[n].ssi_uid == getuid(), i[n].ssi_code == SI_QUEUE ? i[n].ssi_int : 0);
  SHOW(read(fd, i, sizeof i) / sizeof *i);
  pid_t c = fork();
  if (c == 0) {
    kill(getpid(), SIGUSR1);
    /* It is the reader's signals that count. */
    _exit(read(fd, i, sizeof i) == sizeof *i && i->ssi_pid == getpid() ? 33 : 34);
  }
  struct pollfd f = {fd, POLLIN, 0};
  SHOW(poll(&f, 1, 5000));
  SHOW(read(fd, i, sizeof *i) / sizeof *i);
  printf("signo %d code %d status %d pid %d\n", i->ssi_signo, i->ssi_code, i->ssi_status, i->ssi_pid == c);
  waitpid(c, 0, 0);
  sigdelset(&set, SIGUSR1);
  SHOW(signalfd(fd, &set, 0) == fd);
  kill(getpid(), SIGUSR1);
  SHOW(read(fd, i, sizeof i));
  SHOW(write(fd, i, 8));
  raise(SIGRTMIN + 2);
  SHOW(syscall(SYS_read, fd, 8, 128));
  SHOW(read(fd, i, sizeof i));
}
int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  counters();
  signals();
  return 0;
}
