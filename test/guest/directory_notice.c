/* F_NOTIFY of fcntl(2): which events of a directory send a signal, once or each time, and what ends it. */
#include "guest.h"
static volatile int count, code, band, fd;
static void on(int s, siginfo_t *i, void *c) {
  count++;
  code = i->si_code;
  band = i->si_band;
  fd = i->si_fd;
}
static int d;
static void told(const char *what) {
  printf("%s: %d", what, count);
  if (count) printf(" code %d band %#x descriptor %d", code, band, fd == d);
  printf("\n");
  count = 0;
}
static void put(const char *name) {
  int f = open(name, O_WRONLY | O_CREAT, 0600);
  MUST(f >= 0 && write(f, "x", 1) == 1);
  close(f);
}
int main(void) {
  strcpy(guest_folder, "/dev/shm/guest.XXXXXX");
  MUST(mkdtemp(guest_folder) && chdir(guest_folder) == 0);
  set_info_handler(SIGRTMIN, on, SA_RESTART);
  set_info_handler(SIGIO, on, SA_RESTART);
  mkdir("d", 0700);
  put("f");
  int f = open("f", O_RDONLY);
  d = open("d", O_RDONLY);
  CALL(fcntl, f, F_NOTIFY, DN_CREATE);
  CALL(fcntl, 99, F_NOTIFY, DN_CREATE);
  CALL(fcntl, d, F_SETSIG, SIGRTMIN);
  CALL(fcntl, d, F_NOTIFY, DN_CREATE);
  SHOW(fcntl(d, F_GETOWN) == getpid());
  put("d/a");
  told("created");
  put("d/b");
  told("once only");
  SHOW(syscall(SYS_fcntl, d, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
  put("d/c");
  mkdir("d/e", 0700);
  told("each time");
  put("d/c");
  told("only written");
  SHOW(syscall(SYS_fcntl, d, F_NOTIFY, DN_MODIFY | DN_MULTISHOT));
  put("d/c");
  told("modified");
  put("d/g");
  told("created and modified");
  SHOW(syscall(SYS_fcntl, d, F_NOTIFY, 0));
  put("d/h");
  told("ended");
  SHOW(syscall(SYS_fcntl, d, F_NOTIFY, DN_RENAME | DN_MULTISHOT));
  rename("d/a", "d/a2");
  told("renamed within");
  rename("d/a2", "out");
  rename("out", "d/a");
  told("out and in");
  SHOW(syscall(SYS_fcntl, d, F_NOTIFY, 0));
  SHOW(syscall(SYS_fcntl, d, F_NOTIFY, DN_DELETE | DN_ATTRIB | DN_MULTISHOT));
  chmod("d/a", 0644);
  told("mode");
  unlink("d/a");
  told("deleted");
  rename("d/b", "out");
  told("moved away");
  chmod("d", 0755);
  told("its own mode");
  SHOW(fcntl(d, F_SETSIG, 0));
  unlink("d/c");
  printf("SIGIO %d\n", count);
  count = 0;
  close(d);
  unlink("d/g");
  told("closed");
  unlink("d/h");
  unlink("out");
  rmdir("d/e");
  rmdir("d");
  unlink("f");
  leave_folder();
  return 0;
}
