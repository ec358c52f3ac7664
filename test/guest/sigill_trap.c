/* UD2, INT3, INT1 and HLT: which signal, code, and where RIP stands. The handler skips by changing the context. */
#include "guest.h"
extern char at_ud2[], at_hlt[], at_int3[];
static void on(int sig, siginfo_t *info, void *c) {
  ucontext_t *u = c;
  greg_t *rip = &u->uc_mcontext.gregs[REG_RIP];
  long off_ud2 = *rip - (greg_t)at_ud2, off_hlt = *rip - (greg_t)at_hlt, off_int3 = *rip - (greg_t)at_int3;
  printf("signal %d code %d rip %s addr %s\n", sig, info->si_code,
         off_ud2 == 0 ? "at ud2" : off_hlt == 0 ? "at hlt" : off_int3 == 1 ? "after int3" : "elsewhere",
         info->si_addr == (void *)*rip ? "rip" : info->si_addr ? "other" : "null");
  if (off_ud2 == 0) *rip += 2;
  if (off_hlt == 0) *rip += 1;
}
/* Hypervisors differ in what RIP is. */
static void on_int1(int sig, siginfo_t *info, void *c) {
  printf("signal %d code %d addr %s\n", sig, info->si_code, info->si_addr ? "set" : "null");
  ucontext_t *u = c;
  unsigned char *at = (unsigned char *)u->uc_mcontext.gregs[REG_RIP];
  if (*at == 0xf1) u->uc_mcontext.gregs[REG_RIP]++;
}
static void at_int1(void) {
  set_info_handler(SIGTRAP, on_int1, 0);
  __asm__ volatile(".byte 0xf1; nop");
  puts("after int1");
}
int main(void) {
  set_info_handler(SIGILL, on, 0);
  set_info_handler(SIGTRAP, on, 0);
  set_info_handler(SIGSEGV, on, 0);
  __asm__ volatile("at_ud2: ud2");
  puts("after ud2");
  __asm__ volatile("at_int3: int3");
  puts("after int3");
  at_int1();
  __asm__ volatile("at_hlt: hlt");
  puts("after hlt");
  return 0;
}
