// Lazy binding, and LD_BIND_NOW: the first call of a function resolves it, with all argument registers in use.
// link: -Wl,-z,lazy -lcounter
#include "guest.h"
#include <math.h>
extern int counter_next(void);
static double eight(double a, double b, double c, double d, double e, double f, double g, double h) {
  return fmod(a * 1000 + b, c) + pow(d, e) + hypot(f, g) + h;
}
int main(void) {
  char text[64];
  printf("%d %d\n", counter_next(), counter_next());
  snprintf(text, sizeof text, "%d %s %g %d %g %d %g %c", 1, "two", 3.5, 4, 5.25, 6, 7.125, '8');
  printf("%s\n", text);
  printf("%.9g\n", eight(1, 2, 7, 2, 10, 3, 4, 0.5));
  printf("%ld %.9g %.9g\n", strtol("ff", 0, 16), strtod("2.5e3", 0), atan2(1, 2));
  return 0;
}
