/* FIFOs: an open waits for the other side, which may open, write and close before the first one runs again (fifo(7)). */
#include "guest.h"
int main(void) {
  enter_folder();
  SHOW(mkfifo("p", 0600));
  SHOW(mkfifo("p", 0600));
  SHOW(open("p", O_WRONLY | O_NONBLOCK));
  int f = open("p", O_RDONLY | O_NONBLOCK);
  char b[16];
  SHOW(read(f, b, 16));
  struct pollfd p = {f, POLLIN, 0};
  printf("never written: %d %x\n", poll(&p, 1, 0), p.revents);
  close(f);
  fflush(stdout);
  for (int round = 0; round < 20; round++) {
    pid_t reader = fork();
    if (reader == 0) {
      f = open("p", O_RDONLY);
      ssize_t n = read(f, b, 16);
      _exit(n == 3 && read(f, b, 1) == 0 ? 7 : 1);
    }
    if (round % 2) usleep(1000);
    pid_t writer = fork();
    if (writer == 0) { f = open("p", O_WRONLY); _exit(write(f, "abc", 3) == 3 ? 8 : 2); }
    int a, c;
    waitpid(reader, &a, 0); waitpid(writer, &c, 0);
    if (WEXITSTATUS(a) != 7 || WEXITSTATUS(c) != 8) printf("round %d: %d %d\n", round, WEXITSTATUS(a), WEXITSTATUS(c));
  }
  f = open("p", O_RDWR);
  SHOW(write(f, "own", 3));
  SHOW(read(f, b, 16));
  close(f);
  if (fork() == 0) { alarm(1); open("p", O_RDONLY); _exit(0); }
  int status;
  wait(&status);
  print_status("opener", status);
  unlink("p");
  leave_folder();
  return 0;
}
