/* tcp(7): a socket that is connected to its own address talks to itself. */
#include "guest.h"
#include <netinet/in.h>
#include <sys/socket.h>
int main(void) {
  char b[16];
  int s = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}}, x;
  socklen_t n = sizeof a;
  MUST(bind(s, (void *)&a, sizeof a) == 0 && getsockname(s, (void *)&a, &n) == 0);
  SHOW(connect(s, (void *)&a, sizeof a));
  SHOW(getpeername(s, (void *)&x, &n));
  printf("itself %d\n", !memcmp(&a, &x, 8));
  SHOW(send(s, "echo", 4, 0));
  SHOW(recv(s, b, 16, 0));
  SHOW(shutdown(s, SHUT_WR));
  SHOW(recv(s, b, 16, 0));
  SHOW(send(s, "x", 1, MSG_NOSIGNAL));
  return 0;
}
