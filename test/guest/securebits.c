/* Bounding and ambient sets, securebits, keepcaps and no_new_privs, and what exec makes of them. */
#include "guest.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
enum { CHOWN = 0, KILL = 5, SETUID = 7, SETPCAP = 8, RAW = 13, LAST = 40 };
#ifndef PR_CAP_AMBIENT
#define PR_CAP_AMBIENT 47
#endif
struct header { uint32_t version; int pid; };
struct data { uint32_t effective, permitted, inheritable; };
static struct data d[2];
static long get(void) { struct header h = {0x20080522, 0}; return syscall(SYS_capget, &h, d); }
static long set(void) { struct header h = {0x20080522, 0}; return syscall(SYS_capset, &h, d); }
static int bit(uint32_t word, int n) { return word >> n & 1; }
static long ambient(int operation, long capability) { return prctl(PR_CAP_AMBIENT, operation, capability, 0, 0); }
static void state(const char *when) {
  MUST(get() == 0);
  printf("%s: uid %d/%d, kill e%d p%d i%d b%d a%d, raw e%d p%d b%d, secure %lx, keep %d\n", when, getuid(), geteuid(),
         bit(d[0].effective, KILL), bit(d[0].permitted, KILL), bit(d[0].inheritable, KILL), (int)prctl(PR_CAPBSET_READ, KILL),
         (int)ambient(1, KILL), bit(d[0].effective, RAW), bit(d[0].permitted, RAW), (int)prctl(PR_CAPBSET_READ, RAW),
         (long)prctl(PR_GET_SECUREBITS), prctl(PR_GET_KEEPCAPS));
  fflush(stdout);
}
static void inherit(int capability) { MUST(get() == 0); d[0].inheritable |= 1u << capability; MUST(set() == 0); }
static void in_child(const char *what, void (*f)(void)) {
  int status;
  printf("-- %s\n", what), fflush(stdout);
  pid_t child = fork();
  if (child == 0) f(), exit(0);
  MUST(waitpid(child, &status, 0) == child);
  if (status) print_status(what, status);
}
static char program[100];
static void become(const char *file) {
  char *argv[] = {program, (char *)"state", 0};
  fflush(stdout);
  execv(file, argv);
  printf("exec: %s\n", error_name(errno));
}
static void bounding(void) {
  SHOW(prctl(PR_CAPBSET_READ, LAST + 30));
  SHOW(prctl(PR_CAPBSET_DROP, LAST + 30));
  SHOW(prctl(PR_CAPBSET_DROP, RAW));
  SHOW(prctl(PR_CAPBSET_READ, RAW));
  state("dropped");
  get();
  d[0].inheritable |= 1u << RAW;
  SHOW(set());
  get();
  d[0].effective &= ~(1u << SETPCAP);
  MUST(set() == 0);
  SHOW(prctl(PR_CAPBSET_DROP, KILL));
  become(program);
}
static void keep(void) {
  SHOW(prctl(PR_SET_KEEPCAPS, 2));
  SHOW(prctl(PR_SET_KEEPCAPS, 1));
  MUST(setresuid(1000, 1000, 1000) == 0);
  state("another user");
  become(program);
}
static void ambient_set(void) {
  SHOW(ambient(2, KILL));
  inherit(KILL);
  SHOW(ambient(2, KILL));
  SHOW(ambient(2, LAST + 30));
  SHOW(ambient(9, KILL));
  SHOW(prctl(PR_CAP_AMBIENT, 2, KILL, 1, 0));
  SHOW(prctl(PR_CAP_AMBIENT, 4, KILL, 0, 0));
  SHOW(prctl(PR_SET_KEEPCAPS, 1));
  MUST(setresuid(1000, 1000, 1000) == 0);
  state("gone with the user");
  SHOW(ambient(2, KILL));
  state("raised");
  become(program);
}
static void ambient_lost(void) {
  inherit(KILL);
  MUST(ambient(2, KILL) == 0);
  get();
  d[0].inheritable &= ~(1u << KILL);
  MUST(set() == 0);
  SHOW(ambient(1, KILL));
  inherit(KILL);
  MUST(ambient(2, KILL) == 0);
  SHOW(ambient(3, KILL));
  SHOW(ambient(1, KILL));
  MUST(ambient(2, KILL) == 0);
  SHOW(prctl(PR_CAP_AMBIENT, 4, 0, 0, 0));
  SHOW(ambient(1, KILL));
}
static void no_root(void) {
  SHOW(prctl(PR_SET_SECUREBITS, 1));
  state("noroot");
  become(program);
}
static void no_fixup(void) {
  SHOW(prctl(PR_SET_SECUREBITS, 4 | 8));
  MUST(setresuid(1000, 1000, 1000) == 0);
  state("another user");
  SHOW(prctl(PR_SET_SECUREBITS, 0));
  SHOW(prctl(PR_SET_SECUREBITS, 4));
  SHOW(prctl(PR_SET_SECUREBITS, 4 | 8 | 16));
  SHOW(prctl(PR_SET_SECUREBITS, 1 << 20));
  become(program);
}
static void locked(void) {
  SHOW(prctl(PR_SET_SECUREBITS, 32));
  SHOW(prctl(PR_SET_KEEPCAPS, 1));
  SHOW(prctl(PR_SET_SECUREBITS, 64 | 32));
  inherit(KILL);
  SHOW(ambient(2, KILL));
  get();
  d[0].effective &= ~(1u << SETPCAP);
  MUST(set() == 0);
  SHOW(prctl(PR_SET_SECUREBITS, 64 | 32 | 1));
}
static void set_user(void) {
  MUST(setresuid(1000, 1000, 1000) == 0);
  become("suid");
}
static void set_group(void) {
  MUST(setresuid(1000, 1000, 1000) == 0);
  become("sgid");
}
static void no_new_privileges(void) {
  SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
  SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  SHOW(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
  MUST(setresuid(1000, 1000, 1000) == 0);
  become("suid");
}
static void no_suid(void) {
  MUST(mount(0, ".", 0, MS_REMOUNT | MS_BIND | MS_NOSUID, 0) == 0);
  MUST(setresuid(1000, 1000, 1000) == 0);
  become("suid");
}
static void to_user(void) { become("other"); }
static void capped_root(void) {
  for (int i = 0; i <= LAST; i++) if (i != KILL) prctl(PR_CAPBSET_DROP, i);
  become(program);
}
static void files(void) {
  int fd = open("private", O_CREAT | O_WRONLY, 0600);
  close(fd);
  MUST(chown("private", 1000, 1000) == 0);
  MUST(get() == 0);
  struct data all[2] = {d[0], d[1]};
  d[0].effective &= ~(1u << 1 | 1u << 2);
  MUST(set() == 0);
  SHOW(open("private", O_RDONLY));
  SHOW(access("private", R_OK));
  d[0].effective |= 1u << 2;
  MUST(set() == 0);
  SHOW(open("private", O_RDONLY) >= 0);
  SHOW(open("private", O_WRONLY));
  SHOW(chmod("private", 0640));
  d[0].effective &= ~(1u << 3);
  MUST(set() == 0);
  SHOW(chmod("private", 0600));
  SHOW(chown("private", 0, 0));
  d[0].effective &= ~1u;
  MUST(set() == 0);
  SHOW(chown("private", 1000, 1000));
  SHOW(mknod("null", S_IFCHR | 0666, 0x103));
  d[0].effective &= ~(1u << 27);
  MUST(set() == 0);
  SHOW(mknod("zero", S_IFCHR | 0666, 0x105));
}
static void copy(const char *name, mode_t mode, uid_t uid, gid_t gid) {
  char buffer[1 << 16];
  ssize_t n;
  int from = open("/proc/self/exe", O_RDONLY), to = open(name, O_CREAT | O_WRONLY, 0755);
  MUST(from >= 0 && to >= 0);
  while ((n = read(from, buffer, sizeof buffer)) > 0) MUST(write(to, buffer, n) == n);
  close(from), close(to);
  MUST(chown(name, uid, gid) == 0 && chmod(name, mode) == 0);
}
int main(int argc, char **argv) {
  if (argc > 1) {
    uid_t r, e, s;
    gid_t gr, ge, gs;
    getresuid(&r, &e, &s), getresgid(&gr, &ge, &gs);
    printf("ids %d %d %d, %d %d %d, no_new_privs %d\n", r, e, s, gr, ge, gs, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    state("after exec");
    return 0;
  }
  MUST(geteuid() == 0);
  MUST(setresgid(0, 0, 0) == 0 && setresuid(0, 0, 0) == 0 && setgroups(0, 0) == 0);
  enter_folder();
  MUST(unshare(CLONE_NEWNS) == 0 && mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) == 0);
  MUST(mount("none", guest_folder, "tmpfs", 0, "mode=755") == 0 && chdir(guest_folder) == 0);
  strcpy(program, guest_folder), strcat(program, "/plain");
  copy("plain", 0755, 0, 0), copy("suid", 04755, 0, 0), copy("sgid", 02755, 0, 500), copy("other", 04755, 2000, 0);
  state("start");
  in_child("bounding set", bounding);
  in_child("keepcaps", keep);
  in_child("ambient set", ambient_set);
  in_child("ambient set lowered", ambient_lost);
  in_child("noroot", no_root);
  in_child("no setuid fixup", no_fixup);
  in_child("locks", locked);
  in_child("set-user-ID", set_user);
  in_child("set-group-ID", set_group);
  in_child("set-user-ID to another user", to_user);
  in_child("no new privileges", no_new_privileges);
  in_child("root with a small bounding set", capped_root);
  in_child("files", files);
  in_child("nosuid", no_suid);
  MUST(chdir("/") == 0 && umount2(guest_folder, MNT_DETACH) == 0);
  leave_folder();
  return 0;
}
