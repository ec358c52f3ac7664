/* Bit operations: BSF, BSR, BT, BTS, rotates, BSWAP, SETcc, CMOVcc, sign extensions. */
#include "guest.h"
int main(void) {
  uint64_t h = 0, x = 88172645463325252ull;
  for (int i = 0; i < 20000; i++) {
    x ^= x << 13; x ^= x >> 7; x ^= x << 17;
    uint32_t w = x; uint16_t s = x; int8_t c = x;
    uint64_t r[] = {__builtin_clzll(x | 1), __builtin_ctzll(x | 1ull << 63), __builtin_clz(w | 1), __builtin_popcountll(x), __builtin_parityll(x),
                    __builtin_bswap64(x), __builtin_bswap32(w), __builtin_bswap16(s), x << (i & 63) | x >> (-i & 63), (uint64_t)(int64_t)c, (uint64_t)(int64_t)(int16_t)s, c > 3 ? w : s,
                    (x >> (i & 63)) & 1, __builtin_ffsll(x)};
    h = digest(r, sizeof r, h);
  }
  printf("%llx\n", (unsigned long long)h);
  unsigned char map[64] = {0};
  long bit;
  unsigned char was, now;
  for (bit = -100; bit < 200; bit += 37) {
    __asm__ volatile("btsq %2, %0\n setc %1" : "+m"(map[24]), "=r"(was) : "r"(bit) : "memory", "cc");
    __asm__ volatile("btq %2, %1\n setc %0" : "=r"(now) : "m"(map[24]), "r"(bit) : "cc", "memory");
    printf("%ld: %d %d\n", bit, was, now);
  }
  printf("%llx\n", (unsigned long long)digest(map, 64, 0));
  return 0;
}
