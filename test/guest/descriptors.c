/* dup, dup2, dup3, F_DUPFD, shared offsets, close-on-exec across exec, EMFILE at RLIMIT_NOFILE. */
#include "guest.h"
int main(int argc, char **argv) {
  if (argc > 2) {
    printf("kept %d closed %d\n", fcntl(atoi(argv[1]), F_GETFD), fcntl(atoi(argv[2]), F_GETFD));
    return 0;
  }
  enter_folder();
  int f = open("f", O_CREAT | O_RDWR, 0600);
  int g = dup(f);
  write(f, "abc", 3);
  SHOW(lseek(g, 0, SEEK_CUR));
  SHOW(dup2(f, 20));
  SHOW(dup2(f, f));
  SHOW(dup2(99, 21));
  SHOW(dup3(f, f, 0));
  SHOW(dup3(f, 22, O_CLOEXEC));
  SHOW(fcntl(22, F_GETFD));
  SHOW(fcntl(f, F_DUPFD, 30));
  SHOW(fcntl(f, F_DUPFD_CLOEXEC, 30));
  SHOW(fcntl(31, F_SETFD, 0));
  SHOW(fcntl(31, F_GETFD));
  SHOW(fcntl(f, F_GETFL) & (O_ACCMODE | O_APPEND));
  SHOW(fcntl(f, F_SETFL, O_APPEND));
  SHOW(fcntl(g, F_GETFL) & (O_ACCMODE | O_APPEND));
  SHOW(dup2(f, -1));
  SHOW(fcntl(99, F_GETFD));
  fflush(stdout);
  if (fork() == 0) { lseek(f, 1, SEEK_SET); _exit(0); }
  wait(0);
  SHOW(lseek(f, 0, SEEK_CUR));
  if (fork() == 0) {
    char *args[] = {argv[0], "20", "22", 0};
    execv("/proc/self/exe", args);
    _exit(1);
  }
  wait(0);
  struct rlimit l = {10, 10};
  SHOW(setrlimit(RLIMIT_NOFILE, &l));
  int n = 0, last = 0;
  while ((last = dup(f)) >= 0) n++;
  printf("until %s after %d\n", error_name(errno), n);
  SHOW(fcntl(f, F_DUPFD, 10));
  SHOW(dup2(f, 10));
  unlink("f");
  leave_folder();
  return 0;
}
