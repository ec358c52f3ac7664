/* Access control lists decide: users, groups and the mask, in access(2), open(2) and the walk; who may set them. */
#include "guest.h"
#include "acl.h"

/* What a user has of "f" and "d", by access(2) and by open(2). */
static void as(int uid, int gid, int groups, int group, int group2) {
  fflush(stdout);
  if (fork() == 0) {
    gid_t list[2] = {group, group2};
    MUST(setgroups(groups, list) == 0 && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0);
    printf("  %d:%d", uid, gid);
    for (int i = 0; i < groups; i++) printf(",%d", list[i]);
    printf(": ");
    for (int mode = 1; mode < 8; mode++) putchar(access("f", mode) == 0 ? '0' + mode : '-');
    static const int flags[] = {O_RDONLY, O_WRONLY, O_RDWR};
    for (int i = 0; i < 3; i++) {
      int fd = open("f", flags[i]);
      putchar(fd >= 0 ? "rwb"[i] : '-');
      close(fd);
    }
    putchar(' ');
    for (int mode = 1; mode < 8; mode++) putchar(access("d", mode) == 0 ? '0' + mode : '-');
    putchar(access("d/in", F_OK) == 0 ? 'x' : '-');
    int fd = open("d", O_RDONLY | O_DIRECTORY);
    putchar(fd >= 0 ? 'r' : '-');
    int made = open("d/new", O_CREAT | O_WRONLY | O_EXCL, 0600);
    putchar(made >= 0 ? 'w' : '-');
    if (made >= 0) MUST(unlink("d/new") == 0);
    puts("");
    fflush(stdout);
    _exit(0);
  }
  wait(0);
}
static void everyone(const char *text) {
  MUST(set_acl("f", ACCESS, text) == 0 && set_acl("d", ACCESS, text) == 0);
  print_acl("f");
  as(0, 0, 0, 0, 0);
  as(1000, 100, 0, 0, 0);
  as(1001, 101, 0, 0, 0);
  as(1002, 102, 1, 200, 0);
  as(1003, 200, 0, 0, 0);
  as(1003, 201, 2, 200, 300);
  as(1003, 300, 1, 100, 0);
  as(1000, 300, 2, 100, 200);
}
static void set_as(int uid, const char *path, const char *name, const char *text) {
  fflush(stdout);
  if (fork() == 0) {
    MUST(setgroups(0, 0) == 0 && setresgid(uid, uid, uid) == 0 && setresuid(uid, uid, uid) == 0);
    printf("%d %s %s: ", uid, path, text);
    SHOW(set_acl(path, name, text));
    SHOW(removexattr(path, name));
    unsigned char value[200];
    SHOW(getxattr(path, name, value, sizeof value));
    fflush(stdout);
    _exit(0);
  }
  wait(0);
}

int main(void) {
  acl_enter();
  MUST(set_acl(".", ACCESS, "u7 g5 o5") == 0); /* a kernel with lists on tmpfs */
  close(open("f", O_CREAT | O_RDWR, 0640));
  MUST(mkdir("d", 0755) == 0 && close(open("d/in", O_CREAT, 0666)) == 0);
  MUST(chown("f", 1001, 100) == 0 && chown("d", 1001, 100) == 0);
  everyone("u7 U1000:7 g5 m7 o1");
  everyone("u7 U1000:7 g7 m4 o7");
  everyone("u0 U1000:6 g4 G200:3 m7 o0");
  everyone("u4 U1000:0 g0 G200:7 G300:4 m6 o7");
  everyone("u6 U1000:0 U1003:5 g1 m5 o7");
  everyone("u6 U1001:7 g6 G100:1 m3 o5");
  everyone("u1 U1002:7 g0 m0 o7");
  everyone("u1 g0 G200:7 m1 o7");
  /* The list is not asked when the mode has nothing for the group. */
  MUST(chmod("f", 0607) == 0 && chmod("d", 0707) == 0);
  print_acl("f");
  as(1000, 100, 0, 0, 0);
  as(1002, 102, 1, 200, 0);
  as(1003, 300, 1, 100, 0);
  /* Whose they are. */
  set_as(1001, "f", ACCESS, "u6 U1000:7 g4 m6 o0");
  set_as(1001, "d", DEFAULT, "u6 U1000:7 g4 m6 o0");
  set_as(1001, "f", DEFAULT, "u6 U1000:7 g4 m6 o0");
  set_as(1000, "f", ACCESS, "u6 U1000:7 g4 m6 o0");
  set_as(1000, "f", ACCESS, "u6 U1000:7 g4 o0");
  set_as(1000, "d", DEFAULT, "u6 g4 o0");
  set_as(1000, "f", DEFAULT, "u6 g4 o0");
  /* Set-group-ID goes when the one who sets the list is not in the group. */
  MUST(chown("f", 1001, 7) == 0 && chmod("f", 02755) == 0);
  set_as(1001, "f", ACCESS, "u7 g5 o0");
  print_acl("f");
  MUST(chmod("f", 02755) == 0 && set_acl("f", ACCESS, "u7 U5:1 g5 m7 o0") == 0);
  print_acl("f");
  acl_leave();
  return 0;
}
