/* POSIX access control lists as extended attributes, for the programs about them. */
#ifndef ACL_H
#define ACL_H
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/xattr.h>

#define ACCESS "system.posix_acl_access"
#define DEFAULT "system.posix_acl_default"

/* u, g: the file's own; U and G with an id; m: mask; o: others. "u6 U1000:4 g4 m4 o0" */
static int acl_text(unsigned char *to, const char *text) {
  int n = 4;
  memcpy(to, "\2\0\0\0", 4);
  while (*text) {
    static const char letters[] = "uUgGmo";
    unsigned tag = 1u << (strchr(letters, *text) - letters), id = -1;
    text++;
    if (tag == 2 || tag == 8) id = strtoul(text, (char **)&text, 10), text++;
    unsigned char entry[8] = {tag, 0, *text++ - '0', 0, id, id >> 8, id >> 16, id >> 24};
    memcpy(to + n, entry, 8);
    n += 8;
    while (*text == ' ') text++;
  }
  return n;
}
static int set_acl(const char *path, const char *name, const char *text) {
  unsigned char value[512];
  return setxattr(path, name, value, acl_text(value, text), 0);
}
/* Mode and lists of a file. */
static void print_acl(const char *path) {
  struct stat s;
  if (lstat(path, &s) != 0) { printf("%s: %s\n", path, error_name(errno)); return; }
  printf("%s: mode %o", path, s.st_mode);
  for (int i = 0; i < 2; i++) {
    unsigned char value[512];
    int n = lgetxattr(path, i ? DEFAULT : ACCESS, value, sizeof value);
    if (n < 0) {
      if (errno != ENODATA) printf(" %s", error_name(errno));
      continue;
    }
    printf(i ? " default" : " access");
    for (int at = 4; at < n; at += 8) {
      int tag = value[at], id = value[at + 4] | value[at + 5] << 8 | value[at + 6] << 16 | (unsigned)value[at + 7] << 24;
      printf(" %c", "uUgGmo"[__builtin_ctz(tag)]);
      if (tag == 2 || tag == 8) printf("%d:", id);
      else if (id != -1) printf("(%d)", id);
      printf("%d", value[at + 2]);
    }
  }
  puts("");
}
/* A tmpfs of its own, seen by this program alone; left by acl_leave. */
static char acl_folder[64];
static void acl_enter(void) {
  strcpy(acl_folder, "/tmp/guest.XXXXXX");
  MUST(mkdtemp(acl_folder));
  MUST(unshare(CLONE_NEWNS) == 0 && mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) == 0);
  MUST(mount("t", acl_folder, "tmpfs", 0, "mode=755") == 0 && chdir(acl_folder) == 0);
  umask(022);
}
static void acl_leave(void) { MUST(chdir("/") == 0 && umount2(acl_folder, MNT_DETACH) == 0 && rmdir(acl_folder) == 0); }
#endif
