/* /proc/self as programs read it. */
#include "guest.h"
int main(int argc, char **argv) {
  (void)argc;
  char b[4096] = {0};
  ssize_t n = readlink("/proc/self/exe", b, sizeof b - 1);
  printf("exe %d\n", n > 0 && strstr(b, "proc_self") != 0);
  int f = open("/proc/self/cmdline", O_RDONLY);
  n = read(f, b, sizeof b);
  printf("cmdline %d\n", n >= (ssize_t)strlen(argv[0]) + 1 && !strcmp(b, argv[0]));
  close(f);
  f = open("/proc/self/maps", O_RDONLY);
  int stack = 0, text = 0;
  FILE *m = fdopen(f, "r");
  while (fgets(b, sizeof b, m)) { stack |= strstr(b, "[stack]") != 0; text |= strstr(b, "r-xp") && strstr(b, "proc_self"); }
  fclose(m);
  printf("maps: stack %d text %d\n", stack, text);
  m = fopen("/proc/self/status", "r");
  int pid = 0, named = 0;
  while (fgets(b, sizeof b, m)) { sscanf(b, "Pid: %d", &pid); named |= !strncmp(b, "Name:\tproc_self", 15); }
  fclose(m);
  printf("status: pid %d name %d\n", pid == getpid(), named);
  m = fopen("/proc/self/stat", "r");
  int spid; char comm[32], state;
  MUST(fscanf(m, "%d (%31[^)]) %c", &spid, comm, &state) == 3);
  printf("stat: %d %.9s %c\n", spid == getpid(), comm, state);
  fclose(m);
  int g = open("/dev/null", O_RDONLY);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", g);
  memset(b, 0, sizeof b);
  readlink(path, b, sizeof b - 1);
  printf("fd -> %s\n", b);
  SHOW(access("/proc/self/nothing", F_OK));
  snprintf(path, sizeof path, "/proc/%d/fd/0", getpid());
  SHOW(access(path, F_OK) == 0 || errno == ENOENT);
  return 0;
}
