/* The order of a tmpfs directory, the newest name first, and its offsets: d_off, telldir, seekdir while names come and go. */
#include "guest.h"
#include "acl.h"
#include <dirent.h>
#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#define RENAME_WHITEOUT 4
#endif

static void list(const char *what) {
  printf("%s:", what);
  DIR *d = opendir("d");
  MUST(d);
  for (struct dirent *e; (e = readdir(d));) printf(" %s:%ld", e->d_name, (long)e->d_off);
  puts("");
  closedir(d);
}
static void make(const char *path) { MUST(close(open(path, O_CREAT | O_EXCL | O_WRONLY, 0644)) == 0); }
static void rename_with(const char *from, const char *to, int flags) {
  MUST(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags) == 0);
}
static long positions[40];
static int taken;
static void seek_back(DIR *d, const char *what) {
  printf("%s:", what);
  for (int i = taken - 1; i >= 0; i--) {
    seekdir(d, positions[i]);
    struct dirent *e = readdir(d);
    printf(" %ld=%s", positions[i], e ? e->d_name : "end");
  }
  puts("");
}

int main(void) {
  char name[64], buffer[4096];
  acl_enter();
  MUST(mkdir("d", 0755) == 0 && mkdir("e", 0755) == 0);
  list("empty");
  for (int i = 0; i < 6; i++) sprintf(name, "d/e%d", i), make(name);
  list("six");
  make("e/x0"), make("e/x1"), make("e/x2");
  MUST(rename("d/e0", "d/e3") == 0); list("e0 over e3");
  MUST(rename("d/e1", "d/z1") == 0); list("e1 to z1");
  MUST(rename("e/x0", "d/x0") == 0); list("x0 from elsewhere");
  MUST(rename("e/x1", "d/e4") == 0); list("x1 from elsewhere over e4");
  rename_with("d/e2", "d/e5", RENAME_EXCHANGE), list("e2 and e5 exchanged");
  rename_with("e/x2", "d/e5", RENAME_EXCHANGE), list("x2 elsewhere and e5 exchanged");
  rename_with("d/e2", "d/w", RENAME_WHITEOUT), list("e2 to w with a whiteout");
  rename_with("d/w", "d/z1", RENAME_WHITEOUT), list("w over z1 with a whiteout");
  SHOW(access("d/q", F_OK));
  make("d/r"), make("d/q"), list("r, q");
  MUST(unlink("d/r") == 0); list("without r");
  MUST(link("d/q", "d/l") == 0); list("l, a link");
  MUST(symlink("x", "d/s") == 0); list("s, a symbolic one");
  MUST(mkdir("d/sub", 0755) == 0); list("sub");
  MUST(rmdir("d/sub") == 0); list("without sub");
  int unnamed = open("d", O_TMPFILE | O_RDWR, 0600);
  sprintf(name, "/proc/self/fd/%d", unnamed);
  MUST(linkat(AT_FDCWD, name, AT_FDCWD, "d/t", AT_SYMLINK_FOLLOW) == 0); list("t, unnamed before");
  MUST(mknod("d/p", S_IFIFO | 0600, 0) == 0); list("p");

  DIR *d = opendir("d");
  while (readdir(d)) positions[taken++] = telldir(d);
  seek_back(d, "back");
  MUST(unlink("d/q") == 0); make("d/new");
  seek_back(d, "after a change");
  closedir(d);
  int fd = open("d", O_RDONLY);
  /* Positions where no name is lead to the one before. */
  for (long at = 0; at < 26; at++) {
    long to = lseek(fd, at, SEEK_SET);
    int n = syscall(SYS_getdents64, fd, buffer, 30);
    MUST(n > 0);
    printf("%ld: %s next %ld now %ld\n", to, buffer + 19, *(long *)(buffer + 8), lseek(fd, 0, SEEK_CUR));
  }
  SHOW(lseek(fd, 0, SEEK_END));
  SHOW(lseek(fd, -1, SEEK_SET));
  SHOW(lseek(fd, INT_MAX, SEEK_SET));
  SHOW(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
  SHOW(lseek(fd, 1L << 40, SEEK_SET));
  SHOW(syscall(SYS_getdents64, fd, buffer, 24));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(lseek(fd, -3, SEEK_CUR));
  /* A small buffer, and removing all that is seen, as rm -r does. */
  MUST(lseek(fd, 0, SEEK_SET) == 0);
  for (int n; (n = syscall(SYS_getdents64, fd, buffer, 64)) > 0;) {
    for (int at = 0; at < n; at += *(unsigned short *)(buffer + at + 16)) {
      printf("%s ", buffer + at + 19);
      sprintf(name, "d/%s", buffer + at + 19);
      if (buffer[at + 19] != '.') MUST(unlink(name) == 0);
    }
  }
  puts("");
  MUST(rmdir("d") == 0);
  SHOW(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
  /* Many, with as many removed. */
  MUST(mkdir("d", 0755) == 0);
  for (int i = 0; i < 3000; i++) {
    sprintf(name, "d/%d", i), make(name);
    if (i % 3) sprintf(name, "d/%d", i * 7 % i), unlink(name);
  }
  d = opendir("d");
  uint64_t sum = 0;
  long count = 0;
  for (struct dirent *e; (e = readdir(d)); count++) {
    sum = digest(e->d_name, strlen(e->d_name), sum);
    long off = e->d_off;
    sum = digest(&off, sizeof off, sum);
  }
  printf("%ld names, %016llx\n", count, (unsigned long long)sum);
  acl_leave();
  return 0;
}
