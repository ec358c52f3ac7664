/* F_SETLEASE of fcntl(2): who may have a lease, what breaks it, how those wait who open, and what F_GETLEASE says meanwhile. */
#include "guest.h"
static volatile int count, code, fd_told;
static void on(int s, siginfo_t *i, void *c) {
  count++;
  code = i->si_code;
  fd_told = i->si_fd;
}
static int f;
static void told(const char *what) {
  printf("%s: signals %d, lease %d\n", what, count, fcntl(f, F_GETLEASE));
  count = 0;
}
int main(void) {
  strcpy(guest_folder, "/dev/shm/guest.XXXXXX");
  MUST(mkdtemp(guest_folder) && chdir(guest_folder) == 0);
  set_info_handler(SIGIO, on, SA_RESTART);
  set_info_handler(SIGRTMIN, on, SA_RESTART);
  close(open("f", O_CREAT | O_WRONLY, 0600));
  f = open("f", O_RDONLY);
  int d = open(".", O_RDONLY), w;
  CALL(fcntl, d, F_SETLEASE, F_WRLCK);
  CALL(fcntl, f, F_SETLEASE, 7);
  SHOW(fcntl(f, F_GETLEASE));
  CALL(fcntl, f, F_SETLEASE, F_UNLCK);
  w = open("f", O_RDWR);
  CALL(fcntl, f, F_SETLEASE, F_RDLCK);
  CALL(fcntl, w, F_SETLEASE, F_RDLCK);
  CALL(fcntl, w, F_SETLEASE, F_WRLCK);
  close(w);
  CALL(fcntl, f, F_SETLEASE, F_RDLCK);
  SHOW(fcntl(f, F_GETLEASE));
  SHOW(fcntl(f, F_GETOWN) == getpid());
  close(open("f", O_RDONLY));
  told("opened for reading");
  SHOW(open("f", O_WRONLY | O_NONBLOCK));
  told("opened for writing");
  SHOW(open("f", O_WRONLY | O_NONBLOCK));
  told("again");
  CALL(fcntl, f, F_SETLEASE, F_UNLCK);
  told("given up");
  close(open("f", O_WRONLY | O_NONBLOCK));
  told("no more");

  CALL(fcntl, f, F_SETSIG, SIGRTMIN);
  CALL(fcntl, f, F_SETLEASE, F_WRLCK);
  SHOW(fcntl(f, F_GETLEASE));
  SHOW(open("f", O_RDONLY | O_NONBLOCK));
  printf("code %d descriptor %d\n", code, fd_told == f);
  told("a write lease and a reader");
  CALL(fcntl, f, F_SETLEASE, F_RDLCK);
  told("downgraded");
  w = open("f", O_RDONLY | O_NONBLOCK);
  CALL(fcntl, f, F_SETLEASE, F_WRLCK);
  close(w);
  CALL(fcntl, f, F_SETLEASE, F_UNLCK);

  /* Another process waits until the lease is given up. */
  CALL(fcntl, f, F_SETLEASE, F_RDLCK);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    close(f);
    long before = milliseconds();
    int g = open("f", O_WRONLY);
    printf("opened %d, waited %d\n", g >= 0, milliseconds() - before >= 10);
    fflush(stdout);
    _exit(0);
  }
  while (count == 0) usleep(1000);
  usleep(20000);
  long given_up = fcntl(f, F_SETLEASE, F_UNLCK);
  waitpid(child, 0, 0);
  SHOW(given_up);
  count = 0;
  /* Truncation breaks it; a close ends it. */
  CALL(fcntl, f, F_SETLEASE, F_RDLCK);
  fflush(stdout);
  if ((child = fork()) == 0) {
    close(f);
    SHOW(truncate("f", 0));
    fflush(stdout);
    _exit(0);
  }
  while (count == 0) usleep(1000);
  close(f);
  waitpid(child, 0, 0);
  unlink("f");
  close(d);
  leave_folder();
  return 0;
}
