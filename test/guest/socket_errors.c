/* socket(2) and its kin: what is refused, and how. */
#include "guest.h"
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
int main(void) {
  int s[2], n = 0, f = open("/", O_RDONLY), p[2];
  socklen_t l = sizeof n;
  char b[8];
  struct sockaddr a = {0};
  SHOW(socket(-1, SOCK_STREAM, 0));
  SHOW(socket(1000, SOCK_STREAM, 0));
  SHOW(socket(AF_UNSPEC, SOCK_STREAM, 0));
  SHOW(socket(AF_UNIX, 0, 0));
  SHOW(socket(AF_UNIX, 11, 0));
  SHOW(socket(AF_UNIX, 15, 0));
  SHOW(socket(AF_UNIX, SOCK_STREAM | 0x100, 0));
  SHOW(socket(AF_UNIX, SOCK_RDM, 0));
  SHOW(socket(AF_UNIX, SOCK_STREAM, 2));
  SHOW(close(socket(AF_UNIX, SOCK_STREAM, AF_UNIX)));
  SHOW(socket(AF_INET, SOCK_SEQPACKET, 0));
  SHOW(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
  SHOW(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP));
  SHOW(socket(AF_INET, SOCK_STREAM, -1));
  SHOW(socket(AF_INET, SOCK_STREAM, 1000));
  SHOW(socket(AF_INET6, SOCK_DGRAM, IPPROTO_TCP));
  SHOW(socket(AF_INET, SOCK_RDM, 0));
  SHOW(socket(AF_NETLINK, SOCK_STREAM, 0));
  SHOW(socketpair(AF_INET, SOCK_STREAM, 0, s));
  SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)8));
  SHOW(socketpair(AF_UNIX, SOCK_RAW, 0, s));
  getsockopt(s[0], SOL_SOCKET, SO_TYPE, &n, &l);
  printf("raw is type %d\n", n);
  pipe(p);
#define EACH(fd) \
  SHOW(bind(fd, &a, 2)); SHOW(listen(fd, 1)); SHOW(connect(fd, &a, 2)); SHOW(accept(fd, 0, 0)); SHOW(getsockname(fd, &a, &l)); \
  SHOW(getpeername(fd, &a, &l)); SHOW(send(fd, b, 1, 0)); SHOW(recv(fd, b, 1, 0)); SHOW(shutdown(fd, 0)); \
  SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, &n, &l)); SHOW(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &n, 4))
  EACH(999);
  EACH(f);
  EACH(p[0]);
  int o = open("/", O_PATH);
  SHOW(send(o, b, 1, 0));
  struct msghdr m = {0};
  SHOW(syscall(SYS_sendmsg, s[0], 8, 0));
  SHOW(syscall(SYS_recvmsg, s[0], 8, 0));
  m.msg_iovlen = 2000;
  SHOW(sendmsg(s[0], &m, 0));
  m.msg_iovlen = 1;
  m.msg_iov = (void *)8;
  SHOW(sendmsg(s[0], &m, 0));
  SHOW(getsockopt(s[0], SOL_SOCKET, 9999, &n, &l));
  SHOW(setsockopt(s[0], SOL_SOCKET, 9999, &n, l));
  SHOW(getsockopt(s[0], IPPROTO_TCP, 1, &n, &l));
  SHOW(setsockopt(s[0], IPPROTO_TCP, 1, &n, l));
  SHOW(getsockopt(s[0], SOL_SOCKET, SO_TYPE, (void *)8, &l));
  SHOW(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &n, (void *)8));
  l = -1;
  SHOW(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &n, &l));
  SHOW(setsockopt(s[0], SOL_SOCKET, SO_REUSEADDR, &n, -1));
  SHOW(setsockopt(s[0], SOL_SOCKET, SO_REUSEADDR, &n, 3));
  SHOW(setsockopt(s[0], SOL_SOCKET, SO_REUSEADDR, (void *)8, 4));
  SHOW(accept4(s[0], 0, 0, 1));
  SHOW(mmap(0, 4096, PROT_READ, MAP_SHARED, s[0], 0) == MAP_FAILED);
  SHOW(ftruncate(s[0], 0));
  SHOW(fsync(s[0]));
  SHOW(ioctl(s[0], 0x12345678, 0));
  return 0;
}
