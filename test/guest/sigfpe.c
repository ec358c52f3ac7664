/* #DE in its three ways is SIGFPE with FPE_INTDIV at the instruction. */
#include "guest.h"
static sigjmp_buf back;
static void on(int sig, siginfo_t *info, void *c) {
  ucontext_t *u = c;
  printf("signal %d code %d at the instruction %d\n", sig, info->si_code, (greg_t)info->si_addr == u->uc_mcontext.gregs[REG_RIP]);
  siglongjmp(back, 1);
}
int main(void) {
  set_info_handler(SIGFPE, on, 0);
  volatile int zero = 0, minus = -1, least = INT_MIN;
  volatile long lzero = 0, lleast = LONG_MIN;
  if (!sigsetjmp(back, 1)) printf("%d\n", 1 / zero);
  if (!sigsetjmp(back, 1)) printf("%d\n", least / minus);
  if (!sigsetjmp(back, 1)) printf("%ld\n", 1 / lzero);
  if (!sigsetjmp(back, 1)) printf("%ld\n", lleast / minus);
  if (!sigsetjmp(back, 1)) printf("%u\n", 7u / (unsigned)zero);
  printf("%d %d\n", 7 / minus, least / 3);
  return 0;
}
