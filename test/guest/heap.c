/* malloc under stress: random sizes, realloc, contents checked; brk moves. */
#include "guest.h"
#include <sys/syscall.h>
static unsigned seed = 12345;
static unsigned next(void) { return seed = seed * 1664525 + 1013904223; }
int main(void) {
  enum { N = 500 };
  static unsigned char *block[N];
  static size_t size[N];
  uint64_t h = 0;
  int bad = 0;
  for (int round = 0; round < 20000; round++) {
    unsigned i = (next() >> 8) % N;
    if (block[i]) {
      for (size_t k = 0; k < size[i]; k += 61) bad += block[i][k] != (unsigned char)(i + k);
      if (next() >> 31) { free(block[i]); block[i] = 0; continue; }
    }
    size[i] = (next() >> 20) % 100 == 0 ? 200000 : (next() >> 16) % 2000;
    block[i] = realloc(block[i], size[i] + 1);
    for (size_t k = 0; k <= size[i]; k++) block[i][k] = i + k;
    h = digest(&size[i], sizeof size[i], h);
  }
  printf("bad %d digest %llx\n", bad, (unsigned long long)h);
  char *b = (char *)syscall(SYS_brk, 0);
  printf("brk moved %ld\n", (long)((char *)syscall(SYS_brk, b + (1 << 20)) - b));
  b[100000] = 1;
  printf("and back %d\n", (char *)syscall(SYS_brk, b) == b);
  printf("refused %d\n", (char *)syscall(SYS_brk, 0x1000) == b);
  return 0;
}
