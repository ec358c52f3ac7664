/* User, group and filesystem ids: who may set which, what a change takes along, supplementary groups. Needs root natively. */
#include "guest.h"
static void ids(const char *when) {
  unsigned r = 7777, e = 7777, s = 7777, rg = 7777, eg = 7777, sg = 7777;
  MUST(syscall(SYS_getresuid, &r, &e, &s) == 0 && syscall(SYS_getresgid, &rg, &eg, &sg) == 0);
  printf("%s: user %u %u %u fs %ld, group %u %u %u fs %ld", when, r, e, s, syscall(SYS_setfsuid, -1), rg, eg, sg, syscall(SYS_setfsgid, -1));
  printf(", alone %ld %ld %ld %ld\n", syscall(SYS_getuid), syscall(SYS_geteuid), syscall(SYS_getgid), syscall(SYS_getegid));
}
static void part(const char *name, void (*f)(void)) {
  int status;
  printf("-- %s\n", name);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) f(), exit(0);
  MUST(waitpid(child, &status, 0) == child);
  print_status(name, status);
}
static void plain_user(void) {
  CALL(setresuid, 1000, 1000, 1000);
  CALL(vhangup);
  CALL(sethostname, "x", 1);
  CALL(chroot, "/");
}
static void saved_user(void) {
  CALL(setresuid, 10, 20, 30);
  ids("not root");
  CALL(setuid, 40);
  CALL(setuid, 10);
  ids("effective from real");
  CALL(setresuid, -1, 30, -1);
  ids("effective from saved");
  CALL(setresuid, -1, 41, -1);
  CALL(setreuid, -1, 10);
  ids("setreuid");
  CALL(setreuid, 99, -1);
  CALL(setreuid, 10, 30);
  ids("saved follows");
  CALL(setresuid, 30, 30, 30);
  CALL(setuid, 10);
  ids("no way back");
}
static void saved_group(void) {
  CALL(setresgid, 11, 22, 33);
  CALL(setresuid, 1000, 1000, 1000);
  ids("not root");
  CALL(setgid, 44);
  CALL(setgid, 11);
  ids("effective from real");
  CALL(setresgid, -1, 33, -1);
  ids("effective from saved");
  CALL(setresgid, -1, 45, -1);
  CALL(setregid, -1, 11);
  CALL(setregid, 99, -1);
  CALL(setregid, 11, 33);
  ids("saved follows");
  int groups[1] = {5};
  CALL(setgroups, 1, groups);
}
static void as_root(void) {
  CALL(setgid, 5);
  ids("setgid as root");
  CALL(setregid, 6, 7);
  ids("setregid as root");
  CALL(setresgid, -1, 8, -1);
  ids("seteuid's way, with groups");
  CALL(setreuid, 9, 12);
  ids("setreuid as root");
}
static void filesystem_ids(void) {
  CALL(setfsuid, 50);
  ids("fsuid");
  CALL(setfsgid, 51);
  ids("fsgid");
  int f = open("/tmp/guest.identity", O_CREAT | O_EXCL | O_WRONLY, 0600);
  struct stat s;
  SHOW(f >= 0 && fstat(f, &s) == 0);
  printf("owner %d:%d\n", s.st_uid, s.st_gid);
  unlink("/tmp/guest.identity");
  CALL(setresuid, -1, 60, -1);
  ids("fsuid follows the effective");
  CALL(setfsuid, 77);
  ids("refused without a word");
  CALL(setfsuid, 0);
  ids("that of real");
}
static void supplementary(void) {
  unsigned list[4] = {5, 6, 7, 0}, out[4] = {9, 9, 9, 9};
  CALL(setgroups, 3, list);
  CALL(getgroups, 0, 0);
  CALL(getgroups, 2, out);
  CALL(getgroups, 4, out);
  printf("%u %u %u %u\n", out[0], out[1], out[2], out[3]);
  CALL(getgroups, -1, out);
  CALL(getgroups, 3, 8);
  CALL(setgroups, 65537, list);
  CALL(setgroups, 3, 8);
  CALL(setgroups, 0, 0);
  CALL(getgroups, 4, out);
}
int main(void) {
  if (geteuid() != 0) { printf("not root\n"); return 0; }
  CALL(getresuid, 8, 8, 8);
  CALL(getresgid, 8, 8, 8);
  part("hangs nobody up", plain_user);
  part("saved user", saved_user);
  part("saved group", saved_group);
  part("as root", as_root);
  part("filesystem ids", filesystem_ids);
  part("supplementary groups", supplementary);
  ids("unchanged");
  return 0;
}
