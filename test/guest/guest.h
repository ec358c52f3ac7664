/* Shared by the guest programs: each prints what it observes, and the same program runs natively and in Binlet. */
#ifndef GUEST_H
#define GUEST_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Prints an expression's value, or its errno by name when it is -1. */
#define SHOW(e) show(#e, (long)(e))
static inline const char *error_name(int e) {
  static char text[16];
  switch (e) {
#define N(x) case x: return #x;
    N(EPERM) N(ENOENT) N(ESRCH) N(EINTR) N(EIO) N(ENXIO) N(E2BIG) N(ENOEXEC) N(EBADF) N(ECHILD) N(EAGAIN) N(ENOMEM)
    N(EACCES) N(EFAULT) N(EBUSY) N(EEXIST) N(EXDEV) N(ENODEV) N(ENOTDIR) N(EISDIR) N(EINVAL) N(ENFILE) N(EMFILE)
    N(ENOTTY) N(ETXTBSY) N(EFBIG) N(ENOSPC) N(ESPIPE) N(EROFS) N(EMLINK) N(EPIPE) N(EDOM) N(ERANGE) N(EDEADLK)
    N(ENAMETOOLONG) N(ENOLCK) N(ENOSYS) N(ENOTEMPTY) N(ELOOP) N(EOVERFLOW) N(ENOTSUP) N(ETIMEDOUT)
#undef N
  }
  snprintf(text, sizeof text, "errno %d", e);
  return text;
}
static inline void show(const char *what, long value) {
  if (value == -1) printf("%s = -1 %s\n", what, error_name(errno));
  else printf("%s = %ld\n", what, value);
}
/* Makes a system call itself, where the C library may take another, and prints it as SHOW does. */
#define CALL(name, ...) show(#name "(" #__VA_ARGS__ ")", syscall(SYS_##name, ##__VA_ARGS__))
/* Ends the program with a message when a condition that the rest relies on does not hold. */
#define MUST(e) do { if (!(e)) { printf("%s:%d: %s failed (%s)\n", __FILE__, __LINE__, #e, error_name(errno)); exit(99); } } while (0)
/* Whether this is a root with CAP_SYS_ADMIN, as the first process of a machine is: not that of many a container. */
static inline int administrator(void) {
  unsigned head[2] = {0x20080522, 0}, sets[6];
  return geteuid() == 0 && syscall(SYS_capget, head, sets) == 0 && (sets[0] >> 21 & 1);
}
/* A fresh folder that becomes the working directory; removed by leave_folder. */
static char guest_folder[64];
static inline void enter_folder(void) {
  strcpy(guest_folder, "/tmp/guest.XXXXXX");
  MUST(mkdtemp(guest_folder));
  MUST(chdir(guest_folder) == 0);
}
static inline void leave_folder(void) {
  MUST(chdir("/") == 0);
  MUST(rmdir(guest_folder) == 0);
}
static inline void print_status(const char *what, int status) {
  if (WIFEXITED(status)) printf("%s: exited %d\n", what, WEXITSTATUS(status));
  else if (WIFSIGNALED(status)) printf("%s: signal %d\n", what, WTERMSIG(status));
  else if (WIFSTOPPED(status)) printf("%s: stopped %d\n", what, WSTOPSIG(status));
  else if (WIFCONTINUED(status)) printf("%s: continued\n", what);
  else printf("%s: status %x\n", what, status);
  fflush(stdout);
}
/* FNV-1a, to print large data as one number. */
static inline uint64_t digest(const void *data, size_t n, uint64_t h) {
  const unsigned char *p = data;
  if (!h) h = 14695981039346656037ull;
  for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * 1099511628211ull;
  return h;
}
/* CLOCK_MONOTONIC. */
static inline long milliseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
static inline void set_handler(int sig, void (*f)(int), int flags) {
  struct sigaction sa = {0};
  sa.sa_handler = f;
  sa.sa_flags = flags;
  MUST(sigaction(sig, &sa, 0) == 0);
}
static inline void set_info_handler(int sig, void (*f)(int, siginfo_t *, void *), int flags) {
  struct sigaction sa = {0};
  sa.sa_sigaction = f;
  sa.sa_flags = SA_SIGINFO | flags;
  MUST(sigaction(sig, &sa, 0) == 0);
}
#endif
