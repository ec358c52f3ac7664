// LD_PRELOAD and the environment that ld.so reads, over exec.
#include "guest.h"
int main(int argc, char **argv) {
  static char path[4096], library[4200];
  if (argc > 1) {
    puts("hello");
    printf("parent %d\n", getppid() == 4242);
    return 3;
  }
  puts("hello");
  fflush(stdout);
  path[readlink("/proc/self/exe", path, sizeof path - 1)] = 0;
  strcpy(library, path);
  strcpy(strrchr(library, '/') + 1, "libpreload.so");
  pid_t child = fork();
  if (child == 0) {
    setenv("LD_PRELOAD", library, 1);
    execl(path, path, "again", (char *)0);
    _exit(1);
  }
  int status;
  waitpid(child, &status, 0);
  print_status("child", status);
  return 0;
}
