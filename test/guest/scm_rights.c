/* unix(7), cmsg(3): descriptors in messages: where they are in a stream, truncation, close-on-exec, peeking, cycles. */
#include "guest.h"
#include <sys/socket.h>
static char control[512];
static int send_fds(int s, const char *text, const int *fds, int count) {
  struct iovec v = {(void *)text, strlen(text)};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(count * sizeof(int));
  memcpy(CMSG_DATA(c), fds, count * sizeof(int));
  return sendmsg(s, &m, 0);
}
static int got[16], got_count;
static ssize_t receive(int s, size_t length, size_t room, int flags) {
  static char text[256];
  struct iovec v = {text, length};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room};
  memset(control, 0, sizeof control);
  ssize_t n = recvmsg(s, &m, flags);
  got_count = 0;
  if (n < 0) {
    printf("%s\n", error_name(errno));
    return n;
  }
  printf("%zd bytes \"%.*s\", flags %#x, control %zu:", n, (int)n, text, m.msg_flags & ~MSG_CMSG_CLOEXEC, (size_t)m.msg_controllen);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    int count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    printf(" type %d with %d", c->cmsg_type, count);
    if (c->cmsg_type != SCM_RIGHTS) continue;
    memcpy(got, CMSG_DATA(c), count * sizeof(int));
    got_count = count;
  }
  printf("\n");
  return n;
}
static void drop(void) {
  for (int i = 0; i < got_count; i++) close(got[i]);
}
static int eof(int fd) {
  struct pollfd p = {fd, POLLIN};
  poll(&p, 1, 0);
  return (p.revents & POLLHUP) != 0;
}
int main(void) {
  int s[2], p[2], q[2], both[2];
  char b[8];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0 && pipe(p) == 0);
  SHOW(send_fds(s[0], "fd", &p[1], 1));
  receive(s[1], 100, sizeof control, 0);
  SHOW(write(got[0], "hi", 2));
  SHOW(read(p[0], b, 8));
  SHOW(fcntl(got[0], F_GETFD));
  drop();
  /* Data before it is read with it, data behind it is not; a second message with descriptors ends a read. */
  write(s[0], "before ", 7);
  send_fds(s[0], "with", &p[1], 1);
  write(s[0], " after", 6);
  send_fds(s[0], "!", &p[0], 1);
  receive(s[1], 100, sizeof control, MSG_CMSG_CLOEXEC);
  SHOW(fcntl(got[0], F_GETFD));
  drop();
  receive(s[1], 100, sizeof control, MSG_WAITALL);
  drop();
  /* A part of the bytes brings all descriptors. */
  both[0] = p[0], both[1] = p[1];
  SHOW(send_fds(s[0], "abcdef", both, 2));
  receive(s[1], 2, sizeof control, MSG_PEEK);
  drop();
  receive(s[1], 2, sizeof control, 0);
  drop();
  receive(s[1], 100, sizeof control, 0);
  /* No room. */
  send_fds(s[0], "cut", both, 2);
  receive(s[1], 100, CMSG_LEN(sizeof(int)), 0);
  drop();
  send_fds(s[0], "none", both, 2);
  receive(s[1], 100, 8, 0);
  send_fds(s[0], "plain", both, 2);
  SHOW(read(s[1], b, 8));
  /* Errors. */
  int bad = 999, many[300];
  SHOW(send_fds(s[0], "bad", &bad, 1));
  struct iovec v = {"x", 1};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(4)};
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  *c = (struct cmsghdr){.cmsg_len = 8, .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  SHOW(sendmsg(s[0], &m, 0));
  *c = (struct cmsghdr){.cmsg_len = 1000, .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  SHOW(sendmsg(s[0], &m, 0));
  *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(4), .cmsg_level = SOL_SOCKET, .cmsg_type = 77};
  SHOW(sendmsg(s[0], &m, 0));
  *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(4), .cmsg_level = 1234, .cmsg_type = SCM_RIGHTS};
  SHOW(sendmsg(s[0], &m, 0));
  SHOW(recv(s[1], b, 8, MSG_DONTWAIT));
  /* In flight a description is open. */
  close(p[1]);
  MUST(pipe(q) == 0);
  MUST(send_fds(s[0], "w", &q[1], 1) == 1);
  close(q[1]);
  printf("writer in flight, end %d\n", eof(q[0]));
  close(s[0]);
  close(s[1]);
  printf("dropped with the queue, end %d\n", eof(q[0]));
  close(q[0]);
  /* Sockets in their own queues keep each other, and what else is there, only until the next one is closed. */
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0 && pipe(q) == 0);
  MUST(send_fds(s[0], "cycle", s, 2) == 5);
  MUST(send_fds(s[0], "w", &q[1], 1) == 1);
  close(q[1]);
  close(s[0]);
  close(s[1]);
  for (int i = 0; i < 50 && !eof(q[0]); i++) {
    MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
    close(s[0]);
    close(s[1]);
    usleep(1000);
  }
  printf("cycle collected, end %d\n", eof(q[0]));
  /* A descriptor travels through a listener's queue and fork. */
  MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s) == 0 && pipe(p) == 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    receive(s[1], 100, sizeof control, 0);
    fflush(stdout);
    _exit(write(got[0], "child", 5) == 5 ? 0 : 1);
  }
  MUST(send_fds(s[0], "go", &p[1], 1) == 2);
  int status;
  waitpid(child, &status, 0);
  print_status("child", status);
  SHOW(read(p[0], b, 8));
  return 0;
}
