/* mount(2) and umount2(2): tmpfs, bind mounts, flags, remounting, moving, what is busy, and what /proc says of it. */
#include "guest.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif
/* The lines of mountinfo below the folder, without numbers. */
static void mounts(void) {
  char line[1024], root[256], point[256], options[256], rest[256];
  FILE *f = fopen("/proc/self/mountinfo", "r");
  MUST(f);
  while (fgets(line, sizeof line, f)) {
    int id, parent, major, minor, n = 0;
    MUST(sscanf(line, "%d %d %d:%d %255s %255s %255s%n", &id, &parent, &major, &minor, root, point, options, &n) == 7);
    if (strncmp(point, guest_folder, strlen(guest_folder)) != 0) continue;
    char *dash = strstr(line + n, " - ");
    MUST(dash && sscanf(dash, " - %255s", rest) == 1);
    int own = !strcmp(root, "/") || strncmp(root, "/in", 3) == 0;
    printf("  %s %s %s%.*s - %s\n", own ? root : "(part)", point + strlen(guest_folder), options, (int)(dash - line - n), line + n, rest);
  }
  fclose(f);
}
static void make(const char *path, const char *text) {
  int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);
  MUST(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
  close(fd);
}
static void text(const char *path) {
  char buffer[64];
  int fd = open(path, O_RDONLY);
  ssize_t n = fd < 0 ? -1 : read(fd, buffer, sizeof buffer);
  if (n < 0) printf("%s: %s\n", path, error_name(errno));
  else printf("%s: %.*s\n", path, (int)n, buffer);
  close(fd);
}
int main(void) {
  MUST(administrator());
  enter_folder();
  MUST(unshare(CLONE_NEWNS) == 0);
  MUST(mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) == 0);
  mkdir("a", 0755);
  mkdir("b", 0755);
  make("file", "below");
  make("other", "other");
  struct stat before, after;
  MUST(stat("a", &before) == 0);
  SHOW(mount("none", "a", "tmpfs", 0, "mode=711,uid=5,gid=6"));
  MUST(stat("a", &after) == 0);
  printf("mode %o, owner %d:%d, other device %d\n", after.st_mode, after.st_uid, after.st_gid, after.st_dev != before.st_dev);
  struct statfs fs;
  MUST(statfs("a", &fs) == 0);
  printf("type %lx\n", (long)fs.f_type);
  SHOW(mkdir("a/in", 0755));
  make("a/in/x", "inside");
  SHOW(rmdir("a"));
  SHOW(rename("a/in/x", "x"));
  SHOW(link("a/in/x", "x"));
  mounts();

  puts("errors");
  SHOW(mount("none", "missing", "tmpfs", 0, 0));
  SHOW(mount("none", "b", "nonesuch", 0, 0));
  SHOW(mount("none", "b", 0, 0, 0));
  SHOW(mount("none", "file", "tmpfs", 0, 0));
  SHOW(mount("none", "b", "tmpfs", 0, "nonsense"));
  SHOW(mount("none", "b", "tmpfs", 0, "mode=abc"));
  SHOW(mount(0, "b", 0, MS_BIND, 0));
  SHOW(mount("missing", "b", 0, MS_BIND, 0));
  SHOW(mount("file", "b", 0, MS_BIND, 0));
  SHOW(mount("b", "file", 0, MS_BIND, 0));
  SHOW(mount("b", "a", 0, MS_MOVE, 0));
  SHOW(mount("a", "a/in", 0, MS_MOVE, 0));
  SHOW(mount("none", "b", 0, MS_REMOUNT, 0));
  SHOW(mount("none", "b", 0, MS_PRIVATE, 0));
  SHOW(mount("none", "a", 0, MS_PRIVATE | MS_SHARED, 0));
  SHOW(mount("none", (char *)8, "tmpfs", 0, 0));
  SHOW(umount2("b", 0));
  SHOW(umount2("missing", 0));
  SHOW(umount2("a", 64));

  puts("bind");
  SHOW(mount("a/in", "b", 0, MS_BIND, 0));
  text("b/x");
  make("b/y", "both");
  text("a/in/y");
  SHOW(mount("other", "file", 0, MS_BIND, 0));
  text("file");
  SHOW(unlink("file"));
  SHOW(rename("file", "elsewhere"));
  SHOW(umount2("file", 0));
  text("file");
  SHOW(mount("none", "a/in", "tmpfs", 0, 0));
  text("a/in/x");
  text("b/x");
  mounts();
  SHOW(umount2("a", 0));
  SHOW(umount2("a/in", 0));
  SHOW(mkdir("a/in/sub", 0755));
  SHOW(mount("none", "a/in/sub", "tmpfs", 0, 0));
  make("a/in/sub/z", "deep");
  SHOW(umount2("b", 0));
  SHOW(mount("a", "b", 0, MS_BIND | MS_REC, 0));
  text("b/in/sub/z");
  mounts();
  SHOW(umount2("b", 0));
  SHOW(umount2("b", MNT_DETACH));
  SHOW(umount2("a/in/sub", 0));
  mounts();

  puts("flags");
  SHOW(mount("none", "a", 0, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, 0));
  SHOW(open("a/new", O_CREAT | O_WRONLY, 0644));
  SHOW(mkdir("a/new", 0755));
  SHOW(chmod("a/in/x", 0600));
  SHOW(open("a/in/x", O_RDWR));
  SHOW(access("a/in/x", W_OK));
  SHOW(unlink("a/in/x"));
  // That nothing changes is said before whether there is something to change.
  SHOW(unlink("a/none"));
  SHOW(rmdir("a/none"));
  SHOW(rmdir("a/in"));
  SHOW(link("b", "a/link"));
  SHOW(link("a/in/x", "a/in/x"));
  SHOW(link("/proc/self/stat", "a/link"));
  mounts();
  SHOW(mount("none", "a", 0, MS_REMOUNT | MS_BIND | MS_NODIRATIME | MS_NOSYMFOLLOW, 0));
  mounts();
  SHOW(statfs("a", &fs));
  printf("flags %lx\n", (unsigned long)fs.f_flags);
  SHOW(mount("none", "a", 0, MS_REMOUNT | MS_BIND | MS_STRICTATIME, 0));
  SHOW(statfs("a", &fs));
  printf("flags %lx\n", (unsigned long)fs.f_flags);
  int ends[2];
  MUST(pipe(ends) == 0);
  SHOW(fstatfs(ends[0], &fs));
  printf("flags %lx\n", (unsigned long)fs.f_flags);
  close(ends[0]), close(ends[1]);
  SHOW(mount("none", "a", 0, MS_REMOUNT | MS_BIND | MS_NOSUID, 0));
  int fd = open("a/in/x", O_RDWR);
  SHOW(mount("none", "a", 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0));
  SHOW(mount("none", "a", 0, MS_REMOUNT | MS_RDONLY, 0));
  close(fd);
  SHOW(mount("none", "a", 0, MS_REMOUNT | MS_RDONLY, 0));
  mounts();
  SHOW(mount("a", "b", 0, MS_BIND, 0));
  SHOW(mount("none", "b", 0, MS_REMOUNT | MS_BIND, 0));
  SHOW(mkdir("b/new", 0755));
  SHOW(umount2("b", 0));
  SHOW(mount("none", "a", 0, MS_REMOUNT, "size=1m"));
  SHOW(mount("none", "a", 0, MS_REMOUNT, "size=large"));
  SHOW(mount("none", "b", "tmpfs", 0, "size=1m1"));
  SHOW(mount("none", "b", "tmpfs", 0, "nr_inodes=some"));
  SHOW(mount("none", "b", "tmpfs", 0, "size=50%,nr_inodes=1k"));
  SHOW(umount2("b", 0));
  SHOW(mkdir("a/new", 0755));
  SHOW(mount("none", "a", 0, MS_REMOUNT, "nonsense"));
  mknod("a/null", S_IFCHR | 0666, 0x103);
  SHOW(mount("none", "a", 0, MS_REMOUNT | MS_BIND | MS_NODEV, 0));
  SHOW(open("a/null", O_RDONLY));

  puts("moving and busy");
  SHOW(mount("a", "b", 0, MS_MOVE, 0));
  mounts();
  text("b/in/x");
  SHOW(access("a/in", F_OK));
  fd = open("b/in/x", O_RDONLY);
  SHOW(umount2("b", 0));
  close(fd);
  MUST(chdir("b") == 0);
  SHOW(umount2("../b", 0));
  SHOW(umount2(".", MNT_DETACH));
  char cwd[256];
  SHOW(access("in/x", F_OK));
  SHOW(access("..", F_OK));
  MUST(chdir(guest_folder) == 0);
  mounts();

  puts("expire");
  SHOW(mount("none", "a", "tmpfs", 0, 0));
  SHOW(umount2("a", MNT_EXPIRE | MNT_DETACH));
  SHOW(umount2("a", MNT_EXPIRE));
  SHOW(access("a", F_OK));
  SHOW(umount2("a", MNT_EXPIRE));
  SHOW(umount2("a", MNT_EXPIRE));
  mounts();
  symlink("a", "link");
  SHOW(mount("none", "link", "tmpfs", 0, 0));
  SHOW(umount2("link", UMOUNT_NOFOLLOW));
  SHOW(umount2("link", 0));

  puts("stacked");
  SHOW(mount("one", "a", "tmpfs", 0, 0));
  make("a/one", "1");
  SHOW(mount("two", "a", "tmpfs", MS_RDONLY, 0));
  SHOW(access("a/one", F_OK));
  SHOW(mkdir("a/d", 0755));
  mounts();
  SHOW(umount2("a", 0));
  SHOW(access("a/one", F_OK));
  SHOW(umount2("a", 0));

  MUST(chmod(".", 0755) == 0);
  puts("without privilege");
  fflush(stdout);
  if (fork() == 0) {
    MUST(setuid(1000) == 0);
    SHOW(mount("none", "a", "tmpfs", 0, 0));
    SHOW(umount2("a", 0));
    SHOW(unshare(CLONE_NEWNS));
    exit(0);
  }
  wait(0);
  unlink("link"), unlink("file"), unlink("other"), rmdir("a"), rmdir("b");
  leave_folder();
  return 0;
}
