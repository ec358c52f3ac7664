/* listen(2), accept(2): the queue of connections, its limit, several who accept, SO_REUSEPORT, TCP_DEFER_ACCEPT. */
#include "guest.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
static struct sockaddr_in a;
static socklen_t n;
static int ready(int fd, int events, int ms) {
  struct pollfd p = {fd, events};
  return poll(&p, 1, ms) > 0 ? p.revents : 0;
}
static int listener(int backlog, int reuse) {
  int l = socket(AF_INET, SOCK_STREAM, 0);
  if (reuse) setsockopt(l, SOL_SOCKET, SO_REUSEPORT, &reuse, sizeof reuse);
  if (reuse < 2) a = (struct sockaddr_in){AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  n = sizeof a;
  MUST(bind(l, (void *)&a, sizeof a) == 0 && listen(l, backlog) == 0 && getsockname(l, (void *)&a, &n) == 0);
  return l;
}
static int client(int flags) {
  int k = socket(AF_INET, SOCK_STREAM | flags, 0);
  connect(k, (void *)&a, sizeof a);
  return k;
}
int main(void) {
  char b[8];
  int l = listener(1, 0), k[4];
  for (int i = 0; i < 4; i++) k[i] = client(SOCK_NONBLOCK);
  for (int i = 0; i < 4; i++) printf("client %d: %#x\n", i, ready(k[i], POLLOUT, i < 2 ? 2000 : 20));
  SHOW(send(k[0], "zero", 4, 0));
  SHOW(send(k[3], "three", 5, 0));
  SHOW(recv(k[3], b, 8, 0));
  SHOW(connect(k[3], (void *)&a, sizeof a));
  close(k[2]), close(k[3]);
  int c = accept(l, 0, 0);
  SHOW(recv(c, b, 8, 0));
  close(c);
  c = accept(l, 0, 0);
  fcntl(l, F_SETFL, O_NONBLOCK);
  SHOW(accept(l, 0, 0));
  SHOW(listen(l, 5));
  close(c);
  /* A client that is gone is still accepted. */
  c = client(0);
  SHOW(send(c, "bye", 3, 0));
  close(c);
  SHOW(ready(l, POLLIN, 2000));
  c = accept(l, 0, 0);
  SHOW(recv(c, b, 8, 0));
  SHOW(recv(c, b, 8, 0));
  close(c);
  /* Shutting the listener down wakes who accepts. */
  fcntl(l, F_SETFL, 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(accept(l, 0, 0) < 0 && errno == EINVAL ? 3 : 4);
  usleep(10000);
  SHOW(shutdown(l, SHUT_RDWR));
  int status;
  wait(&status);
  print_status("acceptor", status);
  SHOW(accept(l, 0, 0));
  SHOW(listen(l, 2));
  close(l);
  /* Processes that share a listener. */
  l = listener(16, 0);
  fflush(stdout);
  for (int i = 0; i < 3; i++) {
    if (fork() == 0) {
      for (int served = 0; served < 2; served++) {
        c = accept(l, 0, 0);
        if (recv(c, b, 1, 0) != 1 || send(c, b, 1, 0) != 1) _exit(9);
        close(c);
      }
      _exit(2);
    }
  }
  int answers = 0;
  for (int i = 0; i < 6; i++) {
    c = client(0);
    send(c, "q", 1, 0);
    answers += recv(c, b, 1, 0) == 1;
    close(c);
  }
  for (int i = 0; i < 3; i++) {
    wait(&status);
    print_status("server", status);
  }
  printf("answers %d\n", answers);
  close(l);
  /* Listeners that share a port share the connections. */
  int l1 = listener(64, 1), l2 = listener(64, 2);
  int first = 0, second = 0, ks[40];
  for (int i = 0; i < 40; i++) ks[i] = client(0);
  fcntl(l1, F_SETFL, O_NONBLOCK);
  fcntl(l2, F_SETFL, O_NONBLOCK);
  while (accept(l1, 0, 0) >= 0) first++;
  while (accept(l2, 0, 0) >= 0) second++;
  printf("both have some: %d, together %d\n", first > 0 && second > 0, first + second);
  for (int i = 0; i < 40; i++) close(ks[i]);
  int l3 = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(bind(l3, (void *)&a, sizeof a));
  close(l1), close(l2), close(l3);
  /* Accepted when there is something to read. */
  l = listener(4, 0);
  int seconds = 5;
  SHOW(setsockopt(l, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds));
  c = client(0);
  SHOW(ready(l, POLLIN, 20));
  SHOW(send(c, "now", 3, 0));
  SHOW(ready(l, POLLIN, 2000));
  SHOW(recv(accept(l, 0, 0), b, 8, 0));
  return 0;
}
