/* unshare(2): what threads and clones share becomes one's own, what a process cannot do, and the namespaces it makes. */
#include "guest.h"
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
static char stack[65536];
static pid_t clone_(unsigned long flags, int (*f)(void *)) {
  fflush(stdout);
  return clone(f, stack + sizeof stack, flags | SIGCHLD, 0);
}
static void finish(pid_t child) {
  int status;
  MUST(waitpid(child, &status, 0) == child);
  if (status) print_status("child", status);
}
static int fd;
static int shares_fs(void *a) { MUST(chdir("/tmp") == 0); umask(077); return 0; }
static int unshares_fs(void *a) { MUST(unshare(CLONE_FS) == 0 && chdir("/") == 0); umask(0); return 0; }
static int shares_files(void *a) { MUST(close(fd) == 0); return 0; }
static int unshares_files(void *a) { MUST(unshare(CLONE_FILES) == 0 && close(fd) == 0); return 0; }
static int new_mounts(void *a) { SHOW(unshare(CLONE_NEWNS)); MUST(chdir("/") == 0); fflush(stdout); return 0; }
static void where(const char *what) {
  char cwd[256];
  mode_t mask = umask(022);
  umask(mask);
  MUST(getcwd(cwd, sizeof cwd));
  printf("%s: %s, mask %o, descriptor %d\n", what, cwd, mask, fcntl(fd, F_GETFD));
}
static void *thread(void *a) {
  SHOW(unshare(CLONE_FS));
  MUST(chdir("/") == 0);
  SHOW(unshare(CLONE_FILES));
  MUST(close(fd) == 0);
  SHOW(unshare(CLONE_THREAD));
  SHOW(unshare(CLONE_SIGHAND));
  SHOW(unshare(CLONE_VM));
  SHOW(unshare(CLONE_NEWUSER));
  SHOW(unshare(CLONE_SYSVSEM));
  return 0;
}
static long inode(const char *name) {
  char path[64];
  struct stat s;
  snprintf(path, sizeof path, "/proc/thread-self/ns/%s", name);
  return stat(path, &s) ? -1 : s.st_ino;
}
int main(void) {
  static const struct { const char *name; int flag; } kinds[] = {
    {"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC}, {"mnt", CLONE_NEWNS}, {"net", CLONE_NEWNET}, {"uts", CLONE_NEWUTS}};
  MUST(administrator());
  fd = open("/dev/null", O_RDONLY);
  umask(022);
  MUST(chdir("/proc") == 0);
  where("start");
  finish(clone_(CLONE_FS, shares_fs));
  where("shared");
  finish(clone_(CLONE_FS, unshares_fs));
  where("unshared");
  finish(clone_(CLONE_FS, new_mounts));
  where("with new mounts");
  finish(clone_(CLONE_FILES, unshares_files));
  where("files unshared");
  finish(clone_(CLONE_FILES, shares_files));
  where("files shared");
  fd = open("/dev/null", O_RDONLY);
  pthread_t t;
  MUST(pthread_create(&t, 0, thread, 0) == 0);
  pthread_join(t, 0);
  where("after a thread");
  SHOW(unshare(0));
  /* A thread that has been joined may take a moment to be gone. */
  for (int i = 0; i < 2000 && unshare(CLONE_THREAD) != 0; i++) usleep(1000);
  SHOW(unshare(CLONE_THREAD));
  SHOW(unshare(CLONE_SIGHAND));
  SHOW(unshare(CLONE_VM));
  SHOW(unshare(CLONE_PARENT));
  SHOW(unshare(CLONE_NEWNS | CLONE_VFORK));
  for (int i = 0; i < 5; i++) {
    long before[5], changed = 0;
    for (int k = 0; k < 5; k++) before[k] = inode(kinds[k].name);
    MUST(unshare(kinds[i].flag) == 0);
    for (int k = 0; k < 5; k++) changed |= (before[k] != inode(kinds[k].name)) << k;
    printf("%s: changed %lx\n", kinds[i].name, changed);
  }
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    MUST(setresuid(1000, 1000, 1000) == 0);
    for (int i = 0; i < 5; i++) printf("%s: %s\n", kinds[i].name, unshare(kinds[i].flag) ? error_name(errno) : "done");
    SHOW(unshare(CLONE_NEWPID));
    SHOW(unshare(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM));
    exit(0);
  }
  finish(child);
  return 0;
}
