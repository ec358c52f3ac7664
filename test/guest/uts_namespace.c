/* CLONE_NEWUTS and CLONE_NEWIPC: names of one's own, copied at the start, by clone and by unshare; without privilege EPERM. */
#include "guest.h"
#include <sched.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
enum { NEWUTS = 0x4000000, NEWIPC = 0x8000000, SYSVSEM = 0x40000 };
static void names(const char *who) {
  struct utsname u;
  char host[65], domain[65];
  MUST(uname(&u) == 0 && gethostname(host, sizeof host) == 0 && getdomainname(domain, sizeof domain) == 0);
  printf("%s: %s %s\n", who, host, domain);
  MUST(!strcmp(host, u.nodename));
  fflush(stdout);
}
static pid_t clone_(unsigned long flags) { fflush(stdout); return syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0); }
static void finish(pid_t child) {
  int status;
  MUST(waitpid(child, &status, 0) == child);
  print_status("child", status);
}
int main(void) {
  char before[65], after[65];
  MUST(administrator());
  MUST(gethostname(before, sizeof before) == 0);
  SHOW(unshare(NEWUTS));
  SHOW(sethostname("first", 5));
  SHOW(setdomainname("first.test", 10));
  names("unshared");
  pid_t child = clone_(NEWUTS | NEWIPC);
  if (child == 0) {
    names("copied");
    SHOW(sethostname("second", 6));
    SHOW(setdomainname("", 0));
    names("changed");
    exit(0);
  }
  finish(child);
  names("kept");
  child = clone_(0);
  if (child == 0) {
    SHOW(sethostname("third", 5));
    exit(0);
  }
  finish(child);
  names("shared");
  child = clone_(0);
  if (child == 0) {
    SHOW(unshare(NEWUTS | NEWIPC));
    SHOW(sethostname("fourth", 6));
    names("unshared again");
    pid_t grandchild = clone_(0);
    if (grandchild == 0) {
      names("inherited");
      exit(0);
    }
    finish(grandchild);
    char *argv[] = {"hostname", 0};
    exit(0);
  }
  finish(child);
  names("kept");
  SHOW(clone_(NEWIPC | SYSVSEM));
  char name[66] = {0};
  SHOW(sethostname(name, 65));
  SHOW(sethostname(name, -1));
  SHOW(sethostname((char *)8, 3));
  MUST(setresuid(1000, 1000, 1000) == 0);
  SHOW(unshare(NEWUTS));
  SHOW(clone_(NEWIPC));
  SHOW(sethostname("no", 2));
  names("at the end");
  return 0;
}
