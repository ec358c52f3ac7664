#include "guest.h"
#include <sys/random.h>
#include <sys/utsname.h>
int main(void) {
  unsigned char a[64] = {0}, b[64] = {0};
  SHOW(getrandom(a, 64, 0));
  SHOW(getrandom(b, 64, GRND_NONBLOCK));
  printf("differ %d\n", memcmp(a, b, 64) != 0);
  SHOW(getrandom(a, 1, 0xff00));
  int f = open("/dev/urandom", O_RDONLY);
  SHOW(read(f, b, 64));
  printf("differ %d\n", memcmp(a, b, 64) != 0);
  struct utsname u;
  SHOW(uname(&u));
  printf("%s %s\n", u.sysname, u.machine);
  printf("release is a version %d\n", atoi(u.release) >= 4);
  char host[100];
  SHOW(gethostname(host, 100));
  printf("same %d\n", !strcmp(host, u.nodename));
  printf("ids %d %d\n", getuid() == geteuid(), getgid() == getegid());
  printf("cpus %d page %ld\n", sysconf(_SC_NPROCESSORS_ONLN) > 0, sysconf(_SC_PAGESIZE));
  return 0;
}
