/* What a handler finds in its context, and that changes of it hold after the return (rt_sigreturn(2)). */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

static char *page;
static int count;
static void on_fault(int signal, siginfo_t *info, void *p) {
  ucontext_t *context = p;
  printf("%d code %d address %ld trap %lld error %lld cr2 %ld\n", signal, info->si_code, (long)((char *)info->si_addr - page),
         context->uc_mcontext.gregs[REG_TRAPNO], context->uc_mcontext.gregs[REG_ERR],
         (long)(context->uc_mcontext.gregs[REG_CR2] - (long long)page));
  if (++count % 2) mprotect(page, 4096, PROT_READ | PROT_WRITE);
  else mprotect(page, 4096, PROT_NONE);
}
static void on_trap(int signal, siginfo_t *info, void *p) {
  ucontext_t *context = p;
  unsigned char *code = (unsigned char *)context->uc_mcontext.gregs[REG_RIP];
  printf("%d code %d flags %d", signal, info->si_code, (int)(context->uc_mcontext.gregs[REG_EFL] & 0x8d5));
  printf(" fp %d mxcsr %x", context->uc_mcontext.fpregs != NULL, context->uc_mcontext.fpregs->mxcsr);
  uint32_t *xmm = context->uc_mcontext.fpregs->_xmm[3].element;
  printf(" xmm3 %x\n", xmm[0]);
  xmm[0] = 0x55667788;
  context->uc_mcontext.gregs[REG_RBX] += 1;
  context->uc_mcontext.gregs[REG_EFL] ^= 1;
  if (signal == SIGILL) context->uc_mcontext.gregs[REG_RIP] = (long long)code + 2;
}
static void on_divide(int signal, siginfo_t *info, void *p) {
  ucontext_t *context = p;
  printf("%d code %d at rip %d\n", signal, info->si_code, info->si_addr == (void *)context->uc_mcontext.gregs[REG_RIP]);
  context->uc_mcontext.gregs[REG_RCX] = 3;
}
static void install(int signal, void (*handler)(int, siginfo_t *, void *)) {
  struct sigaction action = {0};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO;
  sigaction(signal, &action, NULL);
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  page = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  install(SIGSEGV, on_fault);
  install(SIGILL, on_trap);
  install(SIGTRAP, on_trap);
  install(SIGFPE, on_divide);
  page[10] = 1;
  mprotect(page, 4096, PROT_READ);
  page[20] = 2;
  printf("%d %d\n", page[10], page[20]);
  munmap(page + 4096, 4096);
  count = 1;
  uint64_t rbx = 41, carry = 0;
  uint32_t low;
  asm volatile("movl $0x11223344, %%eax; movd %%eax, %%xmm3; movq %2, %%rbx; stc; ud2; setc %b1; movq %%rbx, %0; movd %%xmm3, %%eax"
               : "=r"(rbx), "+r"(carry), "+r"(rbx), "=a"(low) : : "rbx", "xmm3", "cc");
  printf("carry %d xmm3 %x\n", (int)carry, low);
  asm volatile("pxor %%xmm3, %%xmm3; movq $5, %%rbx; testq %%rbx, %%rbx; clc; int3; setc %b0" : "+r"(carry) : : "rbx", "xmm3", "cc");
  printf("carry %d\n", (int)carry);
  long quotient = 0;
  asm volatile("movl $0, %%ecx; movl $21, %%eax; cltd; idivl %%ecx" : "=a"(quotient) : : "rcx", "rdx");
  printf("quotient %ld\n", quotient);
  /* A handler on a stack near its limit, the red zone kept. */
  long kept;
  asm volatile("pxor %%xmm3, %%xmm3; movq $1234, -64(%%rsp); movq $39, %%rax; cmpq %%rsp, %%rsp; syscall; int3; movq -64(%%rsp), %0" : "=r"(kept) : : "rax", "rcx", "r11", "xmm3", "memory");
  printf("red zone %ld\n", kept);
  return 0;
}
