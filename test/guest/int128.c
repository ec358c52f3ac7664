/* 128-bit arithmetic: MUL, IMUL, DIV, ADC, SBB, SHLD, SHRD as compilers use them. */
#include "guest.h"
typedef unsigned __int128 u;
static void p(const char *n, u v) { printf("%s %016llx%016llx\n", n, (unsigned long long)(v >> 64), (unsigned long long)v); }
int main(void) {
  u a = ((u)0x0123456789abcdefull << 64) | 0xfedcba9876543210ull, b = 0xdeadbeefcafebabeull;
  uint64_t h = 0;
  for (int i = 0; i < 2000; i++) {
    a = a * 6364136223846793005ull + 1442695040888963407ull;
    b = (b << 13 | b >> 115) ^ a;
    u r[] = {a + b, a - b, a * b, a / (b | 1), a % ((b >> 70) | 1), a << (i % 128), a >> (i % 128), (u)((__int128)a >> (i % 128)), (u)((__int128)a / (__int128)(b >> 80 | 3))};
    h = digest(r, sizeof r, h);
  }
  p("a", a); p("b", b); p("a*b", a * b); p("a/b", a / (b >> 64 | 1));
  printf("%llx\n", (unsigned long long)h);
  volatile long x = 0x123456789abcdef, y = -987654321012345;
  printf("%ld %ld %ld %lu\n", x / y, x % y, y / 1000, (unsigned long)y / 1000);
  volatile int s = 31;
  volatile int64_t neg = -1234567890123;
  printf("%lx %lx %lx\n", neg >> s, (uint64_t)neg >> s, neg << s);
  return 0;
}
