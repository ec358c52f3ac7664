/* sigaltstack: errors, SS_AUTODISARM, leaving it, returning to it, nested signals on it, overflow, fork, threads, exec. */
#include "guest.h"
#include <pthread.h>
#include <sys/syscall.h>
#include <ucontext.h>
#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1u << 31)
#endif
static char alt[65536], second[65536];
static long set(void *sp, int flags, size_t size) {
  stack_t s = {.ss_sp = sp, .ss_flags = flags, .ss_size = size};
  return syscall(SYS_sigaltstack, &s, 0);
}
static void get(const char *what) {
  stack_t s;
  MUST(syscall(SYS_sigaltstack, 0, &s) == 0);
  printf("%s: %s flags %#x size %zu\n", what, s.ss_sp == alt ? "alt" : s.ss_sp == second ? "second" : s.ss_sp ? "other" : "none", s.ss_flags, s.ss_size);
}
static int on_alt(void *p) { return (char *)p >= alt && (char *)p < alt + sizeof alt; }
static int level;
static void on(int sig, siginfo_t *i, void *c) {
  char here;
  ucontext_t *u = c;
  printf("handler on alt %d, context: %s flags %#x size %zu\n", on_alt(&here), u->uc_stack.ss_sp == alt ? "alt" : u->uc_stack.ss_sp ? "other" : "none", u->uc_stack.ss_flags, u->uc_stack.ss_size);
  get("inside");
  SHOW(set(second, 0, sizeof second));
  SHOW(set(0, SS_DISABLE, 0));
  if (level++ == 0) raise(SIGUSR2);
}
static void plain(int sig, siginfo_t *i, void *c) {
  char here;
  printf("nested on alt %d\n", on_alt(&here));
}
static void replace(int sig, siginfo_t *i, void *c) {
  /* sigreturn takes the alternate stack from the frame. */
  ((ucontext_t *)c)->uc_stack.ss_sp = second;
  ((ucontext_t *)c)->uc_stack.ss_size = sizeof second;
}
static void *thread(void *arg) { get("a new thread"); return 0; }
static int deep(int n) { volatile char pad[1024]; pad[0] = n; return n < 0 ? 0 : deep(n + 1) + pad[0]; }
static void overflow(int sig, siginfo_t *i, void *c) { deep(0); }
int main(int argc, char **argv) {
  setvbuf(stdout, 0, _IONBF, 0);
  if (argc > 1) { get("after exec"); return 0; }
  get("at first");
  SHOW(set(alt, 1 | 2, sizeof alt));
  SHOW(set(alt, 4, sizeof alt));
  SHOW(set(alt, 0, 2047));
  SHOW(set(alt, SS_DISABLE, 0));
  SHOW(syscall(SYS_sigaltstack, 8, 0));
  SHOW(syscall(SYS_sigaltstack, 0, 8));
  get("disabled");
  /* A size that no stack has; RSP is in it, were it not for AUTODISARM. */
  SHOW(set(second, (int)SS_AUTODISARM, -1));
  get("all of memory");
  SHOW(set((void *)-5, (int)SS_AUTODISARM, -123456789));
  stack_t s;
  MUST(syscall(SYS_sigaltstack, 0, &s) == 0);
  printf("%p %zx\n", s.ss_sp, s.ss_size);
  SHOW(set(alt, SS_ONSTACK, sizeof alt));
  get("set with SS_ONSTACK");
  SHOW(set(alt, 0, sizeof alt));
  set_info_handler(SIGUSR1, on, SA_ONSTACK);
  set_info_handler(SIGUSR2, plain, SA_ONSTACK);
  raise(SIGUSR1);
  get("after");
  set_info_handler(SIGUSR2, plain, 0);
  raise(SIGUSR2);
  SHOW(set(alt, (int)SS_AUTODISARM, sizeof alt));
  get("AUTODISARM");
  level = 0;
  set_info_handler(SIGUSR2, plain, SA_ONSTACK);
  raise(SIGUSR1);
  get("back");
  SHOW(set(alt, 0, sizeof alt));
  set_info_handler(SIGUSR1, replace, 0);
  raise(SIGUSR1);
  get("replaced by sigreturn");
  SHOW(set(alt, 0, sizeof alt));
  pthread_t t;
  pthread_create(&t, 0, thread, 0), pthread_join(t, 0);
  pid_t p = fork();
  if (p == 0) { get("child"); _exit(0); }
  waitpid(p, 0, 0);
  p = fork();
  if (p == 0) { char *const a[] = {"self", "again", 0}; execv("/proc/self/exe", a); _exit(1); }
  waitpid(p, 0, 0);
  p = fork();
  if (p == 0) {
    /* The guard below the alternate stack ends the process: the handler of SIGSEGV has no room. */
    char *area = mmap(0, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(area, 4096, PROT_NONE);
    set(area + 4096, 0, 32768);
    set_info_handler(SIGSEGV, overflow, SA_ONSTACK);
    *(volatile int *)0 = 0;
    _exit(0);
  }
  int status;
  waitpid(p, &status, 0);
  print_status("overflow", status);
  return 0;
}
