#include "guest.h"
#include <dirent.h>
/* Files of /proc/[pid] about logins, memory placement and scheduling; what a thread's directory has of them. */
static char text[65536];
static long slurp(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) return -1;
  long n = 0, more;
  while ((more = read(fd, text + n, sizeof text - 1 - n)) > 0) n += more;
  int e = errno;
  close(fd);
  text[n] = 0;
  errno = e;
  return more < 0 ? -1 : n;
}
static long put(const char *path, const char *what) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) return -1;
  long n = write(fd, what, strlen(what));
  int e = errno;
  close(fd);
  errno = e;
  return n;
}
#define PUT(path, what) show(path " " #what, put(path, what))
static void numa(const char *what, void *at) {
  char start[32];
  snprintf(start, sizeof start, "%08lx ", (unsigned long)at);
  MUST(slurp("/proc/self/numa_maps") > 0);
  char *line = strstr(text, start);
  if (!line) { printf("%s: none\n", what); return; }
  line += strlen(start);
  line[strcspn(line, "\n")] = 0;
  /* What the processor accessed, and where it is, are the machine's. */
  printf("%s:", what);
  for (char *word = strtok(line, " "); word; word = strtok(0, " "))
    if (strncmp(word, "active=", 7) && word[0] != 'N') printf(" %s", word);
  puts("");
}
static long field(const char *name) {
  char *line = strstr(text, name);
  return line ? atol(strchr(line, ':') + 1) : -1;
}
int main(void) {
  setvbuf(stdout, 0, _IOLBF, 0);
  /* A kernel that audits, CAP_AUDIT_CONTROL, and memory in nodes. */
  unsigned head[2] = {0x20080522, 0}, sets[6];
  MUST(access("/proc/self/loginuid", W_OK) == 0 && access("/proc/self/numa_maps", R_OK) == 0);
  MUST(syscall(SYS_capget, head, sets) == 0 && sets[0] >> 30 & 1);
  PUT("/proc/self/loginuid", "abc");
  PUT("/proc/self/loginuid", "-2");
  PUT("/proc/self/loginuid", "4294967296");
  PUT("/proc/self/loginuid", "1234");
  SHOW(slurp("/proc/self/loginuid"));
  puts(text);
  slurp("/proc/self/sessionid");
  long session = atol(text);
  PUT("/proc/self/loginuid", "0042\n");
  slurp("/proc/thread-self/loginuid");
  puts(text);
  slurp("/proc/self/sessionid");
  printf("another session: %d\n", atol(text) > session);
  PUT("/proc/self/sessionid", "1");
  pid_t child = fork();
  if (child == 0) {
    slurp("/proc/self/loginuid");
    printf("child: %s\n", text);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/loginuid", getppid());
    show("parent's", put(path, "7"));
    MUST(setresuid(1000, 1000, 1000) == 0);
    _exit(0);
  }
  wait(0);
  PUT("/proc/self/attr/nothing", "x");

  char *a = mmap(0, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *gap = mmap(a + 4096, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  char *b = a + 2 * 4096;
  numa("untouched", b);
  b[0] = b[4096] = b[3 * 4096] = 1;
  numa("three pages", b);
  SHOW(syscall(SYS_mbind, b, 6 * 4096, 2 /* MPOL_BIND */, &(unsigned long){1}, 64, 0));
  numa("bound", b);
  SHOW(syscall(SYS_mbind, b, 6 * 4096, 3 | 1 << 15 /* MPOL_INTERLEAVE */, &(unsigned long){1}, 64, 0));
  numa("interleaved", b);
  SHOW(syscall(SYS_mbind, b, 6 * 4096, 4 /* MPOL_LOCAL */, 0, 0, 0));
  numa("local", b);
  SHOW(syscall(SYS_mbind, b, 6 * 4096, 0, 0, 0, 0));
  SHOW(syscall(SYS_set_mempolicy, 1 /* MPOL_PREFERRED */, &(unsigned long){1}, 64));
  numa("of the thread", b);
  numa("gap", gap);
  SHOW(syscall(SYS_set_mempolicy, 0, 0, 0));
  char name[] = "/tmp/with space.XXXXXX";
  int fd = mkstemp(name);
  MUST(ftruncate(fd, 3 * 4096) == 0);
  char *m = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  m[0] = 1;
  slurp("/proc/self/numa_maps");
  printf("name: %d\n", strstr(text, "file=/tmp/with\\040space.") != 0);
  printf("heap %d stack %d\n", strstr(text, " heap ") != 0 || strstr(text, " heap\n") != 0, strstr(text, " stack ") != 0);
  unlink(name);

  SHOW(slurp("/proc/self/sched") > 0);
  char *end;
  printf("%d %d\n", strncmp(text, "proc_process", 12) == 0, strstr(text, ", #threads: 1)\n---") != 0);
  printf("policy %ld, priority %ld\n", field("\npolicy "), field("\nprio ") - getpriority(PRIO_PROCESS, 0));
  printf("switches add up: %d\n", field("nr_switches") == field("nr_voluntary_switches") + field("nr_involuntary_switches"));
  struct { int sched_priority; } none = {0};
  SHOW(syscall(SYS_sched_setscheduler, 0, 3 /* SCHED_BATCH */, &none));
  SHOW(setpriority(PRIO_PROCESS, 0, 5));
  slurp("/proc/self/sched");
  printf("policy %ld, priority %ld\n", field("\npolicy "), field("\nprio "));
  return 0;
}
