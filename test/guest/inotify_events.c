/* inotify(7): which events files and directories give, in which order, with which names; cookies of moves; what goes away. */
#include "guest.h"
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>

static int in;
static unsigned cookies[16];
static int cookie_count;
static int cookie_number(unsigned cookie) {
  if (cookie == 0) return 0;
  for (int i = 0; i < cookie_count; i++) if (cookies[i] == cookie) return i + 1;
  cookies[cookie_count++] = cookie;
  return cookie_count;
}
static void drain(const char *what) {
  static const struct { unsigned bit; const char *name; } names[] = {
    {IN_ACCESS, "ACCESS"}, {IN_MODIFY, "MODIFY"}, {IN_ATTRIB, "ATTRIB"}, {IN_CLOSE_WRITE, "CLOSE_WRITE"},
    {IN_CLOSE_NOWRITE, "CLOSE_NOWRITE"}, {IN_OPEN, "OPEN"}, {IN_MOVED_FROM, "MOVED_FROM"}, {IN_MOVED_TO, "MOVED_TO"},
    {IN_CREATE, "CREATE"}, {IN_DELETE, "DELETE"}, {IN_DELETE_SELF, "DELETE_SELF"}, {IN_MOVE_SELF, "MOVE_SELF"},
    {IN_UNMOUNT, "UNMOUNT"}, {IN_Q_OVERFLOW, "Q_OVERFLOW"}, {IN_IGNORED, "IGNORED"}, {IN_ISDIR, "ISDIR"}};
  char buffer[8192];
  int waiting = 0;
  ioctl(in, FIONREAD, &waiting);
  long n = read(in, buffer, sizeof buffer), total = 0;
  printf("%s:\n", what);
  if (n < 0) return;
  for (char *p = buffer; p < buffer + n;) {
    struct inotify_event *e = (struct inotify_event *)p;
    printf("  wd %d", e->wd);
    unsigned mask = e->mask;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
      if (mask & names[i].bit) printf(" %s", names[i].name), mask &= ~names[i].bit;
    if (mask) printf(" %x", mask);
    if (e->len) printf(" \"%s\" (%u)", e->name, e->len);
    if (e->cookie) printf(" cookie %d", cookie_number(e->cookie));
    printf("\n");
    p += sizeof *e + e->len;
    total += sizeof *e + e->len;
  }
  if (total != waiting) printf("  FIONREAD said %d of %ld\n", waiting, total);
}
static void put(const char *name, const char *text) {
  int fd = open(name, O_WRONLY | O_CREAT, 0644);
  MUST(write(fd, text, strlen(text)) >= 0);
  close(fd);
}

int main(void) {
  strcpy(guest_folder, "/dev/shm/guest.XXXXXX");
  MUST(mkdtemp(guest_folder) && chdir(guest_folder) == 0);
  in = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  MUST(in >= 0);
  mkdir("d", 0755);
  put("d/before", "x");
  SHOW(inotify_add_watch(in, "d", IN_ALL_EVENTS));
  drain("nothing yet");
  put("d/a", "hello");
  drain("create and write");
  char b[32];
  int fd = open("d/a", O_RDWR);
  MUST(read(fd, b, 3) == 3);
  MUST(read(fd, b, 0) == 0);
  MUST(pread(fd, b, 3, 100) == 0);
  MUST(write(fd, "x", 1) == 1);
  MUST(write(fd, "y", 1) == 1);
  MUST(ftruncate(fd, 2) == 0);
  MUST(fallocate(fd, 0, 0, 10) == 0);
  MUST(fchmod(fd, 0600) == 0);
  MUST(fchown(fd, 1, 1) == 0);
  fsetxattr(fd, "user.x", "1", 1, 0);
  close(fd);
  drain("open to close");
  close(open("d/a", O_WRONLY | O_TRUNC));
  drain("O_TRUNC");
  MUST(truncate("d/a", 100) == 0);
  drain("truncate");
  close(open("d/a", O_PATH));
  struct timespec both[2] = {{1, 0}, {2, 0}}, only[2] = {{1, 0}, {0, UTIME_OMIT}}, modified[2] = {{0, UTIME_OMIT}, {5, 0}};
  utimensat(AT_FDCWD, "d/a", both, 0);
  utimensat(AT_FDCWD, "d/a", only, 0);
  utimensat(AT_FDCWD, "d/a", modified, 0);
  drain("times");
  MUST(link("d/a", "d/b") == 0);
  MUST(symlink("a", "d/s") == 0);
  MUST(mkfifo("d/f", 0644) == 0);
  MUST(mkdir("d/sub", 0755) == 0);
  drain("names made");
  rename("d/a", "d/renamed");
  rename("d/sub", "d/sub2");
  drain("renamed within");
  rename("d/renamed", "out");
  rename("out", "d/in");
  drain("out and in");
  syscall(SYS_renameat2, AT_FDCWD, "d/in", AT_FDCWD, "d/sub2", 2);
  drain("exchanged");
  syscall(SYS_renameat2, AT_FDCWD, "d/in", AT_FDCWD, "d/sub2", 2);
  drain("exchanged again");
  fd = open("d/in", O_RDONLY);
  rename("d/in", "d/moved while open");
  MUST(read(fd, b, 1) == 1);
  close(fd);
  drain("moved while open");
  fd = open("d", O_RDONLY | O_DIRECTORY);
  while (syscall(SYS_getdents64, fd, b, sizeof b) > 0) {}
  close(fd);
  fd = open("d/sub2", O_RDONLY | O_DIRECTORY);
  char big[4096];
  while (syscall(SYS_getdents64, fd, big, sizeof big) > 0) {}
  close(fd);
  drain("listed");
  unlink("d/b");
  unlink("d/s");
  unlink("d/f");
  rmdir("d/sub2");
  drain("removed");

  int file = inotify_add_watch(in, "d/before", IN_ALL_EVENTS);
  printf("watch of a file: %d\n", file);
  SHOW(inotify_add_watch(in, "d/before", IN_ALL_EVENTS));
  put("d/before", "again");
  drain("file and its directory");
  link("d/before", "other");
  drain("linked");
  rename("other", "another");
  drain("its other name moved");
  unlink("d/before");
  drain("one name less");
  fd = open("another", O_RDWR);
  unlink("another");
  drain("no name left");
  MUST(write(fd, "ghost", 5) == 5);
  drain("written without a name");
  close(fd);
  drain("gone");
  SHOW(inotify_rm_watch(in, file));
  put("x", "1");
  put("y", "2");
  int y = inotify_add_watch(in, "y", IN_ALL_EVENTS);
  rename("x", "y");
  drain("replaced");
  SHOW(inotify_rm_watch(in, y));
  SHOW(inotify_rm_watch(in, 1));
  drain("removed watch");
  put("d/unseen", "1");
  drain("unseen");
  unlink("d/unseen");
  unlink("d/moved while open");
  SHOW(inotify_add_watch(in, "d", IN_ALL_EVENTS));
  SHOW(inotify_add_watch(in, ".", IN_ALL_EVENTS));
  chmod("d", 0700);
  drain("directory's mode");
  rename("d", "e");
  drain("directory moved");
  rmdir("e");
  drain("directory removed");
  unlink("y");
  close(in);
  leave_folder();
  return 0;
}
