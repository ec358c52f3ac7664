/* mkdir, rmdir, readdir, rename, chdir, getcwd, *at calls. */
#include "guest.h"
#include <dirent.h>
static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
static void list(const char *path) {
  DIR *d = opendir(path);
  if (!d) { printf("%s: %s\n", path, error_name(errno)); return; }
  char *names[600]; int n = 0;
  struct dirent *e;
  while ((e = readdir(d))) { char t[300]; snprintf(t, sizeof t, "%s:%d", e->d_name, e->d_type); names[n++] = strdup(t); }
  closedir(d);
  qsort(names, n, sizeof *names, by_name);
  printf("%s has %d:", path, n);
  for (int i = 0; i < n && i < 12; i++) printf(" %s", names[i]);
  uint64_t h = 0;
  for (int i = 0; i < n; i++) { h = digest(names[i], strlen(names[i]), h); free(names[i]); }
  printf(" %llx\n", (unsigned long long)h);
}
static void touch(const char *p) { int f = open(p, O_CREAT | O_WRONLY, 0644); MUST(f >= 0); close(f); }
int main(void) {
  enter_folder();
  SHOW(mkdir("d", 0755));
  SHOW(mkdir("d", 0755));
  SHOW(mkdir("x/y", 0755));
  SHOW(mkdir("d/e/", 0700));
  touch("d/file"); touch("d/e/inner");
  list("d");
  SHOW(rmdir("d"));
  SHOW(rmdir("d/file"));
  SHOW(rmdir("d/."));
  SHOW(unlink("d/e"));
  SHOW(rename("d/file", "d/e/moved"));
  SHOW(rename("d", "d/e/sub"));
  SHOW(rename("none", "x"));
  SHOW(rename("d/e/moved", "d/e/inner"));
  list("d/e");
  SHOW(mkdir("empty", 0755));
  SHOW(rename("d/e", "empty"));
  list("empty");
  SHOW(rename("empty/inner", "d"));
  SHOW(chdir("empty"));
  char cwd[PATH_MAX];
  MUST(getcwd(cwd, sizeof cwd));
  printf("cwd is right %d\n", !strncmp(cwd, guest_folder, strlen(guest_folder)) && !strcmp(cwd + strlen(guest_folder), "/empty"));
  SHOW(access("../empty/../empty/inner", F_OK));
  SHOW(chdir("inner"));
  SHOW(chdir(".."));
  int d = open("empty", O_RDONLY | O_DIRECTORY);
  SHOW(unlinkat(d, "inner", 0));
  SHOW(mkdirat(d, "sub", 0755));
  SHOW(faccessat(d, "sub", X_OK, 0));
  SHOW(unlinkat(d, "sub", 0));
  SHOW(unlinkat(d, "sub", AT_REMOVEDIR));
  SHOW(fchdir(d));
  close(d);
  SHOW(chdir(".."));
  for (int i = 0; i < 500; i++) { char n[32]; snprintf(n, sizeof n, "empty/f%03d", i); touch(n); }
  list("empty");
  for (int i = 0; i < 500; i++) { char n[32]; snprintf(n, sizeof n, "empty/f%03d", i); MUST(unlink(n) == 0); }
  SHOW(rmdir("empty"));
  SHOW(rmdir("d"));
  SHOW(access("none", F_OK));
  leave_folder();
  return 0;
}
