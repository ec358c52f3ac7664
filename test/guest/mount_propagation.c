/* Mount namespaces and propagation: shared, slave, private and unbindable mounts, in one namespace and between two. */
#include "guest.h"
#include <sched.h>
#include <sys/mount.h>
/* Group numbers of a listing, in the order in which they are met. */
static int groups[64], known;
static int group(int id) {
  for (int i = 0; i < known; i++) if (groups[i] == id) return i + 1;
  groups[known++] = id;
  return known;
}
static int seen(const char *path) { return access(path, F_OK) == 0; }
static void mounts(const char *what) {
  char line[1024], root[256], point[256];
  FILE *f = fopen("/proc/self/mountinfo", "r");
  MUST(f);
  printf("%s:\n", what);
  known = 0;
  while (fgets(line, sizeof line, f)) {
    int id, parent, major, minor, n = 0;
    MUST(sscanf(line, "%d %d %d:%d %255s %255s %*s%n", &id, &parent, &major, &minor, root, point, &n) == 6);
    if (strncmp(point, guest_folder, strlen(guest_folder)) != 0) continue;
    printf("  %s", point + strlen(guest_folder));
    for (char *word = strtok(line + n, " \n"); word && strcmp(word, "-"); word = strtok(0, " \n")) {
      char *colon = strchr(word, ':');
      if (colon) printf(" %.*s:%d", (int)(colon - word), word, group(atoi(colon + 1)));
      else printf(" %s", word);
    }
    puts("");
  }
  fclose(f);
  fflush(stdout);
}
static void tmpfs(const char *path) { MUST(mount("none", path, "tmpfs", 0, 0) == 0); }
static void directory(const char *path) { MUST(mkdir(path, 0755) == 0); }
static void type(const char *path, unsigned long flags) { MUST(mount(0, path, 0, flags, 0) == 0); }
static void bind(const char *from, const char *to) { MUST(mount(from, to, 0, MS_BIND, 0) == 0); }
static int to_child[2], to_parent[2];
static void say(int *ends) { MUST(write(ends[1], "x", 1) == 1); }
static void hear(int *ends) { char c; MUST(read(ends[0], &c, 1) == 1); }

int main(void) {
  MUST(administrator());
  enter_folder();
  MUST(unshare(CLONE_NEWNS) == 0);
  MUST(mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) == 0);
  tmpfs(guest_folder);
  MUST(chdir(guest_folder) == 0);
  directory("a"), directory("b"), directory("c"), directory("d");

  tmpfs("a");
  type("a", MS_SHARED);
  bind("a", "b");
  mounts("peers");
  directory("a/x");
  tmpfs("b/x");
  directory("b/x/inner");
  printf("seen through the peer: %d\n", seen("a/x/inner"));
  mounts("mounted in a peer");
  SHOW(umount2("a/x", 0));
  mounts("unmounted in the other");

  type("b", MS_SLAVE);
  mounts("slave");
  tmpfs("a/x");
  mounts("the master mounts");
  MUST(umount2("a/x", 0) == 0);
  tmpfs("b/x");
  mounts("the slave mounts");
  SHOW(umount2("b/x", 0));

  type("b", MS_SHARED);
  bind("b", "c");
  mounts("shared slave and its peer");
  tmpfs("a/x");
  directory("a/x/deep");
  printf("seen: %d %d\n", seen("b/x/deep"), seen("c/x/deep"));
  mounts("through both");
  tmpfs("b/x/deep");
  mounts("not upwards");
  SHOW(umount2("a/x", 0));
  mounts("what holds another stays");
  SHOW(umount2("b/x/deep", 0));
  SHOW(umount2("b/x", 0));
  mounts("empty");

  type("b", MS_PRIVATE);
  mounts("b is private");
  type("a", MS_PRIVATE);
  mounts("a is private");
  SHOW(umount2("c", 0));
  type("a", MS_UNBINDABLE);
  mounts("unbindable");
  SHOW(mount("a", "d", 0, MS_BIND, 0));
  SHOW(mount("a", "d", 0, MS_BIND | MS_REC, 0));
  SHOW(mount(".", "d", 0, MS_BIND | MS_REC, 0));
  mounts("left out");
  SHOW(umount2("d", MNT_DETACH));
  type("a", MS_PRIVATE);
  SHOW(umount2("b", 0));

  /* Trees: what is in it is shared too when it is mounted in a shared place. */
  type("a", MS_SHARED);
  bind("a", "b");
  directory("c/t");
  tmpfs("c/t");
  directory("c/t/u");
  tmpfs("c/t/u");
  SHOW(mount("c/t", "a/x", 0, MS_BIND | MS_REC, 0));
  mounts("tree in a shared place");
  SHOW(mount("a/x", "d", 0, MS_MOVE, 0));
  SHOW(umount2("b/x", MNT_DETACH));
  mounts("gone in both");
  SHOW(mount("c/t", "d", 0, MS_MOVE, 0));
  mounts("moved");
  SHOW(umount2("d", MNT_DETACH));
  /* A shared tree that is changed as a whole. */
  tmpfs("a/x");
  type("a", MS_PRIVATE | MS_REC);
  mounts("private with what is in it");
  SHOW(umount2("b/x", 0));
  SHOW(umount2("b", 0));
  SHOW(umount2("a/x", 0));

  /* Between namespaces. */
  type("a", MS_SHARED);
  MUST(pipe(to_child) == 0 && pipe(to_parent) == 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    MUST(unshare(CLONE_NEWNS) == 0);
    char cwd[256];
    MUST(getcwd(cwd, sizeof cwd));
    printf("still there: %d\n", !strcmp(cwd, guest_folder));
    mounts("child");
    say(to_parent), hear(to_child);
    mounts("child after the parent has mounted in a and d");
    tmpfs("c");
    directory("a/y");
    tmpfs("a/y");
    say(to_parent), hear(to_child);
    type("a", MS_SLAVE);
    SHOW(umount2("a/y", 0));
    say(to_parent), hear(to_child);
    mounts("child as a slave");
    exit(0);
  }
  hear(to_parent);
  tmpfs("a/x"), tmpfs("d");
  say(to_child), hear(to_parent);
  mounts("parent after the child has mounted in c and a");
  say(to_child), hear(to_parent);
  mounts("parent after the child has unmounted");
  MUST(umount2("a/x", 0) == 0);
  say(to_child);
  wait(0);
  /* clone. */
  fflush(stdout);
  child = syscall(56, CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) {
    SHOW(umount2("d", 0));
    SHOW(umount2("a/y", 0));
    mounts("cloned");
    exit(0);
  }
  wait(0);
  mounts("parent");
  SHOW(syscall(56, CLONE_NEWNS | CLONE_FS | SIGCHLD, 0, 0, 0, 0));
  MUST(chdir("/") == 0);
  SHOW(umount2(guest_folder, 0));
  SHOW(umount2(guest_folder, MNT_DETACH));
  leave_folder();
  return 0;
}
