/* When reading moves atime: relatime, strictatime, noatime, nodiratime, read-only mounts and O_NOATIME, for files, directories and links. */
#include "guest.h"
#include <dirent.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>

/* Gives the file an atime before its other times, or after them; neither is one that reading could give it. */
static void age(const char *path, time_t atime) {
  struct timespec t[2] = {{atime, 0}, {2000, 0}};
  MUST(utimensat(AT_FDCWD, path, t, AT_SYMLINK_NOFOLLOW) == 0);
}
static const char *moved(const char *path, time_t atime) {
  struct stat s;
  MUST(lstat(path, &s) == 0);
  return s.st_atim.tv_sec == atime ? "stays" : "moves";
}
static void list(int fd) {
  char buffer[1024];
  MUST(fd >= 0);
  while (syscall(SYS_getdents64, fd, buffer, sizeof buffer) > 0);
  close(fd);
}
static void take(int fd) {
  char c;
  MUST(fd >= 0 && read(fd, &c, 1) == 1);
  close(fd);
}
static void readings(const char *how, unsigned long flags) {
  const time_t times[2] = {1000, 4000000000};
  const char *files[3] = {"m/file", "m/folder", "m/link"};
  for (int i = 0; i < 2; i++) {
    for (int n = 0; n < 3; n++) age(files[n], times[i]);
    MUST(mount(0, "m", 0, MS_REMOUNT | MS_BIND | flags, 0) == 0);
    printf("%s, %s:", how, i ? "atime is ahead" : "atime is behind");
    take(open("m/file", O_RDONLY | O_NOATIME));
    printf(" file %s", moved("m/file", times[i]));
    int fd = open("m/file", O_RDONLY);
    MUST(fcntl(fd, F_SETFL, O_NOATIME) == 0);
    take(fd);
    printf(" %s", moved("m/file", times[i]));
    take(open("m/file", O_RDONLY));
    printf(" %s", moved("m/file", times[i]));
    list(open("m/folder", O_RDONLY | O_DIRECTORY | O_NOATIME));
    printf(", folder %s", moved("m/folder", times[i]));
    list(open("m/folder", O_RDONLY | O_DIRECTORY));
    printf(" %s", moved("m/folder", times[i]));
    char target[16];
    MUST(readlink("m/link", target, sizeof target) == 4);
    printf(", link %s", moved("m/link", times[i]));
    MUST(mount(0, "m", 0, MS_REMOUNT | MS_BIND, 0) == 0);
    age("m/link", times[i]);
    MUST(mount(0, "m", 0, MS_REMOUNT | MS_BIND | flags, 0) == 0);
    MUST(access("m/link", F_OK) == 0);
    printf(" %s\n", moved("m/link", times[i]));
    MUST(mount(0, "m", 0, MS_REMOUNT | MS_BIND, 0) == 0);
  }
}
int main(void) {
  MUST(administrator());
  enter_folder();
  MUST(unshare(CLONE_NEWNS) == 0 && mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) == 0);
  MUST(mkdir("m", 0755) == 0 && mount("none", "m", "tmpfs", 0, 0) == 0);
  int fd = open("m/file", O_CREAT | O_WRONLY, 0644);
  MUST(fd >= 0 && write(fd, "text", 4) == 4 && close(fd) == 0);
  MUST(mkdir("m/folder", 0755) == 0 && symlink("file", "m/link") == 0);
  readings("relatime", MS_RELATIME);
  readings("strictatime", MS_STRICTATIME);
  readings("noatime", MS_NOATIME);
  readings("nodiratime", MS_NODIRATIME);
  readings("strictatime,nodiratime", MS_STRICTATIME | MS_NODIRATIME);
  readings("read-only", MS_RDONLY);
  MUST(umount("m") == 0 && rmdir("m") == 0);
  leave_folder();
  return 0;
}
