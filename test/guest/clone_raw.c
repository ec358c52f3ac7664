// clone(2) with what it can share: memory, descriptors, working directory; tids that are written and cleared.
#include "guest.h"
#include <sched.h>
#include <sys/syscall.h>
static int value, parent_tid, child_tid;
static char stack[65536] __attribute__((aligned(16)));
static int fd;
static int child(void *arg) {
  value = 5;
  fd = open("/dev/null", O_RDONLY);
  chdir("/tmp");
  _exit(child_tid == syscall(SYS_gettid) ? 21 : 22);
}
static int sibling(void *arg) {
  value++;
  syscall(SYS_exit, 0);
  return 0;
}
static void run(const char *what, int flags) {
  int status;
  char cwd[64];
  value = 1;
  child_tid = 0;
  chdir("/");
  fflush(stdout);
  pid_t c = clone(child, stack + sizeof stack, flags | SIGCHLD, 0, &parent_tid, 0, &child_tid);
  if (c < 0) {
    printf("%s: %s\n", what, error_name(errno));
    return;
  }
  waitpid(c, &status, 0);
  print_status(what, status);
  int opened = fd > 0 && fcntl(fd, F_GETFD) >= 0;
  printf("value %d, descriptor %d, in %s, tids %d %d\n", value, opened, getcwd(cwd, sizeof cwd), parent_tid == c, child_tid == c);
  if (opened) close(fd);
}
int main(void) {
  run("copy", CLONE_CHILD_SETTID | CLONE_PARENT_SETTID);
  run("memory", CLONE_VM | CLONE_CHILD_SETTID | CLONE_PARENT_SETTID);
  run("memory, descriptors", CLONE_VM | CLONE_FILES | CLONE_CHILD_SETTID);
  run("all", CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID);
  run("vfork", CLONE_VM | CLONE_VFORK | CLONE_CHILD_SETTID);
  run("handlers without memory", CLONE_SIGHAND);
  run("a thread without handlers", CLONE_THREAD | CLONE_VM);
  value = 0;
  child_tid = -1;
  pid_t t = clone(sibling, stack + sizeof stack,
                  CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_SETTID |
                      CLONE_CHILD_CLEARTID,
                  0, 0, 0, &child_tid);
  while (__atomic_load_n(&child_tid, __ATOMIC_ACQUIRE) != 0) syscall(SYS_futex, &child_tid, 0 /* FUTEX_WAIT */, t, 0, 0, 0);
  printf("thread: value %d\n", value);
  SHOW(waitpid(t, 0, __WALL));
  pid_t none = clone(sibling, stack + sizeof stack, CLONE_VM, 0);
  SHOW(waitpid(none, 0, 0));
  printf("with __WCLONE %d\n", waitpid(none, 0, __WCLONE) == none);
  return 0;
}
