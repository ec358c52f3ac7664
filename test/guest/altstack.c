/* A stack overflow is handled on the alternate stack (sigaltstack(2)). */
#include "guest.h"
static sigjmp_buf back;
static char alt[65536];
static void on(int s, siginfo_t *i, void *c) {
  (void)c; (void)i;
  char here;
  stack_t now;
  sigaltstack(0, &now);
  printf("signal %d on alternate stack %d, flags %d\n", s, &here >= alt && &here < alt + sizeof alt, now.ss_flags);
  siglongjmp(back, 1);
}
static int deep(int n) { volatile char pad[4096]; pad[0] = n; return n < 0 ? 0 : deep(n + 1) + pad[0]; }
int main(void) {
  struct rlimit l = {1 << 20, 1 << 20};
  setrlimit(RLIMIT_STACK, &l);
  stack_t s = {.ss_sp = alt, .ss_size = sizeof alt}, old;
  SHOW(sigaltstack(&s, &old));
  printf("old flags %d\n", old.ss_flags);
  set_info_handler(SIGSEGV, on, SA_ONSTACK);
  for (int i = 0; i < 3; i++)
    if (!sigsetjmp(back, 1)) printf("%d\n", deep(0));
  s.ss_flags = SS_DISABLE;
  SHOW(sigaltstack(&s, 0));
  s.ss_flags = 0; s.ss_size = 100;
  SHOW(sigaltstack(&s, 0));
  return 0;
}
