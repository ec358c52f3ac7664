#include "guest.h"
#include <sys/prctl.h>
#include <ucontext.h>
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_OFF 0
#define PR_SYS_DISPATCH_ON 1
#endif
/* Syscall User Dispatch: system calls outside of a region are the program's own to handle, by SIGSYS, while a byte says so. */
static volatile char selector;
static volatile long seen_number, seen_code, seen_arch, seen_errno, seen_rax, argument, calls;
static void *volatile seen_address;
static void on_sigsys(int sig, siginfo_t *info, void *context) {
  ucontext_t *u = context;
  selector = 0;
  seen_number = info->si_syscall, seen_code = info->si_code, seen_arch = (unsigned)info->si_arch, seen_errno = info->si_errno;
  seen_address = info->si_call_addr;
  seen_rax = u->uc_mcontext.gregs[REG_RAX], argument = u->uc_mcontext.gregs[REG_RDI];
  u->uc_mcontext.gregs[REG_RAX] = 4321;
  calls++;
}
__attribute__((noinline)) static long raw(long number, long a) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "0"(number), "D"(a), "S"(0), "d"(0) : "rcx", "r11", "memory");
  return result;
}
static void inherited(void) {
  selector = 1;
  long r = raw(SYS_getpid, 0);
  selector = 0;
  _exit(r == 4321 ? 1 : 2);
}
static void child(const char *what, void (*body)(void)) {
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    selector = 0;
    if (body != inherited) MUST(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &selector) == 0);
    body();
    _exit(0);
  }
  int status;
  MUST(waitpid(p, &status, 0) == p);
  print_status(what, status);
}
static void bad_selector(void) {
  selector = 7;
  raw(SYS_getpid, 0);
}
static void no_handler(void) {
  signal(SIGSYS, SIG_DFL);
  selector = 1;
  raw(SYS_getpid, 0);
}
static char *page;
static void unmapped(void) {
  MUST(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, page) == 0);
  munmap(page, 4096);
  raw(SYS_getpid, 0);
}
#define SUD(...) show("dispatch " #__VA_ARGS__, prctl(PR_SET_SYSCALL_USER_DISPATCH, __VA_ARGS__))
int main(void) {
  setvbuf(stdout, 0, _IOFBF, 1 << 14);
  set_info_handler(SIGSYS, on_sigsys, 0);
  SUD(PR_SYS_DISPATCH_OFF, 0, 0, 0);
  SUD(PR_SYS_DISPATCH_OFF, 1, 0, 0);
  SUD(PR_SYS_DISPATCH_OFF, 0, 0, &selector);
  SUD(PR_SYS_DISPATCH_ON, 8, -1ul, 0);
  SUD(PR_SYS_DISPATCH_ON, 8, 0, 0);
  SUD(PR_SYS_DISPATCH_ON, 0, 0, -8ul);
  SUD(3, 0, 0, 0);
  SUD(PR_SYS_DISPATCH_ON, 0, 0, &selector);
  printf("allowed %d\n", raw(SYS_getpid, 0) == getpid());
  selector = 1;
  long r = raw(SYS_getppid, 77);
  printf("result %ld, number %d, argument %ld, code %ld, arch %lx, errno %ld, rax %d, calls %ld\n", r, seen_number == SYS_getppid, argument, seen_code, seen_arch, seen_errno, seen_rax == SYS_getppid, calls);
  printf("address %d\n", (char *)seen_address > (char *)raw && (char *)seen_address < (char *)raw + 128);
  selector = 1;
  r = raw(99999, 5);
  printf("unknown: result %ld, number %ld\n", r, seen_number);
  child("bad selector", bad_selector);
  child("no handler", no_handler);
  page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  child("unmapped selector", unmapped);
  child("after fork", inherited);
  /* Calls from the region are always made. */
  selector = 0;
  SUD(PR_SYS_DISPATCH_ON, raw, 128, &selector);
  selector = 1;
  r = raw(SYS_getpid, 0);
  selector = 0;
  printf("from the region %d, calls %ld\n", r == getpid(), calls);
  SUD(PR_SYS_DISPATCH_OFF, 0, 0, 0);
  selector = 1;
  printf("off %d\n", raw(SYS_getpid, 0) == getpid());
  return 0;
}
