// Functions that are chosen at start (STT_GNU_IFUNC, IRELATIVE relocations), and what the choice can ask of the processor.
// libc: glibc
#include "guest.h"
static int plain(int n) { return n + 1; }
static int special(int n) { return n + 2; }
static int (*choose(void))(int) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("sse2") ? special : plain;
}
int chosen(int n) __attribute__((ifunc("choose")));
static int (*const table[])(int) = {plain, chosen, special};
int main(void) {
  printf("%d\n", chosen(40));
  int (*p)(int) = chosen;
  printf("%d %d\n", p(1), p == special || p != plain);
  for (int i = 0; i < 3; i++) printf("%d\n", table[i](10));
  char a[300], b[300];
  memset(a, 'x', sizeof a);
  memcpy(b, a, sizeof a);
  b[299] = 0;
  printf("%zu %d\n", strlen(b), memcmp(a, b, 299));
  return 0;
}
