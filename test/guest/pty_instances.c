/* devpts: each mount is an instance with terminals of its own; its options; what /dev/pts lists. */
#include "pty.h"
#include <dirent.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
static void list(const char *what, const char *path) {
  DIR *d = opendir(path);
  struct dirent *e;
  int names = 0, found[4] = {0};
  MUST(d);
  while ((e = readdir(d))) {
    struct stat s;
    if (e->d_name[0] == '.') continue;
    MUST(fstatat(dirfd(d), e->d_name, &s, 0) == 0);
    int i = strcmp(e->d_name, "ptmx") == 0 ? 3 : atoi(e->d_name);
    if (i >= 0 && i < 4) found[i] = 1;
    printf("%s: type %o mode %o uid %d gid %d links %d\n", strcmp(e->d_name, "ptmx") ? "a slave" : "ptmx", s.st_mode & S_IFMT, s.st_mode & 07777,
           s.st_uid, s.st_gid, (int)s.st_nlink);
    names++;
  }
  closedir(d);
  printf("%s: %d entries, ptmx %d, 0 %d, 1 %d\n", what, names, found[3], found[0], found[1]);
}
int main(void) {
  MUST(administrator());
  int n = -1, zero = 0;
  struct statfs f;
  if (unshare(CLONE_NEWNS) || mount("none", "/", 0, MS_REC | MS_PRIVATE, 0)) {
    printf("no mounts: %s\n", error_name(errno));
    return 0;
  }
  MUST(mount("none", "/tmp", "tmpfs", 0, 0) == 0);
  MUST(mkdir("/tmp/pts", 0755) == 0 && mkdir("/tmp/more", 0755) == 0);
  SHOW(mount("none", "/tmp/pts", "devpts", 0, "mode=0622,gid=7,ptmxmode=0666,newinstance"));
  SHOW(mount("none", "/tmp/more", "devpts", 0, "max=1"));
  SHOW(mount("none", "/tmp/more", "devpts", 0, "nonsense=1"));
  MUST(statfs("/tmp/pts", &f) == 0);
  printf("magic %lx\n", (long)f.f_type);
  list("empty", "/tmp/pts");
  int a = open("/tmp/pts/ptmx", O_RDWR | O_NOCTTY), b = open("/tmp/pts/ptmx", O_RDWR | O_NOCTTY);
  MUST(a >= 0 && b >= 0);
  SHOW(ioctl(a, TIOCGPTN, &n));
  printf("%d\n", n);
  SHOW(ioctl(b, TIOCGPTN, &n));
  printf("%d\n", n);
  list("two", "/tmp/pts");
  list("another instance", "/tmp/more");
  MUST(ioctl(a, TIOCSPTLCK, &zero) == 0);
  int s = open("/tmp/pts/0", O_RDWR | O_NOCTTY);
  MUST(s >= 0);
  write(a, "x\n", 2);
  show_read("slave", s, 10);
  int peer = ioctl(a, TIOCGPTPEER, O_RDWR | O_NOCTTY);
  char link[40], path[80];
  sprintf(link, "/proc/self/fd/%d", peer);
  path[readlink(link, path, 79)] = 0;
  printf("peer %s\n", path);
  close(peer);
  close(a);
  list("one is closed", "/tmp/pts");
  int c = open("/tmp/pts/ptmx", O_RDWR | O_NOCTTY);
  MUST(ioctl(c, TIOCGPTN, &n) == 0);
  printf("number while the slave is open %d\n", n);
  close(s);
  close(c);
  c = open("/tmp/pts/ptmx", O_RDWR | O_NOCTTY);
  MUST(ioctl(c, TIOCGPTN, &n) == 0);
  printf("number afterwards %d\n", n);
  a = open("/tmp/more/ptmx", O_RDWR | O_NOCTTY);
  printf("max=1: %d", a >= 0);
  s = open("/tmp/more/ptmx", O_RDWR | O_NOCTTY);
  printf(" %d %s\n", s, error_name(errno));
  MUST(mknod("/tmp/ptmx", S_IFCHR | 0666, makedev(5, 2)) == 0);
  s = open("/tmp/ptmx", O_RDWR | O_NOCTTY);
  MUST(s >= 0 && ioctl(s, TIOCGPTN, &n) == 0);
  printf("ptmx beside pts %d\n", n);
  list("then", "/tmp/pts");
  MUST(mkdir("/tmp/x", 0755) == 0 && mknod("/tmp/x/ptmx", S_IFCHR | 0666, makedev(5, 2)) == 0);
  SHOW(open("/tmp/x/ptmx", O_RDWR | O_NOCTTY));
  SHOW(mkdir("/tmp/pts/d", 0755));
  SHOW(unlink("/tmp/pts/ptmx"));
  SHOW(open("/tmp/pts/new", O_CREAT | O_RDWR, 0600));
  SHOW(chmod("/tmp/pts/1", 0600));
  SHOW(chown("/tmp/pts/1", 3, 4));
  struct stat st;
  MUST(stat("/tmp/pts/1", &st) == 0);
  printf("%o %d %d\n", st.st_mode & 07777, st.st_uid, st.st_gid);
  return 0;
}
