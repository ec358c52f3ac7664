/* Who may look into whose /proc/[pid]: the process itself, its user, root; modes and owners; private processes; files of /proc. */
#include "guest.h"
#include <sys/prctl.h>
static pid_t child;
static void try(const char *name, int flags) {
  char path[64], b[16];
  snprintf(path, sizeof path, "/proc/%d/%s", child, name);
  int fd = open(path, flags);
  if (fd < 0) { printf("%s: open %s\n", name, error_name(errno)); return; }
  long n = flags == O_RDONLY && strcmp(name, "mem") ? read(fd, b, 1) : 1;
  if (n < 0 && errno == EISDIR) n = 1;
  printf("%s: %s\n", name, n < 0 ? error_name(errno) : "read");
  close(fd);
}
static void follow(const char *name) {
  char path[64], b[256];
  snprintf(path, sizeof path, "/proc/%d/%s", child, name);
  long n = readlink(path, b, sizeof b);
  printf("%s: %s", name, n < 0 ? error_name(errno) : "link");
  struct stat s;
  printf(" %s\n", stat(path, &s) ? error_name(errno) : "followed");
}
static const char *files[] = {"auxv", "cmdline", "comm", "environ", "io", "limits", "maps", "mem", "mountinfo", "mounts", "pagemap", "personality", "smaps", "smaps_rollup", "stat", "statm", "status", "syscall", "oom_score_adj", "timerslack_ns", "fd", "fdinfo", "ns", "task", "map_files", "mountstats", "wchan", "coredump_filter", "uid_map", "setgroups"};
static void all(const char *who) {
  printf("-- %s\n", who);
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) try(files[i], O_RDONLY);
  follow("exe"), follow("cwd"), follow("root"), follow("ns/net"), follow("fd/0");
  try("comm", O_WRONLY), try("oom_score_adj", O_WRONLY), try("mem", O_WRONLY), try("clear_refs", O_WRONLY), try("stat", O_WRONLY), try("environ", O_WRONLY);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/stat", child);
  FILE *f = fopen(path, "r");
  char text[1024] = "";
  fgets(text, sizeof text, f);
  fclose(f);
  int n = 2;
  for (char *p = strtok(strrchr(text, ')') + 1, " "); p; p = strtok(0, " "))
    if (++n == 26 || n == 27 || n == 28 || n == 45 || n == 48) printf("%d:%s ", n, strlen(p) > 2 ? "address" : p);
  puts("");
  fflush(stdout);
}
static void as(int uid, const char *who) {
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    if (uid) MUST(setgid(uid) == 0 && setuid(uid) == 0);
    all(who);
    _exit(0);
  }
  waitpid(p, 0, 0);
}
static void modes(void) {
  struct stat s;
  char path[64];
  printf("-- modes\n");
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    snprintf(path, sizeof path, "/proc/%d/%s", child, files[i]);
    if (lstat(path, &s) == 0) printf("%s %o %d %d %d\n", files[i], s.st_mode, s.st_uid, s.st_gid, s.st_size > 0);
  }
  snprintf(path, sizeof path, "/proc/%d", child);
  if (lstat(path, &s) == 0) printf(". %o %d\n", s.st_mode, s.st_uid);
  snprintf(path, sizeof path, "/proc/%d/exe", child);
  if (lstat(path, &s) == 0) printf("exe %o %d\n", s.st_mode, s.st_uid);
}
static pid_t sleeper(int uid, int private) {
  int ready[2];
  char c;
  MUST(pipe(ready) == 0);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    if (uid) MUST(setgid(uid) == 0 && setuid(uid) == 0);
    prctl(PR_SET_DUMPABLE, !private);
    close(0), open("/dev/null", O_RDONLY);
    write(ready[1], "r", 1);
    for (;;) pause();
  }
  read(ready[0], &c, 1);
  close(ready[0]), close(ready[1]);
  usleep(2000);
  return p;
}
int main(void) {
  if (getuid() != 0) { puts("not root"); return 0; }
  child = sleeper(1000, 0);
  modes();
  as(0, "root"), as(1000, "its user"), as(1001, "another user");
  kill(child, SIGKILL), waitpid(child, 0, 0);
  child = sleeper(1000, 1);
  printf("-- private\n");
  modes();
  as(0, "root"), as(1000, "its user");
  kill(child, SIGKILL), waitpid(child, 0, 0);
  child = sleeper(0, 0);
  as(1000, "another user, of root's");
  kill(child, SIGKILL), waitpid(child, 0, 0);
  return 0;
}
