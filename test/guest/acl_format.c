/* system.posix_acl_access and system.posix_acl_default: what a list must look like, what it does to the mode (acl(5)). */
#include "guest.h"
#include "acl.h"

static unsigned char value[1024];
static void try_acl(const char *path, const char *name, const char *text) {
  printf("%s %s \"%s\": ", path, name + 17, text);
  if (set_acl(path, name, text) == 0) puts("ok");
  else puts(error_name(errno));
  print_acl(path);
}

int main(void) {
  acl_enter();
  MUST(set_acl(".", ACCESS, "u7 g5 o5") == 0); /* a kernel with lists on tmpfs */
  close(open("f", O_CREAT | O_RDWR, 0640));
  MUST(mkdir("d", 0755) == 0 && symlink("f", "s") == 0 && mknod("p", S_IFIFO | 0600, 0) == 0);
  SHOW(getxattr("f", ACCESS, value, 100));
  SHOW(getxattr("f", DEFAULT, value, 100));
  SHOW(getxattr("d", DEFAULT, value, 100));
  SHOW(removexattr("f", ACCESS));
  SHOW(removexattr("f", DEFAULT));
  SHOW(removexattr("d", DEFAULT));
  /* The three entries of a mode are no list. */
  try_acl("f", ACCESS, "u6 g4 o4");
  try_acl("f", ACCESS, "u7 g0 o0");
  try_acl("f", ACCESS, "u6 g4 m6 o4");
  try_acl("f", ACCESS, "u6 U1000:7 g4 m5 o1");
  try_acl("f", ACCESS, "u6 U1000:7 U1001:2 g4 G50:1 G60:2 m7 o0");
  /* Order is by kind alone. */
  try_acl("f", ACCESS, "u6 U1001:7 U1000:2 g4 m7 o0");
  try_acl("f", ACCESS, "u6 U1000:7 U1000:2 g4 m7 o0");
  try_acl("f", ACCESS, "u6 g4 U1000:7 m7 o0");
  try_acl("f", ACCESS, "u6 U1000:7 g4 o0");
  try_acl("f", ACCESS, "u6 g4 G5:7 o0");
  try_acl("f", ACCESS, "u6 U1000:7 g4 m7");
  try_acl("f", ACCESS, "u6 o7 g4");
  try_acl("f", ACCESS, "u6 u6 g4 o0");
  try_acl("f", ACCESS, "u6 g4 m4 m4 o0");
  try_acl("f", ACCESS, "g4 o0");
  try_acl("f", ACCESS, "u6 g4 o0 o0");
  try_acl("f", ACCESS, "u8 g4 o0");
  try_acl("f", ACCESS, "u6 U4294967295:7 g4 m7 o0");
  try_acl("d", ACCESS, "u7 U1000:7 g5 m7 o5");
  try_acl("d", DEFAULT, "u7 g5 o0");
  try_acl("d", DEFAULT, "u7 U1000:7 g5 m5 o0");
  try_acl("f", DEFAULT, "u7 g5 o0");
  try_acl("f", DEFAULT, "u7");
  try_acl("p", ACCESS, "u7 U1000:7 g5 m7 o5");
  try_acl("s", ACCESS, "u6 U1000:7 g4 m6 o0");
  SHOW(lsetxattr("s", ACCESS, value, acl_text(value, "u6 U1000:7 g4 m6 o0"), 0));
  SHOW(lgetxattr("s", ACCESS, value, 100));
  SHOW(lremovexattr("s", ACCESS));
  /* Bytes that are no list. */
  int n = acl_text(value, "u6 U1000:7 g4 m6 o0");
  for (int size = 0; size <= n; size++) {
    if (setxattr("f", ACCESS, value, size, 0) == 0) printf("%d bytes are right\n", size);
    else MUST(errno == EINVAL);
  }
  print_acl("f");
  value[0] = 1;
  SHOW(setxattr("f", ACCESS, value, n, 0));
  value[0] = 2; value[1] = 1;
  SHOW(setxattr("f", ACCESS, value, n, 0));
  value[1] = 0; value[4] = 3;
  SHOW(setxattr("f", ACCESS, value, n, 0));
  value[4] = 1; value[5] = 1;
  SHOW(setxattr("f", ACCESS, value, n, 0));
  value[5] = 0; value[7] = 1;
  SHOW(setxattr("f", ACCESS, value, n, 0));
  value[7] = 0;
  /* The flags do not matter to lists. */
  SHOW(setxattr("f", ACCESS, value, n, XATTR_CREATE));
  SHOW(setxattr("f", ACCESS, value, n, XATTR_CREATE));
  SHOW(setxattr("f", ACCESS, value, n, 4));
  SHOW(getxattr("f", ACCESS, 0, 0));
  SHOW(getxattr("f", ACCESS, value, n - 1));
  SHOW(getxattr("f", ACCESS, value, n));
  SHOW(setxattr("f", "system.posix_acl", value, n, 0));
  SHOW(setxattr("f", "system.other", value, n, 0));
  SHOW(getxattr("f", "system.other", value, n));
  SHOW(removexattr("f", "system.other"));
  SHOW(getxattr("/proc/self/stat", ACCESS, value, n));
  MUST(setxattr("d", "user.x", "", 0, 0) == 0);
  n = listxattr("d", (char *)value, sizeof value);
  for (char *p = (char *)value; p < (char *)value + n; p += strlen(p) + 1) puts(p);
  SHOW(listxattr("d", (char *)value, 10));
  /* chmod(2) sets the mask where there is one, and the mask is the mode's group. */
  try_acl("f", ACCESS, "u6 U1000:7 g4 m6 o0");
  SHOW(chmod("f", 0717)); print_acl("f");
  SHOW(chmod("f", 04000)); print_acl("f");
  SHOW(chmod("f", 0664)); print_acl("f");
  SHOW(removexattr("f", ACCESS)); print_acl("f");
  SHOW(chmod("d", 0700)); print_acl("d");
  SHOW(removexattr("d", ACCESS)); print_acl("d");
  SHOW(setxattr("d", DEFAULT, 0, 0, 0)); print_acl("d");
  /* Without a name of the file. */
  int fd = open("f", O_RDWR);
  SHOW(fsetxattr(fd, ACCESS, value, acl_text(value, "u6 g4 G70:7 m6 o0"), 0));
  SHOW(unlink("f"));
  SHOW(fgetxattr(fd, ACCESS, value, 100));
  /* Time of change. */
  struct stat before, after;
  stat("d", &before);
  usleep(20000);
  SHOW(set_acl("d", DEFAULT, "u7 g5 o0"));
  stat("d", &after);
  printf("ctime %d mtime %d\n", memcmp(&before.st_ctim, &after.st_ctim, sizeof before.st_ctim) != 0,
         memcmp(&before.st_mtim, &after.st_mtim, sizeof before.st_mtim) != 0);
  close(fd);
  acl_leave();
  return 0;
}
