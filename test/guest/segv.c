/* si_code and si_addr of bad accesses of several kinds; the program goes on by siglongjmp. */
#include "guest.h"
static sigjmp_buf back;
static volatile char *expected;
static void on_segv(int sig, siginfo_t *info, void *context) {
  (void)context;
  printf("signal %d code %d address %s\n", sig, info->si_code, info->si_addr == (void *)expected ? "right" : "wrong");
  siglongjmp(back, 1);
}
#define TRY(what, addr, access) do { expected = (char *)(addr); printf("%s: ", what); fflush(stdout); \
  if (!sigsetjmp(back, 1)) { access; puts("no fault"); } } while (0)
int main(void) {
  set_info_handler(SIGSEGV, on_segv, 0);
  set_info_handler(SIGBUS, on_segv, 0);
  TRY("read null", 0, *(volatile char *)expected);
  TRY("read 8", 8, *(volatile long *)expected);
  TRY("write null page", 100, *(volatile char *)expected = 1);
  char *p = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(p, 4096, PROT_READ);
  munmap(p + 8192, 4096);
  TRY("write read-only", p + 5, *expected = 1);
  TRY("read read-only", p + 5, (void)*expected);
  TRY("write writable", p + 4096, *expected = 1);
  TRY("read unmapped", p + 8192, *expected);
  TRY("8-byte store crossing into unmapped", p + 8192, *(volatile long *)(p + 8190) = 1);
  TRY("bytes before the crossing are untouched", p + 8190, if (p[8190] || p[8191]) puts("torn"));
  mprotect(p, 4096, PROT_NONE);
  TRY("read PROT_NONE", p, *expected);
  TRY("read a high canonical address", 0x7fff12345678, *expected);
  expected = 0;
  printf("non-canonical: "); fflush(stdout);
  if (!sigsetjmp(back, 1)) *(volatile char *)0x8000000000000000ull = 1;
  TRY("jump to PROT_NONE", p, ((void (*)(void))p)());
  mprotect(p, 4096, PROT_READ | PROT_WRITE);
  p[0] = (char)0xc3;
  TRY("jump to data", p, ((void (*)(void))p)());
  mprotect(p, 4096, PROT_READ | PROT_EXEC);
  TRY("jump to code", p, ((void (*)(void))p)());
  return 0;
}
