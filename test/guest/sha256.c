/* SHA-256 of standard input (FIPS 180-4). guest-stdin */
#include "guest.h"
static uint32_t k[64], h[8];
static uint32_t rot(uint32_t x, int n) { return x >> n | x << (32 - n); }
static void root_bits(void) {
  int n = 0;
  for (int p = 2; n < 64; p++) {
    int prime = 1;
    for (int d = 2; d * d <= p; d++) prime &= p % d != 0;
    if (!prime) continue;
    /* 32 bits of the fraction of the cube root, and of the square root, by integer search */
    unsigned __int128 lo = 0, hi = (unsigned __int128)8 << 32;
    while (hi - lo > 1) { unsigned __int128 m = (lo + hi) / 2; if (m * m * m <= (unsigned __int128)p << 96) lo = m; else hi = m; }
    k[n] = (uint32_t)lo;
    if (n < 8) {
      lo = 0; hi = (unsigned __int128)8 << 32;
      while (hi - lo > 1) { unsigned __int128 m = (lo + hi) / 2; if (m * m <= (unsigned __int128)p << 64) lo = m; else hi = m; }
      h[n] = (uint32_t)lo;
    }
    n++;
  }
}
static void block(const unsigned char *p) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++) w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
  for (int i = 16; i < 64; i++) w[i] = (rot(w[i - 2], 17) ^ rot(w[i - 2], 19) ^ w[i - 2] >> 10) + w[i - 7] + (rot(w[i - 15], 7) ^ rot(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 16];
  memcpy(s, h, 32);
  for (int i = 0; i < 64; i++) {
    uint32_t t1 = s[7] + (rot(s[4], 6) ^ rot(s[4], 11) ^ rot(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
    uint32_t t2 = (rot(s[0], 2) ^ rot(s[0], 13) ^ rot(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    memmove(s + 1, s, 28);
    s[4] += t1;
    s[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) h[i] += s[i];
}
int main(void) {
  root_bits();
  unsigned char b[64];
  size_t have = 0; uint64_t total = 0;
  ssize_t n;
  while ((n = read(0, b + have, 64 - have)) > 0) { have += n; total += n; if (have == 64) { block(b); have = 0; } }
  b[have++] = 0x80;
  if (have > 56) { memset(b + have, 0, 64 - have); block(b); have = 0; }
  memset(b + have, 0, 56 - have);
  for (int i = 0; i < 8; i++) b[56 + i] = total * 8 >> (56 - 8 * i);
  block(b);
  for (int i = 0; i < 8; i++) printf("%08x", h[i]);
  puts("");
  return 0;
}
