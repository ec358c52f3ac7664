/* execveat(2): by a descriptor, from a directory, through a link, and what is refused. */
#include "guest.h"
static char *environment[] = {"PATH=/bin", "SET=1", 0};
static int run(int fd, const char *path, const char *argument, int flags) {
  char *arguments[] = {"exec_at", (char *)argument, 0};
  int status;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    syscall(SYS_execveat, fd, path, arguments, environment, flags);
    printf("%s: %s\n", argument, error_name(errno));
    fflush(stdout);
    _exit(1);
  }
  MUST(waitpid(child, &status, 0) == child);
  return WEXITSTATUS(status);
}
int main(int argc, char **argv) {
  if (argc > 1) {
    printf("%s, %s, %d arguments\n", argv[1], getenv("SET"), argc);
    return 3;
  }
  char path[512], *slash;
  ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  MUST(n > 0);
  path[n] = 0;
  char *path_of_self = strdup(path);
  int self = open("/proc/self/exe", O_RDONLY), handle = open("/proc/self/exe", O_PATH | O_CLOEXEC);
  enter_folder();
  MUST(self >= 0 && handle >= 0 && symlink(path, "link") == 0 && close(open("plain", O_CREAT | O_WRONLY, 0644)) == 0);
  slash = strrchr(path, '/');
  *slash = 0;
  int directory = open(*path ? path : "/", O_RDONLY | O_DIRECTORY);
  MUST(directory >= 0);
  printf("-> %d\n", run(self, "", "by descriptor", AT_EMPTY_PATH));
  printf("-> %d\n", run(handle, "", "by O_PATH descriptor", AT_EMPTY_PATH));
  printf("-> %d\n", run(directory, slash + 1, "from a directory", 0));
  printf("-> %d\n", run(AT_FDCWD, "link", "through a link", 0));
  printf("-> %d\n", run(AT_FDCWD, "link", "not through a link", AT_SYMLINK_NOFOLLOW));
  printf("-> %d\n", run(self, "", "no path", 0));
  printf("-> %d\n", run(99, "link", "no directory", 0));
  printf("-> %d\n", run(self, "link", "from a file", 0));
  printf("-> %d\n", run(99, path_of_self, "no directory, absolute", 0));
  printf("-> %d\n", run(self, path_of_self, "from a file, absolute", 0));
  printf("-> %d\n", run(AT_FDCWD, "plain", "not executable", 0));
  printf("-> %d\n", run(AT_FDCWD, ".", "a directory", 0));
  printf("-> %d\n", run(AT_FDCWD, "none", "missing", 0));
  printf("-> %d\n", run(AT_FDCWD, "link", "flags", 1));
  unlink("link"), unlink("plain");
  leave_folder();
  return 0;
}
