// Calendar arithmetic of the C library, without and with TZ.
#include "guest.h"
static void show_time(const char *what, time_t t) {
  struct tm g, l;
  char a[64], b[64];
  gmtime_r(&t, &g);
  localtime_r(&t, &l);
  strftime(a, sizeof a, "%Y-%m-%dT%H:%M:%S %a %j %U", &g);
  strftime(b, sizeof b, "%F %T %Z %z", &l);
  printf("%s: %s | %s | %ld\n", what, a, b, (long)mktime(&l));
}
int main(void) {
  long times[] = {0, 951782400, 1078012800, 1234567890, 1711846800, 2147483647, 4102444800, -86400};
  setenv("TZ", "UTC0", 1);
  tzset();
  for (int i = 0; i < 8; i++) show_time("UTC", times[i]);
  setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
  tzset();
  for (int i = 0; i < 8; i++) show_time("CET", times[i]);
  struct tm t = {.tm_year = 124, .tm_mon = 1, .tm_mday = 30, .tm_hour = 25, .tm_isdst = -1};
  printf("%ld, %d-%d %d\n", (long)mktime(&t), t.tm_mon, t.tm_mday, t.tm_hour);
  memset(&t, 0, sizeof t);
  printf("%s\n", strptime("2024-02-29 12:34:56", "%Y-%m-%d %H:%M:%S", &t) ? "parsed" : "not parsed");
  printf("%d %d %d %d\n", t.tm_year, t.tm_yday, t.tm_wday, t.tm_sec);
  printf("%.0f\n", difftime(1000, 250));
  return 0;
}
