/* Which of two errors a call tells, and what it has done nevertheless; what a comparison of random calls has shown. */
#include "guest.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/un.h>
static char *const bad = (char *)16;
static char *const beyond = (char *)0xffff888000000000;
static void handler(int signal) {}

int main(void) {
  enter_folder();
  uint64_t set = 0;
  struct timespec now_and_wrong[2] = {{0, 5}, {0, 1000000000}}, keep[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
  int event = eventfd(0, EFD_NONBLOCK), epoll = epoll_create1(0), p[2], s[2];
  MUST(pipe2(p, O_NONBLOCK) == 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s) == 0);
  int file = open("f", O_RDWR | O_CREAT, 0600), path = open("f", O_PATH);
  /* Flags of 64 bits where Linux looks at 32 of them. */
  CALL(memfd_create, "m", -1l);
  CALL(memfd_create, "m", 0x100000040l);
  CALL(signalfd4, -1, bad, 8, -1);
  CALL(flock, -1, 0);
  CALL(flock, -1, LOCK_EX | 32);
  CALL(preadv2, -1, bad, 1, 0, 0, 0x4000);
  CALL(pwritev2, file, bad, 0, 0, 0, 0x4000);
  CALL(openat, -1, "x", O_DIRECTORY | O_CREAT, 0);
  CALL(openat, -1, bad, O_TMPFILE | O_RDONLY, 0);
  CALL(openat, -1, "", O_RDONLY, 0);
  CALL(openat, AT_FDCWD, ".", O_DIRECT, 0);
  /* Without bytes. */
  CALL(readv, event, bad, 0);
  CALL(writev, event, bad, 0);
  CALL(readv, epoll, bad, 0);
  CALL(readv, open(".", O_RDONLY), bad, 0);
  CALL(tee, -1, -1, 0, 0);
  CALL(splice, -1, 0, -1, 0, 0, -1);
  CALL(vmsplice, file, bad, 0, 0);
  CALL(sendfile, p[1], file, 0, 0);
  CALL(sendfile, p[1], file, 0, -1l);
  CALL(sendfile, -1, -1, bad, 1);
  CALL(process_vm_readv, getpid(), bad, 0, bad, 1, 0l);
  CALL(process_vm_readv, getpid(), bad, 0, bad, 0, 0l);
  CALL(copy_file_range, file, bad, file, 0, 1, 1);
  CALL(splice, p[0], bad, file, 0, 1, 0);
  CALL(splice, file, &set, s[0], 0, 1, 0);
  /* Names. */
  CALL(utimensat, AT_FDCWD, "none", now_and_wrong, 0);
  CALL(utimensat, AT_FDCWD, "f", now_and_wrong, 0);
  CALL(utimensat, AT_FDCWD, bad, keep, 0);
  CALL(utime, "none", bad);
  CALL(utimes, "none", bad);
  CALL(renameat, AT_FDCWD, "none/x", -1, "y");
  CALL(rename, "none/x", bad);
  CALL(linkat, AT_FDCWD, "none", -1, bad, 0);
  CALL(symlinkat, "", -1, "x");
  CALL(unlinkat, -1, "", 0);
  /* Sockets. */
  CALL(sendto, -1, beyond, 1, 0, 0, 0);
  CALL(recvfrom, -1, beyond, 1, 0, 0, 0);
  CALL(sendto, s[0], "x", 1, 0, bad, 0);
  CALL(recvmsg, -1, bad, 0x80000000);
  CALL(recvmmsg, -1, bad, 1, 0, &now_and_wrong[1]);
  CALL(getpeername, s[0], 0, &(int){100});
  CALL(getpeername, s[0], bad, &(int){0});
  CALL(accept4, -1, bad, bad, -1);
  CALL(accept, s[0], bad, &(int){100});
  CALL(connect, file, bad, 1000);
  CALL(connect, file, bad, 10);
  CALL(recvfrom, s[0], &set, 8, 0, bad, bad);
  CALL(recvfrom, s[0], &set, 8, 0, bad, &(int){-1});
  CALL(setsockopt, s[0], SOL_SOCKET, SO_SNDBUF, &(int){10000}, 4096);
  /* select counts what was opened with O_PATH as invalid, and so as ready. */
  fd_set in, out;
  FD_ZERO(&in);
  FD_SET(path, &in);
  out = in;
  SHOW(select(path + 1, &in, &out, 0, &(struct timeval){0, 0}));
  CALL(pselect6, 0, beyond, 0, 0, &(struct timespec){0, 0}, 0l);
  /* What was asked for is done, though nobody can be told how it was before. */
  set = 1ul << 9;
  CALL(rt_sigprocmask, SIG_BLOCK, &set, bad, 8);
  CALL(rt_sigprocmask, SIG_BLOCK, 0, &set, 8);
  printf("%lx\n", (long)set);
  struct { void (*handler)(int); long flags; void *restorer; long mask; } action = {handler, 0x04000000, 0, 0};
  CALL(rt_sigaction, SIGUSR2, &action, bad, 8);
  CALL(rt_sigaction, SIGUSR2, 0, &action, 8);
  printf("%d\n", action.handler == handler);
  stack_t small = {malloc(100), 0, 100};
  CALL(sigaltstack, &small, bad);
  int info[32] = {0};
  info[2] = -20, info[20] = 1;
  CALL(rt_sigqueueinfo, getpid(), SIGUSR1, info);
  info[20] = 0;
  CALL(rt_sigqueueinfo, getpid(), SIGUSR1, info);
  info[2] = -1, info[20] = 1;
  CALL(rt_sigqueueinfo, getpid(), SIGUSR1, info);
  /* Others. */
  CALL(semop, -5, bad, 1);
  struct { uint32_t version; int pid; } header = {0x20080522, -7};
  CALL(capget, &header, 0);
  CALL(capget, &header, &set);
  void *page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  /* In a process of its own, which loses all that is above the page before Linux finds the end wrong. */
  pid_t child = fork();
  if (child == 0) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "0"(SYS_madvise), "D"(page), "S"(0x7fffffffffffffff), "d"(MADV_DONTNEED) : "rcx", "r11", "memory");
    __asm__ volatile("syscall" : : "a"(SYS_exit_group), "D"(-result) : "rcx", "r11", "memory");
  }
  int status;
  MUST(waitpid(child, &status, 0) == child && WIFEXITED(status));
  printf("madvise of too much: %s\n", error_name(WEXITSTATUS(status)));
  CALL(readlink, "none", beyond, -1);
  unlink("f");
  leave_folder();
  return 0;
}
