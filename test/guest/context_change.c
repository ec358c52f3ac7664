/* A handler sees all registers of the interrupted code and can change them; flags and XMM come back. */
#include "guest.h"
static void on(int sig, siginfo_t *info, void *c) {
  (void)sig; (void)info;
  greg_t *g = ((ucontext_t *)c)->uc_mcontext.gregs;
  printf("rax %llx rbx %llx r15 %llx carry %lld\n", g[REG_RAX], g[REG_RBX], g[REG_R15], g[REG_EFL] & 1);
  g[REG_RAX] = 0x1111; g[REG_RBX] = 0x2222; g[REG_R15] = 0x3333;
  g[REG_EFL] ^= 1;
  uint32_t *xmm5 = (uint32_t *)((char *)((ucontext_t *)c)->uc_mcontext.fpregs + 160 + 5 * 16); /* FXSAVE layout */
  printf("xmm5 %x\n", xmm5[0]);
  xmm5[1] = 0xabcd;
  double junk = 1.5;
  __asm__ volatile("movsd %0, %%xmm5\n movsd %0, %%xmm6" ::"m"(junk) : "xmm5", "xmm6");
}
int main(void) {
  set_info_handler(SIGTRAP, on, 0);
  uint64_t rax = 0xaaaa, rbx = 0xbbbb, r15 = 0xffff;
  uint64_t x[2] = {0x1234, 0}, y[2];
  unsigned char carry;
  __asm__ volatile("movdqu %5, %%xmm5\n mov %6, %%rax\n mov %7, %%rbx\n mov %8, %%r15\n stc\n int3\n setc %4\n movdqu %%xmm5, %3\n"
                   "mov %%rax, %0\n mov %%rbx, %1\n mov %%r15, %2"
                   : "=m"(rax), "=m"(rbx), "=m"(r15), "=m"(y), "=m"(carry)
                   : "m"(x), "m"(rax), "m"(rbx), "m"(r15)
                   : "rax", "rbx", "r15", "xmm5", "xmm6", "cc");
  printf("rax %lx rbx %lx r15 %lx carry %d xmm5 %lx\n", rax, rbx, r15, carry, y[0]);
  return 0;
}
