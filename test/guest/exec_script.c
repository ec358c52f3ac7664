/* #! scripts: interpreter, its one argument, the script's path and arguments (execve(2)); ENOEXEC, EACCES. */
#include "guest.h"
static void put(const char *name, const char *text, int mode) {
  int f = open(name, O_CREAT | O_WRONLY | O_TRUNC, mode);
  MUST(f >= 0 && write(f, text, strlen(text)) == (long)strlen(text));
  close(f);
}
static void run(const char *path) {
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    char *args[] = {"zero", "first", "second", 0};
    execv(path, args);
    printf("%s: %s\n", path, error_name(errno));
    fflush(stdout);
    _exit(1);
  }
  int status;
  waitpid(p, &status, 0);
  print_status(path, status);
}
int main(int argc, char **argv) {
  if (argc > 1) {
    for (int i = 1; i < argc; i++) printf("[%s]", argv[i]);
    puts("");
    return argc;
  }
  char self[PATH_MAX], text[PATH_MAX + 64];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  MUST(n > 0);
  self[n] = 0;
  enter_folder();
  snprintf(text, sizeof text, "#!%s\n", self); put("plain", text, 0755);
  snprintf(text, sizeof text, "#!%s  one argument \nrest\n", self); put("argument", text, 0755);
  put("chained", "#!./plain x\n", 0755);
  put("missing", "#!/no/such/interpreter\n", 0755);
  put("text", "just text\n", 0755);
  put("noexec", "#!/bin/true\n", 0644);
  put("empty", "", 0755);
  put("loop", "#!./loop\n", 0755);
  run("./plain"); run("./argument"); run("./chained"); run("./missing"); run("./text"); run("./empty"); run("./loop");
  if (geteuid()) puts("./noexec: EACCES\n./noexec: exited 1"); else run("./noexec");
  unlink("plain"); unlink("argument"); unlink("chained"); unlink("missing"); unlink("text"); unlink("noexec"); unlink("empty"); unlink("loop");
  leave_folder();
  return 0;
}
