/* /proc/[pid]/ns and setns(2): names, identities, entering by file and by pidfd, ioctl_ns(2), and what is refused. */
#include "guest.h"
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
enum { GET_USERNS = 0xb701, GET_PARENT = 0xb702, GET_NSTYPE = 0xb703, GET_OWNER_UID = 0xb704 };
static int to_child[2], to_parent[2];
static void say(int *ends) { MUST(write(ends[1], "x", 1) == 1); }
static void hear(int *ends) { char c; MUST(read(ends[0], &c, 1) == 1); }
static int namespace(int pid, const char *name) {
  char path[64];
  if (pid) snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, name);
  else snprintf(path, sizeof path, "/proc/self/ns/%s", name);
  return open(path, O_RDONLY | O_CLOEXEC);
}
static int same(int pid, const char *name) {
  struct stat a, b;
  int x = namespace(0, name), y = namespace(pid, name);
  if (x < 0 || y < 0) return -1;
  MUST(fstat(x, &a) == 0 && fstat(y, &b) == 0);
  close(x), close(y);
  return a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}
static const char *names[] = {"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "user", "uts"};
static void compare(const char *what, int pid) {
  printf("%s:", what);
  for (int i = 0; i < 8; i++) printf(" %s %d", names[i], same(pid, names[i]));
  puts("");
  fflush(stdout);
}
static void host(const char *what) {
  struct utsname u;
  uname(&u);
  printf("%s: %s\n", what, u.nodename);
  fflush(stdout);
}
int main(void) {
  MUST(administrator());
  enter_folder();
  MUST(unshare(CLONE_NEWNS | CLONE_NEWUTS) == 0 && mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) == 0);
  MUST(sethostname("outer", 5) == 0);
  for (int i = 0; i < 8; i++) {
    char path[64], text[64] = "", expected[64];
    struct stat s;
    snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
    MUST(readlink(path, text, sizeof text) > 0 && stat(path, &s) == 0);
    snprintf(expected, sizeof expected, "%.*s:[%lu]", i == 5 ? 3 : 9, i == 5 ? "pid" : names[i], (long)s.st_ino);
    int fd = namespace(0, names[i]);
    printf("%s: link %d, mode %o, type %x\n", names[i], !strcmp(text, expected), s.st_mode, ioctl(fd, GET_NSTYPE));
    close(fd);
  }
  MUST(pipe(to_child) == 0 && pipe(to_parent) == 0);
  MUST(mkdir("a", 0755) == 0);
  fflush(stdout);
  pid_t child = syscall(SYS_clone, CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWCGROUP | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) {
    MUST(sethostname("inner", 5) == 0);
    MUST(mount("none", "a", "tmpfs", 0, 0) == 0 && mkdir("a/inside", 0755) == 0);
    say(to_parent);
    hear(to_child);
    exit(0);
  }
  hear(to_parent);
  compare("child", child);
  compare("self", getpid());
  int uts = namespace(child, "uts"), mnt = namespace(child, "mnt"), pid = namespace(child, "pid"), net = namespace(child, "net");
  MUST(uts >= 0 && mnt >= 0 && pid >= 0 && net >= 0);

  puts("errors");
  int file = open("/proc/self/exe", O_RDONLY);
  SHOW(setns(file, 0));
  SHOW(setns(-1, 0));
  SHOW(setns(uts, CLONE_NEWNET));
  SHOW(ioctl(uts, GET_PARENT));
  SHOW(ioctl(uts, GET_OWNER_UID, &file));
  SHOW(ioctl(uts, 0xb7ff));
  int user = ioctl(uts, GET_USERNS), owner = -1;
  printf("user namespace: %d, type %x\n", user >= 0, ioctl(user, GET_NSTYPE));
  SHOW(ioctl(user, GET_OWNER_UID, &owner));
  printf("owner %d\n", owner);
  SHOW(setns(user, 0));
  close(user);
  int around = ioctl(pid, GET_PARENT);
  printf("parent of the pid namespace: %d, type %x\n", around >= 0, ioctl(around, GET_NSTYPE));
  close(around);

  puts("by file");
  host("before");
  SHOW(setns(uts, CLONE_NEWUTS));
  host("after");
  fflush(stdout);
  pid_t worker = fork();
  if (worker == 0) {
    char cwd[100];
    SHOW(access("a/inside", F_OK));
    SHOW(setns(mnt, 0));
    MUST(getcwd(cwd, sizeof cwd));
    printf("at %s\n", cwd);
    MUST(chdir(guest_folder) == 0);
    SHOW(access("a/inside", F_OK));
    SHOW(setns(net, 0));
    SHOW(setns(pid, 0));
    compare("entered", child);
    fflush(stdout);
    pid_t grandchild = fork();
    if (grandchild == 0) {
      printf("in it: pid %d, parent %d\n", getpid(), getppid());
      SHOW(kill(1, 0));
      SHOW(setns(namespace(0, "uts"), 0));
      exit(0);
    }
    int status;
    printf("child is another number: %d\n", waitpid(grandchild, &status, 0) == grandchild);
    print_status("grandchild", status);
    exit(0);
  }
  waitpid(worker, 0, 0);

  puts("by pidfd");
  fflush(stdout);
  worker = fork();
  if (worker == 0) {
    int fd = syscall(SYS_pidfd_open, child, 0);
    SHOW(setns(fd, 0));
    SHOW(setns(fd, 1 << 8));
    SHOW(setns(fd, CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET));
    host("in it");
    SHOW(chdir(guest_folder));
    SHOW(access("a/inside", F_OK));
    MUST(setresuid(1, 1, 1) == 0);
    SHOW(setns(fd, CLONE_NEWUTS));
    SHOW(setns(uts, 0));
    exit(0);
  }
  waitpid(worker, 0, 0);

  puts("bound");
  close(open("name", O_CREAT | O_WRONLY, 0644));
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/net", child);
  SHOW(mount(path, "name", 0, MS_BIND, 0));
  say(to_child);
  MUST(waitpid(child, 0, 0) == child);
  int fd = open("name", O_RDONLY);
  printf("type %x\n", ioctl(fd, GET_NSTYPE));
  struct stat a, b;
  MUST(fstat(fd, &a) == 0 && fstat(net, &b) == 0);
  printf("the same: %d\n", a.st_ino == b.st_ino);
  close(fd);
  SHOW(umount2("name", 0));
  /* The namespace of one that is gone has no init. */
  SHOW(setns(pid, CLONE_NEWPID));
  fflush(stdout);
  SHOW(fork());
  unlink("name"), rmdir("a");
  leave_folder();
  return 0;
}
