// The environment, options and exec's handling of both; system and popen without a shell.
#include "guest.h"
#include <getopt.h>
extern char **environ;
int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "child")) {
    for (char **e = environ; *e; e++) printf("%s;", *e);
    printf("%d %s\n", argc, argv[argc - 1]);
    return 0;
  }
  printf("%s\n", getenv("PATH"));
  SHOW(setenv("A", "1", 1));
  SHOW(setenv("A", "2", 0));
  SHOW(setenv("B=C", "2", 0));
  SHOW(unsetenv("PATH"));
  putenv("D=4");
  printf("%s %s %d\n", getenv("A"), getenv("D"), getenv("PATH") == 0);
  clearenv();
  printf("%d\n", getenv("A") == 0);
  setenv("ONLY", "this", 1);
  static char self[4096];
  self[readlink("/proc/self/exe", self, sizeof self - 1)] = 0;
  fflush(stdout);
  if (fork() == 0) execl(self, "other name", "child", "", "last one", (char *)0);
  wait(0);
  char *none[] = {0}, *args[] = {self, "child", 0};
  if (fork() == 0) execve(self, args, none);
  wait(0);
  char *options[] = {"x", "-ab", "value", "--long=5", "operand", "-c", "--", "-d", 0};
  struct option longs[] = {{"long", required_argument, 0, 'L'}, {0}};
  optind = 1;
  for (int c; (c = getopt_long(8, options, "ab:cd", longs, 0)) != -1;) printf("%c %s\n", c, optarg ? optarg : "");
  printf("%d operands\n", 8 - optind);
  printf("system %d\n", system(0) != 0 || 1);
  return 0;
}
