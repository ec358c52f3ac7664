/* fs.protected_symlinks, protected_hardlinks, protected_fifos and protected_regular (proc_sys_fs(5)), and nosymfollow mounts. */
#include "guest.h"
#include "acl.h"
#include <sys/file.h>
#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

static int settings_fd(const char *name) {
  char path[64];
  sprintf(path, "/proc/sys/fs/protected_%s", name);
  return open(path, O_RDWR);
}
static int get(const char *name) {
  char text[16] = "";
  int fd = settings_fd(name);
  MUST(fd >= 0 && read(fd, text, 15) > 0);
  close(fd);
  return atoi(text);
}
static int set(const char *name, const char *value) {
  int fd = settings_fd(name), n = write(fd, value, strlen(value));
  close(fd);
  return n;
}
static int user;
static void as(int uid, void (*f)(void)) {
  fflush(stdout);
  user = uid;
  if (fork() == 0) {
    MUST(setgroups(0, 0) == 0 && setresgid(uid, uid, uid) == 0 && setresuid(uid, uid, uid) == 0);
    f();
    fflush(stdout);
    _exit(0);
  }
  wait(0);
}
static const char *result(long value) {
  if (value >= 0) close(value);
  return value >= 0 ? "ok" : error_name(errno);
}
static void follow(void) {
  static const char *const directories[] = {"sticky", "world", "own", "sticky_own"};
  for (int i = 0; i < 4; i++) {
    char path[64];
    struct stat s;
    printf("  %d %s:", user, directories[i]);
    for (int owner = 0; owner < 3; owner++) {
      sprintf(path, "%s/to%d", directories[i], owner * 1000);
      printf(" %s", result(open(path, O_RDONLY)));
      printf(" %s", result(stat(path, &s)));
      printf(" %s", result(lstat(path, &s)));
      strcat(path, "/in");
      printf(" %s,", result(stat(path, &s)));
    }
    sprintf(path, "%s/dir1000/", directories[i]);
    printf(" %s", result(stat(path, &s)));
    strcat(path, "f");
    printf(" %s", result(stat(path, &s)));
    sprintf(path, "%s/chain1000", directories[i]);
    printf(" %s\n", result(stat(path, &s)));
  }
}
static void create(void) {
  static const char *const directories[] = {"sticky", "world", "own", "sticky_own", "sticky_group"};
  static const char *const kinds[] = {"file", "fifo", "device"};
  for (int i = 0; i < 5; i++) {
    printf("  %d %s:", user, directories[i]);
    for (int kind = 0; kind < 3; kind++)
      for (int owner = 0; owner < 3; owner++) {
        char path[64];
        sprintf(path, "%s/%s%d", directories[i], kinds[kind], owner * 1000);
        printf(" %s", result(open(path, O_RDWR | O_NONBLOCK | O_CREAT, 0600)));
        printf(" %s%s", result(open(path, O_RDWR | O_NONBLOCK)), owner == 2 ? "," : "");
      }
    puts("");
  }
}
static void hard(void) {
  static const char *const files[] = {"open", "readable", "setuid", "setgid", "fifo", "mine"};
  printf("  %d:", user);
  for (int i = 0; i < 6; i++) {
    char path[64];
    sprintf(path, "links/%s", files[i]);
    printf(" %s %s", files[i], result(link(path, "links/new")));
    unlink("links/new");
  }
  puts("");
}

int main(void) {
  /* The settings are everyone's: one program at a time. */
  int lock = open("/tmp", O_RDONLY);
  MUST(lock >= 0 && flock(lock, LOCK_EX) == 0);
  static const char *const names[] = {"symlinks", "hardlinks", "fifos", "regular"};
  int old[4], end[2];
  char text[16];
  for (int i = 0; i < 4; i++) old[i] = get(names[i]);
  MUST(pipe(end) == 0 && set("symlinks", old[0] ? "1\n" : "0\n") == 2);
  /* Another process puts them back, however this one ends. */
  pid_t restorer = fork();
  if (restorer == 0) {
    setsid();
    close(end[1]), close(1), close(2);
    MUST(read(end[0], text, 1) == 0);
    for (int i = 0; i < 4; i++) {
      sprintf(text, "%d\n", old[i]);
      MUST(set(names[i], text) == 2);
    }
    _exit(0);
  }
  close(end[0]);
  acl_enter();
  umask(0);
  static const struct { const char *name; int mode, uid; } directories[] = {
      {"sticky", 01777, 0}, {"world", 0777, 0}, {"own", 0755, 1000}, {"sticky_own", 01777, 1000}, {"sticky_group", 01775, 1000}};
  MUST(mkdir("there", 0755) == 0 && close(open("there/f", O_CREAT, 0644)) == 0 && close(open("file", O_CREAT, 0644)) == 0);
  for (int i = 0; i < 5; i++) {
    const char *d = directories[i].name;
    MUST(mkdir(d, 0700) == 0);
    for (int owner = 0; owner <= 2000; owner += 1000) {
      char path[64];
      sprintf(path, "%s/to%d", d, owner);
      MUST(symlink("../file", path) == 0 && lchown(path, owner, owner) == 0);
      sprintf(path, "%s/dir%d", d, owner);
      MUST(symlink("../there", path) == 0 && lchown(path, owner, owner) == 0);
      sprintf(path, "%s/chain%d", d, owner);
      MUST(symlink("to2000", path) == 0 && lchown(path, owner, owner) == 0);
      sprintf(path, "%s/file%d", d, owner);
      MUST(mknod(path, S_IFREG | 0666, 0) == 0 && chown(path, owner, owner) == 0);
      sprintf(path, "%s/fifo%d", d, owner);
      MUST(mknod(path, S_IFIFO | 0666, 0) == 0 && chown(path, owner, owner) == 0);
      sprintf(path, "%s/device%d", d, owner);
      MUST(mknod(path, S_IFCHR | 0666, 0x103) == 0 && chown(path, owner, owner) == 0);
    }
    MUST(chown(d, directories[i].uid, 7) == 0 && chmod(d, directories[i].mode) == 0);
  }
  MUST(mkdir("links", 0777) == 0);
  static const struct { const char *name; int mode, uid; } files[] = {{"open", 0666, 0}, {"readable", 0644, 0}, {"setuid", 04777, 0},
                                                                     {"setgid", 02777, 0}, {"fifo", 0666, 0}, {"mine", 0600, 1000}};
  for (int i = 0; i < 6; i++) {
    char path[64];
    sprintf(path, "links/%s", files[i].name);
    MUST(mknod(path, i == 4 ? S_IFIFO : S_IFREG, 0) == 0 && chown(path, files[i].uid, files[i].uid) == 0 && chmod(path, files[i].mode) == 0);
  }
  for (int i = 0; i < 2; i++) {
    sprintf(text, "%d", i);
    printf("protected_symlinks %d: %d\n", i, set("symlinks", text));
    as(0, follow), as(1000, follow), as(2000, follow);
  }
  for (int i = 0; i < 3; i++) {
    sprintf(text, "%d", i);
    printf("protected_fifos %d, regular %d: %d %d\n", i, 2 - i, set("fifos", text), (sprintf(text, "%d", 2 - i), set("regular", text)));
    as(0, create), as(1000, create), as(2000, create);
  }
  for (int i = 0; i < 2; i++) {
    sprintf(text, "%d", i);
    printf("protected_hardlinks %d: %d\n", i, set("hardlinks", text));
    as(0, hard), as(1000, hard);
  }
  static const char *const wrong[] = {"2", "-1", "x", " 1", "01", "0x1"};
  for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    printf("\"%s\": ", wrong[i]);
    SHOW(set("symlinks", wrong[i]));
    printf("  is %d\n", get("symlinks"));
  }
  SHOW(set("fifos", "3"));
  SHOW(set("regular", "3"));
  SHOW(set("hardlinks", "2"));
  close(end[1]);
  int status;
  MUST(waitpid(restorer, &status, 0) == restorer);
  print_status("restored", status);
  for (int i = 0; i < 4; i++) MUST(get(names[i]) == old[i]);
  /* A mount that follows no links. */
  SHOW(mount(0, acl_folder, 0, MS_REMOUNT | MS_BIND | MS_NOSYMFOLLOW, 0));
  printf("%s", result(open("world/to0", O_RDONLY)));
  printf(" %s", result(open("world/dir0/f", O_RDONLY)));
  printf(" %s", result(open("world/to0", O_PATH | O_NOFOLLOW)));
  printf(" %s", result(readlink("world/to0", text, sizeof text)));
  printf(" %s\n", result(open("world/file0", O_RDONLY)));
  acl_leave();
  return 0;
}
