/* An address of a name that nobody has is no error as long as there is no room for a name (recvmsg(2)); descriptors come along. */
#include "guest.h"
#include <sys/socket.h>
static void *const nowhere = (void *)0xffff888000000000;
int main(void) {
  int s[2], p[2];
  char b[8];
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0 && pipe2(p, O_NONBLOCK) == 0);
  char control[CMSG_SPACE(sizeof(int))] = {0};
  struct iovec v = {"abc", 3};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_RIGHTS, c->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(c), &p[1], sizeof(int));
  SHOW(sendmsg(s[0], &m, 0));
  close(p[1]);
  SHOW(read(p[0], b, 1));
  v.iov_base = b;
  m.msg_name = nowhere, m.msg_namelen = 0, m.msg_controllen = sizeof control;
  SHOW(recvmsg(s[1], &m, 0));
  printf("%d, %d of control\n", m.msg_namelen, (int)m.msg_controllen);
  int fd = -1;
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
  SHOW(write(fd, "x", 1));
  SHOW(read(p[0], b, 1));
  close(fd);
  SHOW(read(p[0], b, 1));
  /* As much for recvfrom, whose range is looked at even so. */
  socklen_t length = 0;
  write(s[0], "abc", 3);
  SHOW(recvfrom(s[1], b, 3, 0, nowhere, &length));
  write(s[0], "abc", 3);
  SHOW(recvfrom(s[1], nowhere, 0, 0, 0, 0));
  SHOW(recv(s[1], b, 3, 0));
  SHOW(read(p[0], nowhere, 0));
  return 0;
}
