/* The set*id calls with and without privilege: which ids they change, which they refuse, what goes with them. */
#include "guest.h"
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
/* The system calls, not the library's, which change all threads. */
#define R(name, ...) syscall(SYS_##name, __VA_ARGS__)
static void ids(void) {
  uid_t r, e, s;
  gid_t gr, ge, gs;
  MUST(getresuid(&r, &e, &s) == 0 && getresgid(&gr, &ge, &gs) == 0);
  printf("  uid %d %d %d %d, gid %d %d %d %d\n", r, e, s, (int)R(setfsuid, -1), gr, ge, gs, (int)R(setfsgid, -1));
}
static void in_child(const char *what, void (*f)(void)) {
  int status;
  printf("-- %s\n", what), fflush(stdout);
  pid_t child = fork();
  if (child == 0) f(), exit(0);
  MUST(waitpid(child, &status, 0) == child);
  if (status) print_status(what, status);
}
#define DO(call) do { SHOW(call); ids(); } while (0)
static void as_root(void) {
  DO(R(setresuid, 1, 2, 3));
  SHOW(R(setuid, 4));
  DO(R(setuid, 3));
  DO(R(setuid, 1));
  SHOW(R(setresuid, 3, 3, 0));
  DO(R(setresuid, 3, -1, -1));
  DO(R(setreuid, -1, 3));
  SHOW(R(setreuid, 7, -1));
}
static void root_setuid(void) { DO(R(setuid, 5)); SHOW(R(setuid, 0)); SHOW(R(setuid, -1)); }
static void root_setgid(void) { DO(R(setgid, 5)); DO(R(setgid, 0)); SHOW(R(setgid, -1)); DO(R(setresgid, 1, 2, 3)); DO(R(setregid, 4, -1)); DO(R(setregid, -1, 4)); DO(R(setregid, -1, 9)); }
static void saved(void) {
  DO(R(setresuid, 10, 11, 12));
  DO(R(setreuid, 11, 10));
  DO(R(setreuid, -1, 11));
  DO(R(setreuid, -1, -1));
  SHOW(R(setreuid, 12, -1));
  SHOW(R(setreuid, -1, 13));
}
static void temporarily(void) {
  DO(R(setresuid, -1, 1000, -1));
  SHOW(R(setuid, 1));
  DO(R(setresuid, -1, 0, -1));
  DO(R(setresuid, 1000, 1000, 0));
  DO(R(setuid, 0));
  DO(R(setuid, 1000));
}
static void groups_without(void) {
  gid_t list[4] = {30, 10, 20, 10};
  SHOW(R(setgroups, 4, list));
  gid_t got[8];
  int n = getgroups(8, got);
  printf("%d:", n);
  for (int i = 0; i < n; i++) printf(" %d", got[i]);
  puts("");
  SHOW(R(getgroups, 2, got));
  SHOW(R(getgroups, 0, 0));
  SHOW(R(getgroups, -1, got));
  SHOW(R(setgroups, -1, list));
  SHOW(R(setgroups, 65537, list));
  SHOW(R(setgroups, 2, 8));
  MUST(R(setresuid, 1, 1, 1) == 0);
  SHOW(R(setgroups, 1, list));
  SHOW(R(setgid, 10));
  SHOW(R(getgroups, 0, 0));
}
static void file_ids(void) {
  enter_folder();
  int fd = open("private", O_CREAT | O_WRONLY, 0600);
  close(fd);
  chmod(".", 0755);
  SHOW(R(setfsuid, 1000));
  ids();
  SHOW(open("private", O_RDONLY));
  SHOW(R(setfsuid, 77));
  SHOW(R(setfsuid, 0));
  SHOW(open("private", O_RDONLY) >= 0);
  SHOW(R(setfsgid, 5));
  ids();
  SHOW(R(setfsuid, -1));
  unlink("private");
  leave_folder();
}
static void unprivileged_file_ids(void) {
  MUST(R(setresuid, 1, 2, 3) == 0);
  SHOW(R(setfsuid, 1));
  SHOW(R(setfsuid, 3));
  SHOW(R(setfsuid, 9));
  SHOW(R(setfsuid, 2));
  ids();
}
static void death_signal(void) {
  int signal = 0;
  MUST(prctl(PR_SET_PDEATHSIG, SIGUSR1) == 0);
  prctl(PR_GET_PDEATHSIG, &signal);
  printf("dumpable %d, death signal %d\n", prctl(PR_GET_DUMPABLE) == 1, signal);
  MUST(R(setresuid, 5, -1, 5) == 0);
  prctl(PR_GET_PDEATHSIG, &signal);
  printf("real id: dumpable %d, death signal %d\n", prctl(PR_GET_DUMPABLE) == 1, signal);
  MUST(R(setresuid, -1, 5, -1) == 0);
  prctl(PR_GET_PDEATHSIG, &signal);
  printf("effective id: death signal %d\n", signal);
}
/* Limits that count by user need one that nobody else is. */
static uid_t user;
static void process_limit(void) {
  struct rlimit limit = {1, 1};
  MUST(setrlimit(RLIMIT_NPROC, &limit) == 0);
  pid_t child = fork();
  if (child == 0) exit(0);
  printf("root forks: %d\n", child > 0);
  wait(0);
  if (R(setresuid, user, user, user)) puts("setresuid failed");
  pid_t other = fork();
  if (other == 0) exit(0);
  SHOW(other);
  /* Alone as that user, beyond the limit with a child. */
  exit(0);
}
static void exec_alone(void) {
  struct rlimit limit = {0, 0};
  MUST(setrlimit(RLIMIT_NPROC, &limit) == 0);
  SHOW(R(setresuid, user, user, user));
  fflush(stdout);
  char *argv[] = {"self", "leave", 0};
  SHOW(execv("/proc/self/exe", argv));
}
static void exec_limit(void) {
  struct rlimit limit = {0, 0};
  int ends[2];
  char c;
  MUST(setrlimit(RLIMIT_NPROC, &limit) == 0 && pipe(ends) == 0);
  pid_t other = fork();
  if (other == 0) {
    MUST(R(setresuid, user, user, user) == 0 && write(ends[1], "x", 1) == 1);
    for (;;) pause();
  }
  MUST(read(ends[0], &c, 1) == 1);
  SHOW(R(setresuid, user, user, user));
  char *argv[] = {"self", "leave", 0};
  SHOW(execv("/proc/self/exe", argv));
  kill(other, SIGKILL);
  wait(0);
  SHOW(execv("/proc/self/exe", argv));
  exit(0);
}
int main(int argc, char **argv) {
  if (argc > 1) return 3;
  MUST(geteuid() == 0);
  MUST(setgroups(0, 0) == 0 && setresgid(0, 0, 0) == 0 && setresuid(0, 0, 0) == 0);
  user = 10000 + getpid() % 50000;
  in_child("setresuid", as_root);
  in_child("setuid of root", root_setuid);
  in_child("groups of root", root_setgid);
  in_child("setreuid and the saved id", saved);
  in_child("there and back", temporarily);
  in_child("supplementary groups", groups_without);
  in_child("file ids", file_ids);
  in_child("file ids without privilege", unprivileged_file_ids);
  in_child("death signal", death_signal);
  in_child("process limit at fork", process_limit);
  in_child("alone beyond the process limit", exec_alone);
  in_child("process limit at exec", exec_limit);
  return 0;
}
