/* An open of a FIFO that has met the other side and is killed before it returns has closed its side again (fifo(7)). */
#include "guest.h"
static pid_t opener(int flags) {
  pid_t pid = fork();
  if (pid == 0) { open("p", flags); pause(); _exit(0); }
  /* Until it waits. */
  char path[32], text[256] = "";
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  for (int i = 0; i < 5000; i++) {
    int fd = open(path, O_RDONLY);
    MUST(fd >= 0 && read(fd, text, sizeof text - 1) > 0);
    close(fd);
    if (strrchr(text, ')')[2] == 'S') return pid;
    usleep(1000);
  }
  MUST(!"it waits");
  return pid;
}
int main(void) {
  char b[16];
  enter_folder();
  signal(SIGPIPE, SIG_IGN);
  MUST(mkfifo("p", 0600) == 0);
  for (int round = 0; round < 3; round++) {
    pid_t reader = opener(O_RDONLY);
    int f = open("p", O_WRONLY);
    kill(reader, SIGKILL);
    waitpid(reader, 0, 0);
    SHOW(write(f, "x", 1));
    struct pollfd p = {f, POLLOUT, 0};
    poll(&p, 1, 0);
    printf("writer: %x\n", p.revents & POLLERR);
    close(f);
    SHOW(open("p", O_WRONLY | O_NONBLOCK));
    pid_t writer = opener(O_WRONLY);
    f = open("p", O_RDONLY);
    kill(writer, SIGKILL);
    waitpid(writer, 0, 0);
    SHOW(read(f, b, 16));
    p.fd = f, p.events = POLLIN;
    poll(&p, 1, 0);
    printf("reader: %x\n", p.revents);
    close(f);
  }
  /* Two wait, one of them is killed: the other has the pipe. */
  pid_t first = opener(O_RDONLY), second = opener(O_RDONLY);
  int f = open("p", O_WRONLY);
  kill(first, SIGKILL);
  waitpid(first, 0, 0);
  SHOW(write(f, "x", 1));
  kill(second, SIGKILL);
  waitpid(second, 0, 0);
  SHOW(write(f, "x", 1));
  close(f);
  unlink("p");
  leave_folder();
  return 0;
}
