/* TCP_LINGER2: how long a closed socket whose peer does not end its side keeps its port (FIN_WAIT2). */
#include "guest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
static struct sockaddr_in mine;
static int try_bind(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  int result = bind(fd, (void *)&mine, sizeof mine) < 0 ? errno : 0;
  close(fd);
  return result;
}
static int closed_with(int seconds) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof a;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  MUST(bind(listener, (void *)&a, n) == 0 && listen(listener, 5) == 0 && getsockname(listener, (void *)&a, &n) == 0);
  int from = socket(AF_INET, SOCK_STREAM, 0);
  MUST(setsockopt(from, IPPROTO_TCP, TCP_LINGER2, &seconds, sizeof seconds) == 0);
  MUST(connect(from, (void *)&a, n) == 0 && getsockname(from, (void *)&mine, &n) == 0);
  int to = accept(listener, 0, 0);
  MUST(to >= 0);
  close(listener);
  close(from);
  return to;
}
int main(void) {
  char b[4];
  signal(SIGPIPE, SIG_IGN);
  int to = closed_with(1);
  SHOW(read(to, b, 4));
  printf("at once: %s\n", error_name(try_bind()));
  usleep(1500000);
  printf("after its time: %s\n", try_bind() == 0 ? "free" : "taken");
  SHOW(write(to, "x", 1));
  usleep(20000);
  SHOW(write(to, "x", 1));
  close(to);
  to = closed_with(-1);
  usleep(20000);
  SHOW(read(to, b, 4));
  SHOW(read(to, b, 4));
  SHOW(write(to, "x", 1));
  printf("without time: %s\n", try_bind() == 0 ? "free" : "taken");
}
