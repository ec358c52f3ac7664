/* execve(2) of programs with capabilities: what is permitted and effective, ambient and bounding sets, set-id, AT_SECURE. */
#include "guest.h"
#include "acl.h"
#include <sys/auxv.h>
#include <sys/prctl.h>
#define BIT(c) (1u << (c))
enum { CHOWN = 0, OVERRIDE = 1, SETUID = 7, BIND = 10, ADMIN = 12, RAW = 13 };
/* Those that any machine's root has. */
#define SEEN (BIT(CHOWN) | BIT(SETUID) | BIT(BIND) | BIT(ADMIN) | BIT(RAW))

static void sets(unsigned *effective, unsigned *permitted, unsigned *inheritable) {
  unsigned head[2] = {0x20080522, 0}, data[6];
  MUST(syscall(SYS_capget, head, data) == 0);
  *effective = data[0] & SEEN, *permitted = data[1] & SEEN, *inheritable = data[2] & SEEN;
}
static int report(void) {
  unsigned e, p, i, ambient = 0;
  uid_t r, f, s;
  gid_t gr, gf, gs;
  sets(&e, &p, &i);
  for (int c = 0; c < 32; c++) if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, c, 0, 0) == 1) ambient |= BIT(c);
  getresuid(&r, &f, &s);
  getresgid(&gr, &gf, &gs);
  printf("  uid %d %d %d gid %d %d %d effective %x permitted %x inheritable %x ambient %x secure %ld dumpable %d\n", r, f, s,
         gr, gf, gs, e, p, i, ambient, getauxval(AT_SECURE), prctl(PR_GET_DUMPABLE) == 1); /* else fs.suid_dumpable */
  return 0;
}
struct start {
  unsigned uid, euid, permitted, inheritable, ambient, dropped;
  int no_new_privileges, securebits;
};
/* The program at `path`, by one who is as `s` says. */
static void run(const char *what, const char *path, struct start s) {
  printf("%s\n", what);
  fflush(stdout);
  if (fork() == 0) {
    MUST(prctl(PR_SET_KEEPCAPS, 1) == 0);
    for (int c = 0; c < 32; c++) if (s.dropped & BIT(c)) MUST(prctl(PR_CAPBSET_DROP, c) == 0);
    if (s.securebits) MUST(prctl(PR_SET_SECUREBITS, s.securebits) == 0);
    MUST(setgroups(0, 0) == 0 && setresgid(s.uid, s.uid, s.uid) == 0 && setresuid(s.uid, s.euid, s.euid) == 0);
    if (s.uid) {
      unsigned head[2] = {0x20080522, 0}, data[6] = {s.permitted, s.permitted, s.inheritable};
      MUST(syscall(SYS_capset, head, data) == 0);
    }
    for (int c = 0; c < 32; c++)
      if (s.ambient & BIT(c)) MUST(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c, 0, 0) == 0);
    if (s.no_new_privileges) MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    execl(path, path, "report", (char *)0);
    printf("  execl: %s\n", error_name(errno));
    fflush(stdout);
    _exit(0);
  }
  wait(0);
}
static void give(const char *path, unsigned magic, unsigned permitted, unsigned inheritable, unsigned high) {
  unsigned words[5] = {magic, permitted, inheritable, high, 0};
  MUST(setxattr(path, "security.capability", words, 20, 0) == 0);
}
static void copy(const char *path) {
  int from = open("/proc/self/exe", O_RDONLY), to = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0755);
  MUST(from >= 0 && to >= 0);
  char buffer[65536];
  for (ssize_t n; (n = read(from, buffer, sizeof buffer)) > 0;) MUST(write(to, buffer, n) == n);
  close(from);
  close(to);
}

int main(int argc, char **argv) {
  if (argc > 1) return report();
  const unsigned plain = 0x02000000, effective = 0x02000001;
  acl_enter();
  copy("p");
  run("plain, user", "./p", (struct start){1000, 1000});
  run("plain, inheritable", "./p", (struct start){1000, 1000, BIT(BIND), BIT(BIND)});
  run("plain, ambient", "./p", (struct start){1000, 1000, BIT(BIND), BIT(BIND), BIT(BIND)});
  run("plain, root", "./p", (struct start){0, 0});
  run("plain, other effective id", "./p", (struct start){1000, 2000});
  run("plain, other effective id, ambient", "./p", (struct start){1000, 2000, BIT(BIND), BIT(BIND), BIT(BIND)});
  run("plain, other effective id, no_new_privs", "./p", (struct start){1000, 2000, .no_new_privileges = 1});
  run("plain, effective root, no_new_privs", "./p", (struct start){1000, 0, .no_new_privileges = 1});
  run("plain, real root, no_new_privs", "./p", (struct start){0, 1000, .no_new_privileges = 1});
  MUST(chmod("p", 0711) == 0);
  run("not readable", "./p", (struct start){1000, 1000});
  run("not readable, root", "./p", (struct start){0, 0});
  MUST(chmod("p", 0755) == 0);
  give("p", plain, BIT(BIND), 0, 0);
  run("permitted, not effective", "./p", (struct start){1000, 1000});
  run("with ambient ones", "./p", (struct start){1000, 1000, BIT(ADMIN), BIT(ADMIN), BIT(ADMIN)});
  run("no_new_privs", "./p", (struct start){1000, 1000, .no_new_privileges = 1});
  run("no_new_privs, other effective id", "./p", (struct start){1000, 2000, .no_new_privileges = 1});
  run("not in the bounding set", "./p", (struct start){1000, 1000, .dropped = BIT(BIND)});
  run("root", "./p", (struct start){0, 0});
  give("p", effective, BIT(BIND) | BIT(RAW), 0, 0);
  run("effective", "./p", (struct start){1000, 1000});
  run("no_new_privs", "./p", (struct start){1000, 1000, .no_new_privileges = 1});
  run("no_new_privs, has one", "./p", (struct start){1000, 1000, BIT(RAW), .no_new_privileges = 1});
  run("no_new_privs, other effective id", "./p", (struct start){1000, 2000, .no_new_privileges = 1});
  run("other effective id", "./p", (struct start){1000, 2000});
  run("not in the bounding set", "./p", (struct start){1000, 1000, .dropped = BIT(BIND)});
  run("root without the bounding set", "./p", (struct start){0, 0, .dropped = BIT(BIND)});
  run("securebits noroot", "./p", (struct start){1000, 1000, .securebits = 1});
  run("root, securebits noroot", "./p", (struct start){0, 0, .securebits = 1});
  run("real root", "./p", (struct start){0, 1000});
  run("effective root", "./p", (struct start){1000, 0});
  give("p", effective, 0, BIT(BIND) | BIT(RAW), 0);
  run("inheritable", "./p", (struct start){1000, 1000, BIT(BIND), BIT(BIND)});
  run("inheritable, not permitted", "./p", (struct start){1000, 1000, BIT(BIND), BIT(BIND) | BIT(RAW), .dropped = 0});
  run("inheritable, ambient", "./p", (struct start){1000, 1000, BIT(BIND), BIT(BIND), BIT(BIND)});
  give("p", effective, BIT(BIND), BIT(ADMIN), 0);
  run("both", "./p", (struct start){1000, 1000, BIT(ADMIN), BIT(ADMIN)});
  give("p", effective, BIT(BIND), 0, 0xffffff00);
  run("unknown ones", "./p", (struct start){1000, 1000});
  give("p", effective, 0, 0, 0);
  run("none", "./p", (struct start){1000, 1000, BIT(ADMIN), BIT(ADMIN), BIT(ADMIN)});
  /* With set-id bits. */
  give("p", effective, BIT(BIND), 0, 0);
  MUST(chmod("p", 04755) == 0);
  run("set-user-ID root", "./p", (struct start){1000, 1000});
  run("set-user-ID root, by root", "./p", (struct start){0, 0});
  MUST(removexattr("p", "security.capability") == 0);
  run("set-user-ID root without", "./p", (struct start){1000, 1000});
  MUST(chown("p", 3000, 3000) == 0 && chmod("p", 06755) == 0);
  give("p", plain, BIT(BIND), 0, 0);
  run("set-id of another", "./p", (struct start){1000, 1000, BIT(ADMIN), BIT(ADMIN), BIT(ADMIN)});
  run("set-id of another, no_new_privs", "./p", (struct start){1000, 1000, BIT(ADMIN), BIT(ADMIN), BIT(ADMIN), .no_new_privileges = 1});
  /* A script has its interpreter's. */
  MUST(chown("p", 0, 0) == 0 && chmod("p", 0755) == 0);
  give("p", effective, BIT(BIND), 0, 0);
  int fd = open("script", O_CREAT | O_WRONLY, 0755);
  dprintf(fd, "#!%s/p\n", acl_folder);
  close(fd);
  give("script", effective, BIT(ADMIN), 0, 0);
  run("script", "./script", (struct start){1000, 1000});
  /* Revision 3, for the root of a user namespace that is not this one's; an empty attribute. */
  unsigned words[6] = {0x03000001, BIT(BIND), 0, 0, 0, 1000};
  MUST(setxattr("p", "security.capability", words, 24, 0) == 0);
  run("another's root", "./p", (struct start){1000, 1000});
  MUST(setxattr("p", "security.capability", "", 0, 0) == 0);
  run("empty", "./p", (struct start){1000, 1000});
  /* A mount that gives nothing. */
  give("p", effective, BIT(BIND), 0, 0);
  MUST(mount(0, acl_folder, 0, MS_REMOUNT | MS_BIND | MS_NOSUID, 0) == 0);
  run("nosuid", "./p", (struct start){1000, 1000});
  acl_leave();
  return 0;
}
