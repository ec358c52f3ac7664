/* FIFOs, memfd and seals, openat2, O_PATH, O_TMPFILE, descriptors, close_range, statx, statfs, getdents, /proc/self/fd. */
// libc: glibc
#include "guest.h"
#include <dirent.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
static volatile int got;
static void on(int s) { got = s; }
/* openat2 with a structure of `size` bytes. */
static long oa2(int d, const char *p, unsigned long fl, unsigned long mode, unsigned long res, size_t size) {
  struct {
    struct open_how h;
    char more[64];
  } x;
  memset(&x, 0, sizeof x);
  x.h.flags = fl;
  x.h.mode = mode;
  x.h.resolve = res;
  return syscall(SYS_openat2, d, p, &x, size);
}
int main(void) {
  enter_folder();
  umask(022);
  char b[200];
  struct stat s;
  // descriptors
  int f = open("f", O_CREAT | O_RDWR, 0644);
  MUST(write(f, "0123456789", 10) == 10);
  SHOW(fcntl(f, F_GETFL) & ~0100000);
  SHOW(fcntl(f, F_GETFD));
  SHOW(fcntl(f, F_SETFD, FD_CLOEXEC));
  SHOW(fcntl(f, F_GETFD));
  int d = fcntl(f, F_DUPFD, 50);
  SHOW(d);
  SHOW(fcntl(d, F_GETFD));
  SHOW(fcntl(f, F_DUPFD_CLOEXEC, 50));
  SHOW(fcntl(51, F_GETFD));
  SHOW(fcntl(f, F_DUPFD, -1));
  SHOW(fcntl(f, F_DUPFD, 1 << 20));
  SHOW(lseek(d, 3, SEEK_SET));
  SHOW(lseek(f, 0, SEEK_CUR));
  SHOW(dup2(f, f));
  SHOW(dup2(f, 60));
  SHOW(dup3(f, f, 0));
  SHOW(dup3(f, 61, O_CLOEXEC));
  SHOW(dup3(f, 61, 1));
  SHOW(dup2(f, -1));
  SHOW(dup2(f, 1 << 20));
  SHOW(dup2(99, 5));
  SHOW(fcntl(f, F_SETFL, O_APPEND | O_NONBLOCK | O_RDONLY | O_CREAT));
  SHOW(fcntl(60, F_GETFL) & ~0100000);
  fcntl(f, F_SETFL, 0);
  SHOW(syscall(SYS_close_range, 50, 55, 4));
  SHOW(fcntl(50, F_GETFD));
  SHOW(syscall(SYS_close_range, 50, ~0u, 0));
  SHOW(fcntl(60, F_GETFD));
  SHOW(syscall(SYS_close_range, 5, 4, 0));
  SHOW(syscall(SYS_close_range, 5, 6, 64));
  int on1 = 1;
  SHOW(ioctl(f, FIONBIO, &on1));
  SHOW(fcntl(f, F_GETFL) & O_NONBLOCK);
  SHOW(ioctl(f, FIONREAD, &on1));
  SHOW(on1);
  SHOW(ioctl(f, FIOCLEX));
  SHOW(fcntl(f, F_GETFD));
  SHOW(ioctl(f, FIONCLEX));
  SHOW(isatty(f));
  SHOW(errno);
  SHOW(ioctl(f, 0x12345, 0));
  SHOW(fcntl(f, 999));
  // O_PATH
  int p = open("f", O_PATH);
  SHOW(read(p, b, 1));
  SHOW(fstat(p, &s));
  SHOW(s.st_size);
  SHOW(fcntl(p, F_GETFL) == O_PATH);
  SHOW(fchmod(p, 0600));
  sprintf(b, "/proc/self/fd/%d", p);
  int r = open(b, O_RDWR);
  SHOW(r > 0);
  SHOW(read(r, b, 4));
  SHOW(lseek(p, 0, SEEK_SET));
  SHOW(fcntl(p, F_SETFL, 0));
  SHOW(ioctl(p, FIONREAD, &on1));
  close(r);
  close(p);
  symlink("f", "l");
  p = open("l", O_PATH | O_NOFOLLOW);
  fstat(p, &s);
  SHOW(S_ISLNK(s.st_mode));
  SHOW(readlinkat(p, "", b, 10));
  p = open(".", O_PATH);
  SHOW(openat(p, "f", O_RDONLY) > 0);
  SHOW(fchdir(p));
  SHOW(openat(f, "x", O_RDONLY));
  SHOW(openat(-5, "x", O_RDONLY));
  SHOW(openat(f, "/dev/null", O_RDONLY) > 0);
  SHOW(fstatat(f, "", &s, AT_EMPTY_PATH));
  SHOW(fstatat(f, "", &s, 0));
  // O_TMPFILE
  int t = open(".", O_TMPFILE | O_RDWR, 0644);
  SHOW(t > 0);
  SHOW(write(t, "temp", 4));
  fstat(t, &s);
  SHOW(s.st_nlink);
  sprintf(b, "/proc/self/fd/%d", t);
  SHOW(linkat(AT_FDCWD, b, AT_FDCWD, "kept", AT_SYMLINK_FOLLOW));
  fstat(t, &s);
  SHOW(s.st_nlink);
  SHOW(access("kept", F_OK));
  SHOW(open(".", O_TMPFILE | O_RDONLY, 0644));
  SHOW(open("f", O_TMPFILE | O_RDWR, 0644));
  unlink("kept");
  SHOW(linkat(AT_FDCWD, b, AT_FDCWD, "kept", AT_SYMLINK_FOLLOW));
  ssize_t n = readlink(b, b + 100, 90);
  b[100 + (n > 0 ? n : 0)] = 0;
  printf("%d %d\n", n > 0, strstr(b + 100, "(deleted)") != 0);
  // openat2
  SHOW(oa2(AT_FDCWD, "f", O_RDONLY, 0, 0, 24) > 0);
  SHOW(oa2(AT_FDCWD, "f", O_RDONLY, 0644, 0, 24));
  SHOW(oa2(AT_FDCWD, "f", 1ul << 40, 0, 0, 24));
  SHOW(oa2(AT_FDCWD, "f", 0, 0, 64, 24));
  SHOW(oa2(AT_FDCWD, "f", 0, 0, 0, 10));
  SHOW(oa2(AT_FDCWD, "f", 0, 0, 0, 64) > 0);
  SHOW(oa2(p, "../x", 0, 0, RESOLVE_BENEATH, 24));
  SHOW(oa2(p, "/f", 0, 0, RESOLVE_BENEATH, 24));
  SHOW(oa2(p, "/f", 0, 0, RESOLVE_IN_ROOT, 24) > 0);
  SHOW(oa2(p, "../../f", 0, 0, RESOLVE_IN_ROOT, 24) > 0);
  SHOW(oa2(p, "l", 0, 0, RESOLVE_NO_SYMLINKS, 24));
  SHOW(oa2(AT_FDCWD, "/proc/self/exe", 0, 0, RESOLVE_NO_MAGICLINKS, 24));
  SHOW(oa2(AT_FDCWD, "/proc/version", 0, 0, RESOLVE_NO_XDEV, 24));
  // memfd
  int m = memfd_create("name", MFD_ALLOW_SEALING | MFD_CLOEXEC);
  SHOW(m > 0);
  SHOW(fcntl(m, F_GETFD));
  SHOW(write(m, "sealed", 6));
  SHOW(fcntl(m, F_GET_SEALS));
  SHOW(fcntl(m, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
  SHOW(ftruncate(m, 3));
  SHOW(ftruncate(m, 10));
  SHOW(pwrite(m, "S", 1, 0));
  SHOW(pwrite(m, "xx", 2, 5));
  SHOW(fcntl(m, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL));
  SHOW(pwrite(m, "S", 1, 0));
  SHOW(fcntl(m, F_ADD_SEALS, F_SEAL_WRITE));
  SHOW(fcntl(m, F_GET_SEALS));
  SHOW(pread(m, b, 10, 0));
  sprintf(b, "/proc/self/fd/%d", m);
  n = readlink(b, b + 50, 90);
  b[50 + n] = 0;
  printf("%s\n", b + 50);
  r = open(b, O_RDONLY);
  SHOW(r > 0 ? read(r, b, 100) : -1);
  m = memfd_create("", 0);
  SHOW(fcntl(m, F_ADD_SEALS, 1));
  int null = open("/dev/null", O_RDWR); /* of files, tmpfs has seals, others have none */
  SHOW(fcntl(null, F_GET_SEALS));
  close(null);
  fstat(m, &s);
  printf("%o %ld\n", s.st_mode, (long)s.st_nlink);
  char *map = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, m, 0);
  ftruncate(m, 4096);
  strcpy(map, "mapped");
  SHOW(pread(m, b, 6, 0));
  printf("%.6s\n", b);
  SHOW(pwrite(m, "M", 1, 0));
  printf("%s\n", map);
  // FIFOs
  set_handler(SIGPIPE, on, 0);
  SHOW(mkfifo("p", 0600));
  SHOW(open("p", O_WRONLY | O_NONBLOCK));
  r = open("p", O_RDONLY | O_NONBLOCK);
  SHOW(r > 0);
  SHOW(read(r, b, 1));
  int w = open("p", O_WRONLY);
  SHOW(w > 0);
  SHOW(read(r, b, 1));
  SHOW(write(w, "fifo", 4));
  SHOW(read(r, b, 10));
  close(r);
  SHOW(write(w, "x", 1));
  SHOW(got);
  close(w);
  fflush(stdout);
  if (fork() == 0) { w = open("p", O_WRONLY); write(w, "hello", 5); _exit(0); }
  r = open("p", O_RDONLY);
  SHOW(read(r, b, 10));
  SHOW(read(r, b, 10));
  wait(0);
  close(r);
  if (fork() == 0) { r = open("p", O_RDONLY); _exit(read(r, b, 10)); }
  w = open("p", O_WRONLY);
  write(w, "abc", 3);
  int st;
  wait(&st);
  print_status("reader", st);
  r = open("p", O_RDWR);
  SHOW(write(r, "both", 4));
  SHOW(read(r, b, 10));
  close(r);
  close(w);
  set_handler(SIGALRM, on, 0);
  setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 50000}}, 0);
  SHOW(open("p", O_RDONLY));
  SHOW(got);
  SHOW(open("p", O_WRONLY | O_NONBLOCK));
  // pipes
  int q[2];
  SHOW(syscall(SYS_pipe2, q, O_CLOEXEC | O_NONBLOCK));
  SHOW(fcntl(q[0], F_GETFD));
  SHOW(fcntl(q[1], F_GETFL) & ~0100000);
  SHOW(fcntl(q[0], F_GETPIPE_SZ));
  SHOW(fcntl(q[0], F_SETPIPE_SZ, 5000));
  SHOW(fcntl(f, F_GETPIPE_SZ));
  SHOW(write(q[1], "abc", 3));
  int k;
  SHOW(ioctl(q[0], FIONREAD, &k));
  SHOW(k);
  SHOW(write(q[0], b, 1));
  SHOW(read(q[1], b, 1));
  fstat(q[0], &s);
  printf("%o %ld\n", s.st_mode, (long)s.st_size);
  sprintf(b, "/proc/self/fd/%d", q[0]);
  n = readlink(b, b + 50, 90);
  printf("%.6s\n", b + 50);
  r = open(b, O_RDONLY | O_NONBLOCK);
  SHOW(read(r, b, 10));
  SHOW(read(r, b, 10));
  // statx, statfs, getdents
  struct statx x;
  SHOW(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &x));
  printf("%x %llu %o %u\n", x.stx_mask & 0x7ff, (unsigned long long)x.stx_size, x.stx_mode, x.stx_nlink);
  SHOW(statx(f, "", AT_EMPTY_PATH, 0, &x));
  SHOW(statx(AT_FDCWD, "f", 0, 0x80000000, &x));
  SHOW(statx(AT_FDCWD, "f", 0x8000, 0, &x));
  struct statfs sf;
  SHOW(statfs(".", &sf));
  SHOW(sf.f_namelen);
  SHOW(statfs("/proc", &sf));
  printf("%lx\n", (long)sf.f_type);
  SHOW(fstatfs(q[0], &sf));
  printf("%lx\n", (long)sf.f_type);
  SHOW(statfs("none", &sf));
  int dir = open(".", O_RDONLY | O_DIRECTORY);
  SHOW(read(dir, b, 1));
  SHOW(syscall(SYS_getdents64, dir, b, 10));
  SHOW(syscall(SYS_getdents64, f, b, 100));
  long total = 0, one;
  while ((one = syscall(SYS_getdents64, dir, b, 40)) > 0) total++;
  printf("%ld entries, then %ld\n", total, one);
  SHOW(lseek(dir, 0, SEEK_SET));
  SHOW(syscall(SYS_getdents64, dir, b, 40) > 0);
  SHOW(syscall(SYS_getdents, dir, b, 40) > 0);
  SHOW(write(dir, b, 1));
  SHOW(ftruncate(dir, 0));
  SHOW(fsync(dir));
  // an open file outlives its name, and a removed directory its descriptors
  unlink("f");
  SHOW(pread(f, b, 4, 0));
  fstat(f, &s);
  SHOW(s.st_nlink);
  mkdir("gone", 0700);
  int g = open("gone", O_RDONLY);
  rmdir("gone");
  SHOW(openat(g, "x", O_CREAT | O_WRONLY, 0600));
  SHOW(syscall(SYS_getdents64, g, b, 100));
  SHOW(fchdir(g));
  SHOW(getcwd(b, 100) ? 0 : -1);
  SHOW(openat(g, "..", O_RDONLY) > 0);
  chdir(guest_folder);
  unlink("l");
  unlink("p");
  leave_folder();
  return 0;
}
