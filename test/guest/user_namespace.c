/* CLONE_NEWUSER: ids before and after they are mapped, capabilities inside and outside, what may be mapped and by whom. */
#include "guest.h"
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
static int to_child[2], to_parent[2];
static void say(int *ends) { MUST(write(ends[1], "x", 1) == 1); }
static void hear(int *ends) { char c; MUST(read(ends[0], &c, 1) == 1); }
static pid_t clone_(unsigned long flags) { fflush(stdout); return syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0); }
static int put(int pid, const char *name, const char *text) {
  char path[64];
  if (pid) snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  else snprintf(path, sizeof path, "/proc/self/%s", name);
  int fd = open(path, O_WRONLY);
  if (fd < 0) return -1;
  int n = write(fd, text, strlen(text)), e = errno;
  close(fd);
  errno = e;
  return n < 0 ? -1 : 0;
}
static void get(const char *name) {
  char path[64], text[256];
  snprintf(path, sizeof path, "/proc/self/%s", name);
  int fd = open(path, O_RDONLY);
  MUST(fd >= 0);
  ssize_t n = read(fd, text, sizeof text);
  printf("%s: %.*s%s", name, (int)n, text, n > 0 ? "" : "\n");
  close(fd);
}
static void ids(const char *when) {
  uid_t r, e, s;
  gid_t gr, ge, gs;
  MUST(getresuid(&r, &e, &s) == 0 && getresgid(&gr, &ge, &gs) == 0);
  printf("%s: uid %d %d %d, gid %d %d %d\n", when, r, e, s, gr, ge, gs);
  fflush(stdout);
}
static void finish(const char *what, pid_t child) {
  int status;
  MUST(waitpid(child, &status, 0) == child);
  if (status) print_status(what, status);
}
static void owner(const char *path) {
  struct stat s;
  if (stat(path, &s)) printf("%s: %s\n", path, error_name(errno));
  else printf("%s: %d:%d\n", path, s.st_uid, s.st_gid);
}
int main(void) {
  MUST(administrator());
  enter_folder();
  MUST(chmod(".", 0777) == 0);
  close(open("root", O_CREAT | O_WRONLY, 0600));
  close(open("user", O_CREAT | O_WRONLY, 0600));
  MUST(chown("user", 1005, 1006) == 0);
  MUST(pipe(to_child) == 0 && pipe(to_parent) == 0);
  puts("mapped by root outside");
  pid_t child = clone_(CLONE_NEWUSER);
  if (child == 0) {
    ids("unmapped");
    get("uid_map");
    owner("root");
    SHOW(syscall(SYS_setuid, 0));
    SHOW(syscall(SYS_setgroups, 0, 0));
    say(to_parent), hear(to_child);
    ids("mapped");
    get("uid_map"), get("gid_map"), get("setgroups");
    owner("root"), owner("user");
    SHOW(syscall(SYS_setresuid, 0, 0, 0));
    SHOW(syscall(SYS_setresgid, 0, 0, 0));
    ids("root inside");
    SHOW(syscall(SYS_setuid, 100));
    SHOW(syscall(SYS_setgroups, 0, 0));
    SHOW(open("root", O_RDONLY));
    SHOW(open("user", O_RDONLY) >= 0);
    SHOW(chown("user", 7, 8));
    SHOW(chown("user", 70, 8));
    SHOW(chown("root", 7, 8));
    owner("user");
    SHOW(close(open("made", O_CREAT | O_WRONLY, 0644)));
    owner("made");
    SHOW(sethostname("x", 1));
    SHOW(mount("none", ".", "tmpfs", 0, 0));
    SHOW(kill(getppid(), 0));
    SHOW(unshare(CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC));
    SHOW(sethostname("x", 1));
    SHOW(mount("none", ".", "tmpfs", 0, 0));
    SHOW(umount2(guest_folder, 0));
    SHOW(put(0, "uid_map", "0 0 1"));
    SHOW(syscall(SYS_setresuid, 3, 3, 3));
    ids("user inside");
    SHOW(unshare(CLONE_NEWNET));
    exit(0);
  }
  hear(to_parent);
  SHOW(put(child, "uid_map", "nonsense"));
  SHOW(put(child, "uid_map", "0 1000 0"));
  SHOW(put(child, "uid_map", "0 1000 10\n5 2000 10\n"));
  SHOW(put(child, "uid_map", "0 1000 10\n20 1005 10\n"));
  SHOW(put(child, "uid_map", "0 1000 10\n10 2000 10\n"));
  SHOW(put(child, "uid_map", "0 1000 10\n"));
  SHOW(put(child, "gid_map", "0 1000 10\n"));
  SHOW(put(child, "setgroups", "deny"));
  SHOW(put(0, "uid_map", "0 0 1"));
  say(to_child);
  finish("child", child);
  owner("user"), owner("made");

  puts("mapped by a user inside");
  child = clone_(0);
  if (child == 0) {
    MUST(setgroups(0, 0) == 0 && setresgid(1006, 1006, 1006) == 0 && setresuid(1005, 1005, 1005) == 0);
    /* A change of user makes /proc/self root's. */
    prctl(PR_SET_DUMPABLE, 1);
    SHOW(unshare(CLONE_NEWUSER));
    ids("unmapped");
    SHOW(put(0, "uid_map", "0 1005 2"));
    SHOW(put(0, "uid_map", "0 1 1"));
    SHOW(put(0, "uid_map", "0 1005 1"));
    SHOW(put(0, "gid_map", "0 1006 1"));
    SHOW(put(0, "setgroups", "perhaps"));
    SHOW(put(0, "setgroups", "deny"));
    SHOW(put(0, "setgroups", "allow"));
    SHOW(put(0, "gid_map", "0 1006 1"));
    ids("mapped");
    SHOW(syscall(SYS_setgroups, 0, 0));
    owner("user"), owner("root");
    SHOW(open("root", O_RDONLY));
    SHOW(unshare(CLONE_NEWNS));
    SHOW(mount("none", ".", "tmpfs", 0, 0));
    pid_t inner = clone_(CLONE_NEWUSER | CLONE_NEWPID);
    if (inner == 0) {
      printf("pid %d\n", getpid());
      ids("nested");
      exit(0);
    }
    finish("nested", inner);
    exit(0);
  }
  finish("child", child);

  puts("errors");
  SHOW(clone_(CLONE_NEWUSER | CLONE_FS));
  fflush(stdout);
  if (fork() == 0) {
    MUST(mkdir("jail", 0755) == 0 && chroot("jail") == 0);
    SHOW(unshare(CLONE_NEWUSER));
    exit(0);
  }
  wait(0);
  rmdir("jail"), unlink("user"), unlink("root"), unlink("made");
  leave_folder();
  return 0;
}
