/* POSIX record locks and flock between processes: conflict, query, release on close and exit, blocking. */
#include "guest.h"
#include <sys/file.h>
static int lock(int f, int cmd, short type, off_t start, off_t len) {
  struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
  int r = fcntl(f, cmd, &l);
  if (cmd == F_GETLK && r == 0) {
    printf("query: type %d start %ld len %ld other %d\n", l.l_type, (long)l.l_start, (long)l.l_len, l.l_pid != getpid() && l.l_pid != 0);
    fflush(stdout);
  }
  return r;
}
/* What a child, which has no locks, is told of the first byte. */
static void query_elsewhere(int fd, const char *when) {
  printf("%s:\n", when);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    lock(fd, F_GETLK, F_WRLCK, 0, 1);
    fflush(stdout);
    _exit(0);
  }
  MUST(waitpid(p, 0, 0) == p);
}

int main(void) {
  enter_folder();
  int f = open("f", O_CREAT | O_RDWR, 0600), go[2], done[2];
  char c;
  MUST(pipe(go) == 0 && pipe(done) == 0);
  SHOW(lock(f, F_SETLK, F_WRLCK, 10, 10));
  SHOW(lock(f, F_SETLK, F_RDLCK, 15, 10));
  SHOW(lock(f, F_GETLK, F_WRLCK, 0, 0));
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    int g = open("f", O_RDWR);
    SHOW(lock(g, F_SETLK, F_WRLCK, 12, 1));
    SHOW(lock(g, F_SETLK, F_RDLCK, 16, 1));
    SHOW(lock(g, F_SETLK, F_WRLCK, 30, 5));
    lock(g, F_GETLK, F_WRLCK, 0, 0);
    lock(g, F_GETLK, F_RDLCK, 16, 2);
    fflush(stdout);
    write(done[1], "1", 1);
    int waited = lock(g, F_SETLKW, F_WRLCK, 12, 1);
    write(done[1], "2", 1);
    read(go[0], &c, 1);
    _exit(waited == 0 ? 3 : 4);
  }
  read(done[0], &c, 1);
  lock(f, F_GETLK, F_WRLCK, 30, 1);
  usleep(10000);
  SHOW(lock(f, F_SETLK, F_UNLCK, 0, 0));
  fflush(stdout);
  read(done[0], &c, 1);
  lock(f, F_GETLK, F_WRLCK, 12, 1);
  write(go[1], "1", 1);
  int status;
  waitpid(p, &status, 0);
  print_status("child", status);
  lock(f, F_GETLK, F_WRLCK, 12, 1);
  int h = open("f", O_RDWR);
  SHOW(flock(f, LOCK_EX));
  SHOW(flock(h, LOCK_SH | LOCK_NB));
  SHOW(flock(f, LOCK_SH));
  SHOW(flock(h, LOCK_SH | LOCK_NB));
  SHOW(flock(f, LOCK_UN));
  SHOW(flock(h, LOCK_EX | LOCK_NB));
  close(h);
  SHOW(flock(f, LOCK_EX | LOCK_NB));
  // Whoever asks is another process; closing what O_PATH has opened releases nothing.
  SHOW(lock(f, F_SETLK, F_WRLCK, 0, 5));
  close(open("f", O_PATH));
  query_elsewhere(f, "after O_PATH");
  close(open("f", O_RDONLY));
  query_elsewhere(f, "after O_RDONLY");
  unlink("f");
  leave_folder();
  return 0;
}
