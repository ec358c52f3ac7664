// libc: glibc
#include "guest.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <stddef.h>
/* seccomp user notifications (seccomp_unotify(2)): a supervisor answers system calls of a process that a filter sends to it. */
#ifndef SECCOMP_IOCTL_NOTIF_ADDFD
struct seccomp_notif_addfd { uint64_t id; uint32_t flags, srcfd, newfd, newfd_flags; };
#define SECCOMP_IOCTL_NOTIF_ADDFD 0x40182103
#define SECCOMP_ADDFD_FLAG_SETFD 1
#endif
#ifndef SECCOMP_ADDFD_FLAG_SEND
#define SECCOMP_ADDFD_FLAG_SEND 2
#endif
#ifndef SECCOMP_USER_NOTIF_FLAG_CONTINUE
#define SECCOMP_USER_NOTIF_FLAG_CONTINUE 1
#endif
#define BIT(x) (1ul << (x))
static int install(unsigned flags, int nr, int nr2) {
  struct sock_filter f[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog p = {sizeof f / sizeof *f, f};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p);
}
static void send_fd(int s, int fd) {
  char c = 'f', control[CMSG_SPACE(sizeof fd)] = {0};
  struct iovec v = {&c, 1};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *h = CMSG_FIRSTHDR(&m);
  h->cmsg_level = SOL_SOCKET, h->cmsg_type = SCM_RIGHTS, h->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(h), &fd, sizeof fd);
  MUST(sendmsg(s, &m, 0) == 1);
}
static int receive_fd(int s) {
  char c, control[CMSG_SPACE(sizeof(int))];
  struct iovec v = {&c, 1};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  MUST(recvmsg(s, &m, 0) == 1);
  int fd;
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
  return fd;
}
static volatile int handled;
static void handler(int sig) { handled++; }
static int start(int (*body)(void), pid_t *pid, unsigned flags) {
  int s[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
  fflush(stdout);
  *pid = fork();
  if (*pid == 0) {
    close(s[0]);
    int fd = install(SECCOMP_FILTER_FLAG_NEW_LISTENER | flags, SYS_getppid, SYS_mkdirat);
    if (fd < 0) _exit(98);
    send_fd(s[1], fd);
    close(fd), close(s[1]);
    _exit(body());
  }
  close(s[1]);
  int fd = receive_fd(s[0]);
  close(s[0]);
  return fd;
}
static int receive(int fd, struct seccomp_notif *n) {
  memset(n, 0, sizeof *n);
  return ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, n);
}
static int answer(int fd, uint64_t id, long val, int error, unsigned flags) {
  struct seccomp_notif_resp r = {.id = id, .val = val, .error = error, .flags = flags};
  return ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r);
}
static int valid(int fd, uint64_t id) { return ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id); }
static void finish(pid_t pid, const char *what) {
  int status;
  MUST(waitpid(pid, &status, 0) == pid);
  print_status(what, status);
}
static int polled(int fd, int ms) {
  struct pollfd p = {fd, POLLIN | POLLOUT, 0};
  poll(&p, 1, ms);
  return p.revents;
}
static int calls(void) {
  printf("child: getppid %ld\n", syscall(SYS_getppid));
  errno = 0;
  long r = syscall(SYS_mkdirat, -100, "/tmp/never/made", 0700);
  printf("child: mkdirat %ld %s\n", r, error_name(errno));
  errno = 0;
  r = syscall(SYS_mkdirat, -100, "/nonexistent/made", 0700);
  printf("child: mkdirat %ld %s\n", r, error_name(errno));
  fflush(stdout);
  return 7;
}
static void basics(void) {
  pid_t pid;
  int fd = start(calls, &pid, 0);
  struct seccomp_notif n;
  char path[64], text[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(path, text, sizeof text);
  printf("%.*s, close-on-exec %d\n", (int)length, text, fcntl(fd, F_GETFD));
  memset(&n, 1, sizeof n);
  SHOW(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n));
  SHOW(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, (void *)8));
  SHOW(valid(fd, 12345));
  SHOW(answer(fd, 12345, 0, 0, 0));
  printf("readable %x\n", polled(fd, 2000));
  SHOW(receive(fd, &n));
  printf("pid %d, number %d, arch %x, flags %u\n", n.pid == pid, n.data.nr == SYS_getppid, n.data.arch, n.flags);
  uint64_t first = n.id;
  printf("writable %x\n", polled(fd, 0));
  SHOW(valid(fd, n.id));
  SHOW(answer(fd, n.id, 0, 0, 2));
  SHOW(answer(fd, n.id, 5, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE));
  SHOW(answer(fd, n.id, 4242, 0, 0));
  SHOW(receive(fd, &n));
  printf("next id %d, arguments %d %o\n", n.id == first + 1, (int)n.data.args[0], (int)n.data.args[2]);
  snprintf(path, sizeof path, "/proc/%d/mem", n.pid);
  int mem = open(path, O_RDONLY);
  memset(text, 0, sizeof text);
  pread(mem, text, 15, n.data.args[1]);
  close(mem);
  printf("path %s\n", text);
  SHOW(answer(fd, n.id, 0, -EXDEV, 0));
  SHOW(receive(fd, &n));
  SHOW(answer(fd, n.id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE));
  finish(pid, "calls");
  printf("hung up %x\n", polled(fd, 0) & POLLHUP);
  SHOW(receive(fd, &n));
  close(fd);
}
static int opens(void) {
  char c = 0;
  long fd = syscall(SYS_getppid);
  ssize_t n = read(fd, &c, 1);
  printf("child: descriptor %ld, read %zd %c, close-on-exec %d\n", fd, n, c, fcntl(fd, F_GETFD));
  fd = syscall(SYS_getppid);
  printf("child: descriptor %ld, read %zd\n", fd, read(20, &c, 1));
  fflush(stdout);
  return 0;
}
static void descriptors(void) {
  pid_t pid;
  int fd = start(opens, &pid, 0);
  struct seccomp_notif n;
  int p[2];
  MUST(pipe(p) == 0 && write(p[1], "ab", 2) == 2);
  MUST(receive(fd, &n) == 0);
  struct seccomp_notif_addfd a = {n.id, 0, p[0], 0, O_CLOEXEC};
  a.newfd = 5;
  show("newfd without SETFD", ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
  a.newfd = 0, a.flags = 8;
  show("flags", ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
  a.flags = 0, a.newfd_flags = O_NONBLOCK;
  show("newfd_flags", ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
  a.newfd_flags = O_CLOEXEC, a.srcfd = 999;
  show("srcfd", ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
  a.srcfd = p[0], a.id = 1;
  show("id", ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
  a.id = n.id;
  int given = ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a);
  printf("given %d\n", given);
  SHOW(answer(fd, n.id, given, 0, 0));
  MUST(receive(fd, &n) == 0);
  a.id = n.id, a.flags = SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND, a.newfd = 20, a.newfd_flags = 0;
  show("given and sent", ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
  finish(pid, "descriptors");
  close(fd), close(p[0]), close(p[1]);
}
static int interrupted(void) {
  set_handler(SIGUSR1, handler, 0);
  set_handler(SIGUSR2, handler, SA_RESTART);
  errno = 0;
  long r = syscall(SYS_getppid);
  printf("child: %ld %s, handled %d\n", r, error_name(errno), handled);
  r = syscall(SYS_getppid);
  printf("child: %ld, handled %d\n", r, handled);
  fflush(stdout);
  return syscall(SYS_getppid);
}
static void signals(void) {
  pid_t pid;
  int fd = start(interrupted, &pid, 0);
  struct seccomp_notif n;
  MUST(receive(fd, &n) == 0);
  kill(pid, SIGUSR1);
  uint64_t old = n.id;
  MUST(receive(fd, &n) == 0);
  printf("gone: %d\n", valid(fd, old) == -1 && errno == ENOENT);
  SHOW(answer(fd, old, 1, 0, 0));
  old = n.id;
  kill(pid, SIGUSR2);
  MUST(receive(fd, &n) == 0);
  printf("another: %d\n", n.id != old && n.data.nr == SYS_getppid);
  SHOW(answer(fd, n.id, 77, 0, 0));
  MUST(receive(fd, &n) == 0);
  kill(pid, SIGKILL);
  finish(pid, "killed");
  SHOW(valid(fd, n.id));
  SHOW(answer(fd, n.id, 1, 0, 0));
  close(fd);
}
static int abandoned(void) {
  long r = syscall(SYS_getppid);
  int e = errno;
  long again = syscall(SYS_getppid);
  printf("child: %ld %s, %ld %s\n", r, error_name(e), again, error_name(errno));
  fflush(stdout);
  return 0;
}
static void closing(void) {
  pid_t pid;
  int fd = start(abandoned, &pid, 0);
  struct seccomp_notif n;
  MUST(receive(fd, &n) == 0);
  close(fd);
  finish(pid, "abandoned");
}
static int nested(void) {
  show("second listener", install(SECCOMP_FILTER_FLAG_NEW_LISTENER, SYS_getppid, SYS_getppid));
  show("second filter", install(0, SYS_getuid, SYS_getuid));
  show("getuid", syscall(SYS_getuid));
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) _exit(syscall(SYS_getppid) == 5 ? 3 : 4);
  int status;
  waitpid(p, &status, 0);
  print_status("grandchild", status);
  return 0;
}
static void inherited(void) {
  pid_t pid;
  int fd = start(nested, &pid, 0);
  struct seccomp_notif n;
  int e = epoll_create1(0);
  struct epoll_event ev = {.events = EPOLLIN};
  MUST(epoll_ctl(e, EPOLL_CTL_ADD, fd, &ev) == 0);
  SHOW(epoll_wait(e, &ev, 1, 5000));
  MUST(receive(fd, &n) == 0);
  printf("another process: %d\n", (pid_t)n.pid != pid);
  SHOW(answer(fd, n.id, 5, 0, 0));
  finish(pid, "nested");
  close(fd), close(e);
}
int main(void) {
  setvbuf(stdout, 0, _IOFBF, 1 << 16);
  MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  struct { uint16_t notif, resp, data; } sizes;
  SHOW(syscall(SYS_seccomp, 3 /* SECCOMP_GET_NOTIF_SIZES */, 0, &sizes));
  printf("%d %d %d\n", sizes.notif, sizes.resp, sizes.data);
  SHOW(syscall(SYS_seccomp, 3, 1, &sizes));
  SHOW(syscall(SYS_seccomp, 3, 0, 8));
  unsigned action = SECCOMP_RET_USER_NOTIF;
  SHOW(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
  SHOW(install(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC, SYS_getppid, SYS_getppid));
  SHOW(install(32, SYS_getppid, SYS_getppid));
  basics();
  descriptors();
  signals();
  closing();
  inherited();
  return 0;
}
