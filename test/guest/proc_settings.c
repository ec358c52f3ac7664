/* What can be written below /proc/[pid] and /proc/sys: values, limits, inheritance, errors. */
#include "guest.h"
#include <sched.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
static char text[4096];
static const char *load(const char *path) {
  int fd = open(path, O_RDONLY), n = 0, r;
  if (fd < 0) return error_name(errno);
  while ((r = read(fd, text + n, sizeof text - 1 - n)) > 0) n += r;
  if (r < 0) n = 0, strcpy(text, error_name(errno));
  else text[n] = 0;
  close(fd);
  if (n && text[n - 1] == '\n') text[n - 1] = 0;
  return text;
}
static void put(const char *path, const char *value) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) { printf("%s: open %s\n", path, error_name(errno)); return; }
  long n = write(fd, value, strlen(value));
  printf("%s <- '%s': ", path, value);
  if (n < 0) printf("%s", error_name(errno));
  else printf("%ld", n);
  close(fd);
  printf(", %s\n", load(path));
}
#define SELF "/proc/self/"
/* Without CAP_SYS_RESOURCE, which root of a container lacks anyhow. */
static void drop(void) {
  struct { unsigned version; int pid; } header = {0x20080522, 0};
  struct { unsigned effective, permitted, inheritable; } data[2];
  MUST(syscall(SYS_capget, &header, data) == 0);
  data[0].effective &= ~(1u << 24), data[0].permitted &= ~(1u << 24);
  MUST(syscall(SYS_capset, &header, data) == 0);
}
int main(void) {
  MUST(administrator());
  drop();
  put(SELF "oom_score_adj", "300"), put(SELF "oom_score_adj", "-1000\n"), put(SELF "oom_score_adj", "1001"), put(SELF "oom_score_adj", "x");
  put(SELF "oom_score_adj", ""), put(SELF "oom_score_adj", "12 13"), put(SELF "oom_score_adj", "0x10"), put(SELF "oom_score_adj", "010");
  printf("oom_adj %s\n", load(SELF "oom_adj"));
  put(SELF "oom_adj", "15"), printf("%s\n", load(SELF "oom_score_adj"));
  put(SELF "oom_adj", "-17"), printf("%s\n", load(SELF "oom_score_adj"));
  put(SELF "oom_adj", "5"), printf("%s\n", load(SELF "oom_score_adj"));
  put(SELF "oom_adj", "16"), put(SELF "oom_adj", "-18");
  put(SELF "oom_score_adj", "100");
  put(SELF "coredump_filter", "0x7f"), put(SELF "coredump_filter", "51"), put(SELF "coredump_filter", "z");
  put(SELF "timerslack_ns", "1000"), printf("%d\n", prctl(PR_GET_TIMERSLACK));
  put(SELF "timerslack_ns", "0"), put(SELF "timerslack_ns", "-1"), put(SELF "comm", "renamed");
  int fd = open(SELF "stat", O_RDWR);
  SHOW(write(fd, "x", 1)), fd = open("/proc/uptime", O_RDWR), SHOW(write(fd, "x", 1)), SHOW(ftruncate(fd, 0)), close(fd);
  put("/proc/sys/kernel/ostype", "x"), put("/proc/sys/kernel/random/uuid", "x");
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    printf("child: %s ", load(SELF "oom_score_adj")), printf("%s ", load(SELF "coredump_filter")), printf("%s\n", load(SELF "personality"));
    /* Without privileges it can only make itself more likely to be killed. */
    MUST(setgid(1000) == 0 && setuid(1000) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0);
    put(SELF "oom_score_adj", "500"), put(SELF "oom_score_adj", "100"), put(SELF "oom_score_adj", "99"), put(SELF "oom_adj", "0");
    put("/proc/sys/kernel/hostname", "no"), put("/proc/sys/kernel/domainname", "no");
    put(SELF "timerslack_ns", "77");
    fflush(stdout);
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/comm", getppid());
    SHOW(open(name, O_WRONLY));
    _exit(0);
  }
  waitpid(p, 0, 0);
  p = fork();
  if (p == 0) for (;;) pause();
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/comm", p);
  fd = open(path, O_WRONLY);
  SHOW(write(fd, "x", 1));
  snprintf(path, sizeof path, "/proc/%d/oom_score_adj", p);
  fd = open(path, O_RDWR);
  SHOW(write(fd, "140", 3)), SHOW(pread(fd, text, 8, 0)), printf("%.3s\n", text);
  kill(p, SIGKILL), waitpid(p, 0, 0);
  SHOW(write(fd, "150", 3)), SHOW(pread(fd, text, 8, 0));
  /* Names of the machine, in a namespace of our own. */
  if (unshare(CLONE_NEWUTS) == 0) {
    struct utsname u;
    put("/proc/sys/kernel/hostname", "somewhere\n"), uname(&u), puts(u.nodename);
    put("/proc/sys/kernel/domainname", "example.org"), uname(&u), puts(u.domainname);
    put("/proc/sys/kernel/hostname", "a b"), put("/proc/sys/kernel/hostname", "first\nsecond");
    char longest[100] = "";
    memset(longest, 'n', 80), put("/proc/sys/kernel/hostname", longest);
    sethostname("set", 3), printf("%s\n", load("/proc/sys/kernel/hostname"));
  }
  char one[64], two[64];
  strcpy(one, load("/proc/sys/kernel/random/uuid")), strcpy(two, load("/proc/sys/kernel/random/uuid"));
  printf("uuid %d %d %c\n", (int)strlen(one), strcmp(one, two) != 0, one[14]);
  strcpy(one, load("/proc/sys/kernel/random/boot_id")), strcpy(two, load("/proc/sys/kernel/random/boot_id"));
  printf("boot_id %d %d\n", (int)strlen(one), strcmp(one, two) == 0);
  struct stat s;
  const char *known[] = {"kernel/hostname", "kernel/osrelease", "kernel/pid_max", "kernel/random/uuid", "fs/file-nr", "fs/file-max", "vm/overcommit_memory", "vm/drop_caches", "kernel/cap_last_cap", "fs/nr_open", "kernel/seccomp/actions_avail", "vm/max_map_count", "net/core/somaxconn", "kernel", "fs/inotify"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    snprintf(path, sizeof path, "/proc/sys/%s", known[i]);
    if (stat(path, &s)) puts(error_name(errno));
    else printf("%s %o %ld\n", known[i], s.st_mode, (long)s.st_size);
  }
  SHOW(open("/proc/sys/vm/drop_caches", O_RDONLY) >= 0);
  SHOW(open("/proc/sys/nothing", O_RDONLY));
  SHOW(open("/proc/sys/made", O_RDWR | O_CREAT, 0600) >= 0);
  SHOW(mkdir("/proc/made", 0700));
  SHOW(unlink("/proc/uptime"));
  SHOW(chmod("/proc/self/stat", 0));
  SHOW(chmod("/proc/self/fdinfo", 0));
  SHOW(chmod("/proc/sys/kernel/pid_max", 0));
  SHOW(rmdir("/proc/sys"));
  SHOW(symlink("a", "/proc/self/made"));
  return 0;
}
