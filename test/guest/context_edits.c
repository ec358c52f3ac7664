/* Handlers that change the context: general registers, flags, RIP, x87 and SSE state, the mask; what a bad frame leads to. */
#include "guest.h"
#include <ucontext.h>
#ifndef REG_RIP
enum { REG_R8 = 0, REG_R15 = 7, REG_RBX = 11, REG_RAX = 13, REG_RSP = 15, REG_RIP = 16, REG_EFL = 17 };
#endif
struct fxsave { uint16_t cw, sw; uint8_t tw, r; uint16_t op; uint64_t ip, dp; uint32_t mxcsr, mask; uint8_t st[8][16]; uint8_t xmm[16][16]; };
static int what;
static uint64_t seen[4];
static void on(int sig, siginfo_t *i, void *c) {
  ucontext_t *u = c;
  greg_t *r = u->uc_mcontext.gregs;
  struct fxsave *f = (void *)u->uc_mcontext.fpregs;
  uint16_t cw;
  uint32_t mxcsr;
  switch (what) {
    case 0: /* UD2 has two bytes */
      r[REG_RIP] += 2, r[REG_RAX] = 0x1122334455667788, r[REG_R15] = 15;
      break;
    case 1:
      r[REG_RIP] += 2, r[REG_EFL] ^= 0x8d5; /* OF SF ZF AF PF CF */
      break;
    case 2:
      r[REG_RIP] += 2;
      seen[0] = f->mxcsr, seen[1] = f->cw;
      memcpy(&seen[2], f->xmm[3], 16);
      f->mxcsr = 0x1fa0 | 0x6000, f->cw = 0xf7f;
      memset(f->xmm[3], 0x5a, 16);
      __asm__ volatile("fnstcw %0\n stmxcsr %1" : "=m"(cw), "=m"(mxcsr));
      printf("handler starts with %#x %#x\n", cw, mxcsr);
      __asm__ volatile("pcmpeqd %%xmm3, %%xmm3\n fld1" ::: "xmm3");
      break;
    case 3:
      r[REG_RIP] += 2;
      sigaddset(&u->uc_sigmask, SIGUSR2), sigaddset(&u->uc_sigmask, SIGKILL);
      break;
    case 4:
      r[REG_RIP] += 2, u->uc_mcontext.fpregs = 0;
      break;
    case 5:
      r[REG_RIP] = (greg_t)0x8000000000000000;
      break;
    case 6:
      u->uc_mcontext.fpregs = (void *)8;
      break;
    case 7:
      r[REG_RIP] += 2, r[REG_EFL] |= 0x3000; /* IOPL stays as it was */
      break;
    case 8:
      r[REG_RIP] += 2, f->mxcsr = 0xffffffff;
      break;
  }
}
static void broken(int n) {
  int status;
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    what = n;
    __asm__ volatile("ud2");
    _exit(9);
  }
  waitpid(p, &status, 0);
  printf("case %d ", n), print_status("", status);
}
int main(void) {
  set_info_handler(SIGILL, on, 0);
  uint64_t a = 1, b = 2, flags, flags2;
  __asm__ volatile("mov $1, %%eax\n mov $2, %%r15d\n ud2\n mov %%rax, %0\n mov %%r15, %1" : "=&r"(a), "=&r"(b)::"rax", "r15");
  printf("%lx %lx\n", (long)a, (long)b);
  what = 1;
  __asm__ volatile("xor %%eax, %%eax\n pushf\n ud2\n pushf\n pop %0\n pop %1" : "=r"(flags2), "=r"(flags)::"rax", "cc", "memory");
  printf("flags changed by %lx\n", (long)((flags ^ flags2) & 0x8d5));
  what = 2;
  uint32_t mxcsr = 0x1f80 | 0x2000;
  uint16_t cw = 0x77f;
  static double x[2] = {1.5, -2.5};
  __asm__ volatile("ldmxcsr %0\n fldcw %1\n movupd %2, %%xmm3\n ud2\n movupd %%xmm3, %2\n stmxcsr %0\n fnstcw %1" : "+m"(mxcsr), "+m"(cw), "+m"(x)::"xmm3");
  printf("in the frame %lx %lx %lx %lx\n", (long)seen[0], (long)seen[1], (long)seen[2], (long)seen[3]);
  printf("after %x %x %lx\n", mxcsr, cw, (long)*(uint64_t *)x);
  uint32_t normal = 0x1f80;
  __asm__ volatile("ldmxcsr %0\n fninit" ::"m"(normal));
  what = 3;
  __asm__ volatile("ud2");
  sigset_t now;
  sigprocmask(SIG_BLOCK, 0, &now);
  printf("mask %d %d %d\n", sigismember(&now, SIGUSR2), sigismember(&now, SIGKILL), sigismember(&now, SIGILL));
  what = 4;
  __asm__ volatile("ldmxcsr %1\n movupd %0, %%xmm3\n ud2\n movupd %%xmm3, %0" : "+m"(x) : "m"(normal) : "xmm3");
  printf("no state: %lx\n", (long)*(uint64_t *)x);
  what = 7;
  __asm__ volatile("pushf\n ud2\n pushf\n pop %0\n pop %1" : "=r"(flags2), "=r"(flags)::"memory");
  printf("IOPL %lx\n", (long)((flags ^ flags2) & 0x3000));
  broken(5), broken(6), broken(8);
  return 0;
}
