#include "guest.h"
#include <sys/sendfile.h>
#include <sys/socket.h>
/* What /proc/[pid]/io counts: read(2), write(2) and their kin, sendfile and copy_file_range; not splice nor the calls of sockets. */
static long now[4], before[4], shown;
static void load(void) {
  char text[512];
  int fd = open("/proc/self/io", O_RDONLY);
  long n = read(fd, text, sizeof text - 1);
  close(fd);
  MUST(n > 0);
  text[n] = 0;
  char *p = text;
  for (int i = 0; i < 4; i++) p = strchr(p, ':') + 1, now[i] = atol(p);
  shown = n;
}
static void start(void) {
  load();
  memcpy(before, now, sizeof now);
  before[0] += shown, before[2]++;
}
static void stop(const char *what) {
  load();
  printf("%s: rchar %ld wchar %ld syscr %ld syscw %ld\n", what, now[0] - before[0], now[1] - before[1], now[2] - before[2], now[3] - before[3]);
  fflush(stdout);
}
int main(void) {
  enter_folder();
  int f = open("a", O_RDWR|O_CREAT, 0600), g = open("b", O_RDWR|O_CREAT, 0600); char b[8192]={0};
  int p[2], s[2];
  MUST(f >= 0 && g >= 0 && pipe(p) == 0);
  socketpair(AF_UNIX, SOCK_STREAM, 0, s);
  start(); stop("nothing");
  start(); write(f, b, 8192); stop("write");
  lseek(f, 0, 0);
  start(); sendfile(g, f, 0, 5000); stop("sendfile");
  start(); sendfile(p[1], f, 0, 100); stop("sendfile to pipe");
  start(); sendfile(s[0], f, 0, 100); stop("sendfile to socket");
  start(); off_t o = 0; copy_file_range(f, &o, g, 0, 700, 0); stop("copy_file_range");
  start(); o=0; splice(f, &o, p[1], 0, 300, 0); stop("splice file to pipe");
  start(); splice(p[0], 0, g, 0, 200, 0); stop("splice pipe to file");
  int q[2]; pipe(q);
  start(); tee(p[0], q[1], 100, 0); stop("tee");
  start(); splice(p[0], 0, q[1], 0, 50, 0); stop("splice pipe to pipe");
  start(); struct iovec v = {b, 60}; vmsplice(q[1], &v, 1, 0); stop("vmsplice");
  start(); v.iov_len=10; vmsplice(q[0], &v, 1, 0); stop("vmsplice in");
  start(); send(s[0], b, 300, 0); stop("send");
  start(); recv(s[1], b, 50, 0); stop("recv");
  start(); write(s[0], b, 30); stop("write socket");
  start(); read(s[1], b, 30); stop("read socket");
  start(); struct msghdr m = {.msg_iov=&v,.msg_iovlen=1}; sendmsg(s[0], &m, 0); stop("sendmsg");
  start(); recvmsg(s[1], &m, 0); stop("recvmsg");
  start(); sendto(s[0], b, 30, 0, 0, 0); stop("sendto");
  start(); splice(s[1],0,q[1],0,10,0); stop("splice socket to pipe");
  start(); read(-1, b, 1); stop("bad read");
  start(); read(s[1], b, 0); stop("read 0");
  start(); recv(s[1], b, 100, MSG_DONTWAIT); recv(s[1], b, 100, MSG_DONTWAIT); stop("recv");
  start(); pread(f,b,10,0); pwrite(f,b,10,0); preadv(f,&v,1,0); stop("p");
  start(); char d[1000]; int dir=open(".",0); syscall(SYS_getdents64, dir, d, 1000); stop("getdents");
  start(); fcntl(s[1], F_SETFL, O_NONBLOCK); read(s[1], d, 10); stop("EAGAIN");
  start(); fallocate(f, 0, 0, 10000); ftruncate(f, 3); stop("fallocate");
  unlink("a"); unlink("b"); leave_folder();
}
