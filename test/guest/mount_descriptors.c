/* Mounting by descriptors: fsopen, fsconfig, fsmount, fspick, open_tree, move_mount, mount_setattr. */
#include "guest.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
enum { FLAG = 0, STRING = 1, CREATE = 6, RECONFIGURE = 7, RECURSIVE = 0x8000, CLONE = 1, F_EMPTY = 4, EMPTY = 0x1000 };
static int fsopen_(const char *type, unsigned flags) { return syscall(430, type, flags); }
static int config(int fd, unsigned command, const char *key, const void *value, int aux) { return syscall(431, fd, command, key, value, aux); }
static int fsmount_(int fd, unsigned flags, unsigned attributes) { return syscall(432, fd, flags, attributes); }
static int fspick_(const char *path, unsigned flags) { return syscall(433, AT_FDCWD, path, flags); }
static int open_tree_(const char *path, unsigned flags) { return syscall(428, AT_FDCWD, path, flags); }
static int move(int from, const char *path, const char *to, unsigned flags) { return syscall(429, from, path, AT_FDCWD, to, flags); }
struct attributes { uint64_t set, clear, propagation, user; };
static int setattr(const char *path, unsigned flags, uint64_t set, uint64_t clear, uint64_t propagation) {
  struct attributes a = {set, clear, propagation, 0};
  return syscall(442, AT_FDCWD, path, flags, &a, sizeof a);
}
static void mounts(const char *what) {
  char line[1024], point[256], options[256], source[256], type[64], super[256];
  FILE *f = fopen("/proc/self/mountinfo", "r");
  MUST(f);
  printf("%s:\n", what);
  while (fgets(line, sizeof line, f)) {
    int n = 0;
    MUST(sscanf(line, "%*d %*d %*s %*s %255s %255s%n", point, options, &n) == 2);
    if (strncmp(point, guest_folder, strlen(guest_folder)) != 0) continue;
    char *dash = strstr(line + n, " - ");
    MUST(dash && sscanf(dash, " - %63s %255s %255s", type, source, super) == 3);
    printf("  %s %s%s - %s %s %.2s\n", point + strlen(guest_folder), options, strstr(line + n, "shared:") ? " shared" : "", type, source, super);
  }
  fclose(f);
}
int main(void) {
  MUST(administrator());
  enter_folder();
  MUST(unshare(CLONE_NEWNS) == 0 && mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) == 0);
  mkdir("a", 0755), mkdir("b", 0755);
  SHOW(fsopen_("nonesuch", 0));
  SHOW(fsopen_("tmpfs", 8));
  int context = fsopen_("tmpfs", 1);
  printf("close on exec: %d\n", fcntl(context, F_GETFD));
  SHOW(fsmount_(context, 0, 0));
  SHOW(config(context, FLAG, "nonsense", 0, 0));
  SHOW(config(context, FLAG, 0, 0, 0));
  SHOW(config(context, STRING, "mode", 0, 0));
  SHOW(config(context, 99, 0, 0, 0));
  SHOW(config(-1, FLAG, "ro", 0, 0));
  SHOW(config(0x7fff, FLAG, "ro", 0, 0));
  SHOW(config(context, STRING, "source", "origin", 0));
  SHOW(config(context, STRING, "source", "again", 0));
  SHOW(config(context, STRING, "mode", "750", 0));
  SHOW(config(context, CREATE, "key", 0, 0));
  SHOW(config(context, CREATE, 0, 0, 0));
  SHOW(config(context, CREATE, 0, 0, 0));
  SHOW(config(context, STRING, "mode", "700", 0));
  SHOW(fsmount_(context, 2, 0));
  SHOW(fsmount_(context, 0, 0x40));
  int loose = fsmount_(context, 1, 2 | 8 | 0x10);
  MUST(loose >= 0);
  SHOW(fsmount_(context, 0, 0));
  close(context);
  SHOW(mkdirat(loose, "inside", 0755));
  SHOW(faccessat(loose, "inside", F_OK, 0));
  mounts("nowhere");
  SHOW(move(loose, "", "a", 0));
  SHOW(move(loose, "", "missing", F_EMPTY));
  SHOW(move(loose, "", "a", 0x800 | F_EMPTY));
  SHOW(move(loose, "", "a", F_EMPTY));
  mounts("placed");
  struct stat s;
  MUST(stat("a", &s) == 0);
  printf("mode %o\n", s.st_mode);
  SHOW(access("a/inside", F_OK));
  close(loose);
  SHOW(move(AT_FDCWD, "a", "b", 0));
  mounts("moved");
  SHOW(move(AT_FDCWD, "a", "b", 0));

  SHOW(setattr("b", 0, 1, 0, 0));
  SHOW(mkdir("b/new", 0755));
  mounts("read-only");
  SHOW(setattr("b", 0, 0x20, 0x70, 0));
  SHOW(setattr("b", 0, 0x20, 0, 0));
  SHOW(setattr("b", 0, 0, 0x10, 0));
  SHOW(setattr("b", 0, 4, 1 | 8 | 2, MS_SHARED));
  SHOW(setattr("b", 0, 0, 0, MS_SHARED | MS_PRIVATE));
  SHOW(setattr("b", 0, 0, 0, 0));
  SHOW(setattr("b", 7, 1, 0, 0));
  SHOW(setattr("a", 0, 1, 0, 0));
  SHOW(setattr("b", 0, 1 << 30, 0, 0));
  SHOW(syscall(442, AT_FDCWD, "b", 0, &s, 16));
  SHOW(syscall(442, AT_FDCWD, "b", 0, &s, 5000));
  mounts("attributes");
  SHOW(setattr("b", 0, 0, 0, MS_PRIVATE));
  int fd = open("b/file", O_CREAT | O_WRONLY, 0644);
  SHOW(setattr("b", 0, 1, 0, 0));
  close(fd);

  int picked = fspick_("b", 0);
  SHOW(fspick_("b/inside", 0));
  SHOW(config(picked, FLAG, "ro", 0, 0));
  SHOW(config(picked, RECONFIGURE, 0, 0, 0));
  mounts("file system read-only");
  SHOW(config(picked, FLAG, "rw", 0, 0));
  SHOW(config(picked, RECONFIGURE, 0, 0, 0));
  close(picked);

  MUST(mount("inner", "b/inside", "tmpfs", 0, 0) == 0);
  SHOW(open_tree_("b", RECURSIVE));
  SHOW(open_tree_("missing", CLONE));
  int plain = open_tree_("b", O_CLOEXEC);
  SHOW(fcntl(plain, F_GETFL) & O_PATH ? 1 : 0);
  close(plain);
  int tree = open_tree_("b", CLONE | RECURSIVE | O_CLOEXEC);
  MUST(tree >= 0);
  SHOW(umount2("b", MNT_DETACH));
  mounts("only in the descriptor");
  SHOW(faccessat(tree, "file", F_OK, 0));
  struct attributes a = {1, 0, 0, 0};
  SHOW(syscall(442, tree, "", EMPTY | RECURSIVE, &a, sizeof a));
  SHOW(move(tree, "", "a", F_EMPTY));
  mounts("placed with what is in it");
  close(tree);
  SHOW(umount2("a", MNT_DETACH));
  /* A tree that is never placed goes with its descriptor. */
  MUST(mount("last", "a", "tmpfs", 0, 0) == 0);
  tree = open_tree_("a", CLONE);
  SHOW(umount2("a", 0));
  SHOW(mkdirat(tree, "x", 0755));
  close(tree);
  fflush(stdout);
  if (fork() == 0) {
    MUST(chmod(".", 0755) == 0 && setresuid(1000, 1000, 1000) == 0);
    SHOW(fsopen_("tmpfs", 0));
    SHOW(open_tree_("a", CLONE));
    SHOW(open_tree_("a", 0) >= 0);
    SHOW(setattr("a", 0, 1, 0, 0));
    SHOW(move(AT_FDCWD, "a", "b", 0));
    SHOW(fspick_("a", 0));
    exit(0);
  }
  wait(0);
  rmdir("a"), rmdir("b");
  leave_folder();
  return 0;
}
