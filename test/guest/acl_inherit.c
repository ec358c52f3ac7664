/* Default access control lists: what new files and directories get of them, in place of the umask (acl(5)). */
#include "guest.h"
#include "acl.h"
#include <sys/socket.h>
#include <sys/un.h>

static void make_all(const char *text, int mask) {
  printf("-- %s, umask %o\n", text, mask);
  umask(022);
  MUST(mkdir("d", 0777) == 0);
  if (*text) MUST(set_acl("d", DEFAULT, text) == 0);
  umask(mask);
  static const int modes[] = {0, 0600, 0640, 0666, 0751, 0777, 04755, 02770};
  for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++) {
    int fd = open("d/f", O_CREAT | O_WRONLY, modes[i]);
    MUST(fd >= 0);
    close(fd);
    print_acl("d/f");
    MUST(unlink("d/f") == 0);
  }
  MUST(mkdir("d/sub", 0750) == 0 && mkdir("d/sub/deep", 0707) == 0);
  print_acl("d/sub");
  print_acl("d/sub/deep");
  MUST(mknod("d/p", S_IFIFO | 0666, 0) == 0 && mknod("d/n", S_IFREG | 0711, 0) == 0 && symlink("x", "d/s") == 0);
  print_acl("d/p"); print_acl("d/n"); print_acl("d/s");
  struct sockaddr_un address = {AF_UNIX, "d/socket"};
  int s = socket(AF_UNIX, SOCK_STREAM, 0);
  MUST(bind(s, (void *)&address, sizeof address) == 0);
  print_acl("d/socket");
  close(s);
  int unnamed = open("d", O_TMPFILE | O_RDWR, 0666);
  MUST(unnamed >= 0);
  char path[40];
  sprintf(path, "/proc/self/fd/%d", unnamed);
  SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "d/t", AT_SYMLINK_FOLLOW));
  print_acl("d/t");
  close(unnamed);
  /* A list stays with the file that moves or gets another name. */
  MUST(mkdir("e", 0755) == 0 && rename("d/n", "e/n") == 0 && link("d/p", "e/p") == 0);
  print_acl("e/n"); print_acl("e/p");
  close(open("e/new", O_CREAT, 0666));
  MUST(rename("e/new", "d/new") == 0);
  print_acl("d/new");
  /* What is left of a name that was moved away (RENAME_WHITEOUT) inherits too. */
  SHOW(syscall(SYS_renameat2, AT_FDCWD, "d/new", AT_FDCWD, "d/newer", 4));
  print_acl("d/new");
  MUST(unlink("d/newer") == 0);
  MUST(unlink("e/n") == 0 && unlink("e/p") == 0 && rmdir("e") == 0 && unlink("d/new") == 0 && unlink("d/t") == 0);
  MUST(unlink("d/socket") == 0 && unlink("d/p") == 0 && unlink("d/s") == 0 && rmdir("d/sub/deep") == 0);
  MUST(rmdir("d/sub") == 0 && rmdir("d") == 0);
}

int main(void) {
  acl_enter();
  MUST(set_acl(".", ACCESS, "u7 g5 o5") == 0); /* a kernel with lists on tmpfs */
  make_all("", 027);
  make_all("u7 g5 o0", 022);
  make_all("u7 U1000:7 g5 m7 o5", 077);
  make_all("u6 g4 G30:6 m5 o1", 0);
  make_all("u7 g7 m7 o7", 0777);
  /* With a set-group-ID directory. */
  umask(0);
  MUST(mkdir("d", 0777) == 0 && chown("d", 5, 6) == 0 && chmod("d", 02777) == 0 && set_acl("d", DEFAULT, "u7 U1:7 g7 m7 o0") == 0);
  MUST(chmod(".", 0777) == 0);
  fflush(stdout);
  if (fork() == 0) {
    MUST(setgroups(0, 0) == 0 && setresgid(9, 9, 9) == 0 && setresuid(9, 9, 9) == 0);
    MUST(mkdir("d/sub", 0755) == 0);
    close(open("d/f", O_CREAT, 02775));
    close(open("d/g", O_CREAT, 02705));
    _exit(0);
  }
  wait(0);
  print_acl("d"); print_acl("d/sub"); print_acl("d/f"); print_acl("d/g");
  /* As before without a list, with the umask. */
  MUST(removexattr("d", DEFAULT) == 0);
  fflush(stdout);
  if (fork() == 0) {
    MUST(setgroups(0, 0) == 0 && setresgid(9, 9, 9) == 0 && setresuid(9, 9, 9) == 0);
    umask(010);
    close(open("d/h", O_CREAT, 02775));
    close(open("d/i", O_CREAT, 02765));
    MUST(mkdir("d/sub2", 0775) == 0);
    _exit(0);
  }
  wait(0);
  print_acl("d/h"); print_acl("d/i"); print_acl("d/sub2");
  acl_leave();
  return 0;
}
