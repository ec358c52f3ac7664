/* Capability sets: what capget and capset say, what a dropped one forbids, what a change of user takes away. */
#include "guest.h"
#include <grp.h>
#include <sched.h>
#include <sys/syscall.h>
enum { KILL = 5, SETGID = 6, SETUID = 7, SETPCAP = 8, SYS_CHROOT = 18, SYS_ADMIN = 21, SYS_NICE = 23 };
struct header { uint32_t version; int pid; };
struct data { uint32_t effective, permitted, inheritable; };
static struct header h;
static struct data d[2];
static long get(int pid) { h = (struct header){0x20080522, pid}; return syscall(SYS_capget, &h, d); }
static long set(int pid) { h = (struct header){0x20080522, pid}; return syscall(SYS_capset, &h, d); }
static int bit(uint32_t word, int n) { return word >> n & 1; }
static void state(const char *when) {
  MUST(get(0) == 0);
  printf("%s: kill %d/%d setuid %d/%d admin %d/%d inheritable %d any %d/%d\n", when, bit(d[0].effective, KILL), bit(d[0].permitted, KILL),
         bit(d[0].effective, SETUID), bit(d[0].permitted, SETUID), bit(d[0].effective, SYS_ADMIN), bit(d[0].permitted, SYS_ADMIN),
         bit(d[0].inheritable, KILL), (d[0].effective | d[1].effective) != 0, (d[0].permitted | d[1].permitted) != 0);
  fflush(stdout);
}
static void in_child(void (*f)(void), const char *name) {
  int status;
  printf("-- %s\n", name), fflush(stdout);
  pid_t child = fork();
  if (child == 0) f(), exit(0);
  MUST(waitpid(child, &status, 0) == child);
  print_status(name, status);
}
static void errors(void) {
  h = (struct header){0x12345678, 0};
  SHOW(syscall(SYS_capget, &h, 0));
  printf("version %x\n", h.version);
  h = (struct header){0x12345678, 0};
  SHOW(syscall(SYS_capget, &h, d));
  h = (struct header){0x12345678, 0};
  SHOW(syscall(SYS_capset, &h, d));
  SHOW(get(-1));
  SHOW(get(0x3fffffff));
  SHOW(get(getpid()));
  SHOW(set(1));
  SHOW(set(getpid()));
  SHOW(syscall(SYS_capget, 8, d));
  h = (struct header){0x20080522, 0};
  SHOW(syscall(SYS_capget, &h, 8));
  SHOW(syscall(SYS_capset, &h, 8));
}
static void without_admin(void) {
  get(0);
  d[0].effective &= ~(1u << SYS_ADMIN);
  SHOW(set(0));
  state("effective dropped");
  SHOW(unshare(0x4000000));
  SHOW(sethostname("x", 1));
  d[0].effective |= 1u << SYS_ADMIN;
  SHOW(set(0));
  SHOW(unshare(0x4000000));
  d[0].effective &= ~(1u << SYS_ADMIN), d[0].permitted &= ~(1u << SYS_ADMIN);
  SHOW(set(0));
  state("permitted dropped");
  d[0].permitted |= 1u << SYS_ADMIN;
  SHOW(set(0));
  d[0].permitted &= ~(1u << SYS_ADMIN), d[0].effective |= 1u << SYS_ADMIN;
  SHOW(set(0));
}
static void without_kill(void) {
  int ends[2];
  char byte;
  MUST(pipe(ends) == 0);
  pid_t other = fork();
  if (other == 0) {
    MUST(setresuid(1234, 1234, 1234) == 0 && write(ends[1], "x", 1) == 1);
    for (;;) pause();
  }
  MUST(read(ends[0], &byte, 1) == 1);
  SHOW(kill(other, 0));
  get(0);
  d[0].effective &= ~(1u << KILL);
  SHOW(set(0));
  SHOW(kill(other, 0));
  SHOW(kill(other, SIGKILL));
  d[0].effective |= 1u << KILL;
  SHOW(set(0));
  SHOW(kill(other, SIGKILL));
  MUST(waitpid(other, 0, 0) == other);
}
static void without_setuid(void) {
  get(0);
  d[0].effective &= ~(1u << SETUID | 1u << SETGID | 1u << SYS_CHROOT | 1u << SYS_NICE);
  SHOW(set(0));
  SHOW(setuid(1000));
  SHOW(setresuid(-1, 1000, -1));
  SHOW(setgid(1000));
  SHOW(setgroups(0, 0));
  SHOW(setuid(0));
  SHOW(chroot("/"));
}
static void user_changes(void) {
  SHOW(setresuid(-1, 1000, -1));
  state("euid 1000");
  SHOW(setresuid(-1, 0, -1));
  state("euid 0");
  SHOW(setresuid(1000, 1000, 0));
  state("saved 0");
  SHOW(setresuid(-1, 0, -1));
  state("euid 0");
  SHOW(setresuid(1000, 1000, 1000));
  state("all 1000");
  SHOW(setuid(0));
  d[0].effective = d[0].permitted = 1;
  SHOW(set(0));
}
static void inheritable(void) {
  get(0);
  d[0].inheritable |= 1u << KILL;
  SHOW(set(0));
  state("inheritable");
  d[0].inheritable = 0;
  d[0].effective = d[0].permitted = 1u << SETUID;
  SHOW(set(0));
  state("setuid alone");
  d[0].inheritable = 1u << KILL;
  SHOW(set(0));
  d[0].inheritable = 1u << SETUID;
  SHOW(set(0));
}
int main(void) {
  MUST(administrator());
  state("root");
  in_child(errors, "errors");
  in_child(without_admin, "without CAP_SYS_ADMIN");
  in_child(without_kill, "without CAP_KILL");
  in_child(without_setuid, "without CAP_SETUID");
  in_child(user_changes, "user changes");
  in_child(inheritable, "inheritable");
  return 0;
}
