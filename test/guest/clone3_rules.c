/* What clone3 and clone refuse, which flags go together, set_tid, CLONE_PARENT, CLONE_CLEAR_SIGHAND, CLONE_SETTLS. */
#include "guest.h"
#include <sched.h>
#include <sys/syscall.h>
struct arguments { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup, more; };
enum { VM = 0x100, FS = 0x200, FILES = 0x400, SIGHAND = 0x800, PIDFD = 0x1000, PTRACE = 0x2000, VFORK = 0x4000, PARENT = 0x8000,
       THREAD = 0x10000, SYSVSEM = 0x40000, SETTLS = 0x80000, PARENT_SETTID = 0x100000, CHILD_CLEARTID = 0x200000, DETACHED = 0x400000,
       UNTRACED = 0x800000, CHILD_SETTID = 0x1000000, IO = (int)0x80000000 };
static struct arguments a;
static char stack[65536] __attribute__((aligned(16)));
/* Children only exit: the result is their status, or the error. */
static void try_(const char *what, size_t size) {
  fflush(stdout);
  long pid = syscall(435, &a, size);
  if (pid == 0) _exit(7);
  int status;
  if (pid < 0) printf("%s: %s\n", what, error_name(errno));
  else if (waitpid(pid, &status, __WALL) == pid) print_status(what, status);
  else printf("%s: %s\n", what, error_name(errno));
}
static void with(uint64_t flags, uint64_t signal) { a = (struct arguments){.flags = flags, .exit_signal = signal}; }
static volatile int got;
static void on(int sig) { got = sig; }

static void refusals(void) {
  with(0, SIGCHLD), try_("plain", sizeof a - 8);
  with(0, 0), try_("no signal", 64);
  with(0, SIGCHLD), try_("first version", 64);
  with(0, SIGCHLD), try_("too small", 63);
  with(0, SIGCHLD), try_("zeroes beyond", sizeof a);
  a.more = 1, try_("more beyond", sizeof a);
  with(0, SIGCHLD), try_("too large", 5000);
  with(0, SIGCHLD), a.set_tid = ~0ull, try_("ends inside set_tid", 65);
  with(0, SIGCHLD), a.set_tid_size = 1ull << 56, try_("ends before the part that is not 0", 79);
  with(SIGCHLD, 0), try_("signal among the flags", 88);
  with(0, 65), try_("no such signal", 88);
  with(0, 1ull << 40 | SIGCHLD), try_("signal beyond 32 bits", 88);
  with(DETACHED, SIGCHLD), try_("DETACHED", 88);
  with(1ull << 40, SIGCHLD), try_("unknown flag", 88);
  with(SIGHAND, SIGCHLD), try_("SIGHAND without VM", 88);
  with(THREAD | VM, 0), try_("THREAD without SIGHAND", 88);
  with(THREAD | VM | SIGHAND, SIGCHLD), try_("THREAD with signal", 88);
  with(PARENT, SIGCHLD), try_("PARENT with signal", 88);
  with(SIGHAND | VM | 0x100000000ull, SIGCHLD), try_("SIGHAND and CLEAR_SIGHAND", 88);
  with(0x20000 | FS, SIGCHLD), try_("NEWNS and FS", 88);
  with(0x8000000 | SYSVSEM, SIGCHLD), try_("NEWIPC and SYSVSEM", 88);
  with(PIDFD, SIGCHLD), a.pidfd = 8, try_("bad pidfd address", 88);
  with(PIDFD | PARENT_SETTID, SIGCHLD), a.pidfd = a.parent_tid = (uintptr_t)&got, try_("one address for two", 88);
  with(0, SIGCHLD), a.stack = (uintptr_t)stack, try_("stack without size", 88);
  with(0, SIGCHLD), a.stack_size = sizeof stack, try_("size without stack", 88);
  with(0, SIGCHLD), a.stack = 1ull << 63, a.stack_size = 4096, try_("stack beyond user space", 88);
  with(0, SIGCHLD), a.set_tid_size = 1, try_("set_tid_size without set_tid", 88);
  with(0, SIGCHLD), a.set_tid = (uintptr_t)&got, try_("set_tid without size", 88);
  with(0, SIGCHLD), a.set_tid = (uintptr_t)&got, a.set_tid_size = 33, try_("too many set_tid", 88);
  with(0x200000000ull, SIGCHLD), a.cgroup = 1ull << 40, try_("cgroup beyond int", 88);
  with(0, SIGCHLD), a.cgroup = 9, try_("cgroup without flag", 88);
  SHOW(syscall(435, 8, 88));
  SHOW(syscall(435, &a, 1ul << 40));
  with(FS | FILES | SYSVSEM | UNTRACED | IO & 0xffffffffu, SIGCHLD), try_("FS, FILES, SYSVSEM, UNTRACED, IO", 88);
  with(PTRACE, SIGCHLD), try_("PTRACE without a tracer", 88);
  with(PARENT_SETTID, SIGCHLD), a.parent_tid = 8, try_("bad parent_tid is ignored", 88);
  with(CHILD_SETTID, SIGCHLD), a.child_tid = 8, try_("bad child_tid is ignored", 88);
}

static void set_tid(void) {
  /* A pid that was just used is free. */
  pid_t free_ = fork();
  if (free_ == 0) _exit(0);
  waitpid(free_, 0, 0);
  pid_t wanted = free_, ids[2] = {wanted, wanted};
  with(0, SIGCHLD), a.set_tid = (uintptr_t)ids, a.set_tid_size = 1;
  long pid = syscall(435, &a, 88);
  if (pid == 0) _exit(getpid() == wanted ? 8 : 9);
  int status;
  if (pid < 0) perror("set_tid");
  printf("wanted %d\n", pid == wanted);
  waitpid(pid, &status, 0);
  print_status("child", status);
  /* In a new pid namespace it has a number more. */
  a.flags = 0x20000000 /* CLONE_NEWPID */, a.set_tid_size = 2, ids[0] = 1;
  pid = syscall(435, &a, 88);
  if (pid == 0) _exit(getpid() == 1 ? 8 : 9);
  if (pid < 0) perror("set_tid of two");
  printf("wanted %d\n", pid == wanted);
  waitpid(pid, &status, 0);
  print_status("init", status);
  a.flags = 0, a.set_tid_size = 1;
  ids[0] = getpid();
  try_("set_tid in use", 88);
  ids[0] = 0, try_("set_tid 0", 88);
  ids[0] = -5, try_("set_tid negative", 88);
  ids[0] = 1 << 30, try_("set_tid beyond the largest", 88);
  a.set_tid = 8, try_("bad set_tid", 88);
}

static void sibling(void) {
  int p[2];
  MUST(pipe(p) == 0);
  fflush(stdout);
  pid_t middle = fork();
  if (middle == 0) {
    pid_t me = getppid();
    with(PARENT, 0);
    long pid = syscall(435, &a, 88);
    if (pid == 0) _exit(getppid() == me ? 11 : 12);
    write(p[1], &pid, sizeof pid);
    /* It is not a child of this one. */
    _exit(waitpid(pid, 0, __WALL) < 0 && errno == ECHILD ? 13 : 14);
  }
  long pid;
  int status;
  read(p[0], &pid, sizeof pid);
  SHOW(waitpid(pid, &status, 0) == pid);
  print_status("sibling", status);
  waitpid(middle, &status, 0);
  print_status("middle", status);
}

static int ignores(void *arg) {
  signal(SIGUSR1, SIG_IGN);
  _exit(0);
}
static void handlers(void) {
  set_handler(SIGUSR1, on, 0);
  signal(SIGUSR2, SIG_IGN);
  with(0x100000000ull, SIGCHLD);
  fflush(stdout);
  long pid = syscall(435, &a, 88);
  if (pid == 0) {
    struct sigaction one, two;
    sigaction(SIGUSR1, 0, &one), sigaction(SIGUSR2, 0, &two);
    _exit((one.sa_handler == SIG_DFL) + 2 * (two.sa_handler == SIG_IGN));
  }
  int status;
  waitpid(pid, &status, 0);
  print_status("CLEAR_SIGHAND", status);
  /* Shared handlers: what the child sets is the parent's. */
  pid = clone(ignores, stack + sizeof stack, VM | VFORK | SIGHAND | SIGCHLD, 0);
  waitpid(pid, &status, 0);
  struct sigaction now;
  sigaction(SIGUSR1, 0, &now);
  printf("shared handler is ignore %d\n", now.sa_handler == SIG_IGN);
}

static void tls(void) {
  static uint64_t block[8] = {0x1122334455667788};
  int status;
  fflush(stdout);
  long pid = syscall(SYS_clone, SETTLS | SIGCHLD, 0, 0, 0, block);
  if (pid == 0) {
    uint64_t word;
    __asm__ volatile("mov %%fs:0, %0" : "=r"(word));
    __asm__ volatile("syscall" ::"a"(60), "D"(word == 0x1122334455667788 ? 31 : 32));
  }
  waitpid(pid, &status, 0);
  print_status("tls", status);
  SHOW(syscall(SYS_clone, SETTLS | SIGCHLD, 0, 0, 0, 1ul << 63));
}

int main(void) {
  MUST(administrator());
  refusals();
  set_tid();
  sibling();
  handlers();
  tls();
  return 0;
}
