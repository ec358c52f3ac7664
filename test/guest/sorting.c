#include "guest.h"
static int cmp(const void *a, const void *b) { int x = *(const int *)a, y = *(const int *)b; return (x > y) - (x < y); }
int main(void) {
  enum { N = 20000 };
  static int v[N];
  unsigned s = 7;
  for (int i = 0; i < N; i++) v[i] = (int)(s = s * 1664525 + 1013904223) >> 4;
  qsort(v, N, sizeof *v, cmp);
  int ok = 1, found = 0;
  for (int i = 1; i < N; i++) ok &= v[i - 1] <= v[i];
  for (int i = 0; i < N; i += 97) found += bsearch(&v[i], v, N, sizeof *v, cmp) != 0;
  int none = v[0] - 1;
  printf("sorted %d found %d none %d digest %llx\n", ok, found, bsearch(&none, v, N, sizeof *v, cmp) != 0, (unsigned long long)digest(v, sizeof v, 0));
  return 0;
}
