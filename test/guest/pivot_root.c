/* pivot_root(2) and chroot(2): which places they take, whom they move, and how one leaves a chroot. */
#include "guest.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
static int pivot(const char *to, const char *old) { return syscall(SYS_pivot_root, to, old); }
static void tmpfs(const char *path) { MUST(mount("none", path, "tmpfs", 0, 0) == 0); }
static void where(const char *what) {
  char cwd[256];
  long n = syscall(SYS_getcwd, cwd, sizeof cwd);
  char *folder = n < 0 ? 0 : strstr(cwd, guest_folder);
  if (n < 0) printf("%s: %s\n", what, error_name(errno));
  else if (folder) printf("%s: %.*s(folder)%s\n", what, (int)(folder - cwd), cwd, folder + strlen(guest_folder));
  else printf("%s: %s\n", what, cwd);
  fflush(stdout);
}
static void finish(pid_t child) {
  int status;
  MUST(waitpid(child, &status, 0) == child);
  if (status) print_status("child", status);
}
static int test(void) {
  MUST(unshare(CLONE_NEWNS) == 0);
  MUST(mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) == 0);
  tmpfs(guest_folder);
  MUST(chdir(guest_folder) == 0);
  mkdir("new", 0755), mkdir("plain", 0755), mkdir("jail", 0755), mkdir("jail/deep", 0755);
  tmpfs("new");
  mkdir("new/old", 0755), mkdir("new/here", 0755);
  close(open("new/file", O_CREAT | O_WRONLY, 0644));
  close(open("outside", O_CREAT | O_WRONLY, 0644));

  puts("errors");
  SHOW(pivot("plain", "plain"));
  SHOW(pivot("new", "plain"));
  SHOW(pivot("new", "missing"));
  SHOW(pivot("new/file", "new/old"));
  SHOW(pivot("/", "new/old"));
  SHOW(pivot("new", "/"));
  SHOW(pivot("new/here", "new/old"));
  MUST(mount(0, "new", 0, MS_SHARED, 0) == 0);
  SHOW(pivot("new", "new/old"));
  MUST(mount(0, "new", 0, MS_PRIVATE, 0) == 0);
  fflush(stdout);
  if (fork() == 0) {
    MUST(chmod(".", 0755) == 0 && setuid(1000) == 0);
    SHOW(pivot("new", "new/old"));
    SHOW(chroot("new"));
    exit(0);
  }
  wait(0);

  puts("chroot");
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    SHOW(chroot("missing"));
    SHOW(chroot("outside"));
    SHOW(chroot("jail"));
    where("outside of the root");
    SHOW(access("outside", F_OK));
    SHOW(chdir("/"));
    where("root");
    SHOW(access("../outside", F_OK));
    SHOW(access("/deep/../../../outside", F_OK));
    SHOW(pivot("/", "/deep"));
    /* A root below where one stands does not hold one. */
    SHOW(chroot("deep"));
    SHOW(access("../outside", F_OK));
    SHOW(chdir(".."));
    where("above");
    SHOW(access("outside", F_OK));
    SHOW(access("/outside", F_OK));
    exit(0);
  }
  finish(child);
  child = fork();
  if (child == 0) {
    int fd = open(".", O_RDONLY | O_DIRECTORY);
    SHOW(chroot("jail"));
    SHOW(chdir("/"));
    SHOW(fchdir(fd));
    where("by descriptor");
    SHOW(access("outside", F_OK));
    struct stat a, b;
    MUST(stat("/", &a) == 0 && stat("jail", &b) == 0);
    printf("same: %d\n", a.st_ino == b.st_ino);
    exit(0);
  }
  finish(child);

  puts("pivot_root");
  fflush(stdout);
  int ready[2], done[2];
  char c;
  MUST(pipe(ready) == 0 && pipe(done) == 0);
  pid_t bystander = fork();
  if (bystander == 0) {
    MUST(chdir("/") == 0);
    MUST(write(ready[1], "x", 1) == 1 && read(done[0], &c, 1) == 1);
    where("bystander at the root");
    SHOW(access("file", F_OK));
    SHOW(access("/file", F_OK));
    exit(0);
  }
  MUST(read(ready[0], &c, 1) == 1);
  char below[300];
  snprintf(below, sizeof below, "/old%s/outside", guest_folder);
  SHOW(pivot("new", "new/old"));
  where("caller");
  SHOW(access("/file", F_OK));
  SHOW(access(below, F_OK));
  SHOW(chdir("/"));
  where("root");
  MUST(write(done[1], "x", 1) == 1);
  finish(bystander);
  SHOW(umount2("/old", 0));
  SHOW(umount2("/old", MNT_DETACH));
  SHOW(access(below, F_OK));
  SHOW(chdir(".."));
  where("above the root");

  /* Without a place for the old root: it is put on top of the new one. */
  tmpfs("/here");
  mkdir("/here/inner", 0755);
  MUST(chdir("/here") == 0);
  SHOW(pivot(".", "."));
  where("new root");
  SHOW(access("/file", F_OK));
  SHOW(access("/inner", F_OK));
  SHOW(umount2(".", MNT_DETACH));
  SHOW(access("/file", F_OK));
  SHOW(access("/inner", F_OK));
  return 0;
}
int main(void) {
  MUST(administrator());
  enter_folder();
  pid_t child = fork();
  if (child == 0) exit(test());
  finish(child);
  leave_folder();
  return 0;
}
