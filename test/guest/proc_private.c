#include "guest.h"
#include <dirent.h>
#include <sys/prctl.h>
/* A process that is not dumpable: who owns its files of /proc, and what it may do with them itself. */
static const char *names[] = {".", "auxv", "attr", "attr/current", "comm", "cwd", "environ", "exe", "fd", "fd/3", "fdinfo", "fdinfo/3", "io", "loginuid", "maps", "map_files", "mem", "mounts", "net", "net/dev", "ns", "numa_maps", "oom_score_adj", "root", "sched", "stat", "status", "task", "timens_offsets", "timerslack_ns", "uid_map"};
static void owners(const char *prefix, const char *what) {
  printf("-- %s\n", what);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", prefix, names[i]);
    struct stat s;
    if (lstat(path, &s)) printf("%s: lstat %s\n", names[i], error_name(errno));
    else printf("%s: %o %d:%d\n", names[i], s.st_mode, s.st_uid, s.st_gid);
  }
}
static void use(const char *prefix) {
  printf("-- use\n");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[128], text[256];
    snprintf(path, sizeof path, "%s/%s", prefix, names[i]);
    struct stat s;
    printf("%s: access %s", names[i], access(path, R_OK) ? error_name(errno) : "yes");
    if (lstat(path, &s) == 0 && S_ISLNK(s.st_mode)) printf(", readlink %s", readlink(path, text, sizeof text) < 0 ? error_name(errno) : "yes");
    int fd = open(path, O_RDONLY);
    printf(", open %s", fd < 0 ? error_name(errno) : "yes");
    if (fd >= 0 && S_ISREG(s.st_mode) && strcmp(names[i], "mem") && strcmp(names[i], "attr/current")) printf(", read %s", read(fd, text, 1) < 0 ? error_name(errno) : "yes");
    if (fd >= 0 && S_ISDIR(s.st_mode)) {
      DIR *d = fdopendir(fd);
      printf(", list %s", readdir(d) ? "yes" : error_name(errno));
      closedir(d);
    } else close(fd);
    fd = open(path, O_WRONLY);
    printf(", write %s\n", fd < 0 ? error_name(errno) : "yes");
    close(fd);
  }
}
static void thread_too(const char *what) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d", getpid());
  owners(path, what);
}
int main(void) {
  setvbuf(stdout, 0, _IOLBF, 0);
  int null = open("/dev/null", O_RDWR);
  MUST(dup2(null, 3) == 3);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/%s", names[i]);
    MUST(access(path, F_OK) == 0);
  }
  owners("/proc/self", "root");
  MUST(prctl(PR_SET_DUMPABLE, 0) == 0);
  owners("/proc/self", "root, private");
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    MUST(setresgid(1000, 1000, 1000) == 0 && setresuid(1000, 1000, 1000) == 0);
    owners("/proc/self", "user, private");
    thread_too("thread");
    use("/proc/self");
    MUST(prctl(PR_SET_DUMPABLE, 1) == 0);
    owners("/proc/self", "user");
    use("/proc/self");
    _exit(0);
  }
  int status;
  MUST(waitpid(child, &status, 0) == child);
  print_status("child", status);
  return 0;
}
