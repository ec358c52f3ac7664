/* seccomp(2): strict mode, filters and what they may answer, their order, inheritance, and programs that are refused. */
#include "guest.h"
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
/* Of linux/seccomp.h, linux/filter.h and linux/audit.h, which musl's compiler does not find. */
struct sock_filter { uint16_t code; uint8_t jt, jf; uint32_t k; };
struct sock_fprog { unsigned short len; struct sock_filter *filter; };
struct seccomp_data { int nr; uint32_t arch; uint64_t instruction_pointer, args[6]; };
enum { SECCOMP_MODE_STRICT = 1, SECCOMP_SET_MODE_STRICT = 0, SECCOMP_SET_MODE_FILTER = 1, SECCOMP_GET_ACTION_AVAIL = 2, SECCOMP_FILTER_FLAG_TSYNC = 1 };
enum { BPF_LD = 0, BPF_ST = 2, BPF_ALU = 4, BPF_JMP = 5, BPF_RET = 6, BPF_MISC = 7, BPF_W = 0, BPF_H = 8, BPF_ABS = 0x20, BPF_MEM = 0x60,
       BPF_K = 0, BPF_X = 8, BPF_A = 0x10, BPF_TAX = 0, BPF_MUL = 0x20, BPF_DIV = 0x30, BPF_OR = 0x40, BPF_AND = 0x50, BPF_LSH = 0x60,
       BPF_JA = 0, BPF_JEQ = 0x10, BPF_JSET = 0x40 };
#define SECCOMP_RET_KILL_PROCESS 0x80000000u
#define SECCOMP_RET_KILL_THREAD 0u
#define SECCOMP_RET_TRAP 0x30000u
#define SECCOMP_RET_ERRNO 0x50000u
#define SECCOMP_RET_TRACE 0x7ff00000u
#define SECCOMP_RET_ALLOW 0x7fff0000u
#define AUDIT_ARCH_X86_64 0xc000003eu
#define BPF_STMT(code, k) {code, 0, 0, k}
#define BPF_JUMP(code, k, jt, jf) {code, jt, jf, k}
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RET(action) BPF_STMT(BPF_RET | BPF_K, action)
/* The action for one call; others are allowed. */
#define ON(number, action) LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), RET(action), RET(SECCOMP_RET_ALLOW)
static long install(struct sock_filter *filter, int n, unsigned flags) {
  struct sock_fprog program = {n, filter};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}
#define INSTALL(flags, ...) ({ struct sock_filter f[] = {__VA_ARGS__}; install(f, sizeof f / sizeof *f, flags); })
static void in_child(const char *what, void (*f)(void)) {
  int status;
  printf("-- %s\n", what), fflush(stdout);
  pid_t child = fork();
  if (child == 0) { f(); fflush(stdout); exit(0); }
  MUST(waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) printf("%s: signal %d\n", what, WTERMSIG(status));
  else if (status) print_status(what, status);
}
static void strict(void) {
  SHOW(prctl(PR_GET_SECCOMP));
  fflush(stdout);
  MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0);
  MUST(write(1, "still writes\n", 13) == 13);
  syscall(SYS_exit, 4);
}
static void strict_killed(void) {
  MUST(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, 0) == 0);
  syscall(SYS_getpid);
  write(1, "not reached\n", 12);
}
static void privilege(void) {
  MUST(setresuid(1000, 1000, 1000) == 0);
  SHOW(INSTALL(0, RET(SECCOMP_RET_ALLOW)));
  MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  SHOW(INSTALL(0, RET(SECCOMP_RET_ALLOW)));
  SHOW(prctl(PR_GET_SECCOMP));
}
static void errors(void) {
  SHOW(syscall(SYS_seccomp, 99, 0, 0));
  SHOW(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, 0));
  SHOW(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, 8));
  SHOW(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 1 << 20, 0));
  SHOW(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, 8));
  SHOW(prctl(PR_SET_SECCOMP, 7));
  unsigned action = SECCOMP_RET_ERRNO;
  SHOW(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
  action = 0x12340000;
  printf("unknown action: %d\n", (int)syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == -1 && errno == EOPNOTSUPP);
  struct sock_filter allow[] = {RET(SECCOMP_RET_ALLOW)};
  SHOW(install(allow, 0, 0));
  SHOW(INSTALL(0, LOAD(nr)));
  SHOW(INSTALL(0, BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), RET(0)));
  SHOW(INSTALL(0, BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), RET(0)));
  SHOW(INSTALL(0, BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), RET(0)));
  SHOW(INSTALL(0, BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RET(0)));
  SHOW(INSTALL(0, BPF_STMT(BPF_ST, 16), RET(0)));
  SHOW(INSTALL(0, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), RET(0)));
  SHOW(INSTALL(0, BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0), RET(0)));
  SHOW(INSTALL(0, BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), RET(0)));
  SHOW(INSTALL(0, BPF_STMT(0xffff, 0), RET(0)));
  SHOW(prctl(PR_GET_SECCOMP));
}
static void errno_answers(void) {
  struct utsname u;
  MUST(INSTALL(0, ON(SYS_uname, SECCOMP_RET_ERRNO | EXDEV)) == 0);
  SHOW(uname(&u));
  MUST(INSTALL(0, ON(SYS_getppid, SECCOMP_RET_ERRNO | 0)) == 0);
  SHOW(syscall(SYS_getppid));
  MUST(INSTALL(0, ON(SYS_getpgrp, SECCOMP_RET_ERRNO | 0xffff)) == 0);
  SHOW(-syscall(SYS_getpgrp) == 1 ? errno : 0);
  MUST(INSTALL(0, ON(SYS_getuid, SECCOMP_RET_TRACE)) == 0);
  SHOW(syscall(SYS_getuid));
  /* The last that was installed decides between equals; the stricter action otherwise. */
  MUST(INSTALL(0, ON(SYS_uname, SECCOMP_RET_ERRNO | EBUSY)) == 0);
  SHOW(uname(&u));
  MUST(INSTALL(0, ON(SYS_uname, SECCOMP_RET_ALLOW)) == 0);
  SHOW(uname(&u));
  SHOW(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) { SHOW(uname(&u)); exit(0); }
  wait(0);
}
static void on_arguments(void) {
  /* dup2 to odd numbers, by arithmetic on the low word. */
  MUST(INSTALL(0, LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0), RET(SECCOMP_RET_KILL_PROCESS), LOAD(nr),
               BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_dup2, 1, 0), RET(SECCOMP_RET_ALLOW), LOAD(args[1]), BPF_STMT(BPF_ST, 3),
               BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 1), BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_LD | BPF_MEM, 3),
               BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0), BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
               BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0xffff, 0, 1), BPF_STMT(BPF_RET | BPF_A, 0), RET(SECCOMP_RET_ALLOW)) == 0);
  SHOW(dup2(1, 10));
  SHOW(dup2(1, 11));
  SHOW(dup2(1, 13));
  SHOW(dup2(1, 20));
}
static volatile int trapped[5];
static void trap_handler(int sig, siginfo_t *info, void *context) {
  trapped[0] = info->si_code, trapped[1] = info->si_errno, trapped[2] = info->si_syscall, trapped[3] = info->si_arch == AUDIT_ARCH_X86_64;
  trapped[4] = info->si_call_addr != 0;
}
static void trap(void) {
  struct utsname u;
  set_info_handler(SIGSYS, trap_handler, 0);
  MUST(INSTALL(0, ON(SYS_uname, SECCOMP_RET_TRAP | 77)) == 0);
  long result = syscall(SYS_uname, &u);
  printf("result %ld: code %d, errno %d, call %d, arch %d, address %d\n", result, trapped[0], trapped[1], trapped[2], trapped[3], trapped[4]);
}
static void trap_without_handler(void) { MUST(INSTALL(0, ON(SYS_getppid, SECCOMP_RET_TRAP)) == 0); getppid(); puts("not reached"); }
static void kill_process(void) { MUST(INSTALL(0, ON(SYS_getppid, SECCOMP_RET_KILL_PROCESS)) == 0); getppid(); puts("not reached"); }
static void kill_thread(void) { MUST(INSTALL(0, ON(SYS_getppid, SECCOMP_RET_KILL_THREAD)) == 0); getppid(); puts("not reached"); }
static void *killed(void *a) { MUST(INSTALL(0, ON(SYS_getppid, SECCOMP_RET_KILL_THREAD)) == 0); getppid(); puts("not reached"); return 0; }
static void kill_one(void) {
  pthread_t t;
  pthread_create(&t, 0, killed, 0);
  /* It does not get to tell who would join it: its directory goes. */
  struct stat s = {.st_nlink = 4};
  for (int i = 0; i < 2000 && stat("/proc/self/task", &s) == 0 && s.st_nlink > 3; i++) usleep(1000);
  puts("the others go on");
}
static void *asks(void *go) {
  while (!__atomic_load_n((int *)go, __ATOMIC_ACQUIRE)) usleep(1000);
  struct utsname u;
  SHOW(uname(&u));
  return 0;
}
static void all_threads(void) {
  pthread_t t;
  int go = 0;
  pthread_create(&t, 0, asks, &go);
  SHOW(INSTALL(SECCOMP_FILTER_FLAG_TSYNC, ON(SYS_uname, SECCOMP_RET_ERRNO | EXDEV)));
  __atomic_store_n(&go, 1, __ATOMIC_RELEASE);
  pthread_join(t, 0);
}
static void after_exec(void) {
  MUST(INSTALL(0, ON(SYS_uname, SECCOMP_RET_ERRNO | EXDEV)) == 0);
  char *argv[] = {"self", "inherited", 0};
  fflush(stdout);
  execv("/proc/self/exe", argv);
}
int main(int argc, char **argv) {
  struct rlimit none = {0, 0};
  MUST(administrator() || argc > 1);
  if (argc > 1) {
    struct utsname u;
    printf("%s: mode %d, ", argv[1], prctl(PR_GET_SECCOMP));
    SHOW(uname(&u));
    return 0;
  }
  MUST(administrator());
  setrlimit(RLIMIT_CORE, &none);
  in_child("strict", strict);
  in_child("strict, killed", strict_killed);
  in_child("privilege", privilege);
  in_child("errors", errors);
  in_child("errno", errno_answers);
  in_child("arguments", on_arguments);
  in_child("trap", trap);
  in_child("trap without a handler", trap_without_handler);
  in_child("kill process", kill_process);
  in_child("kill thread", kill_thread);
  in_child("kill one thread", kill_one);
  in_child("all threads", all_threads);
  in_child("exec", after_exec);
  return 0;
}
