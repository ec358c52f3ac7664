/* SO_PASSPIDFD without room for a descriptor: the message comes all the same, and the control message has an error for the pidfd. */
#include "guest.h"
#include <sys/socket.h>
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif
int main(void) {
  int s[2], one = 1;
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
  MUST(setsockopt(s[1], SOL_SOCKET, SO_PASSPIDFD, &one, sizeof one) == 0);
  SHOW(write(s[0], "abc", 3));
  struct rlimit limit = {s[1] + 1, s[1] + 1};
  MUST(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  char b[8], control[64] = {0};
  struct iovec v = {b, sizeof b};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  SHOW(recvmsg(s[1], &m, 0));
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  printf("control: %d, flags %x\n", (int)m.msg_controllen, m.msg_flags);
  if (c) printf("type %d, length %d: %d\n", c->cmsg_type, (int)c->cmsg_len, *(int *)CMSG_DATA(c));
  SHOW(recv(s[1], b, sizeof b, MSG_DONTWAIT));
  return 0;
}
