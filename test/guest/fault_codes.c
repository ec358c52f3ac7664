/* Faults by cause: signal, si_code, si_addr, trap number and error code of the context; what becomes of them when blocked or ignored. */
#include "guest.h"
#include <sys/syscall.h>
#include <ucontext.h>
#define PAGE 4096L
#ifndef REG_RIP
enum { REG_RIP = 16, REG_ERR = 19, REG_TRAPNO = 20, REG_CR2 = 22 };
#endif
static sigjmp_buf back;
static siginfo_t info;
static long trap, error_, cr2, rip;
static void on(int sig, siginfo_t *i, void *c) {
  greg_t *r = ((ucontext_t *)c)->uc_mcontext.gregs;
  info = *i;
  trap = r[REG_TRAPNO], error_ = r[REG_ERR], cr2 = r[REG_CR2], rip = r[REG_RIP];
  siglongjmp(back, 1);
}
static char *page;
/* Addresses are printed relative to the page. */
#define TRY(what, ...)                                                                                                       \
  do {                                                                                                                       \
    memset(&info, 0, sizeof info), trap = error_ = cr2 = -1;                                                                 \
    if (!sigsetjmp(back, 1)) { __VA_ARGS__; printf("%s: nothing\n", what); }                                                        \
    else print_fault(what);                                                                                                  \
  } while (0)
static void print_fault(const char *what) {
  long at = (char *)info.si_addr - page;
  printf("%s: signal %d code %d trap %ld", what, info.si_signo, info.si_code, trap);
  if (trap == 14) printf(" error %ld", error_);
  if (info.si_signo != SIGTRAP && info.si_code != SI_KERNEL) {
    if (at >= 0 && at < 100 * PAGE) printf(" at page + %#lx", at);
    else if ((unsigned long)info.si_addr < 100) printf(" at %#lx", (long)info.si_addr);
    else printf(" at its instruction %d", (long)info.si_addr == rip);
  } else if (info.si_code == SI_KERNEL) printf(" at %#lx", (long)info.si_addr);
  printf("\n");
}
static volatile int zero;
static volatile float fzero;
static void sse_divide(int mask) {
  unsigned mxcsr = 0x1f80 & ~mask;
  float a = 1;
  __asm__ volatile("ldmxcsr %1\n divss %2, %0" : "+x"(a) : "m"(mxcsr), "m"(fzero));
}
static void sse_overflow(void) {
  unsigned mxcsr = 0x1f80 & ~0x400;
  float a = 3e38f, b = 1e10f;
  __asm__ volatile("ldmxcsr %1\n mulss %2, %0" : "+x"(a) : "m"(mxcsr), "m"(b));
}
static void sse_inexact(void) {
  unsigned mxcsr = 0x1f80 & ~0x1000;
  float a = 1, b = 3;
  __asm__ volatile("ldmxcsr %1\n divss %2, %0" : "+x"(a) : "m"(mxcsr), "m"(b));
}
static void sse_invalid(void) {
  unsigned mxcsr = 0x1f80 & ~0x80;
  float a = 0;
  __asm__ volatile("ldmxcsr %1\n divss %2, %0" : "+x"(a) : "m"(mxcsr), "m"(fzero));
}
static void x87(int mask) {
  unsigned short cw = 0x37f & ~mask;
  __asm__ volatile("fninit\n fldcw %0\n fldz\n fld1\n fdivp\n fwait" ::"m"(cw));
}
static void leave(int sig) { _exit(7); }
static void blocked(int how) {
  sigset_t set;
  int status;
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    sigemptyset(&set), sigaddset(&set, SIGSEGV);
    if (how == 0) sigprocmask(SIG_BLOCK, &set, 0);
    if (how == 1) signal(SIGSEGV, SIG_IGN);
    if (how == 2) { set_handler(SIGSEGV, leave, 0); kill(getpid(), SIGSEGV); _exit(1); }
    if (how == 3) { signal(SIGSEGV, SIG_IGN); kill(getpid(), SIGSEGV); _exit(3); }
    *(volatile int *)0 = 0;
    _exit(2);
  }
  waitpid(p, &status, 0);
  print_status(how == 0 ? "blocked" : how == 1 ? "ignored" : how == 2 ? "sent, handled" : "sent, ignored", status);
}
int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  for (int s = 1; s < 32; s++)
    if (s == SIGSEGV || s == SIGBUS || s == SIGFPE || s == SIGILL || s == SIGTRAP || s == SIGSYS) set_info_handler(s, on, 0);
  page = mmap((void *)0x40000000, 100 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  MUST(page != MAP_FAILED);
  munmap(page + PAGE, PAGE);
  mprotect(page + 2 * PAGE, PAGE, PROT_READ);
  mprotect(page + 3 * PAGE, PAGE, PROT_NONE);
  page[0] = 0x90;
  TRY("read of nothing", (void)*(volatile char *)(page + PAGE + 5));
  TRY("write to nothing", *(volatile char *)(page + PAGE + 5) = 1);
  TRY("read of null", (void)*(volatile char *)0);
  TRY("read-only", *(volatile char *)(page + 2 * PAGE + 7) = 1);
  TRY("read-only, touched", (void)*(volatile char *)(page + 2 * PAGE), *(volatile char *)(page + 2 * PAGE + 7) = 1);
  TRY("no rights", (void)*(volatile char *)(page + 3 * PAGE + 9));
  TRY("across the end", *(volatile uint64_t *)(page + PAGE - 4) = 1);
  TRY("not executable", ((void (*)(void))page)());
  TRY("jump to nothing", ((void (*)(void))(page + PAGE))());
  TRY("jump to null", ((void (*)(void))0)());
  TRY("not canonical", (void)*(volatile char *)0x8000000000000000);
  TRY("kernel's address", (void)*(volatile char *)0xffffffff80000000);
  char name[] = "/tmp/fault_codes.XXXXXX";
  int fd = mkstemp(name);
  unlink(name);
  ftruncate(fd, 100);
  mmap(page + 10 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
  TRY("past end of file", (void)*(volatile char *)(page + 11 * PAGE + 3));
  TRY("write past end of file", *(volatile char *)(page + 11 * PAGE + 4) = 1);
  TRY("rest of the last page", *(volatile char *)(page + 10 * PAGE + 200) = 1);
  ftruncate(fd, 0);
  TRY("truncated", (void)*(volatile char *)(page + 10 * PAGE));
  TRY("integer division by zero", zero = 1 / zero);
  TRY("integer overflow", __asm__ volatile("idivl %2" ::"a"(0x80000000), "d"(-1), "r"(-1)));
  TRY("SSE division", sse_divide(0x200));
  TRY("SSE overflow", sse_overflow());
  TRY("SSE inexact", sse_inexact());
  TRY("SSE invalid", sse_invalid());
  unsigned normal = 0x1f80;
  __asm__ volatile("ldmxcsr %0" ::"m"(normal));
  TRY("x87 division", x87(4));
  __asm__ volatile("fninit");
  TRY("undefined", __asm__ volatile("ud2"));
  TRY("breakpoint", __asm__ volatile("int3"));
  TRY("INT 3 in two bytes", __asm__ volatile(".byte 0xcd, 3"));
  TRY("HLT", __asm__ volatile("hlt"));
  TRY("CLI", __asm__ volatile("cli"));
  TRY("IN", __asm__ volatile("inb $0x80, %%al" ::: "al"));
  TRY("privileged MOV", __asm__ volatile("mov %%cr0, %%rax" ::: "rax"));
  TRY("misaligned SSE", __asm__ volatile("movaps (%0), %%xmm0" ::"r"(page + 1)));
  for (int how = 0; how < 4; how++) blocked(how);
  return 0;
}
