#include "guest.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/statfs.h>
/* Mounts that came from a more privileged mount namespace are locked: neither they nor their flags can be taken away alone. */
static long write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) return -1;
  long n = write(fd, text, strlen(text));
  close(fd);
  return n;
}
int main(void) {
  setvbuf(stdout, 0, _IOLBF, 0);
  MUST(unshare(CLONE_NEWNS) == 0 && mount("none", "/", 0, MS_REC | MS_PRIVATE, 0) == 0);
  enter_folder();
  MUST(mkdir("a", 0755) == 0 && mkdir("a/below", 0755) == 0 && mkdir("b", 0755) == 0 && mkdir("c", 0755) == 0 && mkdir("d", 0755) == 0);
  MUST(mount("t", "a", "tmpfs", MS_NOSUID | MS_NODEV, 0) == 0);
  MUST(mkdir("a/inner", 0755) == 0 && mkdir("a/inner2", 0755) == 0);
  MUST(mount("t", "a/inner", "tmpfs", MS_NOEXEC | MS_NOATIME, 0) == 0);
  MUST(mount("t", "d", "tmpfs", MS_RDONLY, 0) == 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    char map[64];
    int uid = getuid(), gid = getgid();
    SHOW(unshare(CLONE_NEWUSER | CLONE_NEWNS));
    write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "0 %d 1", uid), SHOW(write_file("/proc/self/uid_map", map) > 0);
    snprintf(map, sizeof map, "0 %d 1", gid), SHOW(write_file("/proc/self/gid_map", map) > 0);
    SHOW(umount("a"));
    SHOW(umount("a/inner"));
    SHOW(umount2("a", MNT_DETACH));
    SHOW(mount(0, "a", 0, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV, 0));
    SHOW(mount(0, "a", 0, MS_REMOUNT | MS_BIND | MS_NOSUID, 0));
    SHOW(mount(0, "a", 0, MS_REMOUNT | MS_BIND | MS_NODEV, 0));
    SHOW(mount(0, "a", 0, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC, 0));
    SHOW(mount(0, "a", 0, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV, 0));
    SHOW(mount(0, "a", 0, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOATIME, 0));
    SHOW(mount(0, "a/inner", 0, MS_REMOUNT | MS_BIND | MS_NOEXEC, 0));
    SHOW(mount(0, "a/inner", 0, MS_REMOUNT | MS_BIND | MS_NOEXEC | MS_STRICTATIME, 0));
    SHOW(mount(0, "a/inner", 0, MS_REMOUNT | MS_BIND | MS_NOATIME, 0));
    SHOW(mount(0, "d", 0, MS_REMOUNT | MS_BIND, 0));
    SHOW(mount(0, "d", 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0));
    SHOW(mount(0, "a", 0, MS_REMOUNT | MS_NOSUID | MS_NODEV, 0));
    /* What covers something else cannot be bound alone; the whole can. */
    SHOW(mount("a", "b", 0, MS_BIND, 0));
    SHOW(mount("a", "b", 0, MS_BIND | MS_REC, 0));
    SHOW(umount("b/inner"));
    SHOW(umount2("b", MNT_DETACH));
    SHOW(mount("a/inner", "b", 0, MS_BIND, 0));
    SHOW(umount("b"));
    SHOW(mount("a/inner", "a/inner2", 0, MS_MOVE, 0));
    /* Its own mounts are its own to remove, also on top of a locked one. */
    SHOW(mount("t", "c", "tmpfs", 0, 0));
    SHOW(umount("c"));
    SHOW(mount("t", "a", "tmpfs", 0, 0));
    SHOW(umount("a"));
    SHOW(umount("a"));
    /* A namespace of the same owner locks nothing more. */
    SHOW(mount("t", "c", "tmpfs", MS_NOSUID, 0));
    SHOW(unshare(CLONE_NEWNS));
    SHOW(mount(0, "c", 0, MS_REMOUNT | MS_BIND, 0));
    SHOW(umount("c"));
    SHOW(umount("a"));
    _exit(0);
  }
  int status;
  MUST(waitpid(child, &status, 0) == child);
  print_status("child", status);
  SHOW(umount("a/inner"));
  SHOW(umount("a"));
  SHOW(umount("d"));
  rmdir("a/below"), rmdir("a"), rmdir("b"), rmdir("c"), rmdir("d");
  leave_folder();
  return 0;
}
