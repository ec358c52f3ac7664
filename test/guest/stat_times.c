/* stat's mode, size and times; umask, chmod, utimensat, ctime order. */
#include "guest.h"
int main(void) {
  enter_folder();
  umask(027);
  int f = open("f", O_CREAT | O_RDWR, 0666);
  struct stat s;
  fstat(f, &s);
  printf("mode %o links %ld size %ld owner %d\n", s.st_mode, (long)s.st_nlink, (long)s.st_size, s.st_uid == geteuid());
  mkdir("d", 0777);
  stat("d", &s);
  printf("folder %o links %ld\n", s.st_mode, (long)s.st_nlink);
  SHOW(chmod("f", 04711));
  stat("f", &s);
  printf("mode %o\n", s.st_mode);
  SHOW(fchmod(f, 0400));
  SHOW(chmod("none", 0));
  struct timespec t[2] = {{1000, 123456789}, {2000, 987654321}};
  SHOW(utimensat(AT_FDCWD, "f", t, 0));
  stat("f", &s);
  printf("atime %ld.%09ld mtime %ld.%09ld\n", (long)s.st_atim.tv_sec, s.st_atim.tv_nsec, (long)s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
  t[0].tv_nsec = UTIME_OMIT; t[1].tv_nsec = UTIME_NOW;
  SHOW(futimens(f, t));
  fstat(f, &s);
  printf("atime kept %d mtime now %d\n", s.st_atim.tv_sec == 1000, s.st_mtim.tv_sec > 1700000000);
  printf("ctime recent %d\n", s.st_ctim.tv_sec > 1700000000);
  struct timespec before = s.st_mtim;
  usleep(15000);
  write(f, "x", 1);
  fstat(f, &s);
  printf("write moves mtime %d\n", s.st_mtim.tv_sec > before.tv_sec || s.st_mtim.tv_nsec > before.tv_nsec);
  printf("block size %ld\n", (long)s.st_blksize);
  stat("/dev/null", &s);
  printf("null is a device %d rdev %lx\n", S_ISCHR(s.st_mode), (unsigned long)s.st_rdev);
  int p[2];
  pipe(p);
  fstat(p[0], &s);
  printf("pipe is a fifo %d\n", S_ISFIFO(s.st_mode));
  SHOW(fstat(99, &s));
  unlink("f"); rmdir("d");
  leave_folder();
  return 0;
}
