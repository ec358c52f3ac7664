/* unix(7): names of sockets: paths, abstract names, autobind, what the length of an address means, and who is there. */
#include "guest.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#define AT(n) (offsetof(struct sockaddr_un, sun_path) + (n))
static struct sockaddr_un a;
static void set(const char *path) {
  memset(&a, 0, sizeof a);
  a.sun_family = AF_UNIX;
  strcpy(a.sun_path, path);
}
static void print_name(const char *what, int fd, int peer) {
  struct sockaddr_un n;
  memset(&n, 'z', sizeof n);
  socklen_t len = sizeof n;
  int r = peer ? getpeername(fd, (void *)&n, &len) : getsockname(fd, (void *)&n, &len);
  if (r < 0) printf("%s: %s\n", what, error_name(errno));
  else if (len <= AT(0)) printf("%s: length %u\n", what, len);
  else if (n.sun_path[0]) printf("%s: length %u, path %s\n", what, len, n.sun_path);
  else printf("%s: length %u, abstract\n", what, len);
}
static void paths(void) {
  int l = socket(AF_UNIX, SOCK_STREAM, 0);
  print_name("unbound", l, 0);
  set("sock");
  SHOW(bind(l, (void *)&a, sizeof a));
  print_name("bound", l, 0);
  SHOW(bind(l, (void *)&a, sizeof a));
  set("other");
  SHOW(bind(l, (void *)&a, sizeof a));
  struct stat st;
  SHOW(stat("sock", &st));
  printf("is a socket %d\n", S_ISSOCK(st.st_mode));
  SHOW(open("sock", O_RDWR));
  int m = socket(AF_UNIX, SOCK_STREAM, 0);
  set("sock");
  SHOW(bind(m, (void *)&a, sizeof a));
  SHOW(connect(m, (void *)&a, sizeof a));
  SHOW(listen(l, 3));
  SHOW(connect(m, (void *)&a, sizeof a));
  SHOW(connect(m, (void *)&a, sizeof a));
  SHOW(listen(m, 3));
  print_name("client", m, 0);
  print_name("client's peer", m, 1);
  struct sockaddr_un from;
  socklen_t n = sizeof from;
  int c = accept(l, (void *)&from, &n);
  printf("accepted %d, length %u\n", c >= 0, n);
  print_name("server's end", c, 0);
  print_name("server's peer", c, 1);
  int d = socket(AF_UNIX, SOCK_DGRAM, 0);
  SHOW(connect(d, (void *)&a, sizeof a));
  SHOW(sendto(d, "x", 1, 0, (void *)&a, sizeof a));
  close(d);
  SHOW(unlink("sock"));
  int k = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(connect(k, (void *)&a, sizeof a));
  print_name("after unlink", l, 0);
  close(l);
  SHOW(write(m, "still", 5));
  close(m);
  close(c);
  SHOW(mknod("node", S_IFSOCK | 0600, 0));
  set("node");
  SHOW(connect(k, (void *)&a, sizeof a));
  unlink("node");
  close(open("file", O_CREAT | O_WRONLY, 0600));
  set("file");
  SHOW(connect(k, (void *)&a, sizeof a));
  SHOW(bind(k, (void *)&a, sizeof a));
  unlink("file");
  set("missing/sock");
  SHOW(bind(k, (void *)&a, sizeof a));
  SHOW(connect(k, (void *)&a, sizeof a));
  set("missing");
  SHOW(connect(k, (void *)&a, sizeof a));
  /* A client with a name is told to the server. */
  l = socket(AF_UNIX, SOCK_STREAM, 0);
  set("server");
  MUST(bind(l, (void *)&a, AT(6)) == 0 && listen(l, 1) == 0);
  print_name("no NUL", l, 0);
  set("client");
  SHOW(bind(k, (void *)&a, sizeof a));
  set("server");
  SHOW(connect(k, (void *)&a, sizeof a));
  memset(&from, 0, sizeof from);
  n = AT(3);
  c = accept4(l, (void *)&from, &n, SOCK_NONBLOCK);
  printf("length %u, cut to %.10s\n", n, from.sun_path);
  SHOW(fcntl(c, F_GETFL) & O_NONBLOCK);
  close(c);
  close(k);
  close(l);
  SHOW(access("client", F_OK));
  k = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(connect(k, (void *)&a, sizeof a));
  SHOW(unlink("client"));
  SHOW(unlink("server"));
  close(k);
}
static void lengths(void) {
  int s = socket(AF_UNIX, SOCK_STREAM, 0);
  set("x");
  SHOW(bind(s, (void *)&a, 1));
  SHOW(bind(s, (void *)&a, sizeof a + 1));
  SHOW(bind(s, (void *)&a, -1));
  SHOW(bind(s, (void *)&a, 200));
  SHOW(bind(s, (void *)8, sizeof a));
  a.sun_family = AF_INET;
  SHOW(bind(s, (void *)&a, sizeof a));
  SHOW(connect(s, (void *)&a, AT(0)));
  close(s);
}
static void abstract(void) {
  int s = socket(AF_UNIX, SOCK_STREAM, 0), t = socket(AF_UNIX, SOCK_STREAM, 0), d = socket(AF_UNIX, SOCK_DGRAM, 0);
  set("");
  int length = AT(1) + sprintf(a.sun_path + 1, "guest.%010d", getpid());
  SHOW(bind(s, (void *)&a, length));
  SHOW(bind(t, (void *)&a, length));
  SHOW(bind(t, (void *)&a, length + 1));
  SHOW(bind(d, (void *)&a, length));
  SHOW(listen(s, 0));
  int k = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), k2 = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  SHOW(connect(k, (void *)&a, length - 1));
  SHOW(connect(k, (void *)&a, length));
  print_name("peer", k, 1);
  SHOW(connect(k2, (void *)&a, length));
  close(s);
  SHOW(connect(k2, (void *)&a, length));
  char b;
  SHOW(read(k, &b, 1));
  SHOW(read(k, &b, 1));
  close(t);
  SHOW(bind(k2, (void *)&a, length));
  close(k2);
  close(d);
  s = socket(AF_UNIX, SOCK_DGRAM, 0);
  SHOW(bind(s, (void *)&a, AT(0)));
  print_name("autobound", s, 0);
  SHOW(bind(s, (void *)&a, AT(0)));
  int one = 1;
  t = socket(AF_UNIX, SOCK_DGRAM, 0);
  setsockopt(t, SOL_SOCKET, SO_PASSCRED, &one, sizeof one);
  socklen_t n = sizeof a;
  MUST(getsockname(s, (void *)&a, &n) == 0);
  SHOW(sendto(t, "x", 1, 0, (void *)&a, n));
  print_name("passes credentials", t, 0);
}
int main(void) {
  enter_folder();
  paths();
  lengths();
  abstract();
  leave_folder();
  return 0;
}
