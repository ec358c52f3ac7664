/* /proc/[pid]/status, stat, statm and their kin: names of fields, and how they agree with what system calls say. */
#include "guest.h"
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
static char text[16384];
static const char *load(const char *path) {
  int fd = open(path, O_RDONLY), n = 0, r;
  if (fd < 0) return 0;
  while ((r = read(fd, text + n, sizeof text - 1 - n)) > 0) n += r;
  text[n] = 0;
  close(fd);
  return text;
}
static const char *value(const char *path, const char *name) {
  static char line[512];
  MUST(load(path));
  size_t length = strlen(name);
  for (char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : 0)
    if (!strncmp(p, name, length) && p[length] == ':') { snprintf(line, sizeof line, "%.*s", (int)strcspn(p + length + 2, "\n"), p + length + 2); return line; }
  return "(none)";
}
static const char *status(const char *name) { return value("/proc/self/status", name); }
static unsigned long field(const char *path, int n) {
  MUST(load(path));
  char *p = strrchr(text, ')') + 2;
  for (int i = 3; i < n; i++) p = strchr(p, ' ') + 1;
  return strtoul(p, 0, 10);
}
#define STAT(n) field("/proc/self/stat", n)
static void names(const char *path) {
  MUST(load(path));
  for (char *p = strtok(text, "\n"); p; p = strtok(0, "\n"))
    if (strncmp(p, "x86_", 4) && strncmp(p, "Mems", 4) && strncmp(p, "Spec", 4) && strncmp(p, "untag", 5) && strncmp(p, "THP", 3)) printf("%.*s ", (int)strcspn(p, ":"), p);
  puts("");
}
static volatile int stop;
static pid_t worker;
static void *work(void *arg) {
  prctl(PR_SET_NAME, "worker thread");
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGUSR2), pthread_sigmask(SIG_BLOCK, &set, 0);
  worker = syscall(SYS_gettid);
  while (!stop) usleep(1000);
  return 0;
}
static void on(int s) {}
int main(int argc, char **argv) {
  names("/proc/self/status");
  names("/proc/self/io");
  umask(027);
  printf("Umask %s\n", status("Umask"));
  printf("%d %d %d\n", atoi(status("Tgid")) == getpid(), atoi(status("Pid")) == getpid(), atoi(status("PPid")) == getppid());
  printf("%s|%s|%s\n", status("Ngid"), status("TracerPid"), status("Kthread"));
  char ids[64];
  snprintf(ids, sizeof ids, "%d\t%d\t%d\t%d", getuid(), geteuid(), getuid(), geteuid());
  printf("Uid %d\n", !strcmp(status("Uid"), ids));
  /* Signals. */
  signal(SIGUSR1, on), signal(SIGHUP, SIG_IGN), signal(40, on);
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGUSR2), sigaddset(&set, 41), sigprocmask(SIG_BLOCK, &set, 0);
  kill(getpid(), SIGUSR2), raise(41);
  printf("SigPnd %s\n", status("SigPnd")), printf("ShdPnd %s\n", status("ShdPnd")), printf("SigBlk %s\n", status("SigBlk"));
  printf("SigIgn %d\n", (int)(strtoull(status("SigIgn"), 0, 16) & 1)), printf("SigCgt %s\n", status("SigCgt"));
  /* They are counted for each user, so by one that nobody else is. */
  fflush(stdout);
  if (fork() == 0) {
    setuid(50000 + getpid() % 10000);
    long queued = atol(status("SigQ"));
    kill(getpid(), SIGUSR2), raise(41);
    printf("queued %ld of %d\n", atol(status("SigQ")) - queued, strchr(status("SigQ"), '/') != 0);
    fflush(stdout), _exit(0);
  }
  wait(0);
  unsigned long ignored = STAT(33);
  printf("stat: pending %lu blocked %lu ignored %lu caught %lu\n", STAT(31), STAT(32), ignored & 1, STAT(34));
  /* Memory. */
  long before = atol(status("VmSize")), peak = atol(status("VmPeak"));
  char *m = mmap(0, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  printf("VmSize +%ld VmPeak +%d\n", atol(status("VmSize")) - before, atol(status("VmPeak")) - peak > 60000);
  long rss = atol(status("RssAnon"));
  memset(m, 1, 1 << 20);
  long grown = atol(status("RssAnon")) - rss;
  printf("RssAnon %d\n", grown >= 1024 && grown < 1100);
  long locked = atol(status("VmLck"));
  MUST(mlock(m, 40960) == 0);
  printf("VmLck +%ld\n", atol(status("VmLck")) - locked);
  munmap(m, 64 << 20);
  printf("VmSize +%ld, VmPeak stays %d, VmHWM %d\n", atol(status("VmSize")) - before, atol(status("VmPeak")) - peak > 60000, atol(status("VmHWM")) >= atol(status("VmRSS")));
  printf("sum %d\n", atol(status("RssAnon")) + atol(status("RssFile")) + atol(status("RssShmem")) <= atol(status("VmHWM")));
  unsigned long here = (unsigned long)&main;
  printf("text %d\n", STAT(26) <= here && here < STAT(27));
  printf("stack %d\n", STAT(28) > (unsigned long)&here && STAT(28) < STAT(48) + 1);
  printf("data %d heap %d\n", STAT(45) < STAT(46), STAT(47) <= (unsigned long)sbrk(0));
  printf("arguments %d %d\n", STAT(48) == (unsigned long)argv[0], STAT(49) - STAT(48) == strlen(argv[0]) + 1);
  printf("environment %d %d\n", STAT(50) >= STAT(49), STAT(51) >= STAT(50));
  printf("vsize %d rss %d limit %lu\n", STAT(23) / 1024 == (unsigned long)atol(status("VmSize")), (long)STAT(24) > 0, STAT(25));
  load("/proc/self/statm");
  long statm[7];
  MUST(sscanf(text, "%ld %ld %ld %ld %ld %ld %ld", statm, statm + 1, statm + 2, statm + 3, statm + 4, statm + 5, statm + 6) == 7);
  printf("statm %d %d %d lib %ld dirty %ld\n", statm[0] * 4 == atol(status("VmSize")), statm[1] >= statm[2], statm[5] > 0, statm[4], statm[6]);
  /* Identity, scheduling. */
  printf("%d %d %d\n", STAT(4) == (unsigned long)getppid(), STAT(5) == (unsigned long)getpgrp(), STAT(6) == (unsigned long)getsid(0));
  printf("threads %lu, itrealvalue %lu, exit signal %lu, policy %lu, kstk %lu %lu\n", STAT(20), STAT(21), STAT(38), STAT(41), STAT(29), STAT(30));
  printf("forked only %lu\n", STAT(9) & 0x40);
  load("/proc/self/stat");
  int count = 1;
  for (char *p = text; *p; p++) count += *p == ' ';
  printf("fields %d\n", count);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) { printf("forked only %lu\n", STAT(9) & 0x40); fflush(stdout); _exit(5); }
  siginfo_t info;
  waitid(P_PID, child, &info, WEXITED | WNOWAIT);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/status", child);
  printf("zombie: %s\n", value(path, "State")), names(path);
  snprintf(path, sizeof path, "/proc/%d/stat", child);
  printf("%lu %lu %lu %lu %lu exit %lu\n", field(path, 23), field(path, 24), field(path, 26), field(path, 28), field(path, 9) & 4, field(path, 52));
  snprintf(path, sizeof path, "/proc/%d/statm", child), printf("%s", load(path));
  snprintf(path, sizeof path, "/proc/%d/cmdline", child), printf("[%s]", load(path));
  snprintf(path, sizeof path, "/proc/%d/maps", child), printf("[%s]\n", load(path) ? text : "refused");
  snprintf(path, sizeof path, "/proc/%d/exe", child), SHOW(readlink(path, text, 10));
  snprintf(path, sizeof path, "/proc/%d/cwd", child), SHOW(readlink(path, text, 10));
  snprintf(path, sizeof path, "/proc/%d/fd", child), SHOW(open(path, O_RDONLY | O_DIRECTORY) >= 0);
  snprintf(path, sizeof path, "/proc/%d/status", child);
  int fd = open(path, O_RDONLY);
  snprintf(path, sizeof path, "/proc/%d", child);
  int folder = open(path, O_RDONLY | O_DIRECTORY);
  waitpid(child, 0, 0);
  SHOW(read(fd, text, 10));
  SHOW(openat(folder, "stat", O_RDONLY));
  SHOW(syscall(SYS_getdents64, folder, text, sizeof text));
  SHOW(access(path, F_OK));
  /* Threads. */
  pthread_t t;
  pthread_create(&t, 0, work, 0);
  while (!*(volatile pid_t *)&worker) usleep(1000);
  snprintf(path, sizeof path, "/proc/self/task/%d/status", worker);
  printf("%s %s\n", value(path, "Name"), value(path, "SigBlk")), printf("%s\n", value(path, "Threads"));
  printf("%d %d\n", atoi(value(path, "Pid")) == worker, atoi(value(path, "Tgid")) == getpid());
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", worker);
  printf("exit signal %ld\n", (long)field(path, 38));
  snprintf(path, sizeof path, "/proc/%d/comm", worker), printf("%s", load(path));
  snprintf(path, sizeof path, "/proc/self/task/%d/comm", worker);
  fd = open(path, O_RDWR);
  SHOW(write(fd, "a name that is too long", 23)), printf("%s", load(path));
  SHOW(write(fd, "short\n", 6)), printf("%s", load(path));
  int own = open("/proc/thread-self/comm", O_RDONLY);
  SHOW(read(own, text, 3)), SHOW(read(own, text, 3)), SHOW(lseek(own, 1, SEEK_SET)), SHOW(read(own, text, 2)), SHOW(pread(own, text, 64, 100)), SHOW(lseek(own, 0, SEEK_END));
  snprintf(path, sizeof path, "/proc/self/task/%d", worker);
  SHOW(access(path, F_OK));
  stop = 1, pthread_join(t, 0);
  for (int i = 0; i < 500 && access(path, F_OK) == 0; i++) usleep(1000);
  SHOW(access(path, F_OK));
  SHOW(write(fd, "late", 4));
  printf("Seccomp %s filters %s NoNewPrivs %s\n", "0", status("Seccomp_filters"), status("NoNewPrivs"));
  long switches = atol(status("voluntary_ctxt_switches"));
  for (int i = 0; i < 5; i++) usleep(1000);
  printf("switches %d\n", atol(status("voluntary_ctxt_switches")) - switches >= 4);
  printf("Threads %s CoreDumping %s\n", status("Threads"), status("CoreDumping"));
  child = fork();
  if (child == 0) for (;;) pause();
  usleep(5000);
  snprintf(path, sizeof path, "/proc/%d/status", child);
  for (int i = 0; i < 200 && value(path, "State")[0] != 'S'; i++) usleep(1000);
  printf("%s, ", value(path, "State"));
  kill(child, SIGSTOP), waitpid(child, 0, WUNTRACED);
  printf("%s\n", value(path, "State"));
  snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
  if (load(path)) printf("children %d\n", atoi(text) == child);
  kill(child, SIGKILL), waitpid(child, 0, 0);
  return 0;
}
