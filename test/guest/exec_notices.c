/* inotify(7) of the files that execve reads and of file systems that are unmounted; execve and write leases; seals of tmpfs files. */
#include "guest.h"
#include "acl.h"
#include <sys/inotify.h>
#ifndef F_ADD_SEALS
#define F_ADD_SEALS 1033
#define F_GET_SEALS 1034
#endif
#define EXECVE_CHECK 0x10000

static int in;
static void events(const char *what) {
  static char buffer[8192] __attribute__((aligned(8)));
  printf("%s:", what);
  int n = read(in, buffer, sizeof buffer);
  for (int at = 0; at < n;) {
    struct inotify_event *e = (void *)(buffer + at);
    printf(" %d %x%s%s", e->wd, e->mask, e->len ? " " : "", e->len ? e->name : "");
    putchar(',');
    at += sizeof *e + e->len;
  }
  puts("");
}
static void copy(const char *to) {
  int from = open("/proc/self/exe", O_RDONLY), fd = open(to, O_CREAT | O_WRONLY, 0755);
  char buffer[65536];
  for (ssize_t n; (n = read(from, buffer, sizeof buffer)) > 0;) MUST(write(fd, buffer, n) == n);
  close(from);
  close(fd);
}
static void text(const char *path, int mode, const char *line) {
  int fd = open(path, O_CREAT | O_WRONLY, mode);
  MUST(fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line));
  close(fd);
}
/* What is seen when it runs, and when it has ended. */
static void run(const char *path) {
  int started[2], end[2];
  char byte;
  MUST(pipe(started) == 0 && pipe(end) == 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    char *arguments[] = {(char *)path, "run", 0};
    dup2(end[0], 0);
    dup2(started[1], 1);
    close(started[0]), close(started[1]), close(end[0]), close(end[1]);
    execv(path, arguments);
    _exit(9);
  }
  close(started[1]), close(end[0]);
  printf("%s ", path);
  events(read(started[0], &byte, 1) == 1 ? "runs" : "does not run");
  close(end[1]);
  int status;
  waitpid(child, &status, 0);
  events("  ended");
  close(started[0]);
}
static volatile int told;
static void on(int s) { told++; }

int main(int argc, char **argv) {
  char byte = 'x';
  if (argc > 1) {
    /* A child has the same program; both end. */
    pid_t child = fork();
    if (child == 0) { read(0, &byte, 1); _exit(0); }
    write(1, &byte, 1);
    read(0, &byte, 1);
    waitpid(child, 0, 0);
    return 0;
  }
  acl_enter();
  MUST(mkdir("d", 0755) == 0 && mkdir("m", 0755) == 0 && mkdir("n", 0755) == 0);
  copy("d/p");
  char line[100];
  sprintf(line, "#!%s/d/p\n", acl_folder), text("d/s", 0755, line);
  text("d/bad", 0755, "nothing"), text("d/none", 0755, "#!/none\n"), text("d/not", 0644, line), text("d/empty", 0755, "");
  in = inotify_init1(IN_NONBLOCK);
  int watch = inotify_add_watch(in, "d", IN_ALL_EVENTS);
  run("d/p"), run("d/s"), run("d/bad"), run("d/none"), run("d/not"), run("d/empty");
  char *nothing[] = {0};
  SHOW(syscall(SYS_execveat, AT_FDCWD, "d/p", nothing, nothing, EXECVE_CHECK));
  events("check");
  SHOW(inotify_rm_watch(in, watch));
  events("removed");

  MUST(mount("t", "m", "tmpfs", 0, 0) == 0 && mkdir("m/d", 0755) == 0);
  text("m/f", 0644, "x");
  inotify_add_watch(in, "m", IN_ALL_EVENTS), inotify_add_watch(in, "m/d", IN_DELETE_SELF), inotify_add_watch(in, "m/f", IN_ALL_EVENTS);
  SHOW(umount("m"));
  events("unmounted");
  MUST(mount("t", "m", "tmpfs", 0, 0) == 0 && mount("m", "n", 0, MS_BIND, 0) == 0);
  inotify_add_watch(in, "m", IN_OPEN);
  SHOW(umount("m"));
  events("one of two");
  SHOW(umount("n"));
  events("both");
  MUST(mount("t", "m", "tmpfs", 0, 0) == 0);
  inotify_add_watch(in, "m", IN_OPEN);
  int fd = open("m/g", O_CREAT | O_RDWR, 0600);
  events("opened");
  SHOW(umount2("m", MNT_DETACH));
  events("detached, open");
  close(fd);
  events("closed");
  MUST(mount("t", "m", "tmpfs", 0, 0) == 0);
  inotify_add_watch(in, "m", IN_OPEN | IN_ONESHOT);
  MUST(chdir("m") == 0 && umount2(".", MNT_DETACH) == 0);
  events("detached, working directory");
  MUST(chdir(acl_folder) == 0);
  events("left");
  close(in);

  /* execve opens to read: it waits for who may write. */
  set_handler(SIGIO, on, SA_RESTART);
  text("true", 0755, "#!/none\n");
  fd = open("true", O_RDONLY);
  SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
  if (fork() == 0) { execl("true", "true", (char *)0); _exit(errno == ENOENT ? 7 : 8); }
  int status;
  wait(&status);
  print_status("a read lease", status);
  printf("told %d, lease %d\n", told, fcntl(fd, F_GETLEASE));
  SHOW(fcntl(fd, F_SETLEASE, F_WRLCK));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) { execl("true", "true", (char *)0); _exit(errno == ENOENT ? 7 : 8); }
  while (!told) usleep(1000);
  usleep(50000);
  printf("told %d, lease %d, waits %d\n", told, fcntl(fd, F_GETLEASE), waitpid(child, 0, WNOHANG) == 0);
  SHOW(fcntl(fd, F_SETLEASE, F_UNLCK));
  waitpid(child, &status, 0);
  print_status("a write lease", status);

  int seals = open("true", O_RDWR), directory = open("d", O_RDONLY);
  SHOW(fcntl(fd, F_GET_SEALS));
  SHOW(fcntl(seals, F_GET_SEALS));
  SHOW(fcntl(fd, F_ADD_SEALS, 2));
  SHOW(fcntl(seals, F_ADD_SEALS, 2));
  SHOW(fcntl(seals, F_ADD_SEALS, 0));
  SHOW(fcntl(seals, F_ADD_SEALS, 0x1000));
  SHOW(fcntl(directory, F_GET_SEALS));
  SHOW(fcntl(directory, F_ADD_SEALS, 2));
  acl_leave();
  return 0;
}
