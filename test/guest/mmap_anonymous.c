/* mmap family on anonymous memory: zeroes, holes, FIXED, mprotect splits, mremap, madvise, refusals. */
#include "guest.h"
int main(void) {
  char *p = mmap(0, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MUST(p != MAP_FAILED);
  int zero = 1;
  for (int i = 0; i < 16 * 4096; i++) zero &= p[i] == 0;
  printf("zero %d, aligned %d\n", zero, (uintptr_t)p % 4096 == 0);
  for (int i = 0; i < 16; i++) p[i * 4096] = i + 1;
  SHOW(munmap(p + 4 * 4096, 4096));
  SHOW(mprotect(p, 16 * 4096, PROT_READ));
  char *q = mmap(p + 4 * 4096, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  printf("fixed %d, zero %d\n", q == p + 4 * 4096, q[0] == 0);
  errno = 0;
  printf("noreplace %d\n", mmap(p, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED && errno == EEXIST);
  SHOW(mprotect(p, 16 * 4096, PROT_READ | PROT_WRITE));
  printf("kept %d %d\n", p[0], p[15 * 4096]);
  char *g = mremap(p + 8 * 4096, 8 * 4096, 32 * 4096, MREMAP_MAYMOVE);
  MUST(g != MAP_FAILED);
  printf("grown %d %d %d\n", g[0], g[7 * 4096], g[31 * 4096]);
  char *s = mremap(g, 32 * 4096, 2 * 4096, 0);
  printf("shrunk in place %d %d\n", s == g, s[4096]);
  SHOW(madvise(s, 4096, MADV_DONTNEED));
  printf("discarded %d kept %d\n", s[0], s[4096]);
  SHOW(mmap(0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
  SHOW(munmap(p + 1, 4096));
  SHOW(mprotect(p + 1, 4096, PROT_READ));
  SHOW((long)mmap(0, 4096, PROT_READ, MAP_PRIVATE, 77, 0));
  SHOW(munmap((void *)0x10000, 4096));
  /* A large reservation costs nothing. */
  char *big = mmap(0, 1ul << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  printf("reserved %d\n", big != MAP_FAILED);
  SHOW(mprotect(big + (512 << 20), 8192, PROT_READ | PROT_WRITE));
  big[(512 << 20) + 5] = 7;
  printf("committed %d\n", big[(512 << 20) + 5]);
  SHOW(munmap(big, 1ul << 30));
  unsigned char vec[4];
  char *m = mmap(0, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  m[4096] = 1;
  SHOW(mincore(m, 4 * 4096, vec));
  printf("resident %d %d\n", vec[1] & 1, vec[3] & 1);
  return 0;
}
