/* The files directly in /proc: formats, and values that agree with system calls and with each other; listing while processes come and go. */
#include "guest.h"
#include <dirent.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
static char text[65536];
static const char *load(const char *path) {
  int fd = open(path, O_RDONLY), n = 0, r;
  if (fd < 0) return 0;
  while ((r = read(fd, text + n, sizeof text - 1 - n)) > 0) n += r;
  text[n] = 0;
  close(fd);
  return text;
}
static double of(const char *path, const char *name) {
  MUST(load(path));
  size_t length = strlen(name);
  for (char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : 0)
    if (!strncmp(p, name, length) && strchr(": \t", p[length])) return atof(p + length + 1);
  return -1;
}
static void has(const char *path, const char *names) {
  char copy[1024];
  strcpy(copy, names);
  printf("%s:", path);
  for (char *name = strtok(copy, " "); name; name = strtok(0, " ")) {
    char keep[1024];
    strcpy(keep, name);
    printf(" %s %d", keep, of(path, keep) >= 0);
  }
  puts("");
}
#define MEM(name) of("/proc/meminfo", name)
/* Whether memory that is written to adds to a number, once in 100 times: others may give theirs back just then. */
static int grows(const char *name) {
  int grown = 0;
  for (int i = 0; i < 100 && !grown; i++) {
    double before = MEM(name);
    char *m = mmap(0, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(m, 1, 8 << 20);
    grown = MEM(name) >= before + 4096;
    munmap(m, 8 << 20);
  }
  return grown;
}
int main(void) {
  struct utsname u;
  uname(&u);
  char want[512];
  snprintf(want, sizeof want, "Linux version %s ", u.release);
  printf("version %d\n", !strncmp(load("/proc/version"), want, strlen(want)) && strstr(text, u.version) != 0);
  load("/proc/sys/kernel/osrelease"), text[strcspn(text, "\n")] = 0, printf("osrelease %d\n", !strcmp(text, u.release));
  load("/proc/sys/kernel/hostname"), text[strcspn(text, "\n")] = 0, printf("hostname %d\n", !strcmp(text, u.nodename));
  has("/proc/meminfo", "MemTotal MemFree MemAvailable Buffers Cached SwapCached Active Inactive SwapTotal SwapFree Dirty Writeback AnonPages Mapped Shmem Slab SReclaimable PageTables CommitLimit Committed_AS HugePages_Total Hugepagesize nothing");
  printf("free %d available %d\n", MEM("MemFree") <= MEM("MemTotal"), MEM("MemAvailable") <= MEM("MemTotal"));
  struct sysinfo info;
  sysinfo(&info);
  printf("sysinfo agrees %d\n", (long)MEM("MemTotal") == (long)(info.totalram * info.mem_unit / 1024));
  printf("grown %d %d\n", grows("AnonPages"), grows("Committed_AS"));
  double up, idle, later;
  MUST(sscanf(load("/proc/uptime"), "%lf %lf", &up, &idle) == 2);
  struct timespec t;
  clock_gettime(CLOCK_BOOTTIME, &t);
  printf("uptime %d\n", t.tv_sec + 1 >= up && t.tv_sec - up < 5);
  usleep(30000);
  sscanf(load("/proc/uptime"), "%lf", &later), printf("goes on %d\n", later - up >= 0.02);
  long start = (long)of("/proc/stat", "btime");
  printf("btime %d\n", labs(time(0) - (long)up - start) <= 3);
  has("/proc/stat", "cpu cpu0 intr ctxt btime processes procs_running procs_blocked softirq");
  MUST(load("/proc/stat"));
  int fields = 0;
  for (char *p = strtok(strncpy(want, text, 300), "\n"), *q = strtok(p, " "); q; q = strtok(0, " ")) fields++;
  printf("cpu has %d fields\n", fields);
  double forks = of("/proc/stat", "processes");
  for (int i = 0; i < 3; i++) if (fork() == 0) _exit(0); else wait(0);
  printf("forks %d\n", of("/proc/stat", "processes") - forks >= 3);
  double a, b, c;
  int running, total, last;
  MUST(sscanf(load("/proc/loadavg"), "%lf %lf %lf %d/%d %d", &a, &b, &c, &running, &total, &last) == 6);
  printf("loadavg %d %d %d\n", a >= 0 && b >= 0 && c >= 0, running >= 1 && running <= total, last > 0);
  has("/proc/vmstat", "nr_free_pages nr_anon_pages nr_mapped nr_file_pages nr_dirty nr_shmem pgpgin pgpgout pswpin pswpout pgfault pgmajfault");
  double faults = of("/proc/vmstat", "pgfault");
  char *m = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 256; i++) m[i * 4096] = 1;
  printf("faults %d\n", of("/proc/vmstat", "pgfault") - faults >= 1);
  load("/proc/filesystems");
  printf("filesystems %d %d %d %d\n", strstr(text, "nodev\ttmpfs\n") != 0, strstr(text, "nodev\tproc\n") != 0, strstr(text, "nodev\tsysfs\n") != 0, strstr(text, "nonesuch") != 0);
  load("/proc/devices");
  printf("devices %d %d %d %d\n", !strncmp(text, "Character devices:\n", 19), strstr(text, "  1 mem\n") != 0, strstr(text, "136 pts\n") != 0, strstr(text, "\nBlock devices:\n") != 0);
  printf("swaps %d\n", !strncmp(load("/proc/swaps"), "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n", 38));
  load("/proc/tty/drivers");
  printf("drivers %d\n", strstr(text, "pty_slave            /dev/pts      136 0-1048575 pty:slave\n") != 0);
  double files = 0;
  sscanf(load("/proc/sys/fs/file-nr"), "%lf", &files);
  printf("file-nr %d\n", files >= 1);
  ssize_t n = readlink("/proc/mounts", text, 100);
  printf("%.*s ", (int)n, text), n = readlink("/proc/net", text, 100), printf("%.*s\n", (int)n, text);
  n = readlink("/proc/self", text, 100), text[n] = 0;
  printf("self %d\n", atoi(text) == getpid());
  n = readlink("/proc/thread-self", text, 100), text[n] = 0;
  snprintf(want, sizeof want, "%d/task/%d", getpid(), getpid());
  printf("thread-self %d\n", !strcmp(text, want));
  struct stat s;
  SHOW(lstat("/proc/self", &s)), printf("%o\n", s.st_mode);
  SHOW(stat("/proc/meminfo", &s)), printf("%o %ld\n", s.st_mode, (long)s.st_size);
  SHOW(stat("/proc/sys", &s)), printf("%o\n", s.st_mode);
  SHOW(open("/proc/kcore_", O_RDONLY));
  SHOW(access("/proc/0", F_OK));
  SHOW(access("/proc/01", F_OK));
  SHOW(access("/proc/-1", F_OK));
  /* Every process that lives throughout is found once, whoever comes and goes. */
  pid_t kids[20];
  for (int i = 0; i < 20; i++) if ((kids[i] = fork()) == 0) for (;;) pause();
  pid_t churn = fork();
  if (churn == 0) for (;;) { pid_t p = fork(); if (p == 0) _exit(0); waitpid(p, 0, 0); }
  int wrong = 0;
  for (int round = 0; round < 10; round++) {
    int seen[20] = {0};
    DIR *d = opendir("/proc");
    for (struct dirent *e; (e = readdir(d));) for (int i = 0; i < 20; i++) seen[i] += atoi(e->d_name) == kids[i];
    closedir(d);
    for (int i = 0; i < 20; i++) wrong += seen[i] != 1;
  }
  printf("wrong %d\n", wrong);
  kill(churn, SIGKILL);
  for (int i = 0; i < 20; i++) kill(kids[i], SIGKILL);
  while (wait(0) > 0) {}
  return 0;
}
