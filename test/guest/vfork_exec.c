/* vfork shares memory and suspends the parent; the program runs itself again with execve. */
#include "guest.h"
int main(int argc, char **argv) {
  if (argc > 1) { printf("second life: %s, X=%s\n", argv[1], getenv("X") ? getenv("X") : ""); return 17; }
  volatile int touched = 0;
  pid_t p = vfork();
  if (p == 0) { touched = 1; _exit(3); }
  int status;
  waitpid(p, &status, 0);
  printf("touched %d ", touched);
  print_status("vfork", status);
  p = vfork();
  if (p == 0) {
    char *args[] = {"self", "again", 0}, *env[] = {"X=y", 0};
    execve("/proc/self/exe", args, env);
    _exit(127);
  }
  waitpid(p, &status, 0);
  print_status("exec", status);
  p = fork();
  if (p == 0) {
    char *args[] = {"none", 0};
    execv("/nonexistent/program", args);
    printf("execv: %s\n", error_name(errno));
    execv("/tmp", args);
    printf("execv a folder: %s\n", error_name(errno));
    fflush(stdout);
    _exit(0);
  }
  wait(0);
  return 0;
}
