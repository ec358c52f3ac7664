/* Names: what rename, link, unlink, rmdir, mkdir and symbolic links do and refuse, and what is left afterwards. */
#include "guest.h"
#include <dirent.h>
#include <sys/syscall.h>
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#endif
static void put(const char *p, const char *text) {
  int f = open(p, O_CREAT | O_WRONLY | O_TRUNC, 0644);
  MUST(f >= 0);
  MUST(write(f, text, strlen(text)) == (ssize_t)strlen(text));
  close(f);
}
static int compare(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }
static void list(const char *p) {
  DIR *d = opendir(p);
  if (!d) { printf("%s: %s\n", p, error_name(errno)); return; }
  char *names[64];
  int n = 0;
  for (struct dirent *e; (e = readdir(d));) names[n++] = strdup(e->d_name);
  closedir(d);
  qsort(names, n, sizeof *names, compare);
  printf("%s:", p);
  for (int i = 0; i < n; i++) printf(" %s", names[i]);
  printf("\n");
}
static long nlink(const char *p) { struct stat s; return lstat(p, &s) ? -1 : (long)s.st_nlink; }
static long r2(const char *a, const char *b, int flags) {
  return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, flags);
}
int main(void) {
  umask(022);
  enter_folder();
  MUST(mkdir("d", 0777) == 0 && mkdir("d/sub", 0777) == 0 && mkdir("e", 0777) == 0);
  put("f", "file");
  put("d/in", "inside");
  MUST(symlink("d", "ld") == 0 && symlink("none", "dangling") == 0 && symlink("loop", "loop") == 0 && symlink("f", "lf") == 0);
  SHOW(rename("d", "d/sub/x"));
  SHOW(rename("d/sub", "d"));
  SHOW(rename("f", "d"));
  SHOW(rename("d", "f"));
  SHOW(rename("d", "e"));
  list(".");
  list("e");
  SHOW(rename("e", "d"));
  SHOW(mkdir("full", 0777));
  put("full/x", "x");
  SHOW(rename("d", "full"));
  SHOW(rename("none", "x"));
  SHOW(rename("f", "f/"));
  SHOW(rename("f/", "g"));
  SHOW(rename("d/", "dd/"));
  SHOW(rename("dd", "d"));
  SHOW(rename("ld/", "q"));
  SHOW(rename("ld", "renamed"));
  SHOW(rename("renamed", "ld"));
  SHOW(rename("d/.", "x"));
  SHOW(rename("d/..", "x"));
  SHOW(rename("f", "."));
  SHOW(rename("", "x"));
  SHOW(r2("f", "lf", RENAME_NOREPLACE));
  SHOW(r2("f", "new", RENAME_NOREPLACE));
  SHOW(r2("new", "d", RENAME_EXCHANGE));
  list(".");
  list("new");
  SHOW(r2("new", "none", RENAME_EXCHANGE));
  SHOW(r2("new", "d", RENAME_EXCHANGE));
  SHOW(r2("new", "d", RENAME_EXCHANGE | RENAME_NOREPLACE));
  SHOW(r2("new", "d", 64));
  SHOW(rename("new", "f"));
  SHOW(link("f", "hard"));
  SHOW(nlink("f"));
  SHOW(rename("f", "hard"));
  SHOW(nlink("f"));
  SHOW(link("f", "hard"));
  SHOW(link("d", "dlink"));
  SHOW(link("none", "x"));
  SHOW(link("dangling", "dl2"));
  SHOW(nlink("dangling"));
  SHOW(linkat(AT_FDCWD, "lf", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW));
  SHOW(nlink("f"));
  SHOW(linkat(AT_FDCWD, "dangling", AT_FDCWD, "nope", AT_SYMLINK_FOLLOW));
  SHOW(link("f", "newname/"));
  SHOW(link("f/", "other"));
  SHOW(unlink("d"));
  SHOW(unlink("d/"));
  SHOW(unlink("ld/"));
  SHOW(unlink("f/"));
  SHOW(unlink("."));
  SHOW(unlink(".."));
  SHOW(unlink(""));
  SHOW(unlink("none"));
  SHOW(unlink("f/x"));
  SHOW(unlinkat(AT_FDCWD, "f", AT_REMOVEDIR));
  SHOW(unlinkat(AT_FDCWD, "f", 1));
  SHOW(rmdir("d"));
  SHOW(rmdir("ld"));
  SHOW(rmdir("ld/"));
  SHOW(rmdir("."));
  SHOW(rmdir("d/."));
  SHOW(rmdir("d/.."));
  SHOW(rmdir("d/sub/.."));
  SHOW(rmdir("f"));
  SHOW(rmdir("none"));
  SHOW(mkdir("f", 0777));
  SHOW(mkdir("dangling", 0777));
  SHOW(mkdir("dangling/", 0777));
  SHOW(mkdir("x/y", 0777));
  SHOW(mkdir("f/y", 0777));
  SHOW(mkdir(".", 0777));
  SHOW(mkdir("d/new/", 0777));
  SHOW(symlink("", "empty"));
  SHOW(symlink("x", "f"));
  SHOW(symlink("x", "slash/"));
  SHOW(open("dangling", O_RDONLY));
  SHOW(open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0600));
  SHOW(open("loop", O_RDONLY));
  SHOW(open("loop", O_CREAT | O_WRONLY, 0600));
  SHOW(open("lf", O_RDONLY | O_NOFOLLOW));
  SHOW(open("d", O_WRONLY));
  SHOW(open("d", O_RDONLY | O_CREAT, 0600));
  SHOW(open("f", O_RDONLY | O_DIRECTORY));
  SHOW(open("f/", O_RDONLY));
  SHOW(open("newfile/", O_CREAT | O_WRONLY, 0600));
  SHOW(open("ld/in", O_RDONLY) > 0);
  SHOW(open("ld", O_RDONLY | O_NOFOLLOW | O_DIRECTORY));
  SHOW(open("f", O_CREAT | O_EXCL | O_RDWR, 0600));
  char name[300];
  memset(name, 'n', 299);
  name[299] = 0;
  SHOW(mkdir(name, 0777));
  name[256] = 0;
  SHOW(mkdir(name, 0777));
  name[255] = 0;
  SHOW(mkdir(name, 0777));
  SHOW(rmdir(name));
  char *path = malloc(5000);
  for (int i = 0; i < 4998; i++) path[i] = i % 2 ? '/' : '.';
  path[4998] = 0;
  SHOW(access(path, F_OK));
  path[4096] = 0;
  SHOW(access(path, F_OK));
  path[4095] = 0;
  SHOW(access(path, F_OK));
  char b[100];
  SHOW(readlink("lf", b, 100));
  SHOW(readlink("ld", b, 1));
  SHOW(readlink("f", b, 100));
  SHOW(readlink("lf", b, 0));
  SHOW(readlink("lf/", b, 10));
  put("dangling", "made");
  list(".");
  SHOW(nlink("d"));
  SHOW(nlink("."));
  MUST(chdir("d/new") == 0);
  SHOW(rmdir("../new"));
  SHOW(getcwd(b, 100) ? 0 : -1);
  SHOW(open("x", O_CREAT | O_WRONLY, 0600));
  SHOW(mkdir("x", 0777));
  SHOW(chdir(".."));
  list(".");
  MUST(chdir(guest_folder) == 0);
  unlink("d/in");
  SHOW(rmdir("d/sub"));
  SHOW(rmdir("d"));
  const char *all[] = {"f","hard","followed","lf","ld","dangling","loop","none","dl2","full/x", 0};
  for (int i = 0; all[i]; i++) printf("%s %d\n", all[i], unlink(all[i]) ? errno : 0);
  SHOW(rmdir("full"));
  SHOW(rmdir("e"));
  SHOW(rmdir("dd"));
  list(".");
  leave_folder();
  return 0;
}
