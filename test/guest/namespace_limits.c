/* How many namespaces a user may have (/proc/sys/user/max_*_namespaces): counted where they belong, and in all user namespaces above. */
#include "guest.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif
#define UTS "/proc/sys/user/max_uts_namespaces"

static int put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) return -1;
  int n = write(fd, text, strlen(text)), error = errno;
  close(fd);
  errno = error;
  return n < 0 ? -1 : 0;
}
static long get(const char *path) {
  char text[64] = {0};
  int fd = open(path, O_RDONLY);
  MUST(fd >= 0 && read(fd, text, 63) > 0);
  close(fd);
  return atol(text);
}
/* A user namespace in which root is who it was. */
static void enter(void) {
  MUST(unshare(CLONE_NEWUSER) == 0);
  MUST(put("/proc/self/uid_map", "0 0 1") == 0);
  MUST(put("/proc/self/setgroups", "deny") == 0 && put("/proc/self/gid_map", "0 0 1") == 0);
}
static int hold(void) { return open("/proc/self/ns/uts", O_RDONLY); }

static void inner(void) {
  enter();
  SHOW(get(UTS) == 2147483647);
  SHOW(unshare(CLONE_NEWUTS));
  SHOW(unshare(CLONE_NEWUTS));
  printf("the limit above\n");
}

int main(void) {
  /* Who is not root, or may not make them, sees the same. */
  if (!administrator() || unshare(CLONE_NEWUSER) != 0) return 0;
  MUST(put("/proc/self/uid_map", "0 0 1") == 0);
  MUST(put("/proc/self/setgroups", "deny") == 0 && put("/proc/self/gid_map", "0 0 1") == 0);
  SHOW(get(UTS) == 2147483647);
  SHOW(put(UTS, "-1"));
  SHOW(put(UTS, "2147483648"));
  SHOW(put(UTS, "none"));
  SHOW(put(UTS, "0"));
  SHOW(unshare(CLONE_NEWUTS));
  SHOW(put(UTS, "1"));
  SHOW(unshare(CLONE_NEWUTS));
  /* The new one is made before the old one goes. */
  SHOW(unshare(CLONE_NEWUTS));
  SHOW(put(UTS, "3"));
  int fds[2];
  for (int i = 0; i < 2; i++) {
    fds[i] = hold();
    SHOW(unshare(CLONE_NEWUTS));
  }
  SHOW(unshare(CLONE_NEWUTS));
  SHOW(unshare(CLONE_NEWUTS | CLONE_NEWCGROUP));
  SHOW(unshare(CLONE_NEWCGROUP));
  close(fds[0]);
  SHOW(unshare(CLONE_NEWUTS));
  SHOW(syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0) > 0 ? (wait(0) > 0) : (_exit(0), 0));
  SHOW(put(UTS, "2"));
  SHOW(syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0));
  /* A process that is there has one, too. */
  SHOW(put(UTS, "3"));
  int end[2], hello[2];
  char c;
  MUST(pipe(end) == 0 && pipe(hello) == 0);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    MUST(unshare(CLONE_NEWUTS) == 0 && write(hello[1], "", 1) == 1);
    close(end[1]);
    exit(read(end[0], &c, 1));
  }
  MUST(read(hello[0], &c, 1) == 1);
  SHOW(unshare(CLONE_NEWUTS));
  SHOW(unshare(CLONE_NEWUTS));
  close(end[1]);
  MUST(waitpid(pid, 0, 0) == pid);
  SHOW(unshare(CLONE_NEWUTS));
  fflush(stdout);
  pid = fork();
  if (pid == 0) {
    inner();
    exit(0);
  }
  waitpid(pid, 0, 0);
  SHOW(put("/proc/sys/user/max_user_namespaces", "0"));
  SHOW(unshare(CLONE_NEWUSER));
  /* That comes before whether it may have one. */
  SHOW(chroot("/proc"));
  SHOW(unshare(CLONE_NEWUSER | CLONE_NEWUTS));
  SHOW(unshare(CLONE_NEWUTS));
}
