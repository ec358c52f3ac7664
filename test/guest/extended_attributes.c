/* setxattr(2), getxattr(2), listxattr(2), removexattr(2) on tmpfs: values, flags, sizes, classes, permissions. */
#include "guest.h"
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
static char buffer[70000], *volatile bad = (char *)16;
static char folder[] = "guest.XXXXXX";
int main(void) {
  MUST(administrator());
  /* Where tmpfs is on any Linux. */
  MUST(chdir("/dev/shm") == 0 && mkdtemp(folder) && chdir(folder) == 0);
  int fd = open("f", O_RDWR | O_CREAT, 0644);
  MUST(fd >= 0);
  if (setxattr("f", "user.a", "value", 5, 0) != 0) { puts("no extended attributes here"); return 0; }
  SHOW(getxattr("f", "user.a", buffer, 100));
  printf("%.5s\n", buffer);
  SHOW(getxattr("f", "user.a", 0, 0));
  SHOW(getxattr("f", "user.a", buffer, 4));
  SHOW(getxattr("f", "user.a", bad, 100));
  SHOW(getxattr("f", "user.none", buffer, 100));
  SHOW(setxattr("f", "user.a", "", 0, XATTR_CREATE));
  SHOW(setxattr("f", "user.b", "", 0, XATTR_REPLACE));
  SHOW(setxattr("f", "user.b", "", 0, XATTR_CREATE));
  SHOW(setxattr("f", "user.b", 0, 0, XATTR_REPLACE));
  SHOW(setxattr("f", "user.b", "x", 1, 4));
  SHOW(getxattr("f", "user.b", buffer, 100));
  SHOW(fsetxattr(fd, "user.c", buffer, 65536, 0));
  SHOW(fsetxattr(fd, "user.c", buffer, 65537, 0));
  SHOW(fsetxattr(fd, "user.c", bad, 1, 0));
  SHOW(fgetxattr(fd, "user.c", 0, 0));
  SHOW(setxattr("f", "", "x", 1, 0));
  SHOW(setxattr("f", "user.", "x", 1, 0));
  SHOW(setxattr("f", "nothing", "x", 1, 0));
  SHOW(setxattr("f", "other.name", "x", 1, 0));
  SHOW(getxattr("f", "other.name", buffer, 9));
  SHOW(setxattr("f", bad, "x", 1, 0));
  SHOW(setxattr("none", "user.a", "x", 1, 0));
  SHOW(setxattr(bad, "user.a", "x", 1, 0));
  char name[300] = "user.";
  memset(name + 5, 'n', 250);
  SHOW(setxattr("f", name, "x", 1, 0));
  name[255] = 'n';
  SHOW(setxattr("f", name, "x", 1, 0));
  name[255] = 0;
  SHOW(removexattr("f", name));
  SHOW(removexattr("f", name));
  SHOW(removexattr("f", ""));
  long n = listxattr("f", buffer, sizeof buffer), names = 0;
  for (char *p = buffer; p < buffer + n; p += strlen(p) + 1) names += !strncmp(p, "user.", 5) && strlen(p) == 6;
  printf("names %ld\n", names);
  SHOW(listxattr("f", 0, 0) == n);
  SHOW(listxattr("f", buffer, 3));
  SHOW(flistxattr(fd, buffer, sizeof buffer) == n);
  SHOW(listxattr("none", buffer, 9));
  SHOW(fremovexattr(fd, "user.b"));
  SHOW(listxattr("f", 0, 0) < n);
  SHOW(link("f", "l"));
  SHOW(getxattr("l", "user.a", buffer, 100));
  SHOW(rename("l", "m"));
  SHOW(getxattr("m", "user.a", buffer, 100));
  SHOW(mkdir("d", 0755));
  SHOW(setxattr("d", "user.d", "dir", 3, 0));
  SHOW(getxattr("d", "user.d", buffer, 100));
  SHOW(symlink("f", "s"));
  SHOW(getxattr("s", "user.a", buffer, 100));
  SHOW(lgetxattr("s", "user.a", buffer, 100));
  SHOW(lsetxattr("s", "user.a", "x", 1, 0));
  SHOW(llistxattr("s", buffer, 100));
  SHOW(llistxattr("none", buffer, 100));
  SHOW(lremovexattr("s", "user.a"));
  SHOW(mknod("p", S_IFIFO | 0644, 0));
  SHOW(setxattr("p", "user.a", "x", 1, 0));
  SHOW(getxattr("p", "user.a", buffer, 9));
  SHOW(fsetxattr(99, "user.a", "x", 1, 0));
  int path = open("f", O_PATH), reader = open("f", O_RDONLY);
  SHOW(fgetxattr(path, "user.a", buffer, 9));
  SHOW(fsetxattr(reader, "user.r", "x", 1, 0));
  SHOW(flistxattr(path, buffer, 9));
  struct stat before, after;
  stat("f", &before);
  usleep(20000);
  SHOW(setxattr("f", "user.a", "time", 4, 0));
  stat("f", &after);
  printf("ctime %d mtime %d\n", after.st_ctim.tv_sec > before.st_ctim.tv_sec || after.st_ctim.tv_nsec != before.st_ctim.tv_nsec, after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
  SHOW(getxattr("/proc/self/stat", "user.a", buffer, 9));
  SHOW(listxattr("/proc/self/stat", buffer, 9));
  int ends[2];
  MUST(pipe(ends) == 0);
  SHOW(fgetxattr(ends[0], "user.a", buffer, 9));
  /* What a class and the file's mode allow. */
  SHOW(setxattr("f", "trusted.t", "root", 4, 0));
  SHOW(getxattr("f", "trusted.t", buffer, 9));
  SHOW(chmod("d", 01777));
  SHOW(chmod("f", 0600));
  SHOW(chmod(".", 0755));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    MUST(setresuid(1000, 1000, 1000) == 0);
    SHOW(getxattr("f", "trusted.t", buffer, 9));
    SHOW(setxattr("f", "trusted.t", "x", 1, 0));
    SHOW(removexattr("f", "trusted.t"));
    SHOW(setxattr("f", "security.s", "x", 1, 0));
    SHOW(setxattr("f", "user.a", "x", 1, 0));
    SHOW(getxattr("f", "user.a", buffer, 9));
    n = listxattr("f", buffer, sizeof buffer);
    for (char *p = buffer; p < buffer + n; p += strlen(p) + 1) if (!strncmp(p, "trusted.", 8)) puts("trusted is shown");
    SHOW(setxattr("d", "user.d", "x", 1, 0));
    SHOW(getxattr("d", "user.d", buffer, 9));
    fflush(stdout);
    _exit(0);
  }
  waitpid(child, 0, 0);
  SHOW(unlink("f")); SHOW(unlink("m")); SHOW(unlink("s")); SHOW(unlink("p")); SHOW(rmdir("d"));
  SHOW(fgetxattr(fd, "user.a", buffer, 9));
  MUST(chdir("..") == 0 && rmdir(folder) == 0);
  return 0;
}
