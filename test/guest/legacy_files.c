/* The file calls that C libraries have other calls for, made directly. */
#include "guest.h"
#include <dirent.h>
#include <utime.h>
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
static void print_times(const char *when, const char *path) {
  struct stat s;
  MUST(stat(path, &s) == 0);
  printf("%s: %ld.%09ld %ld.%09ld\n", when, (long)s.st_atim.tv_sec, s.st_atim.tv_nsec, (long)s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
}
static void print_mode(const char *path) {
  struct stat s;
  MUST(lstat(path, &s) == 0);
  printf("%s: %o, %ld links, %d:%d\n", path, s.st_mode, (long)s.st_nlink, s.st_uid, s.st_gid);
}
int main(void) {
  struct stat s;
  char buffer[1024];
  enter_folder();
  umask(022);
  CALL(creat, "f", 0666);
  CALL(creat, "f", 0666) ;
  CALL(creat, ".", 0666);
  SHOW(write(3, "four", 4));
  CALL(creat, "f", 0600);
  CALL(open, "f", O_RDWR | O_APPEND, 0);
  CALL(open, "none", O_RDONLY, 0);
  CALL(open, "f", O_CREAT | O_EXCL | O_WRONLY, 0600);
  CALL(open, 8, O_RDONLY, 0);
  SHOW(write(6, "text", 4));
  memset(&s, 0xff, sizeof s);
  CALL(stat, "f", &s);
  printf("size %ld mode %o\n", (long)s.st_size, s.st_mode);
  memset(&s, 0xff, sizeof s);
  CALL(fstat, 6, &s);
  printf("size %ld mode %o\n", (long)s.st_size, s.st_mode);
  CALL(fstat, 99, &s);
  CALL(fstat, 6, 8);
  CALL(symlink, "f", "l");
  CALL(symlink, "f", "l");
  CALL(readlink, "l", buffer, 10);
  CALL(lstat, "l", &s);
  printf("size %ld mode %o\n", (long)s.st_size, s.st_mode);
  CALL(stat, "l/", &s);
  CALL(stat, "none", &s);
  CALL(lstat, "none", &s);
  CALL(access, "f", R_OK | W_OK);
  CALL(access, "none", F_OK);
  CALL(access, "f", 8);
  CALL(faccessat, AT_FDCWD, "f", R_OK);
  CALL(faccessat, AT_FDCWD, "none", F_OK);
  CALL(faccessat, AT_FDCWD, "f", 8);
  CALL(link, "f", "g");
  CALL(link, "none", "h");
  print_mode("g");
  CALL(linkat, AT_FDCWD, "f", AT_FDCWD, "h", 0);
  CALL(linkat, AT_FDCWD, "f", AT_FDCWD, "h", 0);
  print_mode("h");
  CALL(rename, "h", "i");
  CALL(rename, "h", "i");
  CALL(renameat, AT_FDCWD, "i", AT_FDCWD, "j");
  CALL(renameat, AT_FDCWD, "i", AT_FDCWD, "j");
  CALL(renameat, 99, "j", AT_FDCWD, "i");
  print_mode("j");
  CALL(unlink, "j");
  CALL(unlink, "j");
  CALL(chmod, "g", 0640);
  CALL(chmod, "none", 0);
  CALL(fchmodat, AT_FDCWD, "g", 0641);
  CALL(fchmodat, 99, "g", 0641);
  print_mode("g");
  CALL(fchmodat2, AT_FDCWD, "g", 0604, 0);
  CALL(fchmodat2, AT_FDCWD, "g", 0604, 1);
  CALL(fchmodat2, 6, "", 0602, AT_EMPTY_PATH);
  print_mode("g");
  CALL(fchmod, 6, 0600);
  CALL(fchmod, 99, 0600);
  print_mode("g");
  CALL(chown, "g", geteuid(), -1);
  CALL(chown, "none", 0, 0);
  CALL(lchown, "l", -1, getegid());
  CALL(lchown, "none", 0, 0);
  CALL(fchown, 6, -1, -1);
  CALL(fchown, 99, 0, 0);
  CALL(fchownat, AT_FDCWD, "l", -1, -1, AT_SYMLINK_NOFOLLOW);
  CALL(fchownat, 99, "l", 0, 0, 0);
  CALL(fchownat, AT_FDCWD, "l", 0, 0, 1);
  CALL(mkdir, "d", 0777);
  CALL(mkdir, "d", 0777);
  print_mode("d");
  CALL(mknod, "p", S_IFIFO | 0644, 0);
  CALL(mknod, "p", S_IFIFO | 0644, 0);
  CALL(mknod, "r", S_IFREG | 0644, 0);
  CALL(mknod, "x", S_IFDIR | 0755, 0);
  print_mode("p");
  print_mode("r");
  struct utimbuf u = {1000000000, 1100000000};
  CALL(utime, "f", &u);
  print_times("utime", "f");
  CALL(utime, "none", &u);
  CALL(utime, "f", 8);
  struct timeval t[2] = {{1200000000, 5}, {1300000000, 999999}};
  CALL(utimes, "f", t);
  print_times("utimes", "f");
  t[0].tv_usec = 1000000;
  CALL(utimes, "f", t);
  t[0].tv_usec = 7;
  CALL(futimesat, AT_FDCWD, "f", t);
  print_times("futimesat", "f");
  CALL(futimesat, 99, "f", t);
  t[0].tv_sec = 1;
  CALL(futimesat, 6, 0, t);
  print_times("futimesat of a descriptor", "f");
  int directory = open(".", O_RDONLY | O_DIRECTORY);
  long entries = 0, bytes;
  while ((bytes = syscall(SYS_getdents, directory, buffer, sizeof buffer)) > 0)
    for (long at = 0; at < bytes; at += *(unsigned short *)(buffer + at + 16)) entries++;
  printf("%ld entries\n", entries);
  CALL(getdents, directory, buffer, 5);
  CALL(getdents, 6, buffer, sizeof buffer);
  CALL(getdents, 99, buffer, sizeof buffer);
  close(directory);
  memset(buffer, 'x', sizeof buffer);
  SHOW(syscall(SYS_getcwd, buffer, sizeof buffer) == (long)strlen(guest_folder) + 1 && !strcmp(buffer, guest_folder));
  CALL(getcwd, buffer, 3);
  CALL(getcwd, 8, 100);
  CALL(rmdir, "d");
  CALL(rmdir, "d");
  const char *names[] = {"f", "g", "l", "p", "r"};
  for (int i = 0; i < 5; i++) MUST(unlink(names[i]) == 0);
  leave_folder();
  return 0;
}
