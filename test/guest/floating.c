/* Doubles and floats: arithmetic, comparisons with NaN, conversions at their limits, sqrt, rounding, sums. */
#include "guest.h"
static uint64_t bits(double d) { uint64_t u; memcpy(&u, &d, 8); return u; }
static uint32_t fbits(float d) { uint32_t u; memcpy(&u, &d, 4); return u; }
int main(void) {
  volatile double v[] = {0.0, -0.0, 1.0, -1.5, 1e308, 5e-324, 1.0 / 0.0, -1.0 / 0.0, 0.0 / 0.0, 3.999999, -2147483649.0, 9.3e18};
  int n = sizeof v / sizeof *v;
  uint64_t h = 0;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double r[] = {v[i] + v[j], v[i] - v[j], v[i] * v[j], v[i] / v[j]};
      for (int k = 0; k < 4; k++) { uint64_t b = bits(r[k]); h = digest(&b, 8, h); }
      int c = (v[i] < v[j]) | (v[i] <= v[j]) << 1 | (v[i] == v[j]) << 2 | (v[i] != v[j]) << 3 | (v[i] > v[j]) << 4 | (v[i] >= v[j]) << 5;
      h = digest(&c, sizeof c, h);
    }
  printf("arithmetic %llx\n", (unsigned long long)h);
  for (int i = 0; i < n; i++) {
    volatile float f = (float)v[i];
    printf("%g: float %08x back %016llx int %d long %ld\n", v[i], fbits(f), (unsigned long long)bits(f), (int)v[i], (long)v[i]);
  }
  volatile long big = 9007199254740993l;
  volatile unsigned long ub = 0xfffffffffffff800ul;
  printf("%.1f %.1f %.1f %.1f\n", (double)big, (double)ub, (double)(float)big, (double)(float)(int)big);
  volatile double two = 2.0, neg = -4.0;
  printf("%016llx %016llx\n", (unsigned long long)bits(__builtin_sqrt(two)), (unsigned long long)bits(__builtin_sqrt(neg)));
  double s = 0; float fs = 0;
  for (int i = 1; i < 100000; i++) { s += 1.0 / i; fs += 1.0f / i; }
  printf("%.17g %.9g\n", s, fs);
  double x = 1, y = 0, z = 0;
  for (int i = 0; i < 10000; i++) { double dx = 10 * (y - x), dy = x * (28 - z) - y, dz = x * y - 8.0 / 3 * z; x += dx * 0.001; y += dy * 0.001; z += dz * 0.001; }
  printf("%.17g %.17g %.17g\n", x, y, z);
  return 0;
}
