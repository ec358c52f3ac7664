/* unix(7): SO_PEERCRED, SO_PASSCRED and SCM_CREDENTIALS, SO_PEERGROUPS, SO_PEERPIDFD. */
#include "guest.h"
#include <grp.h>
#include <sys/socket.h>
#include <sys/un.h>
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif
static pid_t parent, child;
static const char *who(pid_t pid) { return pid == parent ? "parent" : pid == child ? "child" : pid == 0 ? "nobody" : "other"; }
static void peer(const char *what, int fd) {
  struct ucred u;
  socklen_t n = sizeof u;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &u, &n) < 0) printf("%s: %s\n", what, error_name(errno));
  else printf("%s: %s, %u bytes, user %s, group %s\n", what, who(u.pid), n, u.uid == geteuid() ? "mine" : u.uid == (uid_t)-1 ? "none" : "other",
              u.gid == getegid() ? "mine" : u.gid == (gid_t)-1 ? "none" : "other");
}
static void receive(const char *what, int fd, size_t room) {
  char text[64], control[256];
  struct iovec v = {text, sizeof text};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room};
  ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);
  printf("%s: %zd bytes, flags %#x", what, n, m.msg_flags);
  for (struct cmsghdr *c = n < 0 ? 0 : CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    struct ucred u = {0};
    memcpy(&u, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0) < sizeof u ? c->cmsg_len - CMSG_LEN(0) : sizeof u);
    printf(", type %d length %zu from %s", c->cmsg_type, (size_t)c->cmsg_len, who(u.pid));
    if (c->cmsg_len >= CMSG_LEN(sizeof u)) printf(" user %s", u.uid == geteuid() ? "mine" : u.uid == 65534 ? "overflow" : "other");
  }
  printf("\n");
}
static int say(int fd, pid_t pid, uid_t uid, gid_t gid, size_t size) {
  char control[CMSG_SPACE(sizeof(struct ucred))] = {0};
  struct ucred u = {pid, uid, gid};
  struct iovec v = {"said", 4};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(size)};
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(size), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS};
  memcpy(CMSG_DATA(c), &u, size);
  return sendmsg(fd, &m, 0);
}
int main(void) {
  int s[2], one = 1, status;
  char b[8];
  parent = getpid();
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
  peer("pair", s[0]);
  SHOW(send(s[0], "plain", 5, 0));
  receive("not asked", s[1], 256);
  send(s[0], "old", 3, 0);
  SHOW(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one));
  send(s[0], "new", 3, 0);
  receive("before", s[1], 256);
  receive("after", s[1], 256);
  int value;
  socklen_t n = sizeof value;
  SHOW(getsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &value, &n));
  fflush(stdout);
  child = fork();
  if (child == 0) {
    write(s[0], "child", 5);
    _exit(0);
  }
  waitpid(child, &status, 0);
  write(s[0], "parent", 6);
  write(s[0], " more", 5);
  receive("of the child", s[1], 256);
  receive("of the parent", s[1], 256);
  SHOW(say(s[0], getpid(), getuid(), getgid(), sizeof(struct ucred)));
  receive("said", s[1], 256);
  SHOW(say(s[0], getpid(), getuid(), getgid(), sizeof(struct ucred) - 4));
  SHOW(say(s[0], 0x3ffffff0, getuid(), getgid(), sizeof(struct ucred)) < 0);
  write(s[0], "cut", 3);
  receive("cut", s[1], CMSG_LEN(4));
  write(s[0], "none", 4);
  receive("no room", s[1], 0);
  write(s[0], "read", 4);
  SHOW(read(s[1], b, 8));
  close(s[0]);
  close(s[1]);
  /* The listener's credentials are those at listen. */
  enter_folder();
  struct sockaddr_un a = {AF_UNIX, "s"};
  int l = socket(AF_UNIX, SOCK_STREAM, 0);
  peer("fresh", l);
  MUST(bind(l, (void *)&a, sizeof a) == 0 && listen(l, 4) == 0);
  fflush(stdout);
  int hold[2];
  MUST(pipe(hold) == 0);
  child = fork();
  if (child == 0) {
    child = getpid();
    int k = socket(AF_UNIX, SOCK_STREAM, 0);
    MUST(connect(k, (void *)&a, sizeof a) == 0);
    peer("client sees", k);
    fflush(stdout);
    read(hold[0], b, 1);
    _exit(0);
  }
  int c = accept(l, 0, 0);
  peer("server sees", c);
  gid_t groups[64];
  n = sizeof groups;
  SHOW(getsockopt(c, SOL_SOCKET, SO_PEERGROUPS, groups, &n));
  printf("as many groups as here: %d\n", n / sizeof(gid_t) == (unsigned)getgroups(0, 0));
  int pidfd = -1;
  n = sizeof pidfd;
  if (getsockopt(c, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &n) == 0) {
    struct pollfd p = {pidfd, POLLIN};
    printf("alive: %d\n", poll(&p, 1, 0));
    write(hold[1], "x", 1);
    printf("ended: %d\n", poll(&p, 1, 5000));
  }
  waitpid(child, &status, 0);
  print_status("client", status);
  unlink("s");
  leave_folder();
  return 0;
}
