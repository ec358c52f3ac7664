/* security.capability: its form, who may set it, what clears it, and how it is read (capabilities(7)). */
#include "guest.h"
#include "acl.h"
#include <sys/prctl.h>
#include <sys/sendfile.h>
#define CAPABILITY "security.capability"

static unsigned char value[64];
static int header(unsigned magic, unsigned permitted, unsigned inheritable) {
  unsigned words[5] = {magic, permitted, inheritable, 0, 0};
  memcpy(value, words, sizeof words);
  return 20;
}
static void show_value(const char *path) {
  int n = getxattr(path, CAPABILITY, value, sizeof value);
  if (n < 0) { printf("  %s: %s\n", path, errno == ENODATA ? "none" : error_name(errno)); return; }
  printf("  %s:", path);
  for (int i = 0; i < n; i++) printf(" %02x", value[i]);
  puts("");
}
static void set(const char *path) { MUST(setxattr(path, CAPABILITY, value, header(0x02000001, 0x400, 0), 0) == 0); }

int main(void) {
  acl_enter();
  close(open("f", O_CREAT | O_RDWR, 0755));
  MUST(mkdir("d", 0755) == 0 && symlink("f", "s") == 0);
  for (int revision = 0; revision < 5; revision++) {
    header(revision << 24 | 1, 0x400, 0x800);
    for (int size = 0; size < 32; size++) {
      if (size == 0) continue;
      if (setxattr("f", CAPABILITY, value, size, 0) == 0) printf("revision %d, %d bytes\n", revision, size), show_value("f");
      else if (errno != EINVAL) printf("%d %d %s\n", revision, size, error_name(errno));
    }
  }
  /* Bits that mean nothing are kept. */
  header(0x02fffffe, -1, -1);
  memset(value + 12, 0xff, 8);
  SHOW(setxattr("f", CAPABILITY, value, 20, XATTR_CREATE));
  SHOW(setxattr("f", CAPABILITY, value, 20, XATTR_REPLACE));
  show_value("f");
  /* Revision 3 has the root of a user namespace. */
  header(0x03000001, 0x400, 0);
  value[20] = 0;
  SHOW(setxattr("f", CAPABILITY, value, 24, 0));
  show_value("f");
  value[20] = 0xe8; value[21] = 3; value[3] = 3;
  SHOW(setxattr("f", CAPABILITY, value, 24, 0));
  SHOW(getxattr("f", CAPABILITY, 0, 0));
  show_value("f");
  SHOW(getxattr("f", CAPABILITY, value, 23));
  SHOW(setxattr("d", CAPABILITY, value, header(0x02000000, 1, 0), 0));
  show_value("d");
  SHOW(lsetxattr("s", CAPABILITY, value, 20, 0));
  SHOW(lgetxattr("s", CAPABILITY, value, 20));
  SHOW(removexattr("f", CAPABILITY));
  SHOW(removexattr("f", CAPABILITY));
  set("f");
  int n = listxattr("f", (char *)value, sizeof value);
  printf("%.*s %d\n", n, value, n);
  /* What clears it: writing, another length, another owner, even one that stays. */
  int fd = open("f", O_RDWR), other = open("o", O_RDWR | O_CREAT, 0644);
  MUST(write(other, "0123456789", 10) == 10);
  SHOW(write(fd, "", 0)); show_value("f");
  SHOW(write(fd, "x", 1)); show_value("f"); set("f");
  SHOW(pwrite(fd, "x", 1, 3)); show_value("f"); set("f");
  SHOW(ftruncate(fd, 100)); show_value("f"); set("f");
  SHOW(truncate("f", 100)); show_value("f"); set("f");
  SHOW(chown("f", 0, 0)); show_value("f"); set("f");
  SHOW(chown("f", -1, -1)); show_value("f"); set("f");
  SHOW(chmod("f", 0711)); show_value("f");
  SHOW(utimensat(AT_FDCWD, "f", 0, 0)); show_value("f");
  SHOW(rename("f", "g")); show_value("g");
  SHOW(link("g", "f")); show_value("f");
  SHOW(fallocate(fd, 0, 0, 200)); show_value("f"); set("f");
  SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 10)); show_value("f"); set("f");
  off_t from = 0;
  lseek(other, 0, SEEK_SET);
  SHOW(sendfile(fd, other, 0, 4)); show_value("f"); set("f");
  lseek(other, 0, SEEK_SET);
  SHOW(copy_file_range(other, 0, fd, 0, 4, 0)); show_value("f"); set("f");
  int ends[2];
  MUST(pipe(ends) == 0 && write(ends[1], "abc", 3) == 3);
  SHOW(splice(ends[0], 0, fd, 0, 3, 0)); show_value("f"); set("f");
  char *map = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  map[0] = 'y';
  munmap(map, 4096);
  show_value("f");
  close(open("f", O_RDONLY)); show_value("f");
  close(open("f", O_WRONLY)); show_value("f");
  close(open("f", O_WRONLY | O_TRUNC)); show_value("f");
  SHOW(chown("d", 0, 0)); show_value("d");
  /* Who may. */
  set("f");
  MUST(chown("o", 1000, 1000) == 0);
  fflush(stdout);
  if (fork() == 0) {
    MUST(prctl(PR_SET_KEEPCAPS, 1) == 0 && setresgid(1000, 1000, 1000) == 0 && setresuid(1000, 1000, 1000) == 0);
    header(0x02000001, 0x400, 0);
    SHOW(setxattr("o", CAPABILITY, value, 20, 0));
    SHOW(setxattr("o", CAPABILITY, value, 19, 0));
    SHOW(removexattr("o", CAPABILITY));
    SHOW(removexattr("f", CAPABILITY));
    SHOW(setxattr("o", "security.other", value, 20, 0));
    SHOW(removexattr("o", "security.other"));
    show_value("f");
    /* CAP_SETFCAP is what it takes. */
    unsigned head[2] = {0x20080522, 0}, data[6] = {1u << 31, 1u << 31, 0, 0, 0, 0};
    MUST(syscall(SYS_capset, head, data) == 0);
    SHOW(setxattr("f", CAPABILITY, value, header(0x02000001, 0x400, 0), 0));
    SHOW(setxattr("o", CAPABILITY, value, header(0x02000001, 0x400, 0), 0));
    SHOW(setxattr("o", "security.other", value, 20, 0));
    SHOW(removexattr("f", CAPABILITY));
    SHOW(write(open("o", O_WRONLY), "x", 1));
    show_value("o");
    fflush(stdout);
    _exit(0);
  }
  wait(0);
  acl_leave();
  return 0;
}
