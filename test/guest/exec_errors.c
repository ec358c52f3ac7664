/* What execve and execveat refuse, by which error, and that the caller goes on unharmed. */
#include "guest.h"
#include <sys/syscall.h>
static char *const none[] = {0};
static void put(const char *name, const void *data, size_t size, int mode) {
  int fd = open(name, O_CREAT | O_TRUNC | O_WRONLY, 0700);
  MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
  fchmod(fd, mode);
  close(fd);
}
static void text(const char *name, const char *line) { put(name, line, strlen(line), 0755); }
static long exec_(const char *name, char *const *argv) { return execve(name, argv, none); }
static void self(const char *name) {
  static char buffer[1 << 16];
  int in = open("/proc/self/exe", O_RDONLY), out = open(name, O_CREAT | O_WRONLY, 0755);
  ssize_t n;
  MUST(in >= 0 && out >= 0);
  while ((n = read(in, buffer, sizeof buffer)) > 0) MUST(write(out, buffer, n) == n);
  close(in), close(out);
}
/* In a child: the errno of exec, or its exit status. */
static void in_child(const char *what, long (*run)(void)) {
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    run();
    _exit(100 + errno);
  }
  int status;
  waitpid(p, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) > 100) printf("%s: %s\n", what, error_name(WEXITSTATUS(status) - 100));
  else print_status(what, status);
}
static char *const child_arguments[] = {"self", "child", 0};
static long by_fd_of_closing_script(void) {
  int fd = open("script", O_RDONLY | O_CLOEXEC);
  return syscall(322, fd, "", child_arguments, none, AT_EMPTY_PATH);
}
static long by_fd(void) {
  int fd = open("copy", O_RDONLY | O_CLOEXEC);
  return syscall(322, fd, "", child_arguments, none, AT_EMPTY_PATH);
}
static long by_path_fd(void) {
  int fd = open("copy", 010000000 /* O_PATH */ | O_CLOEXEC);
  return syscall(322, fd, "", child_arguments, none, AT_EMPTY_PATH);
}
static long below_directory(void) {
  int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return syscall(322, fd, "copy", child_arguments, none, 0);
}
static long link_itself(void) { return syscall(322, AT_FDCWD, "link", child_arguments, none, AT_SYMLINK_NOFOLLOW); }
static long no_arguments(void) { return syscall(SYS_execve, "copy", 0, 0); }
static long as_nobody(void) {
  MUST(setresuid(65534, 65534, 65534) == 0);
  return exec_("private", none);
}
static long shared_image(void) {
  /* Written to while it runs. */
  int fd = open("copy", O_WRONLY);
  return fd < 0 ? -1 : 0;
}
static long nested(void) { return exec_("s4", none); }
static long too_deep(void) { return exec_("s5", none); }
static long far_too_deep(void) { return exec_("s9", none); }
static char *big[40];
static long one_too_long(void) {
  char *s = malloc(131073);
  memset(s, 'x', 131072), s[131072] = 0;
  char *const argv[] = {"self", "child", s, 0};
  return exec_("copy", argv);
}
static long one_just_fits(void) {
  char *s = malloc(131072);
  memset(s, 'x', 131071), s[131071] = 0;
  char *const argv[] = {"self", "child", s, 0};
  return exec_("copy", argv);
}
static long fill(int count) {
  char *s = malloc(100001), *argv[64] = {"self", "child"};
  memset(s, 'x', 100000), s[100000] = 0;
  for (int i = 0; i < count; i++) argv[2 + i] = s;
  return exec_("copy", argv);
}
static long default_stack(void) { return fill(20); }
static long past_default_stack(void) { return fill(22); }
static long small_stack(void) {
  struct rlimit l = {1 << 20, 1 << 20};
  setrlimit(RLIMIT_STACK, &l);
  return fill(3);
}
static long past_small_stack(void) {
  struct rlimit l = {256 << 10, 256 << 10};
  setrlimit(RLIMIT_STACK, &l);
  return fill(2);
}
static long unlimited_stack(void) {
  struct rlimit l = {64 << 20, RLIM_INFINITY};
  setrlimit(RLIMIT_STACK, &l);
  return fill(60);
}
static long past_six_mib(void) {
  char *s = malloc(120001), *argv[64] = {"self", "child"};
  struct rlimit l = {64 << 20, RLIM_INFINITY};
  setrlimit(RLIMIT_STACK, &l);
  memset(s, 'x', 120000), s[120000] = 0;
  for (int i = 0; i < 54; i++) argv[2 + i] = s;
  return exec_("copy", argv);
}
int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "child")) return 42;
  if (argc == 1 && argv[0][0] == 0) return 43;
  enter_folder();
  self("copy");
  SHOW(exec_("missing", none));
  SHOW(exec_("", none));
  SHOW(exec_(".", none));
  SHOW(exec_("copy/below", none));
  char long_name[5000];
  memset(long_name, 'a', sizeof long_name - 1), long_name[sizeof long_name - 1] = 0;
  SHOW(exec_(long_name, none));
  long_name[300] = 0;
  SHOW(exec_(long_name, none));
  SHOW(exec_((char *)8, none));
  SHOW(exec_("copy", (char *const *)8));
  char *const bad[] = {(char *)8, 0};
  SHOW(exec_("copy", bad));
  SHOW(execve("copy", none, bad));
  put("plain", "no format\n", 10, 0644);
  SHOW(exec_("plain", none));
  put("unknown", "no format\n", 10, 0755);
  SHOW(exec_("unknown", none));
  put("empty", "", 0, 0755);
  SHOW(exec_("empty", none));
  put("broken", "\177ELF\2\1\1", 7, 0755);
  SHOW(exec_("broken", none));
  text("nothing", "#!\n");
  SHOW(exec_("nothing", none));
  text("blank", "#!   \n");
  SHOW(exec_("blank", none));
  text("lost", "#!/no/such/interpreter\n");
  SHOW(exec_("lost", none));
  text("folder", "#!/tmp\n");
  SHOW(exec_("folder", none));
  text("relative", "#!plain\n");
  SHOW(exec_("relative", none));
  symlink("loop", "loop");
  SHOW(exec_("loop", none));
  symlink("copy", "link");
  mkfifo("fifo", 0755);
  SHOW(exec_("fifo", none));
  SHOW(syscall(322, AT_FDCWD, "", none, none, 0));
  SHOW(syscall(322, AT_FDCWD, "copy", none, none, 0x40000000));
  SHOW(syscall(322, 99, "copy", none, none, 0));
  SHOW(syscall(322, 99, "", none, none, AT_EMPTY_PATH));
  int writer = open("copy", O_WRONLY);
  SHOW(exec_("copy", none));
  close(writer);
  int file = open("plain", O_RDONLY);
  SHOW(syscall(322, file, "below", none, none, 0));
  SHOW(syscall(322, file, "", none, none, AT_EMPTY_PATH));
  close(file);
  char path[200], cwd[100];
  getcwd(cwd, sizeof cwd);
  snprintf(path, sizeof path, "#!%s/copy child\n", cwd);
  text("script", path);
  for (int i = 1; i < 10; i++) {
    char name[8];
    snprintf(name, sizeof name, "s%d", i);
    if (i > 1) snprintf(path, sizeof path, "#!%s/s%d\n", cwd, i - 1);
    text(name, path);
  }
  put("private", "#!/bin/x\n", 9, 0700);
  in_child("script that closes", by_fd_of_closing_script);
  in_child("by descriptor", by_fd);
  in_child("by O_PATH descriptor", by_path_fd);
  in_child("below a directory", below_directory);
  in_child("a link itself", link_itself);
  in_child("no arguments", no_arguments);
  in_child("not permitted", as_nobody);
  in_child("four scripts", nested);
  in_child("five scripts", too_deep);
  in_child("nine scripts", far_too_deep);
  in_child("one too long", one_too_long);
  in_child("one that just fits", one_just_fits);
  in_child("20 times 100 kB", default_stack);
  in_child("22 times 100 kB", past_default_stack);
  in_child("3 times 100 kB, 1 MiB of stack", small_stack);
  in_child("2 times 100 kB, 256 KiB of stack", past_small_stack);
  in_child("60 times 100 kB, 64 MiB of stack", unlimited_stack);
  in_child("6.5 MB", past_six_mib);
  /* What runs cannot be written. */
  char itself[200];
  MUST(readlink("/proc/self/exe", itself, sizeof itself - 1) > 0);
  SHOW(open("/proc/self/exe", O_WRONLY));
  SHOW(open("/proc/self/exe", O_RDWR | O_TRUNC));
  SHOW(truncate("/proc/self/exe", 0));
  static const char *const files[] = {"copy", "plain", "unknown", "empty", "broken", "nothing", "blank", "lost", "folder", "relative", "loop", "link", "fifo",
                                      "script", "private", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"};
  for (unsigned i = 0; i < sizeof files / sizeof *files; i++) unlink(files[i]);
  leave_folder();
  return 0;
}
