/* /proc of a pid namespace, threads and locks in one, set_tid of clone3, and pidfds and siginfo across the border. */
#include "guest.h"
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
static pid_t clone_(unsigned long flags) { fflush(stdout); return syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0); }
static int compare(const void *a, const void *b) { return *(int *)a - *(int *)b; }
static void processes(const char *what) {
  int pids[64], n = 0;
  DIR *d = opendir("/proc");
  MUST(d);
  for (struct dirent *e; (e = readdir(d));) if (atoi(e->d_name) > 0 && n < 64) pids[n++] = atoi(e->d_name);
  closedir(d);
  qsort(pids, n, sizeof *pids, compare);
  printf("%s:", what);
  for (int i = 0; i < n; i++) printf(" %d", pids[i]);
  char self[32];
  int length = readlink("/proc/self", self, sizeof self);
  printf(", self %.*s\n", length, self);
  fflush(stdout);
}
static void status(int pid) {
  char path[64], line[256];
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE *f = fopen(path, "r");
  if (!f) { printf("%s: %s\n", path, error_name(errno)); return; }
  while (fgets(line, sizeof line, f))
    if (!strncmp(line, "Tgid", 4) || !strncmp(line, "Pid", 3) || !strncmp(line, "PPid", 4) || !strncmp(line, "NS", 2)) fputs(line, stdout);
  fclose(f);
}
static void *thread(void *mutex) {
  char path[64];
  int tid = syscall(SYS_gettid);
  snprintf(path, sizeof path, "/proc/self/task/%d/status", tid);
  printf("thread %d, /proc %d\n", tid, access(path, F_OK));
  SHOW(syscall(SYS_tgkill, 1, tid, 0));
  SHOW(syscall(SYS_tkill, tid + 1, 0));
  pthread_mutex_lock(mutex);
  pthread_mutex_unlock(mutex);
  return 0;
}
struct arguments { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup; };
static long clone3_(const pid_t *tids, uint64_t count) {
  struct arguments a = {.exit_signal = SIGCHLD, .set_tid = (uint64_t)(uintptr_t)tids, .set_tid_size = count};
  fflush(stdout);
  long pid = syscall(SYS_clone3, &a, sizeof a);
  if (pid == 0) _exit(getpid() & 0x7f);
  return pid;
}
static volatile sig_atomic_t from = -1;
static void handler(int sig, siginfo_t *info, void *context) { from = info->si_pid; }

static void init(int *ends) {
  MUST(unshare(CLONE_NEWNS) == 0 && mount("proc", "/proc", "proc", 0, 0) == 0);
  processes("init");
  pid_t child = fork();
  if (child == 0) for (;;) pause();
  processes("with a child");
  status(child);
  status(1);
  status(getppid());
  int dir = open("/proc/1", O_RDONLY | O_DIRECTORY);
  SHOW(faccessat(dir, "stat", F_OK, 0));
  kill(child, SIGKILL), waitpid(child, 0, 0);
  processes("alone");
  SHOW(access("/proc/2", F_OK));

  pthread_mutex_t pi;
  pthread_mutexattr_t kind;
  pthread_mutexattr_init(&kind);
  pthread_mutexattr_setprotocol(&kind, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init(&pi, &kind);
  pthread_mutex_lock(&pi);
  pthread_t t;
  MUST(pthread_create(&t, 0, thread, &pi) == 0);
  usleep(10000);
  pthread_mutex_unlock(&pi);
  pthread_join(t, 0);

  int state;
  pid_t chosen[3] = {77, 5, 6};
  SHOW(clone3_(chosen, 1));
  SHOW(clone3_(chosen, 1));
  MUST(waitpid(77, &state, 0) == 77);
  print_status("chosen", state);
  chosen[0] = 0;
  SHOW(clone3_(chosen, 1));
  chosen[0] = 1;
  SHOW(clone3_(chosen, 1));
  SHOW(clone3_(0, 1));
  SHOW(clone3_(chosen, 0));
  SHOW(clone3_(chosen, 40));

  set_info_handler(SIGUSR1, handler, SA_RESTART);
  sigset_t set, old;
  sigemptyset(&set), sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, &old);
  fflush(stdout);
  MUST(write(ends[1], "x", 1) == 1);
  while (from < 0) sigsuspend(&old);
  printf("from outside: %d\n", from);
  fflush(stdout);
  exit(9);
}
static void around(void) {
  int ends[2];
  char c;
  MUST(pipe(ends) == 0);
  /* Not by a bare clone, after which the library has an outdated tid. */
  MUST(unshare(CLONE_NEWPID) == 0);
  pid_t child = fork();
  if (child == 0) init(ends);
  MUST(read(ends[0], &c, 1) == 1);
  char path[64], line[256];
  snprintf(path, sizeof path, "/proc/%d/status", child);
  FILE *f = fopen(path, "r");
  MUST(f);
  while (fgets(line, sizeof line, f)) {
    int outer, inner;
    if (sscanf(line, "NSpid:\t%d\t%d", &outer, &inner) == 2) printf("outside %d, inside %d\n", outer == child, inner);
  }
  fclose(f);
  int fd = syscall(SYS_pidfd_open, child, 0);
  SHOW(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, 0, 0));
  siginfo_t info = {0};
  SHOW(waitid(P_PID, child, &info, WEXITED));
  printf("reported %d, status %d\n", info.si_pid == child, info.si_status);
}
/* A /proc of a namespace that the reader is not in. */
static void foreign(void) {
  int ends[2];
  char c, path[64];
  enter_folder();
  MUST(pipe(ends) == 0);
  mkdir("proc", 0755);
  pid_t child = clone_(CLONE_NEWPID);
  if (child == 0) {
    MUST(mount("proc", "proc", "proc", 0, 0) == 0);
    MUST(write(ends[1], "x", 1) == 1);
    for (;;) pause();
  }
  MUST(read(ends[0], &c, 1) == 1);
  SHOW(access("proc/1/status", F_OK));
  SHOW(readlink("proc/self", path, sizeof path));
  SHOW(access("proc/self/status", F_OK));
  kill(child, SIGKILL), waitpid(child, 0, 0);
  SHOW(access("proc/1/status", F_OK));
  SHOW(umount2("proc", 0));
  rmdir("proc");
  leave_folder();
}
int main(void) {
  MUST(administrator());
  MUST(unshare(CLONE_NEWNS) == 0 && mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) == 0);
  pid_t child = fork();
  if (child == 0) { around(); exit(0); }
  waitpid(child, 0, 0);
  foreign();
  return 0;
}
