/* Every resource limit by each of its calls: lowered, read back, inherited; who may raise one, and for whom. */
#include "guest.h"
static const struct { const char *name; int resource; unsigned long value; } limits[] = {
    {"CPU", 0, 1000}, {"FSIZE", 1, 1 << 28}, {"DATA", 2, 1 << 29}, {"STACK", 3, 1 << 23}, {"CORE", 4, 4096}, {"RSS", 5, 1 << 29},
    {"NPROC", 6, 500}, {"NOFILE", 7, 50}, {"MEMLOCK", 8, 65536}, {"AS", 9, 1 << 30}, {"LOCKS", 10, 500}, {"SIGPENDING", 11, 500},
    {"MSGQUEUE", 12, 65536}, {"NICE", 13, 15}, {"RTPRIO", 14, 20}, {"RTTIME", 15, 1000000000},
};
static struct rlimit now[16];
enum { COUNT = sizeof limits / sizeof *limits };
static void each(void) {
  for (int i = 0; i < COUNT; i++) {
    int r = limits[i].resource;
    struct rlimit a = {7, 7}, b = {7, 7}, c = {7, 7}, old = {7, 7};
    long start = syscall(SYS_getrlimit, r, &a);
    // Where not even that is allowed, as little as there is.
    if (a.rlim_max > limits[i].value) a = (struct rlimit){limits[i].value - 1, limits[i].value};
    else a.rlim_cur = a.rlim_max;
    long set = syscall(SYS_setrlimit, r, &a), got = syscall(SYS_getrlimit, r, &b);
    printf("%s: %ld %ld %ld, same %d", limits[i].name, start, set, got, !memcmp(&a, &b, sizeof a));
    if (a.rlim_cur > 0) a.rlim_cur--, a.rlim_max--;
    set = syscall(SYS_prlimit64, 0, r, &a, &old), got = syscall(SYS_prlimit64, getpid(), r, 0, &c);
    printf("; %ld %ld, was %d, same %d\n", set, got, !memcmp(&old, &b, sizeof b), !memcmp(&a, &c, sizeof a));
    now[i] = a;
  }
}
static void inherited(void) {
  int status;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    int same = 0;
    for (int i = 0; i < COUNT; i++) {
      struct rlimit a = {7, 7};
      syscall(SYS_prlimit64, 0, limits[i].resource, 0, &a);
      same += !memcmp(&a, &now[i], sizeof a);
    }
    _exit(same);
  }
  MUST(waitpid(child, &status, 0) == child);
  print_status("inherited", status);
}
static void errors(void) {
  struct rlimit a = {10, 9};
  CALL(setrlimit, RLIMIT_CORE, &a);
  CALL(prlimit64, 0, RLIMIT_CORE, &a, 0);
  CALL(getrlimit, 16, &a);
  CALL(setrlimit, 16, &a);
  CALL(prlimit64, 0, 16, 0, &a);
  CALL(getrlimit, RLIMIT_CORE, 8);
  CALL(setrlimit, RLIMIT_CORE, 8);
  CALL(prlimit64, 0, RLIMIT_CORE, 8, 0);
  CALL(prlimit64, 0, RLIMIT_CORE, 0, 8);
  CALL(prlimit64, 0x3fffffff, RLIMIT_CORE, 0, &a);
}
static void as_user(void) {
  struct rlimit a = {10, 20};
  int ends[2];
  char byte;
  MUST(pipe(ends) == 0 && setrlimit(RLIMIT_RSS, &a) == 0);
  fflush(stdout);
  pid_t other = fork();
  if (other == 0) {
    close(ends[1]);
    read(ends[0], &byte, 1);
    _exit(0);
  }
  // Another user than that process's, without the right to act on it.
  MUST(geteuid() != 0 || syscall(SYS_setresuid, 1000, 1000, 1000) == 0);
  a = (struct rlimit){15, 20};
  CALL(setrlimit, RLIMIT_RSS, &a);
  a = (struct rlimit){15, 21};
  CALL(setrlimit, RLIMIT_RSS, &a);
  CALL(prlimit64, 0, RLIMIT_RSS, &a, 0);
  a = (struct rlimit){5, 5};
  CALL(prlimit64, other, RLIMIT_RSS, &a, 0);
  CALL(prlimit64, 0, RLIMIT_RSS, &a, 0);
  a.rlim_max = 6;
  CALL(prlimit64, 0, RLIMIT_RSS, &a, 0);
  close(ends[1]);
  MUST(waitpid(other, 0, 0) == other);
}
static void in_child(void (*f)(void)) {
  int status;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) f(), exit(0);
  MUST(waitpid(child, &status, 0) == child);
  print_status("->", status);
}
static void all_of_it(void) { each(), inherited(); }
int main(void) {
  in_child(all_of_it);
  in_child(errors);
  in_child(as_user);
  return 0;
}
