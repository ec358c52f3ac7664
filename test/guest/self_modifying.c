/* Code written at run time is the code that runs, also when it is rewritten, and when a block rewrites what follows it. */
#include "guest.h"
typedef int (*function)(int);
int main(void) {
  unsigned char *p = mmap(0, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MUST(p != MAP_FAILED);
  unsigned char code[] = {0x8d, 0x47, 0x05, 0xc3}; /* lea eax, [rdi + 5]; ret */
  memcpy(p, code, 4);
  function f = (function)p;
  int sum = 0;
  for (int i = 0; i < 300; i++) { p[2] = i & 0x7f; sum += f(1); }
  printf("%d\n", sum);
  /* mov byte [rip + 1], 9 ; mov eax, 1 (its immediate is rewritten) ; ret */
  unsigned char own[] = {0xc6, 0x05, 0x01, 0, 0, 0, 9, 0xb8, 1, 0, 0, 0, 0xc3};
  memcpy(p + 100, own, sizeof own);
  printf("%d\n", ((function)(p + 100))(0));
  /* the same function moved across a page border */
  memcpy(p + 4094, code, 4);
  p[4096] = 7;
  printf("%d\n", ((function)(p + 4094))(10));
  p[4096] = 8;
  printf("%d\n", ((function)(p + 4094))(10));
  mprotect(p, 8192, PROT_READ | PROT_EXEC);
  printf("%d\n", f(2));
  mprotect(p, 8192, PROT_READ | PROT_WRITE);
  p[2] = 50;
  mprotect(p, 8192, PROT_READ | PROT_EXEC);
  printf("%d\n", f(2));
  return 0;
}
