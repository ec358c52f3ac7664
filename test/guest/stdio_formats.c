/* printf and scanf over integers, floats, strings; fopen, fseek, ungetc. */
#include "guest.h"
#include <inttypes.h>
int main(void) {
  printf("%d %i %u %x %X %o %c %s %p\n", -1, 42, 4000000000u, 0xbeef, 0xBEEF, 8, 'c', "str", (void *)0x1234);
  printf("[%5d][%-5d][%05d][%+d][% d][%.3d]\n", 42, 42, 42, 42, 42, 42);
  printf("%ld %lld %zu %jd %hhd %hd\n", LONG_MIN, LLONG_MAX, (size_t)-1, (intmax_t)-5, (char)200, (short)70000);
  printf("%f %.0f %.10f %e %g %g %a\n", 3.14159, 2.5, 1.0 / 3, 123456.789, 0.0001, 1e20, 0.1);
  printf("%f %f %f %g\n", 1.0 / 0.0, -1.0 / 0.0, 0.0 * -1.0, 5e-324);
  printf("%.17g %.17g %.17g\n", 0.1, 1e308 * 1.7, 2.2250738585072014e-308);
  printf("%10.3s|%-10s|%*d|%.*f\n", "abcdef", "left", 6, 7, 2, 9.999);
  int a, n; unsigned b; double d; char s[20], t[20];
  n = sscanf("  -17 0xff 2.5e3 word [abc]", "%d %x %lf %19s [%19[a-c]]", &a, &b, &d, s, t);
  printf("%d: %d %u %g %s %s\n", n, a, b, d, s, t);
  printf("%ld %lu %g %g\n", strtol("-0x1f", 0, 16), strtoul("777", 0, 8), strtod("1e-5xyz", 0), strtod("inf", 0));
  enter_folder();
  FILE *f = fopen("t", "w+");
  for (int i = 0; i < 2000; i++) fprintf(f, "line %d\n", i);
  fseek(f, 0, SEEK_SET);
  char line[64]; int lines = 0; long sum = 0;
  while (fgets(line, sizeof line, f)) { lines++; sum += atoi(line + 5); }
  printf("%d lines sum %ld eof %d\n", lines, sum, feof(f) != 0);
  fseek(f, -6, SEEK_END);
  int ch = fgetc(f); ungetc('Z', f);
  printf("%c %c %ld\n", ch, fgetc(f), ftell(f));
  fclose(f);
  unlink("t");
  leave_folder();
  return 0;
}
