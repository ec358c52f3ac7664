/* pidfds: opening, polling for the end, waiting, signals with and without siginfo, descriptors of another process. */
#include "guest.h"
#include <sched.h>
#include <sys/syscall.h>
#ifndef P_PIDFD
#define P_PIDFD 3
#endif
static int pidfd_open_(pid_t pid, unsigned flags) { return syscall(434, pid, flags); }
static int pidfd_send(int fd, int sig, siginfo_t *info, unsigned flags) { return syscall(424, fd, sig, info, flags); }
static int pidfd_getfd_(int fd, int target, unsigned flags) { return syscall(438, fd, target, flags); }
static int events(int fd, int timeout) {
  struct pollfd p = {fd, POLLIN, 0};
  int n = poll(&p, 1, timeout);
  return n < 0 ? n : p.revents;
}
static volatile int got, got_code, got_value;
static void on(int sig, siginfo_t *info, void *c) { (void)c; got = sig; got_code = info->si_code; got_value = info->si_value.sival_int; }

static void errors(void) {
  SHOW(pidfd_open_(-1, 0));
  SHOW(pidfd_open_(0, 0));
  SHOW(pidfd_open_(getpid(), 1));
  SHOW(pidfd_open_(0x3ffffff, 0));
  int self = pidfd_open_(getpid(), 0);
  MUST(self >= 0);
  SHOW(fcntl(self, F_GETFD));
  SHOW(events(self, 0));
  SHOW(pidfd_send(0, 0, 0, 0));
  SHOW(pidfd_send(999, 0, 0, 0));
  SHOW(pidfd_send(self, 0, 0, 0));
  SHOW(pidfd_send(self, 99, 0, 0));
  SHOW(pidfd_send(self, 0, 0, 0x100000));
  SHOW(pidfd_getfd_(self, 999, 0));
  SHOW(pidfd_getfd_(self, 1, 1));
  SHOW(pidfd_getfd_(0, 1, 0));
  char byte;
  SHOW(read(self, &byte, 1));
  siginfo_t info = {0};
  SHOW(waitid(P_PIDFD, 999, &info, WEXITED));
  SHOW(waitid(P_PIDFD, 0, &info, WEXITED));
  SHOW(waitid(P_PIDFD, self, &info, WEXITED));
  close(self);
}

static void signals(void) {
  set_info_handler(SIGUSR1, on, 0);
  int self = pidfd_open_(getpid(), 0);
  SHOW(pidfd_send(self, SIGUSR1, 0, 0));
  printf("got %d code %d\n", got, got_code);
  siginfo_t info = {0};
  info.si_signo = SIGUSR1, info.si_code = SI_QUEUE, info.si_value.sival_int = 77;
  SHOW(pidfd_send(self, SIGUSR1, &info, 0));
  printf("got %d code %d value %d\n", got, got_code, got_value);
  SHOW(pidfd_send(self, SIGUSR2, &info, 0));
  pid_t child = fork();
  if (child == 0) for (;;) pause();
  int fd = pidfd_open_(child, 0);
  info.si_signo = SIGTERM, info.si_code = SI_USER;
  SHOW(pidfd_send(fd, SIGTERM, &info, 0));
  SHOW(events(fd, 0));
  SHOW(pidfd_send(fd, SIGTERM, 0, 0));
  SHOW(events(fd, -1) & POLLIN);
  SHOW(pidfd_send(fd, SIGTERM, 0, 0)); /* a zombie */
  memset(&info, 0, sizeof info);
  SHOW(waitid(P_PIDFD, fd, &info, WEXITED | WNOWAIT));
  printf("child %d code %d status %d\n", info.si_pid == child, info.si_code, info.si_status);
  SHOW(waitid(P_PIDFD, fd, &info, WEXITED));
  SHOW(waitid(P_PIDFD, fd, &info, WEXITED));
  SHOW(pidfd_send(fd, 0, 0, 0));
  SHOW(pidfd_getfd_(fd, 1, 0));
  close(fd);
}

static void without_waiting(void) {
  pid_t child = fork();
  if (child == 0) for (;;) pause();
  int fd = pidfd_open_(child, O_NONBLOCK);
  siginfo_t info = {0};
  SHOW(waitid(P_PIDFD, fd, &info, WEXITED));
  SHOW(waitid(P_PIDFD, fd, &info, WEXITED | WNOHANG));
  kill(child, SIGKILL);
  while (waitid(P_PIDFD, fd, &info, WEXITED) < 0) MUST(errno == EAGAIN);
  printf("code %d status %d\n", info.si_code, info.si_status);
  close(fd);
}

struct clone_arguments { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup; };

static void by_clone(void) {
  int fd = -1, pipes[2];
  MUST(pipe(pipes) == 0);
  pid_t child = syscall(SYS_clone, 0x1000 | SIGCHLD, 0, &fd, 0, 0);
  if (child == 0) {
    char byte;
    _exit(read(pipes[0], &byte, 1) == 1 && fcntl(fd, F_GETFD) < 0 ? byte : 99);
  }
  MUST(child > 0);
  SHOW(fcntl(fd, F_GETFD));
  int other = pidfd_getfd_(fd, pipes[1], 0);
  SHOW(fcntl(other, F_GETFD));
  SHOW(events(fd, 0));
  SHOW(write(other, "\7", 1));
  SHOW(events(fd, -1) & POLLIN);
  siginfo_t info = {0};
  SHOW(waitid(P_PIDFD, fd, &info, WEXITED));
  printf("code %d status %d\n", info.si_code, info.si_status);
  close(fd), close(other);
  fd = -1;
  struct clone_arguments args = {.flags = 0x1000, .pidfd = (uintptr_t)&fd, .exit_signal = SIGCHLD};
  child = syscall(435, &args, sizeof args);
  if (child == 0) _exit(3);
  SHOW(fcntl(fd, F_GETFD));
  SHOW(waitid(P_PIDFD, fd, &info, WEXITED));
  printf("code %d status %d\n", info.si_code, info.si_status);
  close(fd);
  /* One argument register serves both. */
  SHOW(syscall(SYS_clone, 0x1000 | 0x100000 | SIGCHLD, 0, &fd, 0, 0));
  SHOW(syscall(SYS_clone, 0x1000 | 0x400000 | SIGCHLD, 0, &fd, 0, 0));
  args.flags |= 0x100000, args.parent_tid = args.pidfd;
  SHOW(syscall(435, &args, sizeof args));
  args.flags &= ~0x100000ull, args.parent_tid = 0, args.pidfd = 8;
  SHOW(syscall(435, &args, sizeof args));
  SHOW(waitpid(-1, 0, 0));
}

int main(void) {
  errors();
  signals();
  without_waiting();
  by_clone();
  return 0;
}
