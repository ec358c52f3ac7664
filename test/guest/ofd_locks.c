/* Record locks that belong to open file descriptions (F_OFD_SETLK), next to those of processes. */
#include "guest.h"
static int f, g;
static struct flock lock(int type, long start, long length) {
  return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}
static void set(int fd, int command, const char *what, int type, long start, long length) {
  struct flock l = lock(type, start, length);
  show(what, syscall(SYS_fcntl, fd, command, &l));
}
static void test(int fd, int command, int type, long start, long length) {
  struct flock l = lock(type, start, length);
  long r = syscall(SYS_fcntl, fd, command, &l);
  printf("  would get: %ld %s %ld+%ld pid %d\n", r, l.l_type == F_UNLCK ? "it" : l.l_type == F_RDLCK ? "shared" : "exclusive", (long)l.l_start, (long)l.l_len,
         l.l_pid > 0 ? 1 : l.l_pid);
}
int main(void) {
  enter_folder();
  f = open("f", O_CREAT | O_RDWR, 0600), g = open("f", O_RDWR);
  MUST(write(f, "0123456789", 10) == 10);
  set(f, F_OFD_SETLK, "f: write 0+5", F_WRLCK, 0, 5);
  set(g, F_OFD_SETLK, "g: write 4+2", F_WRLCK, 4, 2);
  set(g, F_OFD_SETLK, "g: write 5+2", F_WRLCK, 5, 2);
  test(g, F_OFD_GETLK, F_RDLCK, 0, 0);
  test(f, F_OFD_GETLK, F_RDLCK, 0, 0);
  test(f, F_GETLK, F_RDLCK, 0, 0);
  set(f, F_SETLK, "process: read 0+1", F_RDLCK, 0, 1);
  set(f, F_SETLK, "process: read 8+1", F_RDLCK, 8, 1);
  set(g, F_OFD_SETLK, "g: write 8+1", F_WRLCK, 8, 1);
  set(g, F_OFD_SETLK, "g: read 8+1", F_RDLCK, 8, 1);
  set(f, F_OFD_SETLK, "f: unlock 1+2", F_UNLCK, 1, 2);
  test(g, F_OFD_GETLK, F_WRLCK, 1, 2);
  test(g, F_OFD_GETLK, F_WRLCK, 0, 9);
  int d = dup(f);
  SHOW(close(f));
  set(g, F_OFD_SETLK, "g: write 0+1, f's duplicate is open", F_WRLCK, 0, 1);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    usleep(30000);
    _exit(0);
  }
  SHOW(close(d));
  set(g, F_OFD_SETLK, "g: write 0+1, the child has f", F_WRLCK, 0, 1);
  long before = milliseconds();
  set(g, F_OFD_SETLKW, "g: write 0+1, waiting", F_WRLCK, 0, 1);
  printf("waited %d\n", milliseconds() - before >= 10);
  MUST(waitpid(child, 0, 0) == child);
  struct flock l = lock(F_WRLCK, 0, 1);
  l.l_pid = 5;
  CALL(fcntl, g, F_OFD_SETLK, &l);
  CALL(fcntl, g, F_OFD_GETLK, &l);
  CALL(fcntl, g, F_OFD_SETLK, 8);
  l = lock(77, 0, 1);
  CALL(fcntl, g, F_OFD_SETLK, &l);
  int r = open("f", O_RDONLY);
  set(r, F_OFD_SETLK, "write, opened for reading", F_WRLCK, 9, 1);
  set(r, F_OFD_SETLKW, "read, opened for reading", F_RDLCK, 9, 1);
  SHOW(close(g));
  SHOW(close(r));
  unlink("f");
  leave_folder();
  return 0;
}
